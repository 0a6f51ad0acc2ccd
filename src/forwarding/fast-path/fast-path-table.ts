import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { ForwardingEntry } from '../entry.ts';
import { type FastPathRules, fastSessionOf, type HeldBack, heldBackBy, type NotAccelerated } from './fast-session.ts';
import { homePlaceOf, type Place } from './home-place.ts';
import { sessionAt, sessionOctets, sessionValueOctets } from './layout.ts';
import { fastSessionIdAt, fastSessionMacAt, writeFastSession } from './session-value.ts';

/**
 * What is to be done to the kernel's maps, in this order, so that whatever an index leads to is there before it and gone
 * after it.
 */
export interface FastPathChanges {
  readonly deletedIds: readonly number[];
  readonly deletedMacs: readonly MacAddress[];
  /** Places whose session is written; what, `FastPathTable.valueOf` has. */
  readonly writtenPlaces: readonly Place[];
  readonly ids: ReadonlyMap<number, Place>;
  readonly macs: ReadonlyMap<MacAddress, Place>;
}

/** How long nobody gets a place that a session has left, in milliseconds: longer than any packet is being looked at. */
export const placeRest = 1000;

/** Why the fast path forwards nothing of a session. `no-place`: every place is taken, or was until a moment ago. */
export type LeftToSlowPath = NotAccelerated | HeldBack | 'no-place';

/** A place that was left, and when. */
interface LeftPlace {
  readonly place: Place;
  readonly leftAt: Instant;
}

/**
 * What the kernel's maps are to hold of the sessions of one session manager instance, and what has changed since somebody
 * last wrote it there. It does not know the kernel: `takeChanges` is carried out by the host.
 *
 * A session keeps its place, its identifier and its MAC address for its life; so whatever else changes is one write of one place.
 * Its place is the one that its identifier names, if that is free, and any other if not. Should two sessions claim one MAC
 * address, the one programmed last has it, as in `FlowTable`.
 */
export class FastPathTable {
  /** The first of its places; they follow one another. */
  readonly firstPlace: Place;
  readonly placesMax: number;
  readonly #rules: FastPathRules;
  readonly #placesById = new Map<number, Place>();
  readonly #placesByMac = new Map<MacAddress, Place>();
  readonly #instances: number;
  readonly #values: DataView;
  /** In which generation each place was programmed last. */
  readonly #generations: Uint32Array;
  #generation = 0;
  /** The last that former ones were removed in: nothing of them comes back. */
  #cleanedIn = -1;
  /** 1 where somebody is, or was until a moment ago. */
  readonly #taken: Uint8Array;
  #free: number;
  /** Where to look for a free place that is nobody's home. */
  #cursor = 0;
  #left: LeftPlace[] = [];
  #leftFrom = 0;
  readonly #pendingIds = new Map<number, Place | undefined>();
  readonly #pendingMacs = new Map<MacAddress, Place | undefined>();
  readonly #pendingPlaces = new Set<Place>();
  readonly #scratch = new DataView(new ArrayBuffer(sessionValueOctets));

  /** @param instances how many there are, each with as many places */
  constructor(placesMax: number, rules: FastPathRules, firstPlace: Place = 0, instances = 1) {
    this.placesMax = placesMax;
    this.firstPlace = firstPlace;
    this.#rules = rules;
    this.#instances = instances;
    this.#values = new DataView(new ArrayBuffer(placesMax * sessionValueOctets));
    this.#generations = new Uint32Array(placesMax);
    this.#taken = new Uint8Array(placesMax);
    this.#free = placesMax;
  }

  /** How many sessions the fast path knows. */
  get size(): number {
    return this.#placesById.size;
  }

  /** Whether something was changed since `takeChanges`. */
  get changed(): boolean {
    return this.#pendingIds.size + this.#pendingMacs.size + this.#pendingPlaces.size > 0;
  }

  placeOf(sessionId: number): Place | undefined {
    return this.#placesById.get(sessionId);
  }

