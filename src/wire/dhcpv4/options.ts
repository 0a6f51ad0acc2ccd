import { formatIpv4, type Ipv4Address, ipv4Mask, ipv4Of } from '../../kernel/address.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import { toHex, utf8Decode, utf8Encode } from '../bytes/text.ts';
import { findMalformed, type Tlv, type TlvCodec, tableOf } from '../bytes/tlv.ts';

/** DHCP options (RFC 2132 and the documents cited) as a typed table. */

const messageTypes = ['discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'] as const;

export type DhcpMessageType = (typeof messageTypes)[number];

/** One route of the Classless Static Route option. Bits of `destination` behind the prefix are not sent. */
export interface ClasslessRoute {
  readonly destination: Ipv4Address;
  readonly prefixLength: number;
  readonly router: Ipv4Address;
}

/** A lease of this many seconds never ends (RFC 2131 section 3.3). */
export const infiniteLeaseSeconds = 0xffffffff;

type Identity = readonly [type: number, name: string, citation: string];

function option<T>(
  [type, name, citation]: Identity,
  value: Pick<TlvCodec<T>, 'decode' | 'encode' | 'describe'>,
): TlvCodec<T> {
  // RFC 3396: entries of one type are parts of one option, so after decoding there is at most one of each.
  return { type, name, citation, occurrence: 'one', ...value };
}

function addressOption(...identity: Identity): TlvCodec<Ipv4Address> {
  return option(identity, {
    decode: (data) => (data.length === 4 ? ipv4Of(u32At(data, 0)) : undefined),
    encode: (value) => encodeAddresses([value]),
    describe: formatIpv4,
  });
}

function addressesOption(...identity: Identity): TlvCodec<readonly Ipv4Address[]> {
  return option(identity, {
    decode(data) {
      if (data.length === 0 || data.length % 4 !== 0) return undefined;
      const addresses: Ipv4Address[] = [];
      for (let at = 0; at < data.length; at += 4) addresses.push(ipv4Of(u32At(data, at)));
      return addresses;
    },
    encode: encodeAddresses,
    describe: (value) => value.map(formatIpv4).join(','),
  });
}

function encodeAddresses(addresses: readonly Ipv4Address[]): Uint8Array {
  const data = new Uint8Array(addresses.length * 4);
  for (let index = 0; index < addresses.length; index += 1) setU32(data, index * 4, addresses[index]!);
  return data;
}

function u16Option(...identity: Identity): TlvCodec<number> {
  return option(identity, {
    decode: (data) => (data.length === 2 ? u16At(data, 0) : undefined),
    encode(value) {
      const data = new Uint8Array(2);
      setU16(data, 0, value);
      return data;
    },
    describe: String,
  });
}

function secondsOption(...identity: Identity): TlvCodec<number> {
  return option(identity, {
    decode: (data) => (data.length === 4 ? u32At(data, 0) : undefined),
    encode(value) {
      const data = new Uint8Array(4);
      setU32(data, 0, value);
      return data;
    },
    describe: (value) => `${value} s`,
  });
}

/**
 * Text. Trailing NULs are dropped (RFC 2132 section 2). An empty text, which the RFC excludes and some clients send, is
 * accepted: nothing is decided by it.
 */
function textOption(...identity: Identity): TlvCodec<string> {
  return option(identity, {
    decode(data) {
      let length = data.length;
      while (length > 0 && data[length - 1] === 0) length -= 1;
      return utf8Decode(data.subarray(0, length));
    },
    encode: utf8Encode,
    describe: (value) => JSON.stringify(value),
  });
}

function opaqueOption(lengthMin: number, ...identity: Identity): TlvCodec<Uint8Array> {
  return option(identity, {
    decode: (data) => (data.length >= lengthMin ? data : undefined),
    encode: (value) => value,
    describe: toHex,
  });
}

/** Sub-options of the Relay Agent Information option. */
export const relaySubOption = {
  circuitId: opaqueOption(1, 1, 'Agent Circuit ID', 'RFC 3046 3.1'),
  remoteId: opaqueOption(1, 2, 'Agent Remote ID', 'RFC 3046 3.2'),
  linkSelection: addressOption(5, 'Link Selection', 'RFC 3527 3'),
  subscriberId: textOption(6, 'Subscriber-ID', 'RFC 3993 3'),
} as const;

const relaySubOptionTable = tableOf(Object.values(relaySubOption));

