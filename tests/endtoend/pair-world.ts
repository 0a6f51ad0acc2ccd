import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pmipv6Port } from '../../src/wire/pmipv6/constants.ts';
import { Chassis, type ChassisLetter, other, probeAddress, srpAddress } from './chassis.ts';
import type { ImpostorPlan } from './impostor-plan.ts';
import type { JsonProcess } from './json-process.ts';
import { accessPoints, type FastPathUnderTest, ip, place, Surroundings } from './surroundings.ts';

/** Who else would like to be a chassis of the pair: from an address that is none of theirs. */
const strangerAddress = '192.168.76.3';
const bogusMac = '02:00:00:de:ad:00';

/**
 * Two chassis on one network segment with everybody around them, and the link between the two:
 *
 *     UEs ~ TAP ~ access nodes ──┐              ┌── seg0 ┤ chassis a ├ srp0 ─┐
 *     host ~ TUN ~ LMA, AAA ─────┴─ br0 (segment) ┤                          │
 *                                               └── seg0 ┤ chassis b ├ srp0 ─┘
 */
export class PairWorld extends Surroundings {
  readonly segment = this.namespaces.add('segment');
  readonly chassis: Readonly<Record<ChassisLetter, Chassis>>;
  readonly stranger = this.namespaces.add('stranger');
  readonly #fastPath: FastPathUnderTest;
  #failed = false;

  constructor(fastPath: FastPathUnderTest) {
    super();
    this.#fastPath = fastPath;
    this.chassis = {
      a: new Chassis(this.namespaces, 'a', fastPath),
      b: new Chassis(this.namespaces, 'b', fastPath),
    };
    const { a, b } = this.chassis;
    ip('-n', this.segment, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', this.segment, 'link', 'set', 'br0', 'up');
    const accessAddresses = accessPoints.map(({ address }) => `${address}/24`);
    this.#plug('access', this.access, accessAddresses);
    this.#plug('core', this.core, [`${place.lma}/25`, `${place.aaa}/25`]);
    for (const { letter, namespace, mac } of Object.values(this.chassis)) {
      this.#plug(letter, namespace, [`${probeAddress[letter]}/25`]);
      ip('-n', namespace, 'link', 'set', 'seg0', 'address', mac);
    }
    veth([a.namespace, 'srp0', `${srpAddress.a}/24`], [b.namespace, 'srp0', `${srpAddress.b}/24`]);
    veth([b.namespace, 'odd0', '192.168.76.2/24'], [this.stranger, 'odd0', `${strangerAddress}/24`]);
    ip('-n', this.stranger, 'route', 'add', `${srpAddress.b}/32`, 'dev', 'odd0');
  }

  async start(): Promise<void> {
    await this.startNodes(500);
    if (this.#fastPath === 'native') {
      for (const letter of ['a', 'b']) await this.startPassing(this.segment, `to-${letter}`);
    }
    await Promise.all(Object.values(this.chassis).map((chassis) => chassis.start()));
  }

  /** Cuts the link between the two, or heals it. */
  setLink(state: 'up' | 'down'): void {
    ip('-n', this.chassis.a.namespace, 'link', 'set', 'srp0', state);
  }

  /** Has what a chassis says to its peer go astray, or no more: it sends to a MAC address that nobody has. */
  setAstray(from: ChassisLetter, astray: boolean): void {
    const { namespace } = this.chassis[from];
    const neighbour = ['-n', namespace, 'neighbor'];
    if (astray) {
      const wrong = ['lladdr', bogusMac, 'nud', 'permanent'];
      ip(...neighbour, 'replace', srpAddress[other(from)], 'dev', 'srp0', ...wrong);
    } else ip(...neighbour, 'delete', srpAddress[other(from)], 'dev', 'srp0');
  }

  /** Somebody else on a chassis's machine has the UDP port of PMIPv6, until the process that is returned is ended. */
  async blockSignalling(on: ChassisLetter): Promise<ChildProcess> {
    const program = `require('node:dgram').createSocket('udp4').bind(${pmipv6Port}, () => console.log('bound'))`;
    const { namespace } = this.chassis[on];
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const blocker = this.namespaces.start(namespace, [process.execPath, '-e', program], { stdio: [...stdio] });
    await once(blocker.stdout!, 'data');
    return blocker;
  }

  /** Takes the way to the AAA server from a chassis, or gives it back. */
  setAaaReachable(from: ChassisLetter, reachable: boolean): void {
    ip('-n', this.chassis[from].namespace, 'route', reachable ? 'delete' : 'add', 'blackhole', `${place.aaa}/32`);
  }

  /**
   * Somebody who wants to be the peer of chassis b.
   *
   * @param at where: on chassis a, with its address, or elsewhere with an address of its own
   */
  async impostor(at: 'a' | 'elsewhere', name: string, sharedKey: string): Promise<JsonProcess> {
    const [namespace, address] =
      at === 'a' ? [this.chassis.a.namespace, srpAddress.a] : [this.stranger, strangerAddress];
    const plan: ImpostorPlan = { address, target: srpAddress.b, name, sharedKey };
    const node = this.startNode('impostor-node.ts', namespace, plan);
    await node.ready();
    return node;
  }

  /** To be called when a test has failed: writes down what both chassis say, and has the folder kept. */
  noteFailure(): void {
    if (this.#failed) return;
    this.#failed = true;
    for (const [letter, chassis] of Object.entries(this.chassis)) {
      writeFileSync(join(this.folder, `statistics-${letter}.txt`), chassis.process.lastWords());
    }
  }

  async stop(): Promise<void> {
    if (this.#failed) console.error(`logs, statistics and captures are in ${this.folder}`);
    await this.end(this.#failed);
  }

  /** Joins a namespace to the segment, by an interface seg0. */
  #plug(port: string, namespace: string, addresses: readonly string[]): void {
    ip(
      '-n',
      this.segment,
      'link',
      'add',
      'name',
      `to-${port}`,
      'type',
      'veth',
      'peer',
      'name',
      'seg0',
      'netns',
      namespace,
    );
    ip('-n', this.segment, 'link', 'set', 'dev', `to-${port}`, 'master', 'br0', 'up');
    for (const address of addresses) ip('-n', namespace, 'address', 'add', address, 'dev', 'seg0');
    ip('-n', namespace, 'link', 'set', 'seg0', 'up');
  }
}

type End = readonly [namespace: string, name: string, address: string];

function veth(one: End, another: End): void {
  ip('-n', one[0], 'link', 'add', one[1], 'type', 'veth', 'peer', 'name', another[1], 'netns', another[0]);
  for (const [namespace, name, address] of [one, another]) {
    ip('-n', namespace, 'address', 'add', address, 'dev', name);
    ip('-n', namespace, 'link', 'set', name, 'up');
  }
}
