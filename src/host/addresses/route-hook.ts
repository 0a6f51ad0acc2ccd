import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { StartProblem } from '../start-error.ts';

/** What a hook is told: `HOOK active|standby ROUTE-MODIFIER`. */
export interface RouteChange {
  readonly role: 'active' | 'standby';
  readonly routeModifier: number;
}

/** What became of the hook's runs, as plain data. Counts never fall. */
export interface RouteHookStatistics {
  readonly runs: number;
  /** Runs that could not start, ended with another exit code than 0, or were ended for taking too long. */
  readonly failures: number;
  /** Changes that no run was made for, because a newer one came before its turn. */
  readonly superseded: number;
  readonly running: boolean;
  /** The last run that has ended: why it failed, or undefined for one that succeeded. */
  readonly last: (RouteChange & { readonly failure: string | undefined }) | undefined;
}

export interface RouteHookOptions {
  readonly log?: Logger;
  /** A run that takes longer is ended, with all that it has started. 10 seconds unless told otherwise. */
  readonly timeLimitMs?: number;
}

const defaultTimeLimitMs = 10_000;
/** What one run may write to the log. */
const linesMax = 100;
const lineCharactersMax = 500;
/** A process that a hook leaves behind may hold its output open: it is not read any longer than this. */
const outputGraceMs = 200;

/**
 * Runs the operator's executable on each change of role: one run at a time and each to its end, of the changes that
 * came meanwhile the newest only. Nothing waits for it.
 */
export class RouteHook {
  readonly #executable: string;
  readonly #log: Logger | undefined;
  readonly #timeLimitMs: number;
  #pending: RouteChange | undefined;
  #serving: Promise<void> | undefined;
  #runs = 0;
  #failures = 0;
  #superseded = 0;
  #last: RouteHookStatistics['last'];

  constructor(executable: string, { log, timeLimitMs = defaultTimeLimitMs }: RouteHookOptions = {}) {
    this.#executable = executable;
    this.#log = log;
    this.#timeLimitMs = timeLimitMs;
  }

  changed(role: RouteChange['role'], routeModifier: number): void {
    if (this.#pending !== undefined) this.#superseded += 1;
    this.#pending = { role, routeModifier };
    this.#serving ??= this.#serve();
  }

  /** Resolves when no run is under way or due. */
  async idle(): Promise<void> {
    await this.#serving;
  }

  statistics(): RouteHookStatistics {
    return {
      runs: this.#runs,
      failures: this.#failures,
      superseded: this.#superseded,
      running: this.#serving !== undefined,
      last: this.#last,
    };
  }

  async #serve(): Promise<void> {
    // Starting a process copies the page tables of this one: the promotion goes first.
    await nextTurn();
    for (let change = this.#take(); change !== undefined; change = this.#take()) {
      this.#runs += 1;
      const failure = await this.#run(change);
      this.#last = { ...change, failure };
      if (failure === undefined) continue;
      this.#failures += 1;
      this.#log?.warn({ event: 'route-hook', ...change }, `the route hook ${this.#executable} failed: ${failure}`);
    }
    this.#serving = undefined;
  }

  #take(): RouteChange | undefined {
    const change = this.#pending;
    this.#pending = undefined;
    return change;
  }

  /** Runs it once; why it failed, or undefined. */
  async #run(change: RouteChange): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    // A process group of its own, so that it can be ended with all that it has started.
    const child = spawn(this.#executable, [change.role, String(change.routeModifier)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup(child);
    }, this.#timeLimitMs);
    this.#logOutput(child, change);
    child.once('error', (error) => resolve(error.message));
    child.once('exit', () => setTimeout(() => closeOutput(child), outputGraceMs));
    child.once('close', (code, signal) => {
      if (late) resolve(`it took longer than ${this.#timeLimitMs} ms and was ended`);
      else resolve(code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code}`}`);
    });
    const failure = await promise;
    clearTimeout(limit);
    return failure;
  }

  #logOutput(child: ChildProcess, change: RouteChange): void {
    let lines = 0;
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines += 1;
        const text = lines === linesMax ? 'more of its output is not logged' : line.slice(0, lineCharactersMax);
        if (lines <= linesMax) this.#log?.info({ event: 'route-hook', ...change }, text);
      });
    }
  }
}

/** A hook that cannot be run is told at the start, not when the role changes. */
export function routeHookProblems(executable: string): StartProblem[] {
  try {
    accessSync(executable, constants.X_OK);
    return [];
  } catch (error) {
    return [
      {
        path: 'service-redundancy-protocol.route-hook',
        what: error instanceof Error ? error.message : String(error),
        hint: 'name an executable file: a script needs its `#!` line and `chmod +x`',
      },
    ];
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

function closeOutput(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}
