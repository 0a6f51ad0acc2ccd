import { DgramDriver } from './dgram-driver.ts';
import type { OnReceiveFault, SocketDriver } from './socket-driver.ts';

/** `auto` takes the batched driver where it works and node:dgram elsewhere. */
export type DriverChoice = 'auto' | 'batched' | 'dgram';

/** A driver, and for `auto` why it is not the batched one. */
export interface OpenedDriver {
  readonly driver: SocketDriver;
  readonly fallbackReason: string | undefined;
}

/**
 * Makes the socket driver of the process.
 *
 * @param onFault told of each packet whose receiver threw; by default that is an uncaught exception
 * @throws Error if `batched` is asked for and this system does not support it
 */
export async function openDriver(choice: DriverChoice = 'auto', onFault?: OnReceiveFault): Promise<OpenedDriver> {
  if (choice === 'dgram') return { driver: new DgramDriver(onFault), fallbackReason: undefined };
  const obstacle = systemObstacle();
  try {
    if (obstacle !== undefined) throw new Error(obstacle);
    // Loaded only here: the native library exists for some systems only.
    const { BatchedDriver } = await import('./batched-driver.ts');
    return { driver: new BatchedDriver(onFault), fallbackReason: undefined };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (choice === 'batched') throw new Error(`the batched socket driver cannot be used: ${reason}`, { cause: error });
    return { driver: new DgramDriver(onFault), fallbackReason: reason };
  }
}

/** Why the batched driver cannot work on this system, if so. */
function systemObstacle(): string | undefined {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`;
  if (process.arch !== 'x64' && process.arch !== 'arm64') return `it needs x64 or arm64, and this is ${process.arch}`;
  return undefined;
}
