import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { now, wallClock } from '../../src/host/clock.ts';
import { hostDigests } from '../../src/host/digests.ts';
import { hostRandom } from '../../src/host/random.ts';
import { openDriver } from '../../src/host/sockets/open-driver.ts';
import type { SocketDriver } from '../../src/host/sockets/socket-driver.ts';
import { formatIpv4, type Ipv4Address, ipv4Of, macOf, parsePrefix } from '../../src/kernel/address.ts';
import { type ClaimedAddresses, claimAddresses } from '../../src/lab/lab-addresses.ts';
import { SocketNetwork } from '../../src/lab/socket-network.ts';
import { AaaServer } from '../../src/peers/aaa-server.ts';
import type { AccessPoint } from '../../src/peers/actor.ts';
import { CorrespondentHost } from '../../src/peers/correspondent-host.ts';
import { Lma } from '../../src/peers/lma.ts';
import { ResidentialGateway } from '../../src/peers/residential-gateway.ts';
import { Ue } from '../../src/peers/ue.ts';
import { Wlc } from '../../src/peers/wlc.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { find } from '../../src/wire/bytes/tlv.ts';
import { decodeMobility } from '../../src/wire/pmipv6/message.ts';
import { mobilityOption } from '../../src/wire/pmipv6/options.ts';

const samog = fileURLToPath(new URL('../../samog', import.meta.url));
export const secret = 'a-secret-of-the-tests';
/** Of who changes sessions, from 127.0.0.1. */
export const authorizationSecret = 'a-secret-of-changes';
const hostAddress = ipv4Of(0xc6120009);
const patienceMs = 20_000;

/** `./samog run` on loopback, which can be killed and started again, and all parties around it in this process. */
export class GatewayWorld {
  readonly folder: string;
  readonly directory: string;
  readonly aaa: AaaServer;
  readonly lma: Lma;
  readonly host: CorrespondentHost;
  readonly wlc: Wlc;
  readonly rg: ResidentialGateway;
  readonly network: SocketNetwork;
  /** The Restart Counters that the gateway has told its LMA, each once. */
  readonly restartCounters = new Set<number>();
  readonly #driver: SocketDriver;
  readonly #claimed: ClaimedAddresses;
  readonly #configFile: string;
  readonly #socket: string;
  #gateway: ChildProcess | undefined;
  #log = '';

