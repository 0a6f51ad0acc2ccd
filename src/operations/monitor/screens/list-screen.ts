import { durationText } from '../../views/format.ts';
import type { MonitoredSubscriber } from '../../views/monitor.ts';
import { fitted, row, type ScreenRow, type Style } from './screen-row.ts';

export interface ListContent {
  readonly subscribers: readonly MonitoredSubscriber[];
  readonly selected: number;
  /** MAC addresses. */
  readonly marked: ReadonlySet<string>;
}

/** The columns before the last event, which has the rest: heading and width. */
const columns = [
  ['', 2],
  ['MAC', 18],
  ['Access', 20],
  ['State', 10],
  ['Moves', 6],
  ['Msgs', 6],
  ['Age', 8],
] as const;
const fixedWidth = columns.reduce((sum, [, width]) => sum + width, 0);

const styles: Readonly<Partial<Record<MonitoredSubscriber['state'], Style>>> = {
  denied: 'fault',
  handover: 'decision',
};

/** A heading and as many subscribers as fit, with the one that is selected among them. */
export function listRows({ subscribers, selected, marked }: ListContent, width: number, height: number): ScreenRow[] {
  const heading = columns.map(([title, size]) => fitted(title, size)).join('');
  const rows: ScreenRow[] = [row(fitted(`${heading}Last decision or event`, width), 'faint')];
  const room = height - 1;
  const first = Math.max(0, Math.min(selected - Math.floor(room / 2), subscribers.length - room));
  subscribers.slice(first, first + room).forEach((subscriber, index) => {
    const isSelected = first + index === selected;
    const text = fitted(textOf(subscriber, marked.has(subscriber.mac), isSelected, width), width);
    rows.push(row(text, isSelected ? 'selected' : (styles[subscriber.state] ?? 'plain')));
  });
  return rows;
}

function textOf(of: MonitoredSubscriber, isMarked: boolean, isSelected: boolean, width: number): string {
  const { mac, party, peer, state, moves, messages, last, decision } = of;
  const access = party === null ? '-' : `${party} ${peer}`;
  const said = (decision ?? last).text;
  const cells = [
    `${isSelected ? '▸' : ' '}${isMarked ? '*' : ' '}`,
    mac,
    access,
    state,
    String(moves),
    String(messages),
    last.ageSeconds === null ? '-' : durationText(last.ageSeconds),
  ];
  // On a narrow screen the last event has what is left, however little.
  return (
    cells.map((cell, index) => fitted(cell, columns[index]![1])).join('') +
    fitted(said, Math.max(0, width - fixedWidth))
  );
}
