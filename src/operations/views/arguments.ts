import { formatIp, formatMac, type MacAddress, parseIp, parseMac } from '../../kernel/address.ts';
import {
  compileFilter,
  type FilterField,
  type FilterProblem,
  filterLengthMax,
  type RowFilter,
} from '../filter/filter.ts';
import { type Refusal, refuse, type View, type ViewArguments } from './view.ts';

type Read<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal };

/** Longer than any honest value. */
const valueLengthMax = 128;

/** Checks that the options given are the view's own, values where values belong. */
export function checkArguments(
  view: Pick<View, 'words' | 'options'>,
  given: Readonly<Record<string, string>>,
): Read<ViewArguments> {
  for (const [name, value] of Object.entries(given)) {
    const option = view.options.find((candidate) => candidate.name === name);
    const command = `show ${view.words.join(' ')}`;
    if (option === undefined) {
      const known = view.options.map((candidate) => candidate.name).join(', ') || 'none';
      return refuse('bad-argument', `"${clip(name)}" is no option of ${command}`, `its options: ${known}`);
    }
    const lengthMax = name === 'filter' ? filterLengthMax : valueLengthMax;
    if (value.length > lengthMax) {
      return refuse('bad-argument', `the value of ${name} is too long`, `use at most ${lengthMax} characters`);
    }
    if (option.value !== undefined && value === '') {
      return refuse('bad-argument', `${name} has no value`, `write ${name} ${option.value}`);
    }
    if (option.value === undefined && value !== '') {
      return refuse('bad-argument', `${name} takes no value`, `write ${name} alone`);
    }
  }
  return { ok: true, value: given };
}

/** A MAC address in any usual writing. */
export function macArgument(text: string): Read<MacAddress> {
  const mac = parseMac(text);
  if (mac !== undefined) return { ok: true, value: mac };
  return refuse('bad-argument', `"${clip(text)}" is no MAC address`, 'write it as 02:00:5e:11:22:33');
}

/** A MAC address in the one writing of answers. */
export function macTextArgument(text: string): Read<string> {
  const read = macArgument(text);
  return read.ok ? { ok: true, value: formatMac(read.value) } : read;
}

/** A filter over rows with these fields. */
export function filterArgument<Row>(text: string, fields: readonly FilterField<Row>[]): Read<RowFilter<Row>> {
  const read = compileFilter(text, fields);
  return read.ok ? { ok: true, value: read.filter } : refuseFilter(read.problem);
}

/** The refusal of a filter that cannot be read. */
export function refuseFilter({ column, what, hint }: FilterProblem): { readonly ok: false; readonly refusal: Refusal } {
  return refuse('bad-argument', `filter, column ${column}: ${clip(what)}`, hint);
}

/** An IP address, as the project writes it. */
export function addressArgument(text: string): Read<string> {
  const address = parseIp(text);
  if (address !== undefined) return { ok: true, value: formatIp(address) };
  return refuse('bad-argument', `"${clip(text)}" is no IP address`, 'write it as 198.51.100.7 or 2001:db8::7');
}

/** A whole number within bounds, both included. `name` is what the refusal calls it. */
export function integerArgument(name: string, text: string, least: number, most: number): Read<number> {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return { ok: true, value };
  return refuse('bad-argument', `${name} is "${clip(text)}"`, `use a number from ${least} to ${most}`);
}

/** What somebody wrote, short enough to be repeated, without control characters. */
export function clip(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return short.replace(/\p{Cc}/gu, '?');
}
