import type { Instant } from '../../kernel/instant.ts';

export const exportFormats = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** `gone`: whoever asked for it has closed the connection, or reads no more. `failed`: the gateway could not go on. */
export const exportStates = ['running', 'done', 'cancelled', 'gone', 'failed'] as const;
export type ExportState = (typeof exportStates)[number];

/** How many may be under way at a time: each takes its share of the thread that serves operators. */
export const exportsMax = 2;

/** An export, and how far it is. */
export interface ExportRun {
  /** Counted from 1 since the start. */
  readonly number: number;
  readonly who: string;
  readonly state: ExportState;
  readonly format: ExportFormat;
  /** As in `ExportWish`. */
  readonly which: Readonly<Record<string, string>>;
  /** Sessions that have been looked at. */
  readonly looked: number;
  /** Sessions there were when it began. */
  readonly total: number;
  readonly rows: number;
  readonly octets: number;
  readonly begunAt: Instant;
  /** Undefined while it is under way. */
  readonly endedAt: Instant | undefined;
}
