import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagementAnswer } from '../../src/host/management/client.ts';
import { apiOperations } from '../../src/operations/api/operations.ts';
import type { SwitchoverAnswer } from '../../src/operations/redundancy-commands.ts';
import type { SrpInfoData } from '../../src/operations/views/srp/srp-info.ts';
import type { SubscriberDetail } from '../../src/operations/views/subscriber.ts';
import { GatewayProcess } from './gateway-process.ts';
import type { Namespaces } from './namespaces.ts';
import { type FastPathUnderTest, ip, place, serviceConfig } from './surroundings.ts';

export type ChassisLetter = 'a' | 'b';

export const srpAddress = { a: '192.168.77.1', b: '192.168.77.2' } as const;
/** From where each asks whether the AAA server lives: these do not move. */
export const probeAddress = { a: '203.0.113.131', b: '203.0.113.132' } as const;
export const srpPort = 5438;
export const sharedKey = 'the-key-of-the-pair-of-the-end-to-end-test';
export const chassisName = { a: 'samog-a', b: 'samog-b' } as const;

/** Where the session manager instances of each are: whoever takes over has them elsewhere than the other. */
export const placement = { a: 'in-process', b: 'threads' } as const;

/** With the active chassis, and nowhere else. */
export const serviceAddresses = [place.gateway, place.gatewayS2a, place.gatewayAaa] as const;

/** How long anything may take on a machine that is busy with other things. */
const patienceMs = 20_000;

export function other(letter: ChassisLetter): ChassisLetter {
  return letter === 'a' ? 'b' : 'a';
}

/** One of the two: `./samog run` in a namespace of its own, with an interface for service and one to its peer. */
export class Chassis {
  readonly letter: ChassisLetter;
  readonly namespace: string;
  /** Of its interface for service. */
  readonly mac: string;
  readonly process: GatewayProcess;

  constructor(namespaces: Namespaces, letter: ChassisLetter, fastPath: FastPathUnderTest) {
    this.letter = letter;
    this.namespace = namespaces.add(`chassis-${letter}`);
    this.mac = `02:00:00:00:00:0${letter}`;
    const store = join(namespaces.folder, `store-${letter}`);
    mkdirSync(store, { mode: 0o700 });
    this.process = new GatewayProcess(namespaces, this.namespace, chassisName[letter], (socket) =>
      chassisConfig(letter, socket, store, fastPath),
    );
  }

  start(): Promise<void> {
    return this.process.start();
  }

  async info(): Promise<SrpInfoData> {
    return data<SrpInfoData>(await this.process.client.show('srp/info', {}));
  }

  /** Any view's data. */
  async show<View>(path: string): Promise<View> {
    return data<View>(await this.process.client.show(path, {}));
  }

  async switchover(): Promise<SwitchoverAnswer> {
    return data<SwitchoverAnswer>(
      await this.process.client.ask(apiOperations.initiateSwitchover, { waitMs: patienceMs }),
    );
  }

  /** Whether it serves, as far as it says anything. */
  async serves(): Promise<boolean> {
    if (!this.process.runs) return false;
    const answer = await this.process.client.show('srp/info', {});
    return answer.kind === 'data' && (answer.data as SrpInfoData).local.serves;
  }

  async subscribers(): Promise<readonly SubscriberDetail[]> {
    const answer = await this.process.client.show('subscribers/samog-only', { full: '' });
    return data<{ readonly subscribers: readonly SubscriberDetail[] }>(answer).subscribers;
  }

  /** Of the service addresses those that its interface has. */
  heldAddresses(): readonly string[] {
    const found = ip('-n', this.namespace, '-4', '-oneline', 'address', 'show', 'dev', 'seg0');
    return serviceAddresses.filter((address) => found.includes(` ${address}/`));
  }
}

/** Waits until it is so. @throws Error with `what` if it does not become so */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<number> {
  const begin = performance.now();
  while (!(await isSo())) {
    if (performance.now() > begin + patienceMs) throw new Error(`waited in vain until ${what}`);
    await sleep(20);
  }
  return performance.now() - begin;
}

function data<Data>(answer: ManagementAnswer): Data {
  if (answer.kind !== 'data') throw new Error(`no data: ${JSON.stringify(answer)}`);
  return answer.data as Data;
}

function chassisConfig(
  letter: ChassisLetter,
  managementSocket: string,
  store: string,
  fastPath: FastPathUnderTest,
): string {
  const peer = other(letter);
  const prefixLength = (address: string): number => (address === place.gateway ? 24 : 25);
  const addresses = serviceAddresses.map(
    (address) => `    - { address: ${address}/${prefixLength(address)}, interface: seg0 }`,
  );
  return `
chassis:
  name: ${chassisName[letter]}
management:
  socket: ${managementSocket}
logging:
  level: info
# One for each of the two UEs.
session-managers:
  count: 2
  placement: ${placement[letter]}
service-redundancy-protocol:
  chassis-mode: ${letter === 'a' ? 'primary' : 'backup'}
  bind:
    address: ${srpAddress[letter]}
    port: ${srpPort}
  peer-ip-address: ${srpAddress[peer]}
  peer-chassis-name: ${chassisName[peer]}
  shared-key: ${sharedKey}
  hello-interval: 100ms
  dead-interval: 300ms
  delay-interval: 1s
  priority: ${letter === 'a' ? 1 : 2}
  service-addresses:
${addresses.join('\n')}
  monitor:
    authentication-probe: { interval: 1s, timeout: 1s, failures: 3 }
  guard-timer:
    guard-period: 0s
    damping-period: 0s
  limits:
    older-store: 3s
fast-path:
  mode: ${fastPath}
recovery:
  directory: ${store}
${serviceConfig({ access: 'seg0', s2a: 'seg0', aaa: 'seg0' })}`;
}
