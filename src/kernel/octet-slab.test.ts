import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OctetSlab, type SlabPlace } from './octet-slab.ts';

describe('a slab of octets', () => {
  it('gives back what it was given, whatever is freed meanwhile', () => {
    const run = fc.record({ length: fc.integer({ min: 0, max: 300_000 }), frees: fc.nat() });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 60 }), (runs) => {
        const slab = new OctetSlab();
        const kept: { place: SlabPlace; length: number; value: number }[] = [];
        for (const [index, { length, frees }] of runs.entries()) {
          const value = index % 251;
          kept.push({ place: slab.add(new Uint8Array(length).fill(value)), length, value });
          if (frees % 3 === 0) slab.free(kept.splice(frees % kept.length, 1)[0]!.place);
        }
        for (const { place, length, value } of kept) {
          expect(slab.get(place, length)).toEqual(new Uint8Array(length).fill(value));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keeps no page of which nothing is left, but the one that it fills', () => {
    const slab = new OctetSlab();
    const places = Array.from({ length: 100 }, () => slab.add(new Uint8Array(100_000)));
    expect(slab.pages).toBe(10);
    for (const place of places) slab.free(place);
    expect(slab.pages).toBe(1);
    slab.free(slab.add(new Uint8Array(2 ** 20)));
    slab.add(new Uint8Array(2 ** 20));
    expect(slab.pages).toBe(1);
  });
});
