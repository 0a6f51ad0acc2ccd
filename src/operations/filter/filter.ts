import { formatMac, parseIp, parseMac, parsePrefix, prefixContains } from '../../kernel/address.ts';

/** What a row has of a field: null for nothing, several where any of them may be meant. */
export type FieldValue = string | number | null | readonly string[];

/**
 * What a field is compared as. `word` is one of a closed list (or any word, without `choices`); `text` is found within;
 * `mac` in any writing and `address` as an address or a prefix; `number`; `age` in seconds, written `90`, `5m`, `2h`, `1d`.
 */
export type FieldKind = 'word' | 'text' | 'mac' | 'address' | 'number' | 'age';

/** Something of a row that can be filtered by. */
export interface FilterField<Row> {
  readonly name: string;
  readonly kind: FieldKind;
  readonly description: string;
  /** The only words there are. */
  readonly choices?: readonly string[];
  /** Addresses are given as they are printed (`formatMac`, `formatIp`), ages in seconds. */
  of(row: Row): FieldValue;
}

/** A filter that has been read. */
export interface RowFilter<Row> {
  /** As it was written, with single spaces; empty for one that takes every row. */
  readonly text: string;
  matches(row: Row): boolean;
}

/** What is wrong with a filter; `column` is counted from 1. */
export interface FilterProblem {
  readonly column: number;
  readonly what: string;
  readonly hint: string;
}

export type FilterOutcome<Row> =
  | { readonly ok: true; readonly filter: RowFilter<Row> }
  | { readonly ok: false; readonly problem: FilterProblem };

/** Longer than anybody types, and short enough to be tested for thousands of rows. */
export const filterLengthMax = 512;

interface Term {
  readonly column: number;
  /** As written, quotes included. */
  readonly source: string;
  /** Undefined for words that stand alone: they are looked for in every field. */
  readonly field: string | undefined;
  readonly operator: string;
  readonly values: readonly string[];
}

type Test<Row> = (row: Row) => boolean;
type Compiled<Row> =
  | { readonly ok: true; readonly test: Test<Row> }
  | { readonly ok: false; readonly problem: FilterProblem };

/**
 * Reads a filter: `state=handover,denied profile=rg-west mac!=02:00:5e:11:22:33 age<5m "no AAA"`. Terms are separated by
 * spaces, and a row has to fulfil all; of the values of a term, separated by commas, any. `=` and `!=` are for every field,
 * `<` and `>` for numbers and ages; `*` in a value stands for anything. What stands alone is found in any text or address.
 */
export function compileFilter<Row>(text: string, fields: readonly FilterField<Row>[]): FilterOutcome<Row> {
  if (text.length > filterLengthMax) {
    return { ok: false, problem: problem(1, 'the filter is too long', `use at most ${filterLengthMax} characters`) };
  }
  const terms = termsOf(text);
  const tests: Test<Row>[] = [];
  for (const term of terms) {
    const compiled = compileTerm(term, fields);
    if (!compiled.ok) return compiled;
    tests.push(compiled.test);
  }
  const written = terms.map(({ source }) => source).join(' ');
  return { ok: true, filter: { text: written, matches: (row) => tests.every((test) => test(row)) } };
}

function problem(column: number, what: string, hint: string): FilterProblem {
  return { column, what, hint };
}

/** A term is anything without a space, or with spaces within quotes. */
function termsOf(text: string): Term[] {
  return [...text.matchAll(/(?:"[^"]*"?|'[^']*'?|[^\s"'])+/g)].map(({ 0: source, index }) => {
    const split = /^([a-z][a-z-]*)(!=|[=<>])(.*)$/s.exec(source);
    if (split === null) {
      return { column: index + 1, source, field: undefined, operator: '=', values: [unquoted(source)] };
    }
    const [, field = '', operator = '', values = ''] = split;
    return { column: index + 1, source, field, operator, values: valuesOf(values) };
  });
}

