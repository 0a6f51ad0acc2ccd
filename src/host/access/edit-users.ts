import {
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { parseUsers, type User, usersText } from '../../operations/access/users-file.ts';

/** The users in a file; none if there is no file. @throws if it cannot be read or is no users file */
export function readUsers(path: string): readonly User[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const parsed = parseUsers(text);
  if (!parsed.ok) throw new Error(`${path} is no users file: ${parsed.what}`);
  return parsed.users;
}

/**
 * Puts a users file in the place of the one before, whole or not at all, for its owner alone: whoever owned it, else whoever
 * owns its folder, which is the user that runs the gateway.
 *
 * @throws if it cannot be written
 */
export function writeUsers(path: string, users: readonly User[]): void {
  const { uid, gid } = statSync(path, { throwIfNoEntry: false }) ?? statSync(dirname(path));
  const partial = `${path}.${process.pid}.part`;
  const file = openSync(partial, 'wx', 0o600);
  try {
    writeFileSync(file, usersText(users));
    fsyncSync(file);
    if (process.getuid?.() === 0) chownSync(partial, uid, gid);
    renameSync(partial, path);
  } catch (error) {
    unlinkSync(partial);
    throw error;
  } finally {
    closeSync(file);
  }
}
