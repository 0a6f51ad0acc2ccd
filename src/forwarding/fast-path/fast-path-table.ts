import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { ForwardingEntry } from '../entry.ts';
import { type FastPathRules, fastSessionOf, type NotAccelerated } from './fast-session.ts';
import { sessionOctets } from './layout.ts';
import { readFastSession, writeFastSession } from './session-value.ts';

/** Where a session is in the kernel's maps, from 0. */
export type Place = number;

/**
 * What is to be done to the kernel's maps, in this order, so that whatever an index leads to is there before it and gone
 * after it.
 */
export interface FastPathChanges {
  readonly deletedIds: readonly number[];
  readonly deletedMacs: readonly MacAddress[];
  /** Places whose usage begins anew. */
  readonly newPlaces: readonly Place[];
  /** Places whose session is written; what, `FastPathTable.values` has. */
  readonly writtenPlaces: readonly Place[];
  readonly ids: ReadonlyMap<number, Place>;
  readonly macs: ReadonlyMap<MacAddress, Place>;
}

/** How long nobody gets a place that a session has left, in milliseconds: longer than any packet is being looked at. */
export const placeRest = 1000;

/** A place that was left, and when. */
interface LeftPlace {
  readonly place: Place;
  readonly leftAt: Instant;
}

/**
 * What the kernel's maps are to hold, and what has changed since somebody last wrote it there. It does not know the
 * kernel: `takeChanges` is carried out by the host.
 *
 * A session keeps its place, its identifier and its MAC address for its life; so whatever else changes is one write of one
 * place. Should two sessions claim one MAC address, the one programmed last has it, as in `FlowTable`.
 */
export class FastPathTable {
  readonly placesMax: number;
  readonly #rules: FastPathRules;
  readonly #placesById = new Map<number, Place>();
  readonly #placesByMac = new Map<MacAddress, Place>();
  #values = new DataView(new ArrayBuffer(64 * sessionOctets));
  /** Places from here on were never given to anybody. */
  #untouched: Place = 0;
  #left: LeftPlace[] = [];
  #leftFrom = 0;
  readonly #pendingIds = new Map<number, Place | undefined>();
  readonly #pendingMacs = new Map<MacAddress, Place | undefined>();
  readonly #pendingPlaces = new Set<Place>();
  readonly #pendingNewPlaces = new Set<Place>();
  readonly #scratch = new DataView(new ArrayBuffer(sessionOctets));

  constructor(placesMax: number, rules: FastPathRules) {
    this.placesMax = placesMax;
    this.#rules = rules;
  }

  /** How many sessions are accelerated. */
  get size(): number {
    return this.#placesById.size;
  }

  /** The values of all places, `sessionOctets` each, as they are to be in the kernel; valid until the table changes. */
  get values(): DataView {
    return this.#values;
  }

  /** Whether something was changed since `takeChanges`. */
  get changed(): boolean {
    return this.#pendingIds.size + this.#pendingMacs.size + this.#pendingPlaces.size > 0;
  }

  placeOf(sessionId: number): Place | undefined {
    return this.#placesById.get(sessionId);
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
   * indices have to be compared with it (`FastPathProgram.audit`), and sessions that are no longer wanted to be removed.
   *
   * @param values of all places, `sessionOctets` each
   */
  adopt(values: DataView, now: Instant): void {
    const taken: Place[] = [];
    for (let place = 0; place < this.placesMax; place += 1) {
      const session = readFastSession(values, place * sessionOctets);
      if (session === undefined) continue;
      taken.push(place);
      this.#placesById.set(session.id, place);
      this.#placesByMac.set(session.mac, place);
    }
    this.#untouched = (taken.at(-1) ?? -1) + 1;
    this.#reserve(this.#untouched);
    const octets = this.#untouched * sessionOctets;
    new Uint8Array(this.#values.buffer).set(new Uint8Array(values.buffer, values.byteOffset, octets));
    let next = 0;
    for (const place of taken) {
      for (; next < place; next += 1) this.#left.push({ place: next, leftAt: now });
      next = place + 1;
    }
  }

  /**
   * Has packets of the entry's session forwarded by it. Returns why that cannot be, if it cannot: then they are all left
   * to the slow path. `no-place`: every place is taken, or was until a moment ago.
   */
  program(entry: ForwardingEntry, now: Instant): NotAccelerated | 'no-place' | undefined {
    const session = fastSessionOf(entry, this.#rules);
    if (typeof session === 'string') {
      this.remove(entry.sessionId, now);
      return session;
    }
    const former = this.#placesById.get(session.id);
    const place = former ?? this.#allocate(now);
    if (place === undefined) return 'no-place';
    writeFastSession(this.#scratch, 0, session);
    if (former !== undefined) {
      if (this.#equalsScratch(place)) return undefined;
      const formerMac = readFastSession(this.#values, place * sessionOctets)!.mac;
      if (formerMac !== session.mac) this.#releaseMac(formerMac, place);
    } else {
      this.#placesById.set(session.id, place);
      this.#pendingIds.set(session.id, place);
      this.#pendingNewPlaces.add(place);
    }
    if (this.#placesByMac.get(session.mac) !== place) {
      this.#placesByMac.set(session.mac, place);
      this.#pendingMacs.set(session.mac, place);
    }
    this.#write(place);
    return undefined;
  }

  /** Leaves the packets of a session to the slow path. Does nothing for one that is not accelerated. */
  remove(sessionId: number, now: Instant): void {
    const place = this.#placesById.get(sessionId);
    if (place === undefined) return;
    this.#placesById.delete(sessionId);
    this.#pendingIds.set(sessionId, undefined);
    this.#releaseMac(readFastSession(this.#values, place * sessionOctets)!.mac, place);
    new Uint8Array(this.#scratch.buffer).fill(0);
    this.#write(place);
    this.#left.push({ place, leftAt: now });
  }

  /** What has changed since the last call. Whoever takes it has to carry it out. */
  takeChanges(): FastPathChanges {
    const changes = {
      deletedIds: keysWithout(this.#pendingIds),
      deletedMacs: keysWithout(this.#pendingMacs),
      newPlaces: [...this.#pendingNewPlaces],
      writtenPlaces: [...this.#pendingPlaces],
      ids: entriesWith(this.#pendingIds),
      macs: entriesWith(this.#pendingMacs),
    };
    this.#pendingIds.clear();
    this.#pendingMacs.clear();
    this.#pendingNewPlaces.clear();
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
    if (this.#untouched >= this.placesMax) return undefined;
    const place = this.#untouched;
    this.#untouched += 1;
    this.#reserve(this.#untouched);
    return place;
  }

  #reserve(places: number): void {
    if (places * sessionOctets <= this.#values.byteLength) return;
    const grown = new Uint8Array(Math.max(this.#values.byteLength * 2, places * sessionOctets));
    grown.set(new Uint8Array(this.#values.buffer));
    this.#values = new DataView(grown.buffer);
  }

  #releaseMac(mac: MacAddress, place: Place): void {
    if (this.#placesByMac.get(mac) !== place) return;
    this.#placesByMac.delete(mac);
    this.#pendingMacs.set(mac, undefined);
  }

  #write(place: Place): void {
    const bytes = new Uint8Array(this.#values.buffer, place * sessionOctets, sessionOctets);
    bytes.set(new Uint8Array(this.#scratch.buffer));
    this.#pendingPlaces.add(place);
  }

  #equalsScratch(place: Place): boolean {
    for (let at = 0; at < sessionOctets; at += 4) {
      if (this.#values.getUint32(place * sessionOctets + at) !== this.#scratch.getUint32(at)) return false;
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
