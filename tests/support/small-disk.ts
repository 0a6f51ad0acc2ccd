import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own in memory; to be removed after use. */
export interface SmallDisk {
  readonly folder: string;
  remove(): void;
}

/** @param options of tmpfs, such as `size=1m` or `ro`; undefined where this process may not mount */
export function smallDisk(options: string): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'samog-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0;
  const remove = (): void => {
    if (mounted) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  if (mounted) return { folder, remove };
  remove();
  return undefined;
}

/** Whether this process may mount one. */
export function mayMount(): boolean {
  const disk = smallDisk('size=64k');
  disk?.remove();
  return disk !== undefined;
}
