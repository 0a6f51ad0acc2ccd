import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayProcess } from '../endtoend/gateway-process.ts';
import type { JsonProcess } from '../endtoend/json-process.ts';
import { endProcess } from '../endtoend/namespaces.ts';
import type { AccessPlan, CorePlan, PointPlan } from '../endtoend/plans.ts';
import { interfaceName } from '../endtoend/plans.ts';
import { ip, joinByVeth, place, Surroundings, ueMac } from '../endtoend/surroundings.ts';
import { Hostapd, Supplicant } from './hostapd.ts';

/** The AAA server of a run is in the core network, beside the one that is always there: who it is, is the test's. */
export const aaaPlace = { address: '203.0.113.201', secret: 'a-secret-of-aaa' } as const;
export const nasSecret = 'a-secret-of-access-points';
const changesSecret = 'a-secret-of-changes';

interface PointOfRun extends PointPlan {
  readonly ue: 'ue1' | 'ue2';
  readonly disconnectPort: number;
}

/** An access point each: what authenticates is hostapd, what takes the UE's packets to the gateway is ours. */
export const points: Readonly<Record<'eogre' | 'pmip', PointOfRun>> = {
  eogre: { name: 'ap-eogre', kind: 'rg', address: '192.0.2.101', ue: 'ue1', disconnectPort: 3799 },
  pmip: {
    name: 'ap-pmip',
    kind: 'wlc',
    address: '192.0.2.11',
    routerMac: '02:00:00:0a:0a:0a',
    ue: 'ue2',
    disconnectPort: 3800,
  },
};

/**
 * Real access points before the gateway. Each is one machine, with a station by wire and tunnels that end in a process:
 *
 *     wpa_supplicant, udhcpc ~ veth ~ hostapd ─── RADIUS ──┬ gateway ├── AAA server
 *                                  └ bridge ~ TAP ~ tunnel ┘         └── LMA ~ TUN ~ host
 */
export class AccessPointWorld extends Surroundings {
  readonly gw = this.namespaces.add('gw');
  readonly gateway: GatewayProcess;
  #nodes: readonly JsonProcess[] = [];

  /** @param aaaPort where the AAA server of the run listens, which is not part of this */
  constructor(aaaPort = 1812) {
    super();
    const addresses = Object.values(points).map(({ address }) => address);
    joinByVeth('acc0', this.gw, `${place.gateway}/24`, this.access, addresses, 24);
    joinByVeth('s2a0', this.gw, `${place.gatewayS2a}/25`, this.core, [place.lma], 25);
    joinByVeth('aaa0', this.gw, `${place.gatewayAaa}/25`, this.core, [aaaPlace.address, place.aaa], 25);
    this.gateway = new GatewayProcess(this.namespaces, this.gw, 'gateway', (socket) => gatewayConfig(socket, aaaPort));
  }

  async start(): Promise<void> {
    const core: CorePlan = {
      aaa: { address: place.aaa, secret: aaaPlace.secret, rejectedMacs: [] },
      lma: {
        address: place.lma,
        gateway: place.gatewayS2a,
        pool: place.pool,
        hostNamespace: this.host,
        hostAddress: place.host,
      },
    };
    const access: AccessPlan = {
      gateway: place.gateway,
      points: Object.values(points),
      ues: Object.values(points).map(({ ue, name }) => {
        return { name: ue, namespace: this.access, mac: ueMac[ue], interface: radioOf(name) };
      }),
    };
    const nodes = [
      this.startNode('../endtoend/core-node.ts', this.core, core),
      this.startNode('../endtoend/access-node.ts', this.access, access),
    ];
    this.#nodes = nodes;
    for (const node of nodes) await node.ready();
    for (const { name, ue } of Object.values(points)) this.#wireStation(name, ue);
    await this.gateway.start();
  }

  /** hostapd of an access point. */
  startHostapd(kind: keyof typeof points): Hostapd {
    const { name, address, disconnectPort } = points[kind];
    return new Hostapd(this.namespaces, {
      name,
      namespace: this.access,
      interface: lanOf(name),
      address,
      server: place.gateway,
      secret: nasSecret,
      disconnectPort,
    });
  }

