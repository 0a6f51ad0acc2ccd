import { describe, expect, it } from 'vitest';
import { hostRandom } from './random.ts';

describe('hostRandom', () => {
  it('gives 32-bit integers that do not repeat across the pool', () => {
    const random = hostRandom();
    const values = Array.from({ length: 5000 }, () => random.u32());
    expect(values.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32)).toBe(true);
    // 5000 draws of 32 bits: more than a handful of equal pairs is impossible in practice.
    expect(new Set(values).size).toBeGreaterThan(4990);
  });

  it.each([0, 1, 16, 4096, 5000])('gives %i octets that are nobody else’s', (length) => {
    const random = hostRandom();
    const first = random.bytes(length);
    const copy = first.slice();
    random.bytes(4096);
    expect(first.length).toBe(length);
    expect(first).toEqual(copy);
    if (length >= 16) expect(random.bytes(length)).not.toEqual(first);
  });

  it('sets every bit sometimes', () => {
    const random = hostRandom();
    let some = 0;
    let all = 0xffffffff;
    for (let index = 0; index < 200; index += 1) {
      const value = random.u32();
      some |= value;
      all &= value;
    }
    expect([some >>> 0, all >>> 0]).toEqual([0xffffffff, 0]);
  });
});
