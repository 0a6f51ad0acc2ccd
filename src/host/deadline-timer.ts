import { type Instant, never } from '../kernel/instant.ts';

/** The longest delay setTimeout takes is 2^31 - 1 ms; waking up once an hour costs nothing. */
const timerMaxMs = 3_600_000;

/**
 * The one timer that serves all deadlines: fires at the earliest that it was armed for, be that still due or not, and after an hour
 * at most. Whoever is called looks what is due, and arms it anew.
 */
export class DeadlineTimer {
  readonly #fire: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at: Instant = never;

  constructor(fire: () => void) {
    this.#fire = fire;
  }

  /**
   * Leaves a timer that fires too early alone: that costs one idle call, less than setting it anew on every turn.
   *
   * @param deadline when something is due; `never` leaves the timer as it is
   */
  arm(deadline: Instant, now: Instant): void {
    if (deadline === never || this.#at <= deadline) return;
    clearTimeout(this.#timer);
    const delayMs = Math.min(Math.max(Math.ceil(deadline - now), 1), timerMaxMs);
    this.#at = now + delayMs;
    this.#timer = setTimeout(() => {
      this.#at = never;
      this.#fire();
    }, delayMs);
  }

  /** Fires no more until it is armed again. */
  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = never;
  }
}
