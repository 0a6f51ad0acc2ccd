import type { Ipv4Address } from '../../kernel/address.ts';

/** The Internet checksum (RFC 1071). */

/**
 * The ones' complement sum of 16-bit words, folded; an odd last octet counts as the high half of a word. Over octets
 * that contain their own correct checksum it is 0xffff.
 *
 * @param initial a sum to start from, such as a pseudo-header's
 */
export function onesComplementSum(bytes: Uint8Array, from: number, to: number, initial = 0): number {
  let sum = initial;
  const even = from + ((to - from) & ~1);
  for (let at = from; at < even; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  if (even < to) sum += bytes[even]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

/** The value of a checksum field that was zero while this was computed. */
export function checksumOf(bytes: Uint8Array, from: number, to: number, initial = 0): number {
  return ~onesComplementSum(bytes, from, to, initial) & 0xffff;
}

/** The checksum after one covered 16-bit word changed: equation 3 of RFC 1624, which has no negative-zero trouble. */
export function updatedChecksum(checksum: number, oldWord: number, newWord: number): number {
  let sum = (~checksum & 0xffff) + (~oldWord & 0xffff) + newWord;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The sum of the pseudo-header that UDP and TCP over IPv4 cover (RFC 768, RFC 9293 section 3.1); `length` in octets. */
export function pseudoHeaderSum(
  source: Ipv4Address,
  destination: Ipv4Address,
  protocol: number,
  length: number,
): number {
  return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length;
}
