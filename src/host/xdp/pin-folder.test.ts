import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pinFolderOf } from './pin-folder.ts';

const below = mkdtempSync(join(tmpdir(), 'samog-pin-folder-'));
afterAll(() => rmSync(below, { recursive: true }));

type Parts = Parameters<typeof pinFolderOf>[0];

/** A lone gateway that keeps its sessions. */
const config = (pinFolder: string) => {
  return { chassis: { name: 'samog-a' }, recovery: {}, fastPath: { pinFolder, outliveMs: 1000 } } as unknown as Parts;
};

describe('the folder of pinned maps', () => {
  it('is none on another file system, where nothing is made', () => {
    expect(pinFolderOf(config(join(below, 'a/b')))).toBeUndefined();
    expect(existsSync(join(below, 'a'))).toBe(false);
  });

  // Whatever is not mounted of these is such a folder; who makes one in it without asking does not come back.
  it.each(['/sys/fs/bpf', '/sys/kernel/debug', '/sys/kernel/tracing', '/proc/sys/fs/binfmt_misc'])(
    'is none, or is made, at once, whether %s is mounted or not',
    (place) => {
      const script = `
        import { pinFolderOf } from ${JSON.stringify(new URL('pin-folder.ts', import.meta.url).href)};
        pinFolderOf(${JSON.stringify(config(`${place}/samog-pin-folder-test/deep`))});`;
      const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        timeout: 20_000,
      });
      rmSync(`${place}/samog-pin-folder-test`, { recursive: true, force: true });
      expect({ status, signal }).toEqual({ status: 0, signal: null });
    },
  );
});
