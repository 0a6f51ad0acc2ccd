import type { IpAddress, MacAddress } from '../kernel/address.ts';
import { DeadlineHeap } from '../kernel/deadline-heap.ts';
import { type Instant, never } from '../kernel/instant.ts';
import { NumberIndex } from '../kernel/number-index.ts';
import type { SessionNames } from '../services/samog/checkpoints/full-checkpoint.ts';
import { macOfNai } from '../services/samog/nai.ts';
import { nextDeadline } from '../services/samog/session/deadline.ts';
import {
  type LiveSession,
  type Session,
  type SessionStateName,
  sessionId,
  sessionMac,
  stateName,
} from '../services/samog/session/state.ts';
import { type HandoffKind, handoffKinds } from '../services/samog/statistics.ts';
import { AddressIndex } from './address-index.ts';
import type { Dormant } from './dormant.ts';
import type { InstancePart } from './instances/instance-part.ts';
import { instanceOfKey } from './instances/owner.ts';

/** What a registry tells the other instances of its chassis, if there are any. */
type RegistryPart = Pick<InstancePart, 'index' | 'count' | 'seats' | 'directory'>;

/** Where a session lives: the session itself is immutable, its place is not. */
export interface SessionPlace {
  session: Session;
  /** The earliest deadline of this session in the heap; a later one need not be there. */
  armedAt: Instant;
}

/**
 * All sessions of one session manager, with the indices by which messages find them, and gauges that are true after
 * every change. Bounded by `sessionsMax`. Sessions that only owe AAA something are found by their identifier alone, count as
 * none, and have a bound of their own.
 */
export class SessionRegistry {
  /** How many sessions the whole chassis takes. */
  sessionsMax: number;
  /** How many sessions are in each state; dormant ones are in none. */
  readonly inState: Record<SessionStateName, number> = {
    Authenticating: 0,
    Binding: 0,
    Admitted: 0,
    Established: 0,
    Released: 0,
    Deregistered: 0,
    Disconnecting: 0,
    Owing: 0,
  };
  /** How many live sessions there are of each session type. */
  readonly ofType = { pmipv6: 0, dhcp: 0, accounting: 0 };
  /** Handover triggers received and neither accepted nor denied yet. */
  readonly handoffsInProgress = Object.fromEntries(handoffKinds.map((kind) => [kind, 0])) as Record<
    HandoffKind,
    number
  >;

  /** A place that is empty is used again. */
  readonly #places: (SessionPlace | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #byId = new NumberIndex();
  readonly #byMac = new NumberIndex();
  /** Only NAIs that do not name the UE's own MAC: those are found by it. */
  readonly #byNai = new Map<string, SessionPlace>();
  readonly #byAddress = new AddressIndex();
  readonly #deadlines = new DeadlineHeap<SessionPlace>();
  readonly #part: RegistryPart | undefined;
  #dormant: Dormant | undefined;

  constructor(sessionsMax: number, part?: RegistryPart) {
    this.sessionsMax = sessionsMax;
    this.#part = part;
    part?.seats.taken(0);
    part?.directory.cleared();
  }

  /** Sessions that are not made yet: each is when it is looked for. They count, and are in no state. */
  get dormant(): Dormant | undefined {
    return this.#dormant;
  }

  set dormant(dormant: Dormant | undefined) {
    this.#dormant = dormant;
    this.#part?.seats.taken(this.size);
  }

  /** Sessions, dormant ones included; those that only owe AAA something are none. */
  get size(): number {
    return this.#byId.size - this.inState.Owing + (this.dormant?.size ?? 0);
  }

  /** Whether there is nothing of any session, be it only what is owed. */
  get isEmpty(): boolean {
    return this.#byId.size === 0 && this.dormant === undefined;
  }

  /** Whether the chassis takes no more sessions. */
  get isFull(): boolean {
    return this.#part === undefined ? this.size >= this.sessionsMax : this.#part.seats.isFull;
  }

  /** Sessions of the whole chassis. */
  get sizeOfChassis(): number {
    return this.#part === undefined ? this.size : this.#part.seats.sessions;
  }

