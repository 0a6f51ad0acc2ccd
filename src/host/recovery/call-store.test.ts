import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireTool } from '../../../tests/support/require-tool.ts';
import { mayMount, smallDisk } from '../../../tests/support/small-disk.ts';
import type { RecoveryBatch } from '../../sessmgr/recovery/recovery-store.ts';
import { StartError } from '../start-error.ts';
import { CallStore, type OpenedStore, type StoreNotice, storeFileName } from './call-store.ts';

let folder: string;
let notices: StoreNotice[];
let emptied: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
  notices = [];
  emptied = 0;
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(directory = join(folder, 'recovery')): Promise<OpenedStore> {
  return CallStore.open({
    directory,
    chassisName: 'alpha',
    notice: (notice) => notices.push(notice),
    emptied: () => (emptied += 1),
  });
}

async function problemOf(directory: string): Promise<string> {
  const failure: unknown = await open(directory).catch((error: unknown) => error);
  if (!(failure instanceof StartError)) throw new Error('it has opened');
  const [{ path, what, hint }] = failure.problems as [StartError['problems'][number]];
  return `${path} ${what.replaceAll(directory, 'DIR')} (${hint})`;
}

const batchOf = (first: number, count: number, octets = 200): RecoveryBatch => ({
  writtenAt: 5000,
  over: [],
  sessions: Array.from({ length: count }, (_, index) => ({
    callId: first + index,
    revision: 1,
    payload: new Uint8Array(octets).fill(first),
  })),
  usage: [],
  counters: [],
});

async function until(holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error('it does not come true');
    await sleep(5);
  }
}

describe('a store in its thread', () => {
  it('writes what it is given, in order, and has it at the next start', async () => {
    const { store, rows } = await open();
    expect(rows).toEqual([]);
    expect(statSync(join(folder, 'recovery')).mode & 0o777).toBe(0o700);
    for (let round = 0; round < 3; round += 1) store.write(batchOf(1 + 3000 * round, 3000));
    store.write({ ...batchOf(1, 0), over: [2] });
    expect(await store.close()).toBe(true);
    expect(store.statistics()).toMatchObject({ outstanding: 0, batchesWritten: 4, failures: 0, failing: undefined });
    const again = await open();
    expect(again.rows).toHaveLength(8999);
    expect(again.content).toMatchObject({ wasClean: true, setAside: undefined });
    expect(await again.store.close()).toBe(true);
    expect(notices).toEqual([]);
  });

  it('takes more when it has written some', async () => {
    const { store } = await open();
    let round = 0;
    for (; store.isReady; round += 1) store.write(batchOf(1 + round, 1));
    expect(round).toBe(16);
    await until(() => store.isReady);
    await store.close();
  });

  it('is set aside when it turns out to be damaged, and all is asked for again', async () => {
    const first = await open();
    first.store.write(batchOf(1, 30_000));
    await first.store.close();
    const { store } = await open();
    const path = join(folder, 'recovery', storeFileName);
    const file = openSync(path, 'r+');
    writeSync(file, new Uint8Array(statSync(path).size - 8192).fill(0xff), 0, undefined, 8192);
    closeSync(file);
    // SQLite has pages in memory: it has to come upon one that it has not.
    for (let first = 1; emptied === 0 && first < 30_000; first += 100) {
      store.write({ ...batchOf(1, 0), over: Array.from({ length: 100 }, (_, index) => first + index) });
      await until(() => store.statistics().outstanding === 0 || emptied > 0);
    }
    await until(() => emptied === 1);
    store.write(batchOf(7, 1));
    expect(await store.close()).toBe(true);
    expect(notices.map(({ kind }) => kind)).toEqual(['failing', 'set-aside']);
    expect(readdirSync(join(folder, 'recovery')).sort()).toEqual([storeFileName, `${storeFileName}.corrupt-1`]);
    const again = await open();
    expect(again.rows.map(({ callId }) => callId)).toEqual([7]);
    await again.store.close();
  });
});

describe('a store that is not to be had', () => {
  it('is one that another has', async () => {
    const { store } = await open();
    expect(await problemOf(join(folder, 'recovery'))).toBe(
      'recovery.directory the call recovery store DIR/calls.sqlite cannot be opened: database is locked (another gateway uses it: stop that one, or give this one a directory of its own)',
    );
    store.write(batchOf(1, 1));
    expect(await store.close()).toBe(true);
  });

  it('is one in whose place a file is', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await problemOf(join(folder, 'file'))).toMatch(
      /^recovery\.directory the call recovery store DIR cannot .*EEXIST/,
    );
    expect(await problemOf(join(folder, 'file', 'below'))).toMatch(/ENOTDIR/);
  });
});

describe.skipIf(!requireTool('a tmpfs that may be mounted', mayMount()))('a disk', () => {
  it('that cannot be written is told of at the start', async () => {
    const disk = smallDisk('ro')!;
    try {
      expect(await problemOf(disk.folder)).toMatch(/EROFS.*\(let the user of the gateway write there\)/);
    } finally {
      disk.remove();
    }
  });

  it('that is full is tried again, and nothing is lost when there is room', async () => {
    const disk = smallDisk('size=1m')!;
    try {
      const { store } = await open(disk.folder);
      store.write(batchOf(1, 10));
      await until(() => store.statistics().outstanding === 0);
      disk.fill();
      for (let round = 0; round < 6; round += 1) store.write(batchOf(100 + 50 * round, 50, 1000));
      await until(() => store.statistics().failures >= 3);
      expect(notices).toMatchObject([{ kind: 'failing', failure: { trouble: 'full' } }]);
      expect(store.isReady).toBe(false);
      expect(store.statistics()).toMatchObject({ failing: { trouble: 'full' } });
      disk.makeRoom();
      await until(() => store.statistics().outstanding === 0);
      expect(notices).toMatchObject([{ kind: 'failing' }, { kind: 'writing-again' }]);
      expect(await store.close()).toBe(true);
      const again = await open(disk.folder);
      expect(again.rows).toHaveLength(310);
      await again.store.close();
    } finally {
      disk.remove();
    }
  });

  it('that stays full does not hold up the end for ever', async () => {
    const disk = smallDisk('size=256k')!;
    try {
      const { store } = await open(disk.folder);
      store.write(batchOf(1, 500, 1000));
      expect(await store.close()).toBe(false);
    } finally {
      disk.remove();
    }
  }, 15_000);
});
