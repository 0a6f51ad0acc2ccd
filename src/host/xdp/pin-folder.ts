import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';

/** linux/magic.h */
const bpfFileSystemMagic = 0xcafe4a11;

/** Where to pin, if that can be. Nothing is made but in a BPF file system. */
export function pinFolderOf({
  chassis,
  recovery,
  redundancy,
  fastPath,
}: Pick<GatewayConfig, 'chassis' | 'recovery' | 'redundancy' | 'fastPath'>): string | undefined {
  // Sessions that nobody has after a restart are not to be forwarded; and of a pair the peer takes over.
  if (recovery === undefined || redundancy !== undefined || fastPath.outliveMs === 0) return undefined;
  try {
    // Where it is not mounted its place is a folder in which there is nothing and never can be: "no such file" is the kernel's answer to
    // who makes one there, and Node.js would make the folders above and ask again for ever.
    if (statfsSync(nearestFolder(fastPath.pinFolder)).type !== bpfFileSystemMagic) return undefined;
    const folder = join(fastPath.pinFolder, `samog-${chassis.name.replaceAll('.', '_')}`);
    mkdirSync(fastPath.pinFolder, { recursive: true, mode: 0o700 });
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return undefined;
  }
}

/** The folder itself, or what there is of those that it is in. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}
