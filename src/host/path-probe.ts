import { spawn } from 'node:child_process';
import { isIPv6 } from 'node:net';

/** Octets of IP and ICMP around what `ping` is asked to send. */
const headers = { ipv4: 28, ipv6: 48 } as const;
/**
 * Whether a packet of so many octets, which may not be fragmented on the way, reaches an address and its answer comes back.
 *
 * @param command what stands for `ping`
 */
export function packetPasses(address: string, octets: number, command: readonly string[] = ['ping']): Promise<boolean> {
  const around = isIPv6(address) ? headers.ipv6 : headers.ipv4;
  const size = String(Math.max(octets - around, 0));
  // Two, since one may be lost for another reason; one answer is enough.
  return run([...command, '-n', '-q', '-c', '2', '-i', '0.2', '-W', '1', '-M', 'do', '-s', size, address]);
}

/** Whether it ended with 0. @throws if there is no such program */
function run([program, ...args]: readonly string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { stdio: 'ignore' });
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}
