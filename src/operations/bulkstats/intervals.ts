import type { WallClock } from '../../kernel/instant.ts';

/** Ends of intervals are multiples since midnight UTC, whenever the gateway was started. @param intervalMs in milliseconds */
export function endOfInterval(at: WallClock, intervalMs: number): WallClock {
  return at - (at % intervalMs) + intervalMs;
}

/**
 * What to do when a timer for the end of an interval has fired: a timer knows nothing of the wall clock, which runs at a pace of its
 * own and may be set. Before the end it is only waited again; where the clock was set back by more than an interval, for another end.
 */
export function afterTimer(
  end: WallClock,
  at: WallClock,
  intervalMs: number,
): { readonly isOver: boolean; readonly next: WallClock } {
  const isOver = at >= end;
  return { isOver, next: isOver || end - at > intervalMs ? endOfInterval(at, intervalMs) : end };
}
