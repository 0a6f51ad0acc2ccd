import type { IpAddress, MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';

/** What the parties around the gateway exchange: a GRE packet (from its GRE header on, ports 0) or a UDP payload. */
export interface Datagram {
  readonly protocol: 'gre' | 'udp';
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  readonly destinationPort: number;
  /** Valid only during the call that hands it over. */
  readonly bytes: Uint8Array;
}

/** The network as an actor sees it: a virtual one in the simulator, real sockets in the lab. Never calls back at once. */
export interface Network {
  send(datagram: Datagram): void;
}

/**
 * A party at the other side of the gateway's ports: AAA server, LMA, WLC, residential gateway. Like the gateway's own
 * core it does no I/O, and the same code serves the simulator, the lab and the benchmarks.
 */
export interface Actor extends Timed {
  readonly name: string;
  readonly address: IpAddress;
  /** Where it listens: protocol and port (0 for GRE). */
  readonly listens: readonly { readonly protocol: 'gre' | 'udp'; readonly port: number }[];
  receive(datagram: Datagram, now: Instant): void;
}

/** An access point as a UE sees it: frames go up, and come down to those associated. */
export interface AccessPoint {
  readonly name: string;
  associate(station: Station, now: Instant): void;
  dissociate(station: Station, now: Instant): void;
  /** An Ethernet frame from a station; dropped unless it is associated. */
  fromStation(station: Station, frame: Uint8Array, now: Instant): void;
}

/** A UE's radio. */
export interface Station {
  readonly mac: MacAddress;
  /** An Ethernet frame from an access point it is associated with. */
  toStation(frame: Uint8Array, now: Instant, from: AccessPoint): void;
}
