/**
 * Addresses as compact values that can be keys of a Map.
 *
 * An `IpAddress` is an IPv4 address (a number) or an IPv6 address (a string): nothing that holds one may assume
 * which. `typeof address === 'number'` tells them apart, and narrows the type.
 */
declare const brand: unique symbol;
type Branded<T, Name> = T & { readonly [brand]: Name };

/** A 48-bit MAC address as an unsigned integer. */
export type MacAddress = Branded<number, 'MacAddress'>;
/** An IPv4 address as an unsigned 32-bit integer, first octet most significant. */
export type Ipv4Address = Branded<number, 'Ipv4Address'>;
/** An IPv6 address as 32 lower-case hexadecimal digits, without separators. */
export type Ipv6Address = Branded<string, 'Ipv6Address'>;
export type IpAddress = Ipv4Address | Ipv6Address;

/** An IPv4 or IPv6 prefix; `length` in bits. */
export interface IpPrefix {
  readonly address: IpAddress;
  readonly length: number;
}

export const ipv4Unspecified = 0 as Ipv4Address;
export const ipv4Broadcast = 0xffffffff as Ipv4Address;
export const macBroadcast = 0xffffffffffff as MacAddress;

/** Makes a MAC address of an integer of at most 48 bits. */
export function macOf(value: number): MacAddress {
  return value as MacAddress;
}

/** Makes an IPv4 address of an integer; bits above the 32nd are dropped. */
export function ipv4Of(value: number): Ipv4Address {
  return (value >>> 0) as Ipv4Address;
}

/** Whether an address is IPv4, and so a number; an IPv6 address is a string. */
export function isIpv4(address: IpAddress): address is Ipv4Address {
  return typeof address === 'number';
}

/** True for a group address (IEEE 802: the least significant bit of the first octet). */
export function isGroupMac(mac: MacAddress): boolean {
  return Math.floor(mac / 0x10000000000) % 2 === 1;
}

const hexOctets: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** `02:00:5e:11:22:33`, or with another separator (`''` for none). */
export function formatMac(mac: MacAddress, separator = ':'): string {
  // Bit operations work on 32 bits: the two halves of the address are taken apart first.
  const high = Math.floor(mac / 0x1000000);
  const low = mac % 0x1000000;
  let text = hexOctets[high >>> 16]!;
  for (const octet of [high >>> 8, high, low >>> 16, low >>> 8, low]) text += separator + hexOctets[octet & 255]!;
  return text;
}

/**
 * Reads a MAC address written with `-`, `.` or `:` in groups of two or four digits, or without separators.
 * Returns undefined for anything else.
 */
export function parseMac(text: string): MacAddress | undefined {
  // The way of nearly all, looked for once and more in each attach.
  if (text.length === 12) return hexMac(text);
  if (
    !/^[0-9a-f]{2}([-.:])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$/i.test(text) &&
    !/^[0-9a-f]{4}([-.:])[0-9a-f]{4}\1[0-9a-f]{4}$/i.test(text)
  ) {
    return undefined;
  }
  return Number.parseInt(text.replace(/[-.:]/g, ''), 16) as MacAddress;
}

const digitOf = Int8Array.from({ length: 256 }, (_, octet) => {
  const digit = Number.parseInt(String.fromCharCode(octet), 16);
  return Number.isNaN(digit) ? -1 : digit;
});
const macDigits = 12;

/**
 * Reads what `parseMac` reads, of text in octets: ASCII is all that it can be.
 *
 * @param from where the text begins, `to` where it ends
 */
export function parseMacAt(bytes: Uint8Array, from: number, to: number): MacAddress | undefined {
  const separators = to - from - macDigits;
  if (separators !== 0 && separators !== 2 && separators !== 5) return undefined;
  const group = macDigits / (separators + 1);
  const separator = separators === 0 ? 0 : bytes[from + group]!;
  if (separators > 0 && !isMacSeparator(separator)) return undefined;
  let value = 0;
  let at = from;
  for (let digit = 0; digit < macDigits; digit += 1) {
    if (separators > 0 && digit > 0 && digit % group === 0) {
      if (bytes[at] !== separator) return undefined;
      at += 1;
    }
    const four = digitOf[bytes[at]!]!;
    if (four < 0) return undefined;
    value = value * 16 + four;
    at += 1;
  }
  return value as MacAddress;
}

