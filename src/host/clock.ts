import type { Instant, WallClock } from '../kernel/instant.ts';

/** What this thread's clock is behind the chassis's; each thread's own begins with it. */
let behindMs = 0;

/** The chassis's monotonic clock: milliseconds, with fractions, since the process started. Never steps back. */
export function now(): Instant {
  return performance.now() + behindMs;
}

/** What the system's counter shows when the chassis's clock shows 0, in milliseconds. */
export function clockOriginMs(): number {
  return systemMs() - now();
}

/** Has this thread's clock show what the one with that origin does: to be called before any other use. */
export function followClock(originMs: number): void {
  behindMs = systemMs() - originMs - performance.now();
}

function systemMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The system clock, which an operator or NTP may step. */
export function wallClock(): WallClock {
  return Date.now();
}