  /**
   * Whether a session may be dormant. Not one whose packets have no key, which nothing would wake; nor one that does not say
   * itself which of several instances has it: the others are told of such a one when it is made.
   */
  mayBeDormant({ id, mac, nai, access, moves }: SessionNames): boolean {
    if (access?.kind === 'ip' || moves.previous?.kind === 'ip') return false;
    if (this.#part === undefined) return true;
    return macOfNai(nai) === mac && instanceOfKey(id, this.#part.count) === this.#part.index;
  }

  /** Whether an identifier is taken. Makes no session of a dormant one. */
  hasId(id: number): boolean {
    return this.#byId.get(id) >= 0 || this.dormant?.hasId(id) === true;
  }

  /** A dormant session is made now; undefined if there is none of this identifier. */
  ofId(id: number): SessionPlace | undefined {
    const place = this.#at(this.#byId.get(id));
    return place === undefined && this.dormant?.wakeId(id) === true ? this.#at(this.#byId.get(id)) : place;
  }

  /** A dormant session is made now; undefined if the UE has none. One that only owes something is no UE's any more. */
  ofMac(mac: MacAddress): SessionPlace | undefined {
    const place = this.#at(this.#byMac.get(mac));
    return place === undefined && this.dormant?.wakeMac(mac) === true ? this.#at(this.#byMac.get(mac)) : place;
  }

  /** The session an NAI names, whether it is made of the MAC or was given by the AAA server. */
  ofNai(nai: string): SessionPlace | undefined {
    const named = this.#byNai.get(nai);
    if (named !== undefined) return named;
    if (this.dormant?.wakeNai(nai) === true && this.#byNai.has(nai)) return this.#byNai.get(nai);
    const mac = macOfNai(nai);
    return mac === undefined ? undefined : this.ofMac(mac);
  }

  /** Sessions that have an IPv4 address, but for those that are dormant. */
  ofAddress(address: IpAddress): Iterable<SessionPlace> {
    return this.#placesOf(this.#byAddress.holders(address));
  }

  /**
   * Every session once. It may be walked while sessions come and go: one that comes meanwhile may be met or not, one that
   * goes before its turn is not.
   */
  *sessions(): Generator<SessionPlace, undefined> {
    for (let at = 0; at < this.#places.length; at += 1) {
      const place = this.#places[at];
      if (place !== undefined) yield place;
    }
  }

  /** As `sessions`, with those that are dormant: each is made when its turn comes. */
  *everyone(): Generator<SessionPlace, undefined> {
    let at = 0;
    do {
      for (; at < this.#places.length; at += 1) {
        const place = this.#places[at];
        if (place !== undefined) yield place;
      }
    } while (this.dormant?.wakeNext() === true);
  }

  /** So many will come. */
  reserve(sessions: number): void {
    this.#byId.reserve(sessions);
    this.#byMac.reserve(sessions);
    this.#byAddress.reserve(sessions);
  }

  add(session: Session): SessionPlace {
    const place: SessionPlace = { session, armedAt: never };
    // Whoever walks over everyone has passed the free places.
    const at = (this.dormant === undefined ? this.#free.pop() : undefined) ?? this.#places.length;
    this.#places[at] = place;
    this.#byId.set(sessionId(session), at);
    if (session.kind !== 'Owing') this.#byMac.set(sessionMac(session), at);
    this.#gauge(session, 1);
    this.#index(place, undefined, session);
    this.arm(place);
    this.#tell(place, 'added');
    return place;
  }

  replace(place: SessionPlace, session: Session): void {
    const before = place.session;
    this.#gauge(before, -1);
    this.#gauge(session, 1);
    place.session = session;
    if (session.kind === 'Owing') {
      this.#freeMac(place);
      this.#part?.seats.taken(this.size);
    }
    this.#index(place, before, session);
    this.arm(place);
  }

  remove(place: SessionPlace): void {
    const { session } = place;
    this.#gauge(session, -1);
    this.#index(place, session, undefined);
    this.#freeMac(place);
    const at = this.#byId.get(sessionId(session));
    if (this.#at(at) === place) {
      this.#places[at] = undefined;
      this.#free.push(at);
    }
    this.#byId.delete(sessionId(session));
    place.armedAt = never;
    this.#tell(place, 'removed');
  }

  nextDeadline(): Instant {
    return this.#deadlines.peek();
  }

  /** The next session that has something to do at `now`, or undefined. Sessions whose deadline has moved on are re-armed. */
  popDue(now: Instant): SessionPlace | undefined {
    for (;;) {
      const due = this.#deadlines.popDue(now);
      if (due === undefined) return undefined;
      const place = due.key;
      // A pair that is not the one armed last is stale: its session has gone, or was armed earlier.
      if (place.armedAt !== due.at) continue;
      place.armedAt = never;
      if (nextDeadline(place.session) <= now) return place;
      this.arm(place);
    }
  }

  /**
   * Makes sure that the heap wakes the session in time. A deadline that moved later is left to fire early and be
   * looked at again: refreshes, leases and retransmissions would otherwise leave a pair behind each.
   */
  arm(place: SessionPlace): void {
    const at = nextDeadline(place.session);
    if (at >= place.armedAt) return;
    place.armedAt = at;
    this.#deadlines.push(at, place);
  }

  *#placesOf(positions: Iterable<number>): Generator<SessionPlace, undefined> {
    for (const at of positions) {
      const place = this.#at(at);
      if (place !== undefined) yield place;
    }
  }

  /** -1 is where nothing was found; an index of -1 would take the engine's slow way. */
  #at(at: number): SessionPlace | undefined {
    return at < 0 ? undefined : this.#places[at];
  }

  #tell({ session }: SessionPlace, what: 'added' | 'removed'): void {
    if (this.#part === undefined) return;
    const { index, count, seats, directory } = this.#part;
    seats.taken(this.size);
    const id = sessionId(session);
    if (instanceOfKey(id, count) === index) return;
    if (what === 'added') directory.strayed(id);
    else directory.returned(id);
  }

  #gauge(session: Session, by: 1 | -1): void {
    this.inState[stateName(session)] += by;
    if (session.kind === 'Live') {
      this.ofType[session.durable.sessionType] += by;
      return;
    }
    if (session.kind === 'Owing') return;
    const waiting = session.queued?.handoff;
    if (waiting !== undefined) this.handoffsInProgress[waiting] += by;
  }

  /** The UE may have another session. */
  #freeMac(place: SessionPlace): void {
    const mac = sessionMac(place.session);
    if (this.ofMac(mac) === place) this.#byMac.delete(mac);
  }

