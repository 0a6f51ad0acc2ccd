import type { ChassisOptions } from '../../../icsr/chassis/options.ts';
import type { Chassis } from '../../../icsr/chassis/state.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { PairChecker, PairObserved } from './pair-checker.ts';

/** No chassis stays in a transitional state for longer than the options allow, whatever it thinks of its deadlines. */
export class StuckChecker implements PairChecker {
  readonly name = 'stuck';
  readonly #options: ChassisLimits;

  constructor(options: ChassisLimits) {
    this.#options = options;
  }

  check({ now, chassis }: PairObserved): readonly string[] {
    return chassis.flatMap(({ name, isRunning, machine: { state }, resumedAt, clock }) => {
      // A process that stood still begins to count anew.
      const forMs = clock(now) - Math.max(state.since, clock(resumedAt));
      if (!isRunning || forMs <= this.#limitOf(state) + slackMs) return [];
      return [`${name} is stuck in ${state.kind} (${state.reason}) for ${Math.round(forMs)} ms`];
    });
  }

  #limitOf(state: Chassis['state']): Instant {
    const { promotionLimitMs, resynchronisationLimitMs, handoverLimitMs } = this.#options;
    if (state.kind === 'PENDING_ACTIVE') return promotionLimitMs;
    if (state.kind !== 'PENDING_STANDBY') return never;
    return state.purpose === 'filling' ? resynchronisationLimitMs : handoverLimitMs;
  }
}

export type ChassisLimits = Pick<ChassisOptions, 'promotionLimitMs' | 'resynchronisationLimitMs' | 'handoverLimitMs'>;

const slackMs = 1;
