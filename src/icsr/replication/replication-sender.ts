import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { SrpMessageOf, StreamRecord } from '../../wire/srp/messages.ts';
import type { ResyncReason } from '../../wire/srp/names.ts';
import { checkpoints } from '../catalogue/catalogue.ts';
import type { CheckpointAddress } from '../catalogue/entry.ts';
import type { CommitResult, CommitWait } from './commit-waits.ts';
import { NackBudget } from './nack-budget.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import { OutputCommits } from './output-commits.ts';
import type { ReceiverMessage } from './replication-receiver.ts';
import { Resynchronisation } from './resynchronisation.ts';
import type { SenderConfig, SenderDependencies, SenderState, SenderStatus } from './sender-config.ts';
import { type SessionRow, SessionTable } from './session-table.ts';
import { type AuditResult, CheckpointStatistics, type SessionCheckpoints } from './statistics.ts';
import type { CheckpointSort } from './tally-columns.ts';
import { YoungSessions } from './young-sessions.ts';

const full = checkpoints.sessionFull.address;
const invalidate = checkpoints.invalidateCrr.address;
const noPayload = new Uint8Array(0);

/**
 * The active's end of a session manager's stream. Every record gets the next sequence, leaves in a batch at once or when a
 * former one is acknowledged, and is kept until the standby has acknowledged it. What cannot be kept becomes a marked resynchronisation: a
 * new epoch, in which each session is sent whole, slowly enough that live records do not wait behind it.
 *
 * A session that the epoch has not carried yet is sent whole in place of its first micro-checkpoint: what is
 * acknowledged is then always enough to resume it.
 *
 * Methods that take a checkpoint return its sequence, or 0 if it is not on its way: then a later full checkpoint holds it.
 */