/** `-`, `.` or `:`. */
function isMacSeparator(octet: number): boolean {
  return octet === 0x2d || octet === 0x2e || octet === 0x3a;
}

/** Twelve hexadecimal digits as a number, without an expression and a text of them. */
function hexMac(text: string): MacAddress | undefined {
  let high = 0;
  let low = 0;
  for (let index = 0; index < 6; index += 1) {
    const highDigit = digitOf[text.charCodeAt(index)] ?? -1;
    const lowDigit = digitOf[text.charCodeAt(index + 6)] ?? -1;
    if ((highDigit | lowDigit) < 0) return undefined;
    high = high * 16 + highDigit;
    low = low * 16 + lowDigit;
  }
  return (high * 0x1000000 + low) as MacAddress;
}

/** Dotted decimal: `192.0.2.1`. */
export function formatIpv4(address: Ipv4Address): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Reads dotted decimal of four octets; undefined for anything else. */
export function parseIpv4(text: string): Ipv4Address | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value as Ipv4Address;
}

/** RFC 5952 form: lower case, the longest run of zero groups compressed. */
export function formatIpv6(address: Ipv6Address): string {
  const groups = address.match(/.{4}/g)!.map((group) => Number.parseInt(group, 16).toString(16));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return groups.join(':');
  const head = groups.slice(0, best.start).join(':');
  const tail = groups.slice(best.start + best.length).join(':');
  return `${head}::${tail}`;
}

/** Reads RFC 4291 section 2.2, forms 1 and 2; undefined for anything else, a zone or an embedded IPv4 address included. */
export function parseIpv6(text: string): Ipv6Address | undefined {
  const halves = text.toLowerCase().split('::');
  if (halves.length > 2) return undefined;
  const head = halves[0] === '' ? [] : halves[0]!.split(':');
  const tail = halves.length === 1 || halves[1] === '' ? [] : halves[1]!.split(':');
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<string>(missing).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return groups.map((group) => group.padStart(4, '0')).join('') as Ipv6Address;
}

/** `192.0.2.1`, or the RFC 5952 form of an IPv6 address. */
export function formatIp(address: IpAddress): string {
  return isIpv4(address) ? formatIpv4(address) : formatIpv6(address);
}

/** `192.0.2.1:53`, or `[2001:db8::1]:53` (RFC 5952 section 6). */
export function formatIpPort(address: IpAddress, port: number): string {
  return isIpv4(address) ? `${formatIpv4(address)}:${port}` : `[${formatIpv6(address)}]:${port}`;
}

/** As `parseIpv4` and `parseIpv6`. */
export function parseIp(text: string): IpAddress | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

/** Reads `192.0.2.0/24`; an address alone is a prefix of its full length. */
export function parsePrefix(text: string): IpPrefix | undefined {
  const [addressText = '', lengthText] = text.split('/', 2);
  const address = parseIp(addressText);
  if (address === undefined) return undefined;
  const most = isIpv4(address) ? 32 : 128;
  if (lengthText === undefined) return { address, length: most };
  if (!/^\d{1,3}$/.test(lengthText) || Number(lengthText) > most) return undefined;
  return { address, length: Number(lengthText) };
}

/** `192.0.2.0/24`, the bits behind the prefix as they are. */
export function formatPrefix(prefix: IpPrefix): string {
  return `${formatIp(prefix.address)}/${prefix.length}`;
}

/** The network mask of an IPv4 prefix length (0..32). */
export function ipv4Mask(length: number): Ipv4Address {
  return (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0) as Ipv4Address;
}

/** The address with all bits behind the prefix cleared. */
export function networkOf(address: IpAddress, length: number): IpAddress {
  if (isIpv4(address)) return ipv4Of(address & ipv4Mask(length));
  const digits = Math.floor(length / 4);
  const partial = length % 4;
  let text = address.slice(0, digits);
  if (partial > 0) text += (Number.parseInt(address[digits]!, 16) & (0xf0 >> partial) & 0xf).toString(16);
  return text.padEnd(32, '0') as Ipv6Address;
}

/** Never true of an address of the other family. */
export function prefixContains(prefix: IpPrefix, address: IpAddress): boolean {
  if (isIpv4(prefix.address) !== isIpv4(address)) return false;
  return networkOf(prefix.address, prefix.length) === networkOf(address, prefix.length);
}
