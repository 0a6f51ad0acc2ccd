import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { SrpMessageOf, StreamRecord } from '../../wire/srp/messages.ts';
import type { NackReason } from '../../wire/srp/names.ts';
import { checkpoints } from '../catalogue/catalogue.ts';
import type { CallRecoveryRecords, RecordRow } from './call-recovery-records.ts';
import { type AuditResult, CheckpointStatistics } from './statistics.ts';

/** What the sender of a stream says. */
export type SenderMessage = SrpMessageOf<'streamBatch' | 'resyncBegin' | 'resyncEnd' | 'digest'>;
/** What the receiver of a stream says. */
export type ReceiverMessage = SrpMessageOf<'streamOpen' | 'streamAck' | 'streamNack' | 'digestMismatch'>;

/**
 * What became of a checkpoint. `applied`: it counts. `stale`: the service has something newer; nothing has changed.
 * Any other: it is refused, nothing of it has been applied, and the sender is told why.
 */
export type ApplyResult = 'applied' | 'stale' | NackReason;

/**
 * The service on the standby, which reads what the service on the active wrote. Each call applies a payload whole or
 * not at all, sends nothing and arms nothing, and never throws. Payloads are valid during the call only.
 */
export interface RecordApplier {
  /** All of a session; what the service had of it is to be forgotten, unless the result is a refusal. */
  full(callId: number, payload: Uint8Array, revision: number): ApplyResult;
  /** One fact of a session of which there is a record; absolute. */
  micro(callId: number, record: StreamRecord): ApplyResult;
  /** The session has gone: because the active said so, or (without payload) because a resynchronisation left it out. */
  remove(callId: number, payload: Uint8Array | undefined): void;
  /** A record of the session manager instance: identifier maps, rules. */
  instanceLevel(record: StreamRecord): ApplyResult;
  /** All sessions will come, so many of them, one after the other. */
  expect?(sessions: number): void;
  /** Whether a micro-checkpoint takes something away: of what is gone already it is no error (169 depends on its payload). */
  isDelete(record: StreamRecord): boolean;
}

export interface ReceiverConfig {
  readonly instance: number;
  /** Acknowledgements wait this long for more to acknowledge; 0: for the rest of what came with it. */
  readonly ackDelayMs: number;
  /** Records after which an acknowledgement does not wait. */
  readonly ackRecords: number;
  /** Repeats the opening until the stream is heard. */
  readonly openRetryMs: number;
  /** Deleted sessions remembered, so that a late update of one asks for nothing. */
  readonly tombstonesMax: number;
  /** The receiver is the active's end: it has lost its sessions, and is to have them again. */
  readonly refill?: boolean;
}

/** What a standby does unless it is told otherwise. */
export const receiverDefaults: Omit<ReceiverConfig, 'instance'> = {
  ackDelayMs: 0,
  ackRecords: 512,
  openRetryMs: 1000,
  tombstonesMax: 65_536,
};

export interface ReceiverDependencies {
  readonly records: CallRecoveryRecords;
  readonly applier: RecordApplier;
  /** May not call back into the receiver. Messages travel on the connection of which `connected` told. */
  readonly send: (message: ReceiverMessage) => void;
  /** Where checkpoints are counted; without it the receiver has statistics of its own. */
  readonly statistics?: CheckpointStatistics | undefined;
}

/** Messages that were not used, by reason. */
export interface StreamFaults {
  gaps: number;
  duplicates: number;
  /** Of an epoch that is not the receiver's. */
  otherEpoch: number;
  /** A digest that does not belong to the place reached. */
  digestsPassedOver: number;
}

export interface ReceiverStatus {
  readonly connected: boolean;
  readonly epoch: number;
  readonly appliedSequence: number;
  /** The first synchronisation of the epoch is complete. */
  readonly synchronised: boolean;
  readonly resynchronising: boolean;
  readonly sessions: number;
  readonly octets: number;
  readonly tombstones: number;
  /** Sessions that a resynchronisation left out. */
  readonly swept: number;
  readonly audits: number;
  readonly bucketsDiffered: number;
  readonly lastAudit: AuditResult | undefined;
  readonly faults: Readonly<StreamFaults>;
  readonly disabledNackCmdIds: readonly number[];
}

const full = checkpoints.sessionFull.address;
const invalidate = checkpoints.invalidateCrr.address;

