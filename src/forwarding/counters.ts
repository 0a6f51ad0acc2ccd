import { Counters } from '../kernel/counters.ts';
import { puntReasons } from './fast-path/layout.ts';

/** Why the data path drops an uplink packet; each is counted as `uplink.dropped.<reason>`. */
export const uplinkDrops = [
  /** Not a GRE, Ethernet, ARP, IPv4, UDP or TCP header that can be read. */
  'malformed',
  'bad-checksum',
  /** A GRE protocol that the access side does not carry. */
  'gre-protocol',
  /** EoGRE from a peer that no profile of access type eogre names. */
  'unknown-client',
  /** A frame from a MAC address that has no session. */
  'unknown-mac',
  'group-source',
  'arp',
  'not-ipv4',
  'unknown-key',
  /** A PMIPv6 tunnel that is neither the session's nor, within the guard time, the one it left. */
  'stale-endpoint',
  'spoofed',
  /** An EoGRE endpoint that the session manager did not let the session move to. */
  'not-admitted',
  /** To a multicast, broadcast, loopback or unspecified address. */
  'not-forwardable',
  'to-router',
  /** The session's access list does not let it pass. */
  'filtered',
  /** More than the session may send. */
  'rate',
  'ttl-expired',
  'too-big',
] as const;
export type UplinkDrop = (typeof uplinkDrops)[number];

/** Why the data path drops a downlink packet; each is counted as `downlink.dropped.<reason>`. */
export const downlinkDrops = [
  'malformed',
  'bad-checksum',
  'gre-protocol',
  'unknown-key',
  /** Not from the LMA that holds the session. */
  'wrong-peer',
  'not-ipv4',
  /** To an address that is not the session's. */
  'wrong-address',
  /** The UE is attached nowhere. */
  'no-access',
  /** The session's access list does not let it pass. */
  'filtered',
  /** More than the session may receive. */
  'rate',
  'ttl-expired',
  'too-big',
] as const;
export type DownlinkDrop = (typeof downlinkDrops)[number];

/** The counter of each reason, ready-made: a flood must not build strings. */
export const uplinkDropped = dropCounters('uplink', uplinkDrops);
export const downlinkDropped = dropCounters('downlink', downlinkDrops);

function dropCounters<Side extends string, Reason extends string>(side: Side, reasons: readonly Reason[]) {
  const names = reasons.map((reason) => [reason, `${side}.dropped.${reason}`] as const);
  return Object.fromEntries(names) as { readonly [R in Reason]: `${Side}.dropped.${R}` };
}

/** Every counter of the data path. Octets are those of the UE's own IP packets, without any tunnel header. */
export const forwardingCounterNames = [
  'uplink.packets',
  'uplink.octets',
  'downlink.packets',
  'downlink.octets',
  ...uplinkDrops.map((reason) => uplinkDropped[reason]),
  ...downlinkDrops.map((reason) => downlinkDropped[reason]),
  'dhcp.delivered',
  'arp.answered',
  'arp.announced',
  'echo.answered',
  'icmp.time-exceeded.sent',
  'icmp.fragmentation-needed.sent',
  'icmp.rate-limited',
  /** Errors not sent because RFC 1812 section 4.3.2.7 forbids them: about an ICMP error, a later fragment, … */
  'icmp.suppressed',
  'uplink.fragments',
  'downlink.fragments',
  'mss.clamped',
  /** Of the packets above, those that were forwarded in the kernel; and what it handed up, or dropped instead. */
  'fast-path.uplink.packets',
  'fast-path.uplink.octets',
  'fast-path.downlink.packets',
  'fast-path.downlink.octets',
  'fast-path.policed',
  ...puntReasons.map((reason) => `fast-path.uplink.punted.${reason}` as const),
  ...puntReasons.map((reason) => `fast-path.downlink.punted.${reason}` as const),
] as const;
export type ForwardingCounterName = (typeof forwardingCounterNames)[number];

export type ForwardingCounters = Counters<ForwardingCounterName>;

/** Counters of the data path: all at zero, or those in `values`, which another thread may read meanwhile. */
export function newForwardingCounters(values?: Float64Array): ForwardingCounters {
  return new Counters(forwardingCounterNames, values);
}
