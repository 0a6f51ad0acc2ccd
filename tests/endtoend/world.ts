import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GatewayProcess } from './gateway-process.ts';
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

/**
 * Where everything is. The gateway has one interface for each side:
 *
 *     UEs ~ TAP ~ access nodes ── acc0 ┤ gateway ├ s2a0 ── LMA ~ TUN ~ host
 *                                              └ aaa0 ── AAA server
 */
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

export const ueMac = { ue1: '02:00:5e:10:00:01', ue2: '02:00:5e:10:00:02', rejected: '02:00:5e:10:00:09' } as const;
const secret = 'a-secret-of-the-end-to-end-test';

/** A gateway on real interfaces, the networks around it and everybody in them. */
export class World {
  readonly namespaces = new Namespaces();
  readonly gw = this.namespaces.add('gw');
  readonly access = this.namespaces.add('access');
  readonly core = this.namespaces.add('core');
  readonly host = this.namespaces.add('host');
  readonly gateway: GatewayProcess;
  readonly folder = this.namespaces.folder;
  readonly #ues: readonly UePlan[];
  #accessNode: JsonProcess | undefined;
  #coreNode: JsonProcess | undefined;
  #failed = false;

  constructor() {
    this.#ues = Object.entries(ueMac).map(([name, mac]) => ({ name, mac, namespace: this.namespaces.add(name) }));
    this.#wire(
      'acc0',
      this.gw,
      `${place.gateway}/24`,
      this.access,
      accessPoints.map(({ address }) => address),
      24,
    );
    this.#wire('s2a0', this.gw, `${place.gatewayS2a}/25`, this.core, [place.lma], 25);
    this.#wire('aaa0', this.gw, `${place.gatewayAaa}/25`, this.core, [place.aaa], 25);
    writeFileSync(join(this.folder, 'gateway.yaml'), gatewayConfig(join(this.folder, 'management.sock')));
    this.gateway = new GatewayProcess(this.namespaces, this.gw, join(this.folder, 'gateway.yaml'));
  }

  async start(): Promise<void> {
    const core: CorePlan = {
      aaa: { address: place.aaa, secret, rejectedMacs: [ueMac.rejected] },
      lma: {
        address: place.lma,
        gateway: place.gatewayS2a,
        pool: place.pool,
        hostNamespace: this.host,
        hostAddress: place.host,
      },
    };
    this.#coreNode = this.#startNode('core-node.ts', this.core, core);
    await this.#coreNode.ready();
    const access: AccessPlan = { gateway: place.gateway, points: accessPoints, ues: this.#ues };
    this.#accessNode = this.#startNode('access-node.ts', this.access, access);
    await this.#accessNode.ready();
    await this.gateway.start();
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

  /** Captures what passes a namespace's interfaces; call the result to end the capture and get its file. */
  async capture(namespace: string, name: string, filter: string): Promise<() => Promise<string>> {
    const path = join(this.folder, `${name}.pcap`);
    // In immediate mode each packet takes a slot of the snapshot length: with the default few would fit the buffer.
    const buffer = ['--immediate-mode', '-s', '2000', '-B', '16384', '-U', '-Z', 'root'];
    const command = ['tcpdump', '-i', 'any', '-n', ...buffer, '-w', path, filter];
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

  /** To be called when a test has failed: writes down what the gateway says, and has the folder kept. */
  noteFailure(): void {
    if (!this.#failed) writeFileSync(join(this.folder, 'statistics.txt'), this.gateway.lastWords());
    this.#failed = true;
  }

  /** Ends everything; after a failure the folder with logs and captures stays, and is named. */
  async stop(): Promise<void> {
    if (this.#failed) console.error(`log, statistics and captures are in ${this.folder}\n${this.gateway.logTail()}`);
    for (const node of [this.#accessNode, this.#coreNode]) if (node !== undefined) await endProcess(node.child);
    await this.namespaces.remove(this.#failed);
  }

  #startNode(script: string, namespace: string, plan: object): JsonProcess {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const command = [process.execPath, '--disable-warning=ExperimentalWarning', path, JSON.stringify(plan)];
    return new JsonProcess(this.namespaces.start(namespace, command, { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** Joins two namespaces by a veth pair of the same name at both ends. */
  #wire(
    name: string,
    left: string,
    address: string,
    right: string,
    addresses: readonly string[],
    length: number,
  ): void {
    const ip = (...parameters: readonly string[]): string => execFileSync('ip', parameters, { encoding: 'utf8' });
    ip('-n', left, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', right);
    ip('-n', left, 'address', 'add', address, 'dev', name);
    for (const other of addresses) ip('-n', right, 'address', 'add', `${other}/${length}`, 'dev', name);
    for (const end of [left, right]) ip('-n', end, 'link', 'set', name, 'up');
  }
}

function gatewayConfig(managementSocket: string): string {
  return `
chassis:
  name: end-to-end
management:
  socket: ${managementSocket}
logging:
  level: info
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
  bind:
    address: ${place.gatewayAaa}
    interface: aaa0
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
    interface: acc0
    vmac: ${place.vmac}
  s2a:
    address: ${place.gatewayS2a}
    interface: s2a0
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
