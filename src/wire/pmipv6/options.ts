import type { Ipv4Address, Ipv6Address } from '../../kernel/address.ts';
import { formatIpv4, formatIpv6, formatPrefix, type IpPrefix } from '../../kernel/address.ts';
import type { WallClock } from '../../kernel/instant.ts';
import { ipv4At, ipv6At, setIpv6 } from '../bytes/address.ts';
import { cut } from '../bytes/cut.ts';
import { nameIn } from '../bytes/names.ts';
import { setU16, setU32, setU48, u16At, u32At, u48At } from '../bytes/reader.ts';
import { toHex, utf8Decode, utf8Encode } from '../bytes/text.ts';
import type { TlvCodec } from '../bytes/tlv.ts';
import {
  type AccessNetworkIdentifier,
  decodeAccessNetworkIdentifier,
  describeAccessNetworkIdentifier,
  encodeAccessNetworkIdentifier,
} from './access-network-identifier.ts';
import { accessTechnologyType, handoffIndicator, ipv4HomeAddressStatus } from './constants.ts';

/** Where an option may start in the message: at an octet `n * k + offset` (RFC 6275 section 6.2.1). */
export interface OptionAlignment {
  readonly n: 1 | 2 | 4 | 8;
  readonly offset: number;
}

/** A mobility option. Octet-string values are views of the message; copy what outlives it. */
export interface MobilityOptionCodec<T> extends TlvCodec<T> {
  readonly align: OptionAlignment;
  /** True if `decode` gives a value. Cheap: message decoding asks it of every option. */
  valid(data: Uint8Array): boolean;
}

/** RFC 4283 section 3. */
export interface MnIdentifier {
  /** 1 is a NAI, the only one that PMIPv6 uses. */
  readonly subtype: number;
  readonly identifier: string;
}

/** RFC 5844 section 3.1.1. Address 0.0.0.0 asks the LMA to choose one. */
export interface Ipv4HomeAddressRequest {
  readonly prefixLength: number;
  readonly address: Ipv4Address;
}

/** RFC 5844 section 3.1.2; `status` is one of `ipv4HomeAddressStatus`. */
export interface Ipv4HomeAddressReply {
  readonly status: number;
  readonly prefixLength: number;
  readonly address: Ipv4Address;
}

/** RFC 5845 section 6.1. No key: GRE is wanted, without keys. */
export interface GreKey {
  readonly key: number | undefined;
}

/** RFC 6602 section 4.1. Subtype 1 is a bulk binding update group; group 1 holds all sessions. */
export interface MnGroupIdentifier {
  readonly subtype: number;
  readonly group: number;
}

/** RFC 5094 section 3; 3GPP's vendor number is 10415. */
export interface VendorOption {
  readonly vendor: number;
  readonly subType: number;
  readonly data: Uint8Array;
}

interface OptionDefinition<T> {
  readonly type: number;
  readonly name: string;
  readonly citation: string;
  readonly occurrence?: 'one' | 'many';
  readonly align?: OptionAlignment;
  valid(data: Uint8Array): boolean;
  /** Called with valid data only. */
  decode(data: Uint8Array): T;
  encode(value: T): Uint8Array;
  describe(value: T): string;
}

const anywhere: OptionAlignment = { n: 1, offset: 0 };

function option<T>(definition: OptionDefinition<T>): MobilityOptionCodec<T> {
  const { type, name, citation, valid, decode, encode, describe } = definition;
  const { occurrence = 'one', align = anywhere } = definition;
  return {
    type,
    name,
    citation,
    occurrence,
    align,
    valid,
    decode: (data) => (valid(data) ? decode(data) : undefined),
    encode,
    describe,
  };
}

const lengthIs = (length: number) => (data: Uint8Array) => data.length === length;
const lengthAtLeast = (length: number) => (data: Uint8Array) => data.length >= length;

/** An octet behind a reserved octet. */
function encodeReservedU8(value: number): Uint8Array {
  return Uint8Array.of(0, value);
}

/** An IPv4 address behind two octets. */
function encodeAddressBehind(first: number, second: number, address: Ipv4Address): Uint8Array {
  const data = new Uint8Array(6);
  data[0] = first;
  data[1] = second;
  setU32(data, 2, address);
  return data;
}

/** Octets behind a head of `headLength`, cut to what an option can hold. */
function encodeBehind(headLength: number, octets: Uint8Array): Uint8Array {
  const kept = cut(octets, 255 - headLength);
  const data = new Uint8Array(headLength + kept.length);
  data.set(kept, headLength);
  return data;
}

/** 16 bits of seconds times 65536 and fraction: the resolution of the Timestamp option is 1/65536 s. */
function encodeTimestamp(wallClock: WallClock): Uint8Array {
  let seconds = Math.floor(wallClock / 1000);
  let fraction = Math.round((wallClock - seconds * 1000) * 65.536);
  if (fraction === 65536) {
    seconds += 1;
    fraction = 0;
  }
  const data = new Uint8Array(8);
  setU48(data, 0, Math.min(Math.max(seconds, 0), 0xffffffffffff));
  setU16(data, 6, fraction);
  return data;
}

