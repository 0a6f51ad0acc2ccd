import { formatIp, formatMac, type MacAddress, parseIp, parseMac } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import {
  compileFilter,
  type FilterField,
  type FilterProblem,
  filterLengthMax,
  type RowFilter,
} from '../filter/filter.ts';
import { type Moment, type Refusal, refuse, type View, type ViewArguments } from './view.ts';

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

const unitSeconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** A duration in seconds, written `90`, `30s`, `5m`, `2h` or `1d`. */
export function durationArgument(name: string, text: string): Read<number> {
  const [, number, unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  if (number !== undefined) return { ok: true, value: Number(number) * unitSeconds[unit]! };
  return refuse('bad-argument', `${name} is "${clip(text)}"`, 'write 90 (seconds), 5m, 2h or 1d');
}

/** An instant: how long ago (`10m`), the last time that it was `02:58` or `02:58:41` in UTC, or a time in RFC 3339. */
export function sinceArgument(text: string, { now, wallClock }: Moment): Read<Instant> {
  const ago = durationArgument('since', text);
  if (ago.ok) return { ok: true, value: now - ago.value * 1000 };
  const time = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text)
    ? Date.parse(`${new Date(wallClock).toISOString().slice(0, 10)}T${text}Z`)
    : /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (Number.isNaN(time)) {
    return refuse(
      'bad-argument',
      `since is "${clip(text)}"`,
      'write 10m, 2h or 1d, or a time: 02:58 (UTC) or 2026-03-01T02:58:00Z',
    );
  }
  // Of a time of the day that which is over.
  const past = text.length <= 8 && time > wallClock ? time - 86_400_000 : time;
  return { ok: true, value: now - (wallClock - past) };
}

/** What somebody wrote, short enough to be repeated, without control characters. */
export function clip(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return short.replace(/\p{Cc}/gu, '?');
}
