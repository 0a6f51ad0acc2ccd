import { readFileSync } from 'node:fs';
import type { Certificates } from '../../src/lab/certificates.ts';
import { freeRadiusEap } from '../aaa/eap-users.ts';
import { FreeRadius } from '../aaa/free-radius.ts';
import { GatewayProcess } from '../endtoend/gateway-process.ts';
import type { JsonProcess } from '../endtoend/json-process.ts';
import { endProcess } from '../endtoend/namespaces.ts';
import type { CorePlan } from '../endtoend/plans.ts';
import { ip, joinByVeth, place, Surroundings } from '../endtoend/surroundings.ts';
import type { Kernel } from './kernel.ts';
import { Machine } from './machine.ts';

/** Who has which address, as README has it. */
export const where = {
  gateway: '192.0.2.1',
  s2a: '203.0.113.1',
  gatewayAaa: '203.0.113.10',
  aaa: '203.0.113.20',
  lma: '203.0.113.100',
  accessPoints: '198.51.100.0/24',
  /** In the network of access points, and in the one between it and the gateway. */
  router: '198.51.100.1',
  transit: '192.0.2.254',
  host: '198.18.0.10',
} as const;

const taps = ['tap0', 'tap1', 'tap2'] as const;
export const programs = ['busybox', 'ip', 'ping', 'iw', 'hostapd', 'wpa_supplicant', 'wpa_cli', 'iperf3'] as const;

/**
 * What a machine with access points needs around it:
 *
 *     machine ─ eth0 ~ tap0 ─ router ─ eth0 ┤ gateway ├ eth1 ─┬─ FreeRADIUS
 *                                                             └─ LMA ~ TUN ~ host
 */
export class MachineWorld extends Surroundings {
  readonly gw = this.namespaces.add('gw');
  machine: Machine | undefined;
  #coreNode: JsonProcess | undefined;
  #aaa: FreeRadius | undefined;

  constructor() {
    super();
    joinByVeth('eth0', this.gw, `${where.gateway}/24`, this.access, [where.transit], 24);
    joinByVeth('eth1', this.gw, `${where.s2a}/24`, this.core, [where.lma, where.aaa], 24);
    ip('-n', this.gw, 'address', 'add', `${where.gatewayAaa}/24`, 'dev', 'eth1');
    ip('-n', this.gw, 'route', 'add', where.accessPoints, 'via', where.transit);
    ip('-n', this.access, 'link', 'add', 'lan', 'type', 'bridge');
    ip('-n', this.access, 'address', 'add', `${where.router}/24`, 'dev', 'lan');
    for (const tap of taps) {
      this.namespaces.exec(this.access, 'ip', 'tuntap', 'add', tap, 'mode', 'tap');
      ip('-n', this.access, 'link', 'set', tap, 'master', 'lan', 'up');
    }
    ip('-n', this.access, 'link', 'set', 'lan', 'up');
    this.namespaces.exec(this.access, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  }

  /** Boots the machine, and starts AAA and LMA meanwhile. @param users further entries of FreeRADIUS's file of users */
  async start(kernel: Kernel, certificates: Certificates, secret: string, users: string): Promise<void> {
    const credentials = {
      'ca.pem': certificates.ca,
      'tls-ue.pem': certificates.certificate('tls-ue'),
      'tls-ue.key': certificates.key('tls-ue'),
    };
    this.machine = new Machine(this.namespaces, this.access, {
      kernel,
      taps,
      modules,
      programs,
      files: {
        'etc/udhcpc/default.script': readFileSync('/etc/udhcpc/default.script', 'utf8'),
        ...Object.fromEntries(
          Object.entries(credentials).map(([name, path]) => [`etc/wifi/${name}`, readFileSync(path, 'utf8')]),
        ),
      },
    });
    const plan: CorePlan = {
      // Another than the one that is asked: FreeRADIUS.
      aaa: { address: '127.0.0.1', secret, rejectedMacs: [] },
      lma: {
        address: where.lma,
        gateway: where.s2a,
        pool: place.pool,
        hostNamespace: this.host,
        hostAddress: where.host,
      },
    };
    this.#coreNode = this.startNode('../endtoend/core-node.ts', this.core, plan);
    const eap = freeRadiusEap(certificates);
    this.#aaa = new FreeRadius({
      address: where.aaa,
      authenticationPort: 1812,
      accountingPort: 1813,
      secret,
      clients: where.gatewayAaa,
      ...eap,
      users: `${eap.users}\n${users}`,
      launch: (command) => this.namespaces.start(this.core, command, { stdio: ['ignore', 'pipe', 'pipe'] }),
    });
    await Promise.all([this.machine.ready(), this.#coreNode.ready(), this.#aaa.start()]);
  }

  /** A gateway with a configuration from a document, to which its management socket is added. */
  gatewayOf(name: string, config: string): GatewayProcess {
    return new GatewayProcess(
      this.namespaces,
      this.gw,
      name,
      (socket) => `${config}\nmanagement: { socket: ${socket} }\n`,
    );
  }

  /** What AAA has been told of accounting. */
  get accounting(): string {
    return this.#aaa!.detail;
  }

  async stop(keepFolder: boolean): Promise<void> {
    await this.machine?.stop();
    if (this.#coreNode !== undefined) await endProcess(this.#coreNode.child);
    await this.#aaa?.remove();
    await this.end(keepFolder);
  }
}

/** Three radios: two access points, and a UE. The ciphers of WPA2 are loaded beforehand, since nothing in the machine would when asked. */
const modules = {
  virtio_pci: '',
  virtio_console: '',
  virtio_net: '',
  veth: '',
  ip_gre: '',
  bridge: '',
  ccm: '',
  ctr: '',
  cmac: '',
  mac80211_hwsim: 'radios=3',
};
