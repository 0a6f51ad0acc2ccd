import { formatMac } from '../kernel/address.ts';
import type { Counters } from '../kernel/counters.ts';
import { DeadlineHeap } from '../kernel/deadline-heap.ts';
import type { Instant, WallClock } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import type { GroupOutcome, GroupRequest, ServerGroup } from '../services/samog/aaa/server-group.ts';
import { acctSessionIdOf, secondOf } from '../services/samog/account-id.ts';
import { type OwedRecord, owedRecord } from '../services/samog/accounting/account.ts';
import { delayAttribute, recordAttributes } from '../services/samog/accounting/record.ts';
import type { EventSink } from '../services/samog/events.ts';
import { accountOf, recordSubjectOf } from '../services/samog/session/live-account.ts';
import { type Session, sessionMac } from '../services/samog/session/state.ts';
import type { SamogCounter } from '../services/samog/statistics.ts';
import type { Tlv } from '../wire/bytes/tlv.ts';
import { radiusCode } from '../wire/radius/constants.ts';
import type { OutputCommit } from './effect-interpreter.ts';
import type { Instance } from './instance.ts';
import type { SessionPlace } from './session-registry.ts';

export interface AccountingClientDependencies {
  readonly instance: Pick<Instance, 'config' | 'registry' | 'dispatch'>;
  readonly servers: Pick<ServerGroup, 'send'>;
  /** While true nothing is begun: AAA has to be told first that the service begins. */
  readonly isHeld: () => boolean;
  readonly counters: Counters<SamogCounter>;
  readonly wallClock: () => WallClock;
  readonly report: EventSink | undefined;
  /** Without it nothing waits for a standby. */
  readonly commit: OutputCommit | undefined;
}

export interface AccountingStatus {
  /** Sessions with a record that AAA has not acknowledged. */
  readonly owing: number;
  /** Of these, those whose record is on its way. */
  readonly underway: number;
  /** How long it is until one is tried again, while no server answers; 0 if one does. */
  readonly pausedForMs: number;
}

/** Records on their way at a time. */
const underwayMax = 1024;
/** The wait for a server that answers, and for one record that alone is not answered: RFC 5080 section 2.2.1's MRT. */
const waitMsMax = 16_000;
const waitMsFirst = 1000;
/** A record that nobody has acknowledged for so long is worth an alarm. */
const alarmSeconds = 3600;

/**
 * Brings what sessions owe to AAA's accounting, as accounts say it: no queue of packets, but a line of sessions. Of each
 * one record is on its way at a time. Repetition has no end. While no server answers, one record at a time is tried; a record
 * that alone is not answered holds up nobody else.
 */
export class AccountingClient implements Timed {
  readonly #dependencies: AccountingClientDependencies;
  /** Sessions that owe something, of which nothing is on its way, in order. */
  readonly #line = new Set<number>();
  readonly #underway = new Set<number>();
  /** Sessions whose record is tried again later. */
  readonly #later = new Set<number>();
  readonly #laterAt = new DeadlineHeap<number>();
  #answeredAt: Instant = Number.NEGATIVE_INFINITY;
  /** Until then nothing is sent, and then one: no server answers. */
  #pausedUntil: Instant | undefined;
  #waitMs = waitMsFirst;
  #isAlarmed = false;

  constructor(dependencies: AccountingClientDependencies) {
    this.#dependencies = dependencies;
  }

