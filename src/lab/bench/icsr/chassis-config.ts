import { join } from 'node:path';
import { formatIpv4 } from '../../../kernel/address.ts';
import type { GatewayConfig } from '../../../operations/config/gateway-config.ts';
import {
  type ChassisLetter,
  chassisInterface,
  place,
  prefixLength,
  serviceAddresses,
  srpAddress,
} from '../../pair/pair-network.ts';
import { type BenchNetwork, benchConfig } from '../network.ts';

/** The least that a pair may have. */
const helloMs = 100;
/** The least as well, and so long that a machine with too few processors does not lead to a switchover that nobody measures. */
const deadMs = { least: 300, patient: 5000 } as const;

/**
 * How long a silent peer is not dead yet after the start, besides. Who is patient waits long enough: its peer is started
 * when it serves.
 */
const delayMs = { least: 2000, patient: 0 } as const;

export type DeadInterval = keyof typeof deadMs;

/** The parties of a pair's network, as the load has them. */
export const icsrNetwork: BenchNetwork = {
  access: place.access,
  s2a: place.s2a,
  aaa: place.aaaSide,
  rgs: [place.rg],
  wlcs: [place.wlc],
  lma: place.lma,
  aaaServer: place.aaa,
};

/** @param folder of this chassis alone */
export function chassisConfig(
  letter: ChassisLetter,
  folder: string,
  dead: DeadInterval,
  placement: 'in-process' | 'threads',
): GatewayConfig {
  const peer = letter === 'a' ? 'b' : 'a';
  const entries = serviceAddresses.map(
    (address) => `    - { address: ${formatIpv4(address)}/${prefixLength}, interface: ${chassisInterface.service} }`,
  );
  const blocks = `
session-managers: { count: 1, placement: ${placement} }
service-redundancy-protocol:
  chassis-mode: ${letter === 'a' ? 'primary' : 'backup'}
  bind: { address: ${formatIpv4(srpAddress[letter])} }
  peer-ip-address: ${formatIpv4(srpAddress[peer])}
  peer-chassis-name: bench-${peer}
  shared-key: the-key-of-the-pair-of-the-benchmark
  hello-interval: ${helloMs}ms
  dead-interval: ${deadMs[dead]}ms
  delay-interval: ${delayMs[dead]}ms
  service-addresses:
${entries.join('\n')}
  # One switchover follows the other.
  guard-timer: { guard-period: 0s, damping-period: 0s }
${recoveryBlock(folder)}`;
  return benchConfig(icsrNetwork, { name: `bench-${letter}`, blocks });
}

/** The same gateway without a peer. */
export function loneConfig(folder: string): GatewayConfig {
  return benchConfig(icsrNetwork, { name: 'bench-alone', blocks: recoveryBlock(folder) });
}

function recoveryBlock(folder: string): string {
  return `recovery: { directory: ${JSON.stringify(join(folder, 'recovery'))} }\n`;
}
