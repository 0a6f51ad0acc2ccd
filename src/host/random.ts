import { randomFillSync } from 'node:crypto';
import type { RandomSource } from '../kernel/context.ts';

const poolOctets = 4096;

/** Cryptographic random numbers, drawn 4096 octets at a time: a draw costs about the same for 4 octets as for the pool. */
export function hostRandom(): RandomSource {
  const pool = new Uint8Array(poolOctets);
  const view = new DataView(pool.buffer);
  let used = poolOctets;

  /** Reserves octets of the pool that no one has been given, and returns where they begin. */
  function take(octets: number): number {
    if (used + octets > poolOctets) {
      randomFillSync(pool);
      used = 0;
    }
    used += octets;
    return used - octets;
  }

  return {
    u32: () => view.getUint32(take(4)),
    bytes(length) {
      if (length > poolOctets) return randomFillSync(new Uint8Array(length));
      const at = take(length);
      const bytes = pool.slice(at, at + length);
      // What has been handed out may be a key or an authenticator: no second copy stays in the pool.
      pool.fill(0, at, at + length);
      return bytes;
    },
  };
}
