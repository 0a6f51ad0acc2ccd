import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ip, ueMac, vmac } from '../../src/forwarding/packets-for-tests.ts';
import { attach } from '../../src/host/xdp/attachment.ts';
import { formatIpv4, formatMac } from '../../src/kernel/address.ts';
import { Namespaces } from '../endtoend/namespaces.ts';
import { enterOwnNetwork, ip as ipCommand } from './own-network.ts';
import type { TunnelPlan } from './tunnel-node.ts';

export const place = {
  access: ip('192.0.2.254'),
  s2a: ip('203.0.113.254'),
  rg: ip('192.0.2.1'),
  mag: ip('192.0.3.11'),
  lma: ip('203.0.113.1'),
  ue: ip('10.0.0.1'),
  router: ip('10.0.0.254'),
  host: ip('198.51.100.9'),
} as const;
const text = Object.fromEntries(Object.entries(place).map(([name, address]) => [name, formatIpv4(address)])) as Record<
  keyof typeof place,
  string
>;

/** GRE keys: the session's identifier, toward the MAG, toward the LMA, and on EoGRE. */
export const keys = { session: 21, mag: 70, lma: 12, eogre: 7 } as const;
export const vlan = 5;

/** The interfaces of the gateway. */
export const gatewayInterfaces = ['acc0', 'acc1', 's2a0'] as const;

/**
 * A residential gateway, a MAG and an LMA around this process, each in a network namespace. Behind each of them is an interface of
 * the kernel's, so that UE and host are Linux itself:
 *
 *     UE ~ TAP ~ RG, tagged ── acc0 ┤ this process's ├ s2a0 ── LMA ~ TUN ~ host
 *     UE ~ TUN ~ MAG ───────── acc1 ┤   namespace    │
 *
 * The UE has the same address in both places.
 */
export class Peers {
  readonly #namespaces = new Namespaces();
  readonly rg = this.#namespaces.add('rg');
  readonly mag = this.#namespaces.add('mag');
  readonly lma = this.#namespaces.add('lma');

  /** @param passProgram for the other ends of the veth pairs, which XDP could not send to otherwise */
  async start(passProgram: number): Promise<void> {
    enterOwnNetwork();
    this.#wire('acc0', `${text.access}/24`, this.rg, `${text.rg}/24`, passProgram);
    this.#wire('acc1', '192.0.3.254/24', this.mag, `${text.mag}/24`, passProgram);
    this.#wire('s2a0', `${text.s2a}/24`, this.lma, `${text.lma}/24`, passProgram);
    this.#ip(this.mag, `route add ${text.access} via 192.0.3.254`);
    await this.#startRg();
    await this.#startMag();
    await this.#startLma();
    // So that the kernel knows its neighbours.
    for (const peer of [text.rg, text.mag, text.lma]) execFileSync('ping', ['-c', '1', '-q', peer]);
  }

  /**
   * Pings the host from a UE, many times a second; how many answers came. All of them fit into the tunnels' buffers: a busy machine
   * loses none. The last answer is waited for long where there is to be one.
   */
  async ping(namespace: string, times: number, isAnswered = true): Promise<number> {
    const wait = isAnswered ? '20' : '1';
    const command = ['ping', '-q', '-c', String(times), '-i', '0.002', '-W', wait, '-s', '200', text.host];
    const { output } = await this.#namespaces.run(namespace, command);
    return Number(/(\d+) received/.exec(output)?.[1] ?? Number.NaN);
  }

