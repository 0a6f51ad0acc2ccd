import { writeSync } from 'node:fs';
import { fitted } from '../operations/shell/fitted.ts';

/** Of a terminal that does not tell. */
const columnsDefault = 80;

/** To standard output, a line each. */
export function printLines(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** How wide lines may be where somebody reads them at a terminal; undefined elsewhere, where they are as long as they are. */
export function widthOfTerminal(): number | undefined {
  return process.stdout.isTTY === true ? process.stdout.columns || columnsDefault : undefined;
}

/** Lines for whoever reads them: at a terminal as they fit, with a word of what they lost there. */
export function asRead(lines: readonly string[], wide: boolean): readonly string[] {
  const width = widthOfTerminal();
  if (width === undefined || wide) return lines;
  const { lines: fit, shortened } = fitted(lines, width);
  return shortened ? [...fit, '(… is cut at the edge of the terminal: wide shows whole lines)'] : fit;
}

/** To standard output, indented, for people and for programs that read JSON. */
export function printJson(data: unknown): void {
  process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
}

/** Tells on standard error, at once: the process may be about to end. */
export function complain(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody reads it.
  }
}

/** Ends the process quietly when whoever read its output has gone (`| head`). */
export function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