  #index(place: SessionPlace, before: Session | undefined, after: Session | undefined): void {
    this.#indexAddresses(place, before, after);
    const left = before === undefined ? undefined : naiOf(before);
    const right = after === undefined ? undefined : naiOf(after);
    if (left === right) return;
    if (left !== undefined && this.#byNai.get(left) === place) {
      this.#byNai.delete(left);
      this.#part?.directory.unnamed(left);
    }
    if (right !== undefined && macOfNai(right) !== sessionMac(place.session)) {
      this.#byNai.set(right, place);
      this.#part?.directory.named(right);
    }
  }

  #indexAddresses(place: SessionPlace, before: Session | undefined, after: Session | undefined): void {
    const [left, right] = [addressesOf(before), addressesOf(after)];
    if (left === right) return;
    const at = this.#byId.get(sessionId(place.session));
    if (this.#at(at) !== place) return;
    for (const { address } of left) this.#byAddress.delete(address, at);
    for (const { address } of right) this.#byAddress.add(address, at);
  }
}

const noAddresses: LiveSession['durable']['addresses'] = [];

function addressesOf(session: Session | undefined): typeof noAddresses {
  return session?.kind === 'Live' ? session.durable.addresses : noAddresses;
}

/** The MN-Identifier toward the LMA, once it is known. */
export function naiOf(session: Session): string | undefined {
  if (session.kind === 'Live') return session.durable.nai;
  if (session.kind === 'Owing') return undefined;
  return session.kind === 'Disconnecting' ? session.nai : session.anchor?.nai;
}
