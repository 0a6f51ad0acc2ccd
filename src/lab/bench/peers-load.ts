import { type IpAddress, ipv4Unspecified, macOf } from '../../kernel/address.ts';
import type { WallClock } from '../../kernel/instant.ts';
import { setU32, setU48, u16At, u32At, u48At } from '../../wire/bytes/reader.ts';
import { find, tlv } from '../../wire/bytes/tlv.ts';
import { decodeDhcp, dhcpPort } from '../../wire/dhcpv4/message.ts';
import { dhcpOption } from '../../wire/dhcpv4/options.ts';
import { ethernetHeaderLength, etherType, etherTypeAt } from '../../wire/ethernet/ethernet.ts';
import { greHeaderLengthAt, greProtocol, greProtocolAt } from '../../wire/gre/gre.ts';
import {
  ipProtocol,
  ipv4DestinationAt,
  ipv4HeaderLengthMin,
  ipv4ProtocolAt,
  ipv4SourceAt,
} from '../../wire/ipv4/ipv4.ts';
import {
  accessTechnologyType,
  bindingStatus,
  bindingUpdateFlag,
  handoffIndicator,
  pmipv6Port,
  revocationStatus,
} from '../../wire/pmipv6/constants.ts';
import {
  type BindingRevocationIndication,
  decodeMobility,
  encodeMobility,
  type ProxyBindingAcknowledgement,
} from '../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../wire/pmipv6/options.ts';
import { decodeUdp } from '../../wire/udp/udp.ts';
import { AaaLoad } from './aaa-load.ts';
import { heartbeatAnswer, LmaLoad } from './lma-load.ts';
import { type BenchNetwork, macOfUe, naiOfUe, peerKeyOfUe, ueOfAddress, ueOfMac } from './network.ts';
import { dhcpTemplate, downlinkTemplate, eogreDataTemplate, greKeyAt, type UeTemplate } from './ue-template.ts';

/** Where a peer sends from and listens. Each address of a site is numbered from 0. */
export type Site = 'rg' | 'wlc' | 'wlc-gre' | 'lma' | 'lma-gre' | 'aaa';

/** Sends to the gateway's address of that side. @param peerPort the gateway's UDP port, 0 for GRE */
export type SiteOutput = (site: Site, index: number, peerPort: number, bytes: Uint8Array) => void;

/** What a benchmark is told. */
export interface LoadEvents {
  /** The UE has its address: an ACK, or an accepting PBA. For a UE that was attached before it is a handover. */
  attached?(ue: number): void;
  /** A reply that is no success. */
  refused?(ue: number): void;
  /** A UE's packet has come to the LMA. */
  uplink?(ue: number, bytes: Uint8Array): void;
  /** A packet for a UE has come to an RG (`rg`) or to a WLC (`wlc-gre`). */
  downlink?(ue: number, site: 'rg' | 'wlc-gre', bytes: Uint8Array): void;
}

const bindingLifetimeSeconds = 3600;
/** A small packet, such as a TCP acknowledgement. */
const dataOctets = 64;
const stampOctets = 4;

/**
 * Everybody around the gateway: UEs behind RGs and WLCs, the AAA server and the LMA. They speak the real protocols, but
 * keep next to no state, so that they cost less than the gateway they load. They repeat nothing: what is lost is a
 * failure of the run.
 */
export class LoadPeers {
  readonly #output: SiteOutput;
  readonly #network: BenchNetwork;
  readonly #wallClock: () => WallClock;
  readonly #events: LoadEvents;
  readonly #aaa = new AaaLoad();
  readonly #lma: LmaLoad;
  readonly #discover = dhcpTemplate('discover');
  readonly #request = dhcpTemplate('request');
  readonly #data: UeTemplate;
  readonly #downlink: UeTemplate;
  readonly #linkLayer = new Uint8Array(6);
  #sequence = 0;
  /** GRE packets that no UE asked for: gratuitous ARP. */
  announcements = 0;

  /** @param octets the length of the UEs' IP packets */
  constructor(
    network: BenchNetwork,
    ues: number,
    output: SiteOutput,
    wallClock: () => WallClock,
    events: LoadEvents,
    octets = dataOctets,
  ) {
    this.#network = network;
    this.#output = output;
    this.#wallClock = wallClock;
    this.#events = events;
    this.#lma = new LmaLoad(ues);
    this.#data = eogreDataTemplate(octets);
    this.#downlink = downlinkTemplate(octets);
  }

  /** Begins a DHCP attach; the UE answers the OFFER by itself. */
  discover(ue: number): void {
    this.#output('rg', this.#rgOf(ue), 0, this.#discover.of(ue));
  }

