import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of } from '../../kernel/address.ts';
import { SendRing } from './send-ring.ts';

const peer = ipv4Of(0x7f000001);

/** Octets the packets take in a ring, each rounded up to eight. */
function occupied(packets: readonly Uint8Array[]): number {
  return packets.reduce((sum, { length }) => sum + Math.ceil(Math.max(length, 1) / 8) * 8, 0);
}

describe('SendRing', () => {
  it('starts again at the beginning when it runs empty', () => {
    const ring = new SendRing(4, 64);
    for (let round = 0; round < 100; round += 1) {
      expect([24, 24, 24].map((length) => ring.push(peer, 1, new Uint8Array(length)))).toEqual([true, true, false]);
      expect(ring.drop(2)).toBe(48);
    }
  });

  it('takes no packet longer than all its octets', () => {
    const ring = new SendRing(4, 64);
    expect(ring.push(peer, 1, new Uint8Array(65))).toBe(false);
    expect(ring.push(peer, 1, new Uint8Array(64))).toBe(true);
    expect(ring.push(peer, 1, new Uint8Array(0))).toBe(false);
  });

  // At most 56 octets are left unused at the end of the ring, so one with room for two packets refuses none.
  it('never overwrites what is queued, counts octets right, and refuses only when it must', () => {
    const operation = fc.oneof(
      { weight: 3, arbitrary: fc.record({ push: fc.constantFrom(0, 8, 17, 32, 50, 64) }) },
      { weight: 1, arbitrary: fc.record({ drop: fc.integer({ min: 1, max: 4 }) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { minLength: 150, maxLength: 200 }), (operations) => {
        const ring = new SendRing(8, 256);
        const queued: Uint8Array[] = [];
        operations.forEach((step, index) => {
          if ('push' in step) {
            const bytes = new Uint8Array(step.push).fill(index);
            if (ring.push(peer, index, bytes)) queued.push(bytes);
            else expect(queued.length === 8 || occupied(queued) + 2 * 64 > 256).toBe(true);
          } else {
            const count = Math.min(step.drop, queued.length);
            const octets = queued.splice(0, count).reduce((sum, bytes) => sum + bytes.length, 0);
            expect(ring.drop(count)).toBe(octets);
          }
          expect(ring.count).toBe(queued.length);
          expect(ring.queued()).toEqual(queued);
        });
      }),
    );
  });
});
