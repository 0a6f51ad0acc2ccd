import type { RecoveryBatch, StoredSession } from '../../sessmgr/recovery/recovery-store.ts';

/** What is wrong with the store: the file itself, the release that wrote it, whoever else has it open, or the disk. */
export type StoreTrouble = 'corrupt' | 'foreign' | 'later' | 'locked' | 'full' | 'read-only' | 'io-error' | 'fault';

export interface StoreFailure {
  readonly trouble: StoreTrouble;
  /** As the operating system or SQLite says it. */
  readonly text: string;
}

/** A file that was not the store of this chassis, or could not be read to its end, and where it is kept now. */
export interface SetAside extends StoreFailure {
  readonly path: string;
}

/** What a store held when it was opened. */
export interface StoreContent {
  readonly counters: readonly (readonly [name: string, value: number])[];
  /** Rows whose payload is not what was written. */
  readonly damagedRows: readonly number[];
  /** Whether whoever wrote it last ended in good order. */
  readonly wasClean: boolean;
  /** Then nothing is in the store any more: what could be read is to be written again. */
  readonly setAside: SetAside | undefined;
}

/** What the thread of the store is started with. */
export interface StoreThreadData {
  readonly path: string;
  readonly chassisName: string;
}

/** The sessions of one session manager instance: those whose identifiers say so, but for exceptions. */
export interface RowsOf {
  readonly index: number;
  readonly count: number;
  /** Identifiers of other instances that say this one, and of this one that say another. */
  readonly without: readonly number[];
  readonly also: readonly number[];
}

/** To the thread that has the store; done in this order. */
export type ToStoreThread =
  | { readonly kind: 'write'; readonly batch: RecoveryBatch }
  /** Tells the rows, and then that it has. */
  | { readonly kind: 'read'; readonly of: RowsOf }
  /** Marks the end as one in good order, and ends. */
  | { readonly kind: 'finish' };

/** From the thread that has the store. */
export type FromStoreThread =
  /** Some of the rows, in any number of messages. */
  | { readonly kind: 'rows'; readonly rows: readonly StoredSession[] }
  | { readonly kind: 'opened'; readonly content: StoreContent }
  /** Done: a batch, or what was to be read. */
  | { readonly kind: 'written' }
  /** Of opening, writing or finishing; a batch that was not written has not changed anything. */
  | { readonly kind: 'failed'; readonly failure: StoreFailure }
  | { readonly kind: 'finished' };