  /** Sends octets by TCP between a UE and the host; gives how many arrived. */
  async transfer(namespace: string, octets: number, toUe: boolean): Promise<number> {
    const server = this.#namespaces.start(this.lma, ['iperf3', '-s', '-1', '--forceflush', '-B', text.host], {
      stdio: 'pipe',
    });
    await new Promise((resolve) => server.stdout!.once('data', resolve));
    const direction = toUe ? ['-R'] : [];
    const command = ['iperf3', '-c', text.host, '-n', String(octets), '-J', ...direction];
    const { output } = await this.#namespaces.run(namespace, command);
    await this.#untilClosed(namespace);
    return JSON.parse(output).end?.sum_received?.bytes ?? 0;
  }

  /** A connection that is not closed at both ends repeats itself, and what comes next would count that. */
  async #untilClosed(namespace: string): Promise<void> {
    const isOpen = (at: string): boolean => {
      const sockets = this.#namespaces.exec(at, 'ss', '-Htan').split('\n');
      return sockets.some((socket) => socket !== '' && !/^(LISTEN|TIME-WAIT)/.test(socket));
    };
    for (let tries = 0; tries < 400 && [namespace, this.lma].some(isOpen); tries++) await pause(50);
  }

  /** How many packets the kernel has received by a device of a peer. */
  received(namespace: string, device: string): number {
    const output = this.#namespaces.exec(namespace, 'ip', '-s', '-j', 'link', 'show', 'dev', device);
    return JSON.parse(output)[0].stats64.rx.packets;
  }

  remove(): Promise<void> {
    return this.#namespaces.remove(false);
  }

  #wire(name: string, address: string, namespace: string, peerAddress: string, passProgram: number): void {
    ipCommand(`link add ${name} type veth peer name ${name}p`);
    ipCommand(`address add ${address} dev ${name}`);
    ipCommand(`link set ${name} up`);
    // The link ends with this process, and the interface with its namespace.
    attach(passProgram, [`${name}p`]);
    ipCommand(`link set ${name}p netns ${namespace}`);
    this.#ip(namespace, `address add ${peerAddress} dev ${name}p`);
    this.#ip(namespace, `link set ${name}p up`);
  }

  async #startRg(): Promise<void> {
    const sameKey = { sendKey: keys.eogre, receiveKey: keys.eogre };
    await this.#startTunnel(this.rg, {
      kind: 'tap',
      interface: 'ue0',
      local: place.rg,
      remote: place.access,
      vlan,
      ...sameKey,
    });
    this.#ip(this.rg, `link set ue0 address ${formatMac(ueMac)}`);
    this.#ip(this.rg, `address add ${text.ue}/24 dev ue0`);
    this.#ip(this.rg, 'link set ue0 up');
    this.#ip(this.rg, `neighbour add ${text.router} lladdr ${formatMac(vmac)} dev ue0`);
    this.#ip(this.rg, `route add ${text.host} via ${text.router}`);
  }

  async #startMag(): Promise<void> {
    const itsKeys = { sendKey: keys.session, receiveKey: keys.mag };
    await this.#startTunnel(this.mag, {
      kind: 'tun',
      interface: 'ue0',
      local: place.mag,
      remote: place.access,
      ...itsKeys,
    });
    this.#ip(this.mag, `address add ${text.ue}/32 dev ue0`);
    this.#ip(this.mag, 'link set ue0 up');
    this.#ip(this.mag, `route add ${text.host} dev ue0`);
  }

  async #startLma(): Promise<void> {
    const itsKeys = { sendKey: keys.session, receiveKey: keys.lma };
    await this.#startTunnel(this.lma, {
      kind: 'tun',
      interface: 's2a',
      local: place.lma,
      remote: place.s2a,
      ...itsKeys,
    });
    this.#ip(this.lma, `address add ${text.host}/32 dev lo`);
    this.#ip(this.lma, 'link set s2a up');
    this.#ip(this.lma, `route add ${text.ue} dev s2a src ${text.host}`);
  }

  async #startTunnel(namespace: string, plan: TunnelPlan): Promise<void> {
    const script = fileURLToPath(new URL('tunnel-node.ts', import.meta.url));
    const command = [process.execPath, script, JSON.stringify(plan)];
    const child = this.#namespaces.start(namespace, command, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the tunnel in ${namespace} has ended`);
    });
    await Promise.race([once(child.stdout!, 'data'), ended]);
    ended.catch(() => {});
  }

  #ip(namespace: string, parameters: string): void {
    ipCommand(`-n ${namespace} ${parameters}`);
  }
}
