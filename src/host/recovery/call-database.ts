import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Instant } from '../../kernel/instant.ts';
import { NumberIndex } from '../../kernel/number-index.ts';
import type { RecoveryBatch, StoredSession, WrittenUsage } from '../../sessmgr/recovery/recovery-store.ts';
import { now } from '../clock.ts';
import { prepare, replace, StoreError } from './call-tables.ts';
import type { RowsOf, StoreContent, StoreFailure, StoreTrouble } from './store-messages.ts';

/** Files kept aside for whoever looks for the fault; then the oldest gives way. */
const setAsideMax = 3;

/** What a loss of power may cost, as long as batches come. */
const synchroniseIntervalMs = 5000;

/**
 * The call recovery store: one SQLite file, held by one process at a time, readable by its owner alone because keys are in
 * it. Each batch is one transaction. In the write-ahead log with `synchronous = NORMAL` a batch that was written outlives
 * the process; after a loss of power the file is whole, but may lack the batches of the last seconds. Rows are numbered as they
 * come: identifiers of sessions are random, and by those each session would be written to another page.
 */
export class CallDatabase {
  readonly #db: DatabaseSync;
  #synchronisedAt: Instant = Number.NEGATIVE_INFINITY;
  readonly #statements: Readonly<Record<'dropSession' | 'dropUsage' | 'session' | 'usage' | 'counter', StatementSync>>;
  /** Which row each session has; one that comes has the next. */
  readonly #rows: NumberIndex;
  #nextRow: number;

