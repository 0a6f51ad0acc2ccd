import { DeadlineHeap } from '../../kernel/deadline-heap.ts';
import type { Instant } from '../../kernel/instant.ts';
import { never } from '../../kernel/instant.ts';
import { DeadlineLines } from './deadline-lines.ts';

/**
 * How a wait for the standby's acknowledgement ended. `timeout`: the commit limit has passed. `disconnected`: the
 * connection, or the stream that carried the record, has ended.
 */
export type CommitResult = 'acknowledged' | 'timeout' | 'disconnected';

export interface CommitWait {
  /** The session that was promised something; 0 for none. */
  readonly callId: number;
  readonly sequence: number;
  readonly deadline: Instant;
  readonly onResult: (result: CommitResult, now: Instant) => void;
}

/** What is said of a wait that ends without an acknowledgement. */
export type EndedWait = Pick<CommitWait, 'callId' | 'sequence'>;

/** A wait, and whether it has ended: then what it refers to is let go, wherever it still stands in line. */
class Waiting {
  readonly callId: number;
  readonly sequence: number;
  readonly deadline: Instant;
  #onResult: CommitWait['onResult'] | undefined;

  constructor({ callId, sequence, deadline, onResult }: CommitWait) {
    this.callId = callId;
    this.sequence = sequence;
    this.deadline = deadline;
    this.#onResult = onResult;
  }

  get isOver(): boolean {
    return this.#onResult === undefined;
  }

  end(result: CommitResult, now: Instant): void {
    const onResult = this.#onResult;
    this.#onResult = undefined;
    onResult?.(result, now);
  }
}

/** Output commit: who waits for which sequence, and until when. Each wait ends once, and exactly once. */
export class CommitWaits {
  #bySequence = new DeadlineHeap<Waiting>();
  #byDeadline = new DeadlineLines<Waiting>();
  #count = 0;
  /** How waits have ended, since the start. */
  readonly counts: Record<CommitResult, number> = { acknowledged: 0, timeout: 0, disconnected: 0 };

  get size(): number {
    return this.#count;
  }

  add(wait: CommitWait): void {
    const waiting = new Waiting(wait);
    this.#bySequence.push(waiting.sequence, waiting);
    this.#byDeadline.push(waiting);
    this.#count += 1;
  }

  /**
   * Ends the waits for what is acknowledged.
   *
   * @param heldFrom the sequence from which on the standby holds the session: more than `sequence` after a refusal,
   *   `never` while no full checkpoint has followed it
   */
  acknowledged(sequence: number, heldFrom: (callId: number) => number, now: Instant): void {
    for (let due = this.#bySequence.popDue(sequence); due !== undefined; due = this.#bySequence.popDue(sequence)) {
      const waiting = due.key;
      if (waiting.isOver) continue;
      const from = heldFrom(waiting.callId);
      if (from > sequence) this.#bySequence.push(from, waiting);
      else this.#end(waiting, 'acknowledged', now);
    }
  }

  /** Ends the waits of which the time is over at `deadline`, telling of each before its own `onResult` runs. */
  timeOut(deadline: Instant, now: Instant, onTimeout: (wait: EndedWait) => void): void {
    for (let due = this.#byDeadline.popDue(deadline); due !== undefined; due = this.#byDeadline.popDue(deadline)) {
      onTimeout(due);
      this.#end(due, 'timeout', now);
    }
  }

  /** Ends all waits. */
  disconnected(now: Instant, onEach: (wait: EndedWait) => void): void {
    const waits = this.#byDeadline;
    this.#byDeadline = new DeadlineLines();
    this.#bySequence = new DeadlineHeap();
    for (let due = waits.popDue(never); due !== undefined; due = waits.popDue(never)) {
      onEach(due);
      this.#end(due, 'disconnected', now);
    }
  }

  nextDeadline(): Instant {
    return this.#byDeadline.peek();
  }

  #end(waiting: Waiting, result: CommitResult, now: Instant): void {
    this.#count -= 1;
    this.counts[result] += 1;
    waiting.end(result, now);
  }
}

/** Sessions of which more was promised than the standby has acknowledged. */
export class UnprotectedSessions {
  /** The sequence that will protect the session; `never` if no such record is on its way. */
  readonly #sequences = new Map<number, number>();
  #bySequence = new DeadlineHeap<number>();

  get size(): number {
    return this.#sequences.size;
  }

  /** The session is unprotected until the standby has acknowledged this sequence. */
  add(callId: number, sequence: number): void {
    const known = this.#sequences.get(callId);
    if (known !== undefined && known >= sequence) return;
    this.#sequences.set(callId, sequence);
    this.#bySequence.push(sequence, callId);
  }

  /** A full checkpoint of the session has been given this sequence. */
  covered(callId: number, sequence: number): void {
    if (!this.#sequences.has(callId)) return;
    this.#sequences.set(callId, sequence);
    this.#bySequence.push(sequence, callId);
  }

  /** The standby has acknowledged the stream up to this sequence. */
  acknowledged(sequence: number): void {
    for (let due = this.#bySequence.popDue(sequence); due !== undefined; due = this.#bySequence.popDue(sequence)) {
      if (this.#sequences.get(due.key) === due.at) this.#sequences.delete(due.key);
    }
  }

  /** The record of the session was refused, or the session has ended (`forget`). */
  refused(callId: number): void {
    if (this.#sequences.has(callId)) this.#sequences.set(callId, never);
  }

  forget(callId: number): void {
    this.#sequences.delete(callId);
  }

  /** Nothing that was on its way will arrive. */
  streamLost(): void {
    this.#bySequence = new DeadlineHeap();
    for (const callId of this.#sequences.keys()) this.#sequences.set(callId, never);
  }
}
