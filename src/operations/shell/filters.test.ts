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
    ['| count', ['Count: 2 rows']],
    ['| include a | count', ['Count: 4 lines']],
    ['| first 2', ['Alpha 1', 'beta 2']],
    ['| last 1', ['beta 4']],
    ['| except beta | last 5 | save x', ['Alpha 1', 'Gamma (3)']],
    ['| jsonl', data.rows.map((row) => JSON.stringify(row))],
    ['| jsonl | match "b, "', [JSON.stringify(data.rows[1])]],
    ['| no-more | wide', lines],
  ])('%s', (text, expected) => {
    expect(run(text)).toEqual(expected);
  });

  it.each([
    ['| ', 'there is no filter'],
    ['| bogus', 'there is no filter "| bogus"'],
    ['| c', '"| c" could be count, csv'],
    ['| jso', '"| jso" could be json, jsonl'],
    ['| match a | jsonl', '| jsonl comes too late'],
    ['| last', '| last needs a number of lines'],
    ['| first 0', '| first needs a number of lines'],
    ['| save', '| save needs one file'],
    ['| save a b', '| save needs one file'],
    ['| save a | count', 'something follows | save'],
    ['| match', '| match has nothing to look for'],
    ['| match (', 'is no regular expression'],
    ['| count 3', '"3" does not follow | count'],
    ['| match a | json', '| json comes too late'],
    [`| match ${'x'.repeat(300)}`, 'the pattern is too long'],
  ])('%.20s: %s', (text, what) => {
    expect(() => run(text)).toThrow(what);
  });

  it('count rows, and say that there are more than a page', () => {
    const count = [{ kind: 'count' } as const];
    expect(filtered(count, { ...data, nextCursor: 'x' }, () => lines)).toEqual(['Count: 2 rows, and more follow']);
    // Of several lists none is the one that is meant.
    expect(filtered(count, { ...data, others: [] }, () => lines)).toEqual(['Count: 4 lines']);
    expect(filtered(count, null, () => lines)).toEqual(['Count: 4 lines']);
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
