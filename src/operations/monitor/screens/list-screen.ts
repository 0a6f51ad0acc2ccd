import { durationText } from '../../views/format.ts';
import type { MonitoredSubscriber } from '../../views/monitor.ts';
import { fitted, row, type ScreenRow, type Style } from './screen-row.ts';

export interface ListContent {
  readonly subscribers: readonly MonitoredSubscriber[];
  readonly selected: number;
  /** MAC addresses. */
  readonly marked: ReadonlySet<string>;
  /** Those that somebody has chosen; undefined for what fits. */
  readonly columns: readonly ListColumn[] | undefined;
}

interface ColumnKind {
  readonly title: string;
  readonly width: number;
  of(subscriber: MonitoredSubscriber): string | number | null;
}

/** The columns that there are before the last event, which has the rest. */
const kinds = {
  mac: { title: 'MAC', width: 18, of: ({ mac }) => mac },
  imsi: { title: 'IMSI', width: 7, of: ({ imsi }) => imsi },
  access: { title: 'Access', width: 20, of: ({ party, peer }) => (party === null ? null : `${party} ${peer}`) },
  from: { title: 'From', width: 16, of: ({ previousPeer }) => previousPeer },
  profile: { title: 'Profile', width: 12, of: ({ profile }) => profile },
  state: { title: 'State', width: 10, of: ({ state }) => state },
  moves: { title: 'Moves', width: 6, of: ({ moves }) => moves },
  msgs: { title: 'Msgs', width: 6, of: ({ messages }) => messages },
  faults: { title: 'Faults', width: 7, of: ({ faults }) => faults },
  age: {
    title: 'Age',
    width: 8,
    of: ({ last: { ageSeconds } }) => (ageSeconds === null ? null : durationText(ageSeconds)),
  },
} as const satisfies Readonly<Record<string, ColumnKind>>;
export type ListColumn = keyof typeof kinds;
export const listColumns = Object.keys(kinds) as readonly ListColumn[];

/** Before them stands what is selected and marked. */
const markWidth = 2;
/** Where somebody's choice is not known: on a narrow screen the last event is worth more than the IMSI. */
const narrowColumns: readonly ListColumn[] = ['mac', 'access', 'state', 'moves', 'msgs', 'age'];
const wideColumns: readonly ListColumn[] = ['mac', 'imsi', 'access', 'state', 'moves', 'msgs', 'age'];
const wideFrom = 100;

/** The columns of a list on a screen that is so many characters wide. */
export function columnsFor(width: number): readonly ListColumn[] {
  return width < wideFrom ? narrowColumns : wideColumns;
}

/** The columns of a line such as `mac imsi state`; the first word that is none, if there is one. */
export function readColumns(text: string): readonly ListColumn[] | { readonly unknown: string } {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  const unknown = words.find((word) => !Object.hasOwn(kinds, word));
  return unknown === undefined ? ([...new Set(words)] as ListColumn[]) : { unknown };
}

const styles: Readonly<Partial<Record<MonitoredSubscriber['state'], Style>>> = {
  denied: 'fault',
  handover: 'decision',
};

/** A heading and as many subscribers as fit, with the one that is selected among them. */
export function listRows(content: ListContent, width: number, height: number): ScreenRow[] {
  const { subscribers, selected, marked, columns = columnsFor(width) } = content;
  const heading = columns.map((name) => fitted(kinds[name].title, kinds[name].width)).join('');
  const said = 'Last decision or event';
  const rows: ScreenRow[] = [row(fitted(`${' '.repeat(markWidth)}${heading}${said}`, width), 'faint')];
  const room = height - 1;
  const first = Math.max(0, Math.min(selected - Math.floor(room / 2), subscribers.length - room));
  subscribers.slice(first, first + room).forEach((subscriber, index) => {
    const isSelected = first + index === selected;
    const mark = `${isSelected ? '▸' : ' '}${marked.has(subscriber.mac) ? '*' : ' '}`;
    const text = fitted(mark + textOf(subscriber, columns, width - markWidth), width);
    rows.push(row(text, isSelected ? 'selected' : (styles[subscriber.state] ?? 'plain')));
  });
  return rows;
}

function textOf(of: MonitoredSubscriber, columns: readonly ListColumn[], width: number): string {
  const cells = columns.map((name) => fitted(String(kinds[name].of(of) ?? '-'), kinds[name].width)).join('');
  // On a narrow screen the last event has what is left, however little.
  return cells + fitted((of.decision ?? of.last).text, Math.max(0, width - cells.length));
}