/**
 * The standby's end of a session manager's stream: applies each record once and in its order, acknowledges, refuses what
 * cannot be applied, and asks again for what is missing.
 *
 * What is out of order is not kept: the sender goes back to the record asked for. Nothing is ever applied across a gap.
 */
export class ReplicationReceiver implements Timed {
  readonly #config: ReceiverConfig;
  readonly #dependencies: ReceiverDependencies;
  readonly statistics: CheckpointStatistics;
  readonly #tombstones = new Set<number>();
  readonly #faults: StreamFaults = { gaps: 0, duplicates: 0, otherEpoch: 0, digestsPassedOver: 0 };
  #connected = false;
  #epoch = 0;
  #applied = 0;
  #nacks = 0;
  #synchronised = false;
  /** Counts resynchronisations; a record not marked with the newest has not been seen in it. */
  #generation = 0;
  /** The resynchronisation that goes on: its buckets, or empty for all sessions. */
  #resync: ReadonlySet<number> | undefined;
  #unacknowledged = 0;
  #ackAt: Instant = never;
  #openAt: Instant = never;
  /** The place at which a gap was reported already. */
  #gapReportedAt = -1;
  #swept = 0;
  #audits = 0;
  #bucketsDiffered = 0;
  #lastAudit: AuditResult | undefined;
  readonly #disabledNacks = new Set<number>();

  constructor(config: ReceiverConfig, dependencies: ReceiverDependencies) {
    this.#config = config;
    this.#dependencies = dependencies;
    this.statistics = dependencies.statistics ?? new CheckpointStatistics();
  }

  /** A new connection to the peer's equal. Messages of the former one must not be delivered any more. */
  connected(now: Instant): void {
    this.#connected = true;
    this.#open(now);
  }

  disconnected(): void {
    this.#connected = false;
    this.#ackAt = never;
    this.#openAt = never;
  }

