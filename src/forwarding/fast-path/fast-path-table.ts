import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { ForwardingEntry } from '../entry.ts';
import { type FastPathRules, fastSessionOf, type HeldBack, heldBackBy, type NotAccelerated } from './fast-session.ts';
import { sessionOctets } from './layout.ts';
import { fastSessionIdAt, fastSessionMacAt, writeFastSession } from './session-value.ts';

/** Where a session is in the kernel's maps, from 0. */
export type Place = number;

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
 * A session keeps its place, its identifier and its MAC address for its life; so whatever else changes is one write of one
 * place. Should two sessions claim one MAC address, the one programmed last has it, as in `FlowTable`.
 */
export class FastPathTable {
  /** The first of its places; they follow one another. */
  readonly firstPlace: Place;
  readonly placesMax: number;
  readonly #rules: FastPathRules;
  readonly #placesById = new Map<number, Place>();
  readonly #placesByMac = new Map<MacAddress, Place>();
  #values = new DataView(new ArrayBuffer(64 * sessionOctets));
  /** In which generation each place was programmed last. */
  #generations = new Uint32Array(64);
  #generation = 0;
  /** So many of the places, from the first on, were given to somebody once. */
  #touched = 0;
  #left: LeftPlace[] = [];
  #leftFrom = 0;
  readonly #pendingIds = new Map<number, Place | undefined>();
  readonly #pendingMacs = new Map<MacAddress, Place | undefined>();
  readonly #pendingPlaces = new Set<Place>();
  readonly #scratch = new DataView(new ArrayBuffer(sessionOctets));

  constructor(placesMax: number, rules: FastPathRules, firstPlace: Place = 0) {
    this.placesMax = placesMax;
    this.firstPlace = firstPlace;
    this.#rules = rules;
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

  /** The value of a place as it is to be in the kernel, `sessionOctets` long; all zero if nobody has it. */
  valueOf(place: Place): Uint8Array {
    const at = (place - this.firstPlace) * sessionOctets;
    if (at >= this.#touched * sessionOctets) return emptyValue;
    return new Uint8Array(this.#values.buffer, at, sessionOctets);
  }

  /** The identifier of the session in a place; 0 if nobody has it. */
  idAt(place: Place): number {
    const index = place - this.firstPlace;
    return index >= 0 && index < this.#touched ? fastSessionIdAt(this.#values, index * sessionOctets) : 0;
  }

  /** The MAC address that leads to a place; undefined if none does. */
  macAt(place: Place): MacAddress | undefined {
    if (this.idAt(place) === 0) return undefined;
    const mac = fastSessionMacAt(this.#values, (place - this.firstPlace) * sessionOctets);
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
   * Takes over what the kernel's map of sessions holds from a process before this one; for a table that holds nothing yet. The
   * indices have to be compared with it (`FastPathAudit`), and what is no longer wanted to be removed (`removeStale`).
   *
   * @param values of its places, `sessionOctets` each
   */
  adopt(values: DataView, now: Instant): void {
    const taken: number[] = [];
    for (let index = 0; index < this.placesMax; index += 1) {
      const at = index * sessionOctets;
      const id = fastSessionIdAt(values, at);
      if (id === 0) continue;
      taken.push(index);
      this.#placesById.set(id, this.firstPlace + index);
      this.#placesByMac.set(fastSessionMacAt(values, at), this.firstPlace + index);
    }
    this.#touched = (taken.at(-1) ?? -1) + 1;
    this.#reserve(this.#touched);
    const octets = this.#touched * sessionOctets;
    new Uint8Array(this.#values.buffer).set(new Uint8Array(values.buffer, values.byteOffset, octets));
    let next = 0;
    for (const index of taken) {
      for (; next < index; next += 1) this.#left.push({ place: this.firstPlace + next, leftAt: now });
      next = index + 1;
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
    let removed = 0;
    for (let index = 0; index < this.#touched; index += 1) {
      if (this.#generations[index] === this.#generation) continue;
      const id = fastSessionIdAt(this.#values, index * sessionOctets);
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
    const place = former ?? this.#allocate(now);
    if (place === undefined) return 'no-place';
    this.#generations[place - this.firstPlace] = this.#generation;
    writeFastSession(this.#scratch, 0, session);
    if (former !== undefined) {
      if (this.#equalsScratch(place)) return heldBackBy(entry, this.#rules);
      const formerMac = fastSessionMacAt(this.#values, (place - this.firstPlace) * sessionOctets);
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
    this.#releaseMac(fastSessionMacAt(this.#values, (place - this.firstPlace) * sessionOctets), place);
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

  #allocate(now: Instant): Place | undefined {
    const rested = this.#left[this.#leftFrom];
    if (rested !== undefined && now - rested.leftAt >= placeRest) {
      this.#leftFrom += 1;
      // Half of the queue is behind us: the rest moves up, at a constant cost for each place on average.
      if (this.#leftFrom * 2 > this.#left.length) {
        this.#left = this.#left.slice(this.#leftFrom);
        this.#leftFrom = 0;
      }
      return rested.place;
    }
    if (this.#touched >= this.placesMax) return undefined;
    this.#touched += 1;
    this.#reserve(this.#touched);
    return this.firstPlace + this.#touched - 1;
  }

  #reserve(places: number): void {
    if (places * sessionOctets <= this.#values.byteLength) return;
    const room = Math.max(this.#generations.length * 2, places);
    const values = new Uint8Array(room * sessionOctets);
    values.set(new Uint8Array(this.#values.buffer));
    this.#values = new DataView(values.buffer);
    const generations = new Uint32Array(room);
    generations.set(this.#generations);
    this.#generations = generations;
  }

  #releaseMac(mac: MacAddress, place: Place): void {
    if (this.#placesByMac.get(mac) !== place) return;
    this.#placesByMac.delete(mac);
    this.#pendingMacs.set(mac, undefined);
  }

  #write(place: Place): void {
    const at = (place - this.firstPlace) * sessionOctets;
    new Uint8Array(this.#values.buffer, at, sessionOctets).set(new Uint8Array(this.#scratch.buffer));
    this.#pendingPlaces.add(place);
  }

  #equalsScratch(place: Place): boolean {
    const from = (place - this.firstPlace) * sessionOctets;
    for (let at = 0; at < sessionOctets; at += 4) {
      if (this.#values.getUint32(from + at) !== this.#scratch.getUint32(at)) return false;
    }
    return true;
  }
}

const emptyValue = new Uint8Array(sessionOctets);

function keysWithout<Key>(pending: ReadonlyMap<Key, Place | undefined>): Key[] {
  return [...pending].filter(([, place]) => place === undefined).map(([key]) => key);
}

function entriesWith<Key>(pending: ReadonlyMap<Key, Place | undefined>): Map<Key, Place> {
  return new Map([...pending].filter((entry): entry is [Key, Place] => entry[1] !== undefined));
}
