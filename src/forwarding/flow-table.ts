import type { IpAddress, Ipv4Address, MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import { NumberIndex } from '../kernel/number-index.ts';
import { type Accelerator, notAccelerated, type SessionUsage } from './accelerator.ts';
import { type ForwardingEntry, type IpPath, samePath, type UeAddress } from './entry.ts';
import { missingList, untoldList } from './filter.ts';
import { TunnelTable } from './tunnel-figures.ts';

/** What a reconciliation did, in sessions. */
export interface ReconcileResult {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Sessions that found no room, see `sessionsMax`. */
  readonly refused: number;
}

/** A place in the table, from 0; valid until the table is changed. -1 stands for none. */
export type Slot = number;

/**
 * Columns of the usage slab. `lastActivity` holds the instant, or -Infinity; behind them one column for each follower: the
 * packets of both directions that it has seen.
 */
const uplinkPackets = 0;
const uplinkOctets = 1;
const downlinkPackets = 2;
const downlinkOctets = 3;
const lastActivity = 4;
const seenPackets = 5;
const usageColumns = 7;

/** Who looks at what UEs have used, each at its own pace. */
export type UsageFollower = keyof typeof usageFollowers;
const usageFollowers = { standby: 0, store: 1 } as const;
/** Differs from every count: the follower looks at the session once. */
const notSeen = -1;

/** Who may know entries that are not in the table yet. Each programs the one that the key names: false if there is none. */
export interface AbsentFlows {
  wakeMac(mac: MacAddress): boolean;
  wakeUplinkKey(key: number): boolean;
  wakeDownlinkKey(key: number): boolean;
}

/** Who wants to know what addresses access points have given: at most two of each session, its path and the one it has left. */
export interface IpPathListener {
  /** Packets of the address from that access point are a session's from now on. */
  addressed(peer: IpAddress, address: Ipv4Address): void;
  /** They are no session's any more. */
  unaddressed(peer: IpAddress, address: Ipv4Address): void;
}

/**
 * The desired forwarding entries, one per session, found by every key that a packet can carry.
 *
 * The keys in packets toward us were assigned by us, so each names one session, whatever the peer; the peer is checked
 * by whoever forwards. Should two sessions claim one MAC address or key, the one programmed last has it, and
 * removing the other leaves it alone.
 */
export class FlowTable {
  sessionsMax: number;
  /** What the packets that the slow path forwards say of their tunnels. */
  readonly tunnels = new TunnelTable();
  #entries: (ForwardingEntry | undefined)[] = [];
  #usage = new Float64Array(64 * usageColumns);
  /** 1 where packets are to be copied. No entry has it: nothing that shows entries can show it. */
  #tapped = new Uint8Array(64);
  #free: Slot[] = [];
  readonly #bySession = new NumberIndex();
  readonly #byMac = new NumberIndex();
  readonly #byUplinkKey = new NumberIndex();
  readonly #byDownlinkKey = new NumberIndex();
  /** By access point, and there by the UE's address. */
  readonly #byIpPath = new Map<IpAddress, Map<Ipv4Address, Slot>>();
  readonly #accelerator: Accelerator | undefined;
  /** Entries with a list that is missing here. */
  #unresolved = 0;
  /** Where the accelerator counts for each slot, or `notAccelerated`. */
  #places = new Int32Array(64);
  #isWhole = false;
  /** Asked for what a packet's key does not find. */
  absent: AbsentFlows | undefined;
  /** To be set before there is any entry. */
  ipPaths: IpPathListener | undefined;

  /** @param accelerator what forwards beside the slow path, and is told each change */
  constructor(sessionsMax: number, accelerator?: Accelerator) {
    this.sessionsMax = sessionsMax;
    this.#accelerator = accelerator;
    accelerator?.begin();
  }

  get size(): number {
    return this.#bySession.size;
  }

  /** Sessions of which nothing passes in a direction, because the list that they name is missing on this chassis. */
  get unresolved(): number {
    return this.#unresolved;
  }

  /** So many sessions will come. */
  reserve(sessions: number): void {
    for (const index of [this.#bySession, this.#byMac, this.#byDownlinkKey]) index.reserve(sessions);
  }

  /**
   * Installs the entry of its session, in place of an earlier one; usage goes on counting. False, and nothing done, if
   * the session is new and the table full.
   */
  program(entry: ForwardingEntry): boolean {
    let slot = this.#bySession.get(entry.sessionId);
    if (slot < 0) {
      if (this.size >= this.sessionsMax) return false;
      slot = this.#allocate();
      this.#bySession.set(entry.sessionId, slot);
    } else {
      const former = this.#entries[slot]!;
      if (former === entry) return true;
      this.#unindex(former, slot);
    }
    this.#entries[slot] = entry;
    if (isUnresolved(entry)) this.#unresolved += 1;
    this.#byMac.set(entry.mac, slot);
    this.#byDownlinkKey.set(entry.s2a.downlinkKey, slot);
    if (entry.previous?.kind === 'pmipv6') this.#byUplinkKey.set(entry.previous.uplinkKey, slot);
    if (entry.access?.kind === 'pmipv6') this.#byUplinkKey.set(entry.access.uplinkKey, slot);
    for (const path of [entry.previous, entry.access]) if (path?.kind === 'ip') this.#indexIpPath(path, slot);
    this.#accelerate(slot, entry);
    return true;
  }

  /** Forgets a session and its usage. Does nothing if there is none. */
  remove(sessionId: number): void {
    const slot = this.#bySession.get(sessionId);
    if (slot < 0) return;
    this.#unindex(this.#entries[slot]!, slot);
    this.#bySession.delete(sessionId);
    this.#entries[slot] = undefined;
    this.#free.push(slot);
    this.#accelerator?.remove(sessionId);
  }

  /**
   * What a session has moved in all: nothing faster than the slow path forwards for it any more when this returns. For the
   * account of one that ends.
   */
  finalUsage(sessionId: number): SessionUsage | undefined {
    const slot = this.#bySession.get(sessionId);
    if (slot >= 0 && this.#placeOf(slot) !== notAccelerated) {
      this.#accelerator!.remove(sessionId);
      this.#leave(slot);
    }
    return this.usage(sessionId);
  }

  /**
   * Whether every session there was when it began has been programmed. Until then nobody can tell what the accelerator has of former
   * flow tables from what has yet to come.
   */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Every session there is has been programmed: what the accelerator has of former flow tables is removed from it. */
  forgetFormer(): number {
    this.#isWhole = true;
    return this.#accelerator?.removeStale() ?? 0;
  }

  /** Makes the entry of a session, here and with the accelerator, as it is to be; true if it was so. */
  ensure(entry: ForwardingEntry): boolean {
    const found = this.readBack(entry.sessionId);
    const right = found !== undefined && sameEntry(found, entry);
    if (!right) this.program(entry);
    const slot = this.#bySession.get(entry.sessionId);
    if (!right || this.#accelerator?.has(this.#asAccelerated(slot, found)) !== false) return right;
    this.#accelerate(slot, found);
    return false;
  }

  /** Makes the table hold exactly the desired entries (the last one, if a session comes twice). */
  reconcile(desired: Iterable<ForwardingEntry>): ReconcileResult {
    const wanted = new Map<number, ForwardingEntry>();
    for (const entry of desired) wanted.set(entry.sessionId, entry);
    let removed = 0;
    // Removals first: they make room.
    for (const entry of this.#entries) {
      if (entry === undefined || wanted.has(entry.sessionId)) continue;
      this.remove(entry.sessionId);
      removed += 1;
    }
    let added = 0;
    let changed = 0;
    let refused = 0;
    for (const entry of wanted.values()) {
      const former = this.readBack(entry.sessionId);
      if (former !== undefined && sameEntry(former, entry)) continue;
      if (!this.program(entry)) refused += 1;
      else if (former === undefined) added += 1;
      else changed += 1;
    }
    return { added, changed, removed, refused };
  }

  /** The entry that packets of a session are forwarded by. */
  readBack(sessionId: number): ForwardingEntry | undefined {
    const slot = this.#bySession.get(sessionId);
    return slot < 0 ? undefined : this.#entries[slot];
  }

  /** What was counted of a session, wherever its packets were forwarded; undefined if there is no such session. */
  usage(sessionId: number): SessionUsage | undefined {
    const slot = this.#bySession.get(sessionId);
    if (slot < 0) return undefined;
    const place = this.#placeOf(slot);
    if (place !== notAccelerated) return this.#accelerator!.usageOf(place);
    const at = slot * usageColumns;
    const active = this.#usage[at + lastActivity]!;
    return {
      uplinkPackets: this.#usage[at + uplinkPackets]!,
      uplinkOctets: this.#usage[at + uplinkOctets]!,
      downlinkPackets: this.#usage[at + downlinkPackets]!,
      downlinkOctets: this.#usage[at + downlinkOctets]!,
      lastActivity: active === Number.NEGATIVE_INFINITY ? undefined : active,
    };
  }

  /** How many places there are, taken or free. */
  get slots(): number {
    return this.#entries.length;
  }

  /**
   * Looks at `slots` places from `from` on, and visits each session there that has moved packets since the follower visited
   * it last. Of a session whose usage was restored the standby knows, and the store may not. Returns where to go on: the
   * first place after the last one.
   */
  visitUsed(follower: UsageFollower, from: Slot, slots: number, visit: (sessionId: number) => void): Slot {
    const seen = seenPackets + usageFollowers[follower];
    const end = Math.min(from + slots, this.#entries.length);
    for (let slot = from; slot < end; slot += 1) {
      const at = slot * usageColumns;
      const place = this.#placeOf(slot);
      const packets =
        place === notAccelerated
          ? this.#usage[at + uplinkPackets]! + this.#usage[at + downlinkPackets]!
          : this.#accelerator!.packetsOf(place);
      if (packets === this.#usage[at + seen]) continue;
      this.#usage[at + seen] = packets;
      const entry = this.#entries[slot];
      if (entry !== undefined) visit(entry.sessionId);
    }
    return end < this.#entries.length ? end : 0;
  }

  /** Sets what a session taken over from elsewhere has used so far; it goes on counting from there. */
  restoreUsage(sessionId: number, usage: SessionUsage): void {
    const slot = this.#bySession.get(sessionId);
    if (slot < 0) return;
    const at = slot * usageColumns;
    const place = this.#placeOf(slot);
    if (place === notAccelerated) this.#setUsage(slot, usage);
    else this.#accelerator!.restore(place, usage);
    this.#usage[at + seenPackets + usageFollowers.standby] = usage.uplinkPackets + usage.downlinkPackets;
    this.#usage[at + seenPackets + usageFollowers.store] = notSeen;
  }

  /** Has packets of a session copied from now on, or no more. Does nothing if there is no such session. */
  setTapped(sessionId: number, isTapped: boolean): void {
    const slot = this.#bySession.get(sessionId);
    if (slot < 0 || this.isTapped(slot) === isTapped) return;
    this.#tapped[slot] = isTapped ? 1 : 0;
    this.#accelerate(slot, this.#entries[slot]!);
  }

  /** Whether packets of the session in a slot are copied. */
  isTapped(slot: Slot): boolean {
    return this.#tapped[slot] === 1;
  }

  /** The slot of a session, or -1; one whose record still waits to be made a session has none. */
  slotOfSession(sessionId: number): Slot {
    return this.#bySession.get(sessionId);
  }

  /** The slot of a UE's session, or -1. A session that still is a record is made now. */
  slotOfMac(mac: MacAddress): Slot {
    const slot = this.#byMac.get(mac);
    return slot < 0 && this.absent?.wakeMac(mac) === true ? this.#byMac.get(mac) : slot;
  }

  /** By the key of packets from a MAG: of the session's current path or of the one just left. */
  slotOfUplinkKey(key: number): Slot {
    const slot = this.#byUplinkKey.get(key);
    return slot < 0 && this.absent?.wakeUplinkKey(key) === true ? this.#byUplinkKey.get(key) : slot;
  }

  /** By the address that a UE has at an access point which gave it that. */
  slotOfIpPath(peer: IpAddress, address: Ipv4Address): Slot {
    return this.#byIpPath.get(peer)?.get(address) ?? -1;
  }

  /** By the key of packets from the LMA. */
  slotOfDownlinkKey(key: number): Slot {
    const slot = this.#byDownlinkKey.get(key);
    return slot < 0 && this.absent?.wakeDownlinkKey(key) === true ? this.#byDownlinkKey.get(key) : slot;
  }

  /** The entry in a slot that a look-up just gave. */
  entryAt(slot: Slot): ForwardingEntry {
    return this.#entries[slot]!;
  }

  /** Counts one packet of so many octets from the UE. */
  countUplink(slot: Slot, octets: number, now: Instant): void {
    const place = this.#placeOf(slot);
    if (place !== notAccelerated) return this.#accelerator!.countUplink(place, octets, now);
    const at = slot * usageColumns;
    this.#usage[at + uplinkPackets]! += 1;
    this.#usage[at + uplinkOctets]! += octets;
    this.#usage[at + lastActivity] = now;
  }

  /** Counts one packet of so many octets to the UE. */
  countDownlink(slot: Slot, octets: number, now: Instant): void {
    const place = this.#placeOf(slot);
    if (place !== notAccelerated) return this.#accelerator!.countDownlink(place, octets, now);
    const at = slot * usageColumns;
    this.#usage[at + downlinkPackets]! += 1;
    this.#usage[at + downlinkOctets]! += octets;
    this.#usage[at + lastActivity] = now;
  }

  #allocate(): Slot {
    const slot = this.#free.pop() ?? this.#entries.push(undefined) - 1;
    const at = slot * usageColumns;
    if (at >= this.#usage.length) {
      const grown = new Float64Array(this.#usage.length * 2);
      grown.set(this.#usage);
      this.#usage = grown;
      const tapped = new Uint8Array(this.#tapped.length * 2);
      tapped.set(this.#tapped);
      this.#tapped = tapped;
    }
    this.#tapped[slot] = 0;
    this.#usage.fill(0, at, at + usageColumns);
    this.#usage[at + lastActivity] = Number.NEGATIVE_INFINITY;
    if (this.#accelerator !== undefined) {
      if (slot >= this.#places.length) {
        const grown = new Int32Array(this.#places.length * 2);
        grown.set(this.#places);
        this.#places = grown;
      }
      this.#places[slot] = notAccelerated;
    }
    return slot;
  }

  #placeOf(slot: Slot): number {
    return this.#accelerator === undefined ? notAccelerated : this.#places[slot]!;
  }

  /** Has a session's packets counted at one place only, wherever that is now. */
  #accelerate(slot: Slot, entry: ForwardingEntry): void {
    const accelerator = this.#accelerator;
    if (accelerator === undefined) return;
    const former = this.#places[slot]!;
    const place = accelerator.program(this.#asAccelerated(slot, entry));
    if (place === former) return;
    if (former !== notAccelerated) this.#leave(slot);
    if (place === notAccelerated) return;
    accelerator.restore(place, this.usage(entry.sessionId)!);
    this.#places[slot] = place;
  }

  #asAccelerated(slot: Slot, entry: ForwardingEntry): ForwardingEntry {
    // Nor does it translate addresses.
    return this.isTapped(slot) || entry.access?.kind === 'ip' ? heldBack(entry) : entry;
  }

  /** Takes what the accelerator has counted, which counts no more. */
  #leave(slot: Slot): void {
    this.#setUsage(slot, this.#accelerator!.usageOf(this.#places[slot]!));
    this.#places[slot] = notAccelerated;
  }

  #setUsage(slot: Slot, usage: SessionUsage): void {
    const at = slot * usageColumns;
    this.#usage[at + uplinkPackets] = usage.uplinkPackets;
    this.#usage[at + uplinkOctets] = usage.uplinkOctets;
    this.#usage[at + downlinkPackets] = usage.downlinkPackets;
    this.#usage[at + downlinkOctets] = usage.downlinkOctets;
    this.#usage[at + lastActivity] = usage.lastActivity ?? Number.NEGATIVE_INFINITY;
  }

  #indexIpPath({ peer, address }: IpPath, slot: Slot): void {
    const there = this.#byIpPath.get(peer);
    if (there === undefined) this.#byIpPath.set(peer, new Map([[address, slot]]));
    else there.set(address, slot);
    this.ipPaths?.addressed(peer, address);
  }

  #unindexIpPath({ peer, address }: IpPath, slot: Slot): void {
    const there = this.#byIpPath.get(peer);
    if (there?.get(address) !== slot) return;
    there.delete(address);
    if (there.size === 0) this.#byIpPath.delete(peer);
    this.ipPaths?.unaddressed(peer, address);
  }

  #unindex(entry: ForwardingEntry, slot: Slot): void {
    if (isUnresolved(entry)) this.#unresolved -= 1;
    deleteOwn(this.#byMac, entry.mac, slot);
    deleteOwn(this.#byDownlinkKey, entry.s2a.downlinkKey, slot);
    if (entry.access?.kind === 'pmipv6') deleteOwn(this.#byUplinkKey, entry.access.uplinkKey, slot);
    if (entry.previous?.kind === 'pmipv6') deleteOwn(this.#byUplinkKey, entry.previous.uplinkKey, slot);
    for (const path of [entry.previous, entry.access]) if (path?.kind === 'ip') this.#unindexIpPath(path, slot);
  }
}

/**
 * The entry as an accelerator is to have it that must leave every packet to the slow path, which alone can copy it: as if
 * the session had an access list that nobody has. What asks why a session is slow asks of its own entry, and learns nothing.
 */
function heldBack(entry: ForwardingEntry): ForwardingEntry {
  return { ...entry, filter: { uplink: untoldList, downlink: untoldList } };
}

function isUnresolved({ filter }: ForwardingEntry): boolean {
  return filter !== undefined && (filter.uplink === missingList || filter.downlink === missingList);
}

/** Deletes a key unless another session has taken it over. */
function deleteOwn(index: NumberIndex, key: number, slot: Slot): void {
  if (index.get(key) === slot) index.delete(key);
}

/** Whether two entries of a session forward alike. */
export function sameEntry(left: ForwardingEntry, right: ForwardingEntry): boolean {
  return (
    left === right ||
    (left.sessionId === right.sessionId &&
      left.mac === right.mac &&
      left.eogreFlow === right.eogreFlow &&
      left.previousUntil === right.previousUntil &&
      samePath(left.access, right.access) &&
      samePath(left.previous, right.previous) &&
      left.s2a.peer === right.s2a.peer &&
      left.s2a.uplinkKey === right.s2a.uplinkKey &&
      left.s2a.downlinkKey === right.s2a.downlinkKey &&
      left.police?.uplink === right.police?.uplink &&
      left.police?.downlink === right.police?.downlink &&
      left.filter?.uplink === right.filter?.uplink &&
      left.filter?.downlink === right.filter?.downlink &&
      left.addresses.length === right.addresses.length &&
      left.addresses.every((address, index) => sameAddress(address, right.addresses[index]!)))
  );
}

function sameAddress(left: UeAddress, right: UeAddress): boolean {
  return left.address === right.address && left.prefixLength === right.prefixLength && left.router === right.router;
}
