import type { Instant } from '../kernel/instant.ts';

/** A session fails alone; faults outside of any, so many in so short a time, are taken for a session manager that is broken. */
export const faultsOfBroken = 3;
const windowMs = 10_000;

/** The faults of a session manager of late. */
export class FaultWindow {
  #at: Instant[] = [];

  /** Whether with this one it is taken for broken. */
  add(now: Instant): boolean {
    this.#at = [...this.#at.filter((at) => at > now - windowMs), now];
    return this.#at.length >= faultsOfBroken;
  }

  clear(): void {
    this.#at = [];
  }
}
