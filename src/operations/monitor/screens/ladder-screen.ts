import type { Ladder, LadderColumn, Rung } from '../../ladder/ladder.ts';
import { rungLabel, sinceText, titleOf } from '../../ladder/ladder-text.ts';
import type { RungKind } from '../../rung-kind.ts';
import { fitted, row, type ScreenRow, type Style } from './screen-row.ts';

/** What stands before a rung: the time of day, or since the first rung, or since the one before. */
export const timeModes = ['first', 'previous', 'absolute'] as const;
export type TimeMode = (typeof timeModes)[number];

export interface LadderContent {
  readonly ladder: Ladder;
  /** Place among the rungs. */
  readonly selected: number;
  readonly times: TimeMode;
}

const timeWidth = 13;
const columnWidthMin = 7;
const columnWidthMax = 16;
const longGapMs = 1000;

const styles: Readonly<Record<RungKind, Style>> = {
  message: 'plain',
  decision: 'decision',
  refusal: 'fault',
  timer: 'fault',
};

/** The parties with their addresses, then as many rungs as fit, with the one that is selected among them. */
export function ladderRows({ ladder, selected, times }: LadderContent, width: number, height: number): ScreenRow[] {
  const { columns, rungs } = ladder;
  // Half of the room is for what the rungs say.
  const columnWidth = Math.floor((width - timeWidth) / 2 / columns.length);
  const cells = Math.min(columnWidthMax, Math.max(columnWidthMin, columnWidth));
  const names = namesOf(columns);
  const heading = names.map((name) => centred(name, cells)).join('');
  const rows: ScreenRow[] = [
    row(fitted(legendOf(columns, names), width), 'faint'),
    row(fitted(`${' '.repeat(timeWidth)}${heading}`, width), 'faint'),
  ];
  const room = height - rows.length;
  const first = Math.max(0, Math.min(selected - Math.floor(room / 2), rungs.length - room));
  rungs.slice(first, first + room).forEach((rung, index) => {
    const line = fitted(
      `${fitted(timeOf(rung, times), timeWidth)}${drawn(rung, columns.length, cells)} ${rungLabel(rung)}`,
      width,
    );
    rows.push(row(line, first + index === selected ? 'selected' : styles[rung.kind]));
  });
  return rows;
}

/** `RG`, or `RG1` and `RG2` where there are two. */
function namesOf(columns: readonly LadderColumn[]): string[] {
  return columns.map(({ party }, index) => {
    const alike = columns.filter((other) => other.party === party);
    const place = columns.slice(0, index).filter((other) => other.party === party).length + 1;
    return `${titleOf(party)}${alike.length > 1 ? place : ''}`;
  });
}

function legendOf(columns: readonly LadderColumn[], names: readonly string[]): string {
  return columns.flatMap(({ address }, index) => (address === null ? [] : [`${names[index]} ${address}`])).join('  ');
}

function timeOf({ time, sinceFirstMs, sincePreviousMs }: Rung, times: TimeMode): string {
  const gap = sincePreviousMs >= longGapMs ? '!' : ' ';
  if (times === 'absolute') return `${time?.slice(11, 23) ?? ''}${gap}`;
  return `${sinceText(times === 'first' ? sinceFirstMs : sincePreviousMs)}${gap}`;
}

function centred(text: string, width: number): string {
  return fitted(`${' '.repeat(Math.max(0, Math.floor(width / 2) - Math.floor(text.length / 2)))}${text}`, width);
}

function drawn({ from, to }: Rung, columns: number, cells: number): string {
  const centre = (place: number): number => place * cells + Math.floor(cells / 2);
  const line = new Array<string>(columns * cells).fill(' ');
  for (let place = 0; place < columns; place += 1) line[centre(place)] = '│';
  if (from === to) {
    line[centre(from)] = '◆';
    return line.join('');
  }
  const step = from < to ? 1 : -1;
  for (let at = centre(from) + step; at !== centre(to); at += step) line[at] = line[at] === '│' ? '┼' : '─';
  line[centre(from)] = step > 0 ? '├' : '┤';
  line[centre(to) - step] = step > 0 ? '>' : '<';
  return line.join('');
}
