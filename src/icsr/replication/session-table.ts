import { type Instant, never } from '../../kernel/instant.ts';
import { NumberIndex } from '../../kernel/number-index.ts';
import { BucketDigests, stampAfterMicro, stampOfFull } from './anti-entropy.ts';
import { NumberTable } from './number-table.ts';
import type { SessionCheckpoints } from './statistics.ts';
import { type CheckpointSort, TallyColumns, talliesWidth } from './tally-columns.ts';

/** Names a session until it is deleted; another one may have the row afterwards. */
export type SessionRow = number;

const columns = {
  /** Never 0 but in a row that is free. */
  callId: 0,
  since: 1,
  /** The sequence of its newest full checkpoint; 0 before the first. */
  fullSequence: 2,
  /** After a refusal the standby holds the session only from this sequence on; `never` until a full checkpoint has one. */
  heldFrom: 3,
  /** See `stampOfFull`; counts from the first full checkpoint on. */
  stamp: 4,
  tallies: 5,
} as const;

/**
 * What the active's end of a stream knows of the sessions of an instance: how far their checkpoints have come, nothing of
 * their content; and the digests of what the standby is to hold of them.
 */
export class SessionTable {
  readonly digests: BucketDigests;
  readonly #rows = new NumberIndex();
  readonly #sessions = new NumberTable(columns.tallies + talliesWidth);
  readonly #tallies = new TallyColumns(this.#sessions, columns.tallies);

  constructor(buckets: number) {
    this.digests = new BucketDigests(buckets);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** So many will come. */
  reserve(sessions: number): void {
    this.#rows.reserve(sessions);
  }

  /** Undefined for a session that is not in the table. */
  find(callId: number): SessionRow | undefined {
    const row = this.#rows.get(callId);
    return row < 0 ? undefined : row;
  }

  /** Every session once. It may be walked while sessions come and go: one that comes meanwhile may be met or not. */
  *walk(): Generator<SessionRow, undefined> {
    for (let row = 0; row < this.#sessions.rows; row += 1) if (this.callId(row) !== 0) yield row;
  }

  /** The row of a session; a new one, since `now`, if it has none. */
  obtain(callId: number, now: Instant): SessionRow {
    const known = this.#rows.get(callId);
    if (known >= 0) return known;
    const row = this.#sessions.allocate();
    this.#rows.set(callId, row);
    this.#sessions.set(row, columns.callId, callId);
    this.#sessions.set(row, columns.since, now);
    this.#tallies.begin(row);
    return row;
  }

  callId(row: SessionRow): number {
    return this.#sessions.get(row, columns.callId);
  }

  since(row: SessionRow): Instant {
    return this.#sessions.get(row, columns.since);
  }

  fullSequence(row: SessionRow): number {
    return this.#sessions.get(row, columns.fullSequence);
  }

  heldFrom(row: SessionRow): number {
    return this.#sessions.get(row, columns.heldFrom);
  }

  /** The standby does not hold the session until another full checkpoint of it has come. */
  refused(row: SessionRow): void {
    this.#sessions.set(row, columns.heldFrom, never);
  }

  attempted(row: SessionRow, sort: CheckpointSort, now: Instant): void {
    this.#tallies.attempted(row, sort, now);
  }

  /** The standby has a checkpoint of the session that had the row, which may be no more. */
  succeeded(row: SessionRow, callId: number, sort: CheckpointSort, now: Instant): void {
    if (this.callId(row) === callId) this.#tallies.succeeded(row, sort, now);
  }

  checkpoints(row: SessionRow, now: Instant): SessionCheckpoints {
    return this.#tallies.view(row, now);
  }

  /** A full checkpoint of the session is in the stream. */
  fullSent(row: SessionRow, sequence: number, revision: number): void {
    const stamp = stampOfFull(revision);
    this.#unstamp(row);
    this.#sessions.set(row, columns.fullSequence, sequence);
    if (this.heldFrom(row) === never) this.#sessions.set(row, columns.heldFrom, sequence);
    this.#stamp(row, stamp);
  }

  /** A micro-checkpoint of the session is in the stream. */
  microSent(row: SessionRow, revision: number): void {
    if (this.fullSequence(row) === 0) return;
    const stamp = stampAfterMicro(this.#sessions.get(row, columns.stamp), revision);
    this.#unstamp(row);
    this.#stamp(row, stamp);
  }

  delete(row: SessionRow): void {
    this.#unstamp(row);
    this.#rows.delete(this.callId(row));
    this.#sessions.free(row);
  }

  #unstamp(row: SessionRow): void {
    if (this.fullSequence(row) === 0) return;
    this.digests.remove(this.callId(row), this.#sessions.get(row, columns.stamp));
  }

  #stamp(row: SessionRow, stamp: number): void {
    this.#sessions.set(row, columns.stamp, stamp);
    this.digests.add(this.callId(row), stamp);
  }
}
