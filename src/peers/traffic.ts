import { type Instant, never } from '../kernel/instant.ts';
import { setU32, u32At } from '../wire/bytes/reader.ts';

/** One direction of measured traffic: which numbered packets were sent, and which arrived, when. */
export class PacketLedger {
  readonly #sentAt: Instant[] = [];
  readonly #arrivedAt: Instant[] = [];
  /** Arrivals of packets that had arrived before. */
  duplicates = 0;

  get sent(): number {
    return this.#sentAt.length;
  }

  /** Notes a packet as sent and returns its number, counted from 0. */
  send(now: Instant): number {
    this.#arrivedAt.push(never);
    return this.#sentAt.push(now) - 1;
  }

  /** Notes an arrival; numbers that were never sent are ignored. */
  arrive(number: number, now: Instant): void {
    if (number >= this.#sentAt.length) return;
    if (this.#arrivedAt[number] !== never) this.duplicates += 1;
    else this.#arrivedAt[number] = now;
  }

  /** Packets sent in [from, to] that have not arrived. */
  lost(from: Instant = Number.NEGATIVE_INFINITY, to: Instant = never): number {
    let lost = 0;
    for (let number = 0; number < this.#sentAt.length; number += 1) {
      const at = this.#sentAt[number]!;
      if (at >= from && at <= to && this.#arrivedAt[number] === never) lost += 1;
    }
    return lost;
  }

  get arrived(): number {
    return this.#sentAt.length - this.lost();
  }

  /**
   * The longest time without an arrival that overlaps [from, to], in milliseconds. While nothing is lost or delayed this is
   * about the interval between packets.
   */
  longestGap(from: Instant, to: Instant): number {
    const arrivals = this.#arrivedAt.filter((at) => at !== never).sort((left, right) => left - right);
    return longestPause(arrivals, from, to);
  }

  /** The longest time in which the sender itself sent nothing: no network can be blamed for that. */
  longestSenderPause(from: Instant, to: Instant): number {
    return longestPause(this.#sentAt, from, to);
  }
}

/** The longest time between moments, in ascending order, that overlaps [from, to]. */
function longestPause(moments: readonly Instant[], from: Instant, to: Instant): number {
  let longest = 0;
  let before: Instant | undefined;
  for (const at of [...moments, never]) {
    // The last moment before the window and the first one behind it bound pauses that reach into it.
    const end = Math.min(at, to);
    const start = before ?? from;
    if (end >= from && start <= to) longest = Math.max(longest, end - start);
    before = at;
  }
  return longest;
}

/** What tells a measured packet from any other, and the octets it has. */
const magic = 0x53614d4f;

/** Of a payload, unless told otherwise. */
export const measuredOctets = 64;

/** The payload of a measured packet. */
export function measuredPayload(number: number, octets = measuredOctets): Uint8Array {
  const payload = new Uint8Array(octets);
  setU32(payload, 0, magic);
  setU32(payload, 4, number);
  return payload;
}

/** The number of a measured packet, or undefined for any other payload. */
export function measuredNumber(payload: Uint8Array): number | undefined {
  return payload.length >= 8 && u32At(payload, 0) === magic ? u32At(payload, 4) : undefined;
}
