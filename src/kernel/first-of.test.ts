import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstOf } from './first-of.ts';

describe('the first of many', () => {
  it('are those that sorting has first, equals in the order of their coming', () => {
    const item = fc.record({ rank: fc.integer({ min: 0, max: 5 }), name: fc.nat() });
    fc.assert(
      fc.property(fc.array(item), fc.nat({ max: 12 }), (items, most) => {
        const order = (left: { rank: number }, right: { rank: number }): number => left.rank - right.rank;
        expect(firstOf(items, most, order)).toEqual(items.toSorted(order).slice(0, most));
      }),
    );
  });
});
