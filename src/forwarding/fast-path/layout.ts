import { fnv1a64 } from '../../kernel/fnv.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';

/**
 * The values of the fast path's maps, as `bpf/layout.h` has them: where each field is, in octets. The test compares them
 * with the type information in the built object.
 *
 * Addresses, keys and MAC addresses are in network order, all other numbers in the machine's, which is little-endian
 * wherever Node.js and XDP both run.
 */

/** `enum path_kind`: how a UE is attached, as far as the program forwards it. */
export const pathKind = { none: 0, eogre: 1, pmipv6: 2 } as const;

/** `struct path` */
export const pathOctets = 16;
export const pathAt = { peer: 0, key: 4, vlan: 8, kind: 10, has_key: 11, inner_mtu: 12 } as const;

/** `struct direction_usage` */
export const directionUsageOctets = 24;
export const directionUsageAt = { packets: 0, octets: 8, last: 16 } as const;

/** `struct usage` */
export const usageOctets = 48;
export const usageAt = { uplink: 0, downlink: 24 } as const;

/** `struct session`: two cache lines, of which the first has what most packets need. */
export const sessionOctets = 128;
export const sessionAt = {
  version: 0,
  id: 4,
  mac: 8,
  address: 16,
  router: 20,
  access: 24,
  lma: 40,
  lma_key: 44,
  lma_inner_mtu: 48,
  mss_max: 50,
  held_back: 52,
  limited: 53,
  uplink_list: 54,
  downlink_list: 55,
  previous_until: 56,
  previous: 64,
  usage: 80,
} as const;
/** What the gateway says of a session: all in front of its usage, the version included, which is the kernel's memory's own. */
export const sessionValueOctets = sessionAt.usage;

/** `struct config` */
export const configOctets = 52;
export const configAt = {
  access_address: 0,
  s2a_address: 4,
  vmac: 8,
  reserved: 14,
  punt_interval: 16,
  punt_interval_in_all: 20,
  way_lifetime: 24,
  set_mask: 28,
  burst_min: 32,
  instances: 36,
  places_each: 40,
  home_mask: 44,
  weakly_ordered: 48,
} as const;

/** `struct way`: nobody but the program reads one */
export const wayOctets = 40;

/** `struct arrival`: likewise */
export const arrivalOctets = 16;

/** `struct tunnel_end` */
export const tunnelEndOctets = 8;
export const tunnelEndAt = { peer: 0, side: 4 } as const;
/** `enum side`, by its numbers. */
export const tunnelSides = ['access', 's2a'] as const;

/** `struct tunnel_figures` */
export const tunnelFiguresOctets = 32;
export const tunnelFiguresAt = {
  mss_clamped: 0,
  fragmentation_needed: 8,
  fragments: 16,
  longest_fragment: 24,
  longest_received: 26,
  longest_sent: 28,
  reserved: 30,
} as const;

/** `struct limits`: octets a second */
export const limitsOctets = 8;
export const limitsAt = { uplink: 0, downlink: 4 } as const;

/** The limit of a direction that has none. */
export const noLimit = 0xffffffff;

/** `struct policer`: nobody but the program reads one */
export const policerOctets = 40;

/** `struct access_rule` */
export const accessRuleOctets = 28;
export const accessRuleAt = {
  source: 0,
  source_mask: 4,
  destination: 8,
  destination_mask: 12,
  source_first: 16,
  source_last: 18,
  destination_first: 20,
  destination_last: 22,
  protocol: 24,
  permits: 26,
} as const;

/** `struct access_list` */
export const accessRulesMax = 64;
export const accessListOctets = 4 + accessRulesMax * accessRuleOctets;
export const accessListAt = { count: 0, rules: 4 } as const;
/** Sessions have the number of a list in an octet; 0 is none. */
export const accessListsMax = 255;

/** `struct state` */
export const stateOctets = 8;
export const stateAt = { until: 0 } as const;

/**
 * Why the program passes a packet up, as `enum punt` has it, from 1 on. Those that share a name with a drop of the slow
 * path say what it will be dropped for there.
 */
export const puntReasons = [
  'passive',
  'outer',
  'gre-options',
  'gre-protocol',
  'malformed',
  'bad-checksum',
  'not-ipv4',
  'ip-options',
  'fragment',
  'dhcp',
  'unknown-mac',
  'unknown-key',
  'not-forwardable',
  'other-endpoint',
  'wrong-peer',
  'wrong-address',
  'to-router',
  'no-access',
  'ttl-expired',
  'too-big',
  'syn-options',
  'no-route',
  'no-neighbour',
  'no-port',
  'no-room',
  'held-back',
  'changing',
] as const;
export type PuntReason = (typeof puntReasons)[number];

/** Why the program drops a packet of a session at once: reasons of the slow path, numbered after those of punts. */
export const fastDropReasons = ['filtered', 'rate'] as const;
export type FastDropReason = (typeof fastDropReasons)[number];

/** A punt or drop of each reason and one place for none, eight octets each. */
const puntsOctets = (puntReasons.length + fastDropReasons.length + 1) * 8;
const uplinkPunts = 56;

/** `struct counters`, of one CPU */
export const countersOctets = uplinkPunts + 2 * puntsOctets;
export const countersAt = {
  uplink_packets: 0,
  uplink_octets: 8,
  downlink_packets: 16,
  downlink_octets: 24,
  mss_clamped: 32,
  policed: 40,
  identification: 48,
  uplink_punts: uplinkPunts,
  downlink_punts: uplinkPunts + puntsOctets,
} as const;

/** A place, or the number of a set of an index, as a key. */
export const placeOctets = 4;

/** `struct place_set`: slots of eight octets, and how many bits of each are the place's. */
export const placeSet = { slots: 16, placeBits: 24 } as const;

/** A name for what the maps are like, and which access lists their numbers mean: programs with another name have other maps. */
export function layoutName(accessLists: readonly unknown[]): string {
  const layout = {
    pathAt,
    sessionAt,
    usageAt,
    directionUsageAt,
    stateAt,
    countersAt,
    puntReasons,
    placeSet,
    limitsAt,
    tunnelFiguresAt,
    accessRuleAt,
    accessLists,
  };
  const { high, low } = fnv1a64(utf8Encode(JSON.stringify(layout)));
  return `maps-${high.toString(16)}-${low.toString(16)}`;
}
