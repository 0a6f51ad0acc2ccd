import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireTool } from '../../../tests/support/require-tool.ts';
import { mayMount, smallDisk } from '../../../tests/support/small-disk.ts';
import { newlyInstalled } from './installed-file.ts';

let folder: string;
const installed = (): string => join(folder, 'installed.yaml');
const own = (): string => join(folder, 'own.yaml');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samog-installed-'));
  writeFileSync(installed(), 'first\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A start: whether what is installed was taken over. */
async function start(file = own()): Promise<boolean> {
  const found = await newlyInstalled(installed(), file);
  await found?.take();
  return found !== undefined;
}

describe('an installed configuration', () => {
  it('is the first one, for its owner alone', async () => {
    expect(await start()).toBe(true);
    expect(readFileSync(own(), 'utf8')).toBe('first\n');
    expect(statSync(own()).mode & 0o777).toBe(0o600);
  });

  it('gives way to what was committed, until it is changed', async () => {
    await start();
    writeFileSync(own(), 'committed\n');
    expect(await start()).toBe(false);
    expect(readFileSync(own(), 'utf8')).toBe('committed\n');
    writeFileSync(installed(), 'second\n');
    expect(await start()).toBe(true);
    expect(readFileSync(own(), 'utf8')).toBe('second\n');
    expect(await start()).toBe(false);
  });

  it('that was shown without its secrets has those of the gateway', async () => {
    writeFileSync(own(), 'mrme-service: { password: "of the gateway" }\n');
    writeFileSync(installed(), 'mrme-service: { password: (hidden), nas-identifier: new }\n');
    expect(await start()).toBe(true);
    expect(readFileSync(own(), 'utf8')).toBe('mrme-service: { password: "of the gateway", nas-identifier: new }\n');
    expect(await start()).toBe(false);
  });

  it('is taken again where the gateway has lost its own', async () => {
    await start();
    rmSync(own());
    expect(await start()).toBe(true);
  });

  it('that is missing is an error, whatever the gateway has', async () => {
    await start();
    rmSync(installed());
    await expect(start()).rejects.toThrow('ENOENT');
  });

  it.skipIf(!requireTool('a tmpfs that may be mounted', mayMount()))(
    'that finds no room leaves what there is, which is enough while nothing was changed',
    async () => {
      const disk = smallDisk('size=64k')!;
      try {
        const file = join(disk.folder, 'own.yaml');
        await start(file);
        disk.fill();
        expect(await start(file)).toBe(false);
        writeFileSync(installed(), 'second\n'.repeat(1000));
        await expect(start(file)).rejects.toThrow('ENOSPC');
        expect(readFileSync(file, 'utf8')).toBe('first\n');
        expect(readdirSync(disk.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
      } finally {
        disk.remove();
      }
    },
  );
});
