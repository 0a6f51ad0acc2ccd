import { readFileSync, writeFileSync } from 'node:fs';
import { XdpError } from './libbpf.ts';

const setting = '/proc/sys/net/ipv4/conf/lo/forwarding';

/**
 * Lets XDP programs ask for the way of packets that this host sends. The kernel tells no way for packets from an interface that
 * does not forward; those of the host itself come from the loopback. Packets of others never do: nothing else changes by it.
 *
 * @throws XdpError if the setting cannot be written
 */
export function enableLoopbackForwarding(): void {
  try {
    if (readFileSync(setting, 'utf8').trim() !== '1') writeFileSync(setting, '1');
  } catch (error) {
    throw new XdpError('set', 'net.ipv4.conf.lo.forwarding', (error as NodeJS.ErrnoException).code ?? String(error));
  }
}
