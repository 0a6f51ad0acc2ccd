import { SocketError } from './socket-driver.ts';

/** A socket that is not to be had at present. */
export interface MissingSocket<Wanted> {
  readonly wanted: Wanted;
  readonly error: SocketError;
}

const pauseMinMs = 100;
const pauseMaxMs = 10_000;

/** What may be over by itself: somebody else has the port, or the kernel has too little of something. */
const passing: ReadonlySet<string> = new Set([
  ...['EADDRINUSE', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ENETDOWN'],
]);

/** Whether whoever could not open a socket might be able to later. */
export function mayPass(error: unknown): error is SocketError {
  return error instanceof SocketError && passing.has(error.code);
}

/** Sockets that could not be opened: tries again after ever longer pauses, until all are open. */
export class LateSockets<Wanted> {
  readonly #open: (wanted: Wanted) => void | Promise<void>;
  readonly #told: (missing: readonly MissingSocket<Wanted>[]) => void;
  #missing: MissingSocket<Wanted>[] = [];
  #pauseMs = pauseMinMs;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /**
   * @param open opens one, or throws
   * @param told what is missing: called whenever that has changed, and never from `missed`
   */
  constructor(
    open: (wanted: Wanted) => void | Promise<void>,
    told: (missing: readonly MissingSocket<Wanted>[]) => void,
  ) {
    this.#open = open;
    this.#told = told;
  }

  /** @throws error if it will not be over by itself */
  missed(wanted: Wanted, error: unknown): void {
    if (!mayPass(error)) throw error;
    this.#missing.push({ wanted, error });
  }

  /** Tells what is missing, if anything is, and tries again from now on. */
  start(): void {
    if (this.#missing.length === 0) return;
    this.#told(this.#missing);
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = setTimeout(() => void this.#again(), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMaxMs);
  }

  async #again(): Promise<void> {
    const before = this.#missing;
    this.#missing = [];
    for (const { wanted, error } of before) {
      try {
        if (!this.#isStopped) await this.#open(wanted);
      } catch (again) {
        // Whatever it is by now: it was asked for, and may be had yet.
        this.#missing.push({ wanted, error: again instanceof SocketError ? again : error });
      }
    }
    if (this.#isStopped) return;
    if (textOf(this.#missing) !== textOf(before)) this.#told(this.#missing);
    if (this.#missing.length > 0) this.#arm();
  }
}

function textOf(missing: readonly MissingSocket<unknown>[]): string {
  return missing.map(({ error }) => error.message).join('; ');
}