  /** The namespace of the UE at an access point. */
  stationOf(kind: keyof typeof points): string {
    return this.namespaceOf(points[kind].ue);
  }

  /** The tunnel of the access point takes the UE's packets: a MAG registers it at once. */
  async openTunnel(kind: keyof typeof points): Promise<void> {
    const { name, ue } = points[kind];
    await this.#nodes[1]!.ask({ kind: 'move', ue, to: name });
  }

  /** Has AAA change or end sessions; what radclient shows of the answer. */
  async change(what: 'coa' | 'disconnect', attributes: readonly string[]): Promise<string> {
    const file = join(this.folder, 'change');
    const second = Math.floor(Date.now() / 1000);
    writeFileSync(file, [...attributes, `Event-Timestamp = ${second}`, 'Message-Authenticator = 0x00'].join('\n'));
    const where = `${place.gatewayAaa}:3799`;
    const command = ['radclient', '-x', '-r', '1', '-t', '5', '-f', file, where, what, changesSecret];
    return (await this.namespaces.run(this.core, command)).output;
  }

  startSupplicant(kind: keyof typeof points, network: readonly string[]): Supplicant {
    return new Supplicant(this.namespaces, this.stationOf(kind), interfaceName.ue, network);
  }

  /** Ends everything; keeps the folder with logs if it is wanted. */
  async stop(keepFolder: boolean): Promise<void> {
    for (const { child } of this.#nodes) await endProcess(child);
    await this.end(keepFolder);
  }

  /** The UE's only wire leads to its access point, whose bridge joins it to the tunnel. */
  #wireStation(name: string, ue: PointOfRun['ue']): void {
    const [lan, radio, bridge] = [lanOf(name), radioOf(name), `br-${name}`];
    const station = this.namespaceOf(ue);
    ip('-n', this.access, 'link', 'add', lan, 'type', 'veth', 'peer', 'name', interfaceName.ue, 'netns', station);
    ip('-n', this.access, 'link', 'add', bridge, 'type', 'bridge');
    // It has the UE's MAC address, which a bridge would take for its own.
    ip('-n', this.access, 'link', 'set', radio, 'address', ueMac[ue].replace(/^02/, '06'));
    for (const port of [lan, radio]) ip('-n', this.access, 'link', 'set', port, 'master', bridge, 'up');
    ip('-n', this.access, 'link', 'set', bridge, 'up');
    ip('-n', station, 'link', 'set', interfaceName.ue, 'address', ueMac[ue], 'up');
  }
}

// Names of interfaces have 15 characters at most.
const lanOf = (name: string): string => `lan-${name}`;
const radioOf = (name: string): string => `air-${name}`;

function gatewayConfig(managementSocket: string, aaaPort: number): string {
  const client = ({ address, disconnectPort }: PointOfRun): string =>
    `{ address: ${address}/32, key: ${nasSecret}, disconnect-message: { dest-port: ${disconnectPort} } }`;
  return `
chassis: { name: access-points }
management: { socket: ${managementSocket} }
logging: { level: info }
twan-profiles:
  - name: wlc
    access-type: pmip
    session-trigger: radius
    clients: [192.0.2.0/26]
    radius: { clients: [${client(points.pmip)}] }
  - name: residential
    access-type: eogre
    session-trigger: radius
    clients: [192.0.2.64/26]
    radius: { clients: [${client(points.eogre)}] }
mrme-service:
  twan-profiles: [wlc, residential]
  nas-identifier: samog
  bind: { address: ${place.gatewayAaa}, interface: aaa0, source-ports: 2 }
  radius:
    servers: [{ name: aaa, address: ${aaaPlace.address}, port: ${aaaPort}, secret: ${aaaPlace.secret} }]
  # The access points' records go on to AAA, beside the gateway's own.
  accounting: { wlc: proxy, own: true }
  disconnect: { delay-time: 1s }
  dynamic-authorization:
    clients: [{ address: ${aaaPlace.address}, key: ${changesSecret} }]
cgw-service:
  access: { address: ${place.gateway}, interface: acc0, vmac: '${place.vmac}' }
  s2a: { address: ${place.gatewayS2a}, interface: s2a0, lmas: [${place.lma}], apn: internet }
dhcp-service:
  dns: [${place.host}]
samog-service:
  sessions-max: 100
`;
}
