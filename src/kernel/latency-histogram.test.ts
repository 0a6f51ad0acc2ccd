import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';

describe('a histogram of latencies', () => {
  it.each([
    [0.01, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('share %d of 1..100 ms is at least what it is, and at most 9 %% more', (share, exact) => {
    const histogram = new LatencyHistogram();
    for (let value = 1; value <= 100; value += 1) histogram.add(value);
    const found = histogram.counts().percentileMs(share);
    expect(found).toBeGreaterThanOrEqual(exact);
    expect(found).toBeLessThan(exact * 1.0906);
  });

  it('has room for what is too short and too long', () => {
    const histogram = new LatencyHistogram();
    for (const value of [-1, 0, 1e-9, 1e12]) histogram.add(value);
    const counts = histogram.counts();
    expect(counts.total).toBe(4);
    expect(counts.percentileMs(0.75)).toBe(1 / 64);
    expect(counts.percentileMs(1)).toBe(2 ** 17);
  });

  it('tells what came between two moments', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.counts().percentileMs(0.5)).toBe(0);
    histogram.add(100);
    const before = histogram.counts();
    histogram.add(1);
    const since = histogram.counts().since(before);
    expect(since.total).toBe(1);
    expect(since.percentileMs(1)).toBe(1);
  });
});
