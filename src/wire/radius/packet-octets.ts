import { OctetPool } from '../../kernel/octet-pool.ts';
import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { u16At, u32At } from '../bytes/reader.ts';
import type { Tlv, TlvCodec } from '../bytes/tlv.ts';
import { isAttributeAt } from './attributes.ts';

const headOctets = 20;
const packetOctetsMax = 4096;
const pool = new OctetPool();

/**
 * A RADIUS packet as the octets it came in. Its attributes are found where they are; a list of them is made only for
 * whoever asks for it. So it is read by those that pass nearly all of it on.
 */
export class RadiusOctets {
  /** Exactly those of the packet, padding left away. */
  readonly bytes: Uint8Array;
  #attributes: readonly Tlv[] | undefined;

  /** @param bytes a packet in right form: see `openRadius` */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The same packet in memory of its own. */
  copy(): RadiusOctets {
    return new RadiusOctets(pool.copyOf(this.bytes));
  }

  get code(): number {
    return this.bytes[0]!;
  }

  get identifier(): number {
    return this.bytes[1]!;
  }

  /** The 16 octets of its Authenticator, as a view. */
  get authenticator(): Uint8Array {
    return this.bytes.subarray(4, headOctets);
  }

  /** All attributes in order; made at the first call and kept. */
  get attributes(): readonly Tlv[] {
    this.#attributes ??= attributesIn(this.bytes);
    return this.#attributes;
  }

  /** Where the next attribute of a type begins, its type included; 0 if there is none. */
  placeOf(type: number, from = headOctets): number {
    const { bytes } = this;
    const { length } = bytes;
    for (let at = from; at < length; at += bytes[at + 1]!) if (bytes[at] === type) return at;
    return 0;
  }

  /** The data of the attribute at a place: a view. */
  dataAt(place: number): Uint8Array {
    return this.bytes.subarray(place + 2, place + this.bytes[place + 1]!);
  }

  /** The value of an attribute of 32 bits; undefined if there is none. */
  integer({ type }: TlvCodec<number>): number | undefined {
    const place = this.placeOf(type);
    return place === 0 ? undefined : u32At(this.bytes, place + 2);
  }

  /** As `find` of a list. */
  find<T>(codec: TlvCodec<T>): T | undefined {
    const place = this.placeOf(codec.type);
    return place === 0 ? undefined : codec.decode(this.dataAt(place));
  }
}

/** Reads a packet by the rules of `decodeRadius`, and makes nothing of its attributes. */
export function openRadius(bytes: Uint8Array): Decoded<RadiusOctets> {
  if (bytes.length < headOctets) return failed('truncated', bytes.length);
  const end = u16At(bytes, 2);
  if (end < headOctets) return failed('bad-length', 2);
  if (end > packetOctetsMax) return failed('oversized', 2);
  if (end > bytes.length) return failed('truncated', bytes.length);
  let at = headOctets;
  while (at < end) {
    if (at + 2 > end) return failed('truncated', at);
    const length = bytes[at + 1]!;
    if (length < 2) return failed('bad-length', at + 1);
    if (at + length > end) return failed('truncated', at);
    if (!isAttributeAt(bytes, at)) return failed('bad-value', at);
    at += length;
  }
  return decoded(new RadiusOctets(end === bytes.length ? bytes : bytes.subarray(0, end)));
}

function attributesIn(bytes: Uint8Array): readonly Tlv[] {
  const attributes: Tlv[] = [];
  for (let at = headOctets; at < bytes.length; at += bytes[at + 1]!) {
    attributes.push({ type: bytes[at]!, data: bytes.subarray(at + 2, at + bytes[at + 1]!) });
  }
  return attributes;
}
