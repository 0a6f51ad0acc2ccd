import { OctetPool } from '../../kernel/octet-pool.ts';
import { setU32 } from '../bytes/reader.ts';
import type { Tlv } from '../bytes/tlv.ts';
import type { RadiusOctets } from './packet-octets.ts';

const headOctets = 20;
/** Of what is written, as much may not fit: all of one packet, and what is put before and behind it. */
const roomOctets = 2 * 4096;
/** Copying fewer one by one is cheaper than a call of the platform. */
const shortOctets = 32;

const pool = new OctetPool();

/**
 * Writes the attributes of one packet after the other, as octets, in the same memory: begins with `begin` and ends with `end`.
 * Holds all attributes of a packet, and another 4096 octets.
 */
export class AttributeWriter {
  readonly #octets = new Uint8Array(roomOctets);
  #end = 0;

  /** Forgets the attributes of the packet before. */
  begin(): void {
    this.#end = 0;
  }

  /** What has been written since `begin`. */
  end(): Uint8Array {
    return pool.copyOf(this.#octets.subarray(0, this.#end));
  }

  u32(type: number, value: number): void {
    this.#octets[this.#end] = type;
    this.#octets[this.#end + 1] = 6;
    setU32(this.#octets, this.#end + 2, value);
    this.#end += 6;
  }

  /** @param data at most 253 octets */
  put({ type, data }: Tlv): void {
    this.#octets[this.#end] = type;
    this.#octets[this.#end + 1] = 2 + data.length;
    this.#end += 2;
    this.#copy(data, 0, data.length);
  }

  /** Attributes as octets. */
  copy(encoded: Uint8Array): void {
    this.#copy(encoded, 0, encoded.length);
  }

  /** The attributes of a packet in order, but those left out. @param isLeftOut by type */
  copyOthers({ bytes }: RadiusOctets, isLeftOut: readonly boolean[]): void {
    let from = headOctets;
    let at = headOctets;
    while (at < bytes.length) {
      const next = at + bytes[at + 1]!;
      if (isLeftOut[bytes[at]!]) {
        this.#copy(bytes, from, at);
        from = next;
      }
      at = next;
    }
    this.#copy(bytes, from, at);
  }

  /** The attributes of a packet that are of one type, in order. */
  copyAll(packet: RadiusOctets, type: number): void {
    const { bytes } = packet;
    for (let at = packet.placeOf(type); at > 0; at = packet.placeOf(type, at + bytes[at + 1]!)) {
      this.#copy(bytes, at, at + bytes[at + 1]!);
    }
  }

  #copy(bytes: Uint8Array, from: number, to: number): void {
    if (to - from > shortOctets) this.#octets.set(bytes.subarray(from, to), this.#end);
    else for (let at = from; at < to; at += 1) this.#octets[this.#end + at - from] = bytes[at]!;
    this.#end += to - from;
  }
}

/** A list by type: true for those. */
export function typesOf(types: readonly { readonly type: number }[]): readonly boolean[] {
  return Array.from({ length: 256 }, (_, type) => types.some((one) => one.type === type));
}
