import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenize } from './tokens.ts';

describe('a line of the shell', () => {
  it.each<[string, string[][], string, boolean]>([
    ['', [[]], '', false],
    ['  show  sockets ', [['show', 'sockets']], '', false],
    ['show sock', [['show', 'sock']], 'sock', false],
    [
      'show events|match "a | b"',
      [
        ['show', 'events'],
        ['match', 'a | b'],
      ],
      'a | b',
      false,
    ],
    ["show | match it's", [['show'], ['match', 'its']], 'its', true],
    [`a "b'c" 'd"e' f"g h"i`, [['a', "b'c", 'd"e', 'fg hi']], 'fg hi', false],
    ['a ""', [['a', '']], '', false],
    ['a "b', [['a', 'b']], 'b', true],
    ['|', [[], []], '', false],
  ])('%j', (line, parts, partial, openQuote) => {
    expect(tokenize(line)).toEqual({ parts, partial, openQuote });
  });

  it('keeps any word that is quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string().map((text) => text.replaceAll('"', ''))), (words) => {
        expect(tokenize(words.map((word) => `"${word}"`).join(' ')).parts).toEqual([words]);
      }),
      { numRuns: 100 },
    );
  });
});
