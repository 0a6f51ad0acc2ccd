import type { Ipv4Address } from '../../kernel/address.ts';
import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { setU16, u16At } from '../bytes/reader.ts';
import { checksumOf, onesComplementSum, pseudoHeaderSum } from '../ipv4/checksum.ts';
import { type Ipv4Fields, ipProtocol, ipv4HeaderLengthOf, writeIpv4 } from '../ipv4/ipv4.ts';

/** Where the fields of a UDP header (RFC 768) are. */
export const udpOffset = { sourcePort: 0, destinationPort: 2, length: 4, checksum: 6, payload: 8 } as const;

export const udpHeaderLength = 8;

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** A view of the received octets. */
  readonly payload: Uint8Array;
}

/**
 * Reads the datagram at `offset`, whose IPv4 packet went from `source` to `destination`. A checksum of zero means that
 * the sender made none. Octets behind the UDP length are ignored. Fails with `bad-length` for a length under 8,
 * `bad-checksum`, or `truncated`.
 */
export function decodeUdp(
  bytes: Uint8Array,
  offset: number,
  end: number,
  source: Ipv4Address,
  destination: Ipv4Address,
): Decoded<UdpDatagram> {
  if (end - offset < udpHeaderLength) return failed('truncated', offset);
  const length = u16At(bytes, offset + udpOffset.length);
  if (length < udpHeaderLength) return failed('bad-length', offset + udpOffset.length);
  if (offset + length > end) return failed('truncated', offset + udpOffset.length);
  if (u16At(bytes, offset + udpOffset.checksum) !== 0) {
    const pseudo = pseudoHeaderSum(source, destination, ipProtocol.udp, length);
    if (onesComplementSum(bytes, offset, offset + length, pseudo) !== 0xffff) {
      return failed('bad-checksum', offset + udpOffset.checksum);
    }
  }
  return decoded({
    sourcePort: u16At(bytes, offset + udpOffset.sourcePort),
    destinationPort: u16At(bytes, offset + udpOffset.destinationPort),
    payload: bytes.subarray(offset + udpOffset.payload, offset + length),
  });
}

/** Writes header (with checksum) and payload at `at` and returns their length. */
export function writeUdp(
  bytes: Uint8Array,
  at: number,
  datagram: UdpDatagram,
  source: Ipv4Address,
  destination: Ipv4Address,
): number {
  const length = udpHeaderLength + datagram.payload.length;
  setU16(bytes, at + udpOffset.sourcePort, datagram.sourcePort);
  setU16(bytes, at + udpOffset.destinationPort, datagram.destinationPort);
  setU16(bytes, at + udpOffset.length, length);
  setU16(bytes, at + udpOffset.checksum, 0);
  bytes.set(datagram.payload, at + udpOffset.payload);
  const checksum = checksumOf(bytes, at, at + length, pseudoHeaderSum(source, destination, ipProtocol.udp, length));
  // Zero would say "no checksum", so a computed zero is sent as its other representation (RFC 768).
  setU16(bytes, at + udpOffset.checksum, checksum === 0 ? 0xffff : checksum);
  return length;
}

/** A whole IPv4 packet that carries the datagram. */
export function encodeUdpPacket(
  fields: Omit<Ipv4Fields, 'protocol' | 'payloadLength'>,
  datagram: UdpDatagram,
): Uint8Array {
  const payloadLength = udpHeaderLength + datagram.payload.length;
  const packet = new Uint8Array(ipv4HeaderLengthOf(fields.options) + payloadLength);
  const at = writeIpv4(packet, 0, { ...fields, protocol: ipProtocol.udp, payloadLength });
  writeUdp(packet, at, datagram, fields.source, fields.destination);
  return packet;
}
