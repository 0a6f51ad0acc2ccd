import { existsSync, readFileSync } from 'node:fs';
import { isOnPath } from '../support/require-tool.ts';

const tools = ['ip', 'ping', 'udhcpc', 'iperf3', 'tcpdump', 'tshark', 'tmux'];

/** Bits of the capability sets in capabilities(7): NET_ADMIN, NET_RAW and, for namespaces, SYS_ADMIN. */
const capabilityBits = [12n, 13n, 21n];

/** For `requireTool`: the first thing that end-to-end tests need and this machine lacks, and whether it lacks none. */
export function endToEndNeeds(): [name: string, available: boolean] {
  if (!isPrivileged()) return ['root privilege on Linux, for network namespaces and raw sockets,', false];
  const missing = existsSync('/dev/net/tun') ? tools.find((tool) => !isOnPath(tool)) : '/dev/net/tun';
  return missing === undefined ? [tools.join(', '), true] : [missing, false];
}

/** A container's root may lack capabilities. */
function isPrivileged(): boolean {
  if (process.platform !== 'linux') return false;
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const set = BigInt(`0x${effective ?? '0'}`);
  return capabilityBits.every((bit) => (set & (1n << bit)) !== 0n);
}