export class ReplicationSender implements Timed {
  readonly #config: SenderConfig;
  readonly #dependencies: SenderDependencies;
  readonly #sessions: SessionTable;
  readonly #stream: OutgoingStream;
  readonly #commits = new OutputCommits((callId) => {
    const session = this.#sessions.find(callId);
    return session === undefined ? undefined : this.#sessions.heldFrom(session);
  });
  readonly #budget: NackBudget;
  readonly #young: YoungSessions;
  readonly #resynchronisation: Resynchronisation;
  readonly statistics: CheckpointStatistics;
  #state: SenderState = 'disconnected';
  /** Records are given sequences; false while they would belong to no epoch. */
  #retaining = false;
  #lostBy: ResyncReason = 'epoch-unknown';
  /** Where the epoch began: a session whose full checkpoint is older has not been carried in it. */
  #epochSequence = 0;
  #nacksSeen = 0;
  #nackMissingSince: Instant | undefined;
  #instanceAt: Instant = never;
  #auditAt: Instant = never;
  #lastAudit: AuditResult | undefined;
  readonly #counts = { continued: 0, audits: 0, bucketsDiffered: 0, messagesIgnored: 0 };

  constructor(config: SenderConfig, dependencies: SenderDependencies) {
    this.#config = config;
    this.#dependencies = dependencies;
    this.statistics = dependencies.statistics ?? new CheckpointStatistics();
    this.#sessions = new SessionTable(config.buckets);
    this.#stream = new OutgoingStream(config, dependencies.send, this.statistics, (session, callId, sort, now) =>
      this.#sessions.succeeded(session, callId, sort, now),
    );
    this.#budget = new NackBudget(config.nacks);
    this.#young = new YoungSessions(this.#sessions, config.minimumCallAgeMs);
    this.#resynchronisation = new Resynchronisation(config, {
      sessions: this.#sessions,
      young: this.#young,
      stream: this.#stream,
      sendWhole: (session, now) => this.#encode(session, now),
      overrun: (now) => this.#lose('backlog-overrun', now),
    });
  }

  /**
   * The session exists since then, and is to be sent whole when there is somebody to send to: for sessions that this
   * process did not set up itself. `since` decides about the minimum age; it may lie before the process began.
   */
  present(callId: number, since: Instant): void {
    this.#sessions.obtain(callId, since);
    this.#young.await(callId, since);
  }

  /** So many sessions will be present. */
  reserve(sessions: number): void {
    this.#sessions.reserve(sessions);
  }

  /** The session is not there any more, and nobody has been told that it was: what `present` said is taken back. */
  absent(callId: number): void {
    const session = this.#sessions.find(callId);
    if (session !== undefined) this.#forget(session);
  }

  /** All of a session. The payload must not be changed afterwards. */
  full(callId: number, payload: Uint8Array, revision: number, now: Instant): number {
    const session = this.#sessions.obtain(callId, now);
    if (this.#young.has(session, now)) {
      this.#young.await(callId, this.#sessions.since(session));
      return 0;
    }
    return this.#full(session, payload, revision, now);
  }

  /**
   * One fact of a session. `revision` exceeds that of every checkpoint of the session before, and a full checkpoint
   * made from now on holds the fact.
   */
  micro(callId: number, address: CheckpointAddress, payload: Uint8Array, revision: number, now: Instant): number {
    const session = this.#sessions.obtain(callId, now);
    if (this.#retaining && this.#sessions.fullSequence(session) <= this.#epochSequence) {
      return this.#young.has(session, now) ? 0 : this.#encode(session, now);
    }
    const { cmdId, nameIndex } = address;
    const record = { cmdId, nameIndex, callId, payload, revision };
    const sequence = this.#append(record, session, 'micro', now);
    if (sequence > 0) this.#sessions.microSent(session, revision);
    return sequence;
  }

  /** The session has ended: INVALIDATE_CRR. */
  remove(callId: number, payload: Uint8Array, now: Instant): number {
    const session = this.#sessions.find(callId);
    if (session === undefined) return 0;
    this.#forget(session);
    return this.#append({ ...invalidate, callId, payload, revision: 0 }, undefined, undefined, now);
  }

  /** A record of the instance and of no session. */
  instanceLevel({ cmdId, nameIndex }: CheckpointAddress, payload: Uint8Array, now: Instant): number {
    return this.#append({ cmdId, nameIndex, callId: 0, payload, revision: 0 }, undefined, undefined, now);
  }

  /**
   * Output commit: `onResult` is called once, when the standby has acknowledged the sequence or cannot in time. The
   * result is returned at once, and `onResult` not called, where it is known. A session to which a promise is made without
   * acknowledgement counts as unprotected until one follows.
   */
  whenAcknowledged(wait: CommitWait): CommitResult | 'waiting' {
    return this.#commits.wait(wait, this.#state === 'ready' ? this.#stream.first : undefined);
  }

  /** Whoever hands the role over keeps its promises first: what waits for the standby waits no longer. */
  giveUpWaiting(now: Instant): void {
    this.#commits.giveUp(now);
  }

  /**
   * A new connection to the peer's equal. Messages of the former one must not be delivered any more.
   *
   * @param after the epoch that the equal follows, if this sender takes the place of another on one connection: the next begins
   *   at once, as nobody will open the stream
   */
  connected(now: Instant, after?: number): void {
    if (this.#state !== 'disconnected') this.disconnected(now);
    this.#state = 'connected';
    if (after !== undefined) this.#begin(Math.max(after, this.#stream.epoch) + 1, 'other', now);
  }

  disconnected(now: Instant): void {
    // An epoch of which nothing is acknowledged is not continued: another one begins as well.
    if (this.#state === 'beginning') this.#retaining = false;
    this.#state = 'disconnected';
    this.#stream.close();
    this.#park();
    this.#commits.disconnected(now);
  }

  receive(message: ReceiverMessage, now: Instant): void {
    switch (message.kind) {
      case 'streamOpen':
        this.#opened(message, now);
        break;
      case 'streamAck':
        this.#acknowledged(message, now);
        break;
      case 'streamNack':
        this.#refused(message, now);
        break;
      case 'digestMismatch':
        this.#compared(message, now);
    }
  }

  advance(now: Instant): void {
    this.#commits.advance(now);
    this.#sendDue(now);
    this.#resynchronisation.advance(now);
    if (now >= this.#instanceAt) this.#sendInstanceRecords('periodic', now);
    if (now >= this.#auditAt) this.audit(now);
    this.#stream.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(
      this.#stream.nextDeadline(),
      this.#resynchronisation.nextDeadline(),
      this.#instanceAt,
      this.#auditAt,
      this.#commits.nextDeadline(),
      this.#state === 'ready' ? this.#budget.nextDeadline() : never,
      this.#state === 'ready' ? this.#young.nextDeadline() : never,
    );
  }

  /** An event has been told whole: what it said may leave before others are told. */
  told(now: Instant): void {
    this.#stream.told(now);
  }

  /** Sends what waits for its batch to fill. */
  flush(now: Instant): void {
    this.#stream.flush(now);
  }

  /** Compares the digests of both chassis now (and at each interval). False while that would say nothing. */
  audit(now: Instant): boolean {
    if (this.#state !== 'ready') return false;
    this.#auditAt = now + this.#config.auditIntervalMs;
    if (!this.isSynchronised || this.#resynchronisation.isUnderWay) return false;
    this.#stream.flush(now);
    const { instance } = this.#config;
    const { epoch, next } = this.#stream;
    const buckets = this.#sessions.digests.snapshot();
    this.#dependencies.send({ kind: 'digest', instance, epoch, sequence: next - 1, buckets });
    return true;
  }

  /** `srp enable|disable nack micro-chkpt-cmd ID`. */
  setNackEnabled(cmdId: number, enabled: boolean): void {
    this.#budget.setEnabled(cmdId, enabled);
  }

  /** What became of the NACKs: the verdicts of `NackBudget`. */
  nackCounts(): Readonly<NackBudget['counts']> {
    return { ...this.#budget.counts };
  }

  commitCounts(): Readonly<Record<CommitResult, number>> {
    return this.#commits.counts();
  }

  checkpointsOf(callId: number, now: Instant): SessionCheckpoints | undefined {
    const session = this.#sessions.find(callId);
    return session === undefined ? undefined : this.#sessions.checkpoints(session, now);
  }

  get state(): SenderState {
    return this.#state;
  }

  get epoch(): number {
    return this.#stream.epoch;
  }

  /** The last record that there is of this epoch. */
  get lastSequence(): number {
    return this.#stream.next - 1;
  }

  /** The standby has all records of this epoch up to this one. */
  get acknowledgedSequence(): number {
    return this.#stream.first - 1;
  }

  /** Every session has been acknowledged once since the epoch began. */
  get isSynchronised(): boolean {
    return this.#resynchronisation.isSynchronised;
  }

  /** All there is to say; made anew each time. */
  status(now: Instant): SenderStatus {
    const { epoch, first, next, octets, retransmissions } = this.#stream;
    const synchronised = this.isSynchronised;
    return {
      state: this.#state,
      epoch,
      lastSequence: next - 1,
      acknowledgedSequence: first - 1,
      lagRecords: next - first,
      lagMs: this.#stream.lagMs(now),
      backlogOctets: octets,
      synchronised,
      resynchronising: this.#resynchronisation.isUnderWay,
      dirty: !synchronised || this.#resynchronisation.isOwed,
      sessions: this.#sessions.size,
      unprotectedSessions: this.#commits.unprotectedSessions,
      waiting: this.#commits.waiting,
      resyncs: this.#resynchronisation.counts(),
      retransmissions,
      lastAudit: this.#lastAudit,
      ...this.#counts,
      disabledNackCmdIds: this.#budget.disabledCmdIds(),
    };
  }

  #forget(session: SessionRow): void {
    const callId = this.#sessions.callId(session);
    this.#sessions.delete(session);
    this.#budget.forget(callId);
    this.#commits.forget(callId);
  }

  #encode(session: SessionRow, now: Instant): number {
    const callId = this.#sessions.callId(session);
    const encoded = this.#dependencies.source.encode(callId);
    if (encoded !== undefined) return this.#full(session, encoded.payload, encoded.revision, now);
    // It has ended without a word; the standby learns it all the same.
    return this.remove(callId, noPayload, now);
  }

  #full(session: SessionRow, payload: Uint8Array, revision: number, now: Instant): number {
    const callId = this.#sessions.callId(session);
    const record = { cmdId: full.cmdId, nameIndex: full.nameIndex, callId, payload, revision };
    const sequence = this.#append(record, session, 'full', now);
    if (sequence > 0) {
      this.#sessions.fullSent(session, sequence, revision);
      this.#commits.covered(callId, sequence);
    }
    return sequence;
  }

  #append(
    record: StreamRecord,
    session: SessionRow | undefined,
    sort: CheckpointSort | undefined,
    now: Instant,
  ): number {
    const kind = this.statistics.kind(record.cmdId, record.nameIndex);
    kind.attempts += 1;
    if (session !== undefined && sort !== undefined) this.#sessions.attempted(session, sort, now);
    const sequence = this.#retaining ? this.#stream.record(record, kind, session, sort, now) : undefined;
    if (sequence !== undefined) return sequence;
    kind.failed += 1;
    // Without room for it, all sessions have to be sent again.
    if (this.#retaining) this.#lose('backlog-overrun', now);
    return 0;
  }

  #opened({ epoch, lastAppliedSequence, nacks }: SrpMessageOf<'streamOpen'>, now: Instant): void {
    if (this.#state === 'ready' && epoch === this.#stream.epoch) return this.#stream.greet();
    // Whoever has acknowledged the epoch knows it: the peer has become a standby anew, on the connection that there was.
    if (this.#state === 'ready') this.connected(now);
    if (this.#state !== 'connected') return;
    const { first, next } = this.#stream;
    const held = lastAppliedSequence >= first - 1 && lastAppliedSequence < next;
    if (this.#retaining && epoch === this.#stream.epoch && nacks === this.#nacksSeen && held) {
      this.#continue(lastAppliedSequence, now);
      return;
    }
    const reason = epoch === 0 ? 'first-connection' : this.#lostBy;
    this.#begin(Math.max(epoch, this.#stream.epoch) + 1, reason, now);
  }

  /** What the backlog holds beyond what the receiver has is all that it lacks. */
  #continue(lastAppliedSequence: number, now: Instant): void {
    this.#counts.continued += 1;
    this.#state = 'ready';
    this.#release(lastAppliedSequence, now);
    this.#stream.open();
    this.#stream.greet();
    this.#becomeReady(now);
  }

  #becomeReady(now: Instant): void {
    this.#auditAt = now + this.#config.auditIntervalMs;
    this.#resynchronisation.resume(now);
    this.#sendInstanceRecords('ready', now);
    this.#stream.flush(now);
  }

  #sendInstanceRecords(occasion: 'ready' | 'periodic', now: Instant): void {
    this.#instanceAt = now + this.#config.instanceLevelIntervalMs;
    for (const { address, payload } of this.#dependencies.source.instanceRecords(occasion)) {
      this.instanceLevel(address, payload, now);
    }
  }

  /** What was on its way is lost: a new epoch now if somebody hears it, or on the next connection. */
  #lose(reason: ResyncReason, now: Instant): void {
    if (this.#state === 'ready') {
      this.#begin(this.#stream.epoch + 1, reason, now);
      return;
    }
    this.#retaining = false;
    this.#lostBy = reason;
    this.#stream.drop();
    this.#streamLost();
  }

  #streamLost(): void {
    this.#resynchronisation.drop();
    this.#commits.streamLost();
  }

  #begin(epoch: number, reason: ResyncReason, now: Instant): void {
    this.#stream.begin(epoch);
    this.#stream.open();
    this.#streamLost();
    this.#lostBy = 'epoch-unknown';
    this.#nacksSeen = 0;
    this.#nackMissingSince = undefined;
    this.#state = 'beginning';
    this.#retaining = false;
    this.#park();
    this.#epochSequence = this.#stream.next;
    this.#resynchronisation.announce(reason, now);
    this.#stream.flush(now);
    this.#commits.epochOver(now);
  }

  #park(): void {
    this.#resynchronisation.park();
    this.#instanceAt = never;
    this.#auditAt = never;
  }

  /** The standby has begun the epoch and reads: from now on records flow. */
  #begun(now: Instant): void {
    this.#state = 'ready';
    this.#retaining = true;
    this.#resynchronisation.begin(this.#epochSequence);
    this.#becomeReady(now);
  }

  #acknowledged(ack: SrpMessageOf<'streamAck'>, now: Instant): void {
    if (this.#state !== 'ready' && this.#state !== 'beginning') return;
    if (ack.gap) this.#stream.rewind(now);
    if (ack.epoch !== this.#stream.epoch || ack.sequence >= this.#stream.next) {
      this.#counts.messagesIgnored += 1;
      return;
    }
    if (ack.nacks !== this.#nacksSeen) {
      this.#nackMissing(now);
      return;
    }
    this.#nackMissingSince = undefined;
    if (ack.sequence >= this.#stream.first) this.#release(ack.sequence, now);
    this.#resynchronisation.acknowledged(now);
    if (this.#state === 'beginning' && ack.sequence === this.#epochSequence) this.#begun(now);
  }

  #release(sequence: number, now: Instant): void {
    this.#stream.release(sequence, now);
    this.#commits.acknowledged(sequence, now);
  }

  /**
   * An acknowledgement covers a refusal that has not come. On one connection it can only be late; if it stays away, what
   * the standby lacks is not known any more.
   */
  #nackMissing(now: Instant): void {
    this.#nackMissingSince ??= now;
    if (now - this.#nackMissingSince < this.#config.retransmitMs) return;
    this.#lose('other', now);
  }

  #refused(nack: SrpMessageOf<'streamNack'>, now: Instant): void {
    const { sequence, callId, cmdId } = nack;
    const next = nack.epoch === this.#stream.epoch && nack.serial === this.#nacksSeen + 1;
    if (this.#state !== 'ready' || !next || !this.#stream.refused(sequence)) {
      this.#counts.messagesIgnored += 1;
      return;
    }
    this.#nacksSeen += 1;
    this.statistics.kind(cmdId, nack.nameIndex).nacked += 1;
    // A peer of another release that does not know such a record would not if it were told again.
    if (callId === 0 && nack.reason === 'unknown-command') return;
    const session = this.#sessions.find(callId);
    if (callId !== 0 && (session === undefined || this.#sessions.fullSequence(session) > sequence)) return;
    if (session !== undefined) {
      this.#sessions.refused(session);
      this.#commits.refused(callId);
    }
    if (this.#budget.consider(callId, cmdId, now) === 'send') this.#repair(callId, now);
  }

  /** The answer to a NACK: the session whole, or the instance's records. */
  #repair(callId: number, now: Instant): void {
    const session = this.#sessions.find(callId);
    if (callId === 0) this.#sendInstanceRecords('ready', now);
    else if (session !== undefined) this.#encode(session, now);
  }

  #compared({ epoch, buckets }: SrpMessageOf<'digestMismatch'>, now: Instant): void {
    if (this.#state !== 'ready' || epoch !== this.#stream.epoch) {
      this.#counts.messagesIgnored += 1;
      return;
    }
    this.#counts.audits += 1;
    this.#counts.bucketsDiffered += buckets.length;
    this.#lastAudit = { at: now, bucketsDiffered: buckets.length };
    this.#resynchronisation.repair(buckets, now);
  }

  /** What had to wait for its budget or its age. */
  #sendDue(now: Instant): void {
    if (this.#state !== 'ready') return;
    for (let callId = this.#budget.takeDue(now); callId !== undefined; callId = this.#budget.takeDue(now)) {
      this.#repair(callId, now);
    }
    for (let callId = this.#young.takeDue(now); callId !== undefined; callId = this.#young.takeDue(now)) {
      const session = this.#sessions.find(callId);
      if (session !== undefined && this.#sessions.fullSequence(session) <= this.#epochSequence)
        this.#encode(session, now);
    }
  }
}