  /**
   * The equal has asked for a stream itself, so that of its own has ended, and it may send another on this connection: it is
   * asked for one, after the usual time, because of two that wait for each other neither should be hurried.
   */
  deserted(now: Instant): void {
    if (this.#connected) this.#openAt = Math.min(this.#openAt, now + this.#config.openRetryMs);
  }

  /** Takes what the sender says; nothing without a connection. A gap is asked for again, another epoch is counted. */
  receive(message: SenderMessage, now: Instant): void {
    if (!this.#connected) return;
    if (message.kind === 'resyncBegin' && message.buckets.length === 0 && message.epoch > this.#epoch) {
      this.#adopt(message.epoch, message.sequence - 1);
    }
    if (message.epoch !== this.#epoch) {
      this.#faults.otherEpoch += 1;
      if (message.epoch > this.#epoch) this.#gap();
      return;
    }
    // Not before: what is on its way of a former stream does not say that the opening was heard.
    this.#openAt = never;
    switch (message.kind) {
      case 'streamBatch':
        this.#batch(message, now);
        break;
      case 'resyncBegin':
        if (this.#isNext(message.sequence, now)) this.#begin(message);
        break;
      case 'resyncEnd':
        if (this.#isNext(message.sequence, now)) this.#end();
        break;
      case 'digest':
        this.#compare(message, now);
    }
  }

  advance(now: Instant): void {
    if (now >= this.#ackAt) this.#acknowledge(false);
    if (now >= this.#openAt) this.#open(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#ackAt, this.#openAt);
  }

  /** Sessions come whole, one after the other. */
  get isResynchronising(): boolean {
    return this.#resync !== undefined;
  }

  get isConnected(): boolean {
    return this.#connected;
  }

  /** The first synchronisation of the epoch is complete. */
  get isSynchronised(): boolean {
    return this.#synchronised;
  }

  status(): ReceiverStatus {
    const { records } = this.#dependencies;
    return {
      connected: this.#connected,
      epoch: this.#epoch,
      appliedSequence: this.#applied,
      synchronised: this.#synchronised,
      resynchronising: this.#resync !== undefined,
      sessions: records.size,
      octets: records.octets,
      tombstones: this.#tombstones.size,
      swept: this.#swept,
      audits: this.#audits,
      bucketsDiffered: this.#bucketsDiffered,
      lastAudit: this.#lastAudit,
      faults: { ...this.#faults },
      disabledNackCmdIds: [...this.#disabledNacks].sort((a, b) => a - b),
    };
  }

  /**
   * `srp enable|disable nack micro-chkpt-cmd ID`: while disabled, a checkpoint of this CMD-ID that is refused is counted
   * and not told. The next comparison of digests finds its session all the same.
   */
  setNackEnabled(cmdId: number, enabled: boolean): void {
    if (enabled) this.#disabledNacks.delete(cmdId);
    else this.#disabledNacks.add(cmdId);
  }

  #open(now: Instant): void {
    const { instance, openRetryMs } = this.#config;
    this.#openAt = now + openRetryMs;
    this.#gapReportedAt = -1;
    this.#dependencies.send({
      kind: 'streamOpen',
      instance,
      epoch: this.#epoch,
      lastAppliedSequence: this.#applied,
      nacks: this.#nacks,
      refill: this.#config.refill === true,
    });
  }

  /** A new epoch: its first sequence follows. The records stay until it says which of them are gone. */
  #adopt(epoch: number, before: number): void {
    this.#epoch = epoch;
    this.#applied = before;
    this.#nacks = 0;
    this.#synchronised = false;
    this.#resync = undefined;
    this.#gapReportedAt = -1;
  }

  #batch({ firstSequence, records }: SrpMessageOf<'streamBatch'>, now: Instant): void {
    if (firstSequence > this.#applied + 1) {
      this.#gap();
      return;
    }
    const known = this.#applied + 1 - firstSequence;
    if (known > 0) this.#faults.duplicates += Math.min(known, records.length);
    for (let index = known; index < records.length; index += 1) {
      this.#applied += 1;
      this.#apply(records[index]!, now);
    }
    this.#taken(Math.max(records.length - known, 0), now);
  }

  /** True for the next sequence, which then counts as applied. */
  #isNext(sequence: number, now: Instant): boolean {
    if (sequence > this.#applied + 1) {
      this.#gap();
      return false;
    }
    const next = sequence === this.#applied + 1;
    if (next) this.#applied = sequence;
    else this.#faults.duplicates += 1;
    this.#taken(next ? 1 : 0, now);
    return next;
  }

  /** Also what is known already is acknowledged again: the sender would not repeat it if it knew. */
  #taken(records: number, now: Instant): void {
    this.#unacknowledged += records;
    if (this.#unacknowledged >= this.#config.ackRecords) this.#acknowledge(false);
    else if (this.#ackAt === never) this.#ackAt = now + this.#config.ackDelayMs;
  }

  #gap(): void {
    this.#faults.gaps += 1;
    // Once for each place: all that is on its way behind the gap says the same.
    if (this.#gapReportedAt === this.#applied) return;
    this.#gapReportedAt = this.#applied;
    this.#acknowledge(true);
  }

  #acknowledge(gap: boolean): void {
    this.#ackAt = never;
    this.#unacknowledged = 0;
    this.#dependencies.send({
      kind: 'streamAck',
      instance: this.#config.instance,
      epoch: this.#epoch,
      sequence: this.#applied,
      nacks: this.#nacks,
      gap,
    });
  }

  #apply(record: StreamRecord, now: Instant): void {
    const kind = this.statistics.kind(record.cmdId, record.nameIndex);
    kind.received += 1;
    const result = this.#resultOf(record, now);
    if (result === 'gone') {
      kind.alreadyGone += 1;
      return;
    }
    kind[result] += 1;
    if (result === 'applied' || result === 'stale') return;
    if (this.#disabledNacks.has(record.cmdId)) kind.withheld += 1;
    else this.#refuse(record, result);
  }

  #resultOf(record: StreamRecord, now: Instant): ApplyResult | 'gone' {
    const { records, applier } = this.#dependencies;
    if (record.callId === 0) return applier.instanceLevel(record);
    const row = records.find(record.callId);
    if (record.cmdId === invalidate.cmdId) return this.#remove(record, row);
    if (record.cmdId === full.cmdId) return this.#full(record, row, now);
    const result = this.#micro(record, row);
    if (row !== undefined) records.count(row, 'micro', result === 'applied', now);
    return result;
  }

  #full(record: StreamRecord, before: RecordRow | undefined, now: Instant): ApplyResult {
    const { records } = this.#dependencies;
    const result = this.#fullResult(record, before);
    const { callId, payload, revision } = record;
    const row = result === 'applied' ? records.putFull(callId, payload.length, revision, this.#generation) : before;
    if (row !== undefined) records.count(row, 'full', result === 'applied', now);
    return result;
  }

