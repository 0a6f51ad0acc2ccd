import type { ChassisOptions } from '../../../icsr/chassis/options.ts';
import { type Chassis, holdsTerm } from '../../../icsr/chassis/state.ts';
import { isNewer, mayBeOlder } from '../../../icsr/chassis/store-standing.ts';
import type { ChassisObserved, PairChecker, PairObserved } from './pair-checker.ts';

/**
 * Of two chassis that begin with what is on their disks, the one with the older sessions serves only if the other did not come in time,
 * or by the operator's word, which counts once the peer is taken for dead.
 */
export class StoresChecker implements PairChecker {
  readonly name = 'stores';
  readonly #options: StartLimits;
  readonly #seen = new Map<string, { readonly life: number; readonly machine: Chassis }>();

  constructor(options: StartLimits) {
    this.#options = options;
  }

  check({ chassis: [a, b] }: PairObserved): readonly string[] {
    return [...this.#wrongWith(a, b), ...this.#wrongWith(b, a)];
  }

  #wrongWith(own: ChassisObserved, peer: ChassisObserved): readonly string[] {
    const { name, life, machine } = own;
    const last = this.#seen.get(name);
    this.#seen.set(name, { life, machine });
    if (last?.life !== life || last.machine.state.kind !== 'INIT' || !holdsTerm(machine.state)) return [];
    const { store, state } = last.machine;
    if (isNewer(peer.machine.store, store) !== true) return [];
    if (machine.state.reason === 'arbitration-won') {
      // What was heard of it may be from before.
      const both = peer.isAlive && peer.machine.state.kind === 'INIT';
      return both
        ? [`${name} wins with the store of term ${store.term}; its peer's is of ${peer.machine.store.term}`]
        : [];
    }
    const { delayIntervalMs, deadIntervalMs, olderStoreLimitMs } = this.#options;
    const waitedMs = machine.state.since - state.since;
    const limitMs = delayIntervalMs + deadIntervalMs + (own.isToldAlone ? 0 : olderStoreLimitMs);
    if (!mayBeOlder(store) || waitedMs >= limitMs - slackMs) return [];
    return [`${name} serves from the older store after ${Math.round(waitedMs)} ms`];
  }
}

export type StartLimits = Pick<ChassisOptions, 'delayIntervalMs' | 'deadIntervalMs' | 'olderStoreLimitMs'>;

const slackMs = 1;
