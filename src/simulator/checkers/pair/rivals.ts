import type { ChassisOptions } from '../../../icsr/chassis/options.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { PairChecker, PairObserved } from './pair-checker.ts';

/** Connecting, the handshake, and a hello that is heard by both. */
const graceMs = 1000;

/** Two may serve at once while they do not hear each other; when they do, one of them is left soon. */
export class RivalsChecker implements PairChecker {
  readonly name = 'rivals';
  readonly #mostMs: number;
  #since: Instant = never;

  constructor({ helloIntervalMs, deadIntervalMs }: Pick<ChassisOptions, 'helloIntervalMs' | 'deadIntervalMs'>) {
    this.#mostMs = 2 * helloIntervalMs + deadIntervalMs + graceMs;
  }

  check({ now, chassis, linkIsWhole }: PairObserved): readonly string[] {
    const rivals = linkIsWhole && chassis.every(({ serves, isRunning }) => serves && isRunning);
    if (!rivals) {
      this.#since = never;
      return [];
    }
    this.#since = Math.min(this.#since, now);
    const forMs = now - this.#since;
    return forMs > this.#mostMs ? [`both serve, and have heard each other for ${Math.round(forMs)} ms`] : [];
  }
}
