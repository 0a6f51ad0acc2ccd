import type { SessionUsage } from '../../forwarding/accelerator.ts';
import { type Instant, never, type WallClock } from '../../kernel/instant.ts';
import { NumberMap } from '../../kernel/number-map.ts';
import type { Timed } from '../../kernel/port.ts';
import { encodeFull } from '../../services/samog/checkpoints/full-checkpoint.ts';
import { isSaved, savedOf } from '../../services/samog/checkpoints/saved-session.ts';
import { type Session, sessionId } from '../../services/samog/session/state.ts';
import type { ManagerReader } from '../manager-reader.ts';
import type { SessionObserver } from '../session-observer.ts';
import type { RecoveryBatch, RecoveryStore, WrittenSession, WrittenUsage } from './recovery-store.ts';
import { countersOf } from './service-counters.ts';

/** In milliseconds. */
export interface RecoveryWriterOptions {
  /** What has changed in a session is written so long after. */
  readonly flushIntervalMs: number;
  /** What UEs have used, and the counters, are written so often. */
  readonly accountingIntervalMs: number;
}

/** The session managers whose sessions are kept, as one; without counters where somebody else keeps them. */
export type KeptManager = Pick<ManagerReader, 'registry' | 'flows'> &
  Partial<Pick<ManagerReader, 'counters' | 'forwardingCounters'>>;

export interface RecoveryWriterStatistics {
  /** Sessions that the store has, or is about to have. */
  readonly sessions: number;
  /** Sessions that have changed since they were written, and those over that the store still has. */
  readonly waiting: number;
  readonly batches: number;
  readonly sessionsWritten: number;
  readonly usageWritten: number;
  /** Bugs of ours met in making a checkpoint: what the store had of the session stays. */
  readonly unwritable: number;
  /** When the last batch was handed over. */
  readonly lastBatchAt: WallClock | undefined;
}

/** A session as far as the store has it. */
interface Kept {
  revision: number;
  /** That its usage there counts; not a number until `attach` has seen what was recovered. */
  packets: number;
}

/** Sessions in one batch: packets, and what the peer waits for, wait for about a millisecond of it. */
const sliceMax = 100;
/** Where there are more, the next batch follows so soon: 33,000 sessions a second. */
const sliceGapMs = 3;
/** What UEs have used is looked at a hundredth of the flow table at a time. */
const accountingTicks = 100;

/**
 * Follows the sessions of a session manager and hands what has changed to a store, as full checkpoints: often, but however
 * often a session changes meanwhile it is written once. Sessions in setup are not kept (`SavedSession` says why).
 */
export class RecoveryWriter implements SessionObserver, Timed {
  readonly #options: RecoveryWriterOptions;
  readonly #store: RecoveryStore;
  readonly #wallClock: () => WallClock;
  readonly #kept = new NumberMap<Kept>();
  readonly #changed = new Set<number>();
  readonly #over = new Set<number>();
  readonly #countersWritten = new Map<string, number>();
  readonly #statistics = { batches: 0, sessionsWritten: 0, usageWritten: 0, unwritable: 0 };
  #lastBatchAt: WallClock | undefined;
  #manager: KeptManager | undefined;
  #flushAt: Instant = never;
  #accountAt: Instant = never;
  #ticksLeft = 0;
  /** Where in the flow table the walk has come to. */
  #usageFrom = 0;

  constructor(options: RecoveryWriterOptions, store: RecoveryStore, wallClock: () => WallClock) {
    this.#options = options;
    this.#store = store;
    this.#wallClock = wallClock;
  }

