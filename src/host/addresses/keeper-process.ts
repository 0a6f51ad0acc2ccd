import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromKeeper, KeeperPlan, ToKeeper } from './keeper-protocol.ts';

export interface KeeperEvents {
  heard(message: FromKeeper): void;
  /** It had ended, and another runs in its place, which has been told nothing yet. */
  replaced(): void;
  /** For the log. */
  ended(why: string): void;
}

const program = fileURLToPath(new URL('./keeper-main.ts', import.meta.url));
const startLimitMs = 15_000;
const endLimitMs = 2000;
const restartDelayMs = 500;
/** What is kept of the keeper's standard error, to say why it ended. */
const errorTextMax = 2000;

/** The gateway's end of its keeper (`keeper-main.ts`), which it starts, and starts again whenever it ends. */
export class KeeperProcess {
  readonly #plan: KeeperPlan;
  readonly #events: KeeperEvents;
  #child: ChildProcess | undefined;
  #unanswered = 0;
  #restarts = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #started = false;
  #stopping = false;

  constructor(plan: KeeperPlan, events: KeeperEvents) {
    this.#plan = plan;
    this.#events = events;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves when the keeper is ready. @throws Error if it cannot be started; then it is not tried again */
  async start(): Promise<void> {
    await this.#fork();
    this.#started = true;
  }

  tell(message: ToKeeper): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  /** A sign of life. A keeper that has left more of them unanswered than `unansweredMax` is replaced. */
  beat(unansweredMax: number): void {
    this.#unanswered += 1;
    if (this.#unanswered > unansweredMax) {
      this.#unanswered = 0;
      this.#child?.kill('SIGKILL');
    }
    this.tell({ kind: 'beat' });
  }

  /** Has it remove the addresses and end; resolves when it will not touch them again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (child === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.on('message', (message: FromKeeper) => (message.kind === 'done' ? resolve() : undefined));
    child.once('exit', () => resolve());
    const impatience = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
    this.tell({ kind: 'end' });
    await promise;
    clearTimeout(impatience);
    // It lives as long as the route hook that it runs; this process need not.
    if (child.connected) child.disconnect();
    child.stderr!.destroy();
    child.unref();
  }

  /** Resolves when it is ready; rejects if it ends before, or is not ready in time. */
  async #fork(): Promise<void> {
    const { NODE_OPTIONS: _, ...env } = process.env;
    // A session of its own: what the terminal sends to the gateway's group does not reach it.
    const child = fork(program, [JSON.stringify(this.#plan)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      cwd: '/',
      env,
      execArgv: [],
      detached: true,
    });
    this.#child = child;
    this.#unanswered = 0;
    const limit = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
    try {
      await this.#ready(child);
    } finally {
      clearTimeout(limit);
    }
  }

  #ready(child: ChildProcess): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let errors = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-errorTextMax);
    });
    child.on('message', (message: FromKeeper) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'beat') this.#unanswered = 0;
      else this.#events.heard(message);
    });
    const ended = (why: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      const reason = errors === '' ? why : `${why}: ${errors.trim()}`;
      reject(new Error(`the keeper of the service addresses does not run: ${reason}`));
      this.#replace(reason);
    };
    child.once('error', (error) => ended(error.message));
    child.once('exit', (code, signal) => ended(`it ended (${signal ?? code})`));
    return promise;
  }

  #replace(reason: string): void {
    if (this.#stopping || !this.#started) return;
    this.#restarts += 1;
    this.#events.ended(reason);
    this.#restartTimer = setTimeout(() => {
      // One that ends before it is ready is replaced by its end.
      this.#fork().then(this.#events.replaced, () => {});
    }, restartDelayMs);
  }
}
