import type { IpAddress, Ipv4Address, MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { AccessList } from './filter.ts';

/** An EoGRE tunnel toward a residential gateway, and the VLAN of the UE in it. */
export interface EogrePath {
  readonly kind: 'eogre';
  readonly peer: IpAddress;
  /** The GRE key the RG uses, repeated toward it; undefined for none. */
  readonly key: number | undefined;
  /** The 802.1Q VLAN identifier (1..4094) of the UE's frames in the tunnel; undefined for untagged. */
  readonly vlan: number | undefined;
}

/** A PMIPv6 GRE tunnel toward an access point or WLC; keys as exchanged by the GRE Key option (RFC 5845). */
export interface Pmipv6Path {
  readonly kind: 'pmipv6';
  readonly peer: IpAddress;
  /** The key in packets from the MAG to us, which we assigned. */
  readonly uplinkKey: number;
  /** The key in packets from us to the MAG, which it assigned. */
  readonly downlinkKey: number;
}

/**
 * IP packets in GRE without a key toward an access point that gives its UEs addresses itself: of an address of the session's
 * home network there, which the UE does not know.
 */
export interface IpPath {
  readonly kind: 'ip';
  readonly peer: IpAddress;
  /** The UE's address at the access point; it is translated one to one to the session's first address. */
  readonly address: Ipv4Address;
}

/** Where a UE is attached. */
export type AccessPath = EogrePath | Pmipv6Path | IpPath;

/** The GRE tunnel toward the local mobility anchor. */
export interface S2aPath {
  readonly peer: IpAddress;
  /** The key in packets from us to the LMA, which the LMA assigned. */
  readonly uplinkKey: number;
  /** The key in packets from the LMA to us, which we assigned. */
  readonly downlinkKey: number;
}

/** One address of a UE, its prefix length in bits and its default router. */
export interface UeAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly router: IpAddress;
}

/** How much a UE may send and receive, in octets of its own IP packets a second; undefined where there is no limit. */
export interface PoliceRates {
  readonly uplink: number | undefined;
  readonly downlink: number | undefined;
}

/** The lists that a UE's packets have to pass; undefined where all pass. */
export interface PacketFilter {
  readonly uplink: AccessList | undefined;
  readonly downlink: AccessList | undefined;
}

/** What the data path must know of a session; the projection of the session that `forwardingEntryOf` makes. */
export interface ForwardingEntry {
  readonly sessionId: number;
  readonly mac: MacAddress;
  readonly addresses: readonly UeAddress[];
  /** Where downlink goes and uplink is expected; undefined while the UE is attached nowhere. */
  readonly access: AccessPath | undefined;
  /** The endpoint just left: uplink from it is still forwarded until `previousUntil`. */
  readonly previous: AccessPath | undefined;
  readonly previousUntil: Instant;
  /** Whether the UE-MAC flow of the seed is installed: EoGRE frames of this UE may be taken as its own. */
  readonly eogreFlow: boolean;
  readonly s2a: S2aPath;
  /** Undefined, as for most, where neither direction has a limit. */
  readonly police: PoliceRates | undefined;
  /** Undefined where neither direction has a list. */
  readonly filter: PacketFilter | undefined;
}

/** Whether two accesses are one: the same endpoint by the same tunnel. Undefined is the same as undefined alone. */
export function samePath(left: AccessPath | undefined, right: AccessPath | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.kind === 'eogre') {
    return right.kind === 'eogre' && left.peer === right.peer && left.key === right.key && left.vlan === right.vlan;
  }
  if (left.kind === 'ip') return right.kind === 'ip' && left.peer === right.peer && left.address === right.address;
  return (
    right.kind === 'pmipv6' &&
    left.peer === right.peer &&
    left.uplinkKey === right.uplinkKey &&
    left.downlinkKey === right.downlinkKey
  );
}
