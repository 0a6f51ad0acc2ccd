import koffi, { type node } from 'koffi';

/** What koffi really passes to the callback: the libuv status (0, or a negative errno) and the events. */
type PollCallback = (status: number, events: { readonly readable: boolean; readonly writable: boolean }) => void;

/**
 * Waits for a file descriptor in Node's own event loop (libuv's uv_poll). It is level-triggered: the callback comes
 * once in every round of the loop for as long as the descriptor is ready. No thread is taken, so closing is
 * immediate and an idle socket costs nothing.
 *
 * The callback runs outside of Node's callback scope, where an exception cannot be caught and promises do not run: it
 * must only take note and leave the work to `setImmediate`.
 *
 * It must be closed before the descriptor is: a descriptor that libuv still waits for, given anew to another socket,
 * makes koffi 3.3 abort the process.
 */
export class Readiness {
  readonly #onReady: PollCallback;
  #handle: node.PollHandle | undefined;

  /** @param onReady `failed` tells that the descriptor is in error and is no longer waited for (see `restart`) */
  constructor(fd: number, onReady: (readable: boolean, writable: boolean, failed: boolean) => void) {
    this.#onReady = (status, events) => onReady(events.readable, events.writable, status < 0);
    this.#handle = koffi.node.poll(fd, { readable: true }, this.#onReady as never);
  }

  /** Waits for readability, and for room to send if `writable`. Also waits again after a failure. */
  restart(writable: boolean): void {
    this.#handle?.start({ readable: true, writable }, this.#onReady as never);
  }

  close(): void {
    this.#handle?.close();
    this.#handle = undefined;
  }
}
