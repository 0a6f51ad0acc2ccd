import type { Ipv4Address, MacAddress } from '../kernel/address.ts';
import { formatIpv4 } from '../kernel/address.ts';
import type { Datagram } from '../peers/actor.ts';
import { macOfNai } from '../services/samog/nai.ts';
import { find } from '../wire/bytes/tlv.ts';
import { decodeDhcp, dhcpPort } from '../wire/dhcpv4/message.ts';
import { dhcpOption } from '../wire/dhcpv4/options.ts';
import { decodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { decodeGre, greProtocol } from '../wire/gre/gre.ts';
import { decodeIpv4, ipProtocol } from '../wire/ipv4/ipv4.ts';
import { pmipv6Port } from '../wire/pmipv6/constants.ts';
import { decodeMobility, type MobilityMessage } from '../wire/pmipv6/message.ts';
import { mobilityOption } from '../wire/pmipv6/options.ts';
import { radiusCode } from '../wire/radius/constants.ts';
import { decodeRadius } from '../wire/radius/packet.ts';
import { decodeUdp } from '../wire/udp/udp.ts';

/** The columns of a call flow. `access` is an RG or a WLC, told apart by `accessPoint`. */
export type Column = 'ue' | 'access' | 'samog' | 'aaa' | 'lma';

/** Something that was seen on the wire, at a radio or in the gateway's event log. */
export interface Observation {
  /** Milliseconds since the scenario began. */
  readonly at: number;
  readonly from: Column;
  /** The same as `from` for a decision. */
  readonly to: Column;
  /** The RG or WLC that takes part, by name. */
  readonly accessPoint: string | undefined;
  /** What it is: `DHCPDISCOVER`, `PBU`, `data`, `path-switched` … */
  readonly what: string;
  /** One line more about it. */
  readonly detail: string;
  /** The UE's address that it gives or asks for. */
  readonly address: Ipv4Address | undefined;
  readonly mac: MacAddress | undefined;
  /** The status of a PBA or BRA. */
  readonly status: number | undefined;
}

/** What a packet is, without where it goes. */
export type Message = Pick<Observation, 'what' | 'detail' | 'address' | 'mac' | 'status'>;

const nothing = { detail: '', address: undefined, mac: undefined, status: undefined };

/** Reads a GRE packet or UDP payload of the lab; undefined for one that plays no part in a call flow. */
export function messageOf(datagram: Datagram): Message | undefined {
  const { protocol, bytes, sourcePort, destinationPort } = datagram;
  if (protocol === 'udp') {
    return sourcePort === pmipv6Port || destinationPort === pmipv6Port ? mobilityOf(bytes) : radiusOf(bytes);
  }
  const gre = decodeGre(bytes);
  if (!gre.ok) return undefined;
  const inner = bytes.subarray(gre.value.headerLength);
  if (gre.value.protocol === greProtocol.transparentEthernet) return frameMessageOf(inner);
  return gre.value.protocol === greProtocol.ipv4 ? packetOf(inner) : undefined;
}

/** Reads an Ethernet frame of a UE's radio. */
export function frameMessageOf(frame: Uint8Array): Message | undefined {
  const header = decodeEthernet(frame);
  if (!header.ok) return undefined;
  const payload = frame.subarray(header.value.headerLength);
  if (header.value.etherType === etherType.arp) return { ...nothing, what: 'ARP' };
  return header.value.etherType === etherType.ipv4 ? packetOf(payload) : undefined;
}

function packetOf(packet: Uint8Array): Message | undefined {
  const header = decodeIpv4(packet);
  if (!header.ok) return undefined;
  const { headerLength, payloadLength, source, destination, protocol } = header.value;
  if (protocol === ipProtocol.udp) {
    const datagram = decodeUdp(packet, headerLength, headerLength + payloadLength, source, destination);
    const port = datagram.ok ? datagram.value.destinationPort : 0;
    if (datagram.ok && (port === dhcpPort.server || port === dhcpPort.client)) return dhcpOf(datagram.value.payload);
  }
  return { ...nothing, what: 'data' };
}

function dhcpOf(payload: Uint8Array): Message | undefined {
  const message = decodeDhcp(payload);
  if (!message.ok) return undefined;
  const { options, clientAddress, yourAddress, clientMac } = message.value;
  const asked = find(options, dhcpOption.requestedAddress) ?? (clientAddress || undefined);
  const address = yourAddress !== 0 ? yourAddress : asked;
  const what = `DHCP${(find(options, dhcpOption.messageType) ?? '').toUpperCase()}`;
  return { ...nothing, what, detail: address === undefined ? '' : formatIpv4(address), address, mac: clientMac };
}

function mobilityOf(bytes: Uint8Array): Message | undefined {
  const message = decodeMobility(bytes.slice());
  if (!message.ok) return undefined;
  const { options } = message.value;
  const nai = find(options, mobilityOption.mnIdentifier)?.identifier;
  const mac = nai === undefined ? undefined : macOfNai(nai);
  const given = find(options, mobilityOption.ipv4HomeAddressReply);
  const asked = find(options, mobilityOption.ipv4HomeAddressRequest);
  const address = (given ?? asked)?.address || undefined;
  return { ...nothing, ...headOf(message.value, nai, address), address, mac };
}

function headOf(
  message: MobilityMessage,
  nai: string | undefined,
  address: Ipv4Address | undefined,
): Pick<Message, 'what' | 'detail' | 'status'> {
  const given = address === undefined ? '' : ` ${formatIpv4(address)}`;
  switch (message.kind) {
    case 'proxyBindingUpdate':
      return message.lifetimeSeconds === 0
        ? { what: 'PBU lifetime 0', detail: `${nai}`, status: undefined }
        : { what: 'PBU', detail: `${nai}`, status: undefined };
    case 'proxyBindingAcknowledgement':
      return { what: 'PBA', detail: `status ${message.status}${given}`, status: message.status };
    case 'bindingRevocationIndication':
      return { what: 'BRI', detail: `trigger ${message.trigger}`, status: undefined };
    case 'bindingRevocationAcknowledgement':
      return { what: 'BRA', detail: `status ${message.status}`, status: message.status };
    case 'heartbeat':
      return { what: 'Heartbeat', detail: '', status: undefined };
    case 'bindingError':
      return { what: 'Binding Error', detail: '', status: message.status };
  }
}

const radiusNames: Readonly<Record<number, string>> = {
  [radiusCode.accessRequest]: 'Access-Request',
  [radiusCode.accessAccept]: 'Access-Accept',
  [radiusCode.accessReject]: 'Access-Reject',
  [radiusCode.accessChallenge]: 'Access-Challenge',
  [radiusCode.accountingRequest]: 'Accounting-Request',
  [radiusCode.accountingResponse]: 'Accounting-Response',
  [radiusCode.coaRequest]: 'CoA-Request',
  [radiusCode.coaAck]: 'CoA-ACK',
  [radiusCode.coaNak]: 'CoA-NAK',
  [radiusCode.disconnectRequest]: 'Disconnect-Request',
  [radiusCode.disconnectAck]: 'Disconnect-ACK',
  [radiusCode.disconnectNak]: 'Disconnect-NAK',
};

function radiusOf(bytes: Uint8Array): Message | undefined {
  const packet = decodeRadius(bytes);
  if (!packet.ok) return undefined;
  return { ...nothing, what: radiusNames[packet.value.code] ?? `RADIUS ${packet.value.code}` };
}
