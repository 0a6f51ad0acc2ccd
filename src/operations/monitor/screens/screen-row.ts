/** How a part of a row is told apart; colour is never the only sign. */
export type Style = 'plain' | 'bar' | 'selected' | 'faint' | 'fault' | 'decision';

export interface Segment {
  readonly text: string;
  readonly style: Style;
}

/** One row of a screen, from the left. */
export type ScreenRow = readonly Segment[];

/** A row in one style from end to end. */
export function row(text: string, style: Style = 'plain'): ScreenRow {
  return [{ text, style }];
}

/**
 * A text that fills just so many columns: cut with `…`, or filled with spaces. What peers have sent may be in it, so whatever a
 * terminal could take for a command, or show in more or less than one column, becomes `?`.
 */
export function fitted(text: string, width: number): string {
  if (width <= 0) return '';
  const cells = Array.from(text, (sign) => (isOneColumn(sign) ? sign : '?'));
  if (cells.length <= width) return cells.join('') + ' '.repeat(width - cells.length);
  return `${cells.slice(0, width - 1).join('')}…`;
}

/** Latin, Greek and Cyrillic letters, and our own signs and frames. */
function isOneColumn(sign: string): boolean {
  const point = sign.codePointAt(0)!;
  if (point < 0x7f) return point >= 0x20;
  if (point >= 0xa0 && point < 0x300) return point !== 0xad;
  return (point >= 0x370 && point < 0x483) || (point >= 0x2500 && point < 0x2580) || '◆✗⚠→…×▸Δ·'.includes(sign);
}
