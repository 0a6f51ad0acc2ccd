import type { Ladder, Rung } from '../../operations/ladder/ladder.ts';
import { rungLabel } from '../../operations/ladder/ladder-text.ts';

/** A rung with its place in the drawing; all numbers are CSS pixels. */
export interface PlacedRung {
  readonly rung: Rung;
  readonly label: string;
  readonly y: number;
  readonly fromX: number;
  readonly toX: number;
  /** Where the label begins, and where it is anchored. */
  readonly labelX: number;
  readonly anchor: 'start' | 'middle';
}

export interface LadderLayout {
  readonly width: number;
  readonly height: number;
  /** The line of each party. */
  readonly columnX: readonly number[];
  readonly rungs: readonly PlacedRung[];
}

export const headerHeight = 48;
export const rowHeight = 34;
const timeWidth = 132;
/** Where the number of a step begins. */
export const stepX = 84;
const columnWidth = 210;
const margin = 16;
/** Of the font that labels are written in, on the safe side; decisions are bold. */
const letterWidth = 7.4;

/** Longer ones would run into what is beside them; what is in brackets are a message's options, which the timeline has. */
const labelMax = 52;

function shortLabel(rung: Rung): string {
  const label = rungLabel({ ...rung, text: rung.text.replace(/ \[.*\]$/, ''), step: null });
  return label.length <= labelMax ? label : `${label.slice(0, labelMax - 1)}…`;
}

/** Where everything of a ladder stands: a line for each party, below each other what happened. */
export function layOut({ columns, rungs }: Pick<Ladder, 'columns' | 'rungs'>): LadderLayout {
  const columnX = columns.map((_, index) => timeWidth + columnWidth * (index + 0.5));
  const placed = rungs.map((rung, index): PlacedRung => {
    const fromX = columnX[rung.from] ?? 0;
    const toX = columnX[rung.to] ?? 0;
    const inside = rung.from === rung.to;
    return {
      rung,
      label: shortLabel(rung),
      y: headerHeight + rowHeight * (index + 0.7),
      fromX,
      toX,
      labelX: inside ? fromX + 12 : (fromX + toX) / 2,
      anchor: inside ? 'start' : 'middle',
    };
  });
  const ends = placed.map(
    ({ labelX, anchor, label }) => labelX + label.length * letterWidth * (anchor === 'start' ? 1 : 0.5),
  );
  return {
    width: Math.ceil(Math.max(timeWidth + columnWidth * columns.length, ...ends) + margin),
    height: headerHeight + rowHeight * rungs.length + margin,
    columnX,
    rungs: placed,
  };
}
