import type { Instant } from '../../kernel/instant.ts';

/** What was read at one moment: a value for each of `historySeries`, in their order. */
export interface HistorySample {
  readonly at: Instant;
  readonly values: Float64Array;
}

/** How often somebody has to add one, in milliseconds. */
export const sampleIntervalMs = 5000;
/** An hour of all samples. */
const fineMax = 720;
const coarseIntervalMs = 60_000;
/** A day and an hour of one a minute: now can be compared with the same hour of yesterday. */
const coarseMax = 1500;

/** The last samples, in a ring. */
class SampleRing {
  readonly #samples: HistorySample[] = [];
  readonly #most: number;
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#samples.length;
  }

  add(sample: HistorySample): void {
    this.#samples[this.#next] = sample;
    this.#next = (this.#next + 1) % this.#most;
  }

  /** Counted from the oldest. */
  at(index: number): HistorySample {
    return this.#samples[this.size < this.#most ? index : (this.#next + index) % this.#most]!;
  }

  /** The latest that is not after an instant; undefined if all are, or there is none. */
  notAfter(instant: Instant): HistorySample | undefined {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).at <= instant) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.at(low - 1);
  }
}

/**
 * How the gateway was in the last day: all samples of the last hour, and one a minute before that. It takes the room of
 * some 2,200 samples, and a sample costs what reading some counters costs.
 */
export class GatewayHistory {
  readonly #fine = new SampleRing(fineMax);
  readonly #coarse = new SampleRing(coarseMax);
  #lastCoarseAt = Number.NEGATIVE_INFINITY;

  add(sample: HistorySample): void {
    this.#fine.add(sample);
    if (sample.at - this.#lastCoarseAt < coarseIntervalMs) return;
    this.#lastCoarseAt = sample.at;
    this.#coarse.add(sample);
  }

  get latest(): HistorySample | undefined {
    return this.#fine.size === 0 ? undefined : this.#fine.at(this.#fine.size - 1);
  }

  get oldest(): HistorySample | undefined {
    return this.#coarse.size === 0 ? undefined : this.#coarse.at(0);
  }

  /** The latest sample that is not after an instant; undefined where nothing is remembered of it. */
  notAfter(instant: Instant): HistorySample | undefined {
    return this.#fine.notAfter(instant) ?? this.#coarse.notAfter(instant);
  }

  /**
   * Samples at even distances up to the latest, oldest first; fewer where the gateway has not run for so long.
   *
   * @param spanMs how far back
   * @param points how many there may be
   */
  spread(spanMs: number, points: number): HistorySample[] {
    const last = this.latest?.at;
    if (last === undefined) return [];
    const found: HistorySample[] = [];
    for (let back = points - 1; back >= 0; back -= 1) {
      const sample = this.notAfter(last - (back * spanMs) / Math.max(1, points - 1));
      if (sample !== undefined && sample !== found.at(-1)) found.push(sample);
    }
    return found;
  }
}