  /** Sends a PBU of the UE's WLC: an attach, or a handover to it. */
  bind(ue: number): void {
    setU48(this.#linkLayer, 0, macOfUe(ue));
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const update = encodeMobility({
      kind: 'proxyBindingUpdate',
      sequence: this.#sequence,
      flags: bindingUpdateFlag.acknowledge | bindingUpdateFlag.proxyRegistration,
      lifetimeSeconds: bindingLifetimeSeconds,
      options: [
        tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: naiOfUe(ue) }),
        tlv(mobilityOption.handoffIndicator, handoffIndicator.unknown),
        tlv(mobilityOption.accessTechnologyType, accessTechnologyType.ieee80211),
        tlv(mobilityOption.mnLinkLayerIdentifier, this.#linkLayer),
        tlv(mobilityOption.timestamp, this.#wallClock()),
        tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 0, address: ipv4Unspecified }),
        tlv(mobilityOption.greKey, { key: peerKeyOfUe(ue) }),
      ],
    });
    this.#output('wlc', this.#wlcOf(ue), pmipv6Port, update);
  }

  /** Sends one packet of the UE through its RG. @param stamp its last four octets, by which it can be told at its end */
  sendUplink(ue: number, stamp = 0): void {
    const bytes = this.#data.of(ue);
    setU32(bytes, bytes.length - stampOctets, stamp);
    this.#output('rg', this.#rgOf(ue), 0, bytes);
  }

  /** Sends one packet to the UE through the LMA. */
  sendDownlink(ue: number, stamp = 0): void {
    const bytes = this.#downlink.of(ue);
    setU32(bytes, greKeyAt, this.#lma.downlinkKeys[ue]!);
    setU32(bytes, bytes.length - stampOctets, stamp);
    this.#output('lma-gre', 0, 0, bytes);
  }

  /** Takes what the gateway has sent to a site. `bytes` are valid only during the call. */
  receive(site: Site, index: number, peerPort: number, bytes: Uint8Array): void {
    switch (site) {
      case 'aaa':
        return this.#answer(site, index, peerPort, this.#aaa.answer(bytes));
      case 'lma':
        return this.#answer(site, index, peerPort, this.#lma.answer(bytes));
      case 'wlc':
        return this.#toWlc(index, peerPort, bytes);
      case 'rg':
        return this.#toRg(index, bytes);
      case 'wlc-gre':
        return this.#events.downlink?.(ueOfAddress(ipv4DestinationAt(bytes, innerAt(bytes))), site, bytes);
      case 'lma-gre':
        return this.#events.uplink?.(ueOfAddress(ipv4SourceAt(bytes, innerAt(bytes))), bytes);
    }
  }

  #answer(site: Site, index: number, peerPort: number, answer: Uint8Array | undefined): void {
    if (answer !== undefined) this.#output(site, index, peerPort, answer);
  }

  #toWlc(index: number, peerPort: number, bytes: Uint8Array): void {
    const message = decodeMobility(bytes);
    if (!message.ok) return;
    switch (message.value.kind) {
      case 'proxyBindingAcknowledgement':
        return this.#acknowledged(message.value);
      case 'bindingRevocationIndication':
        return this.#answer('wlc', index, peerPort, revocationAnswer(message.value));
      case 'heartbeat':
        return this.#answer('wlc', index, peerPort, heartbeatAnswer(message.value));
      default:
        return;
    }
  }

  #acknowledged(message: ProxyBindingAcknowledgement): void {
    const linkLayer = find(message.options, mobilityOption.mnLinkLayerIdentifier);
    if (linkLayer === undefined) return;
    const ue = ueOfMac(macOf(u48At(linkLayer, 0)));
    if (message.status === bindingStatus.accepted) this.#events.attached?.(ue);
    else this.#events.refused?.(ue);
  }

  #toRg(index: number, bytes: Uint8Array): void {
    const frameAt = greHeaderLengthAt(bytes, 0, bytes.length);
    // What the forwarder passes on is as the LMA sent it.
    if (greProtocolAt(bytes, 0) === greProtocol.ipv4) {
      return this.#events.downlink?.(ueOfAddress(ipv4DestinationAt(bytes, frameAt)), 'rg', bytes);
    }
    const packetAt = frameAt + ethernetHeaderLength;
    if (etherTypeAt(bytes, frameAt, ethernetHeaderLength) !== etherType.ipv4) {
      this.announcements += 1;
      return;
    }
    const udpAt = packetAt + ipv4HeaderLengthMin;
    const source = ipv4SourceAt(bytes, packetAt);
    const destination = ipv4DestinationAt(bytes, packetAt);
    if (ipv4ProtocolAt(bytes, packetAt) === ipProtocol.udp && u16At(bytes, udpAt) === dhcpPort.server) {
      const datagram = decodeUdp(bytes, udpAt, bytes.length, source, destination);
      if (datagram.ok) this.#toDhcpClient(index, datagram.value.payload);
      return;
    }
    this.#events.downlink?.(ueOfAddress(destination), 'rg', bytes);
  }

  #toDhcpClient(index: number, payload: Uint8Array): void {
    const message = decodeDhcp(payload);
    if (!message.ok) return;
    const ue = ueOfMac(message.value.clientMac);
    const type = find(message.value.options, dhcpOption.messageType);
    if (type === 'offer') this.#output('rg', index, 0, this.#request.of(ue));
    else if (type === 'ack') this.#events.attached?.(ue);
    else this.#events.refused?.(ue);
  }

  #rgOf(ue: number): number {
    return ue % this.#network.rgs.length;
  }

  #wlcOf(ue: number): number {
    return ue % this.#network.wlcs.length;
  }
}

/** The stamp of a data packet that arrived, whatever tunnel it came by. */
export function stampOf(bytes: Uint8Array): number {
  return u32At(bytes, bytes.length - stampOctets);
}

function innerAt(bytes: Uint8Array): number {
  return greHeaderLengthAt(bytes, 0, bytes.length);
}

function revocationAnswer({ sequence, flags, options }: BindingRevocationIndication): Uint8Array {
  return encodeMobility({
    kind: 'bindingRevocationAcknowledgement',
    status: revocationStatus.success,
    sequence,
    flags,
    options,
  });
}

/** The address of a site of the network. */
export function addressOfSite(network: BenchNetwork, site: Site, index: number): IpAddress {
  switch (site) {
    case 'rg':
      return network.rgs[index]!;
    case 'wlc':
    case 'wlc-gre':
      return network.wlcs[index]!;
    case 'lma':
    case 'lma-gre':
      return network.lma;
    case 'aaa':
      return network.aaaServer;
  }
}