  private constructor(driver: SocketDriver, claimed: ClaimedAddresses, acctPort: number | undefined) {
    this.#driver = driver;
    this.#claimed = claimed;
    this.folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
    this.directory = join(this.folder, 'recovery');
    this.#socket = join(this.folder, 'management.sock');
    this.#configFile = join(this.folder, 'gateway.yaml');
    const { addresses } = claimed;
    writeFileSync(this.#configFile, configOf(addresses, this.directory, this.#socket, 0, acctPort));
    this.network = new SocketNetwork(driver, 'udp');
    const key = utf8Encode(secret);
    const accept = () => ({ kind: 'accept', profile: { apn: 'internet' } }) as const;
    this.aaa = new AaaServer(
      { name: 'aaa', address: addresses.aaa, secretOf: () => key, policy: accept },
      this.network,
      hostDigests(),
    );
    const pool = parsePrefix('10.45.0.0/16')!;
    const lmaOptions = { name: 'lma', address: addresses.lma, pool, heartbeatIntervalMs: 100 };
    this.lma = new Lma(lmaOptions, this.network, hostRandom(), wallClock);
    this.host = new CorrespondentHost(hostAddress, this.lma);
    const wlc = { name: 'wlc', address: addresses.wlc1, lma: addresses.access };
    this.wlc = new Wlc(wlc, this.network, hostRandom(), wallClock);
    const rg = { name: 'rg', address: addresses.rg1, gateway: addresses.access };
    this.rg = new ResidentialGateway(rg, this.network);
    this.#listenForRestartCounters();
  }

  /** @param acctPort where the AAA server's address takes accounting; undefined for a gateway that keeps no accounts */
  static async start(acctPort?: number): Promise<GatewayWorld> {
    const { driver } = await openDriver();
    const world = new GatewayWorld(driver, await claimAddresses(driver, process.pid * 13), acctPort);
    for (const actor of [world.aaa, world.lma, world.wlc, world.rg]) await world.network.add(actor);
    return world;
  }

  /** Where the gateway takes CoA- and Disconnect-Requests, as radclient writes it. */
  get authorizationServer(): string {
    return `${formatIpv4(this.#claimed.addresses.aaaSide)}:3799`;
  }

  /** Where WLCs reach the gateway. */
  get access(): string {
    return formatIpv4(this.#claimed.addresses.access);
  }

  newUe(number: number): Ue {
    const ue = new Ue(
      { name: `ue${number}`, mac: macOf(0x02005e200000 + number), correspondent: hostAddress },
      hostRandom(),
    );
    this.network.runs(ue);
    return ue;
  }

  async attach(ue: Ue, to: AccessPoint): Promise<void> {
    ue.moveTo(to, 'dhcp-discover', now());
    this.network.poke();
    await until(() => ue.dhcpState === 'Bound', `${ue.name} is bound`);
  }

  /** Starts the gateway, and waits until it says that it is ready. */
  async startGateway(): Promise<void> {
    const child = spawn(samog, ['run', '--config', this.#configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#gateway = child;
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (this.#log += text));
    await until(() => said.includes('ready') || child.exitCode !== null, 'the gateway is ready');
    if (child.exitCode !== null) throw new Error(`the gateway does not start:\n${this.#log}`);
  }

  /** What a second gateway says that is started while this one runs, and its exit code. */
  startAnother(): { readonly said: string; readonly exitCode: number | null } {
    const yaml = configOf(this.#claimed.addresses, this.directory, `${this.#socket}.2`, 100);
    writeFileSync(`${this.#configFile}.2`, yaml);
    const { stderr, status } = spawnSync(samog, ['run', '--config', `${this.#configFile}.2`], { encoding: 'utf8' });
    return { said: stderr, exitCode: status };
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#gateway!;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** The events of this name in the gateway's log so far, as it words them. */
  logged(event: string): string[] {
    const lines = this.#log.split('\n').filter((line) => line.startsWith('{'));
    const entries = lines.map((line) => JSON.parse(line) as { event?: string; msg?: string });
    return entries.filter((entry) => entry.event === event).map(({ msg }) => msg ?? '');
  }

  show<View>(...what: readonly string[]): View {
    const { stdout } = spawnSync(samog, ['show', ...what, '--json', '--socket', this.#socket], { encoding: 'utf8' });
    return JSON.parse(stdout) as View;
  }

  /** A file of the gateway's directory. */
  file(name: string): string {
    return readFileSync(join(this.directory, name), 'utf8');
  }

  async stop(): Promise<void> {
    if (this.#gateway?.exitCode === null && this.#gateway.signalCode === null) await this.kill('SIGKILL');
    this.network.stop();
    this.#claimed.release();
    await this.#driver.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #listenForRestartCounters(): void {
    const receive = this.lma.receive.bind(this.lma);
    this.lma.receive = (datagram, at) => {
      const message = datagram.protocol === 'udp' ? decodeMobility(datagram.bytes) : undefined;
      if (message?.ok && message.value.kind === 'heartbeat') {
        const counter = find(message.value.options, mobilityOption.restartCounter);
        if (counter !== undefined) this.restartCounters.add(counter);
      }
      receive(datagram, at);
    };
  }
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error(`it does not come true that ${what}`);
    await sleep(10);
  }
}

function configOf(
  addresses: ClaimedAddresses['addresses'],
  directory: string,
  socket: string,
  shift = 0,
  acctPort?: number,
): string {
  const text = (address: Ipv4Address): string => formatIpv4(ipv4Of(address + shift));
  return `
chassis: { name: kept }
management: { socket: ${socket} }
recovery: { directory: ${directory}, flush-interval: 20ms, accounting-interval: 1s }
twan-profiles:
  - name: wlc
    access-type: pmip
    session-trigger: pmipv6
    clients: [${text(addresses.wlc1)}/32]
${acctPort === undefined ? '' : `    radius: { clients: [{ address: 127.0.0.1/32, key: ${secret} }] }`}
  - { name: rg, access-type: eogre, session-trigger: dhcp, clients: [${text(addresses.rg1)}/32] }
access-lists: [{ name: nothing }]
mrme-service:
  twan-profiles: [wlc, rg]
  bind: { address: ${text(addresses.aaaSide)}, source-ports: 1 }
  radius:
    servers: [{ name: aaa, address: ${text(addresses.aaa)}, secret: ${secret}, acct-port: ${acctPort ?? 1813} }]
    timeout: 300ms
${acctPort === undefined ? '' : '  accounting: { handover-hold-down: 1s }\n  disconnect: { delay-time: 2s }'}
  dynamic-authorization: { clients: [{ address: 127.0.0.1, key: ${authorizationSecret} }] }
cgw-service:
  access: { address: ${text(addresses.access)}, gre-transport: udp, vmac: '02:00:5e:00:00:fe' }
  s2a: { address: ${text(addresses.s2a)}, gre-transport: udp, lmas: [${text(addresses.lma)}], apn: internet }
`;
}
