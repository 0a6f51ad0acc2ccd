import {
  formatMac,
  type IpAddress,
  type Ipv4Address,
  ipv4Unspecified,
  type MacAddress,
  macOf,
} from '../kernel/address.ts';
import type { Digests, RandomSource } from '../kernel/context.ts';
import { Counters } from '../kernel/counters.ts';
import { type Instant, never, type WallClock } from '../kernel/instant.ts';
import { arpReply, decodeArp, encodeArp } from '../wire/arp/arp.ts';
import { find } from '../wire/bytes/tlv.ts';
import { decodeDhcp } from '../wire/dhcpv4/message.ts';
import { decodeEthernet, encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { decodeGre, greLength, greProtocol, writeGre } from '../wire/gre/gre.ts';
import { handoffIndicator, ipv4HomeAddressStatus, pmipv6Port, revocationStatus } from '../wire/pmipv6/constants.ts';
import {
  type BindingRevocationIndication,
  decodeMobility,
  encodeMobility,
  type Heartbeat,
  type MobilityMessage,
  type ProxyBindingAcknowledgement,
} from '../wire/pmipv6/message.ts';
import { mobilityOption } from '../wire/pmipv6/options.ts';
import { radiusPort } from '../wire/radius/constants.ts';
import { type AccessLease, answerDhcp, dhcpIn, dhcpReplyPacket } from './access-dhcp.ts';
import type { AccessPoint, Actor, Datagram, Network, Station } from './actor.ts';
import { Agenda, type Appointment, cancel } from './agenda.ts';
import { heartbeatResponse, proxyBindingUpdate, revocationAcknowledgement } from './mag-messages.ts';
import { type AccessOutcome, RadiusNas } from './radius-nas.ts';

/** When the LMA is told that a UE has gone: at once, late by some milliseconds, or never. */
export type DeregistrationManner = 'immediate' | 'never' | { readonly lateMs: number };

export interface WlcOptions {
  readonly name: string;
  readonly address: IpAddress;
  /** The gateway's access address: the LMA, as this MAG sees it. */
  readonly lma: IpAddress;
  /** How a MAC address is written in NAIs: the separator, and the digits in a group. `':'` and 2 unless told otherwise. */
  readonly naiSeparator?: '-' | ':' | '.' | '';
  readonly naiRealm?: string;
  /** The lifetime asked for; 3600 s unless told otherwise. */
  readonly lifetimeSeconds?: number;
  readonly deregistration?: DeregistrationManner;
  /** The MAC address of the default router on its radio link; that of RFC 6543 unless told otherwise. */
  readonly routerMac?: MacAddress;
  readonly apn?: string;
  /** With it the WLC authenticates each UE by RADIUS, and sends its PBU when it is accepted. */
  readonly radius?: {
    readonly secret: Uint8Array;
    readonly digests: Digests;
    /** What the UE calls itself. */
    readonly identityOf: (mac: MacAddress) => string;
  };
}

/** A UE's binding as its MAG knows it, as plain data. */
export interface WlcBinding {
  readonly mac: MacAddress;
  readonly nai: string;
  readonly state: 'authenticating' | 'registering' | 'registered' | 'refused';
  readonly address: Ipv4Address | undefined;
  readonly downlinkKey: number;
  readonly uplinkKey: number | undefined;
  /** Whether the UE is on its radio. */
  readonly present: boolean;
}

const counterNames = [
  'pbu',
  'pbu.retransmitted',
  'pbu.deregistration',
  'pba',
  'pba.refused',
  'pba.stale',
  'bri',
  'bra',
  'heartbeat.answered',
  'uplink.packets',
  'uplink.discarded',
  'uplink.held',
  'downlink.packets',
  'downlink.unknown-key',
  'downlink.no-station',
  'access.accepted',
  'access.keys-differ',
  'access.rejected',
  'access.unanswered',
] as const;

/** RFC 6543 section 3: the MAC address that every MAG uses as the default router's. */
export const magLinkLayerAddress = macOf(0x00005e005213);
const firstTimeoutMs = 1000;
const timeoutMaxMs = 32_000;
/** Uplink packets held for a UE while its PBU is on its way. */
const heldMax = 64;

interface Visit {
  readonly mac: MacAddress;
  nai: string;
  station: Station | undefined;
  state: WlcBinding['state'];
  readonly downlinkKey: number;
  uplinkKey: number | undefined;
  lease: AccessLease | undefined;
  /** The sequence numbers of the PBUs sent since the last answer: any of them may be answered. */
  asked: number[];
  /** The next PBU, first of an exchange or repeated. */
  next: Appointment | undefined;
  held: Uint8Array[];
  /** The UE's latest DHCP message, if it came before the PBA. */
  heldDhcp: Uint8Array | undefined;
}

/** A WLC: the access points' controller as a MAG (RFC 5213 section 6, RFC 5844, RFC 5845) toward the gateway. */
export class Wlc implements Actor, AccessPoint {
  readonly name: string;
  readonly address: IpAddress;
  readonly listens: Actor['listens'];
  /** Its RADIUS client; undefined for a WLC that speaks none. */
  readonly nas: RadiusNas | undefined;
  readonly counters = new Counters(counterNames);
  /** While true no BRI is answered, and none heeded. */
  silentOnRevocation = false;
  deregistration: DeregistrationManner;
  restartCounter = 1;
  readonly #options: WlcOptions;
  readonly #network: Network;
  readonly #random: RandomSource;
  readonly #wallClock: () => WallClock;
  readonly #agenda = new Agenda();
  readonly #visits = new Map<MacAddress, Visit>();
  readonly #byKey = new Map<number, Visit>();
  readonly #byNai = new Map<string, Visit>();
  /** One for all UEs: a UE's numbers must go on growing from visit to visit. */
  #sequence: number;

  constructor(options: WlcOptions, network: Network, random: RandomSource, wallClock: () => WallClock) {
    this.name = options.name;
    this.address = options.address;
    this.deregistration = options.deregistration ?? 'never';
    this.#options = options;
    this.#network = network;
    this.#random = random;
    this.#wallClock = wallClock;
    this.#sequence = random.u32() & 0xffff;
    const { radius, lma: gateway, name, address } = options;
    this.nas =
      radius && new RadiusNas({ address, gateway, secret: radius.secret, name }, network, random, radius.digests);
    this.listens = [
      { protocol: 'udp', port: pmipv6Port },
      { protocol: 'gre', port: 0 },
      ...(this.nas === undefined
        ? []
        : [this.nas.port, radiusPort.dynamicAuthorization].map((port) => ({ protocol: 'udp', port }) as const)),
    ];
  }

  bindings(): readonly WlcBinding[] {
    return [...this.#visits.values()].map(bindingOfVisit);
  }

  bindingOf(mac: MacAddress): WlcBinding | undefined {
    const visit = this.#visits.get(mac);
    return visit === undefined ? undefined : bindingOfVisit(visit);
  }

  associate(station: Station, now: Instant): void {
    const before = this.#visits.get(station.mac);
    if (before !== undefined) this.#forget(before);
    const visit: Visit = {
      mac: station.mac,
      nai: this.#naiOf(station.mac),
      station,
      state: 'registering',
      downlinkKey: this.#newKey(),
      uplinkKey: undefined,
      lease: undefined,
      asked: [],
      next: undefined,
      held: [],
      heldDhcp: undefined,
    };
    this.#visits.set(visit.mac, visit);
    this.#byKey.set(visit.downlinkKey, visit);
    this.#byNai.set(visit.nai, visit);
    if (this.nas === undefined) return this.#register(visit, now);
    visit.state = 'authenticating';
    this.nas.authenticate(visit.mac, this.#options.radius!.identityOf(visit.mac), this.#authenticated(visit), now);
  }

  #authenticated(visit: Visit): (outcome: AccessOutcome, now: Instant) => void {
    return (outcome, now) => {
      if (this.#visits.get(visit.mac) !== visit) return;
      this.counters.add(
        outcome.kind === 'accepted' && !outcome.keysAgree ? 'access.keys-differ' : `access.${outcome.kind}`,
      );
      if (outcome.kind !== 'accepted') {
        visit.state = 'refused';
        return this.#answerHeldDhcp(visit, now);
      }
      this.#byNai.delete(visit.nai);
      visit.nai = outcome.nai ?? visit.nai;
      this.#byNai.set(visit.nai, visit);
      visit.state = 'registering';
      this.#register(visit, now);
    };
  }

  /** RFC 5213 section 8.4: this MAG cannot know whether the UE comes from another. */
  #register(visit: Visit, now: Instant): void {
    this.#update(visit, handoffIndicator.unknown, 1, now);
  }

  dissociate(station: Station, now: Instant): void {
    const visit = this.#visits.get(station.mac);
    if (visit?.station !== station) return;
    visit.station = undefined;
    // A MAG refreshes only for UEs it sees; one that came back would have a new visit.
    if (this.deregistration === 'immediate') return this.#deregister(visit);
    visit.next = cancel(visit.next);
    if (this.deregistration === 'never') return;
    visit.next = this.#agenda.at(now + this.deregistration.lateMs, () => this.#deregister(visit));
  }

  /** Tells the LMA that a UE has gone, whether or not it knows of a binding: what a late or confused MAG does. */
  sendDeregistration(mac: MacAddress): void {
    this.counters.add('pbu.deregistration');
    this.#sendUpdate(mac, this.#naiOf(mac), undefined, handoffIndicator.unknown, 0);
  }

  /** Loses every binding, as a crash does; its stations are gone too. */
  restart(): void {
    for (const visit of [...this.#visits.values()]) this.#forget(visit);
    this.restartCounter += 1;
  }

  fromStation(station: Station, frame: Uint8Array, now: Instant): void {
    const visit = this.#visits.get(station.mac);
    const header = decodeEthernet(frame);
    if (visit?.station !== station || !header.ok) return this.counters.add('uplink.discarded');
    const payload = frame.subarray(header.value.headerLength);
    if (header.value.etherType === etherType.arp) return this.#arp(visit, payload, now);
    if (header.value.etherType !== etherType.ipv4) return this.counters.add('uplink.discarded');
    const dhcp = dhcpIn(payload);
    if (dhcp !== undefined) return this.#dhcp(visit, dhcp, now);
    this.#uplink(visit, payload);
  }

  receive(datagram: Datagram, now: Instant): void {
    if (datagram.source !== this.#options.lma) return;
    if (datagram.protocol === 'gre') return this.#downlink(datagram.bytes, now);
    if (datagram.destinationPort === this.nas?.port) return this.nas.receive(datagram, now);
    if (datagram.destinationPort === radiusPort.dynamicAuthorization) return this.nas?.disconnected(datagram);
    const message = decodeMobility(datagram.bytes.slice());
    if (!message.ok) return;
    switch (message.value.kind) {
      case 'proxyBindingAcknowledgement':
        return this.#acknowledged(message.value, now);
      case 'bindingRevocationIndication':
        return this.#revoked(message.value, datagram.sourcePort);
      case 'heartbeat':
        return this.#answerHeartbeat(message.value, datagram.sourcePort);
      default:
        return;
    }
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
    this.nas?.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#agenda.nextDeadline(), this.nas?.nextDeadline() ?? never);
  }

  #naiOf(mac: MacAddress): string {
    const { naiSeparator = ':', naiRealm } = this.#options;
    const text = naiSeparator === '.' ? formatMac(mac, '').match(/.{4}/g)!.join('.') : formatMac(mac, naiSeparator);
    return naiRealm === undefined ? text : `${text}@${naiRealm}`;
  }

  get #routerMac(): MacAddress {
    return this.#options.routerMac ?? magLinkLayerAddress;
  }

  #newKey(): number {
    for (;;) {
      const key = this.#random.u32();
      if (key !== 0 && !this.#byKey.has(key)) return key;
    }
  }

  #forget(visit: Visit): void {
    cancel(visit.next);
    this.nas?.cancel(visit.mac);
    this.#byKey.delete(visit.downlinkKey);
    if (this.#visits.get(visit.mac) !== visit) return;
    this.#visits.delete(visit.mac);
    this.#byNai.delete(visit.nai);
  }

  /** Sends a PBU and, until it is answered, again after 1 s, 2 s … 32 s (RFC 6275 section 11.8). */
  #update(visit: Visit, indicator: number, attempt: number, now: Instant): void {
    this.counters.add(attempt === 1 ? 'pbu' : 'pbu.retransmitted');
    visit.asked.push(this.#sequence);
    const wait = Math.min(firstTimeoutMs * 2 ** (attempt - 1), timeoutMaxMs);
    visit.next = this.#agenda.at(now + wait, (at) => this.#update(visit, indicator, attempt + 1, at));
    const { lifetimeSeconds = 3600 } = this.#options;
    this.#sendUpdate(visit.mac, visit.nai, visit, indicator, lifetimeSeconds);
  }

  #deregister(visit: Visit): void {
    this.#forget(visit);
    this.counters.add('pbu.deregistration');
    this.#sendUpdate(visit.mac, visit.nai, visit, handoffIndicator.unknown, 0);
  }

  #sendUpdate(
    mac: MacAddress,
    nai: string,
    visit: Visit | undefined,
    indicator: number,
    lifetimeSeconds: number,
  ): void {
    const { apn } = this.#options;
    const sequence = this.#sequence;
    const timestamp = this.#wallClock();
    const address = visit?.lease?.address;
    const downlinkKey = visit?.downlinkKey;
    this.#send(
      pmipv6Port,
      proxyBindingUpdate({ sequence, timestamp, mac, nai, apn, indicator, lifetimeSeconds, address, downlinkKey }),
    );
    this.#sequence = (this.#sequence + 1) & 0xffff;
  }

  #acknowledged(message: ProxyBindingAcknowledgement, now: Instant): void {
    this.counters.add('pba');
    const nai = find(message.options, mobilityOption.mnIdentifier)?.identifier;
    const visit = nai === undefined ? undefined : this.#byNai.get(nai);
    if (visit === undefined || !visit.asked.includes(message.sequence)) return this.counters.add('pba.stale');
    visit.asked = [];
    visit.next = cancel(visit.next);
    const reply = find(message.options, mobilityOption.ipv4HomeAddressReply);
    const uplinkKey = find(message.options, mobilityOption.greKey)?.key;
    const router = find(message.options, mobilityOption.ipv4DefaultRouter);
    const granted = message.status < 128 && reply?.status === ipv4HomeAddressStatus.success;
    if (!granted || uplinkKey === undefined || router === undefined) {
      this.counters.add('pba.refused');
      visit.state = 'refused';
      visit.held = [];
      return this.#answerHeldDhcp(visit, now);
    }
    const { address, prefixLength } = reply;
    visit.state = 'registered';
    visit.uplinkKey = uplinkKey;
    visit.lease = { address, prefixLength, router, leaseSeconds: message.lifetimeSeconds };
    if (visit.station !== undefined) {
      // The refresh must be done before the binding ends; RFC 5213 section 6.9.1.2 leaves the moment open.
      const refreshAt = now + message.lifetimeSeconds * 900;
      visit.next = this.#agenda.at(refreshAt, (at) => this.#update(visit, handoffIndicator.reRegistration, 1, at));
    }
    this.#answerHeldDhcp(visit, now);
    const { held } = visit;
    visit.held = [];
    for (const packet of held) this.#uplink(visit, packet);
  }

  #revoked(message: BindingRevocationIndication, port: number): void {
    this.counters.add('bri');
    if (this.silentOnRevocation) return;
    const nai = find(message.options, mobilityOption.mnIdentifier)?.identifier;
    const visit = nai === undefined ? undefined : this.#byNai.get(nai);
    // A PBU that is not answered yet is about a later visit than the one revoked.
    const ended = visit !== undefined && visit.state !== 'registering';
    if (ended) this.#forget(visit);
    this.counters.add('bra');
    const status = ended ? revocationStatus.success : revocationStatus.bindingDoesNotExist;
    this.#send(port, revocationAcknowledgement(message, status));
  }

  #answerHeartbeat(message: Heartbeat, port: number): void {
    if (message.response) return;
    this.counters.add('heartbeat.answered');
    this.#send(port, heartbeatResponse(message, this.restartCounter));
  }

  #arp(visit: Visit, payload: Uint8Array, now: Instant): void {
    const message = decodeArp(payload);
    if (!message.ok || visit.lease === undefined) return;
    const { operation, senderAddress, targetAddress } = message.value;
    if (operation !== 'request' || targetAddress !== visit.lease.router || senderAddress === targetAddress) return;
    this.#toStation(visit, visit.mac, etherType.arp, encodeArp(arpReply(message.value, this.#routerMac)), now);
  }

  #dhcp(visit: Visit, payload: Uint8Array, now: Instant): void {
    const message = decodeDhcp(payload);
    if (!message.ok || message.value.clientMac !== visit.mac) return;
    if (visit.state === 'registering' || visit.state === 'authenticating') {
      visit.heldDhcp = payload.slice();
      return;
    }
    const reply = answerDhcp(message.value, visit.lease);
    if (reply === undefined) return;
    const { destination, packet } = dhcpReplyPacket(reply, visit.lease?.router ?? ipv4Unspecified);
    this.#toStation(visit, destination, etherType.ipv4, packet, now);
  }

  #answerHeldDhcp(visit: Visit, now: Instant): void {
    const { heldDhcp } = visit;
    visit.heldDhcp = undefined;
    if (heldDhcp !== undefined) this.#dhcp(visit, heldDhcp, now);
  }

  #uplink(visit: Visit, packet: Uint8Array): void {
    const key = visit.uplinkKey;
    if (key === undefined || visit.state !== 'registered') {
      if (visit.state === 'refused' || visit.held.length >= heldMax) return this.counters.add('uplink.discarded');
      this.counters.add('uplink.held');
      visit.held.push(packet.slice());
      return;
    }
    this.counters.add('uplink.packets');
    const bytes = new Uint8Array(greLength(key) + packet.length);
    bytes.set(packet, writeGre(bytes, 0, greProtocol.ipv4, key));
    this.#network.send({
      protocol: 'gre',
      source: this.address,
      sourcePort: 0,
      destination: this.#options.lma,
      destinationPort: 0,
      bytes,
    });
  }

  /** Downlink may come before the PBA: the LMA forwards from the moment it has the PBU. */
  #downlink(bytes: Uint8Array, now: Instant): void {
    const gre = decodeGre(bytes);
    const visit = gre.ok && gre.value.key !== undefined ? this.#byKey.get(gre.value.key) : undefined;
    if (!gre.ok || gre.value.protocol !== greProtocol.ipv4 || visit === undefined) {
      return this.counters.add('downlink.unknown-key');
    }
    if (visit.station === undefined) return this.counters.add('downlink.no-station');
    this.counters.add('downlink.packets');
    this.#toStation(visit, visit.mac, etherType.ipv4, bytes.subarray(gre.value.headerLength), now);
  }

  #toStation(visit: Visit, destination: MacAddress, type: number, payload: Uint8Array, now: Instant): void {
    const source = this.#routerMac;
    const frame = encodeEthernet({ destination, source, vlan: undefined, etherType: type }, payload);
    visit.station?.toStation(frame, now, this);
  }

  #send(port: number, message: MobilityMessage): void {
    this.#network.send({
      protocol: 'udp',
      source: this.address,
      sourcePort: pmipv6Port,
      destination: this.#options.lma,
      destinationPort: port,
      bytes: encodeMobility(message),
    });
  }
}

function bindingOfVisit({ mac, nai, state, lease, downlinkKey, uplinkKey, station }: Visit): WlcBinding {
  return { mac, nai, state, address: lease?.address, downlinkKey, uplinkKey, present: station !== undefined };
}
