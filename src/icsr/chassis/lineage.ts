import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { ordinalMax } from '../../wire/checkpoint/codec.ts';
import type { PeerHello } from './hello.ts';

/**
 * The line of sessions that a service continues, from the chassis that began with none through every one that took all of
 * them over. A term says who was the last to take the role; a lineage says who has the sessions.
 */
export interface Lineage {
  /** By chance: two chassis that begin a line of their own do not meet on one number. */
  readonly id: number;
  /** By the monotonic clock of the chassis that holds it: a wall clock that is wrong decides nothing. */
  readonly bornAt: Instant;
}

type ToldLineage = NonNullable<PeerHello['lineage']>;

/**
 * Lineages whose ages differ by less count as of one age, in milliseconds. It is far above the time from one chassis's
 * reading of its age to the other's: both come to the same order, but for ages close to the tolerance.
 */
export const lineageToleranceMs = 10_000;

/** A line without a past. */
export function newLineage({ now, random }: Pick<Context, 'now' | 'random'>): Lineage {
  return { id: random.u32(), bornAt: now };
}

/** As a hello tells it: whole milliseconds, never more than it is. */
export function toldLineage(lineage: Lineage | undefined, now: Instant): PeerHello['lineage'] {
  if (lineage === undefined) return undefined;
  // A peer may have told of one as old as can be said, which grows older here.
  const ageMs = Math.min(Math.max(0, Math.floor(now - lineage.bornAt)), ordinalMax);
  return { id: lineage.id, ageMs };
}

/**
 * A lineage heard of, in one's own clock. What is late makes it look younger than it is, so that of two views of one
 * lineage the older is the better.
 */
export function heardLineage(told: ToldLineage, heardAt: Instant, known: Lineage | undefined): Lineage {
  const bornAt = heardAt - told.ageMs;
  return { id: told.id, bornAt: known?.id === told.id ? Math.min(known.bornAt, bornAt) : bornAt };
}

/**
 * How one's own lineage stands to the peer's. `alike` are two of one age. Where either is not known (before a chassis has
 * sessions, or the peer does not tell) they are taken for the same, and the term decides alone.
 *
 * The peer's age is older news than one's own, which errs in one's own favour only. Close to the tolerance one chassis
 * may therefore find its lineage `older`, and the other `alike`; never one of them `younger` and the other not `older`.
 */
export function compareLineages(
  own: Lineage | undefined,
  peers: ToldLineage | undefined,
  now: Instant,
): 'same' | 'older' | 'younger' | 'alike' {
  if (own === undefined || peers === undefined || own.id === peers.id) return 'same';
  const olderByMs = now - own.bornAt - peers.ageMs;
  if (olderByMs >= lineageToleranceMs) return 'older';
  return olderByMs <= -lineageToleranceMs ? 'younger' : 'alike';
}
