import { constants } from 'node:os';
import { emitKeypressEvents, type Key as TerminalKey } from 'node:readline';
import type { Key } from '../../operations/monitor/screens/monitor-screen.ts';
import type { ScreenRow, Style } from '../../operations/monitor/screens/screen-row.ts';

const csi = '\u001b[';
const enter = `${csi}?1049h${csi}?25l${csi}2J`;
const leave = `${csi}?25h${csi}?1049l`;

/** SGR codes; without colours what is selected still shows. */
const codes: Readonly<Record<Style, readonly [coloured: string, plain: string]>> = {
  plain: ['', ''],
  bar: ['7', '7'],
  selected: ['1;7', '1;7'],
  faint: ['2', ''],
  fault: ['31', '1'],
  decision: ['36', ''],
};

/** Who hangs up or ends the program gets a terminal back that can be used; the exit code is that of the signal. */
const endings = ['SIGTERM', 'SIGHUP'] as const;
function ended(signal: (typeof endings)[number]): never {
  process.exit(128 + constants.signals[signal]);
}

/** A terminal that a program has to itself: rows that have changed are written, keys are told. */
export class TerminalScreen {
  readonly #colours = process.env['NO_COLOR'] === undefined;
  #shown: string[] = [];
  #restore: () => void = () => {};

  /**
   * Takes the terminal until `close`.
   *
   * @param pressed each key; `ctrl-c` for Ctrl-C
   * @param resized the terminal has another size: everything is to be written again
   */
  open(pressed: (key: Key) => void, resized: () => void): void {
    const { stdin, stdout } = process;
    const onKey = (text: string | undefined, key: TerminalKey): void => pressed(keyOf(text ?? '', key));
    const onResize = (): void => {
      this.#shown = [];
      resized();
    };
    emitKeypressEvents(stdin);
    stdin.setRawMode(true);
    stdin.on('keypress', onKey);
    stdin.resume();
    stdout.on('resize', onResize);
    stdout.write(enter);
    // A fault on the way must not leave the terminal without echo.
    const onExit = (): void => this.close();
    process.once('exit', onExit);
    for (const signal of endings) process.once(signal, ended);
    this.#restore = () => {
      process.off('exit', onExit);
      for (const signal of endings) process.off(signal, ended);
      stdin.off('keypress', onKey);
      stdout.off('resize', onResize);
      stdin.setRawMode(false);
      stdin.pause();
      stdout.write(leave);
    };
  }

  close(): void {
    this.#restore();
    this.#restore = () => {};
  }

  get width(): number {
    return process.stdout.columns || 80;
  }

  get height(): number {
    return process.stdout.rows || 24;
  }

  show(rows: readonly ScreenRow[]): void {
    const lines = rows.map((row) => this.#written(row));
    const changed = lines.flatMap((line, index) =>
      line === this.#shown[index] ? [] : [`${csi}${index + 1};1H${line}${csi}0m`],
    );
    this.#shown = lines;
    if (changed.length > 0) process.stdout.write(changed.join(''));
  }

  #written(row: ScreenRow): string {
    return row
      .map(({ text, style }) => {
        const code = codes[style][this.#colours ? 0 : 1];
        return code === '' ? text : `${csi}${code}m${text}${csi}0m`;
      })
      .join('');
  }
}

function keyOf(text: string, { name, ctrl, sequence }: TerminalKey): Key {
  if (ctrl === true) return { name: name === 'u' ? 'clear' : `ctrl-${name ?? ''}`, text: '' };
  const isText = text.length > 0 && !/\p{Cc}/u.test(text);
  const named = name === 'enter' ? 'return' : name;
  // Letters keep their case, and signs have no name.
  const known = named !== undefined && named.length > 1 ? named : text || sequence || '';
  return { name: known, text: isText ? text : '' };
}
