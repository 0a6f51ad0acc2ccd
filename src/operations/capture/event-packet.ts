import { type Ipv4Address, isIpv4, parseIpv4 } from '../../kernel/address.ts';
import type { EventMessage } from '../../services/samog/event-message.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import { ipv4TtlDefault } from '../../wire/ipv4/ipv4.ts';
import { encodeUdpPacket } from '../../wire/udp/udp.ts';
import type { SocketReport } from '../views/view.ts';

/**
 * Where a message went: the ports of the gateway that carry datagrams, and `eogre` for what was within an EoGRE tunnel.
 */
export type Leg = 'eogre' | Extract<EventMessage, { kind: 'datagram' }>['port'];

/** A control message as an IPv4 packet. */
export interface EventPacket {
  readonly leg: Leg;
  /** Its payload is as it was on the wire; for a datagram the headers are made anew, of its addresses and ports. */
  readonly octets: Uint8Array;
}

interface Endpoint {
  readonly address: Ipv4Address;
  /** 0 where it is not known. */
  readonly port: number;
}

/** Addresses and ports of the gateway's sockets. */
export type LocalEndpoints = (port: string, channel: number) => Endpoint | undefined;

/**
 * Finds the address and port of a socket by the gateway's port and channel; a channel without a socket of its own is
 * taken for channel 0.
 */
export function localEndpointsOf(sockets: readonly Pick<SocketReport, 'port' | 'channel' | 'local'>[]): LocalEndpoints {
  const endpoints = new Map(sockets.map(({ port, channel, local }) => [`${port} ${channel}`, endpointOf(local)]));
  return (port, channel) => endpoints.get(`${port} ${channel}`) ?? endpoints.get(`${port} 0`);
}

function endpointOf(local: string): Endpoint | undefined {
  const [addressText = '', portText = '0'] = local.split(':');
  const address = parseIpv4(addressText);
  return address === undefined ? undefined : { address, port: Number(portText) };
}

/** Undefined where an end is not an IPv4 address. */
export function eventPacketOf(
  message: EventMessage,
  { peer, direction }: Pick<SamogEvent, 'peer' | 'direction'>,
  localOf: LocalEndpoints,
): EventPacket | undefined {
  if (message.kind === 'packet') return { leg: 'eogre', octets: message.octets };
  const local = localOf(message.port, message.channel);
  if (local === undefined || peer === undefined || !isIpv4(peer)) return undefined;
  const remote = { address: peer, port: message.peerPort };
  const [from, to] = direction === 'sent' ? [local, remote] : [remote, local];
  return {
    leg: message.port,
    octets: encodeUdpPacket(
      { source: from.address, destination: to.address, ttl: ipv4TtlDefault },
      { sourcePort: from.port, destinationPort: to.port, payload: message.octets },
    ),
  };
}
