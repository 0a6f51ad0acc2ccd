/** Of a list whose rows are all of one height: those that are drawn, and the room of the others. Heights are CSS pixels. */
export interface RowWindow {
  readonly first: number;
  /** The one after the last. */
  readonly end: number;
  readonly before: number;
  readonly after: number;
}

/** Rows beyond the frame that are drawn, so that none is missed while it scrolls. */
const overscan = 10;

/** Which of `rows` rows are drawn when a frame of `frameHeight` pixels has been scrolled by `scrolled` pixels. */
export function windowOf(rows: number, rowHeight: number, scrolled: number, frameHeight: number): RowWindow {
  const first = Math.max(0, Math.min(rows, Math.floor(scrolled / rowHeight)) - overscan);
  const end = Math.min(rows, Math.ceil((scrolled + frameHeight) / rowHeight) + overscan);
  return { first, end, before: first * rowHeight, after: (rows - end) * rowHeight };
}
