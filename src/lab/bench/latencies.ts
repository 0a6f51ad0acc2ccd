import type { Instant } from '../../kernel/instant.ts';

/** Latencies in milliseconds, kept one by one: percentiles are exact. Takes at most as many as it was made for. */
export class Latencies {
  readonly #samples: Float64Array;
  #count = 0;
  #sorted = false;

  constructor(samplesMax: number) {
    this.#samples = new Float64Array(samplesMax);
  }

  get count(): number {
    return this.#count;
  }

  add(milliseconds: Instant): void {
    if (this.#count < this.#samples.length) this.#samples[this.#count++] = milliseconds;
    this.#sorted = false;
  }

  clear(): void {
    this.#count = 0;
  }

  /** The latency that this share (0..1) of the samples does not exceed; 0 without samples. */
  percentile(share: number): number {
    if (this.#count === 0) return 0;
    const samples = this.#samples.subarray(0, this.#count);
    if (!this.#sorted) samples.sort();
    this.#sorted = true;
    return samples[Math.min(Math.max(Math.ceil(share * this.#count), 1), this.#count) - 1]!;
  }
}
