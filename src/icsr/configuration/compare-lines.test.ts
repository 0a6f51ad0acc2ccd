import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLines } from './compare-lines.ts';

describe('the differences of two configurations', () => {
  it.each<[string, string[], string[], string[]]>([
    ['none', ['a = 1', 'b = 2'], ['b = 2', 'a = 1'], []],
    ['a value', ['s2a.apn = internet'], ['s2a.apn = ims'], ['s2a.apn: here internet, peer ims']],
    ['only here', ['a = 1', 'b = 2'], ['a = 1'], ['b: here 2, not given at the peer']],
    ['only there', ['a = 1'], ['a = 1', 'b = 2'], ['b: not given here, peer 2']],
    ['an equals sign in a value', ['a = x = 1'], ['a = x = 2'], ['a: here x = 1, peer x = 2']],
    ['an entry of a list', ['c = 1', 'c = 2'], ['c = 2', 'c = 3'], ['c: 1 only here', 'c: 3 only at the peer']],
    ['an entry more', ['c = 1'], ['c = 1', 'c = 2'], ['c: 2 only at the peer']],
    ['an entry twice', ['c = 1', 'c = 2'], ['c = 1', 'c = 1', 'c = 2'], ['c: 1 only at the peer']],
    ['an empty value', ['a = '], ['a = 1'], ['a: here (nothing), peer 1']],
    ['no separator', [], ['nonsense'], ['nonsense: not given here, peer (nothing)']],
    ['control characters', ['a = 1'], ['a = \u001b[31m\u2028\n'], ['a: here 1, peer ?[31m??']],
  ])('%s', (_, own, peer, expected) => {
    expect(compareLines(own, peer)).toEqual(expected);
  });

  it('are bounded', () => {
    const many = Array.from({ length: 100 }, (_, index) => `${index} = 1`);
    expect(compareLines(many, []).at(-1)).toBe('and 68 more');
    expect(compareLines([], ['x'.repeat(300)])[0]!.length).toBeLessThan(200);
    const longer = ['the peer’s configuration is longer than one can be'];
    expect(compareLines([], ['x'.repeat(5000)])).toEqual(longer);
    expect(compareLines([], Array(20_000).fill('x'))).toEqual(longer);
  });

  it('are none exactly where the lines are the same, in whatever order', () => {
    const lines = fc.array(
      fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')).map((pair) => pair.join(' = ')),
    );
    fc.assert(
      fc.property(lines, lines, (own, peer) => {
        const same = own.toSorted().join() === peer.toSorted().join();
        expect(compareLines(own, peer).length === 0).toBe(same);
      }),
      { numRuns: 200 },
    );
  });
});
