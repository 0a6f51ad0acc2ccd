/** A file of an archive; its path is without a slash at the begin. */
export interface ArchivedFile {
  readonly path: string;
  readonly mode: number;
  readonly data: Uint8Array;
}

const regularFile = 0o100000;
const folder = 0o040000;

/** The cpio archive, in its format `newc`, of which the kernel makes its first file system (initramfs). */
export function cpioArchive(files: readonly ArchivedFile[]): Uint8Array {
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  const parts = [
    ...[...folders].map((path, index) => entry(path, folder | 0o755, new Uint8Array(), index + 1)),
    ...files.map(({ path, mode, data }, index) => entry(path, regularFile | mode, data, folders.size + index + 1)),
    entry('TRAILER!!!', 0, new Uint8Array(), 0),
  ];
  return Buffer.concat(parts);
}

/** All folders above a path, the uppermost first. */
function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** Header, name and data, each filled up to a multiple of four octets. */
function entry(path: string, mode: number, data: Uint8Array, inode: number): Uint8Array {
  const name = Buffer.from(`${path}\0`);
  const [owner, group, links, time, device, check] = [0, 0, 1, 0, [0, 0, 0, 0], 0];
  const fields = [inode, mode, owner, group, links, time, data.length, ...device, name.length, check];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  const filled = (octets: number): Buffer => Buffer.alloc((4 - (octets % 4)) % 4);
  return Buffer.concat([header, name, filled(header.length + name.length), data, filled(data.length)]);
}
