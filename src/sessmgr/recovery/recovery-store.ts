import type { WallClock } from '../../kernel/instant.ts';

/** A session as it is written: a full checkpoint, whose remaining times count from when the batch was made. */
export interface WrittenSession {
  readonly callId: number;
  /** Of the checkpoint; rises with every one of the session. */
  readonly revision: number;
  readonly payload: Uint8Array;
}

/** What a UE has used since its session began. */
export interface WrittenUsage {
  readonly callId: number;
  readonly uplinkPackets: number;
  readonly uplinkOctets: number;
  readonly downlinkPackets: number;
  readonly downlinkOctets: number;
  /** When a packet was last forwarded; undefined if none ever was. */
  readonly lastActivityAt: WallClock | undefined;
}

/**
 * What has changed, to be written whole or not at all, and after every batch before it: first the sessions that are over,
 * with what they have used, then the others. Writing it again changes nothing.
 */
export interface RecoveryBatch {
  readonly writtenAt: WallClock;
  readonly over: readonly number[];
  readonly sessions: readonly WrittenSession[];
  readonly usage: readonly WrittenUsage[];
  readonly counters: readonly (readonly [name: string, value: number])[];
}

/** Where call recovery records outlive the process. */
export interface RecoveryStore {
  /** False while it has as many batches to write as it takes: what has changed stays marked meanwhile. */
  readonly isReady: boolean;
  /** Takes a batch, even when not ready. Never fails: what cannot be written is tried again. */
  write(batch: RecoveryBatch): void;
}

/** A row of the store: a session as it was written last, and what its UE had used by then. */
export interface StoredSession extends WrittenSession {
  readonly writtenAt: WallClock;
  readonly usage: Omit<WrittenUsage, 'callId'> | undefined;
}
