import type { FlowTable } from '../forwarding/flow-table.ts';
import type { Tap } from '../forwarding/tap.ts';
import type { Seal } from '../kernel/context.ts';
import { type Instant, never, type WallClock } from '../kernel/instant.ts';
import type { EventPayload } from '../services/samog/intercept/delivery-record.ts';
import { type Target, wantsContent, wantsEvents } from '../services/samog/intercept/target.ts';
import { type TargetEntry, TargetTable } from '../services/samog/intercept/target-table.ts';
import type { SessionEvent } from '../services/samog/session/event.ts';
import {
  accessFacts,
  bornSecondOf,
  factsOf,
  identitiesOf,
  type OccurrenceName,
  occurrenceOf,
} from '../services/samog/session/interception.ts';
import { type LiveSession, type Session, sessionId } from '../services/samog/session/state.ts';
import { Interception } from './interception.ts';
import { InterceptionStates } from './interception-states.ts';
import type { SessionRegistry } from './session-registry.ts';

export interface InterceptsDependencies {
  /** With a key that both chassis have, and no one else. */
  readonly seal: Seal;
  /** How the gateway calls itself toward delivery functions: both chassis of a pair alike. */
  readonly networkFunction: string;
  readonly targetsMax: number;
  readonly wallClock: () => WallClock;
  /** Gives a PDU to a delivery function; false if there is no room for it. */
  deliver(delivery: string, kind: 'event' | 'content', pdu: Uint8Array): boolean;
  /** Targets, or how far interceptions have come, are to be kept anew. */
  changed(): void;
}

/** Where the sessions are that may be intercepted. */
export interface InterceptedSessions {
  readonly registry: SessionRegistry;
  readonly flows: FlowTable;
}

/** Sessions looked at in one go when targets have changed: about a millisecond of work. */
const slice = 500;
/** A warrant's time is by the system clock, which may be set: it is looked at so often. */
const clockIntervalMs = 60_000;
/** How often is looked whether what was lost can be told. */
const lossIntervalMs = 1000;

/**
 * Who of a session manager's sessions is intercepted, and what of it is delivered. It stands beside the sessions: nothing
 * of a session says that it is intercepted. It outlives the session manager, as its numbers have to.
 *
 * Nothing here throws into the session manager, is counted with it or reports to its event log.
 */
export class Intercepts implements Tap {
  readonly targets: TargetTable;
  readonly states: InterceptionStates;
  readonly seal: Seal;
  /** Up to which revision of the targets the standby has them; undefined while there is none. */
  followedTo: number | undefined;
  /** Records of the other chassis that cannot be read: its key is another. */
  unreadable = 0;
  /** Faults of ours that were contained. */
  faults = 0;
  readonly #dependencies: InterceptsDependencies;
  readonly #bySession = new Map<number, Interception[]>();
  readonly #lossy = new Set<Interception>();
  #sessions: InterceptedSessions | undefined;
  /** Its sessions are served; until then they follow those of another chassis, or are being recovered. */
  #isServing = false;
  /** What is left to be looked at since the targets have changed. */
  #scan: Iterator<{ readonly session: Session }> | undefined;
  /** When the time is looked at next. */
  #changeAt: Instant = never;
  /** When a target begins or ends. */
  #nextChange: WallClock = Number.POSITIVE_INFINITY;
  #lossAt: Instant = never;

  constructor(dependencies: InterceptsDependencies) {
    this.#dependencies = dependencies;
    this.seal = dependencies.seal;
    this.targets = new TargetTable(dependencies.targetsMax);
    this.states = new InterceptionStates(this.targets, () => dependencies.changed());
  }

