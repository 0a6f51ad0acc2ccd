import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The npm package of this checkout, made as anybody makes it; one at a time, for npm makes lib/ anew before it packs.
 *
 * @param folder an empty one, where it is left
 * @returns its path
 * @throws Error if there is none, with what npm says
 */
export function packPackage(folder: string): string {
  const pack = ['npm', 'pack', '--pack-destination', folder];
  const { stdout, stderr } = spawnSync('flock', [join(root, 'package.json'), ...pack], { cwd: root, encoding: 'utf8' });
  const [tarball] = readdirSync(folder);
  if (tarball === undefined) throw new Error(stdout + stderr);
  return join(folder, tarball);
}
