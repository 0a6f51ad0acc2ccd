import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../operations/audit/audit.ts';
import { AuditLog, brokenLine } from './audit-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry: AuditEntry = {
  kind: 'asked',
  of: null,
  who: 'alice',
  via: 'token',
  from: '192.0.2.7',
  request: 'POST /v1/clear/subscribers',
  subject: { all: true },
  result: null,
  what: null,
};

let files = 0;
const newPath = (): string => join(folder, `folder-${++files}`, 'audit.jsonl');
const open = (path: string, octetsMax = 1_000_000) => AuditLog.open({ path, octetsMax, filesMax: 3 });
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('an audit', () => {
  it('is a file of its owner alone, a line of JSON for each record, each naming the digest of the one before', async () => {
    const path = newPath();
    const log = await open(path);
    const numbers = await Promise.all([log.append(entry), log.append({ ...entry, who: 'bob' }), log.append(entry)]);
    expect(numbers).toEqual([1, 2, 3]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const lines = linesOf(path);
    expect(lines.map((line) => JSON.parse(line))).toEqual(log.latest(10));
    expect(log.latest(10, 'bob')).toMatchObject([{ number: 2, who: 'bob' }]);
    expect(brokenLine(lines)).toBeUndefined();
    expect(brokenLine(lines.with(1, lines[1]!.replace('bob', 'eve')))).toBe(3);
    expect(brokenLine(lines.toSpliced(1, 1))).toBe(2);
    expect(brokenLine(['nonsense'])).toBe(1);
    await log.close();
  });

  it('goes on where it ended, also behind half a line', async () => {
    const path = newPath();
    const first = await open(path);
    await first.append(entry);
    await first.close();
    appendFileSync(path, '{"number": 2, "ti');
    const second = await open(path);
    await second.append(entry);
    await second.close();
    expect(second.latest(10).map(({ number }) => number)).toEqual([1, 2]);
    expect(linesOf(path)).toHaveLength(3);
    const third = await open(path);
    expect(third.total).toBe(2);
    await third.append(entry);
    await third.close();
    expect(brokenLine(linesOf(path).slice(1))).toBe(1);
    expect(brokenLine(linesOf(path).slice(2))).toBeUndefined();
  });

  it('makes room by its size, keeps as many files as it should, and the chain goes on across them', async () => {
    const path = newPath();
    const log = await open(path, 600);
    for (let count = 0; count < 12; count += 1) await log.append(entry);
    await log.close();
    expect([path, `${path}.1`, `${path}.2`, `${path}.3`].map((file) => existsSync(file))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    const lines = [`${path}.2`, `${path}.1`, path].flatMap(linesOf);
    expect(brokenLine(lines)).toBeUndefined();
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ number: 12 });
    const again = await open(path, 600);
    expect(again.total).toBe(12);
    await again.close();
  });

  it('begins a new file where somebody has moved the old one away', async () => {
    const path = newPath();
    const log = await open(path);
    await log.append(entry);
    renameSync(path, `${path}.moved`);
    await log.append(entry);
    await log.close();
    expect(brokenLine([...linesOf(`${path}.moved`), ...linesOf(path)])).toBeUndefined();
  });

  it('says that it cannot be written, and catches up when it can', async () => {
    const path = newPath();
    const log = await open(path);
    await log.append(entry);
    rmSync(path);
    rmSync(join(path, '..'), { recursive: true });
    writeFileSync(join(path, '..'), 'in the way');
    await expect(log.append(entry)).rejects.toThrow('cannot be written');
    expect(log.failing).toContain('E');
    rmSync(join(path, '..'));
    expect(await log.append(entry)).toBe(3);
    expect(log.failing).toBeNull();
    expect(linesOf(path).map((line) => (JSON.parse(line) as { number: number }).number)).toEqual([2, 3]);
    await log.close();
  });

  it('cannot be opened where it cannot be written', async () => {
    const path = newPath();
    writeFileSync(join(path, '..'), 'in the way');
    await expect(open(path)).rejects.toThrow();
  });
});
