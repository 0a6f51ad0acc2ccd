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
import { applyMicro } from '../../services/samog/checkpoints/apply.ts';
import { command } from '../../services/samog/checkpoints/commands.ts';
import { decodeFull } from '../../services/samog/checkpoints/full-checkpoint.ts';
import { decodeAt } from '../../services/samog/checkpoints/instant-codec.ts';
import { deletePdn } from '../../services/samog/checkpoints/micro-checkpoints.ts';
import { decodeRestartCounters } from '../../services/samog/checkpoints/restart-counters.ts';
import type { SessionRecord } from '../../services/samog/checkpoints/saved-session.ts';
import { sessionId } from '../../services/samog/session/state.ts';
import type { StreamRecord } from '../../wire/srp/messages.ts';
import type { ActiveSessions } from './active-sessions.ts';
import { isOfIntercepts, takeIntercepts } from './intercept-stream.ts';
import type { ReplicationOptions } from './options.ts';

/** Records that are brought up in one go, with the peer's next records in between: less than a millisecond of work. */
const slice = 50;
/** So much is left to do for a standby that could take over at once. */
const warmMax = 1000;

/**
 * What a standby holds: a record of each session of its peer, read on receipt, and the sessions themselves, ready to be
 * served: they follow their records a slice at a time. It sends nothing but acknowledgements.
 */
export class StandbySessions implements RecordApplier, Timed {
  readonly receiver: ReplicationReceiver;
  /** What the peer calls by numbers. */
  readonly peerInstance: PeerInstance;
  readonly #next: ActiveSessions;
  readonly #records: CallRecoveryRecords;
  readonly #sessions = new NumberMap<SessionRecord>();
  /** What this chassis has served or recorded before: it counts until the peer has said all that it has. */
  readonly #former: Map<number, SessionRecord>;
  /** Records of which the session has not heard. */
  readonly #changed = new Set<number>();
  /** Sessions that found no place. */
  readonly #unplaced = new Set<number>();
  readonly #clock: () => Instant;

  /**
   * @param next what will serve the sessions, and serves nobody meanwhile
   * @param former what this chassis has of the sessions already
   * @param clock of this chassis: payloads carry remaining time, and deadlines become its own at once
   */
  constructor(
    options: ReplicationOptions,
    next: ActiveSessions,
    former: Iterable<readonly [number, SessionRecord]>,
    clock: () => Instant,
    send: (message: ReceiverMessage) => void,
    statistics?: CheckpointStatistics,
  ) {
    this.#next = next;
    this.peerInstance = new PeerInstance(next.identifiers);
    this.#former = new Map(former);
    this.#clock = clock;
    const { instance, buckets, recordsMax } = options;
    this.#records = new CallRecoveryRecords({ ...callRecoveryDefaults, buckets, recordsMax });
    const config = { ...receiverDefaults, instance };
    this.receiver = new ReplicationReceiver(config, { records: this.#records, applier: this, send, statistics });
  }

  get size(): number {
    return this.#sessions.size + this.#former.size;
  }

  holds(callId: number): boolean {
    return this.#sessions.has(callId) || this.#former.has(callId);
  }

  /** How the checkpoints of a session have come; undefined if there is no record of it. */
  checkpointsOf(callId: number, now: Instant): SessionCheckpoints | undefined {
    return this.#records.checkpointsOf(callId, now);
  }

  /** Whether a promotion would find next to nothing left to do. */
  get isWarm(): boolean {
    return this.#changed.size < warmMax;
  }

  *records(): Generator<readonly [number, SessionRecord]> {
    yield* this.#sessions.entries();
    yield* this.#former;
  }

  /** What concerns the stream, and a slice of the sessions that follow their records. */
  advance(now: Instant): void {
    this.receiver.advance(now);
    this.#next.manager.intercepts?.follow(now);
    if (this.#former.size > 0 && this.receiver.isSynchronised) this.#former.clear();
    let left = slice;
    for (const id of this.#changed) {
      this.#follow(id, this.#sessions.get(id), now);
      left -= 1;
      if (left === 0) return;
    }
  }

  nextDeadline(): Instant {
    if (this.#changed.size > 0) return Number.NEGATIVE_INFINITY;
    return Math.min(this.receiver.nextDeadline(), this.#next.manager.intercepts?.nextFollowing() ?? never);
  }

  /** Brings every session up; returns those that found no place. From here on the records are not used. */
  promote(now: Instant): readonly number[] {
    if (this.receiver.isSynchronised) this.#former.clear();
    for (const id of this.#changed) this.#follow(id, this.#sessions.get(id), now);
    for (const [id, record] of this.#former) {
      // What the peer has said of a UE is newer than what this chassis knew before.
      const isNew = record.saved.kind === 'Owing' || this.#next.manager.registry.ofMac(macOf(record)) === undefined;
      if (isNew) this.#follow(id, record, now);
    }
    for (const id of [...this.#unplaced]) {
      this.#follow(id, this.#sessions.get(id) ?? this.#former.get(id), now);
    }
    return [...this.#unplaced];
  }

  full(callId: number, payload: Uint8Array): ApplyResult {
    const now = this.#clock();
    const read = decodeFull(payload, now);
    if (!read.ok) return 'malformed';
    const { unknownFields: _, ...record } = read.value;
    this.#former.delete(callId);
    this.#sessions.set(callId, record);
    // Nobody waits for the acknowledgement of one of all sessions: it costs less now, while it is at hand, than later.
    if (this.receiver.isResynchronising) this.#follow(callId, record, now);
    else this.#changed.add(callId);
    return 'applied';
  }

  expect(sessions: number): void {
    this.#sessions.reserve(Math.min(sessions, this.#next.manager.registry.sessionsMax));
    this.#next.reserve(sessions);
  }

  micro(callId: number, { cmdId, payload }: StreamRecord): ApplyResult {
    const record = this.#sessions.get(callId);
    if (record === undefined) return 'unknown-session';
    const applied = applyMicro(record, cmdId, payload, this.#clock());
    switch (applied.kind) {
      case 'applied':
        this.#sessions.set(callId, applied.record);
        this.#changed.add(callId);
        return 'applied';
      case 'refused':
        if (applied.reason === 'missing-base') return 'conflict';
        return applied.reason === 'unknown-command' ? 'unknown-command' : 'malformed';
      default:
        return 'stale';
    }
  }

  remove(callId: number): void {
    this.#sessions.delete(callId);
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
    return this.peerInstance.apply(record);
  }

  isDelete({ cmdId, payload }: StreamRecord): boolean {
    if (cmdId !== command.deletePdn.cmdId) return false;
    const read = decodeAt(this.#clock(), deletePdn, payload);
    return read.ok && read.value.value.pdn.phase === 'deleted';
  }

  #follow(id: number, record: SessionRecord | undefined, now: Instant): void {
    this.#changed.delete(id);
    if (record === undefined || this.#place(id, record, now)) this.#unplaced.delete(id);
    else this.#unplaced.add(id);
  }

  /** A UE has one session on the active: an earlier one of it has ended there, though its end may not have been told yet. */
  #place(id: number, record: SessionRecord, now: Instant): boolean {
    const earlier = this.#next.manager.registry.ofMac(macOf(record))?.session;
    const isOfUe = record.saved.kind !== 'Owing';
    if (isOfUe && earlier !== undefined && sessionId(earlier) !== id) this.#next.release(sessionId(earlier), now);
    return this.#next.hold(id, record, now);
  }
}

function macOf({ saved }: SessionRecord): MacAddress {
  return saved.kind === 'Live' ? saved.durable.mac : saved.mac;
}
