import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { NumberIndex } from './number-index.ts';

describe('NumberIndex', () => {
  it.each([0, 1, 0xffffffff, 0x100000000, 0x02005e112233, 0xffffffffffff, Number.MAX_SAFE_INTEGER])(
    'finds key %d again, and only until it is deleted',
    (key) => {
      const index = new NumberIndex();
      expect(index.get(key)).toBe(-1);
      index.set(key, 7);
      index.set(key, 0);
      expect(index.get(key)).toBe(0);
      expect(index.size).toBe(1);
      index.delete(key);
      index.delete(key);
      expect(index.get(key)).toBe(-1);
      expect(index.size).toBe(0);
    },
  );

  it('behaves as a Map under any sequence of changes', () => {
    // Few distinct keys in two families that differ only above bit 31, so that places collide and chains get holes.
    const key = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 1 }));
    const change = fc.tuple(key, fc.integer({ min: -1, max: 1000 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        const index = new NumberIndex();
        const model = new Map<number, number>();
        for (const [[low, high], slot] of changes) {
          const number = high * 0x100000000 + low;
          if (slot < 0) {
            index.delete(number);
            model.delete(number);
          } else {
            index.set(number, slot);
            model.set(number, slot);
          }
        }
        expect(index.size).toBe(model.size);
        for (let low = 0; low <= 60; low += 1) {
          for (const number of [low, 0x100000000 + low]) expect(index.get(number)).toBe(model.get(number) ?? -1);
        }
      }),
    );
  });

  it('keeps every key while it grows', () => {
    const index = new NumberIndex();
    for (let slot = 0; slot < 20_000; slot += 1) index.set(0x02_00_5e_00_00_00 + slot * 4096, slot);
    for (let slot = 0; slot < 20_000; slot += 2) index.delete(0x02_00_5e_00_00_00 + slot * 4096);
    for (let slot = 0; slot < 20_000; slot += 1) {
      expect(index.get(0x02_00_5e_00_00_00 + slot * 4096)).toBe(slot % 2 === 0 ? -1 : slot);
    }
  });

  it('keeps every key when room is made, and none when it is cleared', () => {
    const index = new NumberIndex();
    for (let key = 0; key < 50; key += 1) index.set(key, key);
    for (const keys of [10_000, 0, 3]) index.reserve(keys);
    for (let key = 50; key < 12_000; key += 1) index.set(key, key);
    for (let key = 0; key < 12_000; key += 1) expect(index.get(key)).toBe(key);
    index.clear();
    expect([index.size, index.get(7)]).toEqual([0, -1]);
  });

  it('behaves as a Map while it leaves a table that has become too small', () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: -1, max: 3 }));
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 1100 }), fc.array(change, { maxLength: 600 }), (before, changes) => {
        const index = new NumberIndex();
        const model = new Map<number, number>();
        for (let key = 0; key < before; key += 1) {
          index.set(key, key);
          model.set(key, key);
        }
        for (const [key, slot] of changes) {
          if (slot < 0) {
            index.delete(key);
            model.delete(key);
          } else {
            index.set(key, slot);
            model.set(key, slot);
          }
        }
        expect(index.size).toBe(model.size);
        for (let key = 0; key <= 3000; key += 1) expect(index.get(key)).toBe(model.get(key) ?? -1);
      }),
      { numRuns: 30 },
    );
  });

  it('moves few keys at a time while it grows', () => {
    // Each key that is moved or looked for is mixed by three multiplications.
    const mixed = vi.spyOn(Math, 'imul');
    try {
      const index = new NumberIndex();
      let most = 0;
      for (let slot = 0; slot < 10_000; slot += 1) {
        index.set(0x02_00_5e_00_00_00 + slot * 4096, slot);
        most = Math.max(most, mixed.mock.calls.length / 3);
        mixed.mockClear();
      }
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThan(64);
    } finally {
      mixed.mockRestore();
    }
  });
});
