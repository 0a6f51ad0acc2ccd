import type { ChassisMode } from '../../wire/srp/names.ts';
import type { PeerHello } from './hello.ts';
import { isNewer } from './store-standing.ts';

/** What decided an arbitration, in the order in which it is asked. */
export type Criterion = 'records' | 'store' | 'monitors' | 'route-modifier' | 'priority' | 'tiebreaker';

export interface Arbitration {
  /** Whether `own` is to serve. */
  readonly won: boolean;
  readonly by: Criterion;
}

/** What a chassis is compared by: the same fields of both hellos, so that both sides come to the same answer. */
export type Candidate = Pick<
  PeerHello,
  'ready' | 'sessions' | 'store' | 'monitorsHealthy' | 'routeModifier' | 'priority' | 'tiebreaker'
>;

/**
 * Who serves when nobody does: who holds all records, then who holds any (as one that has just given the role away; a restarted
 * chassis has none), then whose disk has the later ones, then who can serve well, then lower route modifier, lower priority,
 * lower tiebreaker. Strict as long as the tiebreakers differ.
 */
export function arbitrate(own: Candidate, peer: Candidate): Arbitration {
  if (own.ready !== peer.ready) return { won: own.ready, by: 'records' };
  if (own.sessions > 0 !== peer.sessions > 0) return { won: own.sessions > 0, by: 'records' };
  // What is in memory is newer than any disk.
  const newer = own.sessions === 0 ? isNewer(own.store, peer.store) : undefined;
  if (newer !== undefined) return { won: newer, by: 'store' };
  if (own.monitorsHealthy !== peer.monitorsHealthy) return { won: own.monitorsHealthy, by: 'monitors' };
  return rank(own, peer);
}

/** The arbitration between two that serve already: by their standing alone. */
export function rank(
  own: Pick<Candidate, 'routeModifier' | 'priority' | 'tiebreaker'>,
  peer: Pick<Candidate, 'routeModifier' | 'priority' | 'tiebreaker'>,
): Arbitration {
  if (own.routeModifier !== peer.routeModifier) {
    return { won: own.routeModifier < peer.routeModifier, by: 'route-modifier' };
  }
  if (own.priority !== peer.priority) return { won: own.priority < peer.priority, by: 'priority' };
  return { won: own.tiebreaker < peer.tiebreaker, by: 'tiebreaker' };
}

/**
 * The next term of a chassis above all it has heard: odd on the primary, even on the backup. So two chassis that do not
 * hear each other cannot take the same one.
 */
export function nextTerm(highest: number, mode: ChassisMode): number {
  const remainder = mode === 'primary' ? 1 : 0;
  return highest + 1 + ((highest + 1) % 2 === remainder ? 0 : 1);
}
