import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own in memory; to be removed after use. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes every octet that is left. */
  fill(): void;
  /** Gives them back. */
  makeRoom(): void;
  remove(): void;
}

const filler = '.filler';

function fill(folder: string): void {
  const file = openSync(join(folder, filler), 'a');
  try {
    for (const piece of [new Uint8Array(64 * 1024), new Uint8Array(1)]) {
      try {
        while (writeSync(file, piece) > 0);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** @param options of tmpfs, such as `size=1m` or `ro`; undefined where this process may not mount */
export function smallDisk(options: string): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'samog-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0;
  const remove = (): void => {
    if (mounted) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  const makeRoom = (): void => rmSync(join(folder, filler), { force: true });
  if (mounted) return { folder, fill: () => fill(folder), makeRoom, remove };
  remove();
  return undefined;
}

/** Whether this process may mount one. */
export function mayMount(): boolean {
  const disk = smallDisk('size=64k');
  disk?.remove();
  return disk !== undefined;
}
