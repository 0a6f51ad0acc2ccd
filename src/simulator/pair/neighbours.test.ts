import { describe, expect, it } from 'vitest';
import { ipv4Of } from '../../kernel/address.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { Neighbours } from './neighbours.ts';

const addresses = Array.from({ length: 20 }, (_, index) => ipv4Of(index + 1));

describe('the neighbours', () => {
  it('know nobody before an announcement, and learn of later ones one after the other', () => {
    const neighbours = new Neighbours<string>(new SeededRandom(1), 100);
    const ownersAt = (now: number) => new Set(addresses.map((address) => neighbours.ownerFor(address, now)));
    expect(ownersAt(0)).toEqual(new Set([undefined]));
    neighbours.announced('A', 0);
    expect(ownersAt(0)).toEqual(new Set(['A']));
    neighbours.announced('B', 10);
    expect(ownersAt(60)).toEqual(new Set(['A', 'B']));
    expect(ownersAt(110)).toEqual(new Set(['B']));
  });

  it('never hear an older announcement after a newer one', () => {
    const neighbours = new Neighbours<string>(new SeededRandom(2), 100);
    for (const address of addresses) neighbours.ownerFor(address, 0);
    neighbours.announced('A', 0);
    for (const address of addresses) neighbours.ownerFor(address, 0);
    neighbours.announced('B', 1);
    neighbours.announced('A', 2);
    for (const address of addresses) {
      const owners = Array.from({ length: 110 }, (_, now) => neighbours.ownerFor(address, now));
      expect(owners.join('')).toMatch(/^A*B*A+$/);
    }
  });
});
