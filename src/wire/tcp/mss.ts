import { setU16, u16At } from '../bytes/reader.ts';
import { updatedChecksum } from '../ipv4/checksum.ts';
import {
  ipProtocol,
  ipv4FragmentOffsetAt,
  ipv4HeaderLengthAt,
  ipv4ProtocolAt,
  ipv4TotalLengthAt,
} from '../ipv4/ipv4.ts';

const tcpHeaderLengthMin = 20;
const dataOffsetAt = 12;
const flagsAt = 13;
const checksumAt = 16;
const synFlag = 0x02;

const endOfOptions = 0;
const noOperation = 1;
const maximumSegmentSize = 2;
const maximumSegmentSizeLength = 4;

/** The fixed IPv4 and TCP headers, which the MSS does not count (RFC 6691 section 2). */
const fixedHeaders = 40;

/**
 * Finds the value of the Maximum Segment Size option (RFC 9293 section 3.2) of the TCP segment in `[offset, end)`.
 * Returns where its two octets are, or -1 if the segment is no SYN, has no such option or is malformed.
 */
export function findMss(bytes: Uint8Array, offset: number, end: number): number {
  if (end - offset < tcpHeaderLengthMin || (bytes[offset + flagsAt]! & synFlag) === 0) return -1;
  const optionsEnd = offset + (bytes[offset + dataOffsetAt]! >>> 4) * 4;
  if (optionsEnd > end) return -1;
  for (let at = offset + tcpHeaderLengthMin; at < optionsEnd && bytes[at] !== endOfOptions; ) {
    if (bytes[at] === noOperation) {
      at += 1;
      continue;
    }
    const length = at + 1 < optionsEnd ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > optionsEnd) return -1;
    if (bytes[at] === maximumSegmentSize) return length === maximumSegmentSizeLength ? at + 2 : -1;
    at += length;
  }
  return -1;
}

/**
 * Lowers the MSS that the SYN in the valid IPv4 packet at `offset` offers so that its segments fit into `mtu` octets,
 * and corrects the TCP checksum (RFC 1624). Never raises it, never adds the option: without it the peer assumes 536
 * (RFC 6691 section 3). Anything that is not such a SYN is left as it is.
 *
 * @returns whether the packet was changed
 */
export function clampMss(bytes: Uint8Array, offset: number, mtu: number): boolean {
  if (ipv4ProtocolAt(bytes, offset) !== ipProtocol.tcp || ipv4FragmentOffsetAt(bytes, offset) !== 0) return false;
  const segment = offset + ipv4HeaderLengthAt(bytes, offset);
  const at = findMss(bytes, segment, offset + ipv4TotalLengthAt(bytes, offset));
  const most = mtu - fixedHeaders;
  if (at < 0 || u16At(bytes, at) <= most) return false;
  const before = u16At(bytes, at);
  setU16(bytes, at, most);
  const aligned = (at - segment) % 2 === 0;
  const checksum = u16At(bytes, segment + checksumAt);
  // At an odd place the value's octets are halves of two words; a ones' complement sum does not mind the byte order.
  const after = aligned
    ? updatedChecksum(checksum, before, most)
    : updatedChecksum(checksum, swapped(before), swapped(most));
  setU16(bytes, segment + checksumAt, after);
  return true;
}

function swapped(word: number): number {
  return ((word & 0xff) << 8) | (word >>> 8);
}
