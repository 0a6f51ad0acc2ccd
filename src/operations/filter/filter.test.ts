import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter, type FilterField, filterLengthMax } from './filter.ts';

interface Row {
  readonly mac: string | null;
  readonly state: string;
  readonly addresses: readonly string[];
  readonly text: string;
  readonly moves: number;
  readonly seconds: number | null;
}

const fields: readonly FilterField<Row>[] = [
  { name: 'mac', kind: 'mac', description: '', of: ({ mac }) => mac },
  { name: 'state', kind: 'word', description: '', choices: ['bound', 'denied', 'handover'], of: ({ state }) => state },
  { name: 'peer', kind: 'address', description: '', of: ({ addresses }) => addresses },
  { name: 'text', kind: 'text', description: '', of: ({ text }) => text },
  { name: 'moves', kind: 'number', description: '', of: ({ moves }) => moves },
  { name: 'age', kind: 'age', description: '', of: ({ seconds }) => seconds },
];

const row: Row = {
  mac: '02:00:5e:11:22:33',
  state: 'handover',
  addresses: ['10.9.0.7', '2001:db8::7'],
  text: 'DHCP DISCOVER; no AAA, yet',
  moves: 3,
  seconds: 90,
};

function matches(text: string, of: Row = row): boolean {
  const read = compileFilter(text, fields);
  if (!read.ok) throw new Error(`${read.problem.what}: ${read.problem.hint}`);
  return read.filter.matches(of);
}

describe('a filter', () => {
  it.each([
    ['', true],
    ['state=handover', true],
    ['state=handover,denied', true],
    ['state=denied,bound', false],
    ['state=HAND*', true],
    ['state!=denied', true],
    ['state!=denied,handover', false],
    ['mac=0200.5e11.2233', true],
    ['mac=02-00-5E-11-22-33', true],
    ['mac=02:00:5e:*', true],
    ['mac=02:00:5e', false],
    ['mac!=02:00:5e:11:22:33', false],
    ['peer=10.9.0.7', true],
    ['peer=10.9.0.0/24', true],
    ['peer=2001:db8::/32', true],
    ['peer=10.9.1.0/24', false],
    ['text=discover', true],
    ['text="no AAA, yet"', true],
    ["text='no AAA, no'", false],
    ['text=dhcp*aaa', true],
    ['moves=3', true],
    ['moves>2', true],
    ['moves>3', false],
    ['moves<4 moves!=2', true],
    ['age<5m', true],
    ['age>90', false],
    ['age=90s', true],
    ['discover', true],
    ['0200.5e11.2233', true],
    ['"no AAA"', true],
    ['10.9.0', true],
    ['reject', false],
    ['state=handover reject', false],
    ['  state=handover \t moves=3 ', true],
    ['text=[.+', false],
  ])('%s', (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  it('of a value that is not there is fulfilled by its absence alone', () => {
    const nobody = { ...row, mac: null, seconds: null };
    expect([matches('mac=*', nobody), matches('mac!=*', nobody), matches('age<5m', nobody)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('says where it is wrong, and what would be right', () => {
    const problems = [
      'sate=bound',
      'text=a state=gone',
      'mac=zz',
      'peer=10.9',
      'state<bound',
      'moves=3m',
      'age=x',
      'mac=',
    ];
    expect(
      problems.map((text) => {
        const read = compileFilter(text, fields);
        return read.ok ? 'none' : `${read.problem.column}: ${read.problem.what}; ${read.problem.hint}`;
      }),
    ).toMatchInlineSnapshot(`
      [
        "1: there is no field "sate"; the fields: mac, state, peer, text, moves, age",
        "8: state is not "gone"; there is bound, denied, handover",
        "1: mac is not "zz"; write it as 02:00:5e:11:22:33, or 02:00:5e:*",
        "1: peer is not "10.9"; write an address, or a prefix such as 10.9.0.0/24",
        "1: state is no number; write state=VALUE or state!=VALUE",
        "1: moves is not "3m"; write a number",
        "1: age is not "x"; write 90 (seconds), 5m, 2h or 1d",
        "1: mac has no value; write mac=VALUE",
      ]
    `);
    expect(compileFilter('x'.repeat(filterLengthMax + 1), fields).ok).toBe(false);
  });

  it('is repeated as it was written', () => {
    const read = compileFilter(' state=bound   "no  AAA"', fields);
    expect(read.ok && read.filter.text).toBe('state=bound "no  AAA"');
  });

  it('is read or refused, whatever it is, and takes no longer for many stars', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        const read = compileFilter(text, fields);
        if (read.ok) read.filter.matches(row);
      }),
      { numRuns: 300 },
    );
    const long = { ...row, text: 'a'.repeat(20_000) };
    expect(matches(`text=${'a*'.repeat(200)}b`, long)).toBe(false);
  });
});
