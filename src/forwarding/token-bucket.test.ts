import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

it('allows one second of events at once, then the rate', () => {
  const bucket = new TokenBucket(2);
  expect([0, 0, 0, 499, 500, 500, 1000].map((now) => bucket.take(now))).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
    true,
  ]);
});

it('saves up no more than one second of events', () => {
  const bucket = new TokenBucket(2);
  bucket.take(0);
  expect([60_000, 60_000, 60_000].map((now) => bucket.take(now))).toEqual([true, true, false]);
});

it('gives nothing for a clock that steps back', () => {
  const bucket = new TokenBucket(1);
  expect([1000, 0, 1000].map((now) => bucket.take(now))).toEqual([true, false, false]);
});

it('never allows anything at rate 0', () => {
  expect(new TokenBucket(0).take(5000)).toBe(false);
});
