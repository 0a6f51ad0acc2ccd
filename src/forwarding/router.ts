import { type IpAddress, type Ipv4Address, ipv4Unspecified, isIpv4, type MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PacketOutput } from '../kernel/port.ts';
import { invariant } from '../kernel/unreachable.ts';
import { type ArpMessage, arpLength, arpReply, gratuitousArp, writeArp } from '../wire/arp/arp.ts';
import { etherType } from '../wire/ethernet/ethernet.ts';
import {
  echoReplyPacket,
  fragmentationNeededPacket,
  isFragmentationNeededAt,
  mayAnswerWithIcmpError,
  timeExceededPacket,
} from '../wire/icmp/icmp.ts';
import { fragmentIpv4 } from '../wire/ipv4/fragment.ts';
import {
  decrementTtl,
  ipv4DontFragmentAt,
  ipv4FragmentOffsetAt,
  ipv4MoreFragmentsAt,
  ipv4MtuMin,
  ipv4SourceAt,
  ipv4TotalLengthAt,
} from '../wire/ipv4/ipv4.ts';
import { translateIpv4 } from '../wire/ipv4/translate.ts';
import { clampMss } from '../wire/tcp/mss.ts';
import type { ForwardingCounters } from './counters.ts';
import type { AccessPath, EogrePath, ForwardingEntry, UeAddress } from './entry.ts';
import type { FlowTable, Slot } from './flow-table.ts';
import { accessInnerMtu, outerLength, s2aInnerMtu, type TunnelSide } from './inner-mtu.ts';
import type { Tap } from './tap.ts';
import { TokenBucket } from './token-bucket.ts';
import type { TunnelSideName } from './tunnel-figures.ts';
import { packetAt, TunnelOutput } from './tunnel-output.ts';

export interface RouterOptions {
  /** The gateway's MAC address as default router, the same on every tunnel. */
  readonly vmac: MacAddress;
  readonly access: TunnelSide;
  readonly s2a: TunnelSide;
  /** Whether the MSS that TCP SYNs offer is lowered to what fits both tunnels; true by default. */
  readonly mssClamp?: boolean;
  /** ICMP errors sent per second, altogether; 100 by default (RFC 1812 section 4.3.2.8 asks for a limit). */
  readonly icmpErrorsPerSecond?: number;
}

/** Outer IPv4 20, UDP 8, GRE 8 and Ethernet 18 octets: what `RouterOptions` must leave room for. */
const outerLengthMax = 54;

/**
 * The UE's default router: takes packets that were admitted, and does to them what RFC 1812 asks of a router between
 * the access tunnel and the S2a tunnel. Who may send what is decided before (`SlowPath`).
 *
 * A packet is given as a place in the received octets, is valid IPv4, and is not changed. What is not forwarded
 * comes back as the reason, for the caller to count.
 */
export class Router {
  readonly #access: TunnelSide;
  readonly #s2a: TunnelSide;
  readonly #vmac: MacAddress;
  readonly #mssClamp: boolean;
  readonly #table: FlowTable;
  readonly #counters: ForwardingCounters;
  readonly #tunnel: TunnelOutput;
  readonly #icmpErrors: TokenBucket;
  readonly #tap: Tap | undefined;
  /** Of the packet being worked on: the tunnel that it came by, and its length from the GRE header on. */
  #cameBy: TunnelSideName = 'access';
  #cameFrom: IpAddress = ipv4Unspecified;
  #cameOctets = 0;

  constructor(options: RouterOptions, table: FlowTable, output: PacketOutput, counters: ForwardingCounters, tap?: Tap) {
    for (const side of [options.access, options.s2a]) {
      invariant(side.mtu >= ipv4MtuMin + outerLengthMax, `an MTU of ${side.mtu} carries no IPv4 in a tunnel`);
    }
    this.#access = options.access;
    this.#s2a = options.s2a;
    this.#vmac = options.vmac;
    this.#mssClamp = options.mssClamp ?? true;
    this.#table = table;
    this.#counters = counters;
    this.#tunnel = new TunnelOutput(output, options.vmac);
    this.#tap = tap;
    this.#icmpErrors = new TokenBucket(options.icmpErrorsPerSecond ?? 100);
  }

  /** A packet has come by a tunnel: `octets` from its GRE header on. What is done next is done with it. */
  begin(side: TunnelSideName, peer: IpAddress, octets: number): void {
    this.#cameBy = side;
    this.#cameFrom = peer;
    this.#cameOctets = octets;
  }

