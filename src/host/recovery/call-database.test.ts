import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecoveryBatch, StoredSession } from '../../sessmgr/recovery/recovery-store.ts';
import { CallDatabase, failureOf } from './call-database.ts';
import { StoreError } from './call-tables.ts';
import type { StoreContent } from './store-messages.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
  path = join(folder, 'calls.sqlite');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(chassisName = 'alpha'): { database: CallDatabase; content: StoreContent; rows: StoredSession[] } {
  const rows: StoredSession[] = [];
  const opened = CallDatabase.open(path, chassisName, (some) => rows.push(...some));
  return { ...opened, rows };
}

const none: RecoveryBatch = { writtenAt: 5000, over: [], sessions: [], usage: [], counters: [] };
const sessionOf = (callId: number, revision = 1) => ({ callId, revision, payload: Uint8Array.of(callId, 1, 2, 3) });
const many = (count: number): RecoveryBatch => ({
  ...none,
  sessions: Array.from({ length: count }, (_, index) => ({
    callId: index + 1,
    revision: 1,
    payload: new Uint8Array(200).fill(index),
  })),
});
const used = { uplinkPackets: 1, uplinkOctets: 2, downlinkPackets: 3, downlinkOctets: 2 ** 52 };

function failureBy(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof StoreError) return error.failure.trouble;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a store', () => {
  it('has what was written last, and what a crash left', () => {
    const first = open();
    expect(first).toMatchObject({ rows: [], content: { counters: [], wasClean: false, setAside: undefined } });
    const { database } = first;
    database.write({
      ...none,
      sessions: [sessionOf(1), sessionOf(2), sessionOf(3), sessionOf(0xffffffff)],
      usage: [{ callId: 2, ...used, lastActivityAt: 4000.7 }],
      counters: [['a', 1]],
    });
    database.write({
      writtenAt: 6000,
      over: [1, 2, 99],
      sessions: [sessionOf(2, 7)],
      usage: [{ callId: 3, ...used, lastActivityAt: undefined }],
      counters: [['a', 2 ** 53 - 1]],
    });
    database.close();
    const second = open();
    expect(second.rows).toEqual([
      { ...sessionOf(2, 7), writtenAt: 6000, usage: undefined },
      { ...sessionOf(3), writtenAt: 5000, usage: { ...used, lastActivityAt: undefined } },
      { ...sessionOf(0xffffffff), writtenAt: 5000, usage: undefined },
    ]);
    expect(second.content).toEqual({
      counters: [['a', 2 ** 53 - 1]],
      damagedRows: [],
      wasClean: false,
      setAside: undefined,
    });
    second.database.close();
  });

  it('has one row for each session, whatever was written before, and failed in between', () => {
    const first = open();
    first.database.write({ ...none, sessions: [sessionOf(9), sessionOf(4), sessionOf(7)] });
    first.database.close();
    const { database } = open();
    const bad = { callId: 8, revision: 1, payload: 'text' as never };
    const batch = { ...none, over: [4, 9], sessions: [sessionOf(9, 2), sessionOf(5), bad] };
    expect(failureBy(() => database.write(batch))).toBe('fault');
    database.write({
      ...batch,
      sessions: [sessionOf(9, 2), sessionOf(5)],
      usage: [{ callId: 4, ...used, lastActivityAt: 1 }],
    });
    database.write({ ...none, over: [7], sessions: [] });
    database.write({ ...none, sessions: [sessionOf(7, 3), sessionOf(5, 2), sessionOf(9, 3)] });
    database.close();
    const { rows, database: again } = open();
    expect(rows.map(({ callId, revision, usage }) => [callId, revision, usage])).toEqual([
      [9, 3, undefined],
      [5, 2, undefined],
      [7, 3, undefined],
    ]);
    again.close();
  });

  it('of the version before is taken over', () => {
    const { database } = open();
    database.write({ ...none, counters: [['a', 1]] });
    database.finish();
    const db = new DatabaseSync(path);
    db.exec(`DROP TABLE sessions; DROP TABLE usage; PRAGMA user_version = 1;
      CREATE TABLE sessions (call_id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, written_at INTEGER NOT NULL,
        checksum INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
      CREATE TABLE usage (call_id INTEGER PRIMARY KEY, uplink_packets INTEGER NOT NULL, uplink_octets INTEGER NOT NULL,
        downlink_packets INTEGER NOT NULL, downlink_octets INTEGER NOT NULL, last_activity_at INTEGER,
        written_at INTEGER NOT NULL) STRICT;`);
    const { payload } = sessionOf(7);
    for (const callId of [7, 3]) {
      db.prepare('INSERT INTO sessions VALUES (?, 2, 5000, ?, ?)').run(callId, crc32(payload), payload);
    }
    db.exec('INSERT INTO usage VALUES (7, 1, 2, 3, 4, NULL, 5000), (99, 1, 2, 3, 4, NULL, 5000)');
    db.close();
    const usage = { ...used, downlinkOctets: 4, lastActivityAt: undefined };
    const { rows, content, database: next } = open();
    expect(rows).toEqual([
      { callId: 3, revision: 2, writtenAt: 5000, payload, usage: undefined },
      { callId: 7, revision: 2, writtenAt: 5000, payload, usage },
    ]);
    expect(content).toMatchObject({ counters: [['a', 1]], wasClean: true, setAside: undefined });
    next.write({ ...none, over: [3], sessions: [sessionOf(7, 3)] });
    next.close();
    const again = open();
    expect(again.rows).toMatchObject([{ callId: 7, revision: 3, usage }]);
    again.database.close();
  });

  it('knows whether it was ended in good order', () => {
    open().database.finish();
    expect(readdirSync(folder)).toEqual(['calls.sqlite']);
    const again = open();
    expect(again.content.wasClean).toBe(true);
    again.database.close();
    const afterCrash = open();
    expect(afterCrash.content.wasClean).toBe(false);
    afterCrash.database.close();
  });

  it("is its owner's alone", () => {
    writeFileSync(path, '');
    chmodSync(path, 0o644);
    const { database } = open();
    database.write(many(10));
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    database.close();
  });

  it('writes a batch whole or not at all', () => {
    const { database } = open();
    database.write(many(1));
    const bad = { callId: 8, revision: 1, payload: 'text' as never };
    expect(failureBy(() => database.write({ ...none, over: [1], sessions: [sessionOf(7), bad] }))).toBe('fault');
    database.write({ ...none, counters: [['after', 1]] });
    database.close();
    const { rows, content, database: again } = open();
    expect(rows.map(({ callId }) => callId)).toEqual([1]);
    expect(content.counters).toEqual([['after', 1]]);
    again.close();
  });

  it('tells of rows that are not as they were written', () => {
    const { database } = open();
    database.write(many(3));
    database.finish();
    const db = new DatabaseSync(path);
    db.exec("UPDATE sessions SET payload = x'00' WHERE call_id = 2");
    db.close();
    const { rows, content, database: again } = open();
    expect(rows.map(({ callId }) => callId)).toEqual([1, 3]);
    expect(content.damagedRows).toEqual([2]);
    again.close();
  });
});