  /**
   * In a resynchronisation the full checkpoint replaces whatever an earlier time left, even a higher revision: a sender
   * that lost its latest changes goes on from what it has.
   */
  #fullResult({ callId, payload, revision }: StreamRecord, row: RecordRow | undefined): ApplyResult {
    const { records, applier } = this.#dependencies;
    const superseded = this.#resync !== undefined && row !== undefined && records.mark(row) !== this.#generation;
    if (row !== undefined) records.remark(row, this.#generation);
    if (row !== undefined && !superseded && revision < records.revision(row)) return 'stale';
    if (!records.hasRoom(payload.length, row === undefined)) return 'no-resources';
    const result = applier.full(callId, payload, revision);
    if (result === 'applied') this.#tombstones.delete(callId);
    return result;
  }

  #micro(record: StreamRecord, row: RecordRow | undefined): ApplyResult | 'gone' {
    const { records, applier } = this.#dependencies;
    if (row === undefined) {
      if (applier.isDelete(record)) return 'gone';
      return this.#tombstones.has(record.callId) ? 'stale' : 'unknown-session';
    }
    if (record.revision <= records.revisionOf(row, record.cmdId, record.nameIndex)) return 'stale';
    if (!records.hasRoom(record.payload.length, false)) return 'no-resources';
    const result = applier.micro(record.callId, record);
    if (result === 'unknown-object' && applier.isDelete(record)) return 'gone';
    if (result === 'applied') {
      records.putMicro(row, record.cmdId, record.nameIndex, record.payload.length, record.revision);
    }
    return result;
  }

  #remove({ callId, payload }: StreamRecord, row: RecordRow | undefined): 'applied' | 'gone' {
    const { records, applier } = this.#dependencies;
    this.#tombstones.add(callId);
    if (this.#tombstones.size > this.#config.tombstonesMax) {
      for (const oldest of this.#tombstones) {
        this.#tombstones.delete(oldest);
        break;
      }
    }
    if (row === undefined) return 'gone';
    applier.remove(callId, payload);
    records.remove(callId);
    return 'applied';
  }

  /**
   * Says that a session is not what its record says, though that is held: no record is refused, so it does not count as a NACK.
   * To be called while connected.
   */
  contradict(callId: number, reason: 'bound-alone'): void {
    this.#nack({ callId, cmdId: full.cmdId, nameIndex: 0 }, reason);
  }

  #refuse(record: StreamRecord, reason: NackReason): void {
    this.#nacks += 1;
    this.#nack(record, reason);
  }

  #nack({ callId, cmdId, nameIndex }: Pick<StreamRecord, 'callId' | 'cmdId' | 'nameIndex'>, reason: NackReason): void {
    this.#dependencies.send({
      kind: 'streamNack',
      instance: this.#config.instance,
      epoch: this.#epoch,
      callId,
      cmdId,
      nameIndex,
      reason,
      sequence: this.#applied,
      serial: this.#nacks,
    });
  }

  #begin({ buckets, sessions }: SrpMessageOf<'resyncBegin'>): void {
    this.#generation += 1;
    this.#resync = new Set(buckets);
    if (buckets.length > 0) return;
    const { records, applier } = this.#dependencies;
    records.reserve(sessions);
    applier.expect?.(sessions);
    // The sender waits for this one before it fills the stream.
    this.#acknowledge(false);
  }

  #end(): void {
    const scope = this.#resync;
    if (scope === undefined) return;
    this.#resync = undefined;
    const { records, applier } = this.#dependencies;
    for (const [callId, row] of records.entries()) {
      if (scope.size > 0 && !scope.has(records.digests.bucketOf(callId))) continue;
      if (records.mark(row) === this.#generation) continue;
      applier.remove(callId, undefined);
      records.remove(callId);
      this.#swept += 1;
    }
    if (scope.size === 0) this.#synchronised = true;
  }

  #compare({ sequence, buckets }: SrpMessageOf<'digest'>, now: Instant): void {
    if (sequence !== this.#applied || !this.#synchronised || this.#resync !== undefined) {
      this.#faults.digestsPassedOver += 1;
      return;
    }
    const differing = this.#dependencies.records.digests.differing(buckets);
    this.#audits += 1;
    this.#bucketsDiffered += differing.length;
    this.#lastAudit = { at: now, bucketsDiffered: differing.length };
    this.#dependencies.send({
      kind: 'digestMismatch',
      instance: this.#config.instance,
      buckets: differing,
      epoch: this.#epoch,
      sequence,
    });
  }
}
