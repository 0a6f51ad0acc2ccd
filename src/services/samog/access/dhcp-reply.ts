import type { UeAddress } from '../../../forwarding/entry.ts';
import {
  type Ipv4Address,
  ipv4Broadcast,
  ipv4Mask,
  ipv4Unspecified,
  isIpv4,
  type MacAddress,
  macBroadcast,
} from '../../../kernel/address.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import type { DhcpMessage } from '../../../wire/dhcpv4/message.ts';
import { dhcpOption } from '../../../wire/dhcpv4/options.ts';
import type { DhcpServiceConfig } from '../config.ts';
import type { AccessDhcp } from '../trigger.ts';

/** A reply and where it goes on the access link. */
export interface DhcpReply {
  readonly message: DhcpMessage;
  readonly destinationMac: MacAddress;
  readonly destination: Ipv4Address;
  readonly destinationPort: number;
  readonly source: Ipv4Address;
}

/** The server identifier for a UE: the configured one, or its default router (RFC 5844 section 3.4.1). */
export function serverIdentifierOf(address: UeAddress, options: DhcpServiceConfig): Ipv4Address {
  if (options.serverIdentifier !== undefined) return options.serverIdentifier;
  return isIpv4(address.router) ? address.router : ipv4Unspecified;
}

/** An OFFER or ACK of the session's address, or an ACK to an INFORM, which has no lease (RFC 2131 section 4.3.5). */
export function grantReply(
  dhcp: AccessDhcp,
  type: 'offer' | 'ack',
  granted: UeAddress,
  leaseSeconds: number,
  options: DhcpServiceConfig,
): DhcpReply {
  const serverIdentifier = serverIdentifierOf(granted, options);
  const inform = dhcp.intent.kind === 'inform';
  const entries: Tlv[] = [tlv(dhcpOption.messageType, type), tlv(dhcpOption.serverIdentifier, serverIdentifier)];
  if (!inform) {
    entries.push(
      tlv(dhcpOption.leaseTime, leaseSeconds),
      // A T1 of 0, as a lease of 1 s would have it, makes a client renew again with every answer.
      tlv(dhcpOption.renewalTime, Math.max(1, Math.floor(leaseSeconds * options.renewal))),
      tlv(dhcpOption.rebindingTime, Math.max(1, Math.floor(leaseSeconds * options.rebinding))),
    );
  }
  entries.push(tlv(dhcpOption.subnetMask, ipv4Mask(granted.prefixLength)));
  if (isIpv4(granted.router)) entries.push(tlv(dhcpOption.router, [granted.router]));
  if (options.dns.length > 0) entries.push(tlv(dhcpOption.domainNameServer, [...options.dns]));
  if (options.domain !== undefined) entries.push(tlv(dhcpOption.domainName, options.domain));
  if (options.mtu !== undefined) entries.push(tlv(dhcpOption.interfaceMtu, options.mtu));
  const yourAddress = inform || !isIpv4(granted.address) ? ipv4Unspecified : granted.address;
  return addressed(dhcp, reply(dhcp, yourAddress, entries), serverIdentifier, false);
}

/** A NAK: the address asked for is not this UE's here (RFC 2131 section 4.3.2). */
export function nakReply(dhcp: AccessDhcp, serverIdentifier: Ipv4Address, why: string): DhcpReply {
  const entries = [
    tlv(dhcpOption.messageType, 'nak' as const),
    tlv(dhcpOption.serverIdentifier, serverIdentifier),
    tlv(dhcpOption.message, why),
  ];
  const message = reply(dhcp, ipv4Unspecified, entries);
  return addressed(dhcp, { ...message, clientAddress: ipv4Unspecified }, serverIdentifier, true);
}

function reply(dhcp: AccessDhcp, yourAddress: Ipv4Address, entries: Tlv[]): DhcpMessage {
  const { message } = dhcp;
  // RFC 6842 section 3 and RFC 3046 section 2.2: what identifies the client and its relay comes back as it was.
  for (const option of message.options) {
    if (option.type === dhcpOption.clientIdentifier.type || option.type === dhcpOption.relayAgentInformation.type) {
      entries.push(option);
    }
  }
  return {
    ...message,
    op: 'reply',
    hops: 0,
    secs: 0,
    yourAddress,
    serverAddress: ipv4Unspecified,
    serverName: noBytes,
    bootFile: noBytes,
    options: entries,
  };
}

const noBytes = new Uint8Array(0);

/** RFC 2131 section 4.1: to the relay, to a configured client, by broadcast, or to the hardware address. */
function addressed(dhcp: AccessDhcp, message: DhcpMessage, source: Ipv4Address, nak: boolean): DhcpReply {
  const { clientAddress, relayAddress, broadcast, clientMac } = dhcp.message;
  const to = (destination: Ipv4Address, destinationMac: MacAddress, destinationPort = 68): DhcpReply => ({
    message,
    destination,
    destinationMac,
    destinationPort,
    source,
  });
  // The relay cannot unicast to a client whose address it was just told to give up (RFC 2131 section 4.3.2).
  if (relayAddress !== 0)
    return { ...to(relayAddress, dhcp.sourceMac, 67), message: { ...message, broadcast: nak || broadcast } };
  if (nak) return to(ipv4Broadcast, macBroadcast);
  if (clientAddress !== 0) return to(clientAddress, clientMac);
  if (broadcast) return to(ipv4Broadcast, macBroadcast);
  return to(message.yourAddress, clientMac);
}
