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
  /** Removes what the fast path has and no session manager; returns how much that was. Asked for once each has all its sessions. */
  removeStale(): number;
  ended(audit: ForwardingAudit): void;
  failed(error: unknown): void;
}

/** Has audits of the forwarding made, now and again. */
export interface ForwardingAudits {
  /** The last one; undefined before the first. */
  readonly last: ForwardingAudit | undefined;
  /** Has one begin so often, unless one is under way. */
  every(intervalMs: number): void;
  /** Resolves at the end of one that begins now, or as soon as another has ended. */
  now(): Promise<ForwardingAudit>;
  stop(): void;
}

/** Sessions compared in one slice: a third of a millisecond of work. */
const sessionsPerSlice = 128;
/** Packets are served in between. An audit that somebody waits for pauses no longer than it takes to look for them. */
const pauseMs = 1;

/**
 * Compares what is forwarded with what the sessions say, all the way down: sessions with the entries of the flow tables, those
 * with the tables of the fast path, and these with the kernel's maps; and repairs what differs. In slices, so that packets do not
 * wait for it.
 */
export class ForwardingAuditor implements ForwardingAudits {
  last: ForwardingAudit | undefined;
  readonly #forwarding: AuditedForwarding;
  #run: Generator<undefined, ForwardingAudit> | undefined;
  #waiting: { resolve(audit: ForwardingAudit): void; reject(error: unknown): void }[] = [];
  #interval: NodeJS.Timeout | undefined;

  constructor(forwarding: AuditedForwarding) {
    this.#forwarding = forwarding;
  }

  every(intervalMs: number): void {
    this.#interval = setInterval(() => this.#begin(), intervalMs);
    this.#interval.unref();
  }

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
  // Records of a standby may be on their way still.
  const surplus = forwarding.managers().every(({ flows }) => flows.isWhole) ? forwarding.removeStale() : 0;
  const { sessions: wrongSessions, ids: wrongIds, macs: wrongMacs } = yield* forwarding.slices();
  const endedAt = now();
  return {
    ...{ endedAt, tookMs: endedAt - begunAt, sessions, wrongEntries },
    ...{ surplus, wrongSessions, wrongIds, wrongMacs },
  };
}

/** Audits that are made in other threads, one at a time. */
export class RepeatedAudit implements ForwardingAudits {
  last: ForwardingAudit | undefined;
  readonly #audit: () => Promise<ForwardingAudit>;
  readonly #ended: (audit: ForwardingAudit) => void;
  #underWay: Promise<unknown> = Promise.resolve();
  #interval: NodeJS.Timeout | undefined;

  /** @param ended told each */
  constructor(audit: () => Promise<ForwardingAudit>, ended: (audit: ForwardingAudit) => void) {
    this.#audit = audit;
    this.#ended = ended;
  }

  every(intervalMs: number): void {
    this.#interval = setInterval(() => void this.now().catch(() => {}), intervalMs);
    this.#interval.unref();
  }

  now(): Promise<ForwardingAudit> {
    const audit = this.#underWay.then(async () => {
      const found = await this.#audit();
      this.last = found;
      this.#ended(found);
      return found;
    });
    this.#underWay = audit.catch(() => {});
    return audit;
  }

  stop(): void {
    clearInterval(this.#interval);
  }
}

/** Audits of several instances as one. */
export function mergedAudit(audits: readonly ForwardingAudit[]): ForwardingAudit {
  const sum = (of: (audit: ForwardingAudit) => number): number => audits.reduce((all, each) => all + of(each), 0);
  return {
    endedAt: Math.max(...audits.map(({ endedAt }) => endedAt)),
    tookMs: Math.max(...audits.map(({ tookMs }) => tookMs)),
    sessions: sum(({ sessions }) => sessions),
    wrongEntries: sum(({ wrongEntries }) => wrongEntries),
    surplus: sum(({ surplus }) => surplus),
    wrongSessions: sum(({ wrongSessions }) => wrongSessions),
    wrongIds: sum(({ wrongIds }) => wrongIds),
    wrongMacs: sum(({ wrongMacs }) => wrongMacs),
  };
}
