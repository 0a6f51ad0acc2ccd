import { picksOf, type SessionType } from '../../sessmgr/instances/look.ts';
import { csvField } from '../shell/csv.ts';
import { clip } from '../views/arguments.ts';
import { type SoughtSubscriber, soughtSubscriberOf } from '../views/subscriber-filter.ts';
import { sessionTypeOf, soughtBy } from '../views/subscribers.ts';
import {
  type Moment,
  type Refusal,
  refuse,
  shown,
  type View,
  type ViewArguments,
  type ViewOption,
} from '../views/view.ts';
import { type ExportFormat, exportFormats } from './export-run.ts';

/** What a line may have of a subscriber, by its key in JSON. */
export const exportColumns = [
  'mac',
  'callId',
  'state',
  'accessType',
  'accessPeer',
  'profile',
  'address',
  'nai',
  'imsi',
  'apn',
  'lma',
  'moves',
  'ageSeconds',
] as const satisfies readonly (keyof SoughtSubscriber)[];
export type ExportColumn = (typeof exportColumns)[number];

/** Sessions that are looked at at a time. Some tenths of a millisecond. */
export const sliceSize = 200;

/** What is exported, and how. */
export interface ExportWish {
  readonly format: ExportFormat;
  readonly columns: readonly ExportColumn[];
  /** `access`, `profile` and `filter`, as `show subscribers` takes them. */
  readonly which: ViewArguments;
}

/** What of the sessions was looked at together. */
export interface ExportSlice {
  /** Whole lines with their ends. */
  readonly text: string;
  readonly looked: number;
  readonly rows: number;
  /** Null after the last session. */
  readonly nextCursor: string | null;
}

/** The query of an export. */
export const exportOptions: readonly ViewOption[] = [
  { name: 'format', value: 'FORMAT', description: 'CSV (RFC 4180) if left out', choices: exportFormats },
  {
    name: 'columns',
    value: 'NAMES',
    description: `separated by commas, of ${exportColumns.join(', ')}; all of them if left out`,
  },
  { name: 'access', value: 'TYPE', description: 'only subscribers attached so', choices: ['pmip', 'eogre', 'ip'] },
  { name: 'profile', value: 'NAME', description: 'only those whose access node is in this TWAN profile' },
  { name: 'filter', value: 'FILTER', description: 'only what it matches: the filter of show subscribers' },
];

/** Reads the query of an export; what it asks of sessions is judged with the first slice. */
export function exportWishOf(
  query: Readonly<Record<string, string>>,
): { readonly ok: true; readonly value: ExportWish } | { readonly ok: false; readonly refusal: Refusal } {
  const unknown = Object.keys(query).find((name) => !exportOptions.some((option) => option.name === name));
  if (unknown !== undefined) {
    const names = exportOptions.map(({ name }) => name).join(', ');
    return refuse('bad-argument', `"${clip(unknown)}" is not known here`, `there is ${names}`);
  }
  const { format = 'csv', columns: text, ...which } = query;
  const columns = text === undefined ? exportColumns : [...new Set(text.split(','))];
  const strange = columns.find((name) => !(exportColumns as readonly string[]).includes(name));
  if (strange !== undefined) {
    return refuse('bad-argument', `there is no column "${clip(strange)}"`, `there is ${exportColumns.join(', ')}`);
  }
  if (!(exportFormats as readonly string[]).includes(format)) {
    return refuse('bad-argument', `"${clip(format)}" is no format`, `use ${exportFormats.join(' or ')}`);
  }
  return {
    ok: true,
    value: { format: format as ExportFormat, columns: columns as readonly ExportColumn[], which },
  };
}

const rowEnd = '\r\n';

/** What comes before the first subscriber. */
export function exportHead({ format, columns }: ExportWish): string {
  return format === 'csv' ? columns.join(',') + rowEnd : '';
}

/**
 * A spreadsheet takes what begins so for a formula and carries it out, and identities are what a UE says: an apostrophe makes it text. In JSON
 * lines it is as it is.
 */
function asText(value: unknown): unknown {
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
}

/** A subscriber as a line of the file. */
function lineOf(row: SoughtSubscriber, { format, columns }: ExportWish): string {
  if (format === 'csv') return columns.map((name) => csvField(asText(row[name]))).join(',') + rowEnd;
  return `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]])))}\n`;
}

/**
 * The next of an export's sessions, by the same means as a page of `show subscribers`: the cost of one slice does not grow with
 * the number of sessions. To be asked for by `viewed`.
 *
 * @param cursor of the slice before; undefined for the first
 */
export function exportSlice(wish: ExportWish, cursor: string | undefined): View<ExportSlice> {
  return {
    words: ['export', 'subscribers'],
    summary: 'a part of all subscribers',
    role: 'view',
    options: exportOptions,
    wish: ({ access }) => ({ page: { cursor, limit: sliceSize, type: typeOf(access) } }),
    build({ manager, subscriberPages }, at: Moment, args) {
      const { access } = args;
      if (access !== undefined && typeOf(access) === undefined) {
        return refuse('bad-argument', `"${clip(access)}" is no access type`, 'use pmip, eogre or ip');
      }
      const sought = soughtBy(args, manager);
      if (!sought.ok) return sought;
      const found = subscriberPages.next(manager.registry, cursor, sliceSize, picksOf(typeOf(access)));
      if (found === undefined) {
        return refuse('refused', 'too many operators page through subscribers', 'export again');
      }
      const lines = found.sessions
        .map((session) => soughtSubscriberOf(session, manager, at))
        .filter((row) => sought.matches === undefined || sought.matches(row))
        .map((row) => lineOf(row, wish));
      return shown({
        text: lines.join(''),
        looked: found.sessions.length,
        rows: lines.length,
        nextCursor: found.nextCursor ?? null,
      });
    },
    render: ({ text }) => text.split('\n'),
  };
}

function typeOf(access: string | undefined): SessionType | undefined {
  return access === undefined ? undefined : sessionTypeOf(access);
}