  private constructor(db: DatabaseSync, rows = new NumberIndex(), nextRow = 1) {
    this.#db = db;
    this.#rows = rows;
    this.#nextRow = nextRow;
    this.#statements = {
      dropSession: db.prepare('DELETE FROM sessions WHERE row = ?'),
      dropUsage: db.prepare('DELETE FROM usage WHERE row = ?'),
      session: db.prepare(replace('sessions', 'row, call_id, revision, written_at, checksum, payload')),
      usage: db.prepare(
        replace(
          'usage',
          'row, uplink_packets, uplink_octets, downlink_packets, downlink_octets, last_activity_at, written_at',
        ),
      ),
      counter: db.prepare(replace('counters', 'name, value')),
    };
  }

  /**
   * Opens the store, or begins one, and reads all of it. What is not the store of this chassis, or cannot be read to its
   * end, is set aside; what was read until then counts.
   *
   * @param take is given the rows, some at a time
   * @throws StoreError if another process has it, or the disk does not let it be read or begun
   */
  static open(
    path: string,
    chassisName: string,
    take: (rows: readonly StoredSession[]) => void,
  ): { readonly database: CallDatabase; readonly content: StoreContent } {
    const content = { counters: [] as [string, number][], damagedRows: [] as number[], wasClean: false };
    let db: DatabaseSync | undefined;
    try {
      db = connect(path);
      prepare(db, chassisName);
      content.wasClean = db.prepare("SELECT value FROM meta WHERE key = 'clean'").get()?.['value'] === '1';
      const rows = new NumberIndex();
      let nextRow = 1;
      readRows(db, take, content.damagedRows, (callId, row) => {
        rows.set(callId, row);
        nextRow = row + 1;
        return true;
      });
      for (const row of db.prepare('SELECT name, value FROM counters').iterate()) {
        content.counters.push([row['name'] as string, row['value'] as number]);
      }
      beginUnclean(db);
      return { database: new CallDatabase(db, rows, nextRow), content: { ...content, setAside: undefined } };
    } catch (error) {
      close(db);
      const failure = failureOf(error);
      if (failure.trouble !== 'corrupt' && failure.trouble !== 'foreign') throw new StoreError(failure);
      const setAside = { ...failure, path: putAside(path) };
      return { database: CallDatabase.#begin(path, chassisName), content: { ...content, setAside } };
    }
  }

  static #begin(path: string, chassisName: string): CallDatabase {
    let db: DatabaseSync | undefined;
    try {
      db = connect(path);
      prepare(db, chassisName);
      return new CallDatabase(db);
    } catch (error) {
      close(db);
      throw new StoreError(failureOf(error));
    }
  }

  /**
   * Writes a batch whole, or not at all.
   *
   * @throws StoreError
   */
  write({ writtenAt, over, sessions, usage, counters }: RecoveryBatch): void {
    const { dropSession, dropUsage, session, usage: used, counter } = this.#statements;
    this.#transact(() => {
      for (const callId of over) {
        const row = this.#rows.get(callId);
        if (row < 0) continue;
        dropSession.run(row);
        dropUsage.run(row);
      }
      for (const { callId, revision, payload } of sessions) {
        session.run(this.#rowOf(callId), callId, revision, writtenAt, crc32(payload), payload);
      }
      for (const one of usage) {
        const row = this.#rows.get(one.callId);
        if (row >= 0) used.run(row, ...usageColumns(one), writtenAt);
      }
      for (const [name, value] of counters) counter.run(name, value);
    });
    this.#forget(over, sessions);
    this.#synchronise();
  }

  /** The row of a session, if need be the next. Rows that a failed batch was given stay empty until it is written. */
  #rowOf(callId: number): number {
    const known = this.#rows.get(callId);
    if (known >= 0) return known;
    this.#rows.set(callId, this.#nextRow);
    return this.#nextRow++;
  }

  /** What is over gives its row up once that is written; whose identifier has come anew in the same batch has it still. */
  #forget(over: RecoveryBatch['over'], sessions: RecoveryBatch['sessions']): void {
    if (over.length === 0) return;
    const anew = new Set(sessions.map(({ callId }) => callId));
    for (const callId of over) if (!anew.has(callId)) this.#rows.delete(callId);
  }

  /**
   * Reads the sessions of one instance again; rows that are damaged are left out.
   *
   * @throws StoreError
   */
  read({ index, count, without, also }: RowsOf, take: (rows: readonly StoredSession[]) => void): void {
    const exceptions = new Map([
      ...without.map((id) => [id, false] as const),
      ...also.map((id) => [id, true] as const),
    ]);
    try {
      readRows(this.#db, take, [], (callId) => exceptions.get(callId) ?? callId % count === index);
    } catch (error) {
      throw new StoreError(failureOf(error));
    }
  }

  /**
   * Marks the end as one in good order, and closes the file with nothing left in the log beside it.
   *
   * @throws StoreError
   */
  finish(): void {
    try {
      this.#db.exec('PRAGMA synchronous = FULL');
      markClean(this.#db, true);
      this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      throw new StoreError(failureOf(error));
    } finally {
      this.close();
    }
  }

  /** Closes the file as a crash would leave it. */
  close(): void {
    close(this.#db);
  }

  /** SQLite itself would wait for 4 MB of log: on a quiet gateway that is an hour. */
  #synchronise(): void {
    if (now() < this.#synchronisedAt + synchroniseIntervalMs) return;
    this.#synchronisedAt = now();
    try {
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The batch is in the log all the same; a disk that fails is met again by the next one.
    }
  }

  #transact(work: () => void): void {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      const failure = failureOf(error);
      // SQLite has rolled back by itself after some failures: then there is nothing to roll back.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw new StoreError(failure);
    }
  }
}

function usageColumns(usage: WrittenUsage): [number, number, number, number, number | null] {
  const { uplinkPackets, uplinkOctets, downlinkPackets, downlinkOctets, lastActivityAt } = usage;
  const at = lastActivityAt === undefined ? null : Math.round(lastActivityAt);
  return [uplinkPackets, uplinkOctets, downlinkPackets, downlinkOctets, at];
}

/** Opens the file, new if need be, for this process alone: the lock ends with the process, however that ends. */
function connect(path: string): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    // The lock is taken with the first write.
    db.exec('BEGIN IMMEDIATE; COMMIT;');
    return db;
  } catch (error) {
    close(db);
    throw error;
  }
}

/** On a full disk the sessions are more than the mark. */
function beginUnclean(db: DatabaseSync): void {
  try {
    markClean(db, false);
  } catch (error) {
    if (failureOf(error).trouble !== 'full') throw error;
  }
}

