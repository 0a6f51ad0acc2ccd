import type { RandomSource } from './context.ts';

/**
 * A seeded generator (xorshift128 after Marsaglia, 2003) for simulation and load: the same seed gives the same run.
 * Never for keys or authenticators of a gateway on a real network.
 */
export class SeededRandom implements RandomSource {
  #x: number;
  #y = 362436069;
  #z = 521288629;
  #w = 88675123;

  /** @param seed 32 bits */
  constructor(seed: number) {
    this.#x = (seed ^ 0x9e3779b9) >>> 0 || 1;
    for (let index = 0; index < 16; index += 1) this.u32();
  }

  /** 0 to 2^32 - 1. */
  u32(): number {
    const t = this.#x ^ (this.#x << 11);
    this.#x = this.#y;
    this.#y = this.#z;
    this.#z = this.#w;
    this.#w = (this.#w ^ (this.#w >>> 19) ^ (t ^ (t >>> 8))) >>> 0;
    return this.#w;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) bytes[index] = this.u32() >>> 24;
    return bytes;
  }

  /** A uniform integer in [0, bound). */
  below(bound: number): number {
    return this.u32() % bound;
  }

  /** True with the given probability (0..1). */
  chance(probability: number): boolean {
    return this.u32() / 0x100000000 < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}
