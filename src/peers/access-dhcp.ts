import {
  type Ipv4Address,
  ipv4Broadcast,
  ipv4Mask,
  ipv4Unspecified,
  type MacAddress,
  macBroadcast,
} from '../kernel/address.ts';
import { find, tlv } from '../wire/bytes/tlv.ts';
import { type DhcpMessage, dhcpPort, encodeDhcp } from '../wire/dhcpv4/message.ts';
import { dhcpOption } from '../wire/dhcpv4/options.ts';
import { decodeIpv4, ipProtocol } from '../wire/ipv4/ipv4.ts';
import { decodeUdp, encodeUdpPacket } from '../wire/udp/udp.ts';

/** The address a MAG has for a UE: what its PBA gave. */
export interface AccessLease {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
  readonly router: Ipv4Address;
  readonly leaseSeconds: number;
}

/**
 * What the DHCP server on a MAG's access link answers a UE (RFC 5844 section 3.4.1): it leases the one address of the UE's
 * binding, as its default router. undefined where RFC 2131 has nothing said.
 *
 * @param lease undefined for a UE that was refused
 */
export function answerDhcp(message: DhcpMessage, lease: AccessLease | undefined): DhcpMessage | undefined {
  const type = find(message.options, dhcpOption.messageType);
  if (message.op !== 'request') return undefined;
  if (type === 'discover') return lease === undefined ? undefined : granted(message, 'offer', lease);
  if (type === 'inform') return lease === undefined ? undefined : granted(message, 'ack', lease);
  if (type !== 'request') return undefined;
  const server = find(message.options, dhcpOption.serverIdentifier);
  if (lease === undefined) return refused(message, server ?? ipv4Unspecified);
  // The client has chosen another server's offer.
  if (server !== undefined && server !== lease.router) return undefined;
  const wanted =
    message.clientAddress !== 0 ? message.clientAddress : find(message.options, dhcpOption.requestedAddress);
  return wanted === lease.address ? granted(message, 'ack', lease) : refused(message, lease.router);
}

/** The DHCP message that an IPv4 packet brings to a server; undefined for any other packet. */
export function dhcpIn(packet: Uint8Array): Uint8Array | undefined {
  const header = decodeIpv4(packet);
  if (!header.ok || header.value.protocol !== ipProtocol.udp) return undefined;
  const { headerLength, payloadLength, source, destination } = header.value;
  const datagram = decodeUdp(packet, headerLength, headerLength + payloadLength, source, destination);
  return datagram.ok && datagram.value.destinationPort === dhcpPort.server ? datagram.value.payload : undefined;
}

/** The IPv4 packet that takes a reply to its client, and the MAC address it goes to (RFC 2131 section 4.1). */
export function dhcpReplyPacket(
  reply: DhcpMessage,
  source: Ipv4Address,
): { readonly destination: MacAddress; readonly packet: Uint8Array } {
  const toClient = reply.yourAddress !== 0 && !reply.broadcast;
  const datagram = {
    sourcePort: dhcpPort.server,
    destinationPort: dhcpPort.client,
    payload: encodeDhcp(reply),
  };
  const packet = encodeUdpPacket({ source, destination: toClient ? reply.yourAddress : ipv4Broadcast }, datagram);
  return { destination: toClient ? reply.clientMac : macBroadcast, packet };
}

function granted(message: DhcpMessage, type: 'offer' | 'ack', lease: AccessLease): DhcpMessage {
  return {
    ...replyTo(message),
    yourAddress: lease.address,
    options: [
      tlv(dhcpOption.messageType, type),
      tlv(dhcpOption.serverIdentifier, lease.router),
      tlv(dhcpOption.leaseTime, lease.leaseSeconds),
      tlv(dhcpOption.subnetMask, ipv4Mask(lease.prefixLength)),
      tlv(dhcpOption.router, [lease.router]),
    ],
  };
}

function refused(message: DhcpMessage, server: Ipv4Address): DhcpMessage {
  return {
    ...replyTo(message),
    clientAddress: ipv4Unspecified,
    options: [tlv(dhcpOption.messageType, 'nak' as const), tlv(dhcpOption.serverIdentifier, server)],
  };
}

function replyTo(message: DhcpMessage): DhcpMessage {
  const none = new Uint8Array(0);
  return { ...message, op: 'reply', hops: 0, secs: 0, serverName: none, bootFile: none };
}
