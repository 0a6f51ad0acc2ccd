import type { DigestBucket } from '../../wire/srp/messages.ts';

/** Numbers kept for a bucket: the two words of its digest, and how many sessions are in it. */
const width = 3;

/**
 * Digests of a set of (call id, stamp) pairs, one per bucket of sessions (call id modulo the number of buckets). A
 * digest is a sum, so it depends on what is in the set and not on the order in which it came there, and each change
 * costs the same however many sessions there are. Both chassis keep one; buckets whose digests differ are sent whole.
 *
 * A digest has 64 bits in two independent words.
 */
export class BucketDigests {
  readonly buckets: number;
  readonly #words: Uint32Array;

  /** @param buckets the same number on both chassis */
  constructor(buckets: number) {
    this.buckets = buckets;
    this.#words = new Uint32Array(width * buckets);
  }

  bucketOf(callId: number): number {
    return callId % this.buckets;
  }

  add(callId: number, stamp: number): void {
    const at = width * (callId % this.buckets);
    this.#words[at]! += mixed(callId, stamp, 0x2545f491);
    this.#words[at + 1]! += mixed(callId, stamp, 0x6c8e9cf5);
    this.#words[at + 2]! += 1;
  }

  /** Takes out a pair that was added; taking out another one makes the digest wrong. */
  remove(callId: number, stamp: number): void {
    const at = width * (callId % this.buckets);
    this.#words[at]! -= mixed(callId, stamp, 0x2545f491);
    this.#words[at + 1]! -= mixed(callId, stamp, 0x6c8e9cf5);
    this.#words[at + 2]! -= 1;
  }

  /** The buckets that hold something: all others are as those of an empty table. */
  snapshot(): DigestBucket[] {
    const found: DigestBucket[] = [];
    for (let index = 0; index < this.buckets; index += 1) {
      const bucket = this.#at(index);
      if (bucket.count > 0) found.push(bucket);
    }
    return found;
  }

  /** Indexes of the buckets that differ from the other chassis's snapshot; indexes that do not exist here are passed over. */
  differing(others: readonly DigestBucket[]): number[] {
    const byIndex = new Map(others.map((other) => [other.index, other]));
    const found: number[] = [];
    for (let index = 0; index < this.buckets; index += 1) {
      const own = this.#at(index);
      const { high, low, count } = byIndex.get(index) ?? { high: 0, low: 0, count: 0 };
      if (own.high !== high || own.low !== low || own.count !== count) found.push(index);
    }
    return found;
  }

  clear(): void {
    this.#words.fill(0);
  }

  #at(index: number): DigestBucket {
    const at = width * index;
    return { index, high: this.#words[at]!, low: this.#words[at + 1]!, count: this.#words[at + 2]! };
  }
}

/**
 * The stamp of a session after a full checkpoint. Stamps have 32 bits, and stand for everything that a record holds.
 */
export function stampOfFull(revision: number): number {
  return revision >>> 0;
}

/**
 * The stamp after one more micro-checkpoint. It chains over all since the full checkpoint, and not only over the newest
 * revision: else one that was refused would be hidden by the next.
 */
export function stampAfterMicro(stamp: number, revision: number): number {
  return (Math.imul(stamp, 0x9e3779b1) + revision + 1) >>> 0;
}

/** A well spread 32-bit function of both values (the finaliser of MurmurHash3, A. Appleby, run over each). */
function mixed(callId: number, stamp: number, seed: number): number {
  return finalised(finalised(callId ^ seed) ^ stamp);
}

function finalised(value: number): number {
  value ^= value >>> 16;
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
