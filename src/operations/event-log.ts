import { TokenBucket } from '../forwarding/token-bucket.ts';
import type { MacAddress } from '../kernel/address.ts';
import { atOnce, type InParts } from '../kernel/in-parts.ts';
import type { Instant } from '../kernel/instant.ts';
import type { EventMessage } from '../services/samog/event-message.ts';
import type { SamogEvent } from '../services/samog/events.ts';
import type { KeptMessage, LoggedEvent } from './logged-event.ts';
import { SubscriberBoard } from './monitor/subscriber-board.ts';

/** Which events are looked for. */
export interface EventSearch {
  readonly limit: number;
  /** Only those about this UE. */
  readonly mac?: MacAddress | undefined;
  matches?(logged: LoggedEvent): boolean;
  /** How many `matches` may be asked about: what a request costs. */
  readonly searchMax?: number;
  /** Only what happened at this instant or later. */
  readonly from?: Instant | undefined;
}

export interface FoundEvents {
  /** Oldest first. */
  readonly found: LoggedEvent[];
  readonly searched: number;
  /** The number after which a later search goes on. */
  readonly next: number;
}

/** Compared with what is looked for before packets are served again. */
const lookedAtPerPart = 500;
/**
 * By how much an event may have happened before the one that was added before it: session managers in threads tell of theirs a
 * little later.
 */
const lateMs = 1000;
/** Faster than anybody can read. */
const keptPerSecond = 1000;

/**
 * The last events of the gateway, in a ring: the oldest is forgotten first. Of a flood only so many a second are kept:
 * describing every message costs a busy gateway as much as serving it. The octets of messages have a ring of their own, so
 * that large ones cost other messages their octets, and never more memory.
 */
export class EventLog {
  readonly eventsMax: number;
  /** Those whom the events are about. */
  readonly subscribers = new SubscriberBoard();
  readonly #ring: (LoggedEvent | undefined)[];
  /**
   * Of each UE the last of its events that are kept, and of each event the one before it about the same UE: how many were added
   * before it.
   */
  readonly #lastOf = new Map<MacAddress, number>();
  readonly #before: Float64Array;
  readonly #octets: Uint8Array;
  #octetsWritten = 0;
  readonly #budget = new TokenBucket(keptPerSecond);
  #count = 0;
  #added = 0;

  constructor(eventsMax = 16_384, octetsMax = 8 * 1024 * 1024) {
    this.eventsMax = eventsMax;
    this.#octets = new Uint8Array(octetsMax);
    this.#before = new Float64Array(eventsMax);
    this.#ring = new Array<LoggedEvent | undefined>(eventsMax).fill(undefined);
  }

  /** Events since the start, those not kept included. */
  get count(): number {
    return this.#count;
  }