function markClean(db: DatabaseSync, clean: boolean): void {
  db.prepare(replace('meta', 'key, value')).run('clean', clean ? '1' : '0');
}

const rowsAtOnce = 2000;

type Numbers = [row: number, callId: number, revision: number, writtenAt: number, checksum: number];

function readRows(
  db: DatabaseSync,
  take: (rows: readonly StoredSession[]) => void,
  damaged: number[],
  picks: (callId: number, row: number) => boolean,
): void {
  const columns = `s.row, s.call_id, s.revision, s.written_at, s.checksum, s.payload,
    u.uplink_packets, u.uplink_octets, u.downlink_packets, u.downlink_octets, u.last_activity_at`;
  const all = db.prepare(`SELECT ${columns} FROM sessions s LEFT JOIN usage u USING (row) ORDER BY s.row`);
  all.setReturnArrays(true);
  let rows: StoredSession[] = [];
  try {
    // As arrays, which the types of `iterate` do not know.
    for (const row of all.iterate() as Iterable<unknown> as Iterable<unknown[]>) {
      const [number, callId, revision, writtenAt, checksum, payload] = row as [...Numbers, Uint8Array];
      if (!picks(callId, number)) continue;
      if (crc32(payload) !== checksum) {
        damaged.push(callId);
        continue;
      }
      rows.push({ callId, revision, writtenAt, payload, usage: usageOf(row.slice(6) as (number | null)[]) });
      if (rows.length < rowsAtOnce) continue;
      take(rows);
      rows = [];
    }
  } finally {
    take(rows);
  }
}

function usageOf(columns: readonly (number | null)[]): StoredSession['usage'] {
  const [uplinkPackets, uplinkOctets, downlinkPackets, downlinkOctets, lastActivityAt] = columns;
  if (uplinkPackets === null) return undefined;
  return {
    uplinkPackets: uplinkPackets!,
    uplinkOctets: uplinkOctets!,
    downlinkPackets: downlinkPackets!,
    downlinkOctets: downlinkOctets!,
    lastActivityAt: lastActivityAt ?? undefined,
  };
}

/** Renames the file and its log; returns where it is now. */
function putAside(path: string): string {
  const places = Array.from({ length: setAsideMax }, (_, index) => `${path}.corrupt-${index + 1}`);
  const age = (place: string): number => (existsSync(place) ? statSync(place).mtimeMs : 0);
  const place = places.reduce((oldest, other) => (age(other) < age(oldest) ? other : oldest));
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(place + suffix, { force: true, recursive: true });
    if (existsSync(path + suffix)) renameSync(path + suffix, place + suffix);
  }
  return place;
}

function close(db: DatabaseSync | undefined): void {
  try {
    if (db?.isOpen) db.close();
  } catch {
    // The file is given up anyway: what is in the log stays there.
  }
}

/** SQLite's primary result codes, by what they mean here. */
const troubles: Readonly<Record<number, StoreTrouble>> = {
  3: 'read-only', // PERM
  5: 'locked', // BUSY
  6: 'locked', // LOCKED
  8: 'read-only', // READONLY
  10: 'io-error', // IOERR
  11: 'corrupt', // CORRUPT
  13: 'full', // FULL
  14: 'io-error', // CANTOPEN
  26: 'foreign', // NOTADB
};

const systemTroubles: Readonly<Record<string, StoreTrouble>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EACCES: 'read-only',
  EPERM: 'read-only',
  EROFS: 'read-only',
};

/** What a throw of SQLite or of the file system means. */
export function failureOf(error: unknown): StoreFailure {
  if (error instanceof StoreError) return error.failure;
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string };
  const text = message ?? String(error);
  if (typeof errcode === 'number') {
    // An extended code has the primary one in its low octet; schema errors of a damaged file are plain ERROR (1).
    return { trouble: troubles[errcode & 0xff] ?? (errcode === 1 ? 'corrupt' : 'fault'), text };
  }
  if (code === 'ERR_OUT_OF_RANGE') return { trouble: 'corrupt', text };
  return { trouble: systemTroubles[code ?? ''] ?? (code === undefined ? 'fault' : 'io-error'), text };
}
