import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import { onesComplementSum } from '../ipv4/checksum.ts';

/** GRE protocol types (EtherTypes), RFC 2784 section 2.4; 0x6558 is Transparent Ethernet Bridging (RFC 1701). */
export const greProtocol = { ipv4: 0x0800, ipv6: 0x86dd, transparentEthernet: 0x6558 } as const;

/**
 * A GRE header (RFC 2784, RFC 2890).
 *
 *     0                   1                   2                   3
 *     |C| |K|S|  Reserved0      | Ver |         Protocol Type         |
 *     |      Checksum (optional)      |      Reserved1 (optional)     |
 *     |                         Key (optional)                        |
 *     |                   Sequence Number (optional)                  |
 */
export interface GreHeader {
  readonly protocol: number;
  /** The 32-bit key, or undefined for a packet without one. Key 0 is a key. */
  readonly key: number | undefined;
  /** The sequence number, or undefined. It is read and never used: order is not restored. */
  readonly sequence: number | undefined;
  readonly headerLength: number;
}

const checksumPresent = 0x8000;
const keyPresent = 0x2000;
const sequencePresent = 0x1000;
/** RFC 2784 section 2.3: a receiver discards a packet with any of bits 1..5 set, unless it implements RFC 1701. */
const mustBeZero = 0x4c00;
const versionMask = 0x0007;

/** With checksum, key and sequence number. */
export const greHeaderLengthMax = 16;

/**
 * Reads the header at `offset`. Fails with `bad-version` for a version other than 0, `unsupported` for the routing or
 * strict-source-route bits of RFC 1701, `bad-checksum` where a checksum is present and wrong, `truncated` otherwise.
 */
export function decodeGre(bytes: Uint8Array, offset = 0, end = bytes.length): Decoded<GreHeader> {
  if (end - offset < 4) return failed('truncated', offset);
  const flags = u16At(bytes, offset);
  if ((flags & versionMask) !== 0) return failed('bad-version', offset + 1);
  if ((flags & mustBeZero) !== 0) return failed('unsupported', offset);
  const protocol = u16At(bytes, offset + 2);
  let at = offset + 4;
  if ((flags & checksumPresent) !== 0) at += 4;
  const keyAt = at;
  if ((flags & keyPresent) !== 0) at += 4;
  const sequenceAt = at;
  if ((flags & sequencePresent) !== 0) at += 4;
  if (at > end) return failed('truncated', end);
  if ((flags & checksumPresent) !== 0 && onesComplementSum(bytes, offset, end) !== 0xffff) {
    return failed('bad-checksum', offset + 4);
  }
  return decoded({
    protocol,
    key: (flags & keyPresent) !== 0 ? u32At(bytes, keyAt) : undefined,
    sequence: (flags & sequencePresent) !== 0 ? u32At(bytes, sequenceAt) : undefined,
    headerLength: at - offset,
  });
}

/**
 * The length of the header at `at`, or 0 if there is no acceptable one; `decodeGre` tells why. For the data path: it
 * makes no object.
 */
export function greHeaderLengthAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 4) return 0;
  const flags = u16At(bytes, at);
  if ((flags & (versionMask | mustBeZero)) !== 0) return 0;
  let length = 4;
  if ((flags & checksumPresent) !== 0) length += 4;
  if ((flags & keyPresent) !== 0) length += 4;
  if ((flags & sequencePresent) !== 0) length += 4;
  if (at + length > end) return 0;
  if ((flags & checksumPresent) !== 0 && onesComplementSum(bytes, at, end) !== 0xffff) return 0;
  return length;
}

/** The Protocol Type (RFC 2784 section 2.4) of the header at `at`: an EtherType. */
export function greProtocolAt(bytes: Uint8Array, at: number): number {
  return u16At(bytes, at + 2);
}

/** The key of an acceptable header, or undefined for a packet without one. */
export function greKeyAt(bytes: Uint8Array, at: number): number | undefined {
  const flags = u16At(bytes, at);
  if ((flags & keyPresent) === 0) return undefined;
  return u32At(bytes, at + ((flags & checksumPresent) !== 0 ? 8 : 4));
}

/** The length of the header that `writeGre` writes: 4 octets, or 8 with a key. */
export function greLength(key: number | undefined): number {
  return key === undefined ? 4 : 8;
}

/** Writes a header without checksum or sequence number at `offset` and returns its length. */
export function writeGre(bytes: Uint8Array, offset: number, protocol: number, key: number | undefined): number {
  setU16(bytes, offset, key === undefined ? 0 : keyPresent);
  setU16(bytes, offset + 2, protocol);
  if (key === undefined) return 4;
  setU32(bytes, offset + 4, key);
  return 8;
}

/** One line for logs and monitoring: `GRE 0x6558 key 0x00000007`. */
export function describeGre(header: GreHeader): string {
  const key = header.key === undefined ? '' : ` key 0x${header.key.toString(16).padStart(8, '0')}`;
  return `GRE 0x${header.protocol.toString(16).padStart(4, '0')}${key}`;
}