describe('a file that is not the store of this chassis', () => {
  const made = (change: (db: DatabaseSync) => void) => () => {
    open().database.finish();
    const db = new DatabaseSync(path);
    change(db);
    db.close();
  };
  it.each([
    ['a text', () => writeFileSync(path, 'not a database, but long enough to have a header '.repeat(50)), 'foreign'],
    ['octets that mean nothing', () => writeFileSync(path, new Uint8Array(4096).fill(7)), 'foreign'],
    ['another application', made((db) => db.exec('PRAGMA application_id = 5')), 'foreign'],
    ['a version that there never was', made((db) => db.exec('PRAGMA user_version = -1')), 'foreign'],
    ['another chassis', made((db) => db.exec("UPDATE meta SET value = 'beta' WHERE key = 'chassis'")), 'foreign'],
    ['no tables', made((db) => db.exec('DROP TABLE sessions')), 'corrupt'],
  ] as const)('is set aside: %s', (_what, make, trouble) => {
    make();
    const { database, content, rows } = open();
    expect(content.setAside).toMatchObject({ trouble, path: `${path}.corrupt-1` });
    expect(rows).toEqual([]);
    expect(existsSync(`${path}.corrupt-1`)).toBe(true);
    database.write(many(2));
    database.close();
    const again = open();
    expect(again).toMatchObject({ rows: [{ callId: 1 }, { callId: 2 }], content: { setAside: undefined } });
    again.database.close();
  });

  it('is left as it is if a later release wrote it, which has its sessions', () => {
    made((db) => db.exec('PRAGMA user_version = 3'))();
    const before = readFileSync(path);
    expect(failureBy(open)).toBe('later');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('corrupt'))).toEqual([]);
  });

  it('is kept, but not for ever', () => {
    for (let round = 0; round < 5; round += 1) {
      writeFileSync(path, `number ${round} `.repeat(1000));
      open().database.finish();
    }
    const files = readdirSync(folder).sort();
    expect(files).toEqual(['calls.sqlite', ...[1, 2, 3].map((number) => `calls.sqlite.corrupt-${number}`)]);
    const kept = files.slice(1).map((file) => readFileSync(join(folder, file), 'utf8').slice(0, 8));
    expect(kept.sort()).toEqual(['number 2', 'number 3', 'number 4']);
  });

  it('is read as far as it can be: a page in the middle is destroyed', () => {
    const { database } = open();
    database.write(many(5000));
    database.finish();
    const octets = readFileSync(path);
    octets.fill(0xff, octets.length / 2, octets.length / 2 + 3 * 4096);
    writeFileSync(path, octets);
    const { content, rows, database: next } = open();
    expect(content.setAside?.trouble).toBe('corrupt');
    expect(rows.length).toBeGreaterThan(1000);
    expect(rows.length).toBeLessThan(5000);
    for (const { callId, payload } of rows) expect(payload).toEqual(new Uint8Array(200).fill(callId - 1));
    next.close();
  });
});

