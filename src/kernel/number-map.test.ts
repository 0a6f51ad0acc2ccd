import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberMap } from './number-map.ts';

describe('NumberMap', () => {
  it('behaves as a Map under any sequence of changes', () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.option(fc.nat()));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const map = new NumberMap<{ readonly value: number }>();
        const model = new Map<number, { readonly value: number }>();
        for (const [key, value] of changes) {
          if (value === null) {
            map.delete(key);
            model.delete(key);
          } else {
            map.set(key, { value });
            model.set(key, { value });
          }
        }
        expect(map.size).toBe(model.size);
        expect(new Map(map.entries())).toEqual(model);
        for (let key = 0; key <= 40; key += 1) {
          expect([map.has(key), map.get(key)]).toEqual([model.has(key), model.get(key)]);
        }
      }),
    );
  });

  it('may be walked while entries go', () => {
    const map = new NumberMap<{ readonly key: number }>();
    map.reserve(100);
    for (const key of [5, 6, 7, 8]) map.set(key, { key });
    const met: number[] = [];
    for (const [key] of map.entries()) {
      met.push(key);
      map.delete(key);
      map.delete(7);
    }
    expect(met).toEqual([5, 6, 8]);
    expect(map.size).toBe(0);
  });
});
