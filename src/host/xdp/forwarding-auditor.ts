import type { ForwardingAudit } from '../../operations/views/forwarding-reader.ts';
import { forwardingEntryOf } from '../../services/samog/session/forwarding-entry.ts';
import { sessionId } from '../../services/samog/session/state.ts';
import type { SessionManager } from '../../sessmgr/session-manager.ts';
import { now } from '../clock.ts';
import type { FastPathAudit } from './fast-path-audit.ts';

export interface AuditedForwarding {
  managers(): readonly SessionManager[];
  /** The comparison of the kernel's maps with the tables. */
  slices(): Generator<undefined, FastPathAudit>;
  /** Removes what the fast path has and no session manager; returns how much that was. */
  removeStale(): number;
  ended(audit: ForwardingAudit): void;
  failed(error: unknown): void;
}

/** Sessions compared in one slice: about half a millisecond of work. */
const sessionsPerSlice = 200;
/** Packets are served in between. An audit that somebody waits for pauses no longer than it takes to look for them. */
const pauseMs = 5;

/**
 * Compares what is forwarded with what the sessions say, all the way down: sessions with the entries of the flow tables, those
 * with the tables of the fast path, and these with the kernel's maps; and repairs what differs. In slices, so that packets do not
 * wait for it.
 */
export class ForwardingAuditor {
  last: ForwardingAudit | undefined;
  readonly #forwarding: AuditedForwarding;
  #run: Generator<undefined, ForwardingAudit> | undefined;
  #waiting: { resolve(audit: ForwardingAudit): void; reject(error: unknown): void }[] = [];
  #interval: NodeJS.Timeout | undefined;

  constructor(forwarding: AuditedForwarding) {
    this.#forwarding = forwarding;
  }

  /** Has an audit begin so often, unless one is under way. */
  every(intervalMs: number): void {
    this.#interval = setInterval(() => this.#begin(), intervalMs);
    this.#interval.unref();
  }

  /** Resolves at the end of an audit that begins now. One that is under way ends before it. */
  now(): Promise<ForwardingAudit> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#run === undefined) this.#waiting.push(waiter);
      else {
        const again = (): void => {
          this.now().then(resolve, reject);
        };
        this.#waiting.push({ resolve: again, reject: again });
      }
      this.#begin();
    });
  }

  stop(): void {
    clearInterval(this.#interval);
    this.#run = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the gateway is stopping'));
  }

  #begin(): void {
    if (this.#run !== undefined) return;
    this.#run = auditAll(this.#forwarding);
    this.#step();
  }

  #step(): void {
    const run = this.#run;
    if (run === undefined) return;
    try {
      const { done, value } = run.next();
      if (!done) {
        if (this.#waiting.length > 0) setImmediate(() => this.#step());
        else setTimeout(() => this.#step(), pauseMs).unref();
        return;
      }
      this.#run = undefined;
      this.last = value;
      this.#forwarding.ended(value);
      for (const { resolve } of this.#waiting.splice(0)) resolve(value);
    } catch (error) {
      this.#run = undefined;
      this.#forwarding.failed(error);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    }
  }
}

function* auditAll(forwarding: AuditedForwarding): Generator<undefined, ForwardingAudit> {
  const begunAt = now();
  let sessions = 0;
  let wrongEntries = 0;
  for (const { registry, flows, accessLists } of forwarding.managers()) {
    for (const { session } of registry.sessions()) {
      const entry = forwardingEntryOf(session, accessLists);
      const id = sessionId(session);
      sessions += 1;
      if (entry !== undefined) wrongEntries += flows.ensure(entry) ? 0 : 1;
      else if (flows.readBack(id) !== undefined) {
        flows.remove(id);
        wrongEntries += 1;
      }
      if (sessions % sessionsPerSlice === 0) yield;
    }
  }
  const surplus = forwarding.removeStale();
  const { sessions: wrongSessions, ids: wrongIds, macs: wrongMacs } = yield* forwarding.slices();
  const endedAt = now();
  return {
    ...{ endedAt, tookMs: endedAt - begunAt, sessions, wrongEntries },
    ...{ surplus, wrongSessions, wrongIds, wrongMacs },
  };
}
