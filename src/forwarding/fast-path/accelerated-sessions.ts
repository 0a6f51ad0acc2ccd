import type { Instant } from '../../kernel/instant.ts';
import { type Accelerator, type CountedPlace, notAccelerated, type SessionUsage } from '../accelerator.ts';
import type { ForwardingEntry } from '../entry.ts';
import type { FastPathTable, LeftToSlowPath } from './fast-path-table.ts';
import { limitsOf } from './fast-session.ts';
import { directionUsageAt, limitsOctets, sessionAt, sessionOctets, usageAt, usageOctets } from './layout.ts';
import { u64At } from './session-value.ts';

/** What the host does for it. */
export interface AcceleratedKernel {
  /** The sessions of all places, shared with the kernel, and in them their usage: aligned to eight octets. */
  readonly records: DataView;
  /** The limits of all places of the map, shared with the kernel: aligned to eight octets. */
  readonly limits: DataView;
  /** Writes what the table has in a place into the kernel's map before it returns. */
  writeNow(place: CountedPlace): void;
  /** False while it passes everything up: then it counts nothing either. */
  readonly isForwarding: boolean;
  now(): Instant;
  /** The kernel's monotonic clock at an instant of the gateway's, in nanoseconds; and the other way. */
  kernelTimeOf(instant: Instant): number;
  instantOf(kernelTime: number): Instant;
}

const words = {
  packets: directionUsageAt.packets / 8,
  octets: directionUsageAt.octets / 8,
  last: directionUsageAt.last / 8,
};

/**
 * The sessions of one session manager instance in the fast path: programs the table, and is where their usage is. The kernel
 * and the slow path add to the same memory, each number by one atomic instruction.
 */
export class AcceleratedSessions implements Accelerator {
  readonly table: FastPathTable;
  readonly #kernel: AcceleratedKernel;
  readonly #records: DataView;
  readonly #words: BigInt64Array;
  readonly #limits: BigUint64Array;

  constructor(table: FastPathTable, kernel: AcceleratedKernel) {
    this.table = table;
    this.#kernel = kernel;
    this.#records = kernel.records;
    const { limits } = kernel;
    this.#limits = new BigUint64Array(limits.buffer, limits.byteOffset, limits.byteLength / limitsOctets);
    this.#words = new BigInt64Array(this.#records.buffer, this.#records.byteOffset, this.#records.byteLength / 8);
  }

  begin(): void {
    this.table.beginGeneration();
  }

  program(entry: ForwardingEntry): CountedPlace {
    const former = this.table.placeOf(entry.sessionId);
    const left = this.table.program(entry, this.#kernel.now());
    const place = this.table.placeOf(entry.sessionId);
    if (former === undefined && place !== undefined) this.#clear(place);
    const limits = limitsOf(entry);
    if (place !== undefined && limits !== undefined) this.#limits[place] = limitsWord(limits);
    if (left === undefined) return place!;
    // It may have been forwarded until now: what is counted is final when this returns.
    if (former !== undefined) this.#kernel.writeNow(former);
    return notAccelerated;
  }

  remove(sessionId: number): void {
    const place = this.table.placeOf(sessionId);
    if (place === undefined) return;
    this.table.remove(sessionId, this.#kernel.now());
    this.#kernel.writeNow(place);
  }

  prefers(sessionId: number): boolean {
    return this.table.isHomeFree(sessionId, this.#kernel.now());
  }

  has(entry: ForwardingEntry): boolean {
    const limits = limitsOf(entry);
    const place = this.table.placeOf(entry.sessionId);
    if (limits !== undefined && place !== undefined && this.#limits[place] !== limitsWord(limits)) return false;
    return this.table.has(entry);
  }

  removeStale(): number {
    return this.table.removeStale(this.#kernel.now());
  }

  usageOf(place: CountedPlace): SessionUsage {
    const uplink = usageBegin(place) + usageAt.uplink;
    const downlink = usageBegin(place) + usageAt.downlink;
    const last = Math.max(
      u64At(this.#records, uplink + directionUsageAt.last),
      u64At(this.#records, downlink + directionUsageAt.last),
    );
    return {
      uplinkPackets: u64At(this.#records, uplink + directionUsageAt.packets),
      uplinkOctets: u64At(this.#records, uplink + directionUsageAt.octets),
      downlinkPackets: u64At(this.#records, downlink + directionUsageAt.packets),
      downlinkOctets: u64At(this.#records, downlink + directionUsageAt.octets),
      lastActivity: last === 0 ? undefined : this.#kernel.instantOf(last),
    };
  }

  packetsOf(place: CountedPlace): number {
    const at = usageBegin(place) + directionUsageAt.packets;
    return u64At(this.#records, at + usageAt.uplink) + u64At(this.#records, at + usageAt.downlink);
  }

  restore(place: CountedPlace, usage: SessionUsage): void {
    if (this.#kernel.isForwarding && this.packetsOf(place) >= usage.uplinkPackets + usage.downlinkPackets) return;
    const last = usage.lastActivity === undefined ? 0 : Math.max(this.#kernel.kernelTimeOf(usage.lastActivity), 1);
    this.#set(place, usageAt.uplink, usage.uplinkPackets, usage.uplinkOctets, last);
    this.#set(place, usageAt.downlink, usage.downlinkPackets, usage.downlinkOctets, last);
  }

  countUplink(place: CountedPlace, octets: number, now: Instant): void {
    this.#add(place, usageAt.uplink, octets, now);
  }

  countDownlink(place: CountedPlace, octets: number, now: Instant): void {
    this.#add(place, usageAt.downlink, octets, now);
  }

  /** Why nothing of a session is forwarded here; undefined if it is. */
  whyNot(entry: ForwardingEntry): LeftToSlowPath | undefined {
    const reason = this.table.wouldLeave(entry);
    return reason ?? (this.table.placeOf(entry.sessionId) === undefined ? 'no-place' : undefined);
  }

  #add(place: CountedPlace, direction: number, octets: number, now: Instant): void {
    const at = (usageBegin(place) + direction) / 8;
    Atomics.add(this.#words, at + words.packets, 1n);
    Atomics.add(this.#words, at + words.octets, BigInt(octets));
    Atomics.store(this.#words, at + words.last, BigInt(Math.floor(this.#kernel.kernelTimeOf(now))));
  }

  #set(place: CountedPlace, direction: number, packets: number, octets: number, last: number): void {
    const at = (usageBegin(place) + direction) / 8;
    Atomics.store(this.#words, at + words.packets, BigInt(packets));
    Atomics.store(this.#words, at + words.octets, BigInt(octets));
    Atomics.store(this.#words, at + words.last, BigInt(Math.floor(last)));
  }

  /** Nothing leads to the place yet. */
  #clear(place: CountedPlace): void {
    const at = usageBegin(place) / 8;
    this.#words.fill(0n, at, at + usageOctets / 8);
  }
}

/** Where the usage of a place begins in the kernel's memory, in octets. */
function usageBegin(place: CountedPlace): number {
  return place * sessionOctets + sessionAt.usage;
}

/** Both limits as one word, which is written at once: the uplink's in the lower half. */
function limitsWord({ uplink, downlink }: NonNullable<ReturnType<typeof limitsOf>>): bigint {
  return (BigInt(downlink) << 32n) | BigInt(uplink);
}
