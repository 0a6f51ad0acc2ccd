import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { SrpMessageOf, StreamRecord } from '../../wire/srp/messages.ts';
import { Backlog, type BacklogItem } from './backlog.ts';
import type { SenderMessage } from './replication-receiver.ts';
import type { SenderConfig } from './sender-config.ts';
import type { SessionRow } from './session-table.ts';
import type { CheckpointStatistics, KindStatistics } from './statistics.ts';
import type { CheckpointSort } from './tally-columns.ts';

export type Marker = SrpMessageOf<'resyncBegin' | 'resyncEnd'>;

interface RecordItem extends BacklogItem {
  readonly record: StreamRecord;
  readonly kind: KindStatistics;
  /** -1 for what is of no session that is there. */
  readonly session: SessionRow;
  /** Undefined for what is neither. */
  readonly sort: CheckpointSort | undefined;
  readonly at: Instant;
  refused: boolean;
}
interface MarkerItem extends BacklogItem {
  readonly marker: Marker;
  readonly at: Instant;
}

/** What an item costs besides its payload, roughly. */
const itemOctets = 64;

/**
 * Records and markers on their way under one epoch: kept until acknowledged, sent in batches, sent again from the first
 * unacknowledged one when asked or when no acknowledgement comes.
 */
export class OutgoingStream implements Timed {
  readonly #config: SenderConfig;
  readonly #send: (message: SenderMessage) => void;
  readonly #statistics: CheckpointStatistics;
  readonly #onAcknowledged: (session: SessionRow, callId: number, sort: CheckpointSort, now: Instant) => void;
  readonly #backlog: Backlog<RecordItem | MarkerItem>;
  #epoch = 0;
  #open = false;
  /** The last sequence sent; less after `rewind`. */
  #sent = 0;
  /** The last sequences of the messages that are on their way and not acknowledged, in order. */
  #ends: number[] = [];
  #flushAt: Instant = never;
  /** What is said now may wait for its batch to fill. */
  #isBulk = false;
  /** Of what is not sent yet, something may not. */
  #isAwaited = false;
  #retransmitAt: Instant = never;
  #retransmitMs: number;
  #retransmissions = 0;

  /** @param onAcknowledged told of each checkpoint of a session that was not refused */
  constructor(
    config: SenderConfig,
    send: (message: SenderMessage) => void,
    statistics: CheckpointStatistics,
    onAcknowledged: (session: SessionRow, callId: number, sort: CheckpointSort, now: Instant) => void,
  ) {
    this.#config = config;
    this.#send = send;
    this.#statistics = statistics;
    this.#onAcknowledged = onAcknowledged;
    this.#backlog = new Backlog(config.backlogRecords, config.backlogOctets);
    this.#retransmitMs = config.retransmitMs;
  }

  get epoch(): number {
    return this.#epoch;
  }
  /** The oldest sequence that is not acknowledged. */
  get first(): number {
    return this.#backlog.first;
  }
  /** The sequence to be given next. */
  get next(): number {
    return this.#backlog.next;
  }
  get sent(): number {
    return this.#sent;
  }
  /** Octets in the backlog. */
  get octets(): number {
    return this.#backlog.octets;
  }
  get retransmissions(): number {
    return this.#retransmissions;
  }
  /** Whether what can wait should. */
  get isBusy(): boolean {
    return this.#backlog.length >= this.#config.bulkWindow || this.#backlog.isHalfFull;
  }

  /** How long the oldest unacknowledged record has been waiting, in milliseconds. */
  lagMs(now: Instant): number {
    return this.#backlog.length === 0 ? 0 : now - this.#backlog.at(this.#backlog.first).at;
  }

  /** Another epoch: nothing of the former one is kept. */
  begin(epoch: number): void {
    this.drop();
    this.#epoch = epoch;
  }

  /** There is a connection. What was not acknowledged will be sent again. */
  open(): void {
    this.#open = true;
    this.#sendAgain();
    this.#retransmitMs = this.#config.retransmitMs;
  }

  /** The connection is gone. What is in the backlog stays. */
  close(): void {
    this.#open = false;
    this.#flushAt = never;
    this.#retransmitAt = never;
  }

  /** Its sequence, or undefined if there is no room. */
  record(
    record: StreamRecord,
    kind: KindStatistics,
    session: SessionRow | undefined,
    sort: CheckpointSort | undefined,
    now: Instant,
  ): number | undefined {
    const octets = record.payload.length + itemOctets;
    return this.#push({ record, kind, session: session ?? -1, sort, at: now, octets, refused: false }, now);
  }

  /** Its sequence (which the marker names itself), or undefined if there is no room. */
  marker(marker: Marker, now: Instant): number | undefined {
    return this.#push({ marker, at: now, octets: itemOctets }, now);
  }

