import { describe, expect, it } from 'vitest';
import { afterTimer, endOfInterval } from './intervals.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

describe('an interval of bulk statistics', () => {
  it.each([
    ['in the middle of one', 90_000, 120_000],
    ['at the end of one', 120_000, 180_000],
    ['just before', 119_999.6, 120_000],
  ])('ends at a multiple: %s', (_when, at, end) => {
    expect(endOfInterval(at, minuteMs)).toBeCloseTo(end, 6);
  });

  it.each<[string, number, boolean, number]>([
    ['is over, when the timer is late', 120_004.2, true, 180_000],
    ['is over once, when the timer is early by a fraction of a millisecond', 119_999.7, false, 120_000],
    ['is over, when the clock was set forward', 120_000 + hourMs, true, 180_000 + hourMs],
    ['is waited for again, when the clock was set back a little', 80_000, false, 120_000],
  ])('%s', (_what, at, isOver, next) => {
    const after = afterTimer(120_000, at, minuteMs);
    expect(after.isOver).toBe(isOver);
    expect(after.next).toBeCloseTo(next, 6);
  });

  it('is another one, when the clock was set back by more than one', () => {
    expect(afterTimer(10 * hourMs, 2 * hourMs + 5, minuteMs)).toEqual({ isOver: false, next: 2 * hourMs + minuteMs });
  });
});
