import { type Ipv4Address, ipv4Of } from '../../kernel/address.ts';
import { type Decoded, type DecodeReason, decoded, failed } from '../bytes/decoded.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import { checksumOf, onesComplementSum, updatedChecksum } from './checksum.ts';

/** Where the fields of an IPv4 header (RFC 791 section 3.1) are. */
export const ipv4Offset = {
  versionAndLength: 0,
  tos: 1,
  totalLength: 2,
  identification: 4,
  flagsAndFragment: 6,
  ttl: 8,
  protocol: 9,
  checksum: 10,
  source: 12,
  destination: 16,
  options: 20,
} as const;

/** Protocol numbers (IANA). */
export const ipProtocol = { icmp: 1, tcp: 6, udp: 17, gre: 47 } as const;

/** Without options (RFC 791 section 3.1). */
export const ipv4HeaderLengthMin = 20;
/** RFC 791: every link carries a packet of 68 octets, so that the longest header and 8 octets of data fit. */
export const ipv4MtuMin = 68;
/** The largest packet every host accepts (RFC 791 section 3.1). */
export const ipv4ReassemblyMin = 576;
export const ipv4TtlDefault = 64;

const dontFragmentFlag = 0x4000;
const moreFragmentsFlag = 0x2000;
const fragmentMask = 0x1fff;

/** What `writeIpv4` needs. Fields left out are zero or false, `ttl` is 64, and there are no options. */
export interface Ipv4Fields {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly protocol: number;
  /** Octets behind the header. */
  readonly payloadLength: number;
  readonly tos?: number;
  readonly identification?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** Where the payload belongs in the datagram, in octets; a multiple of 8. */
  readonly fragmentOffset?: number;
  readonly ttl?: number;
  /** At most 40 octets; padded with End of Option List to a multiple of 4. */
  readonly options?: Uint8Array;
}

/** A decoded header. Its `options` are a view of the packet. */
export interface Ipv4Header extends Required<Ipv4Fields> {
  readonly headerLength: number;
}

/** The header's length in octets, of its field IHL, which counts words of four. */
export function ipv4HeaderLengthAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! & 0x0f) * 4;
}

/** Header and payload of the packet at `at` together, in octets. */
export function ipv4TotalLengthAt(bytes: Uint8Array, at: number): number {
  return u16At(bytes, at + ipv4Offset.totalLength);
}

/** The protocol number of the payload, one of `ipProtocol` or another. */
export function ipv4ProtocolAt(bytes: Uint8Array, at: number): number {
  return bytes[at + ipv4Offset.protocol]!;
}

/** The Time to Live: how many routers may still forward the packet. */
export function ipv4TtlAt(bytes: Uint8Array, at: number): number {
  return bytes[at + ipv4Offset.ttl]!;
}

/** The source address of the packet at `at`. */
export function ipv4SourceAt(bytes: Uint8Array, at: number): Ipv4Address {
  return ipv4Of(u32At(bytes, at + ipv4Offset.source));
}

/** The destination address of the packet at `at`. */
export function ipv4DestinationAt(bytes: Uint8Array, at: number): Ipv4Address {
  return ipv4Of(u32At(bytes, at + ipv4Offset.destination));
}

/** Whether the packet must not be fragmented (flag DF). */
export function ipv4DontFragmentAt(bytes: Uint8Array, at: number): boolean {
  return (u16At(bytes, at + ipv4Offset.flagsAndFragment) & dontFragmentFlag) !== 0;
}

/** Whether a fragment follows this one in its datagram (flag MF). */
export function ipv4MoreFragmentsAt(bytes: Uint8Array, at: number): boolean {
  return (u16At(bytes, at + ipv4Offset.flagsAndFragment) & moreFragmentsFlag) !== 0;
}

/** In octets. 0 for a whole packet and for the first fragment: only there is the transport header. */
export function ipv4FragmentOffsetAt(bytes: Uint8Array, at: number): number {
  return (u16At(bytes, at + ipv4Offset.flagsAndFragment) & fragmentMask) * 8;
}

/**
 * Why there is no valid packet at `at`, or undefined if there is one: the checks of RFC 1812 section 5.2.2, without
 * making an object. Octets behind the total length are allowed: they are link-layer padding.
 */
export function ipv4Fault(bytes: Uint8Array, at: number, end: number): DecodeReason | undefined {
  if (end - at < ipv4HeaderLengthMin) return 'truncated';
  if (bytes[at]! >>> 4 !== 4) return 'bad-version';
  const headerLength = ipv4HeaderLengthAt(bytes, at);
  if (headerLength < ipv4HeaderLengthMin) return 'bad-length';
  const totalLength = ipv4TotalLengthAt(bytes, at);
  if (totalLength < headerLength) return 'bad-length';
  if (at + totalLength > end) return 'truncated';
  if (onesComplementSum(bytes, at, at + headerLength) !== 0xffff) return 'bad-checksum';
  return undefined;
}