  /** The account of a session is another than before, or the session has come or gone. */
  follow(id: number, session: Session | undefined): void {
    const account = accountOf(session);
    const owes = account !== undefined && owedRecord(account) !== undefined;
    if (!owes) {
      this.#line.delete(id);
      this.#later.delete(id);
    } else if (!this.#underway.has(id) && !this.#later.has(id)) this.#line.add(id);
  }

  advance(now: Instant): void {
    for (let due = this.#laterAt.popDue(now); due !== undefined; due = this.#laterAt.popDue(now)) {
      if (this.#later.delete(due.key)) this.#line.add(due.key);
    }
    if (this.#dependencies.isHeld()) return;
    for (const id of this.#line) {
      if (!this.#maySend(now)) return;
      this.#line.delete(id);
      this.#begin(id, now);
    }
  }

  nextDeadline(): Instant {
    const at = this.#laterAt.peek();
    if (this.#line.size === 0 || this.#dependencies.isHeld()) return at;
    if (this.#pausedUntil === undefined) {
      return this.#underway.size < underwayMax ? Number.NEGATIVE_INFINITY : at;
    }
    return this.#underway.size === 0 ? Math.min(at, this.#pausedUntil) : at;
  }

  status(now: Instant): AccountingStatus {
    return {
      owing: this.#line.size + this.#later.size + this.#underway.size,
      underway: this.#underway.size,
      pausedForMs: this.#pausedUntil === undefined ? 0 : Math.max(0, this.#pausedUntil - now),
    };
  }

  #maySend(now: Instant): boolean {
    if (this.#pausedUntil === undefined) return this.#underway.size < underwayMax;
    return this.#underway.size === 0 && now >= this.#pausedUntil;
  }

  /** A record leaves when the standby has it: there it is owed until the acknowledgement has come there, too. */
  #begin(id: number, now: Instant): void {
    const { commit, instance } = this.#dependencies;
    const owed = this.#owedBy(instance.registry.ofId(id));
    if (owed === undefined) return;
    this.#underway.add(id);
    if (commit === undefined) this.#send(id, owed, now);
    else commit.whenKnown(id, now, (at) => this.#send(id, owed, at));
  }

  #send(id: number, owed: OwedRecord, now: Instant): void {
    const place = this.#dependencies.instance.registry.ofId(id);
    // What the standby knows may have been superseded since: then the newer one is waited for.
    if (place === undefined || this.#owedBy(place)?.record !== owed.record) return this.#settle(id);
    const mac = sessionMac(place.session);
    const request: GroupRequest = {
      code: radiusCode.accountingRequest,
      about: { mac, sessionId: id },
      hash: () => formatMac(mac, '-').toUpperCase(),
      urgency: 'continuing',
      // Each server is told anew how long ago it was: with another Acct-Delay-Time it has another Identifier.
      attributes: () => this.#attributesOf(place.session, owed),
    };
    const onOutcome = ({ kind }: GroupOutcome, at: Instant) => this.#ended(id, owed, now, kind === 'answered', at);
    if (this.#dependencies.servers.send(request, onOutcome, now) === undefined) this.#tryLater(id, now, waitMsFirst);
  }

  #attributesOf(session: Session, owed: OwedRecord): readonly Tlv[] {
    const { instance, wallClock } = this.#dependencies;
    const { mrmeService } = instance.config;
    const name = session.kind === 'Live' ? session.durable : session;
    const subject = owed.status === 'stop' ? owed.record.subject : recordSubjectOf(session, mrmeService.userName);
    const delay = Math.max(0, secondOf(wallClock()) - owed.record.second);
    return [...recordAttributes(mrmeService, acctSessionIdOf(name), owed, subject!), delayAttribute(delay)];
  }

  #ended(id: number, owed: OwedRecord, sentAt: Instant, answered: boolean, now: Instant): void {
    const { instance, counters } = this.#dependencies;
    if (answered) {
      this.#answeredAt = now;
      this.#pausedUntil = undefined;
      this.#waitMs = waitMsFirst;
      this.#isAlarmed = false;
      const place = instance.registry.ofId(id);
      this.#underway.delete(id);
      if (place === undefined) return;
      instance.dispatch(place, { kind: 'recordAcknowledged', record: owed.record }, now);
      return this.#settle(id);
    }
    counters.add(`accounting.${owed.status}.repeated`);
    this.#alarm(owed);
    // A server that answers others is alive; it only has nothing to say to this record.
    if (this.#answeredAt > sentAt) return this.#tryLater(id, now, waitMsMax);
    if (this.#pausedUntil === undefined || now >= this.#pausedUntil) {
      this.#pausedUntil = now + this.#waitMs;
      this.#waitMs = Math.min(this.#waitMs * 2, waitMsMax);
    }
    this.#settle(id);
  }

  #tryLater(id: number, now: Instant, afterMs: number): void {
    this.#underway.delete(id);
    if (this.#owedBy(this.#dependencies.instance.registry.ofId(id)) === undefined) return;
    this.#later.add(id);
    this.#laterAt.push(now + afterMs, id);
  }

  /** Nothing of the session is on its way any more. */
  #settle(id: number): void {
    this.#underway.delete(id);
    this.follow(id, this.#dependencies.instance.registry.ofId(id)?.session);
  }

  #owedBy(place: SessionPlace | undefined): OwedRecord | undefined {
    const account = accountOf(place?.session);
    return account && owedRecord(account);
  }

  #alarm({ record }: OwedRecord): void {
    const { wallClock, report } = this.#dependencies;
    if (this.#isAlarmed || secondOf(wallClock()) - record.second < alarmSeconds) return;
    this.#isAlarmed = true;
    const owing = this.#line.size + this.#later.size + this.#underway.size;
    report?.({
      name: 'accounting-owed',
      mac: undefined,
      sessionId: undefined,
      peer: undefined,
      party: 'aaa',
      direction: 'internal',
      text: () => `no AAA server has acknowledged a record for an hour; ${owing} sessions owe one`,
    });
  }
}
