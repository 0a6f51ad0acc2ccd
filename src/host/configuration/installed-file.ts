import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { withSecretsOf } from '../../operations/configuration/secrets.ts';
import { writeWhole } from './atomic-file.ts';

/** A configuration has secrets. */
const mode = 0o600;

/**
 * A gateway that may not write to the file in which its administrator installs the configuration keeps a file of its own, which commits
 * change. What is installed is taken over at the start whenever it has been changed since it was last taken: beside the
 * gateway's own file, `FILE.installed` has its digest. A text that was shown without its secrets (`configure running`) has those of
 * the gateway's own file.
 *
 * @returns what was installed, if it is to be taken over: `take` makes it the gateway's own file
 * @throws as the file system does
 */
export async function newlyInstalled(installed: string, file: string): Promise<Installed | undefined> {
  const asInstalled = await readFile(installed, 'utf8');
  const digest = `${createHash('sha256').update(asInstalled).digest('hex')}\n`;
  const own = await readOrNothing(file);
  if (own !== undefined && (await readOrNothing(markOf(file))) === digest) return undefined;
  const text = own === undefined ? asInstalled : withSecretsOf(asInstalled, own);
  return {
    text,
    async take() {
      if (own !== text) await writeWhole(file, text, mode);
      // Last: if it is missing, what is installed is taken once more, and nobody has changed the gateway's own meanwhile.
      await writeWhole(markOf(file), digest, mode);
    },
  };
}

/** A configuration that was installed for the gateway to go on with; `take` writes it over the gateway's own. */
export interface Installed {
  readonly text: string;
  take(): Promise<void>;
}

function markOf(file: string): string {
  return `${file}.installed`;
}

async function readOrNothing(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
