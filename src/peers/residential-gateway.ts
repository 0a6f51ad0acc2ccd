import { type IpAddress, isGroupMac, type MacAddress } from '../kernel/address.ts';
import { Counters } from '../kernel/counters.ts';
import { type Instant, never } from '../kernel/instant.ts';
import {
  decodeEthernet,
  type EthernetHeader,
  encodeEthernet,
  ethernetDestinationAt,
  ethernetHeaderLength,
} from '../wire/ethernet/ethernet.ts';
import { decodeGre, greLength, greProtocol, writeGre } from '../wire/gre/gre.ts';
import type { AccessPoint, Actor, Datagram, Network, Station } from './actor.ts';

export interface ResidentialGatewayOptions {
  readonly name: string;
  readonly address: IpAddress;
  /** The gateway's access address. */
  readonly gateway: IpAddress;
  /** The GRE key of the tunnel; none if left out. */
  readonly key?: number;
  /** The 802.1Q VLAN identifier (1..4094) that frames have inside the tunnel; untagged if left out. */
  readonly vlan?: number;
}

const counterNames = [
  'uplink.frames',
  'uplink.not-associated',
  'downlink.frames',
  'downlink.no-station',
  'downlink.discarded',
] as const;

/** A residential gateway: a bridge between its radio and one EoGRE tunnel (GRE 0x6558). It knows no UE and no session. */
export class ResidentialGateway implements Actor, AccessPoint {
  readonly name: string;
  readonly address: IpAddress;
  readonly listens = [{ protocol: 'gre', port: 0 }] as const;
  readonly counters = new Counters(counterNames);
  readonly #options: ResidentialGatewayOptions;
  readonly #network: Network;
  readonly #stations = new Map<MacAddress, Station>();

  constructor(options: ResidentialGatewayOptions, network: Network) {
    this.name = options.name;
    this.address = options.address;
    this.#options = options;
    this.#network = network;
  }

  associate(station: Station): void {
    this.#stations.set(station.mac, station);
  }

  dissociate(station: Station): void {
    if (this.#stations.get(station.mac) === station) this.#stations.delete(station.mac);
  }

  fromStation(station: Station, frame: Uint8Array): void {
    if (this.#stations.get(station.mac) !== station) return this.counters.add('uplink.not-associated');
    const header = decodeEthernet(frame);
    if (!header.ok) return;
    this.counters.add('uplink.frames');
    const { key, vlan, gateway } = this.#options;
    const inner = retagged(frame, header.value, vlan);
    const bytes = new Uint8Array(greLength(key) + inner.length);
    bytes.set(inner, writeGre(bytes, 0, greProtocol.transparentEthernet, key));
    this.#network.send({
      protocol: 'gre',
      source: this.address,
      sourcePort: 0,
      destination: gateway,
      destinationPort: 0,
      bytes,
    });
  }

  receive(datagram: Datagram, now: Instant): void {
    const gre = decodeGre(datagram.bytes);
    const { gateway, key, vlan } = this.#options;
    if (
      !gre.ok ||
      datagram.source !== gateway ||
      gre.value.protocol !== greProtocol.transparentEthernet ||
      gre.value.key !== key
    ) {
      return this.counters.add('downlink.discarded');
    }
    const tagged = datagram.bytes.subarray(gre.value.headerLength);
    const header = decodeEthernet(tagged);
    if (!header.ok || header.value.vlan !== vlan) return this.counters.add('downlink.discarded');
    this.#deliver(retagged(tagged, header.value, undefined), now);
  }

  advance(): void {}

  nextDeadline(): Instant {
    return never;
  }

  #deliver(frame: Uint8Array, now: Instant): void {
    const destination = ethernetDestinationAt(frame, 0);
    const listeners = isGroupMac(destination) ? [...this.#stations.values()] : [this.#stations.get(destination)];
    let heard = false;
    for (const station of listeners) {
      if (station === undefined) continue;
      heard = true;
      station.toStation(frame, now, this);
    }
    this.counters.add(heard ? 'downlink.frames' : 'downlink.no-station');
  }
}

/** The frame with the VLAN tag wanted; the frame itself, if it has it already. */
function retagged(frame: Uint8Array, header: EthernetHeader, vlan: number | undefined): Uint8Array {
  if (header.vlan === vlan && (vlan !== undefined || header.headerLength === ethernetHeaderLength)) return frame;
  return encodeEthernet({ ...header, vlan }, frame.subarray(header.headerLength));
}
