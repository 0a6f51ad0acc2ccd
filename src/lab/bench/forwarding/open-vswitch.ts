import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatIpv4, formatMac } from '../../../kernel/address.ts';
import { addressOfUe, macOfUe, peerKeyOfUe, sessionIdOfUe } from '../network.ts';
import { bed, bedMac } from './load-frames.ts';

/** The switch with the interface that packets come by, that with the one they leave by, and the one with the tunnels. */
export const bridges = { inside: 'br-in', outside: 'br-out', tunnels: 'br-gre' } as const;

const schema = '/usr/share/openvswitch/vswitch.ovsschema';
const startMostMs = 10_000;
const startStepMs = 50;
/** Flows that its datapath may remember: more than twice as many as there are sessions. */
const flowLimit = 400_000;
/** How long it remembers a flow that nothing comes by. */
const idleMs = 120_000;
const logTailLines = 10;

/** Whether the Debian package openvswitch-switch is there. */
export function openVswitchVersion(): string | undefined {
  const { status, stdout } = spawnSync('ovs-vswitchd', ['--version'], { encoding: 'utf8' });
  return status === 0 ? /[0-9]+(?:\.[0-9]+)+/.exec(stdout)?.[0] : undefined;
}

/**
 * Open vSwitch with its userspace datapath, from in0 to out0: EoGRE to GRE with a key, and back, by a flow for each session
 * and direction. Its files are in a folder of its own, and no other Open vSwitch of the machine is touched.
 */
export class OpenVswitch {
  readonly #folder = mkdtempSync(join(tmpdir(), 'samog-ovs-'));
  readonly #database: ChildProcess;
  readonly #switch: ChildProcess;

  /** @throws Error if it does not start, with its last words */
  constructor() {
    const database = join(this.#folder, 'conf.db');
    execFileSync('ovsdb-tool', ['create', database, schema]);
    this.#database = this.#start('ovsdb-server', [database, `--remote=p${this.#socket}`]);
    this.#configure(['--no-wait', 'init']);
    this.#switch = this.#start('ovs-vswitchd', [this.#socket]);
    const settings = [`flow-limit=${flowLimit}`, `max-idle=${idleMs}`, 'smc-enable=true'];
    this.#configure(['set', 'open', '.', ...settings.map((setting) => `other_config:${setting}`)]);
  }

  get pid(): number {
    return this.#switch.pid!;
  }

  /** Makes the bridges; their interfaces in this namespace are there afterwards. */
  makeBridges(): void {
    for (const [bridge, name, mac] of [
      [bridges.inside, 'in0', bedMac.gateway],
      [bridges.outside, 'out0', bedMac.outside],
    ] as const) {
      const own = ['datapath_type=netdev', `other_config:hwaddr="${formatMac(mac)}"`];
      this.#configure(['add-br', bridge, '--', 'set', 'bridge', bridge, ...own, '--', 'add-port', bridge, name]);
      execFileSync('ip', ['link', 'set', bridge, 'up']);
    }
  }

  /** Makes the tunnels, when the addresses they are from are on the bridges, and the sessions' flows. */
  makeTunnels(sessions: number): void {
    const [access, s2a] = [bed.access, bed.s2a].map(formatIpv4);
    const gre = (name: string, settings: readonly string[]): string[] => {
      const options = settings.map((setting) => `options:${setting}`);
      return ['--', 'add-port', bridges.tunnels, name, '--', 'set', 'interface', name, 'type=gre', ...options];
    };
    this.#configure([
      ...['--', 'add-br', bridges.tunnels],
      ...['--', 'set', 'bridge', bridges.tunnels, 'datapath_type=netdev', 'fail_mode=secure'],
      ...gre('eogre', [`local_ip=${access}`, 'remote_ip=flow']),
      ...gre('s2a', [`local_ip=${s2a}`, 'remote_ip=flow', 'key=flow', 'packet_type=legacy_l3']),
    ]);
    for (const peer of [...bed.rgs, bed.lma]) {
      this.#control(['tnl/neigh/set', bridges.outside, formatIpv4(peer), formatMac(bedMac.peer)]);
    }
    const flows = join(this.#folder, 'flows');
    writeFileSync(flows, Array.from({ length: sessions }, (_, index) => flowsOf(index)).join('\n'));
    execFileSync('ovs-ofctl', ['-O', 'OpenFlow13', 'add-flows', this.#bridgeSocket, flows]);
  }

  /** Ends it, and removes its files. */
  close(): void {
    for (const child of [this.#switch, this.#database]) child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return `unix:${join(this.#folder, 'db.sock')}`;
  }

  get #bridgeSocket(): string {
    return `unix:${join(this.#folder, `${bridges.tunnels}.mgmt`)}`;
  }

  #configure(parameters: readonly string[]): void {
    execFileSync('ovs-vsctl', [`--db=${this.#socket}`, `--timeout=${startMostMs / 1000}`, ...parameters], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  #control(parameters: readonly string[]): void {
    const target = join(this.#folder, 'ovs-vswitchd.ctl');
    execFileSync('ovs-appctl', ['-t', target, ...parameters], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Starts a daemon that ends with this process, and waits until it can be spoken to. */
  #start(command: string, parameters: readonly string[]): ChildProcess {
    const control = join(this.#folder, `${command}.ctl`);
    const log = join(this.#folder, `${command}.log`);
    const output = openSync(log, 'a');
    const all = ['--pdeathsig', 'KILL', '--', command, ...parameters, `--unixctl=${control}`];
    const env = { ...process.env };
    for (const name of ['OVS_RUNDIR', 'OVS_DBDIR', 'OVS_LOGDIR', 'OVS_SYSCONFDIR']) env[name] = this.#folder;
    const child = spawn('setpriv', all, { stdio: ['ignore', output, output], env });
    closeSync(output);
    for (let waited = 0; waited < startMostMs; waited += startStepMs) {
      if (spawnSync('ovs-appctl', ['-t', control, 'version']).status === 0) return child;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, startStepMs);
    }
    const words = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-logTailLines).join('\n');
    this.close();
    throw new Error(`${command} does not start:\n${words}`);
  }
}

/** A session's flows: from its frames to the key that its LMA knows it by, and from its own key to its frames. */
function flowsOf(index: number): string {
  const [mac, address] = [formatMac(macOfUe(index)), formatIpv4(addressOfUe(index))];
  const [rg, lma] = [formatIpv4(bed.rgs[0]!), formatIpv4(bed.lma)];
  const up = `in_port=eogre,ip,dl_src=${mac},nw_src=${address}`;
  const toLma = `set_field:${peerKeyOfUe(index)}->tun_id,set_field:${lma}->tun_dst,output:s2a`;
  const down = `in_port=s2a,ip,tun_id=${sessionIdOfUe(index)},nw_dst=${address}`;
  const frame = `set_field:${mac}->eth_dst,set_field:${formatMac(bedMac.gateway)}->eth_src`;
  return `${up},actions=dec_ttl,${toLma}\n${down},actions=dec_ttl,${frame},set_field:${rg}->tun_dst,output:eogre`;
}
