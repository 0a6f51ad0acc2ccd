import type { Ipv4Address, Ipv6Address } from '../../kernel/address.ts';
import { setU32, u32At } from './reader.ts';

const hexOctets: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** Reads an IPv4 address of four octets in network order at `at`. */
export function ipv4At(bytes: Uint8Array, at: number): Ipv4Address {
  return u32At(bytes, at) as Ipv4Address;
}

/** The IPv6 address in the 16 octets at `at`. */
export function ipv6At(bytes: Uint8Array, at: number): Ipv6Address {
  let text = '';
  for (let index = 0; index < 16; index += 1) text += hexOctets[bytes[at + index]!]!;
  return text as Ipv6Address;
}

/** Writes the 16 octets of an IPv6 address at `at`. */
export function setIpv6(bytes: Uint8Array, at: number, address: Ipv6Address): void {
  for (let word = 0; word < 4; word += 1) {
    setU32(bytes, at + word * 4, Number.parseInt(address.slice(word * 8, word * 8 + 8), 16));
  }
}