  /** Keeps the sessions of this session manager from now on. What the store has beside them is deleted. */
  attach(manager: KeptManager, now: Instant): void {
    this.#manager = manager;
    this.#usageFrom = 0;
    this.#ticksLeft = 0;
    this.#accountAt = now + this.#tickMs;
    for (const { session } of manager.registry.sessions()) {
      const id = sessionId(session);
      const kept = this.#kept.get(id);
      if (kept === undefined) {
        if (isSaved(session)) this.#changed.add(id);
      } else if (Number.isNaN(kept.packets)) kept.packets = packetsOf(manager.flows.usage(id));
    }
    for (const [id] of this.#kept.entries()) if (!manager.registry.hasId(id)) this.#forget(id);
    this.#wake(now);
  }

  /** To be called for every row of the store, before `attach`. */
  has(callId: number, revision: number): void {
    this.#kept.set(callId, { revision, packets: Number.NaN });
  }

  /** The store has lost everything: all is written again. */
  emptied(now: Instant): void {
    this.#over.clear();
    this.#countersWritten.clear();
    for (const [id] of this.#kept.entries()) this.#changed.add(id);
    this.#wake(now);
  }

  changed(before: Session | undefined, after: Session | undefined, now: Instant): void {
    const id = sessionId((after ?? before)!);
    if (after !== undefined && isSaved(after)) this.#changed.add(id);
    else if (before !== undefined && isSaved(before)) this.#forget(id);
    else return;
    this.#wake(now);
  }

  advance(now: Instant): void {
    if (now >= this.#accountAt) this.#account(now);
    if (now >= this.#flushAt) this.#flush(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#flushAt, this.#accountAt);
  }

  /** Writes all that is not written yet, in as many batches as it takes: before the process ends. */
  finish(now: Instant): void {
    while (this.#waiting > 0) this.#write(this.#nextSlice(now));
    this.#flushAt = never;
    this.#accountAt = never;
    this.#usageFrom = 0;
    const usage = this.#usedIn(this.#manager?.flows.slots ?? 0, now);
    this.#write({ usage, counters: this.#newCounters() });
  }

  statistics(): RecoveryWriterStatistics {
    return {
      ...this.#statistics,
      sessions: this.#kept.size,
      waiting: this.#waiting,
      lastBatchAt: this.#lastBatchAt,
    };
  }

  get #waiting(): number {
    return this.#changed.size + this.#over.size;
  }

  get #tickMs(): number {
    return this.#options.accountingIntervalMs / accountingTicks;
  }

  #wake(now: Instant): void {
    this.#accountAt = Math.min(this.#accountAt, now + this.#tickMs);
    if (this.#flushAt === never && this.#waiting > 0) this.#flushAt = now + this.#options.flushIntervalMs;
  }

  #forget(id: number): void {
    this.#changed.delete(id);
    if (!this.#kept.has(id)) return;
    this.#kept.delete(id);
    this.#over.add(id);
  }

  #flush(now: Instant): void {
    if (!this.#store.isReady) {
      this.#flushAt = now + this.#options.flushIntervalMs;
      return;
    }
    this.#write(this.#nextSlice(now));
    this.#flushAt = this.#waiting > 0 ? now + sliceGapMs : never;
  }

  /** What waits longest. An identifier that is used anew must not lose its record: what is over goes first. */
  #nextSlice(now: Instant): Pick<RecoveryBatch, 'over' | 'sessions'> {
    const over = take(this.#over, sliceMax);
    const sessions: WrittenSession[] = [];
    for (const id of take(this.#changed, sliceMax - over.length)) {
      const written = this.#checkpointOf(id, now);
      if (written !== undefined) sessions.push(written);
    }
    this.#statistics.sessionsWritten += sessions.length;
    return { over, sessions };
  }

  #checkpointOf(callId: number, now: Instant): WrittenSession | undefined {
    const session = this.#manager?.registry.ofId(callId)?.session;
    if (session === undefined || !isSaved(session)) return undefined;
    const usage = this.#manager!.flows.usage(callId);
    const kept = this.#kept.get(callId) ?? { revision: 0, packets: 0 };
    try {
      const payload = encodeFull(savedOf(session, usage), kept.revision + 1, now);
      kept.revision += 1;
      kept.packets = packetsOf(usage);
      this.#kept.set(callId, kept);
      return { callId, revision: kept.revision, payload };
    } catch {
      this.#statistics.unwritable += 1;
      return undefined;
    }
  }

  #account(now: Instant): void {
    const { registry, flows } = this.#manager!;
    const { accountingIntervalMs } = this.#options;
    this.#accountAt = now + (registry.size === 0 ? accountingIntervalMs : this.#tickMs);
    if (!this.#store.isReady) return;
    const counters = this.#ticksLeft === 0 ? this.#newCounters() : [];
    this.#ticksLeft =
      this.#ticksLeft === 0 && registry.size > 0 ? accountingTicks - 1 : Math.max(this.#ticksLeft - 1, 0);
    this.#write({ usage: this.#usedIn(Math.ceil(flows.slots / accountingTicks), now), counters });
  }

  /** What UEs have used that the store does not have, in so many places of the flow table. */
  #usedIn(slots: number, now: Instant): WrittenUsage[] {
    const found: WrittenUsage[] = [];
    if (this.#manager === undefined) return found;
    this.#usageFrom = this.#manager.flows.visitUsed('store', this.#usageFrom, slots, (callId) => {
      const used = this.#usageOf(callId, now);
      if (used !== undefined) found.push(used);
    });
    return found;
  }

  /** What a UE has used, if the store has its session and not all of that: a session that is still to be written takes it along. */
  #usageOf(callId: number, now: Instant): WrittenUsage | undefined {
    const usage = this.#manager!.flows.usage(callId);
    const kept = this.#kept.get(callId);
    if (usage === undefined || kept === undefined) return undefined;
    const packets = packetsOf(usage);
    if (packets === kept.packets) return undefined;
    kept.packets = packets;
    this.#statistics.usageWritten += 1;
    const { lastActivity, ...used } = usage;
    const lastActivityAt = lastActivity === undefined ? undefined : this.#wallClock() - (now - lastActivity);
    return { callId, ...used, lastActivityAt };
  }

  #newCounters(): (readonly [string, number])[] {
    const { counters, forwardingCounters } = this.#manager ?? {};
    if (counters === undefined || forwardingCounters === undefined) return [];
    const fresh = [...countersOf({ counters, forwardingCounters })].filter(([name, value]) => {
      return value !== (this.#countersWritten.get(name) ?? 0);
    });
    for (const [name, value] of fresh) this.#countersWritten.set(name, value);
    return fresh;
  }

  #write({ over = [], sessions = [], usage = [], counters = [] }: Partial<RecoveryBatch>): void {
    if (over.length + sessions.length + usage.length + counters.length === 0) return;
    const writtenAt = this.#wallClock();
    this.#statistics.batches += 1;
    this.#lastBatchAt = writtenAt;
    this.#store.write({ writtenAt, over, sessions, usage, counters });
  }
}

function packetsOf(usage: SessionUsage | undefined): number {
  return usage === undefined ? 0 : usage.uplinkPackets + usage.downlinkPackets;
}

function take(from: Set<number>, max: number): number[] {
  const taken: number[] = [];
  for (const id of from) {
    if (taken.length >= max) break;
    from.delete(id);
    taken.push(id);
  }
  return taken;
}
