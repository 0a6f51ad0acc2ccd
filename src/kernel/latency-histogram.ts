/** Buckets for each doubling: a percentile is at most an eighth of a doubling, 9 %, too high. */
const perDoubling = 8;
const shortestMs = 2 ** -6;
/** From 1/64 ms to 2^17 ms, two minutes; what is shorter or longer counts as the first or last. */
const buckets = perDoubling * 23 + 1;

/** How long something took, again and again: counted by duration, in buckets that widen with it. Nothing is allocated. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(buckets);

  /** Counts a duration; 0 and less count as the shortest. */
  add(milliseconds: number): void {
    const bucket = Math.ceil(Math.log2(milliseconds / shortestMs) * perDoubling);
    this.#counts[bucket > 0 ? Math.min(bucket, buckets - 1) : 0]! += 1;
  }

  /** The counts now, for `LatencyCounts`. */
  counts(): LatencyCounts {
    return new LatencyCounts(this.#counts.slice());
  }
}

/** What a histogram held at one moment, or between two. */
export class LatencyCounts {
  readonly #counts: Float64Array;
  /** How many durations there were. */
  readonly total: number;

  constructor(counts: Float64Array) {
    this.#counts = counts;
    this.total = counts.reduce((sum, count) => sum + count, 0);
  }

  /** As it can be made of again. */
  values(): Float64Array {
    return this.#counts.slice();
  }

  /** What came since an earlier moment of the same histogram. */
  since(earlier: LatencyCounts): LatencyCounts {
    return new LatencyCounts(this.#counts.map((count, bucket) => count - earlier.#counts[bucket]!));
  }

  /** What another histogram held beside. */
  and(other: LatencyCounts): LatencyCounts {
    return new LatencyCounts(this.#counts.map((count, bucket) => count + other.#counts[bucket]!));
  }

  /** The upper bound in milliseconds of the bucket that this share (0..1) of the durations does not exceed; 0 without any. */
  percentileMs(share: number): number {
    if (this.total === 0) return 0;
    const wanted = Math.max(Math.ceil(share * this.total), 1);
    let seen = 0;
    const bucket = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= wanted;
    });
    return shortestMs * 2 ** (bucket / perDoubling);
  }
}

/** What several histograms held together. */
export function mergedCounts(all: readonly LatencyCounts[]): LatencyCounts {
  return all.reduce((sum, counts) => sum.and(counts));
}
