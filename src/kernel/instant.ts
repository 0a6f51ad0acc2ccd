/**
 * A moment on the chassis's monotonic clock, in milliseconds (fractions allowed). Deadlines are Instants; they mean
 * nothing outside the process and travel as remaining time.
 */
export type Instant = number;

/** Milliseconds since 1970-01-01 UTC by the system clock: only for protocol timestamps and for people. */
export type WallClock = number;

/** No deadline. */
export const never: Instant = Number.POSITIVE_INFINITY;
