import { writeFileSync } from 'node:fs';
import { CommandError, exitCode } from './exit-code.ts';

const hints: Readonly<Record<string, string>> = {
  EEXIST: 'name a file that is not there yet',
  ENOENT: 'name one in a folder that is there',
  EACCES: 'name one in a folder that you may write to',
};

/**
 * Writes a file for its owner alone; what is there already is not overwritten.
 *
 * @throws CommandError if it cannot be written
 */
export function writeNewFile(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const code = codeOf(error);
    throw new CommandError(exitCode.refused, `cannot write ${file}: ${code}`, hints[code] ?? 'name another file');
  }
}

/** What went wrong with a file, such as `ENOENT`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
