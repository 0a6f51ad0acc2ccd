import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { detachSockets } from '../sockets/detach.ts';
import type { FromInstanceThread, InstanceThreadData, ToInstanceThread } from './thread-messages.ts';

export interface InstanceWorkerListener {
  came(message: FromInstanceThread): void;
  /** Told once, after everything that the thread has said. */
  ended(reason: string): void;
}

const octetsOfMebibyte = 1024 * 1024;

/** A thread that runs a session manager instance, from its start to its end. */
export class InstanceWorker {
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #ownSockets: readonly number[];

  constructor(data: InstanceThreadData, listener: InstanceWorkerListener) {
    const worker = new Worker(new URL('./instance-thread.ts', import.meta.url), {
      workerData: data,
      // Its sessions may need as much room as those of the whole process would.
      resourceLimits: { maxOldGenerationSizeMb: getHeapStatistics().heap_size_limit / octetsOfMebibyte },
    });
    this.#worker = worker;
    this.#ownSockets = data.bindings.flatMap(({ spec }) => (spec.sendsOnly === true ? [] : (spec.opened ?? [])));
    let reason: string | undefined;
    worker.on('message', (message: FromInstanceThread) => listener.came(message));
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    this.ended = new Promise((resolve) => {
      worker.on('exit', (code) => {
        listener.ended(reason ?? `it ended with code ${code}`);
        resolve();
      });
    });
  }

  post(message: ToInstanceThread): void {
    this.#worker.postMessage(message);
  }

  /** Ends it, whatever it is doing. One that still listens had better be told to end. */
  terminate(): void {
    detachSockets(this.#ownSockets);
    void this.#worker.terminate();
  }
}
