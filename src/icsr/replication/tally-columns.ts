import type { Instant } from '../../kernel/instant.ts';
import type { NumberTable } from './number-table.ts';
import { neverYet, type SessionCheckpoints, tallyView } from './statistics.ts';

/** Full or micro: what a session's checkpoints are counted by. */
export type CheckpointSort = 'full' | 'micro';

const offsets = { attempts: 0, successes: 1, lastAttemptAt: 2, lastSuccessAt: 3 } as const;
const tallyWidth = Object.keys(offsets).length;
/** Columns that both tallies take. */
export const talliesWidth = 2 * tallyWidth;

/** How the checkpoints of sessions have gone or come, in columns of a table that has a row for each session. */
export class TallyColumns {
  readonly #table: NumberTable;
  readonly #first: Readonly<Record<CheckpointSort, number>>;

  /** @param first the first of the columns */
  constructor(table: NumberTable, first: number) {
    this.#table = table;
    this.#first = { full: first, micro: first + tallyWidth };
  }

  /** Of a row that was just allocated. */
  begin(row: number): void {
    for (const at of [this.#first.full, this.#first.micro]) {
      this.#table.set(row, at + offsets.lastAttemptAt, neverYet);
      this.#table.set(row, at + offsets.lastSuccessAt, neverYet);
    }
  }

  attempted(row: number, sort: CheckpointSort, now: Instant): void {
    const at = this.#first[sort];
    this.#table.add(row, at + offsets.attempts, 1);
    this.#table.set(row, at + offsets.lastAttemptAt, now);
  }

  succeeded(row: number, sort: CheckpointSort, now: Instant): void {
    const at = this.#first[sort];
    this.#table.add(row, at + offsets.successes, 1);
    this.#table.set(row, at + offsets.lastSuccessAt, now);
  }

  view(row: number, now: Instant): SessionCheckpoints {
    return { full: this.#view(row, 'full', now), micro: this.#view(row, 'micro', now) };
  }

  #view(row: number, sort: CheckpointSort, now: Instant): SessionCheckpoints['full'] {
    const value = (offset: number) => this.#table.get(row, this.#first[sort] + offset);
    const tally = {
      attempts: value(offsets.attempts),
      successes: value(offsets.successes),
      lastAttemptAt: value(offsets.lastAttemptAt),
      lastSuccessAt: value(offsets.lastSuccessAt),
    };
    return tallyView(tally, now);
  }
}
