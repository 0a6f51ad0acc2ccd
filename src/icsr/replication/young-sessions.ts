import { DeadlineHeap } from '../../kernel/deadline-heap.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { SessionRow, SessionTable } from './session-table.ts';

/** Which sessions are younger than the minimum age, so that nothing is said of them yet. */
export class YoungSessions {
  readonly #sessions: SessionTable;
  readonly #minimumAgeMs: number;
  /** By call ID, each due when its session comes of age. */
  readonly #waiting = new DeadlineHeap<number>();

  constructor(sessions: SessionTable, minimumAgeMs: number) {
    this.#sessions = sessions;
    this.#minimumAgeMs = minimumAgeMs;
  }

  has(session: SessionRow, now: Instant): boolean {
    return now < this.#sessions.since(session) + this.#minimumAgeMs;
  }

  /** The session is there since then, and is to be taken when it comes of age. */
  await(callId: number, since: Instant): void {
    if (this.#minimumAgeMs > 0) this.#waiting.push(since + this.#minimumAgeMs, callId);
  }

  /** The call ID of one that has come of age, which may have ended meanwhile; undefined if there is none. */
  takeDue(now: Instant): number | undefined {
    return this.#waiting.popDue(now)?.key;
  }

  nextDeadline(): Instant {
    return this.#waiting.peek();
  }
}
