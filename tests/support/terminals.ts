import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface TerminalModes {
  readonly alternateScreen: boolean;
  readonly cursorShown: boolean;
  readonly echoes: boolean;
}

/** Terminals of a multiplexer (tmux) of their own. */
export class Terminals {
  readonly #name = `samog-test-${process.pid}`;
  /** Where the programs run. */
  readonly folder = mkdtempSync(join(tmpdir(), 'samog-monitor-'));
  #count = 0;

  /** Runs `samog …` at a terminal of this size; afterwards it says with what code that ended. */
  start(columns: number, rows: number, ...args: readonly string[]): string {
    this.#count += 1;
    const name = `t${this.#count}`;
    const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
    const shell = `cd ${this.folder}; ${command}; echo "ended with $?"; sleep 60`;
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-s', name, '-x', String(columns), '-y', String(rows), shell);
    return name;
  }

  press(terminal: string, ...keys: readonly string[]): void {
    for (const key of keys) this.#tmux('send-keys', '-t', terminal, key);
  }

  type(terminal: string, text: string): void {
    this.#tmux('send-keys', '-t', terminal, '-l', text);
  }

  seen(terminal: string): string {
    return this.#tmux('capture-pane', '-p', '-t', terminal);
  }

  /**
   * Waits until the terminal shows something. A program in a session of its own, as every one at a terminal is, may wait for half a minute
   * until it runs for the first time, if the processors are taken.
   */
  async until(terminal: string, pattern: RegExp): Promise<string> {
    let seen = '';
    for (let tries = 0; tries < 900; tries += 1) {
      seen = this.seen(terminal);
      if (pattern.test(seen)) return seen;
      await sleep(100);
    }
    throw new Error(`${terminal} never showed ${pattern}:\n${seen}`);
  }

  /** Whether a program has the screen, the cursor and the keys to itself. */
  modes(terminal: string): TerminalModes {
    const asked = '#{alternate_on} #{cursor_flag} #{pane_tty}';
    const [alternate, cursor, tty = ''] = this.#tmux('display-message', '-p', '-t', terminal, asked).trim().split(' ');
    const settings = execFileSync('stty', ['-F', tty, '-a'], { encoding: 'utf8' });
    return { alternateScreen: alternate === '1', cursorShown: cursor === '1', echoes: / echo\b/.test(settings) };
  }

  /** Signals the program that runs at the terminal, and not the shell that it was started from. */
  signal(terminal: string, signal: NodeJS.Signals): void {
    const shell = this.#tmux('display-message', '-p', '-t', terminal, '#{pane_pid}').trim();
    const [child] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').split(' ');
    process.kill(Number(child), signal);
  }

  stop(): void {
    spawnSync('tmux', ['-L', this.#name, 'kill-server']);
    rmSync(this.folder, { recursive: true });
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#name, ...args], { encoding: 'utf8' });
  }
}