function decodeSubOptions(data: Uint8Array): readonly Tlv[] | undefined {
  const entries: Tlv[] = [];
  for (let at = 0; at < data.length; ) {
    const length = at + 1 < data.length ? data[at + 1]! : data.length;
    if (at + 2 + length > data.length) return undefined;
    entries.push({ type: data[at]!, data: data.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return entries.length === 0 || findMalformed(entries, relaySubOptionTable) !== undefined ? undefined : entries;
}

function encodeSubOptions(entries: readonly Tlv[]): Uint8Array {
  return Uint8Array.from(
    entries.flatMap(({ type, data }) => [type, Math.min(data.length, 255), ...data.slice(0, 255)]),
  );
}

function describeSubOption({ type, data }: Tlv): string {
  const codec = relaySubOptionTable.get(type);
  const value = codec?.decode(data);
  return codec === undefined || value === undefined
    ? `${type} ${toHex(data)}`
    : `${codec.name} ${codec.describe(value)}`;
}

function decodeRoutes(data: Uint8Array): readonly ClasslessRoute[] | undefined {
  const routes: ClasslessRoute[] = [];
  for (let at = 0; at < data.length; ) {
    const prefixLength = data[at]!;
    const significant = Math.ceil(prefixLength / 8);
    if (prefixLength > 32 || at + 1 + significant + 4 > data.length) return undefined;
    let destination = 0;
    for (let index = 0; index < significant; index += 1) destination |= data[at + 1 + index]! << (24 - index * 8);
    at += 1 + significant;
    routes.push({
      destination: ipv4Of(destination & ipv4Mask(prefixLength)),
      prefixLength,
      router: ipv4Of(u32At(data, at)),
    });
    at += 4;
  }
  return routes.length === 0 ? undefined : routes;
}

function encodeRoutes(routes: readonly ClasslessRoute[]): Uint8Array {
  return Uint8Array.from(
    routes.flatMap(({ destination, prefixLength, router }) => {
      const network = encodeAddresses([ipv4Of(destination & ipv4Mask(prefixLength)), router]);
      return [prefixLength, ...network.subarray(0, Math.ceil(prefixLength / 8)), ...network.subarray(4)];
    }),
  );
}

/** The options this project reads or writes. */
export const dhcpOption = {
  subnetMask: addressOption(1, 'Subnet Mask', 'RFC 2132 3.3'),
  router: addressesOption(3, 'Router', 'RFC 2132 3.5'),
  domainNameServer: addressesOption(6, 'Domain Name Server', 'RFC 2132 3.8'),
  hostName: textOption(12, 'Host Name', 'RFC 2132 3.14'),
  domainName: textOption(15, 'Domain Name', 'RFC 2132 3.17'),
  interfaceMtu: u16Option(26, 'Interface MTU', 'RFC 2132 5.1'),
  broadcastAddress: addressOption(28, 'Broadcast Address', 'RFC 2132 5.3'),
  requestedAddress: addressOption(50, 'Requested IP Address', 'RFC 2132 9.1'),
  leaseTime: secondsOption(51, 'IP Address Lease Time', 'RFC 2132 9.2'),
  messageType: option<DhcpMessageType>([53, 'DHCP Message Type', 'RFC 2132 9.6'], {
    decode: (data) => (data.length === 1 ? messageTypes[data[0]! - 1] : undefined),
    encode: (value) => Uint8Array.of(messageTypes.indexOf(value) + 1),
    describe: (value) => value,
  }),
  serverIdentifier: addressOption(54, 'Server Identifier', 'RFC 2132 9.7'),
  parameterRequestList: option<readonly number[]>([55, 'Parameter Request List', 'RFC 2132 9.8'], {
    decode: (data) => Array.from(data),
    encode: (value) => Uint8Array.from(value),
    describe: (value) => value.join(','),
  }),
  message: textOption(56, 'Message', 'RFC 2132 9.9'),
  /** In octets. Values under the legal minimum of 576 are read; a server treats them as 576. */
  maximumMessageSize: u16Option(57, 'Maximum DHCP Message Size', 'RFC 2132 9.10'),
  renewalTime: secondsOption(58, 'Renewal (T1) Time Value', 'RFC 2132 9.11'),
  rebindingTime: secondsOption(59, 'Rebinding (T2) Time Value', 'RFC 2132 9.12'),
  vendorClassIdentifier: textOption(60, 'Vendor class identifier', 'RFC 2132 9.13'),
  clientIdentifier: opaqueOption(2, 61, 'Client-identifier', 'RFC 2132 9.14'),
  relayAgentInformation: option<readonly Tlv[]>([82, 'Relay Agent Information', 'RFC 3046 2.0'], {
    decode: decodeSubOptions,
    encode: encodeSubOptions,
    describe: (value) => value.map(describeSubOption).join(', '),
  }),
  classlessStaticRoute: option<readonly ClasslessRoute[]>([121, 'Classless Static Route', 'RFC 3442'], {
    decode: decodeRoutes,
    encode: encodeRoutes,
    describe: (value) =>
      value
        .map((route) => `${formatIpv4(route.destination)}/${route.prefixLength} via ${formatIpv4(route.router)}`)
        .join(', '),
  }),
} as const;

/** All of `dhcpOption` by number. */
export const dhcpOptionTable = tableOf(Object.values(dhcpOption));
