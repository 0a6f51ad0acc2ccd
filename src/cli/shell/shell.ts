import { createInterface, type Interface, type Key } from 'node:readline';
import { groupSummaries } from '../../operations/commands/table.ts';
import type { Health } from '../../operations/health.ts';
import { complete, helpLines } from '../../operations/shell/complete.ts';
import { promptOf } from '../../operations/shell/prompt.ts';
import { tokenize } from '../../operations/shell/tokens.ts';
import { clientOf, type SocketOption } from '../ask.ts';
import { CommandError } from '../exit-code.ts';
import { complain, printLines } from '../output.ts';
import { History } from './history.ts';
import { runLine, shellCommandTable } from './line-runner.ts';
import { liveValuesOf } from './live-values.ts';
import { page } from './pager.ts';

/** The prompt does not wait longer for the gateway. */
const promptPatienceMs = 500;

/** The interactive shell, until `exit` or the end of the input; returns the exit code. */
export async function runShell(options: SocketOption): Promise<number> {
  return new Shell(options).run();
}

class Shell {
  readonly #options: SocketOption;
  readonly #history = new History();
  readonly #terminal: Interface;
  readonly #live: ReturnType<typeof liveValuesOf>;
  #busy = false;
  #leave: () => void = () => {};

  constructor(options: SocketOption) {
    this.#options = options;
    this.#live = liveValuesOf(options);
    this.#terminal = createInterface({
      input: process.stdin,
      output: process.stdout,
      history: this.#history.lines.toReversed(),
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void this.#complete(line).then((result) => done(null, result));
      },
    });
  }

  async run(): Promise<number> {
    const terminal = this.#terminal;
    const ended = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    terminal.on('close', () => this.#leave());
    terminal.on('line', (line) => void this.#line(line));
    terminal.on('SIGINT', () => {
      // What the gateway has begun it finishes: only the line is given up.
      if (this.#busy) return;
      process.stdout.write('^C\n');
      terminal.write(null, { ctrl: true, name: 'e' });
      terminal.write(null, { ctrl: true, name: 'u' });
      void this.#ask();
    });
    process.stdin.on('keypress', (text: string | undefined, key: Key) => {
      if (text === '?' && !this.#busy) this.#explain(key);
    });
    await this.#ask();
    await ended;
    terminal.close();
    return 0;
  }

  async #line(line: string): Promise<void> {
    // What is typed ahead waits: answers are printed in order.
    this.#busy = true;
    this.#terminal.pause();
    this.#history.add(line);
    try {
      const { lines, leave } = await runLine(line, {
        ...this.#options,
        abbreviations: true,
        history: this.#history.lines,
        confirm: (question) => this.#confirm(question),
      });
      if (leave) return this.#leave();
      if (lines.length > 0) await page(this.#terminal, lines);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      complain(error.message);
    }
    this.#busy = false;
    await this.#ask();
  }

  async #ask(): Promise<void> {
    const client = clientOf(this.#options, promptPatienceMs);
    const answer = await client.health();
    this.#terminal.setPrompt(promptOf(answer.kind === 'data' ? (answer.data as Health) : undefined));
    this.#terminal.resume();
    this.#terminal.prompt(true);
  }

  #confirm(question: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#terminal.resume();
      this.#terminal.question(question, (reply) => resolve(/^y(es)?$/i.test(reply.trim())));
    });
  }

  async #complete(line: string): Promise<[string[], string]> {
    const { candidates, partial } = await complete(shellCommandTable, groupSummaries, line, this.#live);
    // A placeholder such as <ADDRESS> is for reading, not for typing.
    const texts = candidates.map(({ text }) => text).filter((text) => !text.startsWith('<'));
    return [texts.length === 1 ? [`${texts[0]} `] : texts, partial];
  }

  /** `?` tells what may come next, and leaves the line as it was; within quotes it is a character like others. */
  #explain(_key: Key): void {
    const terminal = this.#terminal;
    const before = terminal.line.slice(0, terminal.cursor);
    if (!before.endsWith('?') || tokenize(before.slice(0, -1)).openQuote) return;
    terminal.write(null, { name: 'backspace' });
    void complete(shellCommandTable, groupSummaries, before.slice(0, -1), this.#live).then((completion) => {
      process.stdout.write('\n');
      printLines(helpLines(completion));
      terminal.prompt(true);
    });
  }
}
