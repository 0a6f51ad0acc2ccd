import { describe, expect, it } from 'vitest';
import { Watchdog } from './watchdog.ts';

const even = () => 0.5;

describe('the watchdog of a connection', () => {
  it('asks after 30 s of silence, and gives up after another 30', () => {
    const watchdog = new Watchdog(even, 0);
    expect([29_999, 30_000, 59_999, 60_000].map((now) => watchdog.due(now))).toEqual([
      ...['nothing', 'ask', 'nothing', 'close'],
    ]);
  });

  it('begins anew with whatever comes', () => {
    const watchdog = new Watchdog(even, 0);
    watchdog.heard(20_000);
    expect([30_000, 50_000].map((now) => watchdog.due(now))).toEqual(['nothing', 'ask']);
    watchdog.heard(60_000);
    expect([80_000, 90_000].map((now) => watchdog.due(now))).toEqual(['nothing', 'ask']);
  });

  it('varies its interval by 2 s', () => {
    expect(new Watchdog(() => 0, 0).deadline).toBe(28_000);
    expect(new Watchdog(() => 0.999_999, 0).deadline).toBeCloseTo(32_000, 0);
  });
});
