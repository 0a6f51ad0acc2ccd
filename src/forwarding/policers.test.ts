import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ueEntry } from './packets-for-tests.ts';
import { Policers, policedDirection } from './policers.ts';

const { uplink, downlink } = policedDirection;
const entry = ueEntry();

/** How many octets of packets that follow each other at once pass. */
function burstOf(policers: Policers, rate: number, now: number, { slot = 0, size = 100, of = entry } = {}): number {
  let octets = 0;
  while (policers.take(slot, of, uplink, rate, size, now)) octets += size;
  return octets;
}

describe('a bucket', () => {
  it.each([
    ['holds 100 ms of its rate', 1_000_000, 100_000],
    ['holds two of the largest packets, if that is more', 1000, 3000],
    ['of rate 0 holds nothing', 0, 0],
  ])('%s', (_, rate, octets) => {
    expect(burstOf(new Policers(1500), rate, 1000)).toBe(octets);
  });

  it('earns its rate, and no more than it holds', () => {
    const policers = new Policers(1500);
    expect([0, 10, 10, 1000, 1000, 61_000].map((now) => burstOf(policers, 100_000, now))).toEqual([
      10_000, 1000, 0, 10_000, 0, 10_000,
    ]);
  });

  it('lets a small packet pass where a large one does not', () => {
    const policers = new Policers(1500);
    burstOf(policers, 1000, 0);
    expect(policers.take(0, entry, uplink, 1000, 101, 100)).toBe(false);
    expect(policers.take(0, entry, uplink, 1000, 100, 100)).toBe(true);
  });

  it('earns nothing by a clock that steps back', () => {
    const policers = new Policers(1500);
    burstOf(policers, 1000, 1000);
    expect([500, 1000, 1099].map((now) => burstOf(policers, 1000, now))).toEqual([0, 0, 0]);
    expect(burstOf(policers, 1000, 1100)).toBe(100);
  });

  it('keeps what it holds when its rate changes, but for what it may no longer hold', () => {
    const policers = new Policers(1500);
    expect(burstOf(policers, 1_000_000, 0)).toBe(100_000);
    expect(burstOf(policers, 10_000_000, 0)).toBe(0);
    expect(burstOf(policers, 10_000_000, 1000)).toBe(1_000_000);
    policers.take(0, entry, uplink, 10_000_000, 0, 2000);
    expect(burstOf(policers, 1000, 2000)).toBe(3000);
  });

  it('is the direction’s own, and the session’s', () => {
    const policers = new Policers(1500);
    expect(burstOf(policers, 1000, 0)).toBe(3000);
    expect(policers.take(0, entry, downlink, 1000, 3000, 0)).toBe(true);
    expect(burstOf(policers, 1000, 0, { slot: 70 })).toBe(3000);
    expect(burstOf(policers, 1000, 0)).toBe(0);
    expect(burstOf(policers, 1000, 0, { of: ueEntry({ sessionId: 9 }) })).toBe(3000);
  });

  it('never lets more pass than it held and has earned', () => {
    const packet = fc.record({ after: fc.integer({ min: 0, max: 300 }), octets: fc.integer({ min: 20, max: 1500 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), fc.array(packet, { maxLength: 60 }), (rate, packets) => {
        const policers = new Policers(1500);
        let now = 0;
        let passed = 0;
        for (const { after, octets } of packets) {
          now += after;
          if (policers.take(3, entry, uplink, rate, octets, now)) passed += octets;
        }
        expect(passed).toBeLessThanOrEqual(Math.max(3000, rate / 10) + (rate * now) / 1000 + 1e-6);
      }),
      { numRuns: 200 },
    );
  });
});
