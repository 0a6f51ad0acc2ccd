import type { Instant } from '../../kernel/instant.ts';
import { LatencyHistogram } from '../../kernel/latency-histogram.ts';
import type { NackReason } from '../../wire/srp/names.ts';
import { checkpointByAddress, confidentialCmdIds } from '../catalogue/catalogue.ts';
import type { CheckpointAddress } from '../catalogue/entry.ts';

const activeColumns = ['attempts', 'sent', 'acknowledged', 'failed', 'nacked'] as const;
const standbyColumns = ['received', 'applied', 'stale', 'alreadyGone', 'withheld'] as const;
type Column = (typeof activeColumns)[number] | (typeof standbyColumns)[number] | NackReason;

/**
 * What has become of the checkpoints of one kind.
 *
 * On the active: `attempts` (asked for by the service), `sent` (repeats included), `acknowledged` (taken by the
 * standby), `failed` (never sent, or lost with a stream), `nacked`. On the standby: `received`, `applied`, `stale`
 * (older than what it has), `alreadyGone` (delete of what is not there), those it refused by reason, and of these
 * `withheld` (refused without a NACK, because it is disabled).
 */
export type KindStatistics = CheckpointAddress & Record<Column, number>;

/** As an operator sees it. */
export interface KindView extends Readonly<KindStatistics> {
  /** The name in the catalogue; `CMD-ID 300/0` for one that a newer peer knows. */
  readonly name: string;
}

/** Kinds a chassis can tell apart: the catalogue has fewer than a hundred, and a peer must not fill the memory. */
const kindsMax = 512;

/** The statistics of one session manager's stream, by CMD-ID and name. */
export class CheckpointStatistics {
  /** From what caused a checkpoint to its acknowledgement. */
  readonly acknowledgementTimes = new LatencyHistogram();
  readonly #kinds = new Map<number, KindStatistics>();
  readonly #beyond = newKind(0, 0xff);
  /** The kind that was asked for last: in a synchronisation it is always the same. */
  #last = this.#beyond;

  /** Where a checkpoint of this kind is counted: its row, or, for one that is confidential, where nobody sees it. */
  kind(cmdId: number, nameIndex: number): KindStatistics {
    if (this.#last.cmdId === cmdId && this.#last.nameIndex === nameIndex && this.#last !== this.#beyond)
      return this.#last;
    const kind = confidentialCmdIds.has(cmdId) ? this.#beyond : this.row(cmdId, nameIndex);
    this.#last = kind;
    return kind;
  }

  /** The kind's row, made when first met. Beyond 512 kinds all share one, which is not shown. */
  row(cmdId: number, nameIndex: number): KindStatistics {
    const key = kindNumber(cmdId, nameIndex);
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    if (this.#kinds.size >= kindsMax) return this.#beyond;
    const kind = newKind(cmdId, nameIndex);
    this.#kinds.set(key, kind);
    return kind;
  }

  /** Copies, by CMD-ID and name. */
  view(): KindView[] {
    return [...this.#kinds.entries()]
      .sort(([a], [b]) => a - b)
      .map(([, kind]) => {
        const { cmdId, nameIndex } = kind;
        return { ...kind, name: checkpointByAddress(cmdId, nameIndex)?.name ?? `CMD-ID ${cmdId}/${nameIndex}` };
      });
  }
}

/** One number for the key of a kind. Name indexes are small; CMD-IDs have 32 bits. */
export function kindNumber(cmdId: number, nameIndex: number): number {
  return cmdId * 0x10000 + Math.min(nameIndex, 0xffff);
}

function newKind(cmdId: number, nameIndex: number): KindStatistics {
  return {
    cmdId,
    nameIndex,
    attempts: 0,
    sent: 0,
    acknowledged: 0,
    failed: 0,
    nacked: 0,
    received: 0,
    applied: 0,
    stale: 0,
    alreadyGone: 0,
    withheld: 0,
    other: 0,
    'unknown-session': 0,
    'unknown-object': 0,
    'unresolved-name': 0,
    conflict: 0,
    malformed: 0,
    'unknown-command': 0,
    'no-resources': 0,
    'bound-alone': 0,
  };
}

/** A session's checkpoints of one sort; a time is `neverYet` until there was one. */
export interface CheckpointTally {
  readonly attempts: number;
  readonly successes: number;
  readonly lastAttemptAt: Instant;
  readonly lastSuccessAt: Instant;
}

/** A comparison of the digests of both chassis that has come to its end. */
export interface AuditResult {
  readonly at: Instant;
  /** Buckets that were not the same: each is sent whole. */
  readonly bucketsDiffered: number;
}

/** The time of what has not happened yet. */
export const neverYet: Instant = Number.NEGATIVE_INFINITY;

/** A tally as an operator sees it: ages in milliseconds, undefined where there was none yet. */
export interface CheckpointTallyView {
  readonly attempts: number;
  readonly successes: number;
  readonly lastAttemptAgeMs: number | undefined;
  readonly lastSuccessAgeMs: number | undefined;
}

/** The "Full" and "Micro" lines of a session's redundancy status. */
export interface SessionCheckpoints {
  readonly full: CheckpointTallyView;
  readonly micro: CheckpointTallyView;
}

/** A tally with its times as ages at `now`. */
export function tallyView(tally: CheckpointTally, now: Instant): CheckpointTallyView {
  const age = (at: Instant) => (at === neverYet ? undefined : now - at);
  return {
    attempts: tally.attempts,
    successes: tally.successes,
    lastAttemptAgeMs: age(tally.lastAttemptAt),
    lastSuccessAgeMs: age(tally.lastSuccessAt),
  };
}
