import type { Ipv4Address } from '../kernel/address.ts';
import { Counters } from '../kernel/counters.ts';
import type { Instant } from '../kernel/instant.ts';
import { decodeIcmp, echoReplyPacket, encodeIcmpPacket } from '../wire/icmp/icmp.ts';
import { decodeIpv4, ipProtocol } from '../wire/ipv4/ipv4.ts';
import { decodeUdp, encodeUdpPacket, type UdpDatagram } from '../wire/udp/udp.ts';
import type { Correspondent, Lma } from './lma.ts';

/** Who is told what the host receives. Octets are valid only during the call. */
export interface HostListener {
  udp?(source: Ipv4Address, datagram: UdpDatagram, now: Instant): void;
  echoReply?(source: Ipv4Address, sequence: number, now: Instant): void;
}

const counterNames = ['sent', 'sent.refused', 'received', 'received.not-ours'] as const;
const echoIdentifier = 0x686f;

/** A host in the network behind an LMA, with which UEs exchange UDP packets and echoes. */
export class CorrespondentHost implements Correspondent {
  readonly address: Ipv4Address;
  readonly counters = new Counters(counterNames);
  listener: HostListener = {};
  readonly #lma: Lma;

  /** Puts the host behind the LMA, in place of any other. */
  constructor(address: Ipv4Address, lma: Lma) {
    this.address = address;
    this.#lma = lma;
    lma.correspondent = this;
  }

  /** Sends a UDP packet to a UE; false if the LMA knows none with the address. */
  sendUdp(destination: Ipv4Address, datagram: UdpDatagram): boolean {
    return this.#send(encodeUdpPacket({ source: this.address, destination }, datagram));
  }

  ping(destination: Ipv4Address, sequence: number): boolean {
    const echo = { kind: 'echo-request', identifier: echoIdentifier, sequence, data: new Uint8Array(32) } as const;
    return this.#send(encodeIcmpPacket({ source: this.address, destination }, echo));
  }

  fromUe(packet: Uint8Array, now: Instant): void {
    const header = decodeIpv4(packet);
    if (!header.ok || header.value.destination !== this.address) return this.counters.add('received.not-ours');
    this.counters.add('received');
    const { headerLength, payloadLength, source, destination, protocol } = header.value;
    const end = headerLength + payloadLength;
    if (protocol === ipProtocol.udp) {
      const datagram = decodeUdp(packet, headerLength, end, source, destination);
      if (datagram.ok) this.listener.udp?.(source, datagram.value, now);
    } else if (protocol === ipProtocol.icmp) {
      const reply = echoReplyPacket(packet.subarray(0, end));
      if (reply !== undefined) this.#send(reply);
      const message = decodeIcmp(packet, headerLength, end);
      if (message.ok && message.value.kind === 'echo-reply') {
        this.listener.echoReply?.(source, message.value.sequence, now);
      }
    }
  }

  #send(packet: Uint8Array): boolean {
    const sent = this.#lma.sendToUe(packet);
    this.counters.add(sent ? 'sent' : 'sent.refused');
    return sent;
  }
}
