import type { ForwardingCounterName, ForwardingCounters } from '../counters.ts';
import {
  countersAt,
  countersOctets,
  directionUsageAt,
  type FastDropReason,
  fastDropReasons,
  type PuntReason,
  puntReasons,
  sessionAt,
  sessionOctets,
  usageAt,
} from './layout.ts';
import { u64At } from './session-value.ts';

/** What a session moved through the fast path in one direction. */
export interface FastDirectionUsage {
  readonly packets: number;
  /** Of the UE's own IP packets. */
  readonly octets: number;
  /** When the last one passed: nanoseconds of the kernel's monotonic clock, a few milliseconds coarse; 0 for never. */
  readonly last: number;
}

export interface FastUsage {
  readonly uplink: FastDirectionUsage;
  readonly downlink: FastDirectionUsage;
}

/** Reads the usage of a place from the memory shared with the kernel. */
export function fastUsageAt(sessions: DataView, place: number): FastUsage {
  const at = place * sessionOctets + sessionAt.usage;
  return { uplink: directionAt(sessions, at + usageAt.uplink), downlink: directionAt(sessions, at + usageAt.downlink) };
}

function directionAt(usages: DataView, at: number): FastDirectionUsage {
  return {
    packets: u64At(usages, at + directionUsageAt.packets),
    octets: u64At(usages, at + directionUsageAt.octets),
    last: u64At(usages, at + directionUsageAt.last),
  };
}

/** Where punts and drops begin in the list of reasons, of which the first place is for none. */
const puntsFrom = 8;
const dropsFrom = puntsFrom + puntReasons.length * 8;

/** What the program did on all CPUs since it was loaded first. Octets are those of the UEs' own IP packets. */
export interface FastCounters {
  readonly uplinkPackets: number;
  readonly uplinkOctets: number;
  readonly downlinkPackets: number;
  readonly downlinkOctets: number;
  readonly mssClamped: number;
  /** Packets dropped because their tunnel endpoint had sent up too many. */
  readonly policed: number;
  /** Packets passed up, by reason; those that were then policed included. */
  readonly uplinkPunts: Readonly<Record<PuntReason, number>>;
  readonly downlinkPunts: Readonly<Record<PuntReason, number>>;
  /** Packets of sessions that were dropped, by reason. */
  readonly uplinkDrops: Readonly<Record<FastDropReason, number>>;
  readonly downlinkDrops: Readonly<Record<FastDropReason, number>>;
}

/** Adds up the counters of all CPUs, which follow one another in `values`. */
export function sumCounters(values: DataView): FastCounters {
  const sum = (at: number): number => {
    let total = 0;
    for (let cpu = 0; cpu + countersOctets <= values.byteLength; cpu += countersOctets)
      total += u64At(values, cpu + at);
    return total;
  };
  const each = <Name extends string>(names: readonly Name[], from: number): Record<Name, number> =>
    Object.fromEntries(names.map((name, index) => [name, sum(from + index * 8)])) as Record<Name, number>;
  const { uplink_punts: uplink, downlink_punts: downlink } = countersAt;
  return {
    uplinkPackets: sum(countersAt.uplink_packets),
    uplinkOctets: sum(countersAt.uplink_octets),
    downlinkPackets: sum(countersAt.downlink_packets),
    downlinkOctets: sum(countersAt.downlink_octets),
    mssClamped: sum(countersAt.mss_clamped),
    policed: sum(countersAt.policed),
    uplinkPunts: each(puntReasons, uplink + puntsFrom),
    downlinkPunts: each(puntReasons, downlink + puntsFrom),
    uplinkDrops: each(fastDropReasons, uplink + dropsFrom),
    downlinkDrops: each(fastDropReasons, downlink + dropsFrom),
  };
}

/** Writes counters as those of one CPU. */
export function writeCounters(values: DataView, counters: FastCounters): void {
  const write = (at: number, value: number): void => values.setBigUint64(at, BigInt(value), true);
  write(countersAt.uplink_packets, counters.uplinkPackets);
  write(countersAt.uplink_octets, counters.uplinkOctets);
  write(countersAt.downlink_packets, counters.downlinkPackets);
  write(countersAt.downlink_octets, counters.downlinkOctets);
  write(countersAt.mss_clamped, counters.mssClamped);
  write(countersAt.policed, counters.policed);
  const { uplink_punts: uplink, downlink_punts: downlink } = countersAt;
  for (const [index, reason] of puntReasons.entries()) {
    write(uplink + puntsFrom + index * 8, counters.uplinkPunts[reason]);
    write(downlink + puntsFrom + index * 8, counters.downlinkPunts[reason]);
  }
  for (const [index, reason] of fastDropReasons.entries()) {
    write(uplink + dropsFrom + index * 8, counters.uplinkDrops[reason]);
    write(downlink + dropsFrom + index * 8, counters.downlinkDrops[reason]);
  }
}

/** Adds what the program has counted between two moments to the counters of the data path. */
export function addCounted(counters: ForwardingCounters, before: FastCounters, after: FastCounters): void {
  const add = (name: ForwardingCounterName, by: number): void => counters.add(name, by);
  for (const direction of ['uplink', 'downlink'] as const) {
    const packets = after[`${direction}Packets`] - before[`${direction}Packets`];
    const octets = after[`${direction}Octets`] - before[`${direction}Octets`];
    add(`${direction}.packets`, packets);
    add(`${direction}.octets`, octets);
    add(`fast-path.${direction}.packets`, packets);
    add(`fast-path.${direction}.octets`, octets);
    for (const reason of puntReasons) {
      const punts = after[`${direction}Punts`][reason] - before[`${direction}Punts`][reason];
      if (punts > 0) add(`fast-path.${direction}.punted.${reason}`, punts);
    }
    for (const reason of fastDropReasons) {
      add(`${direction}.dropped.${reason}`, after[`${direction}Drops`][reason] - before[`${direction}Drops`][reason]);
    }
  }
  add('mss.clamped', after.mssClamped - before.mssClamped);
  add('fast-path.policed', after.policed - before.policed);
}
