import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { StartProblem } from '../start-error.ts';
import type { RouteChange } from './keeper-protocol.ts';

export interface RouteHookEvents {
  output(change: RouteChange, line: string): void;
  /** `failure`: it could not start, ended with another exit code than 0, or took too long and was ended. */
  ended(change: RouteChange, failure: string | undefined): void;
}

/** A run that takes longer is ended, with all that it has started. */
const defaultTimeLimitMs = 10_000;
/** What one run may write. */
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
  readonly #events: RouteHookEvents;
  readonly #timeLimitMs: number;
  #pending: RouteChange | undefined;
  #serving: Promise<void> | undefined;

  constructor(executable: string, events: RouteHookEvents, timeLimitMs: number = defaultTimeLimitMs) {
    this.#executable = executable;
    this.#events = events;
    this.#timeLimitMs = timeLimitMs;
  }

  changed(change: RouteChange): void {
    this.#pending = change;
    this.#serving ??= this.#serve();
  }

  /** Resolves when no run is under way or due. */
  async idle(): Promise<void> {
    await this.#serving;
  }

  async #serve(): Promise<void> {
    for (let change = this.#take(); change !== undefined; change = this.#take()) {
      this.#events.ended(change, await this.#run(change));
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
    lowerPriority(child);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup(child);
    }, this.#timeLimitMs);
    this.#readOutput(child, change);
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

  #readOutput(child: ChildProcess, change: RouteChange): void {
    let lines = 0;
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines += 1;
        const text = lines === linesMax ? 'more of its output is left out' : line.slice(0, lineCharactersMax);
        if (lines <= linesMax) this.#events.output(change, text);
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

/** It inherits the keeper's. */
function lowerPriority(child: ChildProcess): void {
  try {
    setPriority(child.pid!, 0);
  } catch {
    // It has not started, or has ended already.
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
