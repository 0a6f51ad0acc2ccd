import { execFileSync } from 'node:child_process';
import koffi from 'koffi';
import { enableLoopbackForwarding } from '../../src/host/xdp/loopback-forwarding.ts';

const newNetwork = 0x40000000;

/**
 * Moves this thread into a network namespace of its own, which vanishes with the process; commands it runs are in it too. The
 * loopback is up, and the kernel tells ways to programs of XDP.
 */
export function enterOwnNetwork(): void {
  const unshare = koffi.load(null).func('int unshare(int)') as (flags: number) => number;
  if (unshare(newNetwork) !== 0) throw new Error('cannot make a network namespace');
  ip('link set lo up');
  enableLoopbackForwarding();
}

/** Runs `ip` with words separated by spaces. */
export function ip(parameters: string): void {
  execFileSync('ip', parameters.split(' '));
}
