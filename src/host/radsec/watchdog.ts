import type { Instant } from '../../kernel/instant.ts';

/** RFC 3539 section 3.4.1: Tw, which varies by a fifteenth either way. */
export const watchdogMs = 30_000;
const jitter = 1 / 15;

/**
 * Whether the other end of a connection lives (RFC 3539 section 3.4.1): when nothing has come for Tw it is asked, and when
 * nothing comes for another Tw it is taken for dead. The RFC has such a connection suspected for a third Tw, in which it may
 * recover; here it is closed at once, because its requests may go to other servers and a new one is soon made.
 */
export class Watchdog {
  readonly #random: () => number;
  readonly #intervalMs: number;
  #isAsked = false;
  #at: Instant;

  /** @param random uniform in [0, 1) */
  constructor(random: () => number, now: Instant, intervalMs: number = watchdogMs) {
    this.#random = random;
    this.#intervalMs = intervalMs;
    this.#at = this.#after(now);
  }

  /** Anything came. */
  heard(now: Instant): void {
    this.#isAsked = false;
    this.#at = this.#after(now);
  }

  get deadline(): Instant {
    return this.#at;
  }

  /** What is to be done now; to be called at `deadline`. */
  due(now: Instant): 'nothing' | 'ask' | 'close' {
    if (now < this.#at) return 'nothing';
    if (this.#isAsked) return 'close';
    this.#isAsked = true;
    this.#at = this.#after(now);
    return 'ask';
  }

  #after(now: Instant): Instant {
    return now + this.#intervalMs * (1 - jitter + 2 * jitter * this.#random());
  }
}
