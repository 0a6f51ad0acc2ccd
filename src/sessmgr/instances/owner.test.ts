import { describe, expect, it } from 'vitest';
import { macOf } from '../../kernel/address.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { drawKey, drawUnused, instanceOfKey, instanceOfMac } from './owner.ts';

describe('the instance of a UE', () => {
  it.each([
    [0x02005e100001, 1, 0],
    [0x02005e100001, 2, 1],
    [0x02005e100001, 3, 0x5e100001 % 3],
    // Only the low 32 bits count: the first two octets change nothing.
    [0xffff5e100001, 3, 0x5e100001 % 3],
    [0xffffffffffff, 7, 0xffffffff % 7],
  ])('is told by its MAC address %s: of %s instances it is %s', (mac, count, index) => {
    expect(instanceOfMac(macOf(mac), count)).toBe(index);
  });
});

describe('a key', () => {
  it.each([1, 2, 3, 5, 64])('of one of %s instances says of which', (count) => {
    const random = new SeededRandom(count);
    for (let index = 0; index < count; index += 1) {
      const keys = Array.from({ length: 50 }, () => drawKey(random, index, count));
      expect(new Set(keys).size).toBe(50);
      for (const key of keys) expect([instanceOfKey(key, count), key >>> 0]).toEqual([index, key]);
    }
  });

  it('is never zero, and never more than 32 bits', () => {
    const drawn = [0, 1, 0xffffffff, 0xfffffffe, 5];
    const random = { u32: () => drawn.shift()!, bytes: () => new Uint8Array() };
    // 0 and 1 make 0; the next two make more than 32 bits hold, for 0xffffffff is the last that 3 divides.
    expect(drawKey(random, 0, 3)).toBe(0xffffffff);
    expect(drawKey(random, 1, 3)).toBe(0xfffffffd);
  });

  it('of the only instance is what is drawn', () => {
    expect(drawKey({ u32: () => 4711, bytes: () => new Uint8Array() }, 0, 1)).toBe(4711);
  });
});

describe('an identifier that is not taken', () => {
  const drawing = (...drawn: number[]) => {
    const rest = drawn.values();
    return () => rest.next().value!;
  };

  it.each([
    ['is one that is preferred', [1, 2, 3, 4], 4],
    ['is not one that is taken, though it is preferred', [8, 3, 6], 6],
    ['is any after many draws', Array.from({ length: 17 }, (_, index) => 2 * index + 1), 31],
    ['is one that is not taken, however many were drawn', [...Array(20).fill(8), 3], 3],
  ])('%s', (_, drawn, id) => {
    const isTaken = (each: number) => each === 8 || each === 2;
    expect(drawUnused(drawing(...drawn), isTaken, (each) => each % 2 === 0)).toBe(id);
  });
});
