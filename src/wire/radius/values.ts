import {
  formatIpv4,
  formatIpv6,
  formatPrefix,
  type IpPrefix,
  type Ipv4Address,
  type Ipv6Address,
} from '../../kernel/address.ts';
import { ipv4At, ipv6At, setIpv6 } from '../bytes/address.ts';
import { cut } from '../bytes/cut.ts';
import { setU32, u32At } from '../bytes/reader.ts';
import { toHex, utf8Decode, utf8Encode } from '../bytes/text.ts';

/** How the octets of an attribute are a value (the data types of RFC 8044). */
export interface RadiusValue<T> {
  /** True if `decode` gives a value. Cheap: packet decoding asks it of every attribute. */
  valid(data: Uint8Array): boolean;
  /** If nothing else makes data valid: the number of octets they have to be, or `any` if every number will do. */
  readonly octets?: number | 'any';
  decode(data: Uint8Array): T | undefined;
  encode(value: T): Uint8Array;
  describe(value: T): string;
}

/** What one attribute holds (RFC 2865 section 5: Length is one octet and counts two more). */
export const attributeOctetsMax = 253;

function fixed<T>(
  length: number,
  decode: (data: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  describe: (value: T) => string,
): RadiusValue<T> {
  const valid = (data: Uint8Array) => data.length === length;
  return { valid, octets: length, decode: (data) => (valid(data) ? decode(data) : undefined), encode, describe };
}

function u32Octets(value: number): Uint8Array {
  const data = new Uint8Array(4);
  setU32(data, 0, value);
  return data;
}

/** UTF-8, cut to one attribute when encoded. An empty text should not be sent (RFC 8044 section 3.4). */
export const text: RadiusValue<string> = {
  valid: () => true,
  octets: 'any',
  decode: utf8Decode,
  encode: (value) => cut(utf8Encode(value), attributeOctetsMax),
  describe: (value) => JSON.stringify(value),
};

/** A view of the packet: copy what outlives it. Cut to one attribute when encoded. */
export const octets: RadiusValue<Uint8Array> = {
  valid: () => true,
  octets: 'any',
  decode: (data) => data,
  encode: (value) => cut(value, attributeOctetsMax),
  describe: (value) => `0x${toHex(value)}`,
};

/** Octets that say nothing to people, or too much: shown by their number. */
export const opaqueOctets: RadiusValue<Uint8Array> = { ...octets, describe: (value) => `of ${value.length} octets` };

/** A secret that must not reach a log. */
export const concealedOctets: RadiusValue<Uint8Array> = { ...octets, describe: () => '(hidden)' };

/** 32 bits. */
export const integer: RadiusValue<number> = fixed(4, (data) => u32At(data, 0), u32Octets, String);

/** One octet, as 3GPP's RAT-Type is. */
export const octet: RadiusValue<number> = fixed(
  1,
  (data) => data[0]!,
  (value) => Uint8Array.of(value),
  String,
);

export const ipv4Address: RadiusValue<Ipv4Address> = fixed(4, (data) => ipv4At(data, 0), u32Octets, formatIpv4);

export const ipv6Address: RadiusValue<Ipv6Address> = fixed(
  16,
  (data) => ipv6At(data, 0),
  (address) => {
    const data = new Uint8Array(16);
    setIpv6(data, 0, address);
    return data;
  },
  formatIpv6,
);

/** RFC 8044 section 3.11: a reserved octet, the prefix length in 6 bits, the address. */
export const ipv4Prefix: RadiusValue<IpPrefix & { readonly address: Ipv4Address }> = (() => {
  const valid = (data: Uint8Array) => data.length === 6 && (data[1]! & 0x3f) <= 32;
  return {
    valid,
    decode: (data) => (valid(data) ? { address: ipv4At(data, 2), length: data[1]! & 0x3f } : undefined),
    encode: ({ address, length }) => {
      const data = new Uint8Array(6);
      data[1] = length;
      setU32(data, 2, address);
      return data;
    },
    describe: formatPrefix,
  };
})();

/** RFC 8044 section 3.10: a reserved octet, the prefix length, and as much of the prefix as the sender cares to send. */
export const ipv6Prefix: RadiusValue<IpPrefix & { readonly address: Ipv6Address }> = (() => {
  const valid = (data: Uint8Array) =>
    data.length >= 2 && data.length <= 18 && data[1]! <= 128 && data[1]! <= (data.length - 2) * 8;
  return {
    valid,
    decode: (data) => {
      if (!valid(data)) return undefined;
      const address = new Uint8Array(16);
      address.set(data.subarray(2));
      return { address: ipv6At(address, 0), length: data[1]! };
    },
    encode: ({ address, length }) => {
      const data = new Uint8Array(18);
      data[1] = length;
      setIpv6(data, 2, address);
      return data;
    },
    describe: formatPrefix,
  };
})();

/** Octets of one exact length, such as a Message-Authenticator. */
export function octetsOf(length: number): RadiusValue<Uint8Array> {
  return fixed(
    length,
    (data) => data,
    (value) => {
      const data = new Uint8Array(length);
      data.set(value.subarray(0, length));
      return data;
    },
    octets.describe,
  );
}