/** The mobility options that the gateway reads or writes, by name. Others travel as they came. */
export const mobilityOption = {
  bindingRefreshAdvice: option<number>({
    type: 2,
    name: 'Binding Refresh Advice',
    citation: 'RFC 6275 6.2.4',
    align: { n: 2, offset: 0 },
    valid: lengthIs(2),
    decode: (data) => u16At(data, 0) * 4,
    encode: (seconds) => {
      const units = Math.min(Math.ceil(Math.max(seconds, 0) / 4), 0xffff);
      return Uint8Array.of(units >>> 8, units & 255);
    },
    describe: (seconds) => `${seconds} s`,
  }),
  mnIdentifier: option<MnIdentifier>({
    type: 8,
    name: 'Mobile Node Identifier',
    citation: 'RFC 4283 3',
    occurrence: 'many',
    valid: lengthAtLeast(2),
    decode: (data) => ({ subtype: data[0]!, identifier: utf8Decode(data, 1) }),
    encode: ({ subtype, identifier }) => {
      const data = encodeBehind(1, utf8Encode(identifier));
      data[0] = subtype;
      return data;
    },
    describe: (value) => (value.subtype === 1 ? value.identifier : `${value.subtype}:${value.identifier}`),
  }),
  vendorSpecific: option<VendorOption>({
    type: 19,
    name: 'Vendor Specific',
    citation: 'RFC 5094 3',
    occurrence: 'many',
    align: { n: 4, offset: 2 },
    valid: lengthAtLeast(5),
    decode: (data) => ({ vendor: u32At(data, 0), subType: data[4]!, data: data.subarray(5) }),
    encode: ({ vendor, subType, data: value }) => {
      const data = encodeBehind(5, value);
      setU32(data, 0, vendor);
      data[4] = subType;
      return data;
    },
    describe: (value) => `${value.vendor}/${value.subType} ${toHex(value.data)}`,
  }),
  serviceSelection: option<string>({
    type: 20,
    name: 'Service Selection',
    citation: 'RFC 5149 3',
    valid: lengthAtLeast(1),
    decode: utf8Decode,
    encode: (text) => encodeBehind(0, utf8Encode(text)),
    describe: (text) => text,
  }),
  homeNetworkPrefix: option<IpPrefix & { readonly address: Ipv6Address }>({
    type: 22,
    name: 'Home Network Prefix',
    citation: 'RFC 5213 8.3',
    occurrence: 'many',
    align: { n: 8, offset: 4 },
    valid: (data) => data.length === 18 && data[1]! <= 128,
    decode: (data) => ({ address: ipv6At(data, 2), length: data[1]! }),
    encode: (prefix) => {
      const data = new Uint8Array(18);
      data[1] = prefix.length;
      setIpv6(data, 2, prefix.address);
      return data;
    },
    describe: formatPrefix,
  }),
  handoffIndicator: option<number>({
    type: 23,
    name: 'Handoff Indicator',
    citation: 'RFC 5213 8.4',
    valid: lengthIs(2),
    decode: (data) => data[1]!,
    encode: encodeReservedU8,
    describe: (value) => nameIn(handoffIndicator, value),
  }),
  accessTechnologyType: option<number>({
    type: 24,
    name: 'Access Technology Type',
    citation: 'RFC 5213 8.5',
    valid: lengthIs(2),
    decode: (data) => data[1]!,
    encode: encodeReservedU8,
    describe: (value) => nameIn(accessTechnologyType, value),
  }),
  mnLinkLayerIdentifier: option<Uint8Array>({
    type: 25,
    name: 'Mobile Node Link-layer Identifier',
    citation: 'RFC 5213 8.6',
    valid: lengthAtLeast(3),
    decode: (data) => data.subarray(2),
    encode: (identifier) => encodeBehind(2, identifier),
    describe: toHex,
  }),
  linkLocalAddress: option<Ipv6Address>({
    type: 26,
    name: 'Link-local Address',
    citation: 'RFC 5213 8.7',
    align: { n: 8, offset: 6 },
    valid: lengthIs(16),
    decode: (data) => ipv6At(data, 0),
    encode: (address) => {
      const data = new Uint8Array(16);
      setIpv6(data, 0, address);
      return data;
    },
    describe: formatIpv6,
  }),
  /** Milliseconds since 1970 with a fraction: finer than the option's 1/65536 s, so nothing is lost either way. */
  timestamp: option<WallClock>({
    type: 27,
    name: 'Timestamp',
    citation: 'RFC 5213 8.8',
    align: { n: 8, offset: 2 },
    valid: lengthIs(8),
    decode: (data) => u48At(data, 0) * 1000 + u16At(data, 6) / 65.536,
    encode: encodeTimestamp,
    describe: (wallClock) => (wallClock / 1000).toFixed(6),
  }),
  restartCounter: option<number>({
    type: 28,
    name: 'Restart Counter',
    citation: 'RFC 5847 3.2',
    align: { n: 4, offset: 2 },
    valid: lengthIs(4),
    decode: (data) => u32At(data, 0),
    encode: (counter) => {
      const data = new Uint8Array(4);
      setU32(data, 0, counter);
      return data;
    },
    describe: String,
  }),
  greKey: option<GreKey>({
    type: 33,
    name: 'GRE Key',
    citation: 'RFC 5845 6.1',
    align: { n: 4, offset: 0 },
    valid: (data) => data.length === 6 || data.length === 2,
    decode: (data) => ({ key: data.length === 6 ? u32At(data, 2) : undefined }),
    encode: ({ key }) => {
      const data = new Uint8Array(key === undefined ? 2 : 6);
      if (key !== undefined) setU32(data, 2, key);
      return data;
    },
    describe: ({ key }) => (key === undefined ? 'without key' : `0x${key.toString(16).padStart(8, '0')}`),
  }),
  /** More than one is legal on the wire: the LMA answers with status 173 if it does not support that. */
  ipv4HomeAddressRequest: option<Ipv4HomeAddressRequest>({
    type: 36,
    name: 'IPv4 Home Address Request',
    citation: 'RFC 5844 3.1.1',
    occurrence: 'many',
    align: { n: 4, offset: 0 },
    valid: (data) => data.length === 6 && data[0]! >>> 2 <= 32,
    decode: (data) => ({ prefixLength: data[0]! >>> 2, address: ipv4At(data, 2) }),
    encode: ({ prefixLength, address }) => encodeAddressBehind(prefixLength << 2, 0, address),
    describe: ({ prefixLength, address }) => `${formatIpv4(address)}/${prefixLength}`,
  }),
  ipv4HomeAddressReply: option<Ipv4HomeAddressReply>({
    type: 37,
    name: 'IPv4 Home Address Reply',
    citation: 'RFC 5844 3.1.2',
    occurrence: 'many',
    align: { n: 4, offset: 0 },
    valid: (data) => data.length === 6 && data[1]! >>> 2 <= 32,
    decode: (data) => ({ status: data[0]!, prefixLength: data[1]! >>> 2, address: ipv4At(data, 2) }),
    encode: ({ status, prefixLength, address }) => encodeAddressBehind(status, prefixLength << 2, address),
    describe: ({ status, prefixLength, address }) =>
      `${nameIn(ipv4HomeAddressStatus, status)} ${formatIpv4(address)}/${prefixLength}`,
  }),
  ipv4DefaultRouter: option<Ipv4Address>({
    type: 38,
    name: 'IPv4 Default-Router Address',
    citation: 'RFC 5844 3.1.3',
    align: { n: 4, offset: 0 },
    valid: lengthIs(6),
    decode: (data) => ipv4At(data, 2),
    encode: (address) => encodeAddressBehind(0, 0, address),
    describe: formatIpv4,
  }),
  ipv4DhcpSupportMode: option<'server' | 'relay'>({
    type: 39,
    name: 'IPv4 DHCP Support Mode',
    citation: 'RFC 5844 3.1.4',
    valid: lengthIs(2),
    decode: (data) => ((data[1]! & 1) === 1 ? 'server' : 'relay'),
    encode: (mode) => encodeReservedU8(mode === 'server' ? 1 : 0),
    describe: (mode) => mode,
  }),
  alternateIpv4CareOf: option<Ipv4Address>({
    type: 49,
    name: 'Alternate IPv4 Care-of Address',
    citation: 'RFC 6463 5.4',
    align: { n: 4, offset: 2 },
    valid: lengthIs(4),
    decode: (data) => ipv4At(data, 0),
    encode: (address) => {
      const data = new Uint8Array(4);
      setU32(data, 0, address);
      return data;
    },
    describe: formatIpv4,
  }),
  mnGroupIdentifier: option<MnGroupIdentifier>({
    type: 50,
    name: 'Mobile Node Group Identifier',
    citation: 'RFC 6602 4.1',
    occurrence: 'many',
    align: { n: 4, offset: 0 },
    valid: lengthIs(6),
    decode: (data) => ({ subtype: data[0]!, group: u32At(data, 2) }),
    encode: ({ subtype, group }) => {
      const data = new Uint8Array(6);
      data[0] = subtype;
      setU32(data, 2, group);
      return data;
    },
    describe: ({ subtype, group }) => `${subtype}/${group}`,
  }),
  accessNetworkIdentifier: option<AccessNetworkIdentifier>({
    type: 52,
    name: 'Access Network Identifier',
    citation: 'RFC 6757 3',
    align: { n: 4, offset: 0 },
    valid: (data) => decodeAccessNetworkIdentifier(data) !== undefined,
    decode: (data) => decodeAccessNetworkIdentifier(data)!,
    encode: encodeAccessNetworkIdentifier,
    describe: describeAccessNetworkIdentifier,
  }),
} as const;

const optionCodecs: readonly MobilityOptionCodec<unknown>[] = Object.values(mobilityOption);

/** The table by option number; an array, because message decoding looks up every option. */
export const mobilityOptionByType: readonly (MobilityOptionCodec<unknown> | undefined)[] = Array.from(
  { length: 256 },
  (_, type) => optionCodecs.find((codec) => codec.type === type),
);
