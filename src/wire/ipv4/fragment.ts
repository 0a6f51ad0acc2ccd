import { invariant } from '../../kernel/unreachable.ts';
import { setU16, u16At } from '../bytes/reader.ts';
import { checksumOf } from './checksum.ts';
import { ipv4HeaderLengthAt, ipv4MtuMin, ipv4Offset, ipv4TotalLengthAt } from './ipv4.ts';

const moreFragmentsFlag = 0x2000;
const endOfOptions = 0;
const noOperation = 1;
const copyFlag = 0x80;

/**
 * Splits the valid packet at `offset` into packets of at most `mtu` octets, as a router does (RFC 791 section 3.2).
 * A packet that fits is returned as it is, as a view. A fragment may be split again; its place in the datagram is kept.
 * The caller has looked at Don't Fragment: this function does not.
 *
 * @param mtu in octets, at least 68 (RFC 791)
 */
export function fragmentIpv4(bytes: Uint8Array, offset: number, mtu: number): Uint8Array[] {
  invariant(mtu >= ipv4MtuMin, 'an IPv4 link carries at least 68 octets');
  const totalLength = ipv4TotalLengthAt(bytes, offset);
  if (totalLength <= mtu) return [bytes.subarray(offset, offset + totalLength)];
  const headerLength = ipv4HeaderLengthAt(bytes, offset);
  const firstHeader = bytes.subarray(offset, offset + headerLength);
  const laterHeader = headerOfLaterFragments(firstHeader);
  const flagsAndFragment = u16At(bytes, offset + ipv4Offset.flagsAndFragment);
  const end = offset + totalLength;
  const fragments: Uint8Array[] = [];
  for (let at = offset + headerLength, done = 0; at < end; ) {
    const header = fragments.length === 0 ? firstHeader : laterHeader;
    // Fragment offsets count units of 8 octets, so every fragment but the last carries a multiple of 8.
    const most = Math.floor((mtu - header.length) / 8) * 8;
    const last = end - at <= mtu - header.length;
    const length = last ? end - at : most;
    const fragment = new Uint8Array(header.length + length);
    fragment.set(header);
    fragment.set(bytes.subarray(at, at + length), header.length);
    setU16(fragment, ipv4Offset.totalLength, fragment.length);
    setU16(fragment, ipv4Offset.flagsAndFragment, (flagsAndFragment + done / 8) | (last ? 0 : moreFragmentsFlag));
    setU16(fragment, ipv4Offset.checksum, 0);
    setU16(fragment, ipv4Offset.checksum, checksumOf(fragment, 0, header.length));
    fragments.push(fragment);
    at += length;
    done += length;
  }
  return fragments;
}

/** Only options with the copied flag go into fragments after the first (RFC 791 section 3.1, "Options"). */
function headerOfLaterFragments(header: Uint8Array): Uint8Array {
  const copied: number[] = [];
  for (let at: number = ipv4Offset.options; at < header.length && header[at] !== endOfOptions; ) {
    const length = header[at] === noOperation ? 1 : (header[at + 1] ?? 0);
    if (length === 0 || at + length > header.length) break;
    if ((header[at]! & copyFlag) !== 0) copied.push(...header.subarray(at, at + length));
    at += length;
  }
  while (copied.length % 4 !== 0) copied.push(endOfOptions);
  const result = new Uint8Array(ipv4Offset.options + copied.length);
  result.set(header.subarray(0, ipv4Offset.options));
  result.set(copied, ipv4Offset.options);
  result[0] = 0x40 | (result.length / 4);
  return result;
}
