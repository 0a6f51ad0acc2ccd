import type { Ipv4Address } from '../../kernel/address.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import { updatedChecksum } from './checksum.ts';
import {
  ipProtocol,
  ipv4FragmentOffsetAt,
  ipv4HeaderLengthAt,
  ipv4HeaderLengthMin,
  ipv4Offset,
  ipv4ProtocolAt,
  ipv4TotalLengthAt,
} from './ipv4.ts';

/** Where a checksum that covers the pseudo header stands behind the IP header, by protocol. */
const checksumAt: Readonly<Record<number, number>> = { [ipProtocol.tcp]: 16, [ipProtocol.udp]: 6 };
const icmpChecksumAt = 2;
/** The packet that an ICMP error is about stands behind its 8 octets (RFC 792). */
const quotedAt = 8;
/** Destination Unreachable, Source Quench, Redirect, Time Exceeded and Parameter Problem. */
const icmpErrors: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/**
 * Gives the valid IPv4 packet at `at` another source or destination address, in place (RFC 3022 section 2.2): the checksums of its
 * header, and of TCP or UDP behind it, change by the difference (RFC 1624). In an ICMP error the packet that it quotes is
 * translated as well, the other way round (section 4.3): it went that way.
 */
export function translateIpv4(bytes: Uint8Array, at: number, field: 'source' | 'destination', to: Ipv4Address): void {
  const end = at + ipv4TotalLengthAt(bytes, at);
  const from = u32At(bytes, at + ipv4Offset[field]) as Ipv4Address;
  replaceAddress(bytes, at, field, to);
  // Later fragments have no header of their own.
  if (ipv4FragmentOffsetAt(bytes, at) !== 0) return;
  const payloadAt = at + ipv4HeaderLengthAt(bytes, at);
  const protocol = ipv4ProtocolAt(bytes, at);
  if (protocol === ipProtocol.icmp) return translateQuoted(bytes, payloadAt, end, field, from, to);
  const place = checksumAt[protocol];
  if (place === undefined || payloadAt + place + 2 > end) return;
  const before = u16At(bytes, payloadAt + place);
  // RFC 768: a UDP checksum of zero is none.
  if (protocol === ipProtocol.udp && before === 0) return;
  const after = adjusted(before, from, to);
  setU16(bytes, payloadAt + place, protocol === ipProtocol.udp && after === 0 ? 0xffff : after);
}

function translateQuoted(
  bytes: Uint8Array,
  icmpAt: number,
  end: number,
  field: 'source' | 'destination',
  from: Ipv4Address,
  to: Ipv4Address,
): void {
  const innerAt = icmpAt + quotedAt;
  if (innerAt + ipv4HeaderLengthMin > end || !icmpErrors.has(bytes[icmpAt]!)) return;
  const other = field === 'source' ? 'destination' : 'source';
  if (u32At(bytes, innerAt + ipv4Offset[other]) !== from) return;
  const headerBefore = u16At(bytes, innerAt + ipv4Offset.checksum);
  replaceAddress(bytes, innerAt, other, to);
  const headerAfter = u16At(bytes, innerAt + ipv4Offset.checksum);
  const changed = adjusted(u16At(bytes, icmpAt + icmpChecksumAt), from, to);
  setU16(bytes, icmpAt + icmpChecksumAt, updatedChecksum(changed, headerBefore, headerAfter));
}

function replaceAddress(bytes: Uint8Array, at: number, field: 'source' | 'destination', to: Ipv4Address): void {
  const from = u32At(bytes, at + ipv4Offset[field]);
  setU16(bytes, at + ipv4Offset.checksum, adjusted(u16At(bytes, at + ipv4Offset.checksum), from, to));
  setU32(bytes, at + ipv4Offset[field], to);
}

/** A checksum over data in which one 32-bit word has become another. */
function adjusted(checksum: number, from: number, to: number): number {
  return updatedChecksum(updatedChecksum(checksum, from >>> 16, to >>> 16), from & 0xffff, to & 0xffff);
}
