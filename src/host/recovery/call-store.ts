import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WallClock } from '../../kernel/instant.ts';
import type { RecoveryBatch, RecoveryStore, StoredSession } from '../../sessmgr/recovery/recovery-store.ts';
import { now, wallClock } from '../clock.ts';
import { StartError } from '../start-error.ts';
import { failureOf } from './call-database.ts';
import type {
  FromStoreThread,
  RowsOf,
  SetAside,
  StoreContent,
  StoreFailure,
  StoreThreadData,
  StoreTrouble,
  ToStoreThread,
} from './store-messages.ts';

/** What an operator is to hear of a store in use. */
export type StoreNotice =
  /** Writing has begun to fail, or fails for another reason now. It is tried again until it succeeds. */
  | { readonly kind: 'failing'; readonly failure: StoreFailure }
  | { readonly kind: 'writing-again'; readonly failures: number; readonly lastedMs: number }
  | { readonly kind: 'set-aside'; readonly setAside: SetAside };

export interface CallStoreOptions {
  readonly directory: string;
  readonly chassisName: string;
  readonly notice: (notice: StoreNotice) => void;
  /** The store was set aside while it was in use: all that it had is to be written again. */
  readonly emptied: () => void;
}

export interface CallStoreStatistics {
  /** Batches that were taken and are not written yet. */
  readonly outstanding: number;
  readonly batchesWritten: number;
  readonly lastWrittenAt: WallClock | undefined;
  /** Attempts to write that failed, and to open the store again. */
  readonly failures: number;
  /** Why nothing is written at present; undefined if all is well. */
  readonly failing: StoreFailure | undefined;
}

/** A store that was opened, and what was in it. */
export interface OpenedStore {
  readonly store: CallStore;
  readonly content: StoreContent;
  readonly rows: readonly StoredSession[];
}

type StoreWork =
  | { readonly kind: 'write'; readonly batch: RecoveryBatch }
  | { readonly kind: 'read'; readonly of: RowsOf; done(rows: readonly StoredSession[]): void };

/** Batches taken before what has changed stays where it is. */
const outstandingMax = 16;
const retryFirstMs = 100;
const retryMaxMs = 10_000;
/** How long the end waits for a store that does not write. */
const closeLimitMs = 5000;

export const storeFileName = 'calls.sqlite';

const hints: Readonly<Record<StoreTrouble, string>> = {
  locked: 'another gateway uses it: stop that one, or give this one a directory of its own',
  full: 'make room on the disk',
  'read-only': 'let the user of the gateway write there',
  'io-error': 'see whether the directory is there and the disk is well',
  corrupt: 'remove the file; sessions of before are lost with it',
  later: 'start the release that wrote it; or move the file away, to begin without its sessions',
  foreign: 'remove the file, or give the gateway a directory of its own',
  fault: 'this is a bug of the gateway: leave `recovery` out of the configuration to start without it',
};

/**
 * The call recovery store in its thread: batches are written one after another, in the order in which they were given.
 * What cannot be written is kept and tried again; a store that turns out to be damaged is set aside and begun anew.
 */
export class CallStore implements RecoveryStore {
  readonly #options: CallStoreOptions;
  readonly #queue: StoreWork[] = [];
  /** Of what is being read. */
  #rows: StoredSession[] = [];
  #thread: Worker | undefined;
  #isOpen = false;
  #inFlight = false;
  #failing: { failure: StoreFailure; since: number; failures: number } | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #batchesWritten = 0;
  #lastWrittenAt: WallClock | undefined;
  #failures = 0;
  #closed: ((clean: boolean) => void) | undefined;

  private constructor(options: CallStoreOptions) {
    this.#options = options;
  }