  /**
   * Forwards a UE's packet to the LMA.
   *
   * @param slot where the session's usage is counted, or -1 if it is in no table
   * @param address the address of the session that the packet comes from
   */
  forwardUplink(
    slot: Slot,
    entry: ForwardingEntry,
    address: UeAddress,
    bytes: Uint8Array,
    at: number,
    now: Instant,
  ): 'ttl-expired' | 'too-big' | undefined {
    const length = ipv4TotalLengthAt(bytes, at);
    const packet = this.#tunnel.bytes;
    this.#tunnel.load(bytes, at, length);
    if (!decrementTtl(packet, packetAt)) {
      if (this.#loadTimeExceeded(address.router, bytes, at, now)) this.#sendToUe(entry);
      return 'ttl-expired';
    }
    const mtu = s2aInnerMtu(this.#s2a, entry.s2a);
    if (length > mtu && ipv4DontFragmentAt(packet, packetAt)) {
      const told = this.#loadFragmentationNeeded(address.router, bytes, at, mtu, now);
      this.#table.tunnels.tooLong('s2a', entry.s2a.peer, told, now);
      if (told) this.#sendToUe(entry);
      return 'too-big';
    }
    this.#noteArrival();
    this.#clamp(mtu, entry.access);
    this.#counters.add('uplink.packets');
    this.#counters.add('uplink.octets', length);
    if (slot >= 0) {
      this.#table.countUplink(slot, length, now);
      if (this.#table.isTapped(slot)) this.#tap?.copy(entry.sessionId, 'uplink', packet, packetAt, length);
    }
    this.#sendToLma(entry);
    return undefined;
  }

  /**
   * Forwards a packet to the UE that has its destination address.
   *
   * @param access where the UE is attached, `entry.access`
   * @param address the address of the session that the packet goes to
   */
  forwardDownlink(
    slot: Slot,
    entry: ForwardingEntry,
    access: AccessPath,
    address: UeAddress,
    bytes: Uint8Array,
    at: number,
    now: Instant,
  ): 'ttl-expired' | 'too-big' | undefined {
    const length = ipv4TotalLengthAt(bytes, at);
    const packet = this.#tunnel.bytes;
    this.#tunnel.load(bytes, at, length);
    if (!decrementTtl(packet, packetAt)) {
      if (this.#loadTimeExceeded(address.address, bytes, at, now)) this.#sendToLma(entry);
      return 'ttl-expired';
    }
    const mtu = accessInnerMtu(this.#access, access);
    if (length > mtu && ipv4DontFragmentAt(packet, packetAt)) {
      const told = this.#loadFragmentationNeeded(address.address, bytes, at, mtu, now);
      this.#table.tunnels.tooLong('access', access.peer, told, now);
      if (told) this.#sendToLma(entry);
      return 'too-big';
    }
    this.#noteArrival();
    this.#clamp(s2aInnerMtu(this.#s2a, entry.s2a), access);
    this.#counters.add('downlink.packets');
    this.#counters.add('downlink.octets', length);
    this.#table.countDownlink(slot, length, now);
    if (this.#table.isTapped(slot)) this.#tap?.copy(entry.sessionId, 'downlink', packet, packetAt, length);
    this.#sendToUe(entry);
    return undefined;
  }

  /** Answers a UE's packet to its router, if that is a whole Echo Request, and drops any other. */
  answer(entry: ForwardingEntry, bytes: Uint8Array, at: number): 'to-router' | undefined {
    const fragment = ipv4MoreFragmentsAt(bytes, at) || ipv4FragmentOffsetAt(bytes, at) !== 0;
    const reply = fragment ? undefined : echoReplyPacket(bytes.subarray(at, at + ipv4TotalLengthAt(bytes, at)));
    if (reply === undefined) return 'to-router';
    this.#counters.add('echo.answered');
    this.#tunnel.load(reply, 0, reply.length);
    this.#sendToUe(entry);
    return undefined;
  }

  /** Tells a UE that its router has the VMAC (RFC 826). */
  answerArp(entry: ForwardingEntry, path: EogrePath, request: ArpMessage): void {
    this.#counters.add('arp.answered');
    this.#sendArp(entry, path, arpReply(request, this.#vmac));
  }

  /** Sends an IP packet of the gateway's own, such as a DHCP reply, to a UE on EoGRE; `mac` may be the broadcast. */
  sendOwn(mac: MacAddress, path: EogrePath, packet: Uint8Array): void {
    this.#tunnel.load(packet, 0, packet.length);
    this.#tunnel.sendFrame(mac, path, etherType.ipv4, packet.length);
  }

  /**
   * Announces the VMAC as the router's to a UE that came over EoGRE with another one in its cache (RFC 5227 section
   * 3), unicast, so that no other host of the RG's network hears of it. Does nothing for a UE attached otherwise.
   */
  announce(entry: ForwardingEntry): void {
    if (entry.access?.kind !== 'eogre') return;
    for (const { router } of entry.addresses) {
      if (!isIpv4(router)) continue;
      this.#counters.add('arp.announced');
      this.#sendArp(entry, entry.access, gratuitousArp(this.#vmac, router));
    }
  }

  #sendArp(entry: ForwardingEntry, path: EogrePath, message: ArpMessage): void {
    writeArp(this.#tunnel.bytes, packetAt, message);
    this.#tunnel.sendFrame(entry.mac, path, etherType.arp, arpLength);
  }

  /** A SYN's MSS says what its sender can receive, but the path is the same both ways: the smaller MTU counts. */
  #clamp(s2aMtu: number, access: AccessPath | undefined): void {
    if (!this.#mssClamp) return;
    const mtu = access === undefined ? s2aMtu : Math.min(s2aMtu, accessInnerMtu(this.#access, access));
    if (!clampMss(this.#tunnel.bytes, packetAt, mtu)) return;
    this.#counters.add('mss.clamped');
    this.#table.tunnels.mssClamped(this.#cameBy, this.#cameFrom);
  }

  /** Notes what the packet, which is forwarded, says of the tunnel that it came by. */
  #noteArrival(): void {
    const { tunnels } = this.#table;
    const outer = outerLength(this.#cameBy === 'access' ? this.#access : this.#s2a, this.#cameFrom);
    tunnels.received(this.#cameBy, this.#cameFrom, outer + this.#cameOctets);
    const packet = this.#tunnel.bytes;
    if (ipv4FragmentOffsetAt(packet, packetAt) === 0 && isFragmentationNeededAt(packet, packetAt))
      tunnels.fragmentationNeededReceived(this.#cameBy, this.#cameFrom);
  }

  /** Sends the packet at `packetAt`, which may be fragmented, to wherever the UE is attached now. */
  #sendToUe(entry: ForwardingEntry): void {
    const path = entry.access;
    if (path === undefined) return;
    if (path.kind === 'ip') translateIpv4(this.#tunnel.bytes, packetAt, 'destination', path.address);
    const length = ipv4TotalLengthAt(this.#tunnel.bytes, packetAt);
    const mtu = accessInnerMtu(this.#access, path);
    const { tunnels } = this.#table;
    const outer = this.#access.mtu - mtu;
    if (length <= mtu) {
      tunnels.sent('access', path.peer, outer + length);
      this.#tunnel.sendToUe(entry.mac, path, length);
      return;
    }
    tunnels.fragmented('access', path.peer);
    for (const fragment of fragmentIpv4(this.#tunnel.bytes, packetAt, mtu)) {
      this.#counters.add('downlink.fragments');
      tunnels.sent('access', path.peer, outer + fragment.length);
      this.#tunnel.load(fragment, 0, fragment.length);
      this.#tunnel.sendToUe(entry.mac, path, fragment.length);
    }
  }

  /** Sends the packet at `packetAt`, which may be fragmented, to the LMA. */
  #sendToLma(entry: ForwardingEntry): void {
    const length = ipv4TotalLengthAt(this.#tunnel.bytes, packetAt);
    const mtu = s2aInnerMtu(this.#s2a, entry.s2a);
    const { tunnels } = this.#table;
    const outer = this.#s2a.mtu - mtu;
    if (length <= mtu) {
      tunnels.sent('s2a', entry.s2a.peer, outer + length);
      this.#tunnel.sendToLma(entry.s2a, length);
      return;
    }
    tunnels.fragmented('s2a', entry.s2a.peer);
    for (const fragment of fragmentIpv4(this.#tunnel.bytes, packetAt, mtu)) {
      this.#counters.add('uplink.fragments');
      tunnels.sent('s2a', entry.s2a.peer, outer + fragment.length);
      this.#tunnel.load(fragment, 0, fragment.length);
      this.#tunnel.sendToLma(entry.s2a, fragment.length);
    }
  }

  #loadTimeExceeded(from: IpAddress, bytes: Uint8Array, at: number, now: Instant): boolean {
    const source = this.#errorSource(from, bytes, at, now);
    if (source === undefined) return false;
    const path = { source, destination: ipv4SourceAt(bytes, at) };
    const error = timeExceededPacket(path, bytes.subarray(at));
    this.#tunnel.load(error, 0, error.length);
    this.#counters.add('icmp.time-exceeded.sent');
    return true;
  }

  #loadFragmentationNeeded(from: IpAddress, bytes: Uint8Array, at: number, mtu: number, now: Instant): boolean {
    const source = this.#errorSource(from, bytes, at, now);
    if (source === undefined) return false;
    const path = { source, destination: ipv4SourceAt(bytes, at) };
    const error = fragmentationNeededPacket(path, bytes.subarray(at), mtu);
    this.#tunnel.load(error, 0, error.length);
    this.#counters.add('icmp.fragmentation-needed.sent');
    return true;
  }

  /**
   * The address that an ICMP error about this packet comes from, or undefined if none may be sent (now).
   *
   * @param from toward a UE its default router. Toward the LMA the UE itself: an LMA takes from a binding's tunnel only
   * packets from the binding's own address, and the default router may be an address of the LMA's (RFC 5844 section
   * 3.3.2), so that an error from it would be lost, and path MTU discovery with it. Senders heed an error whoever it
   * comes from (RFC 1191 section 3).
   */
  #errorSource(from: IpAddress, bytes: Uint8Array, at: number, now: Instant): Ipv4Address | undefined {
    if (!isIpv4(from) || !mayAnswerWithIcmpError(bytes, at)) {
      this.#counters.add('icmp.suppressed');
      return undefined;
    }
    if (!this.#icmpErrors.take(now)) {
      this.#counters.add('icmp.rate-limited');
      return undefined;
    }
    return from;
  }
}
