import type { IpAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PacketInput, PacketOutput, PortName, Timed } from '../kernel/port.ts';
import type { Actor, Datagram, Network } from '../peers/actor.ts';
import { pmipv6Port } from '../wire/pmipv6/constants.ts';
import { radiusPort } from '../wire/radius/constants.ts';
import { place, radiusSourcePort } from './virtual-config.ts';

/** Sees what a gateway sends, before the network does anything to it. */
export type GatewayTap = (port: PortName, peer: IpAddress, bytes: Uint8Array) => void;

/** A gateway's doors in the virtual network: as the host's sockets would be bound, one address a side. */
export class GatewayPorts implements PacketOutput {
  readonly #network: Network;
  readonly #tap: GatewayTap;

  constructor(network: Network, tap: GatewayTap) {
    this.#network = network;
    this.#tap = tap;
  }

  send(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array): void {
    this.#tap(port, peer, bytes);
    const gre = port === 'access-gre' || port === 's2a-gre';
    this.#network.send({
      protocol: gre ? 'gre' : 'udp',
      source: addressOf(port),
      sourcePort: sourcePortOf(port, channel),
      destination: peer,
      destinationPort: gre ? 0 : peerPort,
      bytes,
    });
  }
}

/** The sides of a gateway as parties of the virtual network. Only the access side takes the gateway's turns. */
export function gatewaySides(gateway: PacketInput & Timed, channels: number): readonly Actor[] {
  const side = (name: string, address: IpAddress, ports: readonly Door[], leads: boolean): Actor => ({
    name,
    address,
    listens: ports.map(({ protocol, port }) => ({ protocol, port })),
    receive(datagram: Datagram, now: Instant): void {
      const door = ports.find(
        ({ protocol, port }) => protocol === datagram.protocol && port === datagram.destinationPort,
      );
      if (door === undefined) return;
      gateway.receive(door.name, door.channel, datagram.source, datagram.sourcePort, datagram.bytes, now);
    },
    advance: (now) => (leads ? gateway.advance(now) : undefined),
    nextDeadline: () => (leads ? gateway.nextDeadline() : Number.POSITIVE_INFINITY),
  });
  const authentication: Door = {
    name: 'access-radius',
    channel: 0,
    protocol: 'udp',
    port: radiusPort.authentication,
  };
  const accounting: Door = { name: 'access-radius', channel: 1, protocol: 'udp', port: radiusPort.accounting };
  const gre = (name: PortName): Door => ({ name, channel: 0, protocol: 'gre', port: 0 });
  const pmipv6 = (name: PortName): Door => ({ name, channel: 0, protocol: 'udp', port: pmipv6Port });
  const radius = Array.from(
    { length: channels },
    (_, channel): Door => ({ name: 'aaa', channel, protocol: 'udp', port: radiusSourcePort + channel }),
  );
  const changes: Door = {
    name: 'dynamic-authorization',
    channel: 0,
    protocol: 'udp',
    port: radiusPort.dynamicAuthorization,
  };
  return [
    side('gateway', place.access, [gre('access-gre'), pmipv6('access-pmipv6'), authentication, accounting], true),
    side('gateway-s2a', place.s2a, [gre('s2a-gre'), pmipv6('s2a-pmipv6')], false),
    side('gateway-aaa', place.aaa, [...radius, changes], false),
  ];
}

interface Door {
  readonly name: PortName;
  readonly channel: number;
  readonly protocol: 'gre' | 'udp';
  readonly port: number;
}

function sourcePortOf(port: PortName, channel: number): number {
  switch (port) {
    case 'access-gre':
    case 's2a-gre':
      return 0;
    case 'access-pmipv6':
    case 's2a-pmipv6':
      return pmipv6Port;
    case 'access-radius':
      return radiusPort.authentication + channel;
    case 'aaa':
      return radiusSourcePort + channel;
    case 'dynamic-authorization':
      return radiusPort.dynamicAuthorization;
  }
}

function addressOf(port: PortName): IpAddress {
  switch (port) {
    case 'access-gre':
    case 'access-pmipv6':
    case 'access-radius':
      return place.access;
    case 's2a-gre':
    case 's2a-pmipv6':
      return place.s2a;
    case 'aaa':
    case 'dynamic-authorization':
      return place.aaa;
  }
}
