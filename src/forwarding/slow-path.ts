import { type IpAddress, isGroupMac, isIpv4, type MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PacketOutput } from '../kernel/port.ts';
import { decodeArp } from '../wire/arp/arp.ts';
import { u16At } from '../wire/bytes/reader.ts';
import {
  ethernetHeaderLengthAt,
  ethernetSourceAt,
  ethernetVlanAt,
  etherType,
  etherTypeAt,
} from '../wire/ethernet/ethernet.ts';
import { greHeaderLengthAt, greKeyAt, greProtocol, greProtocolAt } from '../wire/gre/gre.ts';
import {
  ipProtocol,
  ipv4DestinationAt,
  ipv4Fault,
  ipv4FragmentOffsetAt,
  ipv4HeaderLengthAt,
  ipv4MoreFragmentsAt,
  ipv4ProtocolAt,
  ipv4SourceAt,
  ipv4TotalLengthAt,
  isUnicastHost,
} from '../wire/ipv4/ipv4.ts';
import { translateIpv4 } from '../wire/ipv4/translate.ts';
import { decodeUdp, udpHeaderLength, udpOffset } from '../wire/udp/udp.ts';
import {
  type DownlinkDrop,
  downlinkDropped,
  type ForwardingCounters,
  type UplinkDrop,
  uplinkDropped,
} from './counters.ts';
import type { AccessPath, EogrePath, ForwardingEntry, UeAddress } from './entry.ts';
import type { AccessTypeOf, ForwardingExceptions } from './exceptions.ts';
import type { FlowTable, Slot } from './flow-table.ts';
import { type PolicedDirection, Policers, policedDirection } from './policers.ts';
import { Router, type RouterOptions } from './router.ts';
import type { Tap } from './tap.ts';

const { uplink, downlink } = policedDirection;

const dhcpClientPort = 68;
const dhcpServerPort = 67;
/** RFC 791: a datagram is at most this long once its fragments are put together. */
const datagramLengthMax = 0xffff;

/**
 * The data path that is always there: every GRE packet that no faster path takes comes through here. It finds the
 * session of a packet, makes sure that the packet is its own, and hands it to the `Router`; what only the session
 * manager can decide goes to `ForwardingExceptions`.
 *
 * No packet makes it throw, and each one is forwarded, answered, handed up or dropped for a counted reason. A UE's frame never
 * reaches another UE from here: uplink goes to the LMA of its session, and downlink only to the session that the key,
 * the LMA and the destination address agree upon.
 */
export class SlowPath {
  readonly #table: FlowTable;
  readonly #accessTypeOf: AccessTypeOf;
  readonly #exceptions: ForwardingExceptions;
  readonly #counters: ForwardingCounters;
  readonly #router: Router;
  readonly #policers: Policers;

  constructor(
    options: RouterOptions,
    table: FlowTable,
    accessTypeOf: AccessTypeOf,
    exceptions: ForwardingExceptions,
    output: PacketOutput,
    counters: ForwardingCounters,
    tap?: Tap,
  ) {
    this.#table = table;
    this.#accessTypeOf = accessTypeOf;
    this.#exceptions = exceptions;
    this.#counters = counters;
    this.#router = new Router(options, table, output, counters, tap);
    this.#policers = new Policers(Math.max(options.access.mtu, options.s2a.mtu));
  }

  /** Takes a GRE packet, from its GRE header on, that came to the access side. */
  fromAccess(peer: IpAddress, bytes: Uint8Array, now: Instant): void {
    this.#router.begin('access', peer, bytes.length);
    const drop = this.#uplink(peer, bytes, now);
    if (drop !== undefined) this.#counters.add(uplinkDropped[drop]);
  }

  /** Takes a GRE packet, from its GRE header on, that came to the S2a side. */
  fromS2a(peer: IpAddress, bytes: Uint8Array, now: Instant): void {
    this.#router.begin('s2a', peer, bytes.length);
    const drop = this.#downlink(peer, bytes, now);
    if (drop !== undefined) this.#counters.add(downlinkDropped[drop]);
  }

  /** Tells the UE of a session on EoGRE, by a gratuitous ARP, which MAC address its default router has. */
  announceRouter(entry: ForwardingEntry): void {
    this.#router.announce(entry);
  }

  /** Sends an IP packet of the gateway's own, such as a DHCP reply, to a UE on EoGRE; `mac` may be the broadcast. */
  sendOwn(mac: MacAddress, path: EogrePath, packet: Uint8Array): void {
    this.#router.sendOwn(mac, path, packet);
  }

