import type { Interface, Key } from 'node:readline';
import { printLines } from '../output.ts';

const more = '--More--';

/**
 * Prints lines a screenful at a time: space goes on by a screenful, Enter by a line, `q` or Ctrl-C ends it, any other key
 * goes on to the end. Where they all fit they are only printed.
 */
export async function page(terminal: Interface, lines: readonly string[]): Promise<void> {
  const height = Math.max(2, (process.stdout.rows ?? 24) - 1);
  const width = process.stdout.columns ?? 80;
  const heightOf = (line: string): number => Math.max(1, Math.ceil(line.length / width));
  let index = 0;
  let room = height;
  while (index < lines.length) {
    const screenful: string[] = [];
    for (let used = 0; index < lines.length; index += 1) {
      used += heightOf(lines[index]!);
      if (used > room && screenful.length > 0) break;
      screenful.push(lines[index]!);
    }
    printLines(screenful);
    if (index >= lines.length) return;
    const key = await keyAfter(terminal, `${more} (${Math.floor((100 * index) / lines.length)}%)`);
    if (key === 'stop') return;
    room = key === 'line' ? 1 : key === 'screen' ? height : Number.POSITIVE_INFINITY;
  }
}

type Step = 'line' | 'screen' | 'end' | 'stop';

function stepOf({ name, sequence, ctrl }: Key): Step {
  if (name === 'q' || (ctrl === true && name === 'c') || (ctrl === true && name === 'd')) return 'stop';
  if (name === 'return' || name === 'enter' || name === 'down') return 'line';
  return sequence === ' ' || name === 'pagedown' ? 'screen' : 'end';
}

/** The next key, which the line editor does not get. */
function keyAfter(terminal: Interface, notice: string): Promise<Step> {
  return new Promise((resolve) => {
    process.stdout.write(notice);
    // The line editor is one of the listeners of the terminal: while a page waits it must not take its keys as a line.
    const editors = process.stdin.listeners('keypress') as ((...args: unknown[]) => void)[];
    process.stdin.removeAllListeners('keypress');
    process.stdin.once('keypress', (_text: string | undefined, key: Key) => {
      for (const editor of editors) process.stdin.on('keypress', editor);
      process.stdout.write(`\r${' '.repeat(notice.length)}\r`);
      terminal.pause();
      resolve(stepOf(key));
    });
    terminal.resume();
  });
}
