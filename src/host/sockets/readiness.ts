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
  readonly #fd: number;
  readonly #readable: boolean;
  readonly #onReady: PollCallback;
  #handle: node.PollHandle | undefined;
  #isClosed = false;

  /**
   * @param readable whether it is waited for what can be read
   * @param onReady `failed` tells that the descriptor is in error and is no longer waited for (see `restart`)
   */
  constructor(fd: number, readable: boolean, onReady: (readable: boolean, writable: boolean, failed: boolean) => void) {
    this.#fd = fd;
    this.#readable = readable;
    this.#onReady = (status, events) => onReady(events.readable, events.writable, status < 0);
    this.restart(false);
  }

  /** Waits for what the descriptor is waited for, and for room to send if `writable`. Also waits again after a failure. */
  restart(writable: boolean): void {
    if (this.#isClosed) return;
    if (!this.#readable && !writable) return this.#end();
    const events = { readable: this.#readable, writable };
    if (this.#handle === undefined) this.#handle = koffi.node.poll(this.#fd, events, this.#onReady as never);
    else this.#handle.start(events, this.#onReady as never);
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  #end(): void {
    this.#handle?.close();
    this.#handle = undefined;
  }
}
