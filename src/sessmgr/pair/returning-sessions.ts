import type { ReceiverMessage } from '../../icsr/replication/replication-receiver.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import type { ActiveSessions } from './active-sessions.ts';

type Opening = Extract<ReceiverMessage, { kind: 'streamOpen' }>;

/**
 * The way back of a stream: an instance that serves and has lost its sessions is sent those of its equal, the standby, which
 * has recorded everything that was promised.
 */
export class ReturningSessions {
  readonly #next: ActiveSessions;
  /** Not answered yet: there are records still that no session follows. */
  #asked: Opening | undefined;
  #isGiving = false;

  /** @param next has the sessions that follow the records */
  constructor(next: ActiveSessions) {
    this.#next = next;
  }

  /** What the equal says. */
  receive(message: ReceiverMessage, now: Instant): void {
    if (message.kind === 'streamOpen') {
      this.stop(now);
      if (message.refill) this.#asked = message;
    } else if (this.#isGiving) {
      this.#next.sender.receive(message, now);
      if (this.#next.sender.isSynchronised) this.stop(now);
    }
  }

  /** @param isWhole whether there is a session for each record */
  advance(isWhole: boolean, now: Instant): void {
    if (this.#asked !== undefined && isWhole) {
      this.#next.connected(now);
      this.#next.sender.receive(this.#asked, now);
      this.#asked = undefined;
      this.#isGiving = true;
    }
    if (this.#isGiving) this.#next.sender.advance(now);
  }

  nextDeadline(isWhole: boolean): Instant {
    if (this.#asked !== undefined && isWhole) return Number.NEGATIVE_INFINITY;
    return this.#isGiving ? this.#next.sender.nextDeadline() : never;
  }

  /** The connection is gone, or the equal has all that there is, and sends records again. */
  stop(now: Instant): void {
    this.#asked = undefined;
    if (this.#isGiving) this.#next.disconnected(now);
    this.#isGiving = false;
  }
}