  /** A session manager begins, in place of one that was there before: it has no sessions yet, and serves nobody. */
  attach(sessions: InterceptedSessions): void {
    this.states.keep([...this.#bySession.values()].flat(), this.#isServing);
    this.#sessions = sessions;
    this.#bySession.clear();
    this.#lossy.clear();
    this.#isServing = false;
    this.#scan = undefined;
  }

  /** Nothing is delivered for a while, or ever: what is kept says exactly how far it has come. */
  settle(): void {
    if (this.#isServing) for (const interception of this.interceptions) this.states.ended(interception);
  }

  /** Sessions that are intercepted. */
  get size(): number {
    return this.#bySession.size;
  }

  get interceptions(): Interception[] {
    return [...this.#bySession.values()].flat();
  }

  /** Adds a target or changes it; undefined if there is no room. Sessions that are up are found within the next moments. */
  put(target: Target, now: Instant): TargetEntry | undefined {
    const entry = this.targets.put(target);
    if (entry !== undefined) this.#targetsChanged(entry.xid, now);
    return entry;
  }

  /** Withdraws a target; undefined if there is none. */
  withdraw(xid: string, now: Instant): TargetEntry | undefined {
    const entry = this.targets.withdraw(xid);
    if (entry !== undefined) this.#targetsChanged(entry.xid, now);
    return entry;
  }

  /** Takes what another chassis, or a file, knows of targets. */
  take(entries: readonly TargetEntry[], now: Instant): void {
    const news = entries.filter((entry) => this.targets.take(entry));
    for (const { xid } of news) this.#targetsChanged(xid, now);
  }

  /** A session has taken a step. Its forwarding entry is in place. */
  changed(before: Session | undefined, after: Session | undefined, event: SessionEvent | undefined): void {
    this.#contained(() => this.#changed(before, after, event));
  }

  /** A session is held that somebody else serves, or served until this chassis took over. */
  held(session: Session): void {
    this.#contained(() => {
      const id = sessionId(session);
      if (session.kind !== 'Live') return void this.#bySession.delete(id);
      const isServing = this.#isServing;
      this.#isServing = false;
      try {
        this.#match(session, 'campOn');
      } finally {
        this.#isServing = isServing;
      }
      if (isServing) for (const each of this.#bySession.get(id) ?? []) this.#continue(each);
    });
  }

  /** The session is over, and what had to be told of that has been told. */
  released(id: number): void {
    this.#bySession.delete(id);
  }

  copy(id: number, direction: 'uplink' | 'downlink', bytes: Uint8Array, at: number, length: number): void {
    this.#contained(() => {
      this.#serve();
      const wallClock = this.#dependencies.wallClock();
      for (const interception of this.#bySession.get(id) ?? []) {
        const { target } = interception;
        if (!wantsContent(target)) continue;
        const pdu = interception.copy(wallClock, direction, bytes, at, length);
        if (!this.#dependencies.deliver(target.delivery, 'content', pdu)) this.#lost(interception, 'content');
        if (interception.reserveIfShort()) this.states.changed(interception);
      }
    });
  }

  /** To be called when the session manager is advanced: it serves. */
  advance(now: Instant): void {
    this.#contained(() => {
      this.#serve();
      this.#lookAtTime(now);
      this.#scanSome();
      if (now >= this.#lossAt) this.#tellLosses(now);
    });
  }

  /** To be called while it serves nobody. */
  follow(now: Instant): void {
    this.#contained(() => {
      this.#lookAtTime(now);
      this.#scanSome();
    });
  }

  nextDeadline(): Instant {
    if (!this.#isServing || this.#scan !== undefined) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#changeAt, this.#lossAt);
  }

  /** As `nextDeadline`, while it serves nobody. */
  nextFollowing(): Instant {
    return this.#scan === undefined ? this.#changeAt : Number.NEGATIVE_INFINITY;
  }

  #changed(before: Session | undefined, after: Session | undefined, event: SessionEvent | undefined): void {
    this.#serve();
    const id = sessionId((after ?? before)!);
    const occurrence = occurrenceOf(before, after, event);
    if (occurrence === 'attach-failed') return this.#tellFailed(before!);
    const known = this.#bySession.get(id);
    if (known !== undefined && occurrence !== undefined) {
      for (const each of known) this.#tell(each, this.#payloadOf(occurrence, before, after, event), after ?? before!);
    }
    if (after?.kind !== 'Live') return this.#over(id);
    if (before?.kind !== 'Live' || mayMatchOtherwise(before, after)) {
      this.#match(after, before?.kind === 'Live' ? 'active' : 'campOn');
    } else if (known !== undefined) this.#tap(id, known);
  }

  /** Brings the interceptions of a session in line with the targets. Nothing is told while somebody else serves it. */
  #match(session: LiveSession, mode: Interception['mode']): void {
    const id = session.durable.id;
    const wanted = this.targets.matching(identitiesOf(session), this.#dependencies.wallClock());
    const former = this.#bySession.get(id) ?? [];
    if (wanted.length === 0 && former.length === 0) return;
    for (const each of former) {
      if (wanted.some(({ xid }) => xid === each.target.xid)) continue;
      if (this.#isServing) this.#tell(each, { event: 'interception-end' }, session);
      this.#lossy.delete(each);
      this.states.ended(each);
    }
    const present = wanted.map((target) => {
      const known = former.find((each) => each.target.xid === target.xid);
      if (known === undefined) return this.#start(target, session, mode);
      known.target = target;
      return known;
    });
    if (present.length === 0) this.#bySession.delete(id);
    else this.#bySession.set(id, present);
    this.#tap(id, present);
  }

  #start(target: Target, session: LiveSession, mode: Interception['mode']): Interception {
    const { id, bornSecond } = session.durable;
    const { networkFunction } = this.#dependencies;
    const started = new Interception(target, { sessionId: id, bornSecond }, mode, networkFunction);
    if (!this.#isServing) return started;
    started.begin(this.states.of(started.key));
    const event = mode === 'campOn' ? 'session-begin' : 'interception-begin';
    this.#tell(started, { event, mode, ...this.#facts(session) }, session);
    return started;
  }

  #tap(id: number, interceptions: readonly Interception[]): void {
    this.#sessions?.flows.setTapped(
      id,
      interceptions.some(({ target }) => wantsContent(target)),
    );
  }

  /** The sessions that were held are served from now on: what was begun elsewhere goes on. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    this.states.prune((id) => this.#sessions?.registry.hasId(id) === true);
    for (const interception of this.interceptions) this.#continue(interception);
  }

  /** What was begun elsewhere goes on here. */
  #continue(interception: Interception): void {
    const state = this.states.of(interception.key);
    interception.resume(state);
    const session = this.#sessions?.registry.ofId(interception.sessionId)?.session;
    const { eventsFrom, contentFrom } = interception;
    const { isExact, mode } = state ?? { isExact: false, mode: interception.mode };
    const payload = { event: 'interception-continued', mode, eventsFrom, contentFrom, isExact };
    if (session !== undefined) this.#tell(interception, { ...payload, ...this.#facts(session) }, session);
    else this.states.changed(interception);
  }

  #over(id: number): void {
    const interceptions = this.#bySession.get(id);
    if (interceptions === undefined) return;
    this.#bySession.delete(id);
    for (const each of interceptions) {
      this.#lossy.delete(each);
      this.states.over(each);
    }
  }

  /** An attach that came to nothing is told and forgotten. */
  #tellFailed(session: Session): void {
    const { wallClock, networkFunction } = this.#dependencies;
    for (const target of this.targets.matching(identitiesOf(session), wallClock())) {
      const place = { sessionId: sessionId(session), bornSecond: bornSecondOf(session) };
      const interception = new Interception(target, place, 'campOn', networkFunction);
      this.#send(interception, { event: 'attach-failed', ...this.#facts(session) }, session);
    }
  }

  #tell(interception: Interception, payload: EventPayload, session: Session): void {
    this.#send(interception, payload, session);
    if (interception.reserveIfShort()) this.states.changed(interception);
  }

  #send(interception: Interception, payload: EventPayload, session: Session): boolean {
    const { target } = interception;
    if (!wantsEvents(target)) return true;
    const pdu = interception.event(this.#dependencies.wallClock(), identitiesOf(session), payload);
    const isTaken = this.#dependencies.deliver(target.delivery, 'event', pdu);
    if (!isTaken) this.#lost(interception, 'events');
    return isTaken;
  }

  #payloadOf(
    event: OccurrenceName,
    before: Session | undefined,
    after: Session | undefined,
    cause: SessionEvent | undefined,
  ): EventPayload {
    const facts = this.#facts((after?.kind === 'Live' ? after : before)!);
    if (event === 'handover' && before?.kind === 'Live') {
      return { event, previous: accessFacts(before.durable.access), ...facts };
    }
    if (event !== 'session-end') return { event, ...facts };
    return { event, reason: after?.kind === 'Disconnecting' ? after.reason : cause?.kind, ...facts };
  }

  #facts(session: Session): Readonly<Record<string, unknown>> {
    const usage = this.#sessions?.flows.usage(sessionId(session));
    if (usage === undefined) return factsOf(session, undefined);
    const { lastActivity: _, ...counted } = usage;
    return factsOf(session, counted);
  }

  #lost(interception: Interception, what: 'events' | 'content'): void {
    interception.lost[what] += 1;
    if (this.#lossy.size === 0) this.#lossAt = Number.NEGATIVE_INFINITY;
    this.#lossy.add(interception);
  }

  #tellLosses(now: Instant): void {
    for (const interception of this.#lossy) {
      const session = this.#sessions?.registry.ofId(interception.sessionId)?.session;
      const lost = { ...interception.lost };
      const isTold = session === undefined || this.#send(interception, { event: 'records-lost', lost }, session);
      if (!isTold) {
        // The event that would have told it is not one of those that are lost.
        interception.lost = lost;
        continue;
      }
      interception.lost = { events: 0, content: 0 };
      this.#lossy.delete(interception);
    }
    this.#lossAt = this.#lossy.size === 0 ? never : now + lossIntervalMs;
  }

  #targetsChanged(xid: string, now: Instant): void {
    this.states.targetChanged(xid);
    this.#scan = this.#sessions?.registry.sessions();
    this.#setChangeAt(now);
  }

  #lookAtTime(now: Instant): void {
    if (now < this.#changeAt) return;
    const wallClock = this.#dependencies.wallClock();
    if (wallClock >= this.#nextChange) {
      this.targets.expire(wallClock);
      this.#scan = this.#sessions?.registry.sessions();
    }
    this.#setChangeAt(now);
  }

  #setChangeAt(now: Instant): void {
    const wallClock = this.#dependencies.wallClock();
    this.#nextChange = this.targets.nextChange(wallClock) ?? Number.POSITIVE_INFINITY;
    const isAny = this.#nextChange !== Number.POSITIVE_INFINITY;
    this.#changeAt = isAny ? now + Math.min(this.#nextChange - wallClock, clockIntervalMs) : never;
  }

  #scanSome(): void {
    if (this.#scan === undefined) return;
    for (let looked = 0; looked < slice; looked += 1) {
      const next = this.#scan.next();
      if (next.done === true) {
        this.#scan = undefined;
        return;
      }
      const { session } = next.value;
      if (session.kind === 'Live') this.#match(session, this.#isServing ? 'active' : 'campOn');
    }
  }

  /** A fault here costs what it was about, and nobody learns of it by the session. */
  #contained(work: () => void): void {
    try {
      work();
    } catch {
      this.faults += 1;
    }
  }
}

/** Whether a session may be known otherwise than before. */
function mayMatchOtherwise({ durable: was }: LiveSession, { durable: is }: LiveSession): boolean {
  return was.subscriber !== is.subscriber || was.addresses !== is.addresses || was.radius !== is.radius;
}
