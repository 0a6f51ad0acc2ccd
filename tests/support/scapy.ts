import { execFileSync, spawnSync } from 'node:child_process';
import { fromHex } from '../../src/wire/bytes/text.ts';

const python = '/usr/bin/python3';

/** Whether Debian's python3-scapy is installed. */
export function hasScapy(): boolean {
  return spawnSync(python, ['-c', 'import scapy'], { stdio: 'ignore' }).status === 0;
}

/**
 * Builds packets with scapy.
 *
 * @param packets Python expressions, each a packet
 * @param imports further Python import lines; `scapy.all` is there
 */
export function scapyPackets(packets: readonly string[], imports: readonly string[] = []): Uint8Array[] {
  const script = ['from scapy.all import *', ...imports, ...packets.map((packet) => `print(bytes(${packet}).hex())`)];
  const text = execFileSync(python, ['-c', script.join('\n')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = text.trim().split('\n');
  if (lines.length !== packets.length) throw new Error(`scapy made ${lines.length} of ${packets.length} packets`);
  return lines.map(fromHex);
}
