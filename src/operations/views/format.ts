import type { Instant } from '../../kernel/instant.ts';
import type { Moment } from './view.ts';

/** Columns are counted from 1, as in the seed. */
export interface Columns {
  /** Where the first label begins. */
  readonly label: number;
  /** Where the first value ends. */
  readonly valueEnd: number;
  readonly secondLabel: number;
  readonly secondValueEnd: number;
}

/** The columns of the seed's Handoff Statistics. */
export const handoffColumns: Columns = { label: 3, valueEnd: 28, secondLabel: 45, secondValueEnd: 70 };
/** Room for longer labels, on 80 columns. */
export const wideColumns: Columns = { label: 3, valueEnd: 40, secondLabel: 43, secondValueEnd: 80 };

/** `Label:` from a column on and its value up to another; a value too wide moves right, it is never cut. */
function cell(label: string, value: number | string, from: number, to: number): string {
  const head = `${label}:`;
  return head + String(value).padStart(Math.max(to - from + 1 - head.length, String(value).length + 1));
}

/** One or two labelled values on a line. */
export function pairLine(
  columns: Columns,
  left: readonly [string, number | string],
  right?: readonly [string, number | string],
): string {
  const first = ' '.repeat(columns.label - 1) + cell(left[0], left[1], columns.label, columns.valueEnd);
  if (right === undefined) return first;
  const gap = first.padEnd(Math.max(columns.secondLabel - 1, first.length + 1));
  return gap + cell(right[0], right[1], columns.secondLabel, columns.secondValueEnd);
}

/** Labelled values, two on a line. */
export function pairLines(columns: Columns, pairs: readonly (readonly [string, number | string])[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < pairs.length; index += 2) lines.push(pairLine(columns, pairs[index]!, pairs[index + 1]));
  return lines;
}

/** `Label:          value` lines, values in one column. */
export function fieldLines(
  fields: readonly (readonly [string, string | number | null])[],
  indent = 2,
  valueColumn = 38,
): string[] {
  const heads = fields.map(([label]) => `${' '.repeat(indent)}${label}:`);
  const width = Math.max(valueColumn - 1, ...heads.map(({ length }) => length + 1));
  return fields.map(([, value], index) => `${heads[index]!.padEnd(width)}${value ?? 'n/a'}`);
}

/** A number of things, in words: `1 session`, `2 sessions`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A table: a line of headings, then rows; numbers to the right. Cells are separated by two spaces. */
export function tableLines(
  headings: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string[] {
  const cells = [headings, ...rows.map((row) => row.map((value) => String(value ?? '-')))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const rightAligned = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] !== 'string'),
  );
  return cells.map((row) =>
    row
      .map((text, column) => (rightAligned[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

const acronyms: Readonly<Record<string, string>> = {
  aaa: 'AAA',
  lma: 'LMA',
  mag: 'MAG',
  mac: 'MAC',
  ue: 'UE',
  arp: 'ARP',
  gre: 'GRE',
  ttl: 'TTL',
  ipv4: 'IPv4',
  dhcp: 'DHCP',
  twan: 'TWAN',
  icmp: 'ICMP',
  mss: 'MSS',
  pmip: 'PMIP',
  pmipv6: 'PMIPv6',
  eogre: 'EoGRE',
  bri: 'BRI',
  bra: 'BRA',
  s2a: 'S2a',
  bgp: 'BGP',
  bfd: 'BFD',
  nack: 'NACK',
  coa: 'CoA',
  ack: 'ACK',
  nak: 'NAK',
};

/** "lmaTimeout" or "lma-timeout" as a label: "LMA timeout". */
export function labelOf(name: string): string {
  const words = camelCase(name)
    // An Error-Cause is a word of its own.
    .split(/(?=[A-Z]|\d{3})/)
    .map((word) => acronyms[word.toLowerCase()] ?? word.toLowerCase());
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "lma-timeout" as a key of JSON: "lmaTimeout". */
export function camelCase(name: string): string {
  return name.replace(/[-.]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Counts under the camelCase names of what they count, in the order given. */
export function countsOf<Name extends string>(
  names: readonly Name[],
  countOf: (name: Name) => number,
): Record<string, number> {
  return Object.fromEntries(names.map((name) => [camelCase(name), countOf(name)]));
}

/** An instant as RFC 3339 in UTC; null where there is none. */
export function timeOf(instant: Instant, { now, wallClock }: Moment): string | null {
  if (!Number.isFinite(instant)) return null;
  return new Date(Math.round(wallClock - (now - instant))).toISOString();
}

/** Whole seconds from an instant to now; null where there is none. */
export function ageSeconds(instant: Instant | undefined, { now }: Moment): number | null {
  return instant === undefined || !Number.isFinite(instant) ? null : Math.max(0, Math.floor((now - instant) / 1000));
}

/** Whole seconds that remain until an instant, 0 when it has passed; null where there is none. */
export function remainingSeconds(instant: Instant | undefined, { now }: Moment): number | null {
  return instant === undefined || !Number.isFinite(instant) ? null : Math.max(0, Math.ceil((instant - now) / 1000));
}

/** `4m 12s`, the two largest units. */
export function durationText(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return '0s';
  let rest = Math.floor(seconds);
  const parts: string[] = [];
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.join(' ');
}

/** `2026-03-01T10:00:00.000Z (4m 12s ago)` */
export function timeText(time: string | null, seconds: number | null): string | null {
  return time === null || seconds === null ? time : `${time} (${durationText(seconds)} ago)`;
}

/** `51m 3s`, or null. */
export function remainingText(seconds: number | null): string | null {
  return seconds === null ? null : durationText(seconds);
}

/** 32 bits as StarOS writes a call identifier: 8 hexadecimal digits. */
export function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
