import { DeadlineHeap } from '../../kernel/deadline-heap.ts';
import { type Instant, never } from '../../kernel/instant.ts';

export interface NackBudgetConfig {
  /** How long after a full checkpoint the same session may have the next one for a NACK. Doubles each time. */
  readonly backOffMs: number;
  readonly backOffMaxMs: number;
  /** Full checkpoints for NACKs, of all sessions together. */
  readonly fullsPerSecond: number;
  /** So many of them at once. */
  readonly burst: number;
}

export const nackBudgetDefaults: NackBudgetConfig = {
  backOffMs: 1000,
  backOffMaxMs: 60_000,
  fullsPerSecond: 1000,
  burst: 1000,
};

/**
 * - `send`: the session's full checkpoint leaves now
 * - `deferred`: later, see `takeDue`
 * - `suppressed`: one is waiting to leave already
 * - `disabled`: NACKs of this CMD-ID are not answered
 */
export type NackVerdict = 'send' | 'deferred' | 'suppressed' | 'disabled';

interface BackedOff {
  /** Not before this moment. */
  notBefore: Instant;
  backOffMs: number;
  waits: boolean;
}

/**
 * Decides when a NACK is answered by the session's full checkpoint. A micro-checkpoint that can never be applied is
 * refused each time it comes: without a limit each refusal would cost a full checkpoint, and many sessions a storm. None
 * is forgotten: what may not leave now leaves when back-off and budget allow.
 */
export class NackBudget {
  readonly #config: NackBudgetConfig;
  readonly #sessions = new Map<number, BackedOff>();
  readonly #deadlines = new DeadlineHeap<number>();
  readonly #disabled = new Set<number>();
  #tokens: number;
  #filledAt: Instant | undefined;
  /** What has become of NACKs, since the start. */
  readonly counts: Record<NackVerdict, number> = { send: 0, deferred: 0, suppressed: 0, disabled: 0 };

  constructor(config: NackBudgetConfig) {
    this.#config = config;
    this.#tokens = config.burst;
  }

  /** Judges a NACK of a session's checkpoint, and counts the verdict. */
  consider(callId: number, cmdId: number, now: Instant): NackVerdict {
    const verdict = this.#disabled.has(cmdId) ? 'disabled' : this.#judge(callId, now);
    this.counts[verdict] += 1;
    return verdict;
  }

  /** The next session whose deferred full checkpoint is to leave now; the caller sends it. */
  takeDue(now: Instant): number | undefined {
    while (this.#hasToken(now)) {
      const due = this.#deadlines.popDue(now);
      if (due === undefined) return undefined;
      const session = this.#sessions.get(due.key);
      if (session === undefined) continue;
      if (session.waits && session.notBefore <= now) {
        this.#grant(due.key, session, now);
        return due.key;
      }
      // A back-off that has passed twice without another NACK is over.
      if (!session.waits && now >= session.notBefore + session.backOffMs) this.#sessions.delete(due.key);
    }
    return undefined;
  }

  nextDeadline(): Instant {
    const next = this.#deadlines.peek();
    if (next === never || this.#tokens >= 1) return next;
    return Math.max(next, (this.#filledAt ?? next) + ((1 - this.#tokens) * 1000) / this.#config.fullsPerSecond);
  }

  /** The session has ended: nothing of it waits any more. */
  forget(callId: number): void {
    this.#sessions.delete(callId);
  }

  /** Whether NACKs of a CMD-ID are answered (`srp disable|enable nack micro-chkpt-cmd ID`). */
  setEnabled(cmdId: number, enabled: boolean): void {
    if (enabled) this.#disabled.delete(cmdId);
    else this.#disabled.add(cmdId);
  }

  disabledCmdIds(): number[] {
    return [...this.#disabled].sort((a, b) => a - b);
  }

  #judge(callId: number, now: Instant): NackVerdict {
    let session = this.#sessions.get(callId);
    if (session?.waits) return 'suppressed';
    if (session === undefined) {
      session = { notBefore: now, backOffMs: this.#config.backOffMs, waits: false };
      this.#sessions.set(callId, session);
    }
    if (now >= session.notBefore && this.#hasToken(now)) {
      this.#grant(callId, session, now);
      return 'send';
    }
    session.waits = true;
    this.#deadlines.push(Math.max(now, session.notBefore), callId);
    return 'deferred';
  }

  #grant(callId: number, session: BackedOff, now: Instant): void {
    this.#tokens -= 1;
    session.waits = false;
    session.notBefore = now + session.backOffMs;
    session.backOffMs = Math.min(session.backOffMs * 2, this.#config.backOffMaxMs);
    this.#deadlines.push(session.notBefore + session.backOffMs, callId);
  }

  #hasToken(now: Instant): boolean {
    const { burst, fullsPerSecond } = this.#config;
    const elapsedMs = now - (this.#filledAt ?? now);
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * fullsPerSecond) / 1000);
    this.#filledAt = now;
    // What rounding leaves missing must not cost another turn.
    return this.#tokens > 0.999999;
  }
}
