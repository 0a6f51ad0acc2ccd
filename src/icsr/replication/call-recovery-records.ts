import type { Instant } from '../../kernel/instant.ts';
import { NumberIndex } from '../../kernel/number-index.ts';
import { BucketDigests, stampAfterMicro, stampOfFull } from './anti-entropy.ts';
import { NumberTable } from './number-table.ts';
import { kindNumber, type SessionCheckpoints } from './statistics.ts';
import { type CheckpointSort, TallyColumns, talliesWidth } from './tally-columns.ts';

export interface CallRecoveryLimits {
  readonly recordsMax: number;
  /** Octets of the payloads that each session is made of. */
  readonly octetsMax: number;
  /** Buckets of the digests: the same on both chassis. */
  readonly buckets: number;
}

export const callRecoveryDefaults: CallRecoveryLimits = { recordsMax: 2 ** 21, octetsMax: 2 ** 31, buckets: 1024 };

/** Names a record until it is removed. */
export type RecordRow = number;

const columns = {
  /** Never 0 but in a row that is free: that stands for the instance. */
  callId: 0,
  /** Newest revision of all; `fullRevision` is that of the full checkpoint. */
  revision: 1,
  fullRevision: 2,
  stamp: 3,
  /** The generation of resynchronisation in which the full checkpoint came. */
  mark: 4,
  /** Octets of the full checkpoint. */
  octets: 5,
  /** The first of its micro-checkpoints, plus one. */
  micros: 6,
  tallies: 7,
} as const;
const microColumns = { kind: 0, revision: 1, octets: 2, next: 3 } as const;
const microWidth = 4;

/**
 * How far each of the peer's sessions has come at the standby: the revisions of its full checkpoint and of the newest
 * micro-checkpoint of each kind since, with the digests over all of them. The content is the service's, which has taken
 * it when it comes here; its octets are counted, so that a peer cannot fill the memory.
 */
export class CallRecoveryRecords {
  readonly #limits: CallRecoveryLimits;
  readonly #rows = new NumberIndex();
  readonly #records = new NumberTable(columns.tallies + talliesWidth);
  readonly #tallies = new TallyColumns(this.#records, columns.tallies);
  readonly #micros = new NumberTable(microWidth);
  #octets = 0;
  /** Over (call id, stamp) of all records. */
  readonly digests: BucketDigests;

