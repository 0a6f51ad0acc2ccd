import { macBroadcast } from '../../kernel/address.ts';
import { Counters } from '../../kernel/counters.ts';
import type { ServiceAddress } from '../../operations/config/redundancy-config.ts';
import { type ArpMessage, encodeArp, gratuitousArp } from '../../wire/arp/arp.ts';
import { ethernetHeaderLength, etherType, writeEthernet } from '../../wire/ethernet/ethernet.ts';
import * as linux from '../sockets/linux.ts';
import type { AddressProblem } from './host-addresses.ts';
import { findInterface, type NetworkInterface } from './network-interface.ts';

/** linux/if_packet.h: `struct sockaddr_ll`, everything in host order but the protocol. */
const sockaddrLink = {
  octets: 20,
  familyAt: 0,
  protocolAt: 2,
  indexAt: 4,
  addressLengthAt: 11,
  addressAt: 12,
} as const;

/**
 * Tells the neighbours on Ethernet that the service addresses are here (gratuitous ARP), by a packet(7) socket. Needs
 * CAP_NET_RAW.
 */
export class Announcer {
  readonly #addresses: readonly ServiceAddress[];
  readonly #fd: number;
  readonly #counters = new Counters(['announcementsSent', 'announcementsFailed'] as const);

  /** @throws Error if this process may not send frames */
  constructor(addresses: readonly ServiceAddress[]) {
    this.#addresses = addresses;
    // Protocol 0: the socket receives nothing.
    const type = linux.sockRaw | linux.sockNonblock | linux.sockCloexec;
    this.#fd = linux.socket(linux.afPacket, type, 0);
    if (this.#fd < 0) throw new Error(`cannot open a packet socket: ${linux.errnoName()}`);
  }

  /**
   * Announces each address once, in both forms. RFC 5227 section 3 has an announcement be a request, which every
   * neighbour must look at; some update their tables by a reply only.
   */
  announce(): AddressProblem[] {
    return this.#addresses.flatMap((address): AddressProblem[] => {
      const found = findInterface(address.interface);
      if (found === undefined) return this.#failed(address, 'ENODEV');
      if (found.kind !== 'ethernet') return [];
      const request = gratuitousArp(found.mac, address.address);
      const reply: ArpMessage = { ...request, operation: 'reply', targetMac: found.mac };
      for (const message of [request, reply]) {
        const code = this.#send(found, message);
        if (code !== undefined) return this.#failed(address, code);
      }
      this.#counters.add('announcementsSent');
      return [];
    });
  }

  /** Of addresses, both forms together. */
  statistics(): Readonly<Record<'announcementsSent' | 'announcementsFailed', number>> {
    return this.#counters.snapshot();
  }

  close(): void {
    linux.close(this.#fd);
  }

  #failed(address: ServiceAddress, code: string): AddressProblem[] {
    this.#counters.add('announcementsFailed');
    return [{ address, operation: 'announce', code }];
  }

  #send({ index, mac }: NetworkInterface, message: ArpMessage): string | undefined {
    const arp = encodeArp(message);
    const frame = new Uint8Array(ethernetHeaderLength + arp.length);
    writeEthernet(frame, 0, macBroadcast, mac, undefined, etherType.arp);
    frame.set(arp, ethernetHeaderLength);
    const to = new Uint8Array(sockaddrLink.octets).fill(0xff, sockaddrLink.addressAt, sockaddrLink.addressAt + 6);
    const view = new DataView(to.buffer);
    view.setUint16(sockaddrLink.familyAt, linux.afPacket, true);
    view.setUint16(sockaddrLink.protocolAt, etherType.arp);
    view.setInt32(sockaddrLink.indexAt, index, true);
    view.setUint8(sockaddrLink.addressLengthAt, 6);
    const sent = linux.sendto(this.#fd, frame, frame.length, linux.msgDontwait, to, to.length);
    return sent < 0 ? linux.errnoName() : undefined;
  }
}
