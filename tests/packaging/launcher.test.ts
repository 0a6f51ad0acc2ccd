import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const samog = fileURLToPath(new URL('../../samog', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
/** Of `nobody`. */
const otherUser = 65_534;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function startIn(home: string | undefined): { readonly code: number | null; readonly stderr: string } {
  const { HOME: _, NODE_COMPILE_CACHE: __, ...env } = process.env;
  const { status, stderr } = spawnSync(samog, ['--version'], {
    env: home === undefined ? env : { ...env, HOME: home },
    encoding: 'utf8',
  });
  return { code: status, stderr };
}

function homeOfAnother(): string {
  if (process.getuid?.() !== 0) return '/';
  const home = join(folder, 'of-another');
  mkdirSync(home);
  chownSync(home, otherUser, otherUser);
  return home;
}

describe('what Node.js has compiled', () => {
  it('is kept in a home of the user’s own', () => {
    const home = join(folder, 'own');
    mkdirSync(home);
    expect(startIn(home)).toEqual({ code: 0, stderr: '' });
    expect(existsSync(join(home, '.cache/samog'))).toBe(true);
  });

  it('is neither kept nor looked for where another user could have put it', () => {
    const home = homeOfAnother();
    expect(startIn(home)).toEqual({ code: 0, stderr: '' });
    expect(existsSync(join(home, '.cache'))).toBe(false);
  });

  it('is not missed where there is no home', () => {
    expect(startIn(join(folder, 'none'))).toEqual({ code: 0, stderr: '' });
    expect(startIn(undefined)).toEqual({ code: 0, stderr: '' });
  });
});
