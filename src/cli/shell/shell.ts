import { createInterface, type Interface, type Key } from 'node:readline';
import { groupSummaries } from '../../operations/commands/table.ts';
import type { Health } from '../../operations/health.ts';
import { type Completion, complete, helpLines } from '../../operations/shell/complete.ts';
import { readCommand } from '../../operations/shell/grammar.ts';
import { promptOf } from '../../operations/shell/prompt.ts';
import { tokenize } from '../../operations/shell/tokens.ts';
import { wrapped } from '../../operations/shell/wrapped.ts';
import { clientOf, type GatewayOptions } from '../ask.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { asRead, complain, printLines } from '../output.ts';
import { ConfigurationNotices } from './configuration-notices.ts';
import { ConfigureMode } from './configure-mode.ts';
import { History } from './history.ts';
import { runLine, type ShellCommand, shellCommandsFor } from './line-runner.ts';
import { liveValuesOf } from './live-values.ts';
import { page } from './pager.ts';
import { rolesAt } from './roles-at.ts';

/** The prompt does not wait longer for the gateway. */
const promptPatienceMs = 500;
/** Of a terminal that does not tell. */
const columnsDefault = 80;
/** How often it is seen whether a commit was taken back. */
const noticeMs = 3000;

/** The interactive shell, until `exit` or the end of the input; returns the exit code. */
/** @param configures begins in the mode of `configure` */
export async function runShell(options: GatewayOptions, configures = false): Promise<number> {
  return new Shell(options, configures).run();
}

class Shell {
  readonly #options: GatewayOptions;
  readonly #history = new History();
  readonly #terminal: Interface;
  readonly #live: ReturnType<typeof liveValuesOf>;
  readonly #typed: string[] = [];
  /** Those of whoever the gateway takes the operator for. */
  #commands: readonly ShellCommand[] = shellCommandsFor([]);
  #busy = false;
  #left = false;
  /** That of `configure`, while the shell is in it. */
  #mode: ConfigureMode | undefined;
  readonly #notices: ConfigurationNotices;
  /** Answers the question that is being asked. */
  #giveUp: (() => void) | undefined;

  constructor(options: GatewayOptions, configures: boolean) {
    this.#options = options;
    if (configures) this.#mode = new ConfigureMode();
    this.#notices = new ConfigurationNotices(options);
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
      terminal.on('close', () => {
        this.#left = true;
        resolve();
      });
    });
    terminal.on('line', (line) => {
      this.#typed.push(line);
      if (!this.#busy) void this.#work();
    });
    terminal.on('SIGINT', () => {
      process.stdout.write('^C\n');
      // What the gateway has begun it finishes: only a line is given up, or a question answered with no.
      if (this.#busy) return this.#giveUp?.();
      terminal.write(null, { ctrl: true, name: 'e' });
      terminal.write(null, { ctrl: true, name: 'u' });
      void this.#ask();
    });
    process.stdin.on('keypress', (text: string | undefined, key: Key) => {
      if (text === '?' && !this.#busy) this.#explain(key);
    });
    const watch = setInterval(() => void this.#notice(), noticeMs);
    await this.#notices.look();
    await this.#ask();
    await ended;
    clearInterval(watch);
    return exitCode.done;
  }

  /** What is typed or pasted ahead waits: one command after the other, and answers in order. */
  async #work(): Promise<void> {
    this.#busy = true;
    for (let line = this.#typed.shift(); line !== undefined && !this.#left; line = this.#typed.shift()) {
      this.#terminal.pause();
      await this.#line(line);
    }
    this.#busy = false;
    await this.#ask();
  }

  async #line(line: string): Promise<void> {
    this.#history.add(line);
    const text = this.#enter(line);
    if (text === undefined) return;
    try {
      const { lines, leave, paged } = await runLine(text, {
        ...this.#options,
        abbreviations: true,
        history: this.#history.lines,
        commands: this.#commands,
        confirm: (question, told) => {
          if (told.length > 0) printLines(asRead(told, false));
          return this.#confirm(question);
        },
      });
      if (leave) this.#terminal.close();
      if (lines.length > 0 && paged) await page(this.#terminal, lines);
      else if (lines.length > 0) printLines(lines);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      complain(wrapped(error.message.split('\n'), process.stdout.columns || columnsDefault).join('\n'));
    }
  }

  /** The line as it is to be carried out; undefined for one that only changes the mode. */
  #enter(line: string): string | undefined {
    if (this.#mode === undefined) {
      const read = readCommand(this.#commands, tokenize(line).parts.flat(), true, groupSummaries);
      if (!read.ok || read.path.join(' ') !== 'configure' || read.pending !== undefined) return line;
      this.#mode = new ConfigureMode();
      return undefined;
    }
    const read = this.#mode.read(line);
    if (read.kind === 'left') this.#mode = undefined;
    return read.kind === 'line' ? read.text : undefined;
  }

  /** What happened to the configuration meanwhile, above the line that is being typed. */
  async #notice(): Promise<void> {
    const lines = await this.#notices.look();
    if (lines.length === 0 || this.#left) return;
    process.stdout.write('\n');
    printLines(lines);
    if (!this.#busy) this.#terminal.prompt(true);
  }

  async #ask(): Promise<void> {
    const client = clientOf(this.#options, promptPatienceMs);
    const [answer, roles] = await Promise.all([client.health(), rolesAt(this.#options, promptPatienceMs)]);
    this.#commands = shellCommandsFor(roles);
    if (this.#left) return;
    const prompt = promptOf(answer.kind === 'data' ? (answer.data as Health) : undefined);
    this.#terminal.setPrompt(this.#mode === undefined ? prompt : prompt.replace(/> $/, ` ${this.#mode.prompt}# `));
    this.#terminal.resume();
    this.#terminal.prompt(true);
  }

  #confirm(question: string): Promise<boolean> {
    return new Promise((resolve) => {
      const asking = new AbortController();
      const decide = (yes: boolean): void => {
        this.#giveUp = undefined;
        resolve(yes);
      };
      this.#giveUp = () => {
        asking.abort();
        decide(false);
      };
      this.#terminal.resume();
      this.#terminal.question(question, { signal: asking.signal }, (reply) => decide(/^y(es)?$/i.test(reply.trim())));
    });
  }

  async #complete(line: string): Promise<[string[], string]> {
    const { candidates, partial } = await this.#completionOf(line);
    // A placeholder such as <ADDRESS> is for reading, not for typing.
    const texts = candidates.map(({ text }) => text).filter((text) => !text.startsWith('<'));
    return [texts.length === 1 ? [`${texts[0]} `] : texts, partial];
  }

  async #completionOf(line: string): Promise<Completion> {
    const found = await complete(this.#commands, groupSummaries, this.#mode?.within(line) ?? line, this.#live);
    return { ...found, candidates: [...found.candidates, ...(this.#mode?.ownWords(line) ?? [])] };
  }

  /** `?` tells what may come next, and leaves the line as it was; within quotes it is a character like others. */
  #explain(_key: Key): void {
    const terminal = this.#terminal;
    const before = terminal.line.slice(0, terminal.cursor);
    if (!before.endsWith('?') || tokenize(before.slice(0, -1)).openQuote) return;
    terminal.write(null, { name: 'backspace' });
    const typed = before.slice(0, -1);
    void this.#completionOf(typed).then((completion) => {
      process.stdout.write('\n');
      printLines(wrapped(helpLines(completion), process.stdout.columns || columnsDefault));
      terminal.prompt(true);
    });
  }
}