function valuesOf(text: string): string[] {
  return [...text.matchAll(/(?:"[^"]*"?|'[^']*'?|[^,"'])+/g)].map(([value]) => unquoted(value));
}

function unquoted(text: string): string {
  return text.replace(/["']/g, '');
}

function compileTerm<Row>(term: Term, fields: readonly FilterField<Row>[]): Compiled<Row> {
  const { column, field: name, operator, values } = term;
  if (name === undefined) return { ok: true, test: anywhere(values[0]!, fields) };
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    const names = fields.map((candidate) => candidate.name).join(', ');
    return { ok: false, problem: problem(column, `there is no field "${name}"`, `the fields: ${names}`) };
  }
  if (values.length === 0) {
    return { ok: false, problem: problem(column, `${name} has no value`, `write ${name}${operator}VALUE`) };
  }
  const compares = field.kind === 'number' || field.kind === 'age';
  if ((operator === '<' || operator === '>') && !compares) {
    return { ok: false, problem: problem(column, `${name} is no number`, `write ${name}=VALUE or ${name}!=VALUE`) };
  }
  const tests: ((value: string | number) => boolean)[] = [];
  for (const value of values) {
    const test = testOf(field, operator, value);
    if (typeof test === 'string') return { ok: false, problem: problem(column, `${name} is not "${value}"`, test) };
    tests.push(test);
  }
  const wants = operator !== '!=';
  return {
    ok: true,
    test: (row) => valuesIn(field.of(row)).some((value) => tests.some((test) => test(value))) === wants,
  };
}

function valuesIn(value: FieldValue): readonly (string | number)[] {
  if (value === null) return [];
  return typeof value === 'object' ? value : [value];
}

/** What a value of a field is tested by; text for a hint what would have been one. */
function testOf<Row>(
  { kind, choices }: FilterField<Row>,
  operator: string,
  wanted: string,
): ((value: string | number) => boolean) | string {
  switch (kind) {
    case 'number':
    case 'age': {
      const number = numberOf(kind, wanted);
      if (number === undefined) return kind === 'age' ? 'write 90 (seconds), 5m, 2h or 1d' : 'write a number';
      if (operator === '<') return (value) => Number(value) < number;
      if (operator === '>') return (value) => Number(value) > number;
      return (value) => Number(value) === number;
    }
    case 'mac': {
      const mac = parseMac(wanted);
      if (mac === undefined && !/^[0-9a-f:*]+$/i.test(wanted)) return 'write it as 02:00:5e:11:22:33, or 02:00:5e:*';
      return glob(mac === undefined ? wanted : formatMac(mac));
    }
    case 'address': {
      const prefix = parsePrefix(wanted);
      if (prefix === undefined) return 'write an address, or a prefix such as 10.9.0.0/24';
      return (value) => {
        const address = parseIp(String(value));
        return address !== undefined && prefixContains(prefix, address);
      };
    }
    case 'word': {
      const test = glob(wanted);
      return choices === undefined || choices.some(test) ? test : `there is ${choices.join(', ')}`;
    }
    case 'text':
      return within(wanted);
  }
}

const secondsIn: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

function numberOf(kind: FieldKind, text: string): number | undefined {
  const match = /^(\d{1,12})([smhd]?)$/.exec(text);
  if (match === null || (kind === 'number' && match[2] !== '')) return undefined;
  return Number(match[1]) * secondsIn[match[2]!]!;
}

/** A whole value, in any case of letters, with `*` for anything. */
function glob(text: string): (value: string | number) => boolean {
  const parts = text.toLowerCase().split('*');
  const first = parts.shift()!;
  const last = parts.pop();
  return (given) => {
    const value = String(given).toLowerCase();
    if (last === undefined) return value === first;
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
    return inOrder(value.slice(first.length, value.length - last.length), parts);
  };
}

/** Part after part, each where it comes first: nothing is gone through again, whatever the pattern. */
function inOrder(value: string, parts: readonly string[]): boolean {
  let from = 0;
  for (const part of parts) {
    const at = value.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

function within(text: string): (value: string | number) => boolean {
  const parts = text.toLowerCase().split('*');
  return (value) => inOrder(String(value).toLowerCase(), parts);
}

/** A MAC address in any writing is found as one; what else stands alone, in all that is no number. */
function anywhere<Row>(text: string, fields: readonly FilterField<Row>[]): Test<Row> {
  const mac = parseMac(text);
  const found = within(mac === undefined ? text : formatMac(mac));
  const searched = fields.filter(({ kind }) => kind !== 'number' && kind !== 'age');
  return (row) => searched.some((field) => valuesIn(field.of(row)).some(found));
}
