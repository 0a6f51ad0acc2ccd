import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../kernel/random.ts';
import { PlaceIndex, placesMost, setsFor, wordsOfSet } from './place-index.ts';

const sets = 256;
const indexOf = (words = new Int32Array(sets * wordsOfSet)) => new PlaceIndex<number>(words);

describe('the index of places', () => {
  it.each([0, 1, 0xffffffff, 0x100000000, 0x02005e000001, 0xffffffffffff])('leads from %d to any place', (name) => {
    const index = indexOf();
    for (const place of [0, 77, placesMost]) {
      index.set(name, place);
      expect(index.get(name)).toBe(place);
    }
    expect(index.delete(name)).toBe(true);
    expect(index.get(name)).toBeUndefined();
    expect(index.delete(name)).toBe(false);
  });

  it('tells apart names that share all bits but one', () => {
    const index = indexOf();
    const names = [0, ...Array.from({ length: 48 }, (_, bit) => 2 ** bit)];
    for (const [place, name] of names.entries()) index.set(name, place);
    for (const [place, name] of names.entries()) expect(index.get(name) ?? index.isLeftOut(name)).toBe(place);
  });

  it('leaves out what a full set has no room for, and takes it in when there is some', () => {
    const words = new Int32Array(sets * wordsOfSet);
    const index = indexOf(words);
    const crowd = namesOfOneSet(20);
    for (const [place, name] of crowd.entries()) index.set(name, place);
    expect(crowd.filter((name) => index.isLeftOut(name))).toEqual(crowd.slice(16));
    index.delete(crowd[17]!);
    index.delete(crowd[3]!);
    expect(index.get(crowd[16]!)).toBe(16);
    expect(crowd.filter((name) => index.isLeftOut(name))).toEqual(crowd.slice(18));
    // Who comes later reads what is there.
    expect(indexOf(words).get(crowd[16]!)).toBe(16);
  });

  it('has room for nearly all of a million', () => {
    const places = 1_000_000;
    const index = indexOf(new Int32Array(setsFor(places) * wordsOfSet));
    const random = new SeededRandom(1);
    let leftOut = 0;
    for (let place = 0; place < places; place += 1) {
      const name = random.below(2 ** 31) * 2 ** 16 + random.below(2 ** 16);
      index.set(name, place);
      if (index.isLeftOut(name)) leftOut += 1;
    }
    expect(leftOut).toBeLessThan(20);
  });

  it('does what a Map does, but for those left out', () => {
    // Few names, and most of them in two sets.
    const crowd = [...namesOfOneSet(24), ...namesOfOneSet(24).map((name) => name + 2 ** 40)];
    const step = fc.record({ name: fc.constantFrom(...crowd), place: fc.option(fc.nat(100)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const index = indexOf();
        const model = new Map<number, number>();
        for (const { name, place } of steps) {
          if (place === null) {
            index.delete(name);
            model.delete(name);
          } else {
            index.set(name, place);
            model.set(name, place);
          }
        }
        const found = crowd.filter((name) => index.get(name) !== undefined);
        const leftOut = crowd.filter((name) => index.isLeftOut(name));
        expect(new Set([...found, ...leftOut])).toEqual(new Set(model.keys()));
        for (const name of found) expect(index.get(name)).toBe(model.get(name));
        expect(leftOut.length).toBe(Math.max(0, model.size - found.length));
      }),
      { numRuns: 200 },
    );
  });

  it('empties what leads where nothing is to', () => {
    const index = indexOf();
    index.set(5, 0);
    index.set(6, 1);
    index.set(7, 2);
    const names = new Map([
      [0, 5],
      [1, 60],
    ]);
    expect(index.clearStrangers(0, index.sets, (place) => names.get(place))).toBe(2);
    expect([5, 6, 7, 60].map((name) => index.get(name))).toEqual([0, undefined, undefined, undefined]);
  });

  it('leaves alone what is of the places of others', () => {
    const words = new Int32Array(sets * wordsOfSet);
    const [ours, theirs] = [indexOf(words), indexOf(words)];
    for (const name of [1, 2, 3]) ours.set(name, name);
    for (const name of [11, 12]) theirs.set(name, name);
    const isOurs = (place: number): boolean => place < 10;
    expect(ours.clearStrangers(0, ours.sets, (place) => (place === 2 ? 2 : undefined), isOurs)).toBe(2);
    expect([1, 2, 3, 11, 12].map((name) => theirs.get(name))).toEqual([undefined, 2, undefined, 11, 12]);
  });

  it('takes in what it left out when it is set again after another has made room', () => {
    const words = new Int32Array(sets * wordsOfSet);
    const [ours, theirs] = [indexOf(words), indexOf(words)];
    const [last, ...crowd] = namesOfOneSet(17);
    for (const name of crowd) theirs.set(name, 1);
    ours.set(last!, 2);
    expect([ours.get(last!), ours.isLeftOut(last!)]).toEqual([undefined, true]);
    theirs.delete(crowd[5]!);
    ours.set(last!, 2);
    expect([theirs.get(last!), ours.isLeftOut(last!)]).toEqual([2, false]);
  });
});

/** Names of 48 bits that all belong into one of the 256 sets: what tells them apart is what their slots say. */
function namesOfOneSet(count: number): number[] {
  const names: number[] = [];
  const words = new Int32Array(sets * wordsOfSet);
  const single = indexOf(words);
  single.set(1, 0);
  const home = words.findIndex((word) => word !== 0);
  for (let name = 1; names.length < count; name += 1) {
    words.fill(0);
    single.set(name, 0);
    const at = words.findIndex((word) => word !== 0);
    if (Math.floor(at / wordsOfSet) === Math.floor(home / wordsOfSet)) names.push(name);
    single.delete(name);
  }
  return names;
}
