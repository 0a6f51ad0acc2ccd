import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const linesMax = 1000;

/** Where the shell keeps what was typed: `$SAMOG_HISTORY`, else a file of the user's state; empty means nowhere. */
function historyPath(): string {
  const named = process.env['SAMOG_HISTORY'];
  if (named !== undefined) return named;
  const state = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(state, 'samog', 'history');
}

/** Lines typed in this shell and in those before it. What cannot be kept is only not kept. */
export class History {
  /** Oldest first. */
  readonly lines: string[];
  readonly #path: string;

  constructor(path = historyPath()) {
    this.#path = path;
    this.lines = this.#read();
  }

  add(line: string): void {
    if (line.trim() === '' || line === this.lines.at(-1)) return;
    this.lines.push(line);
    this.#quietly(() => appendFileSync(this.#path, `${line}\n`, { mode: 0o600 }));
  }

  /** Makes the file ready, for its owner alone, and no longer than it may be. */
  #read(): string[] {
    const all = this.#quietly(() => readFileSync(this.#path, 'utf8').split('\n').filter(Boolean)) ?? [];
    const kept = all.slice(-linesMax);
    this.#quietly(() => {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      if (kept.length < all.length) writeFileSync(this.#path, `${kept.join('\n')}\n`, { mode: 0o600 });
      else appendFileSync(this.#path, '', { mode: 0o600 });
      chmodSync(this.#path, 0o600);
    });
    return kept;
  }

  #quietly<Result>(work: () => Result): Result | undefined {
    if (this.#path === '') return undefined;
    try {
      return work();
    } catch {
      return undefined;
    }
  }
}
