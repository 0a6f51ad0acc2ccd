import { formatIpv4, formatMac } from '../../kernel/address.ts';
import { nameIn } from '../../wire/bytes/names.ts';
import { fromHex, toHex } from '../../wire/bytes/text.ts';
import type { Tlv, TlvCodec } from '../../wire/bytes/tlv.ts';
import { find } from '../../wire/bytes/tlv.ts';
import { type DhcpMessage, decodeDhcp } from '../../wire/dhcpv4/message.ts';
import { dhcpOption, dhcpOptionTable } from '../../wire/dhcpv4/options.ts';
import { decodeEap, describeEap } from '../../wire/eap/eap.ts';
import {
  ipProtocol,
  ipv4DestinationAt,
  ipv4Fault,
  ipv4HeaderLengthAt,
  ipv4ProtocolAt,
  ipv4SourceAt,
  ipv4TotalLengthAt,
} from '../../wire/ipv4/ipv4.ts';
import { decodeMobility, describeMobility } from '../../wire/pmipv6/message.ts';
import { mobilityOptionByType } from '../../wire/pmipv6/options.ts';
import { radiusAttribute, radiusAttributeByType } from '../../wire/radius/attributes.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { joinEapMessage } from '../../wire/radius/eap-message.ts';
import { decodeRadius, type RadiusPacket } from '../../wire/radius/packet.ts';
import { decodeUdp } from '../../wire/udp/udp.ts';
import type { EventRow } from '../views/events.ts';

type Message = NonNullable<EventRow['message']>;

/** All fields of a message, a line each; two spaces before what belongs to the line above. */
export function detailLines({ leg, packet }: Message): string[] {
  const bytes = fromHex(packet);
  const fault = ipv4Fault(bytes, 0, bytes.length);
  if (fault !== undefined) return [`an IPv4 packet that is ${fault}`];
  const source = ipv4SourceAt(bytes, 0);
  const destination = ipv4DestinationAt(bytes, 0);
  const ends = `IPv4 ${formatIpv4(source)} > ${formatIpv4(destination)}`;
  if (ipv4ProtocolAt(bytes, 0) !== ipProtocol.udp) return [ends, `  protocol ${ipv4ProtocolAt(bytes, 0)}`];
  const udp = decodeUdp(bytes, ipv4HeaderLengthAt(bytes, 0), ipv4TotalLengthAt(bytes, 0), source, destination);
  if (!udp.ok) return [ends, `  UDP: ${udp.reason} at octet ${udp.offset}`];
  const { sourcePort, destinationPort, payload } = udp.value;
  const head = [ends, `UDP ${sourcePort} > ${destinationPort}, ${payload.length} octets`];
  switch (leg) {
    case 'eogre':
      return [...head, ...dhcpLines(payload)];
    case 'access-pmipv6':
    case 's2a-pmipv6':
      return [...head, ...mobilityLines(payload)];
    case 'aaa':
    case 'access-radius':
    case 'dynamic-authorization':
      return [...head, ...radiusLines(payload)];
    default:
      return head;
  }
}

function dhcpLines(payload: Uint8Array): string[] {
  const read = decodeDhcp(payload);
  if (!read.ok) return [`DHCPv4: ${read.reason} at octet ${read.offset}`];
  const message = read.value;
  const type = find(message.options, dhcpOption.messageType);
  return [
    `DHCPv4 ${type?.toUpperCase() ?? `BOOT${message.op.toUpperCase()}`}`,
    `  xid 0x${message.transactionId.toString(16).padStart(8, '0')}`,
    `  chaddr ${formatMac(message.clientMac)}`,
    ...addressLines(message),
    ...tlvLines('option', message.options, (of) => dhcpOptionTable.get(of)),
  ];
}

function addressLines(message: DhcpMessage): string[] {
  const addresses = [
    ['ciaddr', message.clientAddress],
    ['yiaddr', message.yourAddress],
    ['giaddr', message.relayAddress],
  ] as const;
  return addresses.flatMap(([name, address]) => (address === 0 ? [] : [`  ${name} ${formatIpv4(address)}`]));
}

function mobilityLines(payload: Uint8Array): string[] {
  const read = decodeMobility(payload);
  if (!read.ok) return [`PMIPv6: ${read.reason} at octet ${read.offset}`];
  return [
    `PMIPv6 ${describeMobility({ ...read.value, options: [] })}`,
    ...tlvLines('option', read.value.options, (type) => mobilityOptionByType[type]),
  ];
}

function radiusLines(payload: Uint8Array): string[] {
  const read = decodeRadius(payload);
  if (!read.ok) return [`RADIUS: ${read.reason} at octet ${read.offset}`];
  const { code, identifier, authenticator, attributes } = read.value;
  return [
    `RADIUS ${nameIn(radiusCode, code)}, identifier ${identifier}`,
    `  authenticator ${toHex(authenticator)}`,
    // An EAP packet is told as a whole, behind its parts.
    ...tlvLines('attribute', attributes, (type) => radiusAttributeByType[type]),
    ...eapLines(read.value),
  ];
}

function eapLines({ attributes }: RadiusPacket): string[] {
  if (!attributes.some(({ type }) => type === radiusAttribute.eapMessage.type)) return [];
  const joined = joinEapMessage(attributes);
  if (joined.kind !== 'packet') return [`EAP ${joined.kind}`];
  const read = decodeEap(joined.octets);
  return [read.ok ? describeEap(read.value) : `EAP: ${read.reason}`];
}

function tlvLines(
  what: string,
  entries: readonly Tlv[],
  codecOf: (type: number) => TlvCodec<unknown> | undefined,
): string[] {
  return entries.map(({ type, data }) => {
    const codec = codecOf(type);
    const value = codec?.decode(data);
    if (codec === undefined || value === undefined) return `  ${what} ${type}: ${toHex(data.subarray(0, 32))}`;
    return `  ${type} ${codec.name}: ${codec.describe(value)}`;
  });
}

const octetsOfLine = 16;

/** The packet in hexadecimal, sixteen octets a line, with their characters. */
export function hexLines({ packet }: Message, octetsALine = octetsOfLine): string[] {
  const bytes = fromHex(packet);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += octetsALine) {
    const part = [...bytes.subarray(at, at + octetsALine)];
    const hex = part.map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
    const signs = part.map((octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(octetsALine * 3 - 1)}  ${signs}`);
  }
  return lines;
}
