import { describe, expect, it } from 'vitest';
import { csvLines } from './csv.ts';
import { filtered, readFilters } from './filters.ts';
import { tokenize } from './tokens.ts';

const data = {
  total: 2,
  rows: [
    { mac: 'a', nested: { key: 1, other: null }, list: [1, 2] },
    { mac: 'b, "c"', nested: { key: 2 }, empty: '' },
  ],
};
const lines = ['Alpha 1', 'beta 2', 'Gamma (3)', 'beta 4'];

function run(text: string): string[] {
  const read = readFilters(tokenize(`show${text}`).parts.slice(1), true);
  if (!read.ok) throw new Error(read.what);
  return filtered(read.filters, data, () => lines);
}

describe('filters', () => {
  it.each<[string, string[]]>([
    ['', lines],
    ['| match BETA', ['beta 2', 'beta 4']],
    ['| except beta | except ^a', ['Gamma (3)']],
    ['| include (3)', ['Gamma (3)']],
    ['| include BETA', []],
    ['| begin gamma', ['Gamma (3)', 'beta 4']],
    ['| begin nothing', []],
    ['| m beta | co', ['Count: 2 lines']],
    ['| match "beta 2|Alpha"', ['Alpha 1', 'beta 2']],
    ['| json | match total', ['  "total": 2,']],
    ['| json', JSON.stringify(data, null, 2).split('\n')],
    ['| csv | count', ['Count: 3 lines']],
  ])('%s', (text, expected) => {
    expect(run(text)).toEqual(expected);
  });

  it.each([
    ['| ', 'there is no filter'],
    ['| bogus', 'there is no filter "| bogus"'],
    ['| c', '"| c" could be count, csv'],
    ['| match', '| match has nothing to look for'],
    ['| match (', 'is no regular expression'],
    ['| count 3', '"3" does not follow | count'],
    ['| match a | json', '| json comes too late'],
    [`| match ${'x'.repeat(300)}`, 'the pattern is too long'],
  ])('%.20s: %s', (text, what) => {
    expect(() => run(text)).toThrow(what);
  });

  it('take no shortened names in scripts', () => {
    expect(readFilters([['m', 'a']], false).ok).toBe(false);
  });
});

describe('comma-separated values', () => {
  it('are the first list of rows, with a column for every field of any', () => {
    expect(csvLines(data)).toEqual(['mac,nested.key,nested.other,list,empty', 'a,1,,1 2,', '"b, ""c""",2,,,']);
  });

  it.each<[unknown, string[]]>([
    [{ rows: [] }, ['']],
    [{ a: 1, b: { c: true } }, ['a,b.c', '1,true']],
    [null, ['']],
    [{ a: [{ b: 'x\ny' }] }, ['b', '"x\ny"']],
  ])('of %j', (value, expected) => {
    expect(csvLines(value)).toEqual(expected);
  });
});