describe('a write-ahead log', () => {
  /** The files as a loss of power at this moment leaves them. */
  function afterPowerLoss(change: (wal: string) => void): ReturnType<typeof open> {
    const { database } = open();
    for (let round = 0; round < 10; round += 1) database.write({ ...none, sessions: [sessionOf(round + 1)] });
    const copy = join(folder, 'copy');
    mkdirSync(copy);
    for (const file of ['calls.sqlite', 'calls.sqlite-wal']) cpSync(join(folder, file), join(copy, file));
    database.close();
    path = join(copy, 'calls.sqlite');
    change(`${path}-wal`);
    return open();
  }

  it('has all batches of a process that was killed', () => {
    const { rows, content, database } = afterPowerLoss(() => {});
    expect([rows.length, content.setAside]).toEqual([10, undefined]);
    database.close();
  });

  it('cut short has those before the cut, whole', () => {
    const { rows, content, database } = afterPowerLoss((wal) => truncateSync(wal, statSync(wal).size - 5000));
    expect(content.setAside).toBeUndefined();
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.length).toBeLessThan(10);
    expect(rows.map(({ callId }) => callId)).toEqual(rows.map((_, index) => index + 1));
    database.close();
  });

  it('of which a page is destroyed has those before', () => {
    const { rows, content, database } = afterPowerLoss((wal) => {
      const octets = readFileSync(wal);
      octets.fill(0, octets.length - 9000, octets.length - 8000);
      writeFileSync(wal, octets);
    });
    expect([rows.length > 3, rows.length < 10, content.setAside]).toEqual([true, true, undefined]);
    database.close();
  });
});

describe('the lock', () => {
  it('keeps others of the same process out', () => {
    const { database } = open();
    expect(failureBy(open)).toBe('locked');
    expect(readdirSync(folder).filter((file) => file.includes('corrupt'))).toEqual([]);
    database.close();
    open().database.close();
  });

  it('keeps other processes out, and ends with a process that is killed', async () => {
    const module = new URL('./call-database.ts', import.meta.url).href;
    const script = `const { CallDatabase } = await import(${JSON.stringify(module)});
      CallDatabase.open(${JSON.stringify(path)}, 'alpha', () => {}).database.write(
        { writtenAt: 1, over: [], sessions: [], usage: [], counters: [['from', 1]] });
      console.log('open'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(failureBy(open)).toBe('locked');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const { content, database } = open();
    expect(content).toMatchObject({ counters: [['from', 1]], setAside: undefined });
    database.close();
  });
});

describe('trouble', () => {
  it.each([
    [{ errcode: 5 + 256 }, 'locked'],
    [{ errcode: 13 }, 'full'],
    [{ errcode: 8 + 256 * 4 }, 'read-only'],
    [{ errcode: 10 + 256 * 3 }, 'io-error'],
    [{ errcode: 11 + 256 }, 'corrupt'],
    [{ errcode: 21 }, 'fault'],
    [{ code: 'ENOSPC' }, 'full'],
    [{ code: 'EROFS' }, 'read-only'],
    [{ code: 'ENOENT' }, 'io-error'],
    [{}, 'fault'],
  ])('of %j is %s', (error, trouble) => {
    expect(failureOf(Object.assign(new Error('it'), error))).toEqual({ trouble, text: 'it' });
  });
});
