import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import koffi from 'koffi';

/** capabilities(7): NET_ADMIN and SYS_ADMIN, for namespaces and BPF. */
const capabilityBits = [12n, 21n];

/** For `requireTool`: what tests of the fast path need and this machine lacks first, and whether it lacks nothing. */
export function fastPathNeeds(): [name: string, available: boolean] {
  if (process.platform !== 'linux' || !isPrivileged()) return ['root privilege on Linux, for BPF,', false];
  if (!works(() => koffi.load('libbpf.so.1'))) return ['libbpf1', false];
  if (!works(() => execFileSync('ip', ['-V']))) return ['ip', false];
  return ['libbpf1', true];
}

function isPrivileged(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const set = BigInt(`0x${effective ?? '0'}`);
  return capabilityBits.every((bit) => (set & (1n << bit)) !== 0n);
}

function works(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
