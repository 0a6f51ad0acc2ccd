import {
  type Ipv4Address,
  ipv4Unspecified,
  isGroupMac,
  type MacAddress,
  macBroadcast,
  macOf,
} from '../kernel/address.ts';
import type { RandomSource } from '../kernel/context.ts';
import { Counters } from '../kernel/counters.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import { type ArpMessage, arpReply, decodeArp, encodeArp } from '../wire/arp/arp.ts';
import { decodeDhcp, dhcpPort, encodeDhcp } from '../wire/dhcpv4/message.ts';
import { decodeEthernet, encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { decodeIcmp, echoReplyPacket, encodeIcmpPacket } from '../wire/icmp/icmp.ts';
import { decodeIpv4, ipProtocol } from '../wire/ipv4/ipv4.ts';
import { decodeUdp, encodeUdpPacket, type UdpDatagram } from '../wire/udp/udp.ts';
import type { AccessPoint, Station } from './actor.ts';
import { Agenda, type Appointment, cancel } from './agenda.ts';
import { DhcpClient, type DhcpClientOptions, type DhcpClientState, type DhcpLease } from './dhcp-client.ts';

/**
 * What a UE does first where it comes to: asks for an address (`dhcp-discover`), asks whether its own is right here
 * (`dhcp-request`), sends a packet as if nothing had happened (`data`), or waits to be spoken to (`silent`).
 */
export type ArrivalManner = 'dhcp-discover' | 'dhcp-request' | 'data' | 'silent';

export interface UeOptions {
  readonly name: string;
  readonly mac: MacAddress;
  /** The host its data goes to. */
  readonly correspondent?: Ipv4Address;
  readonly dhcp?: DhcpClientOptions;
}

/** Who is told what a UE hears and says; each may be left out. Octets are valid only during the call. */
export interface UeListener {
  /** Every frame, with the name of the access point it goes to or comes from. */
  frame?(direction: 'up' | 'down', accessPoint: string, frame: Uint8Array, now: Instant): void;
  udp?(source: Ipv4Address, datagram: UdpDatagram, now: Instant): void;
  echoReply?(source: Ipv4Address, sequence: number, now: Instant): void;
  /** undefined when the address is lost. */
  addressChanged?(address: Ipv4Address | undefined, now: Instant): void;
}

const counterNames = [
  'sent',
  'sent.without-address',
  'sent.waiting-full',
  'received',
  'received.not-ours',
  'received.malformed',
] as const;

/** The UDP port whose packets nobody answers (RFC 863). */
const discardPort = 9;
const arpRetryMs = 1000;
const waitingMax = 32;
const echoIdentifier = 0x5361;

/** A user's device: DHCP client, ARP, UDP and echo over the radio of one access point, or two while it moves. */
export class Ue implements Station, Timed {
  readonly name: string;
  readonly mac: MacAddress;
  readonly counters = new Counters(counterNames);
  listener: UeListener = {};
  /** Every change of its address, the first included. */
  readonly addressHistory: { readonly at: Instant; readonly address: Ipv4Address | undefined }[] = [];
  readonly #options: UeOptions;
  readonly #dhcp: DhcpClient;
  readonly #agenda = new Agenda();
  readonly #macOf = new Map<Ipv4Address, MacAddress>();
  #accessPoint: AccessPoint | undefined;
  #former: AccessPoint | undefined;
  #farewell: Appointment | undefined;
  #address: Ipv4Address | undefined;
  #router: Ipv4Address | undefined;
  /** IP packets that wait for the router's MAC address. */
  #waiting: Uint8Array[] = [];
  #arpRetry: Appointment | undefined;

  constructor(options: UeOptions, random: RandomSource) {
    this.name = options.name;
    this.mac = options.mac;
    this.#options = options;
    this.#dhcp = new DhcpClient(
      options.mac,
      random,
      {
        send: (message, destination, now) => {
          const source = message.clientAddress;
          const datagram = {
            sourcePort: dhcpPort.client,
            destinationPort: dhcpPort.server,
            payload: encodeDhcp(message),
          };
          this.#sendPacket(encodeUdpPacket({ source, destination }, datagram), source === ipv4Unspecified, now);
        },
        bound: (lease, now) => this.#bound(lease, now),
        lost: (now) => this.#setAddress(undefined, now),
      },
      options.dhcp,
    );
  }

  get accessPoint(): AccessPoint | undefined {
    return this.#accessPoint;
  }

  get address(): Ipv4Address | undefined {
    return this.#address;
  }

  get router(): Ipv4Address | undefined {
    return this.#router;
  }

  /** The DHCP transaction of which it takes replies. */
  get dhcpTransaction(): number {
    return this.#dhcp.transactionId;
  }

  get dhcpState(): DhcpClientState {
    return this.#dhcp.state;
  }

  get lease(): DhcpLease | undefined {
    return this.#dhcp.lease;
  }

  /**
   * Goes to an access point, the first or another. An address it has stays in use until a server takes it away.
   *
   * @param overlapMs for how long the former access point is still heard: a radio that makes before it breaks
   */
  moveTo(accessPoint: AccessPoint, how: ArrivalManner, now: Instant, overlapMs = 0): void {
    this.#sayFarewell(now);
    this.#former = this.#accessPoint === accessPoint ? undefined : this.#accessPoint;
    this.#accessPoint = accessPoint;
    if (overlapMs === 0) this.#sayFarewell(now);
    else this.#farewell = this.#agenda.at(now + overlapMs, (at) => this.#sayFarewell(at));
    accessPoint.associate(this, now);
    if (how === 'dhcp-discover') this.#dhcp.discover(now);
    else if (how === 'dhcp-request') this.#dhcp.reboot(now);
    else if (how === 'data' && this.#options.correspondent !== undefined) {
      this.sendUdp(this.#options.correspondent, discardPort, discardPort, new Uint8Array(8), now);
    }
  }

  /** Goes out of reach of every access point. */
  leave(now: Instant): void {
    this.#sayFarewell(now);
    this.#former = this.#accessPoint;
    this.#accessPoint = undefined;
    this.#sayFarewell(now);
  }

  /** Gives its address back. */
  release(now: Instant): void {
    this.#dhcp.release(now);
  }

  /** Asks for its lease to be extended now. */
  renew(now: Instant): void {
    this.#dhcp.renew(now);
  }

  /** DISCOVER where it is. */
  discover(now: Instant): void {
    this.#dhcp.discover(now);
  }

  /** Sends a UDP packet from its address; false, and counted, if it has none. */
  sendUdp(
    destination: Ipv4Address,
    sourcePort: number,
    destinationPort: number,
    payload: Uint8Array,
    now: Instant,
  ): boolean {
    const source = this.#address;
    if (source === undefined) {
      this.counters.add('sent.without-address');
      return false;
    }
    this.#sendPacket(encodeUdpPacket({ source, destination }, { sourcePort, destinationPort, payload }), false, now);
    return true;
  }

  ping(destination: Ipv4Address, sequence: number, now: Instant): boolean {
    const source = this.#address;
    if (source === undefined) return false;
    const echo = { kind: 'echo-request', identifier: echoIdentifier, sequence, data: new Uint8Array(32) } as const;
    this.#sendPacket(encodeIcmpPacket({ source, destination }, echo), false, now);
    return true;
  }

  /** Sends a whole frame as it is, whatever it claims to come from. */
  sendFrame(frame: Uint8Array, now: Instant): void {
    this.counters.add('sent');
    if (this.#accessPoint === undefined) return;
    this.listener.frame?.('up', this.#accessPoint.name, frame, now);
    this.#accessPoint.fromStation(this, frame, now);
  }

  toStation(frame: Uint8Array, now: Instant, from: AccessPoint): void {
    const header = decodeEthernet(frame);
    if (!header.ok) return this.counters.add('received.malformed');
    if (header.value.destination !== this.mac && !isGroupMac(header.value.destination)) {
      return this.counters.add('received.not-ours');
    }
    this.counters.add('received');
    this.listener.frame?.('down', from.name, frame, now);
    const payload = frame.subarray(header.value.headerLength);
    if (header.value.etherType === etherType.arp) this.#receiveArp(payload, now);
    else if (header.value.etherType === etherType.ipv4) this.#receivePacket(payload, now);
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
    this.#dhcp.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#agenda.nextDeadline(), this.#dhcp.nextDeadline());
  }

  #sayFarewell(now: Instant): void {
    this.#farewell = cancel(this.#farewell);
    const former = this.#former;
    this.#former = undefined;
    former?.dissociate(this, now);
  }

  #bound(lease: DhcpLease, now: Instant): void {
    this.#router = lease.router;
    this.#setAddress(lease.address, now);
  }

  #setAddress(address: Ipv4Address | undefined, now: Instant): void {
    if (address === this.#address) return;
    // The router stays known: a RELEASE may still wait for its MAC address.
    this.#address = address;
    this.addressHistory.push({ at: now, address });
    this.listener.addressChanged?.(address, now);
  }

  /** Everything goes to the router: on these networks a UE hears no other UE. */
  #sendPacket(packet: Uint8Array, broadcast: boolean, now: Instant): void {
    if (broadcast) return this.#sendTo(macBroadcast, etherType.ipv4, packet, now);
    const router = this.#router;
    const mac = router === undefined ? undefined : this.#macOf.get(router);
    if (mac !== undefined) return this.#sendTo(mac, etherType.ipv4, packet, now);
    if (router === undefined || this.#waiting.length >= waitingMax) this.counters.add('sent.waiting-full');
    else this.#waiting.push(packet);
    // Packets may have waited since the UE had another address, when nobody could be asked.
    if (this.#arpRetry === undefined) this.#askForRouter(now);
  }

  #askForRouter(now: Instant): void {
    this.#arpRetry = undefined;
    if (this.#waiting.length === 0 || this.#router === undefined || this.#address === undefined) return;
    const request: ArpMessage = {
      operation: 'request',
      senderMac: this.mac,
      senderAddress: this.#address,
      targetMac: macOf(0),
      targetAddress: this.#router,
    };
    this.#arpRetry = this.#agenda.at(now + arpRetryMs, (at) => this.#askForRouter(at));
    this.#sendTo(macBroadcast, etherType.arp, encodeArp(request), now);
  }

  #sendTo(destination: MacAddress, type: number, payload: Uint8Array, now: Instant): void {
    this.sendFrame(encodeEthernet({ destination, source: this.mac, vlan: undefined, etherType: type }, payload), now);
  }

  #receiveArp(payload: Uint8Array, now: Instant): void {
    const arp = decodeArp(payload);
    if (!arp.ok) return this.counters.add('received.malformed');
    const { operation, senderAddress, senderMac, targetAddress } = arp.value;
    // RFC 826: an entry it has is updated by any packet, an announcement included; one for the router is made too.
    if (senderAddress === this.#router || this.#macOf.has(senderAddress)) {
      this.#macOf.set(senderAddress, senderMac);
      if (senderAddress === this.#router) this.#routerFound(senderMac, now);
    }
    if (operation === 'request' && targetAddress === this.#address && senderAddress !== targetAddress) {
      this.#sendTo(senderMac, etherType.arp, encodeArp(arpReply(arp.value, this.mac)), now);
    }
  }

  #routerFound(mac: MacAddress, now: Instant): void {
    this.#arpRetry = cancel(this.#arpRetry);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const packet of waiting) this.#sendTo(mac, etherType.ipv4, packet, now);
  }

  #receivePacket(payload: Uint8Array, now: Instant): void {
    const header = decodeIpv4(payload);
    if (!header.ok) return this.counters.add('received.malformed');
    const { headerLength, payloadLength, source, destination, protocol } = header.value;
    const end = headerLength + payloadLength;
    if (protocol === ipProtocol.udp) {
      const datagram = decodeUdp(payload, headerLength, end, source, destination);
      if (!datagram.ok) return this.counters.add('received.malformed');
      if (datagram.value.destinationPort === dhcpPort.client) return this.#receiveDhcp(datagram.value.payload, now);
      if (destination !== this.#address) return this.counters.add('received.not-ours');
      this.listener.udp?.(source, datagram.value, now);
    } else if (protocol === ipProtocol.icmp && destination === this.#address) {
      const reply = echoReplyPacket(payload.subarray(0, end));
      if (reply !== undefined) return this.#sendPacket(reply, false, now);
      const message = decodeIcmp(payload, headerLength, end);
      if (message.ok && message.value.kind === 'echo-reply') {
        this.listener.echoReply?.(source, message.value.sequence, now);
      }
    }
  }

  #receiveDhcp(payload: Uint8Array, now: Instant): void {
    const message = decodeDhcp(payload);
    if (!message.ok) return this.counters.add('received.malformed');
    this.#dhcp.received(message.value, now);
  }
}