  /** The standby refused the record: its acknowledgement will not count. False if no such record is on its way. */
  refused(sequence: number): boolean {
    if (sequence < this.#backlog.first || sequence > this.#sent) return false;
    const item = this.#backlog.at(sequence);
    if ('marker' in item) return false;
    item.refused = true;
    return true;
  }

  /** Everything up to the sequence is with the standby, but for what it refused. */
  release(sequence: number, now: Instant): void {
    while (this.#backlog.first <= sequence) {
      const item = this.#backlog.shift()!;
      if ('marker' in item || item.refused) continue;
      item.kind.acknowledged += 1;
      this.#statistics.acknowledgementTimes.add(now - item.at);
      if (item.sort !== undefined) this.#onAcknowledged(item.session, item.record.callId, item.sort, now);
    }
    this.#sent = Math.max(this.#sent, sequence);
    while (this.#ends.length > 0 && this.#ends[0]! <= sequence) this.#ends.shift();
    this.#retransmitMs = this.#config.retransmitMs;
    this.#retransmitAt = this.#backlog.length > 0 ? now + this.#retransmitMs : never;
    if (this.#open && this.#isAwaited && this.#mayLeave) this.#flushAt = now;
  }

  /** Everything that is not acknowledged is to be sent again. */
  rewind(now: Instant): void {
    if (this.#sent >= this.#backlog.first) this.#retransmissions += 1;
    this.#sendAgain();
    this.#flushAt = now;
  }

  /** Forgets everything that is not acknowledged. */
  drop(): void {
    for (let item = this.#backlog.shift(); item !== undefined; item = this.#backlog.shift()) {
      if ('record' in item) item.kind.failed += 1;
    }
    this.#sendAgain();
    this.#flushAt = never;
    this.#retransmitAt = never;
  }

  /** Says what nobody waits for: a full batch costs the threads of both links no more than one that is not. */
  bulk(say: () => void): void {
    this.#isBulk = true;
    try {
      say();
    } finally {
      this.#isBulk = false;
    }
  }

  /** Sends what waits for its batch to fill. */
  flush(now: Instant): void {
    this.#flushAt = never;
    if (!this.#open) return;
    this.#isAwaited = false;
    while (this.#sent + 1 < this.#backlog.next) {
      const item = this.#backlog.at(this.#sent + 1);
      if ('marker' in item) {
        this.#send(item.marker);
        this.#sent += 1;
        this.#ends.push(this.#sent);
      } else {
        this.#sendBatch();
      }
    }
    if (this.#backlog.length > 0 && this.#retransmitAt === never) this.#retransmitAt = now + this.#retransmitMs;
  }

  /**
   * All records of an event are here. Whoever waits for them need not wait for the other events of a long turn as well; fewer records
   * than a batch is worth do.
   */
  told(now: Instant): void {
    if (!this.#open || !this.#isAwaited || !this.#mayLeave) return;
    if (this.#backlog.next - 1 - this.#sent >= this.#config.awaitedRecords) this.flush(now);
  }

  /** An empty batch: it tells the receiver that it has been heard, and where the stream stands. */
  greet(): void {
    const { instance } = this.#config;
    this.#send({
      kind: 'streamBatch',
      instance,
      epoch: this.#epoch,
      firstSequence: this.#sent + 1,
      records: [],
    });
  }

  advance(now: Instant): void {
    if (now >= this.#flushAt) this.flush(now);
    if (now < this.#retransmitAt) return;
    this.#retransmitMs = Math.min(this.#retransmitMs * 2, this.#config.retransmitMaxMs);
    this.#retransmitAt = now + this.#retransmitMs;
    this.rewind(now);
    this.flush(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#flushAt, this.#retransmitAt);
  }

  /**
   * Records gather while enough batches are on their way: the standby's pace, not a clock, decides how many go together. One
   * batch alone would have whatever comes just behind it wait for a whole acknowledgement before it leaves.
   */
  get #mayLeave(): boolean {
    return this.#ends.length < this.#config.batchesInFlight;
  }

  #sendAgain(): void {
    this.#sent = this.#backlog.first - 1;
    this.#ends.length = 0;
  }

  #push(item: RecordItem | MarkerItem, now: Instant): number | undefined {
    const sequence = this.#backlog.push(item);
    if (sequence === undefined || !this.#open) return sequence;
    if (!this.#isBulk) this.#isAwaited = true;
    if (sequence - this.#sent >= this.#config.batchRecords) {
      this.flush(now);
    } else {
      const delayMs = this.#mayLeave && !this.#isBulk ? 0 : this.#config.batchDelayMs;
      this.#flushAt = Math.min(this.#flushAt, now + delayMs);
    }
    return sequence;
  }

  #sendBatch(): void {
    const { instance, batchRecords, batchOctets } = this.#config;
    const firstSequence = this.#sent + 1;
    const records: StreamRecord[] = [];
    let octets = 0;
    while (this.#sent + 1 < this.#backlog.next && records.length < batchRecords) {
      const item = this.#backlog.at(this.#sent + 1);
      if ('marker' in item || (octets + item.octets > batchOctets && records.length > 0)) break;
      item.kind.sent += 1;
      octets += item.octets;
      records.push(item.record);
      this.#sent += 1;
    }
    this.#send({ kind: 'streamBatch', instance, epoch: this.#epoch, firstSequence, records });
    this.#ends.push(this.#sent);
  }
}
