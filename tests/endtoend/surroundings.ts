import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { JsonProcess } from './json-process.ts';
import { endProcess, Namespaces } from './namespaces.ts';
import type {
  AccessCommand,
  AccessPlan,
  AccessStatus,
  CoreCommand,
  CorePlan,
  CoreStatus,
  PointPlan,
  UePlan,
} from './plans.ts';

/** Who has which address. The gateway has one on each side: toward access nodes, LMA and AAA server. */
export const place = {
  gateway: '192.0.2.1',
  gatewayS2a: '203.0.113.1',
  gatewayAaa: '203.0.113.129',
  lma: '203.0.113.100',
  aaa: '203.0.113.200',
  host: '198.18.0.10',
  pool: '100.64.0.0/24',
  router: '100.64.0.1',
  vmac: '02:00:5e:00:52:99',
} as const;

/** Access nodes: `rg-key` has a GRE key in its tunnel, `rg-vlan` a VLAN; the WLCs' routers have MAC addresses of their own. */
export const accessPoints: readonly PointPlan[] = [
  { name: 'rg-a', kind: 'rg', address: '192.0.2.101' },
  { name: 'rg-b', kind: 'rg', address: '192.0.2.102' },
  { name: 'rg-key', kind: 'rg', address: '192.0.2.103', key: 0x5a6d6f47 },
  { name: 'rg-vlan', kind: 'rg', address: '192.0.2.104', vlan: 100 },
  { name: 'wlc-a', kind: 'wlc', address: '192.0.2.11', routerMac: '02:00:00:0a:0a:0a' },
  {
    name: 'wlc-b',
    kind: 'wlc',
    address: '192.0.2.12',
    routerMac: '02:00:00:0b:0b:0b',
    nai: { naiSeparator: '.', naiRealm: 'wlan.example' },
  },
];

/** Where a gateway has one interface for each side. */
export const interfacesOfGateway = { access: 'acc0', s2a: 's2a0', aaa: 'aaa0' } as const;
export const ueMac = { ue1: '02:00:5e:10:00:01', ue2: '02:00:5e:10:00:02', rejected: '02:00:5e:10:00:09' } as const;
export const secret = 'a-secret-of-the-end-to-end-test';

/** The networks around a gateway and everybody in them. Who extends it wires them to gateways. */
export class Surroundings {
  readonly namespaces = new Namespaces();
  readonly access = this.namespaces.add('access');
  readonly core = this.namespaces.add('core');
  readonly host = this.namespaces.add('host');
  readonly folder = this.namespaces.folder;
  readonly #ues: readonly UePlan[];
  #accessNode: JsonProcess | undefined;
  #coreNode: JsonProcess | undefined;

  constructor() {
    this.#ues = Object.entries(ueMac).map(([name, mac]) => ({ name, mac, namespace: this.namespaces.add(name) }));
  }

  /** Joins a gateway's namespace to the networks: one interface for each side, `interfacesOfGateway`. */
  join(gateway: string): void {
    const { access, s2a, aaa } = interfacesOfGateway;
    const accessAddresses = accessPoints.map(({ address }) => address);
    joinByVeth(access, gateway, `${place.gateway}/24`, this.access, accessAddresses, 24);
    joinByVeth(s2a, gateway, `${place.gatewayS2a}/25`, this.core, [place.lma], 25);
    joinByVeth(aaa, gateway, `${place.gatewayAaa}/25`, this.core, [place.aaa], 25);
  }

  /** Has XDP send to the networks of the gateway's sessions. */
  async startPassingAll(): Promise<void> {
    await this.startPassing(this.access, interfacesOfGateway.access);
    await this.startPassing(this.core, interfacesOfGateway.s2a);
  }