  constructor(limits: CallRecoveryLimits) {
    this.#limits = limits;
    this.digests = new BucketDigests(limits.buckets);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Octets of the payloads that count: each session's full checkpoint and the micro-checkpoints laid over it. */
  get octets(): number {
    return this.#octets;
  }

  /** So many will come. */
  reserve(records: number): void {
    this.#rows.reserve(Math.min(records, this.#limits.recordsMax));
  }

  /** Every record once; the one that is met may be removed. */
  *entries(): Generator<readonly [callId: number, row: RecordRow]> {
    for (let row = 0; row < this.#records.rows; row += 1) {
      const callId = this.#records.get(row, columns.callId);
      if (callId !== 0) yield [callId, row];
    }
  }

  *callIds(): Generator<number> {
    for (const [callId] of this.entries()) yield callId;
  }

  /** Undefined for a session of which there is no record. */
  find(callId: number): RecordRow | undefined {
    const row = this.#rows.get(callId);
    return row < 0 ? undefined : row;
  }

  /** The newest revision, be it of a full checkpoint or a micro-checkpoint. */
  revision(row: RecordRow): number {
    return this.#records.get(row, columns.revision);
  }

  /** The generation of resynchronisation in which its full checkpoint came: an older one was left out of the latest. */
  mark(row: RecordRow): number {
    return this.#records.get(row, columns.mark);
  }

  /** The session was named, though its checkpoint was refused: what is held of it stays. */
  remark(row: RecordRow, mark: number): void {
    this.#records.set(row, columns.mark, mark);
  }

  /** The revision that a micro-checkpoint of this kind has to exceed. */
  revisionOf(row: RecordRow, cmdId: number, nameIndex: number): number {
    const micro = this.#microOf(row, kindNumber(cmdId, nameIndex));
    return micro === undefined
      ? this.#records.get(row, columns.fullRevision)
      : this.#micros.get(micro, microColumns.revision);
  }

  /** Whether a payload of so many octets still fits; a new record takes a place too. */
  hasRoom(octets: number, isNew: boolean): boolean {
    const withinRecords = !isNew || this.#rows.size < this.#limits.recordsMax;
    return withinRecords && this.#octets + octets <= this.#limits.octetsMax;
  }

  /** Replaces all that was held of the session. */
  putFull(callId: number, octets: number, revision: number, mark: number): RecordRow {
    let row = this.find(callId);
    if (row === undefined) {
      row = this.#allocate(callId);
    } else {
      this.digests.remove(callId, this.#records.get(row, columns.stamp));
      this.#forget(row);
    }
    this.#records.set(row, columns.revision, revision);
    this.#records.set(row, columns.fullRevision, revision);
    this.#records.set(row, columns.mark, mark);
    this.#records.set(row, columns.octets, octets);
    this.#octets += octets;
    this.#setStamp(callId, row, stampOfFull(revision));
    return row;
  }

  /** Lays a micro-checkpoint over the record, in place of the one of its kind before. */
  putMicro(row: RecordRow, cmdId: number, nameIndex: number, octets: number, revision: number): void {
    const kind = kindNumber(cmdId, nameIndex);
    let micro = this.#microOf(row, kind);
    if (micro === undefined) {
      micro = this.#micros.allocate();
      this.#micros.set(micro, microColumns.kind, kind);
      this.#micros.set(micro, microColumns.next, this.#records.get(row, columns.micros));
      this.#records.set(row, columns.micros, micro + 1);
    }
    this.#micros.set(micro, microColumns.revision, revision);
    this.#octets += octets - this.#micros.get(micro, microColumns.octets);
    this.#micros.set(micro, microColumns.octets, octets);
    this.#records.set(row, columns.revision, Math.max(revision, this.revision(row)));
    const callId = this.#records.get(row, columns.callId);
    const stamp = this.#records.get(row, columns.stamp);
    this.digests.remove(callId, stamp);
    this.#setStamp(callId, row, stampAfterMicro(stamp, revision));
  }

  /** Does nothing if there is no such record. */
  remove(callId: number): void {
    const row = this.find(callId);
    if (row === undefined) return;
    this.digests.remove(callId, this.#records.get(row, columns.stamp));
    this.#forget(row);
    this.#records.free(row);
    this.#rows.delete(callId);
  }

  /** Counts a checkpoint that came for the session. */
  count(row: RecordRow, sort: CheckpointSort, succeeded: boolean, now: Instant): void {
    this.#tallies.attempted(row, sort, now);
    if (succeeded) this.#tallies.succeeded(row, sort, now);
  }

  checkpointsOf(callId: number, now: Instant): SessionCheckpoints | undefined {
    const row = this.find(callId);
    return row === undefined ? undefined : this.#tallies.view(row, now);
  }

  clear(): void {
    this.#rows.clear();
    this.#records.clear();
    this.#micros.clear();
    this.#octets = 0;
    this.digests.clear();
  }

  #allocate(callId: number): RecordRow {
    const row = this.#records.allocate();
    this.#rows.set(callId, row);
    this.#records.set(row, columns.callId, callId);
    this.#tallies.begin(row);
    return row;
  }

  #setStamp(callId: number, row: RecordRow, stamp: number): void {
    this.#records.set(row, columns.stamp, stamp);
    this.digests.add(callId, stamp);
  }

  #microOf(row: RecordRow, kind: number): number | undefined {
    for (let next = this.#records.get(row, columns.micros); next > 0; ) {
      if (this.#micros.get(next - 1, microColumns.kind) === kind) return next - 1;
      next = this.#micros.get(next - 1, microColumns.next);
    }
    return undefined;
  }

  /** Takes its payloads out of the count. */
  #forget(row: RecordRow): void {
    this.#octets -= this.#records.get(row, columns.octets);
    for (let next = this.#records.get(row, columns.micros); next > 0; ) {
      const micro = next - 1;
      next = this.#micros.get(micro, microColumns.next);
      this.#octets -= this.#micros.get(micro, microColumns.octets);
      this.#micros.free(micro);
    }
    this.#records.set(row, columns.micros, 0);
  }
}
