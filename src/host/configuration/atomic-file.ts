import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that is whole on the disk under another name, and takes its place in one step. */
export interface PreparedFile {
  /** What has its name is replaced, whether the process goes on or not. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes a file whole and to the disk (fsync) under a name beside its own, so that whatever could fail has failed before
 * anything depends on it.
 *
 * @throws as the file system does; then nothing is left behind
 */
export async function prepareFile(path: string, text: string, mode: number): Promise<PreparedFile> {
  const partial = `${path}.new`;
  await rm(partial, { force: true });
  try {
    const file = await open(partial, 'wx', mode);
    try {
      await file.writeFile(text);
      // The mask of the process may have taken rights away that the file had.
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return {
    publish: async () => {
      await rename(partial, path);
      await syncFolder(dirname(path));
    },
    discard: () => rm(partial, { force: true }),
  };
}

/** `prepareFile` and `publish` in one. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const prepared = await prepareFile(path, text, mode);
  await prepared.publish();
}

/** Names are on the disk only when their folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
