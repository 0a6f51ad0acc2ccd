import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Attachment, attach } from '../../../host/xdp/attachment.ts';
import type { LoadProgram } from '../../../host/xdp/load-program.ts';
import { formatIpv4, formatMac, type Ipv4Address, macOf } from '../../../kernel/address.ts';
import { ipBatch, NetworkNamespace } from '../../pair/network-namespace.ts';
import { messageOf } from '../gateway-process.ts';
import { bed, bedMac, furtherRg } from './load-frames.ts';

export type NewcomersRequest =
  | { readonly kind: 'attach'; readonly first: number; readonly count: number; readonly ratePerSecond: number }
  | { readonly kind: 'stop' };

/** What became of attaches. */
export interface AttachOutcome {
  /** Attaches a second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How often a UE began anew. */
  readonly repeats: number;
  /** Those that were not attached when nobody had been for a while. */
  readonly failures: number;
}

const script = fileURLToPath(new URL('./newcomers-child.ts', import.meta.url));
const mac = { rg: macOf(0x020000000201), ctl: macOf(0x020000000202), peers: macOf(0x020000000203) } as const;
/** Of the routes of signalling to the LMA, whose tunnels are behind out0. */
const signallingTable = 100;

/**
 * UEs that become attached, with their RG, the AAA server and the LMA, in a network namespace and a process of their own. What the RG
 * sends joins the load on its way into the gateway; all else has another wire:
 *
 *     RG ── rg1 ═ rg0 ── gen0 ═ in0 ┤ gateway ├ ctl0 ═ ctl1 ── AAA, LMA, RG
 */
export class Newcomers {
  readonly #namespace: NetworkNamespace;
  readonly #child: ChildProcess;
  readonly #joining: Attachment;

  private constructor(namespace: NetworkNamespace, child: ChildProcess, joining: Attachment) {
    this.#namespace = namespace;
    this.#child = child;
    this.#joining = joining;
  }

  /** @param load whose second port leads where the load goes */
  static async start(load: LoadProgram, ues: number): Promise<Newcomers> {
    const namespace = await NetworkNamespace.make();
    layOut(namespace);
    const joining = attach(load.bareRedirectProgram, ['rg0']);
    const node = [process.execPath, ...process.execArgv, script, String(ues)];
    const [command, ...args] = ['setpriv', '--pdeathsig', 'KILL', '--', ...namespace.entering(node)];
    // Standard output is for the result.
    const child = spawn(command!, args, { stdio: ['ignore', 2, 2, 'ipc'], serialization: 'advanced' });
    await messageOf(child);
    return new Newcomers(namespace, child, joining);
  }

  async attach(first: number, count: number, ratePerSecond: number): Promise<AttachOutcome> {
    this.#child.send({ kind: 'attach', first, count, ratePerSecond } satisfies NewcomersRequest);
    return (await messageOf(this.#child)) as AttachOutcome;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.send({ kind: 'stop' } satisfies NewcomersRequest);
    await ended;
    this.#joining.detach();
    for (const name of ['rg0', 'ctl0']) execFileSync('ip', ['link', 'del', name]);
    await this.#namespace.remove();
  }
}

function layOut(namespace: NetworkNamespace): void {
  const { rg, ctl, peers } = mac;
  const host = (address: Ipv4Address): string => `${formatIpv4(address)}/32`;
  const neighbour = (address: Ipv4Address, at: number, device: string): string =>
    `neighbour replace ${formatIpv4(address)} lladdr ${formatMac(macOf(at))} dev ${device}`;
  ipBatch([
    `link add rg0 type veth peer name rg1 address ${formatMac(rg)} netns ${namespace.pid}`,
    `link add ctl0 address ${formatMac(ctl)} type veth peer name ctl1 address ${formatMac(peers)} netns ${namespace.pid}`,
    ...['rg0', 'ctl0'].map((name) => `link set ${name} up`),
    ...[furtherRg, bed.aaaServer].map((address) => `route replace ${host(address)} dev ctl0`),
    `route replace ${host(bed.lma)} dev ctl0 table ${signallingTable}`,
    `rule add to ${host(bed.lma)} ipproto udp table ${signallingTable}`,
    ...[furtherRg, bed.aaaServer, bed.lma].map((address) => neighbour(address, peers, 'ctl0')),
  ]);
  ipBatch(
    [
      ...['lo', 'rg1', 'ctl1'].map((name) => `link set ${name} up`),
      ...[furtherRg, bed.aaaServer, bed.lma].map((address) => `address add ${host(address)} dev ctl1`),
      `route add ${host(bed.access)} dev rg1 src ${formatIpv4(furtherRg)}`,
      neighbour(bed.access, bedMac.gateway, 'rg1'),
      ...[bed.s2a, bed.aaa].flatMap((address) => [
        `route add ${host(address)} dev ctl1`,
        neighbour(address, ctl, 'ctl1'),
      ]),
    ],
    namespace,
  );
}
