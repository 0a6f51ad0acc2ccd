import { NumberTable } from '../../icsr/replication/number-table.ts';
import { NumberIndex } from '../../kernel/number-index.ts';

/** Names a session until it is deleted; another one may have the row afterwards. */
export type ToldRow = number;

const columns = {
  /** Of its newest checkpoint, and of its newest full one. */
  revision: 0,
  baseRevision: 1,
  /** Where the newest change stands in the stream, and in which epoch; 0 if it is not on its way. */
  sequence: 2,
  epoch: 3,
  /** When Idle-Timeout was told last. */
  idleToldAt: 4,
} as const;

/** How far the checkpoints of each session have come. All is 0 of a session that nobody was told of. */
export class ToldSessions {
  readonly #rows = new NumberIndex();
  readonly #told = new NumberTable(Object.keys(columns).length);

  /** So many will come. */
  reserve(sessions: number): void {
    this.#rows.reserve(sessions);
  }

  /** Undefined for a session of which nobody has been told. */
  find(callId: number): ToldRow | undefined {
    const row = this.#rows.get(callId);
    return row < 0 ? undefined : row;
  }

  /** The row of a session; a new one, all 0, if it has none. */
  obtain(callId: number): ToldRow {
    const known = this.#rows.get(callId);
    if (known >= 0) return known;
    const row = this.#told.allocate();
    this.#rows.set(callId, row);
    return row;
  }

  delete(callId: number): void {
    const row = this.#rows.get(callId);
    if (row < 0) return;
    this.#rows.delete(callId);
    this.#told.free(row);
  }

  get(row: ToldRow, what: keyof typeof columns): number {
    return this.#told.get(row, columns[what]);
  }

  set(row: ToldRow, what: keyof typeof columns, value: number): void {
    this.#told.set(row, columns[what], value);
  }
}
