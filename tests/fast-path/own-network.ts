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

/** Keeps this thread, and the commands that it runs, on the processor where it is: for what the program remembers by processor. */
export function stayOnOneProcessor(): void {
  const libc = koffi.load(null);
  const processor = (libc.func('int sched_getcpu()') as () => number)();
  const setAffinity = libc.func('int sched_setaffinity(int, size_t, const uint64_t *)') as (
    thread: number,
    octets: number,
    processors: BigUint64Array,
  ) => number;
  const processors = new BigUint64Array(16);
  processors[processor >> 6] = 1n << BigInt(processor & 63);
  if (setAffinity(0, processors.byteLength, processors) !== 0) throw new Error('cannot stay on one processor');
}

/** Runs `ip` with words separated by spaces. */
export function ip(parameters: string): void {
  execFileSync('ip', parameters.split(' '));
}