  #uplink(peer: IpAddress, bytes: Uint8Array, now: Instant): UplinkDrop | undefined {
    const at = greHeaderLengthAt(bytes, 0, bytes.length);
    if (at === 0) return 'malformed';
    const key = greKeyAt(bytes, 0);
    switch (greProtocolAt(bytes, 0)) {
      case greProtocol.transparentEthernet:
        return this.#fromEogre(peer, key, bytes, at, now);
      case greProtocol.ipv4:
        return this.#fromPmipv6(peer, key, bytes, at, now);
      case greProtocol.ipv6:
        return 'not-ipv4';
      default:
        return 'gre-protocol';
    }
  }

  #downlink(peer: IpAddress, bytes: Uint8Array, now: Instant): DownlinkDrop | undefined {
    const at = greHeaderLengthAt(bytes, 0, bytes.length);
    if (at === 0) return 'malformed';
    const protocol = greProtocolAt(bytes, 0);
    if (protocol === greProtocol.ipv6) return 'not-ipv4';
    if (protocol !== greProtocol.ipv4) return 'gre-protocol';
    const key = greKeyAt(bytes, 0);
    const slot = key === undefined ? -1 : this.#table.slotOfDownlinkKey(key);
    if (slot < 0) return 'unknown-key';
    const entry = this.#table.entryAt(slot);
    if (entry.s2a.peer !== peer) return 'wrong-peer';
    const fault = packetFault(bytes, at);
    if (fault !== undefined) return fault;
    const address = addressOf(entry, ipv4DestinationAt(bytes, at));
    if (address === undefined) return 'wrong-address';
    if (entry.access === undefined) return 'no-access';
    const { filter, police } = entry;
    if (filter !== undefined && !(filter.downlink?.permits(bytes, at) ?? true)) return 'filtered';
    if (police?.downlink !== undefined && !this.#takesRate(slot, entry, downlink, police.downlink, bytes, at, now)) {
      return 'rate';
    }
    return this.#router.forwardDownlink(slot, entry, entry.access, address, bytes, at, now);
  }

  #fromEogre(
    peer: IpAddress,
    key: number | undefined,
    bytes: Uint8Array,
    at: number,
    now: Instant,
  ): UplinkDrop | undefined {
    const headerLength = ethernetHeaderLengthAt(bytes, at, bytes.length);
    if (this.#accessTypeOf(peer) !== 'eogre') {
      if (headerLength > 0) this.#refuseClient(peer, key, bytes, at, headerLength);
      return 'unknown-client';
    }
    if (headerLength === 0) return 'malformed';
    const mac = ethernetSourceAt(bytes, at);
    if (isGroupMac(mac)) return 'group-source';
    const vlan = ethernetVlanAt(bytes, at, headerLength);
    switch (etherTypeAt(bytes, at, headerLength)) {
      case etherType.ipv4:
        return this.#ipFromEogre(peer, key, vlan, mac, bytes, at + headerLength, now);
      case etherType.arp:
        return this.#arpFromEogre(peer, key, vlan, mac, bytes, at + headerLength);
      default:
        return 'not-ipv4';
    }
  }

  /** Tells who counts handovers of a UE's packet that came where it may not come from. */
  #refuseClient(peer: IpAddress, key: number | undefined, bytes: Uint8Array, at: number, headerLength: number): void {
    const slot = this.#table.slotOfMac(ethernetSourceAt(bytes, at));
    const packetAt = at + headerLength;
    if (slot < 0 || etherTypeAt(bytes, at, headerLength) !== etherType.ipv4) return;
    if (packetFault(bytes, packetAt) !== undefined) return;
    const path: EogrePath = { kind: 'eogre', peer, key, vlan: ethernetVlanAt(bytes, at, headerLength) };
    const entry = this.#table.entryAt(slot);
    if (isDhcpToServer(bytes, packetAt)) {
      const payloadAt = packetAt + ipv4HeaderLengthAt(bytes, packetAt) + udpHeaderLength;
      const end = packetAt + ipv4TotalLengthAt(bytes, packetAt);
      this.#exceptions.clientRefused(entry, path, bytes.subarray(payloadAt, end));
    } else if (isUnicastHost(ipv4DestinationAt(bytes, packetAt))) {
      this.#exceptions.clientRefused(entry, path, undefined);
    }
  }

  #ipFromEogre(
    peer: IpAddress,
    key: number | undefined,
    vlan: number | undefined,
    mac: MacAddress,
    bytes: Uint8Array,
    at: number,
    now: Instant,
  ): UplinkDrop | undefined {
    const fault = packetFault(bytes, at);
    if (fault !== undefined) return fault;
    if (isDhcpToServer(bytes, at)) return this.#dhcpFromEogre({ kind: 'eogre', peer, key, vlan }, mac, bytes, at, now);
    const slot = this.#table.slotOfMac(mac);
    if (slot < 0) return 'unknown-mac';
    // Before the question whether the UE has moved: a bridged network floods such packets to any RG.
    if (!isUnicastHost(ipv4DestinationAt(bytes, at))) return 'not-forwardable';
    const entry = this.#table.entryAt(slot);
    const address = addressOf(entry, ipv4SourceAt(bytes, at));
    if (
      isEogre(entry.access, peer, key, vlan) ||
      (now < entry.previousUntil && isEogre(entry.previous, peer, key, vlan))
    ) {
      return this.#fromUe(slot, entry, address, bytes, at, now);
    }
    const path: EogrePath = { kind: 'eogre', peer, key, vlan };
    const admitted = this.#exceptions.dataTriggered(entry, path, address !== undefined, now);
    if (address === undefined) return 'spoofed';
    if (admitted === undefined) return 'not-admitted';
    return this.#fromUe(this.#table.slotOfSession(admitted.sessionId), admitted, address, bytes, at, now);
  }

  #dhcpFromEogre(
    path: EogrePath,
    mac: MacAddress,
    bytes: Uint8Array,
    at: number,
    now: Instant,
  ): UplinkDrop | undefined {
    const udpAt = at + ipv4HeaderLengthAt(bytes, at);
    const end = at + ipv4TotalLengthAt(bytes, at);
    const datagram = decodeUdp(bytes, udpAt, end, ipv4SourceAt(bytes, at), ipv4DestinationAt(bytes, at));
    if (!datagram.ok) return datagram.reason === 'bad-checksum' ? 'bad-checksum' : 'malformed';
    this.#counters.add('dhcp.delivered');
    this.#exceptions.dhcpReceived(path, mac, datagram.value.payload, bytes.subarray(at, end), now);
    return undefined;
  }

  /**
   * Only the question for the UE's own router has an answer, from where the UE is or comes to: a UE that arrives without
   * its router in the cache could never send the packet that moves it. No ARP is a data trigger.
   */
  #arpFromEogre(
    peer: IpAddress,
    key: number | undefined,
    vlan: number | undefined,
    mac: MacAddress,
    bytes: Uint8Array,
    at: number,
  ): UplinkDrop | undefined {
    const message = decodeArp(bytes, at);
    if (!message.ok) return 'malformed';
    const { operation, senderMac, senderAddress, targetAddress } = message.value;
    const slot = this.#table.slotOfMac(mac);
    const entry = slot < 0 ? undefined : this.#table.entryAt(slot);
    if (
      entry === undefined ||
      operation !== 'request' ||
      senderMac !== mac ||
      senderAddress === targetAddress ||
      !hasRouter(entry, targetAddress)
    ) {
      return 'arp';
    }
    const arriving = entry.eogreFlow && addressOf(entry, senderAddress) !== undefined;
    if (!arriving && !isEogre(entry.access, peer, key, vlan)) return 'arp';
    this.#router.answerArp(entry, { kind: 'eogre', peer, key, vlan }, message.value);
    return undefined;
  }

  #fromPmipv6(
    peer: IpAddress,
    key: number | undefined,
    bytes: Uint8Array,
    at: number,
    now: Instant,
  ): UplinkDrop | undefined {
    if (key === undefined) return this.#fromIp(peer, bytes, at, now);
    const slot = this.#table.slotOfUplinkKey(key);
    if (slot < 0) return 'unknown-key';
    const entry = this.#table.entryAt(slot);
    if (!isPmipv6(entry.access, peer, key) && !(now < entry.previousUntil && isPmipv6(entry.previous, peer, key))) {
      return 'stale-endpoint';
    }
    const fault = packetFault(bytes, at);
    if (fault !== undefined) return fault;
    if (!isUnicastHost(ipv4DestinationAt(bytes, at))) return 'not-forwardable';
    return this.#fromUe(slot, entry, addressOf(entry, ipv4SourceAt(bytes, at)), bytes, at, now);
  }

  /** From an access point that gives its UEs addresses itself: inside the gateway a UE has that of its session. */
  #fromIp(peer: IpAddress, bytes: Uint8Array, at: number, now: Instant): UplinkDrop | undefined {
    const fault = packetFault(bytes, at);
    if (fault !== undefined) return fault;
    const slot = this.#table.slotOfIpPath(peer, ipv4SourceAt(bytes, at));
    if (slot < 0) return 'unknown-key';
    if (!isUnicastHost(ipv4DestinationAt(bytes, at))) return 'not-forwardable';
    const entry = this.#table.entryAt(slot);
    if (!isIp(entry.access, peer) && now >= entry.previousUntil) return 'stale-endpoint';
    const home = entry.addresses.find(({ address }) => isIpv4(address));
    if (home === undefined || !isIpv4(home.address)) return 'spoofed';
    // What came is the driver's.
    const packet = bytes.slice(at, at + ipv4TotalLengthAt(bytes, at));
    translateIpv4(packet, 0, 'source', home.address);
    return this.#fromUe(slot, entry, home, packet, 0, now);
  }

  /** Whether a packet is within the rate; of a session that is in no table there is nothing to measure it by. */
  #takesRate(
    slot: Slot,
    entry: ForwardingEntry,
    direction: PolicedDirection,
    octetsPerSecond: number,
    bytes: Uint8Array,
    at: number,
    now: Instant,
  ): boolean {
    if (slot < 0) return true;
    return this.#policers.take(slot, entry, direction, octetsPerSecond, ipv4TotalLengthAt(bytes, at), now);
  }

  /** A valid packet to a unicast address, from where the UE may send: it must only be from the UE's own address. */
  #fromUe(
    slot: Slot,
    entry: ForwardingEntry,
    address: UeAddress | undefined,
    bytes: Uint8Array,
    at: number,
    now: Instant,
  ): UplinkDrop | undefined {
    if (address === undefined) return 'spoofed';
    if (hasRouter(entry, ipv4DestinationAt(bytes, at))) return this.#router.answer(entry, bytes, at);
    const { filter, police } = entry;
    if (filter !== undefined && !(filter.uplink?.permits(bytes, at) ?? true)) return 'filtered';
    if (police?.uplink !== undefined && !this.#takesRate(slot, entry, uplink, police.uplink, bytes, at, now)) {
      return 'rate';
    }
    return this.#router.forwardUplink(slot, entry, address, bytes, at, now);
  }
}

