import { type Instant, never } from '../../kernel/instant.ts';
import {
  type CommitResult,
  type CommitWait,
  CommitWaits,
  type EndedWait,
  UnprotectedSessions,
} from './commit-waits.ts';

/** What is promised, and to which sessions more than the standby has acknowledged. */
export class OutputCommits {
  readonly #waits = new CommitWaits();
  readonly #unprotected = new UnprotectedSessions();
  readonly #heldFrom: (callId: number) => number | undefined;

  /** @param heldFrom from which sequence on the standby holds a session; undefined if there is no such session */
  constructor(heldFrom: (callId: number) => number | undefined) {
    this.#heldFrom = heldFrom;
  }

  /** Replies that wait for the standby. */
  get waiting(): number {
    return this.#waits.size;
  }

  get unprotectedSessions(): number {
    return this.#unprotected.size;
  }

  counts(): Readonly<Record<CommitResult, number>> {
    return { ...this.#waits.counts };
  }

  /** @param firstUnacknowledged undefined while nobody acknowledges */
  wait(wait: CommitWait, firstUnacknowledged: number | undefined): CommitResult | 'waiting' {
    const { callId, sequence } = wait;
    if (firstUnacknowledged === undefined || sequence === 0) {
      this.#unprotect(wait);
      this.#waits.counts.disconnected += 1;
      return 'disconnected';
    }
    if (Math.max(sequence, this.#heldFrom(callId) ?? 0) < firstUnacknowledged) {
      this.#waits.counts.acknowledged += 1;
      return 'acknowledged';
    }
    this.#waits.add(wait);
    return 'waiting';
  }

  acknowledged(sequence: number, now: Instant): void {
    this.#unprotected.acknowledged(sequence);
    this.#waits.acknowledged(sequence, (callId) => this.#heldFrom(callId) ?? 0, now);
  }

  advance(now: Instant): void {
    this.#waits.timeOut(now, now, (wait) => this.#unprotect(wait));
  }

  nextDeadline(): Instant {
    return this.#waits.nextDeadline();
  }

  /** Nothing waits any longer, as if its time were over. */
  giveUp(now: Instant): void {
    this.#waits.timeOut(never, now, (wait) => this.#unprotect(wait));
  }

  /** The connection has ended; what the stream carried may still be continued. */
  disconnected(now: Instant): void {
    this.#waits.disconnected(now, (wait) => this.#unprotect(wait));
  }

  /** Nothing that was on its way will arrive. */
  streamLost(): void {
    this.#unprotected.streamLost();
  }

  /** Another epoch begins: whoever waited for this one waits in vain. */
  epochOver(now: Instant): void {
    this.#waits.disconnected(now, ({ callId }) => this.#unprotect({ callId, sequence: 0 }));
  }

  /** A full checkpoint of the session has been given this sequence. */
  covered(callId: number, sequence: number): void {
    this.#unprotected.covered(callId, sequence);
  }

  /** The record of the session was refused. */
  refused(callId: number): void {
    this.#unprotected.refused(callId);
  }

  /** The session has ended. */
  forget(callId: number): void {
    this.#unprotected.forget(callId);
  }

  #unprotect({ callId, sequence }: EndedWait): void {
    const heldFrom = callId === 0 ? undefined : this.#heldFrom(callId);
    if (heldFrom === undefined) return;
    this.#unprotected.add(callId, sequence === 0 ? never : Math.max(sequence, heldFrom));
  }
}