/**
 * Reads the header at `offset`. Fails with `bad-version`, `bad-length` (header under 20 octets or longer than the
 * packet), `truncated` (packet longer than the range) or `bad-checksum`.
 */
export function decodeIpv4(bytes: Uint8Array, offset = 0, end = bytes.length): Decoded<Ipv4Header> {
  const fault = ipv4Fault(bytes, offset, end);
  if (fault !== undefined) return failed(fault, offset);
  const headerLength = ipv4HeaderLengthAt(bytes, offset);
  return decoded({
    source: ipv4SourceAt(bytes, offset),
    destination: ipv4DestinationAt(bytes, offset),
    protocol: ipv4ProtocolAt(bytes, offset),
    payloadLength: ipv4TotalLengthAt(bytes, offset) - headerLength,
    tos: bytes[offset + ipv4Offset.tos]!,
    identification: u16At(bytes, offset + ipv4Offset.identification),
    dontFragment: ipv4DontFragmentAt(bytes, offset),
    moreFragments: ipv4MoreFragmentsAt(bytes, offset),
    fragmentOffset: ipv4FragmentOffsetAt(bytes, offset),
    ttl: ipv4TtlAt(bytes, offset),
    options: bytes.subarray(offset + ipv4Offset.options, offset + headerLength),
    headerLength,
  });
}

/** The length of the header that `writeIpv4` writes for these options. */
export function ipv4HeaderLengthOf(options: Uint8Array | undefined): number {
  return ipv4HeaderLengthMin + (options === undefined ? 0 : Math.min((options.length + 3) & ~3, 40));
}

/** Writes a header, checksum included, at `at` and returns its length. */
export function writeIpv4(bytes: Uint8Array, at: number, fields: Ipv4Fields): number {
  const headerLength = ipv4HeaderLengthOf(fields.options);
  const flags = (fields.dontFragment ? dontFragmentFlag : 0) | (fields.moreFragments ? moreFragmentsFlag : 0);
  bytes[at] = 0x40 | (headerLength / 4);
  bytes[at + ipv4Offset.tos] = fields.tos ?? 0;
  setU16(bytes, at + ipv4Offset.totalLength, headerLength + fields.payloadLength);
  setU16(bytes, at + ipv4Offset.identification, fields.identification ?? 0);
  setU16(bytes, at + ipv4Offset.flagsAndFragment, flags | ((fields.fragmentOffset ?? 0) / 8));
  bytes[at + ipv4Offset.ttl] = fields.ttl ?? ipv4TtlDefault;
  bytes[at + ipv4Offset.protocol] = fields.protocol;
  setU16(bytes, at + ipv4Offset.checksum, 0);
  setU32(bytes, at + ipv4Offset.source, fields.source);
  setU32(bytes, at + ipv4Offset.destination, fields.destination);
  if (fields.options !== undefined && fields.options.length > 0) {
    bytes.fill(0, at + ipv4Offset.options, at + headerLength);
    bytes.set(fields.options.subarray(0, 40), at + ipv4Offset.options);
  }
  setU16(bytes, at + ipv4Offset.checksum, checksumOf(bytes, at, at + headerLength));
  return headerLength;
}

/** A whole packet; `payloadLength` is the payload's. */
export function encodeIpv4(fields: Omit<Ipv4Fields, 'payloadLength'>, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(ipv4HeaderLengthOf(fields.options) + payload.length);
  const at = writeIpv4(packet, 0, { ...fields, payloadLength: payload.length });
  packet.set(payload, at);
  return packet;
}

/**
 * Takes one from the TTL in place, and corrects the checksum (RFC 1812 section 5.3.1). Returns false, and changes
 * nothing, if the TTL is used up: such a packet is not forwarded, and Time Exceeded may be due.
 */
export function decrementTtl(bytes: Uint8Array, at: number): boolean {
  const ttl = ipv4TtlAt(bytes, at);
  if (ttl <= 1) return false;
  const before = u16At(bytes, at + ipv4Offset.ttl);
  bytes[at + ipv4Offset.ttl] = ttl - 1;
  const checksum = u16At(bytes, at + ipv4Offset.checksum);
  setU16(bytes, at + ipv4Offset.checksum, updatedChecksum(checksum, before, before - 0x100));
  return true;
}

/** 224.0.0.0/4 (RFC 1112), 240.0.0.0/4 (reserved) and the limited broadcast address: never one host. */
export function isGroupIpv4(address: Ipv4Address): boolean {
  return address >= 0xe0000000;
}

/** Whether the address can be one host's: not group, not 0.0.0.0/8, not loopback (RFC 1122 section 3.2.1.3). */
export function isUnicastHost(address: Ipv4Address): boolean {
  const network = address >>> 24;
  return network !== 0 && network !== 127 && !isGroupIpv4(address);
}
