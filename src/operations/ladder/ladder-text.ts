import type { RungKind } from '../rung-kind.ts';
import { type CallFlowStep, callFlowTitles } from './call-flow-steps.ts';
import type { Ladder, LadderColumn, Rung } from './ladder.ts';

const marks: Readonly<Record<RungKind, string>> = { message: '', decision: '◆ ', refusal: '✗ ', timer: '⚠ ' };

const titles: Readonly<Record<string, string>> = {
  ...{ wlc: 'WLC', rg: 'RG', samog: 'SaMOG', aaa: 'AAA', lma: 'LMA' },
  ...{ standby: 'Standby', active: 'Active' },
};

/** A gap after which somebody may have waited. */
const longGapMs = 1000;

const timeWidth = 12;
/** A column is at least this wide, so that an IPv4 address fits, and as much wider as there is room. */
const columnWidthMin = 16;
const columnWidthMax = 24;

/** `WLC`, of `wlc`. */
export function titleOf(party: string): string {
  return titles[party] ?? party;
}

/** `WLC 192.0.2.7` */
export function columnTitle({ party, address }: LadderColumn): string {
  const title = titleOf(party);
  return address === null ? title : `${title} ${address}`;
}

/** `[1.04] DHCP DISCOVER (×3)`, with its step of a call flow if it is one, and the mark of what it is. */
export function rungLabel({ kind, text, times, step }: Rung): string {
  const number = step === null ? '' : `[${stepText(step)}] `;
  return `${number}${marks[kind]}${text}${times > 1 ? ` (×${times})` : ''}`;
}

/** `1.04` is step 04 of the first call flow. */
export function stepText({ table, number }: CallFlowStep): string {
  return `${table}.${String(number).padStart(2, '0')}`;
}

/** What the numbers in a ladder are steps of: a line for each call flow of which it has any. */
export function stepLegend(rungs: readonly Rung[]): string[] {
  const found = new Set(rungs.flatMap(({ step }) => (step === null ? [] : [step.table])));
  return [...found].map((table) => `[${table}.…] steps of ${callFlowTitles[table - 1]}`);
}

/** `+1.204` in seconds. */
export function sinceText(ms: number): string {
  return `+${(ms / 1000).toFixed(3)}`;
}

/**
 * A ladder as lines of text. Beyond the lines of the parties stands what each rung says; a line is never cut, for what is
 * wider than the screen can still be read in a file.
 *
 * @param width columns of the screen
 */
export function ladderLines({ columns, rungs }: Ladder, width = 80): string[] {
  if (rungs.length === 0) return [];
  const room = Math.floor((width - timeWidth) / (columns.length + 1));
  const columnWidth = Math.min(columnWidthMax, Math.max(columnWidthMin, room));
  const centre = (place: number): number => timeWidth + place * columnWidth + Math.floor(columnWidth / 2);
  const end = timeWidth + columns.length * columnWidth;
  const lines = headings(columns, columnWidth);
  for (const rung of rungs) {
    const cells = new Array<string>(end).fill(' ');
    for (const place of columns.keys()) cells[centre(place)] = '│';
    if (rung.from === rung.to) cells[centre(rung.from)] = '◆';
    else drawArrow(cells, centre(rung.from), centre(rung.to));
    const gap = rung.sincePreviousMs >= longGapMs ? '!' : ' ';
    const time = `${sinceText(rung.sinceFirstMs)}${gap}`;
    lines.push(`${time.padEnd(timeWidth)}${cells.slice(timeWidth).join('')}${rungLabel(rung)}`);
  }
  return lines;
}

function headings(columns: readonly LadderColumn[], columnWidth: number): string[] {
  const line = (of: (column: LadderColumn) => string): string =>
    (' '.repeat(timeWidth) + columns.map((column) => centred(of(column), columnWidth)).join('')).trimEnd();
  return [line(({ party }) => titleOf(party)), line(({ address }) => address ?? '')];
}

/** In the middle of a field; at the right of it a space stays, so that two never touch. */
function centred(text: string, width: number): string {
  const short = text.length < width ? text : `…${text.slice(text.length - width + 2)}`;
  const left = Math.max(0, Math.floor(width / 2) - Math.floor(short.length / 2));
  return (' '.repeat(left) + short).padEnd(width);
}

function drawArrow(cells: string[], from: number, to: number): void {
  const step = from < to ? 1 : -1;
  for (let at = from + step; at !== to; at += step) cells[at] = cells[at] === '│' ? '┼' : '─';
  cells[from] = step > 0 ? '├' : '┤';
  cells[to - step] = step > 0 ? '>' : '<';
}
