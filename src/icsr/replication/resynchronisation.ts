import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { ResyncReason } from '../../wire/srp/names.ts';
import type { Marker, OutgoingStream } from './outgoing-stream.ts';
import { Recheck, recheckTickMs } from './recheck.ts';
import type { SenderConfig } from './sender-config.ts';
import type { SessionRow, SessionTable } from './session-table.ts';
import type { YoungSessions } from './young-sessions.ts';

/** A walk over the sessions that sends them whole: all, or those of some buckets. */
interface Pass {
  readonly walk: Iterator<SessionRow, undefined>;
  /** Empty for all. */
  readonly buckets: ReadonlySet<number>;
  readonly beginSequence: number;
  sent: number;
}

/** What a resynchronisation is made with. */
export interface ResynchronisationDependencies {
  readonly sessions: SessionTable;
  readonly young: YoungSessions;
  readonly stream: OutgoingStream;
  /** Puts all of a session into the stream. */
  readonly sendWhole: (session: SessionRow, now: Instant) => void;
  /** The stream had no room for a marker. */
  readonly overrun: (now: Instant) => void;
}

/** Sessions looked at in a tick for each one that may be sent. */
const walkFactor = 64;

/**
 * Which sessions are sent whole though nothing has happened to them, and when: all of them at the beginning of an epoch, those
 * of the buckets in which an audit found a difference, and each once in the interval of the periodic full checkpoints. Slowly
 * enough that live records do not wait behind them.
 */
export class Resynchronisation implements Timed {
  readonly #config: SenderConfig;
  readonly #dependencies: ResynchronisationDependencies;
  readonly #recheck: Recheck;
  readonly #begun: Partial<Record<ResyncReason, number>> = {};
  #pass: Pass | undefined;
  /** Where the epoch's first pass ends; `never` until it is over. */
  #synchronisedAt = never;
  /** Buckets to be sent whole. */
  readonly #repairs = new Set<number>();
  #bulkAt: Instant = never;
  #recheckAt: Instant = never;

  constructor(config: SenderConfig, dependencies: ResynchronisationDependencies) {
    this.#config = config;
    this.#dependencies = dependencies;
    this.#recheck = new Recheck(dependencies.sessions, config.fullCheckpointIntervalMs);
  }

  /** Every session has been acknowledged once since the epoch began. */
  get isSynchronised(): boolean {
    return this.#synchronisedAt < this.#dependencies.stream.first;
  }

  /** A pass is under way. */
  get isUnderWay(): boolean {
    return this.#pass !== undefined;
  }

  /** A pass is under way, or to begin. */
  get isOwed(): boolean {
    return this.#repairs.size > 0 || this.#pass !== undefined;
  }