  /** Starts everybody but gateways. @param heartbeatIntervalMs how often the LMA asks the gateway for a sign of life */
  async startNodes(heartbeatIntervalMs?: number): Promise<void> {
    const core: CorePlan = {
      aaa: { address: place.aaa, secret, rejectedMacs: [ueMac.rejected] },
      lma: {
        address: place.lma,
        gateway: place.gatewayS2a,
        pool: place.pool,
        hostNamespace: this.host,
        hostAddress: place.host,
        ...(heartbeatIntervalMs === undefined ? {} : { heartbeatIntervalMs }),
      },
    };
    this.#coreNode = this.startNode('core-node.ts', this.core, core);
    await this.#coreNode.ready();
    const access: AccessPlan = { gateway: place.gateway, points: accessPoints, ues: this.#ues };
    this.#accessNode = this.startNode('access-node.ts', this.access, access);
    await this.#accessNode.ready();
  }

  namespaceOf(ue: string): string {
    return this.#ues.find(({ name }) => name === ue)!.namespace;
  }

  /** Takes a UE's radio from where it is to an access point; for `overlapMs` it still hears the old one. */
  async move(ue: string, to: string, overlapMs = 0): Promise<void> {
    await this.#accessNode!.ask({ kind: 'move', ue, to, overlapMs });
  }

  async sendFrame(ue: string, hex: string): Promise<void> {
    await this.#accessNode!.ask({ kind: 'frame', ue, hex });
  }

  /** Sends noise to all GRE and PMIPv6 doors of the gateway from where its peers are. */
  async sendNoise(packets: number): Promise<void> {
    await Promise.all([
      this.#accessNode!.ask({ kind: 'noise', packets } satisfies AccessCommand),
      this.#coreNode!.ask({ kind: 'noise', packets } satisfies CoreCommand),
    ]);
  }

  accessStatus(): Promise<AccessStatus> {
    return this.#accessNode!.ask({ kind: 'status' });
  }

  coreStatus(): Promise<CoreStatus> {
    return this.#coreNode!.ask({ kind: 'status' });
  }

  /**
   * Captures what passes a namespace's interfaces, or one of them; call the result to end the capture and get its file.
   *
   * @param octets of each packet that are kept
   */
  async capture(
    namespace: string,
    name: string,
    filter: string,
    { device = 'any', octets = 2000 } = {},
  ): Promise<() => Promise<string>> {
    const path = join(this.folder, `${name}.pcap`);
    // In immediate mode each packet takes a slot of the snapshot length: with the default few would fit the buffer.
    const buffer = ['--immediate-mode', '-s', String(octets), '-B', '16384', '-U', '-Z', 'root'];
    const command = ['tcpdump', '-i', device, '-n', ...buffer, '-w', path, filter];
    const child = this.namespaces.start(namespace, command, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text) => (said += text));
    while (!said.includes('listening on')) await sleep(20);
    return async () => {
      await sleep(200);
      await endProcess(child, 'SIGINT');
      if (!/\b0 packets dropped by kernel/.test(said)) throw new Error(`the capture is not whole: ${said}`);
      return path;
    };
  }

  /** Ends everything, and leaves the folder with logs and captures if it is to be kept. */
  async end(keepFolder: boolean): Promise<void> {
    for (const node of [this.#accessNode, this.#coreNode]) if (node !== undefined) await endProcess(node.child);
    await this.namespaces.remove(keepFolder);
  }

  /** Has an end of a veth pair run a program that passes everything, so that XDP at the other end may send by it. */
  async startPassing(namespace: string, device: string): Promise<void> {
    const script = fileURLToPath(new URL('passing-node.ts', import.meta.url));
    const child = this.namespaces.start(namespace, [process.execPath, script, device], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout!, 'data');
  }

  /** Starts one of the programs beside this file. */
  startNode(script: string, namespace: string, plan: object): JsonProcess {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const command = [process.execPath, '--disable-warning=ExperimentalWarning', path, JSON.stringify(plan)];
    return new JsonProcess(this.namespaces.start(namespace, command, { stdio: ['pipe', 'pipe', 'pipe'] }));
  }
}

/** `native`: sessions are forwarded by XDP in the drivers of the gateway's interfaces; `off`: by the gateway. */
export type FastPathUnderTest = 'off' | 'native';

/** Where the session managers are; with `threads` there are two. */
export type Placement = 'in-process' | 'threads';

/** The block of a configuration that says so. */
export function sessionManagers(placement: Placement): string {
  return `session-managers: { count: ${placement === 'threads' ? 2 : 1}, placement: ${placement} }\n`;
}

/** Runs `ip`; what it prints. */
export function ip(...parameters: readonly string[]): string {
  return execFileSync('ip', parameters, { encoding: 'utf8' });
}

/** Joins two namespaces by a veth pair of the same name at both ends; each end gets its addresses. */
export function joinByVeth(
  name: string,
  left: string,
  address: string,
  right: string,
  addresses: readonly string[],
  length: number,
): void {
  ip('-n', left, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', right);
  ip('-n', left, 'address', 'add', address, 'dev', name);
  for (const other of addresses) ip('-n', right, 'address', 'add', `${other}/${length}`, 'dev', name);
  for (const end of [left, right]) ip('-n', end, 'link', 'set', name, 'up');
}

/** What a gateway's configuration says in the end-to-end tests, but for the chassis itself. */
export function serviceConfig(interfaces: {
  readonly access: string;
  readonly s2a: string;
  readonly aaa: string;
}): string {
  return `
twan-profiles:
  - name: wlc
    access-type: pmip
    session-trigger: pmipv6
    clients: [192.0.2.0/26]
  - name: residential
    access-type: eogre
    session-trigger: dhcp
    clients: [192.0.2.64/26]
mrme-service:
  twan-profiles: [wlc, residential]
  nas-identifier: samog
  bind:
    address: ${place.gatewayAaa}
    interface: ${interfaces.aaa}
    source-ports: 2
  user-name:
    realm: wlan.example
  radius:
    servers:
      - address: ${place.aaa}
        secret: ${secret}
cgw-service:
  access:
    address: ${place.gateway}
    interface: ${interfaces.access}
    vmac: ${place.vmac}
  s2a:
    address: ${place.gatewayS2a}
    interface: ${interfaces.s2a}
    lmas: [${place.lma}]
    apn: internet
dhcp-service:
  dns: [${place.host}]
samog-service:
  sessions-max: 1000
  handover:
    rate: 60
`;
}