/** Why the octets from `at` on are no packet to work with, as the drop that is counted; undefined if they are one. */
function packetFault(bytes: Uint8Array, at: number): 'malformed' | 'bad-checksum' | undefined {
  const fault = ipv4Fault(bytes, at, bytes.length);
  if (fault !== undefined) return fault === 'bad-checksum' ? 'bad-checksum' : 'malformed';
  // A fragment that reaches behind the end of the longest datagram overruns a careless receiver's buffer, and could
  // not be fragmented again.
  const reach = ipv4FragmentOffsetAt(bytes, at) + ipv4TotalLengthAt(bytes, at);
  return reach > datagramLengthMax ? 'malformed' : undefined;
}

/** Whether a valid packet is a whole UDP datagram from a DHCP client to a server (RFC 2131 section 4.1). */
function isDhcpToServer(bytes: Uint8Array, at: number): boolean {
  if (ipv4ProtocolAt(bytes, at) !== ipProtocol.udp) return false;
  if (ipv4MoreFragmentsAt(bytes, at) || ipv4FragmentOffsetAt(bytes, at) !== 0) return false;
  const udpAt = at + ipv4HeaderLengthAt(bytes, at);
  return (
    udpAt + udpHeaderLength <= at + ipv4TotalLengthAt(bytes, at) &&
    u16At(bytes, udpAt + udpOffset.sourcePort) === dhcpClientPort &&
    u16At(bytes, udpAt + udpOffset.destinationPort) === dhcpServerPort
  );
}

function addressOf(entry: ForwardingEntry, address: IpAddress): UeAddress | undefined {
  for (const candidate of entry.addresses) if (candidate.address === address) return candidate;
  return undefined;
}

function hasRouter(entry: ForwardingEntry, address: IpAddress): boolean {
  for (const candidate of entry.addresses) if (candidate.router === address) return true;
  return false;
}

function isEogre(
  path: AccessPath | undefined,
  peer: IpAddress,
  key: number | undefined,
  vlan: number | undefined,
): path is EogrePath {
  return path?.kind === 'eogre' && path.peer === peer && path.key === key && path.vlan === vlan;
}

function isPmipv6(path: AccessPath | undefined, peer: IpAddress, key: number | undefined): boolean {
  return path?.kind === 'pmipv6' && path.peer === peer && path.uplinkKey === key;
}

function isIp(path: AccessPath | undefined, peer: IpAddress): boolean {
  return path?.kind === 'ip' && path.peer === peer;
}