  /** Events that `latest` can give. */
  get kept(): number {
    return Math.min(this.#added, this.eventsMax);
  }

  /** Events that were not kept because too many came at a time. */
  get dropped(): number {
    return this.#count - this.#added;
  }

  /** Counts an event that would not be kept now; false, and nothing has happened, if it would be. */
  passesOver(at: Instant): boolean {
    if (this.#budget.has(at)) return false;
    this.#count += 1;
    return true;
  }

  add(event: SamogEvent, at: Instant): void {
    this.#count += 1;
    if (!this.#budget.take(at)) return;
    // Described at once: an event that waited for a reader would keep its message, and all that hangs on it, alive.
    const { text, message: source, ...others } = event;
    const message = source === undefined ? undefined : this.#keep(source());
    const logged = { number: this.#count, at, event: others, text: text(), message };
    this.#chain(event.mac);
    this.#ring[this.#added % this.eventsMax] = logged;
    this.subscribers.add(logged);
    this.#added += 1;
  }

  /** What went over the wire; undefined for an event that is no message, or whose octets have made room for others'. */
  messageOf({ message }: LoggedEvent): EventMessage | undefined {
    if (message === undefined || this.#octetsWritten - message.start > this.#octets.length) return undefined;
    const octets = new Uint8Array(message.length);
    const at = message.start % this.#octets.length;
    octets.set(this.#octets.subarray(at, at + message.length));
    const wrapped = at + message.length - this.#octets.length;
    if (wrapped > 0) octets.set(this.#octets.subarray(0, wrapped), message.length - wrapped);
    return { ...message.head, octets };
  }

  /** The event that comes is the last of its UE's; that in whose place it comes is nobody's. */
  #chain(mac: MacAddress | undefined): void {
    const place = this.#added % this.eventsMax;
    const gone = this.#ring[place]?.event.mac;
    if (gone !== undefined && this.#lastOf.get(gone) === this.#added - this.eventsMax) this.#lastOf.delete(gone);
    if (mac === undefined) return;
    this.#before[place] = this.#lastOf.get(mac) ?? Number.NEGATIVE_INFINITY;
    this.#lastOf.set(mac, this.#added);
  }

  #keep({ octets, ...head }: EventMessage): KeptMessage | undefined {
    const { length } = octets;
    const ring = this.#octets;
    if (length > ring.length) return undefined;
    const start = this.#octetsWritten;
    const at = start % ring.length;
    const room = Math.min(length, ring.length - at);
    ring.set(octets.subarray(0, room), at);
    ring.set(octets.subarray(room), 0);
    this.#octetsWritten += length;
    return { head, start, length };
  }

  /** So many more happened, which nobody has described. */
  missed(events: number): void {
    this.#count += events;
  }

  /**
   * The latest events, oldest of them first.
   *
   * @param mac only those about this UE; undefined for all
   */
  latest(limit: number, mac?: MacAddress): LoggedEvent[] {
    return this.search({ limit, mac }).found;
  }

  /** Looks from the latest event back, at no more than `searchMax` of the subscriber's. */
  search(search: EventSearch): FoundEvents {
    return atOnce(this.searchInParts(search));
  }

  /** The same; what comes meanwhile is not looked at, nor is what makes room for it. */
  *searchInParts(search: EventSearch): InParts<FoundEvents> {
    const { limit, mac, matches = () => true, searchMax = this.eventsMax, from = Number.NEGATIVE_INFINITY } = search;
    const next = this.#count;
    const found: LoggedEvent[] = [];
    let searched = 0;
    let index = this.#lastIndex(mac);
    while (this.#keeps(index) && found.length < limit && searched < searchMax) {
      const logged = this.#ring[index % this.eventsMax]!;
      if (logged.at < from - lateMs) break;
      index = this.#indexBefore(index, mac);
      searched += 1;
      if (logged.at >= from && matches(logged)) found.push(logged);
      if (searched % lookedAtPerPart === 0) yield;
    }
    return { found: found.reverse(), searched, next };
  }

  /** Goes on after an event of a number: the first that match, oldest first, and the number to go on from. */
  following(after: number, search: EventSearch): FoundEvents {
    return atOnce(this.followingInParts(after, search));
  }

  *followingInParts(
    after: number,
    { limit, mac, matches = () => true, searchMax = this.eventsMax, from = Number.NEGATIVE_INFINITY }: EventSearch,
  ): InParts<FoundEvents> {
    const found: LoggedEvent[] = [];
    let searched = 0;
    let next = after;
    for (const index of this.#indicesFrom(this.#indexAfter(after), mac)) {
      if (found.length >= limit || searched >= searchMax) return { found, searched, next };
      if (!this.#keeps(index)) continue;
      const logged = this.#ring[index % this.eventsMax]!;
      next = logged.number;
      searched += 1;
      if (logged.at >= from && matches(logged)) found.push(logged);
      if (searched % lookedAtPerPart === 0) yield;
    }
    return { found, searched, next: Math.max(next, this.#count) };
  }

  /** Whether the event before which so many were added is there. */
  #keeps(index: number): boolean {
    return index >= this.#added - this.kept;
  }

  #lastIndex(mac: MacAddress | undefined): number {
    return mac === undefined ? this.#added - 1 : (this.#lastOf.get(mac) ?? Number.NEGATIVE_INFINITY);
  }

  #indexBefore(index: number, mac: MacAddress | undefined): number {
    return mac === undefined ? index - 1 : this.#before[index % this.eventsMax]!;
  }

  /** Those of a UE, or all, from one on; oldest first. */
  *#indicesFrom(first: number, mac: MacAddress | undefined): Generator<number, undefined> {
    if (mac === undefined) {
      for (let index = first; index < this.#added; index += 1) yield index;
      return undefined;
    }
    const indices: number[] = [];
    for (let index = this.#lastIndex(mac); index >= first; index = this.#indexBefore(index, mac)) indices.push(index);
    yield* indices.reverse();
    return undefined;
  }

  /** How many were added before the first kept event with a number above this one. */
  #indexAfter(after: number): number {
    let low = this.#added - this.kept;
    let high = this.#added;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ring[middle % this.eventsMax]!.number > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
