import type { WallClock } from '../../kernel/instant.ts';
import type { RecoveryWriterStatistics } from './recovery-writer.ts';

/** What a start found in the store, as plain data. */
export interface RecoveredAtStart {
  readonly sessions: number;
  /** Rows refused, by reason (`RowRefusal`). */
  readonly refused: Readonly<Record<string, number>>;
  readonly tookMs: number;
  /** Whether the run before ended in good order. */
  readonly wasClean: boolean;
}

/** The local call recovery store as an operator sees it, as plain data. */
export interface RecoveryStatus {
  readonly directory: string;
  readonly restartCounter: number | undefined;
  readonly term: number;
  /** Undefined until what the store held has been taken, or left. */
  readonly recovered: RecoveredAtStart | undefined;
  readonly writer: RecoveryWriterStatistics;
  readonly store: {
    /** Batches that were taken and are not written yet. */
    readonly outstanding: number;
    readonly batchesWritten: number;
    /** When a batch was written last. */
    readonly lastWrittenAt: WallClock | undefined;
    readonly failures: number;
    /** Why nothing is written at present, by kind and as the system says it. */
    readonly failing: { readonly trouble: string; readonly text: string } | undefined;
  };
  /** How often the session manager was restarted after faults, and refilled. */
  readonly managerRestarts: number;
}
