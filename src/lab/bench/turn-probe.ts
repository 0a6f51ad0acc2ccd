/**
 * How long the turns of this process's event loop take: it looks in between any two of them. That keeps the processor
 * busy, so that it is for measuring alone, but a stall of a tenth of a millisecond is seen and none is rounded.
 */
export class TurnProbe {
  #pending: NodeJS.Immediate | undefined;
  #lastMs = 0;
  #worstMs = 0;

  start(): void {
    this.#worstMs = 0;
    this.#lastMs = performance.now();
    this.#look();
  }

  /** Ends the look; the longest turn since `start`, in milliseconds. */
  stop(): number {
    if (this.#pending !== undefined) clearImmediate(this.#pending);
    this.#pending = undefined;
    return this.#worstMs;
  }

  #look(): void {
    this.#pending = setImmediate(() => {
      const at = performance.now();
      this.#worstMs = Math.max(this.#worstMs, at - this.#lastMs);
      this.#lastMs = at;
      this.#look();
    });
  }
}
