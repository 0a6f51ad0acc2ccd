import type { Instant } from '../kernel/instant.ts';
import type { StoppedAccount } from '../services/samog/accounting/stopped-accounts.ts';
import type { SessionEvent } from '../services/samog/session/event.ts';
import type { Session } from '../services/samog/session/state.ts';

/** Who follows the sessions of a session manager. */
export interface SessionObserver {
  /**
   * A session has taken a step that changed it. Its state and its forwarding entry are in place; what it sends has not
   * been sent yet, so that a checkpoint can go before the reply.
   * @param before undefined for a session that begins
   * @param after undefined for a session that is no more
   * @param event what the step was about; undefined for the first step, and where a fault gave the session up
   */
  changed(before: Session | undefined, after: Session | undefined, now: Instant, event: SessionEvent | undefined): void;
  /** What `SessionManager.restartCounters` returns has changed. */
  restartCountersChanged?(now: Instant): void;
  /** A WLC has stopped an account, or it has become known to be complete. */
  accountStopped?(account: StoppedAccount, now: Instant): void;
}
