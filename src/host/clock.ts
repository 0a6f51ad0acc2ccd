import type { Instant, WallClock } from '../kernel/instant.ts';

/** The chassis's monotonic clock: milliseconds, with fractions, since the process started. Never steps back. */
export function now(): Instant {
  return performance.now();
}

/** The system clock, which an operator or NTP may step. */
export function wallClock(): WallClock {
  return Date.now();
}
