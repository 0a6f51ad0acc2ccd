import type { Instant } from '../kernel/instant.ts';
import type { ForwardingEntry } from './entry.ts';
import type { Slot } from './flow-table.ts';

/** What a bucket holds at least, as a part of what its rate earns in a second. */
const burstSeconds = 0.1;
/** Below this many of the largest packets a bucket would let none, or every second one, pass. */
const burstPacketsMin = 2;

/** Columns of a slot: whose buckets they are, and of either direction the octets it holds and when it was filled last. */
const owner = 0;
const uplink = 1;
const downlink = 3;
const columns = 5;

/** Where in the columns the bucket of a direction is. */
export const policedDirection = { uplink, downlink } as const;
export type PolicedDirection = (typeof policedDirection)[keyof typeof policedDirection];

/**
 * Token buckets by octets, one for each direction of a session, as columns by its slot of the flow table: nothing is
 * allocated for a packet, and none of it exists before the first session with a limit. A bucket begins full, so that a
 * session that was taken over from elsewhere is not held back; a rate that changes neither fills nor empties it.
 */
export class Policers {
  readonly #burstOctetsMin: number;
  #buckets = new Float64Array(0);

  /** @param packetOctetsMax the largest packet of a UE that the links carry */
  constructor(packetOctetsMax: number) {
    this.#burstOctetsMin = burstPacketsMin * packetOctetsMax;
  }

  /**
   * Takes the octets of a packet out of the session's bucket; false, and nothing is taken, if it does not hold so many. A
   * `now` before the last one earns nothing.
   */
  take(
    slot: Slot,
    entry: ForwardingEntry,
    direction: PolicedDirection,
    octetsPerSecond: number,
    octets: number,
    now: Instant,
  ): boolean {
    const at = this.#of(slot, entry.sessionId);
    const tokensAt = at + direction;
    const filledAt = tokensAt + 1;
    const burst = octetsPerSecond === 0 ? 0 : Math.max(octetsPerSecond * burstSeconds, this.#burstOctetsMin);
    const elapsed = Math.max(0, now - this.#buckets[filledAt]!);
    const tokens = Math.min(burst, this.#buckets[tokensAt]! + (elapsed / 1000) * octetsPerSecond);
    this.#buckets[filledAt] = Math.max(now, this.#buckets[filledAt]!);
    const passes = octets <= tokens;
    this.#buckets[tokensAt] = passes ? tokens - octets : tokens;
    return passes;
  }

  /** Where the buckets of a session are; those of a session that had the slot before are not its own. */
  #of(slot: Slot, sessionId: number): number {
    const at = slot * columns;
    if (at >= this.#buckets.length) {
      const grown = new Float64Array(Math.max(at + columns, this.#buckets.length * 2));
      grown.fill(Number.NaN, this.#buckets.length);
      grown.set(this.#buckets);
      this.#buckets = grown;
    }
    if (this.#buckets[at + owner] !== sessionId) {
      this.#buckets[at + owner] = sessionId;
      for (const direction of [uplink, downlink]) {
        this.#buckets[at + direction] = Number.POSITIVE_INFINITY;
        this.#buckets[at + direction + 1] = 0;
      }
    }
    return at;
  }
}