  /** The value of a place as it is to be in the kernel, `sessionValueOctets` long; all zero if nobody has it. */
  valueOf(place: Place): Uint8Array {
    return new Uint8Array(this.#values.buffer, this.#at(place), sessionValueOctets);
  }

  /** Whether the place that an identifier names is free. */
  isHomeFree(sessionId: number, now: Instant): boolean {
    this.#endRests(now);
    return this.#freeHomeOf(sessionId) !== undefined;
  }

  /** The identifier of the session in a place; 0 if nobody has it. */
  idAt(place: Place): number {
    const index = place - this.firstPlace;
    return index >= 0 && index < this.placesMax ? fastSessionIdAt(this.#values, index * sessionValueOctets) : 0;
  }

  /** The MAC address that leads to a place; undefined if none does. */
  macAt(place: Place): MacAddress | undefined {
    if (this.idAt(place) === 0) return undefined;
    const mac = fastSessionMacAt(this.#values, this.#at(place));
    return this.#placesByMac.get(mac) === place ? mac : undefined;
  }

  /** What `places_by_id` is to hold. */
  get ids(): ReadonlyMap<number, Place> {
    return this.#placesById;
  }

  /** What `places_by_mac` is to hold. */
  get macs(): ReadonlyMap<MacAddress, Place> {
    return this.#placesByMac;
  }

  /**
   * Takes over what the kernel's map of sessions holds from a process or thread before this one; for a table that holds nothing yet.
   * The indices have to be compared with it (`FastPathAudit`), and what is no longer wanted to be removed (`removeStale`).
   *
   * @param records of its places, `sessionOctets` each
   */
  adopt(records: DataView): void {
    for (let index = 0; index < this.placesMax; index += 1) {
      const at = index * sessionOctets;
      const id = fastSessionIdAt(records, at);
      if (id === 0) continue;
      this.#take(index);
      this.#placesById.set(id, this.firstPlace + index);
      this.#placesByMac.set(fastSessionMacAt(records, at), this.firstPlace + index);
      const value = new Uint8Array(records.buffer, records.byteOffset + at, sessionValueOctets);
      new Uint8Array(this.#values.buffer).set(value, index * sessionValueOctets);
      this.#values.setUint32(index * sessionValueOctets + sessionAt.version, 0);
      // Whoever wrote it ended in the middle: its packets go up until it is written anew.
      if ((records.getUint32(at + sessionAt.version, true) & 1) !== 0) this.#pendingPlaces.add(this.firstPlace + index);
    }
  }

  /**
   * Whoever programs this table does so anew: what is not programmed from now on is `removeStale`'s. Until then everything
   * stays as it is.
   */
  beginGeneration(): void {
    this.#generation += 1;
  }

  /** Removes the sessions that were programmed in former generations alone; returns how many there were. */
  removeStale(now: Instant): number {
    if (this.#cleanedIn === this.#generation) return 0;
    this.#cleanedIn = this.#generation;
    let removed = 0;
    for (let index = 0; index < this.placesMax; index += 1) {
      if (this.#generations[index] === this.#generation) continue;
      const id = fastSessionIdAt(this.#values, index * sessionValueOctets);
      if (id === 0) continue;
      this.remove(id, now);
      removed += 1;
    }
    return removed;
  }

  /** Has packets of the entry's session forwarded by it. Returns why none is, if that is so: then they are the slow path's. */
  program(entry: ForwardingEntry, now: Instant): LeftToSlowPath | undefined {
    const session = fastSessionOf(entry, this.#rules);
    if (typeof session === 'string') {
      this.remove(entry.sessionId, now);
      return session;
    }
    const former = this.#placesById.get(session.id);
    const place = former ?? this.#allocate(session.id, now);
    if (place === undefined) return 'no-place';
    this.#generations[place - this.firstPlace] = this.#generation;
    writeFastSession(this.#scratch, 0, session);
    if (former !== undefined) {
      if (this.#equalsScratch(place)) return heldBackBy(entry, this.#rules);
      const formerMac = fastSessionMacAt(this.#values, this.#at(place));
      if (formerMac !== session.mac) this.#releaseMac(formerMac, place);
    } else {
      this.#placesById.set(session.id, place);
      this.#pendingIds.set(session.id, place);
    }
    if (this.#placesByMac.get(session.mac) !== place) {
      this.#placesByMac.set(session.mac, place);
      this.#pendingMacs.set(session.mac, place);
    }
    this.#write(place);
    return heldBackBy(entry, this.#rules);
  }

  /** Whether `program` would change nothing: the entry is here as it is, or cannot be here. */
  has(entry: ForwardingEntry): boolean {
    const session = fastSessionOf(entry, this.#rules);
    const place = this.#placesById.get(entry.sessionId);
    if (typeof session === 'string' || place === undefined) return typeof session === 'string' && place === undefined;
    writeFastSession(this.#scratch, 0, session);
    return this.#equalsScratch(place);
  }

  /** What `program` would say of the entry, if there is room; nothing is done. */
  wouldLeave(entry: ForwardingEntry): NotAccelerated | HeldBack | undefined {
    const session = fastSessionOf(entry, this.#rules);
    return typeof session === 'string' ? session : heldBackBy(entry, this.#rules);
  }

  /** Forgets a session. Does nothing for one that is not known. */
  remove(sessionId: number, now: Instant): void {
    const place = this.#placesById.get(sessionId);
    if (place === undefined) return;
    this.#placesById.delete(sessionId);
    this.#pendingIds.set(sessionId, undefined);
    this.#releaseMac(fastSessionMacAt(this.#values, this.#at(place)), place);
    new Uint8Array(this.#scratch.buffer).fill(0);
    this.#write(place);
    this.#left.push({ place, leftAt: now });
  }

  /** What has changed since the last call. Whoever takes it has to carry it out. */
  takeChanges(): FastPathChanges {
    const changes = {
      deletedIds: keysWithout(this.#pendingIds),
      deletedMacs: keysWithout(this.#pendingMacs),
      writtenPlaces: [...this.#pendingPlaces],
      ids: entriesWith(this.#pendingIds),
      macs: entriesWith(this.#pendingMacs),
    };
    this.#pendingIds.clear();
    this.#pendingMacs.clear();
    this.#pendingPlaces.clear();
    return changes;
  }

  #allocate(sessionId: number, now: Instant): Place | undefined {
    this.#endRests(now);
    const home = this.#freeHomeOf(sessionId);
    if (home !== undefined) return this.#take(home - this.firstPlace);
    if (this.#free === 0) return undefined;
    while (this.#taken[this.#cursor] === 1) this.#cursor = (this.#cursor + 1) % this.placesMax;
    return this.#take(this.#cursor);
  }

  #freeHomeOf(sessionId: number): Place | undefined {
    const home = homePlaceOf(sessionId, { instances: this.#instances, placesEach: this.placesMax });
    // If another instance drew the identifier, its home is not among ours.
    return home !== undefined && this.#taken[home - this.firstPlace] === 0 ? home : undefined;
  }

  /** Frees the places that were left long enough ago. */
  #endRests(now: Instant): void {
    for (;;) {
      const left = this.#left[this.#leftFrom];
      if (left === undefined || now - left.leftAt < placeRest) return;
      this.#taken[left.place - this.firstPlace] = 0;
      this.#free += 1;
      this.#leftFrom += 1;
      // Half of the queue is behind us: the rest moves up, at a constant cost for each place on average.
      if (this.#leftFrom * 2 <= this.#left.length) continue;
      this.#left = this.#left.slice(this.#leftFrom);
      this.#leftFrom = 0;
    }
  }

  #take(index: number): Place {
    this.#taken[index] = 1;
    this.#free -= 1;
    return this.firstPlace + index;
  }

  /** Where the value of a place is. */
  #at(place: Place): number {
    return (place - this.firstPlace) * sessionValueOctets;
  }

  #releaseMac(mac: MacAddress, place: Place): void {
    if (this.#placesByMac.get(mac) !== place) return;
    this.#placesByMac.delete(mac);
    this.#pendingMacs.set(mac, undefined);
  }

  #write(place: Place): void {
    const at = this.#at(place);
    new Uint8Array(this.#values.buffer, at, sessionValueOctets).set(new Uint8Array(this.#scratch.buffer));
    this.#pendingPlaces.add(place);
  }

  #equalsScratch(place: Place): boolean {
    const from = this.#at(place);
    for (let at = 0; at < sessionValueOctets; at += 4) {
      if (this.#values.getUint32(from + at) !== this.#scratch.getUint32(at)) return false;
    }
    return true;
  }
}

function keysWithout<Key>(pending: ReadonlyMap<Key, Place | undefined>): Key[] {
  return [...pending].filter(([, place]) => place === undefined).map(([key]) => key);
}

function entriesWith<Key>(pending: ReadonlyMap<Key, Place | undefined>): Map<Key, Place> {
  return new Map([...pending].filter((entry): entry is [Key, Place] => entry[1] !== undefined));
}
