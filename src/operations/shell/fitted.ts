import { wrapped } from './wrapped.ts';

/** What stands where a line goes on. */
const cut = '…';
/** Columns that a last cell needs to be read below itself. */
const cellMin = 16;

/** Lines for a terminal, and whether any of them lost its end. */
export interface Fitted {
  readonly lines: readonly string[];
  readonly shortened: boolean;
}

/**
 * Lines as they fit between the edges of a terminal. A value and the last cell of a row go on below themselves, any other line is cut at
 * spaces; one whose last cells are beyond the edge, and one of a drawing, loses its end.
 */
export function fitted(lines: readonly string[], width: number): Fitted {
  let shortened = false;
  const fit = lines.flatMap((line) => {
    if (line.length <= width) return [line];
    const drawn = /[│├┤─◆]/u.test(line);
    // Cells, and a label and its value, are apart by two spaces at least.
    const lastGap = /^.*\S {2,}(?=\S)/.exec(line)?.[0] ?? '';
    if (!drawn && lastGap.length <= width - cellMin) return belowCell(line, lastGap.length, width);
    shortened = true;
    return [line.slice(0, width - cut.length) + cut];
  });
  return { lines: fit, shortened };
}

function belowCell(line: string, cellAt: number, width: number): string[] {
  if (cellAt === 0) return wrapped([line], width);
  const [first = '', ...others] = wrapped([line.slice(cellAt)], width - cellAt);
  return [line.slice(0, cellAt) + first, ...others.map((other) => ' '.repeat(cellAt) + other.trimStart())];
}
