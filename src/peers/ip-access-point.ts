import { type IpAddress, type Ipv4Address, ipv4Broadcast, type MacAddress, macBroadcast } from '../kernel/address.ts';
import type { Digests } from '../kernel/context.ts';
import type { Instant } from '../kernel/instant.ts';
import { arpReply, decodeArp, encodeArp } from '../wire/arp/arp.ts';
import { find } from '../wire/bytes/tlv.ts';
import { decodeDhcp, dhcpPort, encodeDhcp } from '../wire/dhcpv4/message.ts';
import { dhcpOption } from '../wire/dhcpv4/options.ts';
import { decodeEthernet, encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { decodeGre, greLength, greProtocol, writeGre } from '../wire/gre/gre.ts';
import { decodeIpv4 } from '../wire/ipv4/ipv4.ts';
import { encodeUdpPacket } from '../wire/udp/udp.ts';
import { answerDhcp, dhcpIn } from './access-dhcp.ts';
import { AccountingNas } from './accounting-nas.ts';
import type { AccessPoint, Actor, Datagram, Network, Station } from './actor.ts';
import { magLinkLayerAddress } from './wlc.ts';

export interface IpAccessPointOptions {
  readonly name: string;
  readonly address: IpAddress;
  /** The gateway's access address. */
  readonly gateway: IpAddress;
  /** Of its accounting. */
  readonly secret: Uint8Array;
  /** What its site's DHCP server gives a UE: nobody beyond the gateway knows it. */
  readonly addressOf: (mac: MacAddress) => Ipv4Address;
  /** Of the site. */
  readonly router: Ipv4Address;
  readonly prefixLength: number;
  /** How often it repeats a record that is not answered; left out, never. */
  readonly repeatMs?: number;
}

interface Visit {
  readonly station: Station;
  /** Acct-Session-Id of its START; undefined until the UE has its address. */
  started: string | undefined;
  /** Identifier of the START while it is not answered. */
  asked: number | undefined;
  /** The UE's packets until then. */
  held: Uint8Array[];
}

const leaseSeconds = 3600;
const lostCarrier = 2;

/**
 * An access point of a site that gives UEs addresses itself: it tells the gateway of a UE by accounting, START and STOP, and passes
 * IPv4 packets on in GRE without a key.
 */
export class IpAccessPoint implements Actor, AccessPoint {
  readonly name: string;
  readonly address: IpAddress;
  readonly listens: Actor['listens'];
  readonly accounting: AccountingNas;
  /** Acct-Session-Ids whose STOP it has said, */
  readonly said = new Set<string>();
  /** and those of which that is answered. */
  readonly stopped = new Set<string>();
  readonly #options: IpAccessPointOptions;
  readonly #network: Network;
  readonly #visits = new Map<MacAddress, Visit>();
  readonly #byAddress = new Map<Ipv4Address, Visit>();
  /** STOPs that wait for their answer: Identifier, Acct-Session-Id. */
  readonly #stops = new Map<number, string>();
  #starts = 0;

  constructor(options: IpAccessPointOptions, network: Network, digests: Digests) {
    const { name, address, gateway, secret, repeatMs } = options;
    this.name = name;
    this.address = address;
    this.#options = options;
    this.#network = network;
    const repeats = repeatMs === undefined ? {} : { repeatMs };
    this.accounting = new AccountingNas({ name, address, gateway, secret, ...repeats }, network, digests);
    this.listens = [...this.accounting.listens, { protocol: 'gre', port: 0 }];
  }

  associate(station: Station): void {
    const before = this.#visits.get(station.mac);
    if (before !== undefined) this.#stop(before);
    const visit = { station, started: undefined, asked: undefined, held: [] };
    this.#visits.set(station.mac, visit);
    this.#byAddress.set(this.#options.addressOf(station.mac), visit);
  }

  dissociate(station: Station): void {
    const visit = this.#visits.get(station.mac);
    if (visit?.station !== station) return;
    this.#visits.delete(station.mac);
    this.#byAddress.delete(this.#options.addressOf(station.mac));
    this.#stop(visit);
  }

  fromStation(station: Station, frame: Uint8Array, now: Instant): void {
    const visit = this.#visits.get(station.mac);
    const header = decodeEthernet(frame);
    if (visit?.station !== station || !header.ok) return;
    const payload = frame.subarray(header.value.headerLength);
    if (header.value.etherType === etherType.arp) return this.#arp(visit, payload, now);
    if (header.value.etherType !== etherType.ipv4) return;
    const dhcp = dhcpIn(payload);
    if (dhcp !== undefined) return this.#dhcp(visit, dhcp, now);
    if (!isFrom(this.#options.addressOf(station.mac), payload)) return;
    // A UE that has its address from another access point of the site.
    this.#start(visit);
    if (visit.asked === undefined) this.#uplink(payload);
    else visit.held.push(payload.slice());
  }

  receive(datagram: Datagram, now: Instant): void {
    if (datagram.source !== this.#options.gateway) return;
    if (datagram.protocol === 'udp') return this.#accounted(datagram);
    const gre = decodeGre(datagram.bytes);
    if (!gre.ok || gre.value.protocol !== greProtocol.ipv4 || gre.value.key !== undefined) return;
    const packet = datagram.bytes.subarray(gre.value.headerLength);
    const header = decodeIpv4(packet);
    const visit = header.ok ? this.#byAddress.get(header.value.destination) : undefined;
    if (visit !== undefined) this.#toStation(visit, visit.station.mac, etherType.ipv4, packet, now);
  }

  advance(now: Instant): void {
    this.accounting.advance(now);
  }

  nextDeadline(): Instant {
    return this.accounting.nextDeadline();
  }

  /** Tells the gateway of the UE, once a visit. */
  #start(visit: Visit): void {
    if (visit.started !== undefined) return;
    const { mac } = visit.station;
    this.#starts += 1;
    visit.started = `${this.name}-${this.#starts}`;
    const framedIpAddress = this.#options.addressOf(mac);
    visit.asked = this.accounting.say('start', { mac, acctSessionId: visit.started, framedIpAddress });
    // It may have been that of a STOP that was given up.
    this.#stops.delete(visit.asked);
  }

  /** A visit is over. The START of one that is not answered may be on its way yet, and come behind its STOP. */
  #stop({ station: { mac }, started: acctSessionId, asked }: Visit): void {
    if (acctSessionId === undefined) return;
    const framedIpAddress = this.#options.addressOf(mac);
    if (asked !== undefined) this.accounting.withdraw(asked);
    const stop = this.accounting.say('stop', { mac, acctSessionId, framedIpAddress, cause: lostCarrier });
    this.#stops.set(stop, acctSessionId);
    this.said.add(acctSessionId);
  }

  /** Of a START that is answered the gateway knows its UE: what the UE has sent goes on. */
  #accounted(datagram: Datagram): void {
    const before = this.accounting.answered.length;
    this.accounting.receive(datagram);
    const answered = this.accounting.answered[before];
    if (answered === undefined) return;
    const stopped = this.#stops.get(answered);
    if (stopped !== undefined) this.stopped.add(stopped);
    this.#stops.delete(answered);
    for (const visit of this.#visits.values()) {
      if (visit.asked !== answered) continue;
      visit.asked = undefined;
      for (const packet of visit.held) this.#uplink(packet);
      visit.held = [];
    }
  }

  #arp(visit: Visit, payload: Uint8Array, now: Instant): void {
    const message = decodeArp(payload);
    if (!message.ok || message.value.operation !== 'request') return;
    if (message.value.targetAddress !== this.#options.router) return;
    const reply = encodeArp(arpReply(message.value, magLinkLayerAddress));
    this.#toStation(visit, visit.station.mac, etherType.arp, reply, now);
  }

  #dhcp(visit: Visit, payload: Uint8Array, now: Instant): void {
    const { addressOf, router, prefixLength } = this.#options;
    const { mac } = visit.station;
    const message = decodeDhcp(payload);
    if (!message.ok || message.value.clientMac !== mac) return;
    const reply = answerDhcp(message.value, { address: addressOf(mac), prefixLength, router, leaseSeconds });
    if (reply === undefined) return;
    const toClient = reply.yourAddress !== 0 && !reply.broadcast;
    const datagram = {
      sourcePort: dhcpPort.server,
      destinationPort: dhcpPort.client,
      payload: encodeDhcp(reply),
    };
    const destination = toClient ? reply.yourAddress : ipv4Broadcast;
    const packet = encodeUdpPacket({ source: router, destination }, datagram);
    this.#toStation(visit, toClient ? mac : macBroadcast, etherType.ipv4, packet, now);
    if (find(reply.options, dhcpOption.messageType) === 'ack') this.#start(visit);
  }

  #uplink(packet: Uint8Array): void {
    const bytes = new Uint8Array(greLength(undefined) + packet.length);
    bytes.set(packet, writeGre(bytes, 0, greProtocol.ipv4, undefined));
    const { gateway: destination } = this.#options;
    const ports = { sourcePort: 0, destinationPort: 0 };
    this.#network.send({ protocol: 'gre', source: this.address, destination, ...ports, bytes });
  }

  #toStation(visit: Visit, destination: MacAddress, type: number, payload: Uint8Array, now: Instant): void {
    const frame = encodeEthernet(
      { destination, source: magLinkLayerAddress, vlan: undefined, etherType: type },
      payload,
    );
    visit.station.toStation(frame, now, this);
  }
}

/** It lets a UE send under no other address than its own. */
function isFrom(address: Ipv4Address, packet: Uint8Array): boolean {
  const header = decodeIpv4(packet);
  return header.ok && header.value.source === address;
}
