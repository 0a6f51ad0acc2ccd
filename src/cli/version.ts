import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The release, as package.json has it. */
export function projectVersion(): string {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { readonly version: string };
  return version;
}

/** `samog 0.1.0`, in a clone with the commit behind it: `samog 0.1.0 (1665610)`. */
export function versionText(): string {
  const commit = commitOfClone();
  return `samog ${projectVersion()}${commit === undefined ? '' : ` (${commit})`}`;
}

/** Of a package there is none: the repository that it may lie in is not its own. */
function commitOfClone(): string | undefined {
  if (!existsSync(`${root}.git`)) return undefined;
  try {
    const git = ['-C', root, 'rev-parse', '--short', 'HEAD'];
    return execFileSync('git', git, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
