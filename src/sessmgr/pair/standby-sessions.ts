import { PeerInstance } from '../../icsr/instance/instance-records.ts';
import { CallRecoveryRecords, callRecoveryDefaults } from '../../icsr/replication/call-recovery-records.ts';
import {
  type ApplyResult,
  type ReceiverMessage,
  type RecordApplier,
  ReplicationReceiver,
  receiverDefaults,
} from '../../icsr/replication/replication-receiver.ts';
import type { CheckpointStatistics, SessionCheckpoints } from '../../icsr/replication/statistics.ts';
import type { MacAddress } from '../../kernel/address.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import { NumberMap } from '../../kernel/number-map.ts';
import type { Timed } from '../../kernel/port.ts';
import { decodeStoppedAccounts } from '../../services/samog/accounting/checkpoint.ts';
import { type Applied, applyMicro } from '../../services/samog/checkpoints/apply.ts';
import { command } from '../../services/samog/checkpoints/commands.ts';
import { decodeFull, namesOfFull } from '../../services/samog/checkpoints/full-checkpoint.ts';
import { decodeAt } from '../../services/samog/checkpoints/instant-codec.ts';
import { deletePdn } from '../../services/samog/checkpoints/micro-checkpoints.ts';
import { isRepetition } from '../../services/samog/checkpoints/repetition.ts';
import { decodeRestartCounters } from '../../services/samog/checkpoints/restart-counters.ts';
import { type SessionRecord, savedId } from '../../services/samog/checkpoints/saved-session.ts';
import { sessionId } from '../../services/samog/session/state.ts';
import type { StreamRecord } from '../../wire/srp/messages.ts';
import type { ActiveSessions } from './active-sessions.ts';
import { BoundAlone } from './bound-alone.ts';
import { CheckpointTrail } from './checkpoint-trail.ts';
import { DormantSessions } from './dormant-sessions.ts';
import { isOfIntercepts, takeIntercepts } from './intercept-stream.ts';
import type { ReplicationOptions } from './options.ts';
import { ReturningSessions } from './returning-sessions.ts';
import { WakingSessions } from './waking-sessions.ts';

/** Records that are brought up in one go, with the peer's next records in between: less than a millisecond of work. */
const slice = 50;
/** Sessions of which it is known that they were refused. */
const refusedMax = 4096;
/** Bindings that the peer registers again: 5,000 a second. */
const contradictedAtOnce = 25;
const contradictEveryMs = 5;
/** So much is left to do for a standby that could take over at once. */
const warmMax = 1000;

/**
 * What a standby holds: a record of each session of its peer, read on receipt, and the sessions themselves, ready to be
 * served: they follow their records a slice at a time. Those of a resynchronisation are kept as they came, and made sessions
 * afterwards, or when they are needed. It sends nothing but acknowledgements.
 */
export class StandbySessions implements RecordApplier, Timed {
  readonly receiver: ReplicationReceiver;
  /** What the peer calls by numbers. */
  readonly peerInstance: PeerInstance;
  readonly #next: ActiveSessions;
  readonly #records: CallRecoveryRecords;
  readonly #sessions = new NumberMap<SessionRecord>();
  /** Records that are kept as they came; none of them is in `#sessions`. */
  readonly #dormant = new DormantSessions();
  readonly #waking: WakingSessions;
  /** To an equal that has lost its own. */
  readonly returning: ReturningSessions;
  /** What this chassis has served or recorded before: it counts until the peer has said all that it has. */
  readonly #former: Map<number, SessionRecord>;
  /** Records of which the session has not heard. */
  readonly #changed = new Set<number>();
  /** Sessions that found no place. */
  readonly #unplaced = new Set<number>();
  /** Sessions of which a checkpoint was refused: they will come whole. */
  readonly #refused = new Set<number>();
  readonly #trail: CheckpointTrail;
  readonly #clock: () => Instant;
  readonly #atOnceMax: number;
  /** What this chassis did when it served and the peer did not follow; the peer is told once its sessions are here. */
  readonly boundAlone = new BoundAlone();
  #hasSettled = false;
  /** When the peer is told of some of them. */
  #contradictAt: Instant = never;