  /**
   * Opens the store of a directory, or begins one, and reads all that is in it.
   *
   * @throws StartError if another process has it, or the disk does not let it be read or begun
   */
  static async open(options: CallStoreOptions): Promise<OpenedStore> {
    const { directory } = options;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw startErrorOf(directory, failureOf(error));
    }
    const store = new CallStore(options);
    const rows: StoredSession[] = [];
    const opened = await new Promise<StoreContent | StoreFailure>((resolve) => {
      store.#start({ rows: (some) => rows.push(...some), opened: resolve, failed: resolve });
    });
    if ('trouble' in opened) {
      await store.#dismiss();
      throw startErrorOf(join(directory, storeFileName), opened);
    }
    store.#thread?.unref();
    return { store, content: opened, rows };
  }

  get isReady(): boolean {
    return this.#queue.length < outstandingMax && this.#failing === undefined;
  }

  write(batch: RecoveryBatch): void {
    this.#queue.push({ kind: 'write', batch });
    this.#next();
  }

  /** Reads the sessions of one instance, as they are when everything that was given before is written. */
  read(of: RowsOf, done: (rows: readonly StoredSession[]) => void): void {
    this.#queue.push({ kind: 'read', of, done });
    this.#next();
  }

  /** Writes what it has, marks the end as one in good order and closes the file; false if that was not to be had in time. */
  async close(): Promise<boolean> {
    this.#thread?.ref();
    const clean = await new Promise<boolean>((resolve) => {
      const limit = setTimeout(() => resolve(false), closeLimitMs);
      this.#closed = (result) => {
        clearTimeout(limit);
        resolve(result);
      };
      clearTimeout(this.#retryTimer);
      this.#retry();
    });
    this.#closed = undefined;
    await this.#dismiss();
    return clean;
  }

  statistics(): CallStoreStatistics {
    return {
      outstanding: this.#queue.length,
      batchesWritten: this.#batchesWritten,
      lastWrittenAt: this.#lastWrittenAt,
      failures: this.#failures,
      failing: this.#failing?.failure,
    };
  }

  #start(on: {
    rows?: (rows: readonly StoredSession[]) => void;
    opened: (content: StoreContent) => void;
    failed: (failure: StoreFailure) => void;
  }): void {
    const { directory, chassisName } = this.#options;
    const workerData: StoreThreadData = { path: join(directory, storeFileName), chassisName };
    const thread = new Worker(new URL('./store-thread.ts', import.meta.url), { workerData, name: 'samog-store' });
    this.#thread = thread;
    this.#isOpen = false;
    // Its end may be told in one go with its last message, before whoever closes the store has heard of that.
    let isFinished = false;
    thread.on('message', (message: FromStoreThread) => {
      if (thread !== this.#thread) return;
      if (message.kind === 'rows') this.#isOpen ? this.#rows.push(...message.rows) : on.rows?.(message.rows);
      else if (message.kind === 'opened') {
        this.#isOpen = true;
        on.opened(message.content);
      } else if (message.kind === 'failed') this.#isOpen ? this.#failed(message.failure) : on.failed(message.failure);
      else if (message.kind === 'written') this.#written();
      else {
        isFinished = true;
        this.#closed?.(true);
      }
    });
    const ended = (text: string): void => {
      if (thread !== this.#thread || isFinished) return;
      this.#thread = undefined;
      const wasOpen = this.#isOpen;
      this.#isOpen = false;
      const failure: StoreFailure = { trouble: 'fault', text };
      if (wasOpen) this.#failed(failure);
      else on.failed(failure);
    };
    thread.on('error', (error) => ended(String(error)));
    thread.on('exit', (code) => ended(`the thread of the store ended with ${code}`));
  }

  #next(): void {
    if (this.#inFlight || !this.#isOpen || this.#retryTimer !== undefined) return;
    const work = this.#queue[0];
    if (work !== undefined) {
      this.#inFlight = true;
      this.#rows = [];
      this.#post(work.kind === 'write' ? work : { kind: 'read', of: work.of });
    } else if (this.#closed !== undefined) {
      this.#inFlight = true;
      this.#post({ kind: 'finish' });
    }
  }

  #post(message: ToStoreThread): void {
    this.#thread?.postMessage(message);
  }

  #written(): void {
    this.#inFlight = false;
    const rows = this.#rows;
    this.#rows = [];
    const work = this.#queue.shift()!;
    if (work.kind === 'write') {
      this.#batchesWritten += 1;
      this.#lastWrittenAt = wallClock();
    }
    const failing = this.#failing;
    if (failing !== undefined) {
      this.#failing = undefined;
      const lastedMs = now() - failing.since;
      this.#options.notice({ kind: 'writing-again', failures: failing.failures, lastedMs });
    }
    this.#next();
    if (work.kind === 'read') work.done(rows);
  }

  #failed(failure: StoreFailure): void {
    this.#inFlight = false;
    this.#failures += 1;
    const before = this.#failing;
    const failures = (before?.failures ?? 0) + 1;
    this.#failing = { failure, since: before?.since ?? now(), failures };
    if (before?.failure.trouble !== failure.trouble) this.#options.notice({ kind: 'failing', failure });
    // Whoever has the file open cannot set it aside: it is opened again.
    if (failure.trouble === 'corrupt' || failure.trouble === 'foreign') void this.#dismiss();
    const delayMs = Math.min(retryFirstMs * 2 ** (failures - 1), retryMaxMs);
    this.#retryTimer = setTimeout(() => this.#retry(), delayMs);
    this.#retryTimer.unref();
  }

  #retry(): void {
    this.#retryTimer = undefined;
    if (this.#thread !== undefined) return this.#next();
    this.#start({
      opened: ({ setAside }) => {
        this.#thread?.unref();
        if (setAside !== undefined) {
          const unread = this.#queue.splice(0).flatMap((work) => (work.kind === 'read' ? work : []));
          for (const { done } of unread) done([]);
          this.#options.notice({ kind: 'set-aside', setAside });
          this.#failing = undefined;
          this.#options.emptied();
        }
        this.#next();
      },
      failed: (failure) => this.#failed(failure),
    });
  }

  /** Lets go of the thread, whatever it is doing; the store's file is as after a crash then, or closed already. */
  async #dismiss(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    const thread = this.#thread;
    this.#thread = undefined;
    this.#isOpen = false;
    await thread?.terminate();
  }
}

function startErrorOf(path: string, { trouble, text }: StoreFailure): StartError {
  const what = `the call recovery store ${path} cannot be opened: ${text}`;
  return new StartError([{ path: 'recovery.directory', what, hint: hints[trouble] }]);
}
