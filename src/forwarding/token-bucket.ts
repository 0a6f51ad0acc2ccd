import type { Instant } from '../kernel/instant.ts';

/** Allows `ratePerSecond` events a second on average and at most one second's worth at once; driven by `now` alone. */
export class TokenBucket {
  readonly #ratePerSecond: number;
  #tokens: number;
  #filledAt: Instant = 0;

  constructor(ratePerSecond: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#tokens = ratePerSecond;
  }

  /** Takes a token; false if there is none. A `now` before the last one adds none. */
  take(now: Instant): boolean {
    if (!this.has(now)) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Whether `take` would give one. */
  has(now: Instant): boolean {
    if (now > this.#filledAt) {
      const earned = ((now - this.#filledAt) / 1000) * this.#ratePerSecond;
      this.#tokens = Math.min(this.#ratePerSecond, this.#tokens + earned);
      this.#filledAt = now;
    }
    return this.#tokens >= 1;
  }
}