  /**
   * @param next what will serve the sessions, and serves nobody meanwhile
   * @param former what this chassis has of the sessions already
   * @param clock of this chassis: payloads carry remaining time, and deadlines become its own at once
   * @param refill as of `ReceiverConfig`
   */
  constructor(
    options: ReplicationOptions,
    next: ActiveSessions,
    former: Iterable<readonly [number, SessionRecord]>,
    clock: () => Instant,
    send: (message: ReceiverMessage) => void,
    statistics?: CheckpointStatistics,
    refill = false,
  ) {
    this.#next = next;
    this.returning = new ReturningSessions(next);
    this.peerInstance = new PeerInstance(next.identifiers);
    this.#former = new Map(former);
    this.#clock = clock;
    const { instance, buckets, recordsMax, waking } = options;
    this.#atOnceMax = waking.atOnceMax;
    this.#records = new CallRecoveryRecords({ ...callRecoveryDefaults, buckets, recordsMax });
    const wake = (id: number, record: SessionRecord, now: Instant) => {
      this.#sessions.set(id, record);
      this.#follow(id, record, now);
    };
    this.#waking = new WakingSessions(waking, this.#dormant, wake, clock);
    const config = { ...receiverDefaults, instance, refill };
    this.#trail = new CheckpointTrail(next.report, 'active');
    const answer = (message: ReceiverMessage) => {
      send(message);
      this.#answered(message);
    };
    this.receiver = new ReplicationReceiver(config, {
      records: this.#records,
      applier: this,
      send: answer,
      statistics,
    });
  }

  get size(): number {
    return this.#sessions.size + this.#dormant.size + this.#former.size;
  }

  holds(callId: number): boolean {
    return this.#sessions.has(callId) || this.#dormant.has(callId) || this.#former.has(callId);
  }

  /** How the checkpoints of a session have come; undefined if there is no record of it. */
  checkpointsOf(callId: number, now: Instant): SessionCheckpoints | undefined {
    return this.#records.checkpointsOf(callId, now);
  }

  /** Whether a promotion would find next to nothing left to do: what is dormant can be served from. */
  get isWarm(): boolean {
    return this.#changed.size < warmMax;
  }

  *records(): Generator<readonly [number, SessionRecord]> {
    yield* this.#sessions.entries();
    yield* this.#dormant.records();
    yield* this.#former;
  }

