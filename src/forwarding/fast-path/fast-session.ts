import { type IpAddress, type Ipv4Address, isGroupMac, isIpv4, type MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { AccessPath, ForwardingEntry } from '../entry.ts';
import { type AccessList, untoldList } from '../filter.ts';
import { accessInnerMtu, s2aInnerMtu, type TunnelSide } from '../inner-mtu.ts';
import { noLimit } from './layout.ts';

/** Where the fast path sends a UE's packets and takes them from; `innerMtu` in octets. */
export interface FastAccessPath {
  readonly kind: Exclude<AccessPath['kind'], 'ip'>;
  readonly peer: Ipv4Address;
  /** EoGRE: the key of both directions, if any. PMIPv6: the key toward the MAG. */
  readonly key: number | undefined;
  readonly vlan: number | undefined;
  readonly innerMtu: number;
}

/** What the fast path knows of a session. `id` is the GRE key of packets toward us, on both sides. */
export interface FastSession {
  readonly id: number;
  readonly mac: MacAddress;
  readonly address: Ipv4Address;
  readonly router: Ipv4Address;
  readonly access: FastAccessPath | undefined;
  readonly previous: FastAccessPath | undefined;
  /** Nanoseconds of the kernel's monotonic clock, with the precision of a number. */
  readonly previousUntil: number;
  readonly lma: Ipv4Address;
  readonly lmaKey: number;
  readonly lmaInnerMtu: number;
  /** The largest MSS that a SYN may offer, in octets; 0 to leave SYNs alone. */
  readonly mssMax: number;
  /** It has a rate, which is written beside it. */
  readonly limited: boolean;
  /** The numbers of its access lists; 0 for none. */
  readonly uplinkList: number;
  readonly downlinkList: number;
  /** All its packets go up, and are not counted against the tunnel endpoint that they come from. */
  readonly heldBack: boolean;
  /** Nor are they counted as held back: nothing tells that there is such a session. */
  readonly untold: boolean;
}

/** Why a session is not forwarded by the fast path, which knows it all the same. */
export type HeldBack =
  /** A limit of more octets a second than are counted with. */
  | 'rate'
  /** An access list of more rules than are looked at, or beyond the number of lists. */
  | 'filter';

/** Why the fast path cannot even know a session. */
export type NotAccelerated =
  /** No IPv4 address, or several. */
  | 'addresses'
  /** A group address is no UE's. */
  | 'mac'
  /** A GRE key toward us that is not the session's identifier. */
  | 'keys'
  /** A tunnel over IPv6. */
  | 'ipv6-peer'
  /** EoGRE from a peer that is no client of an EoGRE profile: the slow path refuses its packets. */
  | 'not-a-client'
  /** Its UE has another address at its access point. */
  | 'translated';

/** What of the gateway's configuration decides about a session's entry. */
export interface FastPathRules {
  readonly access: TunnelSide;
  readonly s2a: TunnelSide;
  readonly mssClamp: boolean;
  /** Whether a profile of access type eogre names the peer. */
  isEogreClient(peer: IpAddress): boolean;
  /** The number of an access list, from 1 on; undefined for one that the program does not have. */
  listNumberOf(list: AccessList): number | undefined;
  /** The kernel's monotonic clock at an instant of the gateway's, in nanoseconds. */
  kernelTimeOf(instant: Instant): number;
}

/** The fixed IPv4 and TCP headers, which the MSS does not count (RFC 6691 section 2). */
const fixedHeaders = 40;

/**
 * Why the packets of a session are to be left to the slow path; undefined if they are not. A session whose packets are
 * copied comes here with a list that nobody has (`FlowTable.setTapped`): the fast path copies nothing, and nothing says why.
 */
export function heldBackBy({ police, filter }: ForwardingEntry, rules: FastPathRules): HeldBack | undefined {
  for (const list of [filter?.uplink, filter?.downlink]) {
    if (list !== undefined && rules.listNumberOf(list) === undefined) return 'filter';
  }
  const most = Math.max(police?.uplink ?? 0, police?.downlink ?? 0);
  return most >= noLimit ? 'rate' : undefined;
}

/** The limits of a session as a value of their map; undefined for one that has none. */
export function limitsOf({
  police,
}: ForwardingEntry): { readonly uplink: number; readonly downlink: number } | undefined {
  if (police?.uplink === undefined && police?.downlink === undefined) return undefined;
  return { uplink: Math.floor(police.uplink ?? noLimit), downlink: Math.floor(police.downlink ?? noLimit) };
}

/** What the fast path is to know of a session, or why it can know nothing of it. */
export function fastSessionOf(entry: ForwardingEntry, rules: FastPathRules): FastSession | NotAccelerated {
  const { sessionId, mac, s2a } = entry;
  const ipv4 = entry.addresses.filter(({ address }) => isIpv4(address));
  const [first] = ipv4;
  if (first === undefined || ipv4.length > 1 || !isIpv4(first.address) || !isIpv4(first.router)) return 'addresses';
  if (isGroupMac(mac)) return 'mac';
  if (sessionId === 0 || s2a.downlinkKey !== sessionId) return 'keys';
  if (!isIpv4(s2a.peer)) return 'ipv6-peer';
  const access = entry.access === undefined ? undefined : fastPathOf(sessionId, entry.access, rules);
  if (typeof access === 'string') return access;
  const previous = entry.previous === undefined ? undefined : fastPathOf(sessionId, entry.previous, rules);
  const lmaInnerMtu = s2aInnerMtu(rules.s2a, s2a);
  const mtu = access === undefined ? lmaInnerMtu : Math.min(lmaInnerMtu, access.innerMtu);
  return {
    id: sessionId,
    mac,
    address: first.address,
    router: first.router,
    access,
    // What is not plain there goes up.
    previous: typeof previous === 'string' ? undefined : previous,
    previousUntil: rules.kernelTimeOf(entry.previousUntil),
    lma: s2a.peer,
    lmaKey: s2a.uplinkKey,
    lmaInnerMtu,
    mssMax: rules.mssClamp ? mtu - fixedHeaders : 0,
    limited: limitsOf(entry) !== undefined,
    uplinkList: numberOf(entry.filter?.uplink, rules),
    downlinkList: numberOf(entry.filter?.downlink, rules),
    heldBack: heldBackBy(entry, rules) !== undefined,
    untold: entry.filter?.uplink === untoldList,
  };
}

function numberOf(list: AccessList | undefined, rules: FastPathRules): number {
  return list === undefined ? 0 : (rules.listNumberOf(list) ?? 0);
}

function fastPathOf(sessionId: number, path: AccessPath, rules: FastPathRules): FastAccessPath | NotAccelerated {
  if (path.kind === 'ip') return 'translated';
  const { kind, peer } = path;
  if (!isIpv4(peer)) return 'ipv6-peer';
  const innerMtu = accessInnerMtu(rules.access, path);
  if (kind === 'eogre') {
    if (!rules.isEogreClient(peer)) return 'not-a-client';
    return { kind, peer, key: path.key, vlan: path.vlan, innerMtu };
  }
  if (path.uplinkKey !== sessionId) return 'keys';
  return { kind, peer, key: path.downlinkKey, vlan: undefined, innerMtu };
}