  /** How many have begun, by reason; made anew each time. */
  counts(): Readonly<Partial<Record<ResyncReason, number>>> {
    return { ...this.#begun };
  }

  /** Puts the marker of the epoch's first pass into the stream, which is empty. */
  announce(reason: ResyncReason, now: Instant): void {
    this.#count(reason);
    this.#dependencies.stream.marker(this.#beginMarker(reason, []), now);
  }

  /** The standby has begun the epoch: every session older than the marker is to be sent. */
  begin(beginSequence: number): void {
    this.#pass = { walk: this.#dependencies.sessions.walk(), buckets: new Set(), beginSequence, sent: 0 };
  }

  /** What was on its way is lost: another epoch will tell all. */
  drop(): void {
    this.#pass = undefined;
    this.#synchronisedAt = never;
    this.#repairs.clear();
  }

  /** Nobody reads for now. */
  park(): void {
    this.#bulkAt = never;
    this.#recheckAt = never;
  }

  /** The standby reads. */
  resume(now: Instant): void {
    this.#recheckAt = now + recheckTickMs;
    this.#bulkAt = this.isOwed ? now + this.#config.bulkTickMs : never;
  }

  /** The standby has other sessions in these buckets than it should. */
  repair(buckets: readonly number[], now: Instant): void {
    for (const bucket of buckets) this.#repairs.add(bucket);
    if (buckets.length > 0 && this.#bulkAt === never) this.#bulkAt = now;
  }

  /** An acknowledgement has come: a pass that waits for room may go on. */
  acknowledged(now: Instant): void {
    if (this.#pass !== undefined && this.#bulkAt === never && !this.#dependencies.stream.isBusy) this.#bulkAt = now;
  }

  advance(now: Instant): void {
    if (now >= this.#bulkAt) this.#bulk(now);
    if (now >= this.#recheckAt) this.#recheckSome(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#bulkAt, this.#recheckAt);
  }

  /** One tick of the pass: its share, and no more than the window leaves. */
  #bulk(now: Instant): void {
    const { bulkRecords, bulkTickMs } = this.#config;
    const { stream, sendWhole } = this.#dependencies;
    this.#bulkAt = now + bulkTickMs;
    if (this.#pass === undefined && !this.#beginRepairs(now)) {
      this.#bulkAt = never;
      return;
    }
    const pass = this.#pass;
    if (pass === undefined) return;
    const end = pass.sent + bulkRecords;
    for (let looked = 0; looked < bulkRecords * walkFactor && pass.sent < end; looked += 1) {
      if (stream.isBusy) {
        // The acknowledgement that makes room wakes it: a fast standby does not wait for the clock, nor for a batch to fill.
        stream.flush(now);
        this.#bulkAt = never;
        return;
      }
      const next = pass.walk.next();
      if (next.done) {
        this.#endPass(pass, now);
        return;
      }
      if (!this.#isDue(pass, next.value, now)) continue;
      stream.bulk(() => sendWhole(next.value, now));
      // Room may have run out: then another epoch has begun, with a pass of its own.
      if (this.#pass !== pass) return;
      pass.sent += 1;
    }
  }

  #isDue({ beginSequence, buckets }: Pass, session: SessionRow, now: Instant): boolean {
    const { sessions, young } = this.#dependencies;
    if (sessions.fullSequence(session) > beginSequence || young.has(session, now)) return false;
    return buckets.size === 0 || buckets.has(sessions.digests.bucketOf(sessions.callId(session)));
  }

  #beginRepairs(now: Instant): boolean {
    if (this.#repairs.size === 0 || !this.isSynchronised) return false;
    const buckets = new Set(this.#repairs);
    this.#repairs.clear();
    const sequence = this.#mark(this.#beginMarker('audit', [...buckets]), now);
    if (sequence === undefined) return true;
    this.#count('audit');
    this.#pass = { walk: this.#dependencies.sessions.walk(), buckets, beginSequence: sequence, sent: 0 };
    return true;
  }

  #endPass({ buckets, sent }: Pass, now: Instant): void {
    const { instance } = this.#config;
    this.#pass = undefined;
    const { epoch, next } = this.#dependencies.stream;
    const sequence = this.#mark({ kind: 'resyncEnd', instance, epoch, sessions: sent, sequence: next }, now);
    if (sequence !== undefined && buckets.size === 0) this.#synchronisedAt = sequence;
  }

  #beginMarker(reason: ResyncReason, buckets: readonly number[]): Marker {
    const { instance } = this.#config;
    const { sessions, stream } = this.#dependencies;
    const { epoch, next } = stream;
    return { kind: 'resyncBegin', instance, epoch, sessions: sessions.size, reason, sequence: next, buckets };
  }

  #mark(marker: Marker, now: Instant): number | undefined {
    const sequence = this.#dependencies.stream.marker(marker, now);
    if (sequence === undefined) this.#dependencies.overrun(now);
    return sequence;
  }

  #count(reason: ResyncReason): void {
    this.#begun[reason] = (this.#begun[reason] ?? 0) + 1;
  }

  #recheckSome(now: Instant): void {
    const { stream, young, sendWhole } = this.#dependencies;
    this.#recheckAt = now + recheckTickMs;
    if (!this.isSynchronised || this.#pass !== undefined) return;
    for (const session of this.#recheck.tick(() => !stream.isBusy)) {
      if (!young.has(session, now)) sendWhole(session, now);
    }
  }
}