  /** What concerns the stream, and a slice of the sessions that follow their records. */
  advance(now: Instant): void {
    this.receiver.advance(now);
    this.#next.manager.intercepts?.follow(now);
    if (this.#former.size > 0 && this.receiver.isSynchronised) this.#former.clear();
    this.returning.advance(this.#isWhole, now);
    let left = slice;
    for (const id of this.#changed) {
      this.#follow(id, this.#sessions.get(id), now);
      left -= 1;
      if (left === 0) return;
    }
    // More of them come: nobody is served sooner by a synchronisation that takes longer.
    if (!this.receiver.isResynchronising) this.#waking.advance(now);
    this.#settleFormer(now);
  }

  nextDeadline(): Instant {
    if (this.#changed.size > 0) return Number.NEGATIVE_INFINITY;
    const wakesAt = this.receiver.isResynchronising ? never : this.#waking.nextDeadline();
    const followsAt = this.#next.manager.intercepts?.nextFollowing() ?? never;
    const returnsAt = this.returning.nextDeadline(this.#isWhole);
    return Math.min(this.receiver.nextDeadline(), wakesAt, followsAt, returnsAt, this.#contradictAt);
  }

  /**
   * Brings every session up, but for many dormant ones, which are the caller's to bring up from then on; returns those that
   * found no place. From here on the records are not used.
   */
  promote(now: Instant): { readonly unplaced: readonly number[]; readonly dormant: DormantSessions } {
    if (this.receiver.isSynchronised) this.#former.clear();
    if (this.#dormant.size < this.#atOnceMax || !this.#mayStayDormant) this.#waking.wakeAll();
    for (const id of this.#changed) this.#follow(id, this.#sessions.get(id), now);
    for (const [id, record] of this.#former) {
      // What the peer has said of a UE is newer than what this chassis knew before.
      const isNew = record.saved.kind === 'Owing' || this.#next.manager.registry.ofMac(macOf(record)) === undefined;
      if (isNew) this.#follow(id, record, now);
    }
    for (const id of [...this.#unplaced]) {
      this.#follow(id, this.#sessions.get(id) ?? this.#former.get(id), now);
    }
    return { unplaced: [...this.#unplaced], dormant: this.#dormant };
  }

  full(callId: number, payload: Uint8Array): ApplyResult {
    const now = this.#clock();
    if (this.receiver.isResynchronising && this.#keptDormant(callId, payload, now)) {
      this.#former.delete(callId);
      return 'applied';
    }
    const read = decodeFull(payload, now);
    if (!read.ok || savedId(read.value) !== callId) return 'malformed';
    const { unknownFields: _, ...record } = read.value;
    const isAskedFor = this.#refused.delete(callId);
    if (!this.receiver.isResynchronising && (isAskedFor || this.#isNews(callId, record))) {
      this.#tell(command.session.cmdId, record);
    }
    this.#former.delete(callId);
    this.#dormant.delete(callId);
    this.#sessions.set(callId, record);
    this.#changed.add(callId);
    return 'applied';
  }

  expect(sessions: number): void {
    const expected = Math.min(sessions, this.#next.manager.registry.sessionsMax);
    this.#sessions.reserve(expected);
    this.#dormant.reserve(expected);
    this.#next.reserve(expected);
  }

  micro(callId: number, { cmdId, payload }: StreamRecord): ApplyResult {
    const record = this.#record(callId);
    if (record === undefined) return 'unknown-session';
    const applied = applyMicro(record, cmdId, payload, this.#clock(), this.#next.manager.accessLists);
    switch (applied.kind) {
      case 'applied':
        this.#dormant.delete(callId);
        this.#sessions.set(callId, applied.record);
        this.#changed.add(callId);
        this.#tell(cmdId, applied.record);
        return 'applied';
      case 'refused':
        return refusalOf(applied.reason);
      default:
        return 'stale';
    }
  }

  remove(callId: number, payload?: Uint8Array): void {
    const record = payload === undefined ? undefined : this.#record(callId);
    if (record !== undefined) this.#tell(command.invalidate.cmdId, record);
    this.#refused.delete(callId);
    this.#sessions.delete(callId);
    this.#dormant.delete(callId);
    this.#former.delete(callId);
    this.#changed.delete(callId);
    this.#unplaced.delete(callId);
    this.#next.release(callId, this.#clock());
  }

  instanceLevel(record: StreamRecord): ApplyResult {
    if (isOfIntercepts(record)) return takeIntercepts(this.#next.manager.intercepts, record, this.#clock());
    if (record.cmdId === command.restartCounters.cmdId) {
      const restartCounters = decodeRestartCounters(record.payload);
      if (restartCounters === undefined) return 'malformed';
      this.#next.manager.restartCounters = restartCounters;
      return 'applied';
    }
    if (record.cmdId === command.stoppedAccounts.cmdId) {
      const accounts = decodeStoppedAccounts(record.payload);
      if (accounts === undefined) return 'malformed';
      const now = this.#clock();
      for (const account of accounts) this.#next.manager.doors.accounting.stopped.follow(account, now);
      return 'applied';
    }
    return this.peerInstance.apply(record);
  }

  isDelete({ cmdId, payload }: StreamRecord): boolean {
    if (cmdId !== command.deletePdn.cmdId) return false;
    const read = decodeAt(this.#clock(), deletePdn, payload);
    return read.ok && read.value.value.pdn.phase === 'deleted';
  }

  #record(callId: number): SessionRecord | undefined {
    return this.#sessions.get(callId) ?? this.#dormant.record(callId);
  }

  /** A session is repeated whole now and then: that says nothing of what became of it. */
  #isNews(callId: number, { saved }: SessionRecord): boolean {
    if (!this.#trail.isHeard) return false;
    const known = this.#record(callId) ?? this.#former.get(callId);
    return known === undefined || !isRepetition(known.saved, saved);
  }

  #tell(cmdId: number, record: SessionRecord): void {
    this.#trail.told({ cmdId, mac: macOf(record) }, this.#clock());
  }

  #answered(message: ReceiverMessage): void {
    const now = this.#clock();
    if (message.kind === 'streamAck') this.#trail.acknowledged(message.sequence, now);
    if (message.kind === 'streamOpen') this.#trail.broken();
    if (message.kind !== 'streamNack' || message.reason === 'bound-alone') return;
    const { callId, cmdId, reason } = message;
    const record = this.#record(callId);
    if (callId !== 0 && this.#refused.size < refusedMax) this.#refused.add(callId);
    this.#trail.refused({ cmdId, mac: record && macOf(record) }, reason, now);
  }

  /** There is a session for each record, and a record of each session that the peer had. */
  get #isWhole(): boolean {
    return this.receiver.isSynchronised && this.#changed.size === 0 && this.#dormant.size === 0;
  }

  /** All the records, and no more of them than the session managers have room for. */
  get #mayStayDormant(): boolean {
    const { registry } = this.#next.manager;
    return this.receiver.isSynchronised && registry.sizeOfChassis + this.#dormant.size <= registry.sessionsMax;
  }

  /**
   * Whether a record of all sessions is kept as it is: all of it has been looked at, and nothing is made of it that would live.
   * Not where it cannot be read, there is a session already, or another one of its UE, or it may not be dormant.
   */
  #keptDormant(callId: number, payload: Uint8Array, now: Instant): boolean {
    const { registry } = this.#next.manager;
    if (this.#sessions.has(callId)) return false;
    const read = namesOfFull(payload);
    if (!read.ok || read.value === undefined || read.value.id !== callId) return false;
    if (!registry.mayBeDormant(read.value) || registry.ofMac(read.value.mac) !== undefined) return false;
    return this.#dormant.put(read.value, payload, now);
  }

  /**
   * What is left of the time in which this chassis served. What was forwarded and the peer has not ended while neither heard the
   * other: it has to wait until every session that the peer has is programmed, for what these have in common stays as it is. Of
   * those that are the peer's, and that the LMA was told something else of, the peer registers the binding again: else their packets
   * would go astray until it is refreshed. It is told of some of them at a time, because each is a PBU that it sends, beside
   * those of UEs that come.
   */
  #settleFormer(now: Instant): void {
    if (!this.#isWhole || !this.receiver.isConnected) {
      this.#contradictAt = never;
      return;
    }
    const { flows, registry } = this.#next.manager;
    if (!this.#hasSettled) flows.forgetFormer();
    this.#hasSettled = true;
    if (this.boundAlone.isEmpty || (this.#contradictAt !== never && now < this.#contradictAt)) return;
    for (const mac of this.boundAlone.take(contradictedAtOnce)) {
      const session = registry.ofMac(mac)?.session;
      if (session?.kind === 'Live') this.receiver.contradict(session.durable.id, 'bound-alone');
    }
    this.#contradictAt = this.boundAlone.isEmpty ? never : now + contradictEveryMs;
  }

  #follow(id: number, record: SessionRecord | undefined, now: Instant): void {
    this.#changed.delete(id);
    if (record === undefined || this.#place(id, record, now)) this.#unplaced.delete(id);
    else this.#unplaced.add(id);
  }

  /** A UE has one session on the active: an earlier one of it has ended there, though its end may not have been told yet. */
  #place(id: number, record: SessionRecord, now: Instant): boolean {
    const isOfUe = record.saved.kind !== 'Owing';
    const asleep = isOfUe ? this.#dormant.idOfMac(macOf(record)) : undefined;
    if (asleep !== undefined) this.#sessions.set(asleep, this.#dormant.take(asleep)!);
    const earlier = this.#next.manager.registry.ofMac(macOf(record))?.session;
    if (isOfUe && earlier !== undefined && sessionId(earlier) !== id) this.#next.release(sessionId(earlier), now);
    return this.#next.hold(id, record, now);
  }
}

function refusalOf(reason: Extract<Applied, { kind: 'refused' }>['reason']): ApplyResult {
  if (reason === 'missing-base') return 'conflict';
  return reason === 'unknown-command' || reason === 'unresolved-name' ? reason : 'malformed';
}

function macOf({ saved }: SessionRecord): MacAddress {
  return saved.kind === 'Live' ? saved.durable.mac : saved.mac;
}
