import { writeFileSync } from 'node:fs';
import { CommandError, exitCode } from './exit-code.ts';

/**
 * Writes a file for its owner alone; what is there already is not overwritten.
 *
 * @throws CommandError if it cannot be written
 */
export function writeNewFile(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new CommandError(
      exitCode.refused,
      `cannot write ${file}: ${codeOf(error)}`,
      'name a file that is not there yet',
    );
  }
}

/** What went wrong with a file, such as `ENOENT`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
