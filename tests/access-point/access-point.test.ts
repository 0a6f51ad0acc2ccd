/** Access points as the documents describe them, on Debian's kernel: tunnel, bridge, radio and authenticator are Linux's own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../src/lab/certificates.ts';
import type { SubscriberDetail } from '../../src/operations/views/subscriber.ts';
import type { GatewayProcess } from '../endtoend/gateway-process.ts';
import { endToEndNeeds } from '../endtoend/requirements.ts';
import { ping, startIperfServer } from '../endtoend/traffic.ts';
import { requireTool } from '../support/require-tool.ts';
import { Document } from './documents.ts';
import { Kernel } from './kernel.ts';
import { MachineWorld, programs, where } from './machine-world.ts';
import { openWrtCommands } from './open-wrt.ts';

const tools = ['qemu-system-x86_64', ...programs, 'freeradius', 'openssl'];
const kernel = Kernel.find();
const canRun =
  requireTool(...endToEndNeeds()) &&
  tools.every((tool) => requireTool(tool)) &&
  requireTool("a kernel of Debian's package linux-image-amd64", kernel !== undefined);

const readme = new Document('README.md');
const guide = new Document('docs/operations/access-points.md');
const secret = 'change-me-to-something-long';
const limitMs = 120_000;

/** Of the UE that README names to FreeRADIUS. */
const wiredMac = '02:00:5e:10:20:30';
/** Of the third radio. */
const radioMac = '02:00:00:00:02:00';
const secondAp = { address: '198.51.100.8' } as const;
const firstAp = { address: '198.51.100.7' } as const;

describe.skipIf(!canRun)('access points on a Linux of their own', () => {
  let world: MachineWorld;
  let gateway: GatewayProcess;
  let hasBegun = false;
  let hasFailed = true;

  beforeAll(async () => {
    world = new MachineWorld();
    const certificates = makeCertificates(world.folder, where.aaa, ['server', 'tls-ue']);
    await world.start(kernel!, certificates, secret, readme.boxAfter('For FreeRADIUS, in `users`'));
    hasBegun = true;
    hasFailed = false;
  }, limitMs);

  afterEach(({ task }) => {
    if (task.result?.state === 'fail') hasFailed = true;
  });

  afterAll(async () => {
    if (hasFailed) {
      const logs = hasBegun ? await run('cat /run/*.log').catch(String) : '';
      console.error(`logs are in ${world.folder}\n${logs}\n${world.machine?.log}\n${gateway?.logTail()}`);
    }
    await world?.stop(hasFailed);
  });

  const run = (script: string): Promise<string> => world.machine!.run(script);
  const within = (place: string, script: string): Promise<string> =>
    run(`ip netns exec ${place} sh -e <<'END'\n${script}\nEND`);

  async function serve(name: string, config: string): Promise<void> {
    await gateway?.stop();
    gateway = world.gatewayOf(name, config);
    await gateway.start();
  }

  async function subscribers(): Promise<readonly SubscriberDetail[]> {
    const answer = await gateway.client.show('subscribers/samog-only', { full: '' });
    return answer.kind === 'data' ? (answer.data as { subscribers: SubscriberDetail[] }).subscribers : [];
  }

  /** Has Debian's DHCP client get an address, once; the address. */
  async function lease(place: string): Promise<string> {
    const said = await within(place, 'udhcpc -i wlan0 -n -q -t 5 2>&1; cat /sys/class/net/wlan0/mtu');
    // What is left in the tunnels, whatever access nodes put into theirs.
    expect(said).toMatch(/\n1454\n$/);
    return /lease of (\S+) obtained/.exec(said)![1]!;
  }

  describe('a UE by wire, as README has it', () => {
    let address: string;

    it(
      'README: a gateway, a residential gateway on any Linux with GRETAP, and a UE that FreeRADIUS knows',
      async () => {
        await serve('readme', readme.boxAfter('`samog.yaml`:'));
        await run(`${placeOf('rg', 'eth0', firstAp.address)}
ip netns add wired
ip -n rg link add wlan0 type veth peer name wlan0 netns wired
ip -n wired link set wlan0 address ${wiredMac} up`);
        await within('rg', readme.boxAfter('**2. A residential gateway.**'));
        address = await lease('wired');
        const reached = { state: 'Established', address, accessPeer: firstAp.address };
        expect(await subscribers()).toMatchObject([{ mac: wiredMac, ...reached }]);
        await within('wired', `ping -c 20 -i 0.02 ${where.host}`);
        const { lost } = await ping(world.namespaces, world.host, address, { count: 20 });
        expect(lost).toBe(0);
      },
      limitMs,
    );

    it(
      'a UE that has not heard of the MTU of the tunnel: nothing is lost, and who asks is told',
      async () => {
        await within('wired', 'ip link set wlan0 mtu 1500');
        await within('wired', `ping -c 3 -i 0.2 -s 4000 ${where.host}`);
        // Longer than the tunnel to the LMA can carry in one piece: 1500 less IP 20 and GRE 8.
        const told = await within('wired', `ping -c 1 -W 5 -M do -s 1472 ${where.host} || true`);
        expect(told).toContain('Frag needed and DF set (mtu = 1472)');
        const { lost } = await ping(world.namespaces, world.host, address, { count: 5, extra: ['-s', '4000'] });
        expect(lost).toBe(0);
        await startIperfServer(world.namespaces, world.host, 5201);
        for (const direction of ['', '-R']) await within('wired', `iperf3 -c ${where.host} -n 1M ${direction}`);
      },
      limitMs,
    );

    it(
      'README: what OpenWrt makes of its files',
      async () => {
        await within('rg', 'ip link del br-wlan\nip link del samog0');
        await within('rg', openWrtCommands(readme.boxAfter('On OpenWrt')).join('\n'));
        // The radio is of the network `wlan`.
        await within('rg', 'ip link set wlan0 master br-wlan');
        expect(await lease('wired')).toBe(address);
        await within('wired', `ip link set wlan0 mtu 1500\nping -c 3 -i 0.2 -s 4000 ${where.host}`);
      },
      limitMs,
    );
  });

  describe('a UE by Wi-Fi, as the guide has it', () => {
    let address: string;
    const wpa = (command: string): Promise<string> => within('ue', `wpa_cli -i wlan0 ${command}`);
    const occurs = async (text: string, name: string): Promise<number> =>
      (await run(`cat /run/${name}.log`)).split(text).length - 1;

    /** An access point as the guide has it, or another like it. */
    async function startAccessPoint(name: string, device: string, other: (text: string) => string): Promise<void> {
      await run(`${placeOf(name, device, other(firstAp.address))}
cat > /etc/${name}.conf <<'END'
${other(guide.boxAfter('`hostapd.conf`'))}END`);
      await within(name, other(guide.boxAfter('The tunnel and the bridge')));
      await within(name, `hostapd /etc/${name}.conf > /run/${name}.log 2>&1 &`);
    }

    it(
      'WPA2-Enterprise: EAP-TLS through the gateway, DHCP and data through the tunnel',
      async () => {
        await serve('guide', guide.boxAfter('## The gateway'));
        await run('ip -n rg link set eth0 down');
        const second = (text: string): string =>
          text.replaceAll(firstAp.address, secondAp.address).replace('ap-1', 'ap-2').replace('channel=1', 'channel=6');
        await run(`${radioAt('ap-1', 0)}${radioAt('ap-2', 1)}${radioAt('ue', 2)}`);
        await startAccessPoint('ap-1', 'eth1', (text) => text);
        await until(async () => (await occurs('AP-ENABLED', 'ap-1')) > 0, 'the access point serves');
        // Where the radios are, so that it need not listen on all the other channels.
        const network = guide
          .boxAfter('`wpa_supplicant.conf`')
          .replace('network={', 'network={\n  scan_freq=2412 2437');
        await run(`cat > /etc/ue.conf <<'END'\n${network}END`);
        await within('ue', 'wpa_supplicant -i wlan0 -c /etc/ue.conf > /run/ue.log 2>&1 &');
        await until(async () => (await occurs('CTRL-EVENT-CONNECTED', 'ue')) > 0, 'the UE is connected');
        const radius = { nas: firstAp.address, nasIdentifier: 'ap-1', method: 'EAP tls' };
        expect(await subscribers()).toMatchObject([{ mac: radioMac, state: 'Admitted', radius }]);
        address = await lease('ue');
        expect(await subscribers()).toMatchObject([{ state: 'Established', address, accessPeer: firstAp.address }]);
        await within('ue', `ping -c 20 -i 0.02 ${where.host}`);
        const { lost } = await ping(world.namespaces, world.host, address, { count: 20 });
        expect(lost).toBe(0);
        await startAccessPoint('ap-2', 'eth2', second);
        await until(async () => (await occurs('AP-ENABLED', 'ap-2')) > 0, 'the other access point serves');
      },
      limitMs,
    );

    /** Has the UE go to an access point under traffic; what ping says of it. */
    async function roamTo(name: string): Promise<string> {
      const bssid = /addr (\S+)/.exec(await within(name, 'iw dev wlan0 info'))![1]!;
      const connection = `Connection to ${bssid}`;
      const times = await occurs(connection, 'ue');
      await wpa('scan freq=2412,2437');
      await until(async () => (await wpa('scan_results')).includes(bssid), 'the UE hears the other access point');
      await within('ue', `ping -i 0.1 ${where.host} > /run/ping.log 2>&1 & echo $! > /run/ping.pid`);
      await wpa(`roam ${bssid}`);
      await until(async () => (await occurs(connection, 'ue')) > times, 'the UE is connected there');
      const before = await occurs('time=', 'ping');
      await until(async () => (await occurs('time=', 'ping')) > before + 10, 'answers come again');
      await run('kill -INT $(cat /run/ping.pid)');
      await until(async () => (await occurs('packets transmitted', 'ping')) > 0, 'ping has ended');
      return (await run('tail -n 2 /run/ping.log')).trim();
    }

    it(
      'roams to another access point and back under traffic, without DHCP',
      async () => {
        for (const [moves, name, nas] of [
          [1, 'ap-2', secondAp.address],
          [2, 'ap-1', firstAp.address],
        ] as const) {
          console.info(`to ${name}:`, await roamTo(name));
          expect(await subscribers()).toMatchObject([
            {
              ...{ state: 'Established', address, accessPeer: nas, moves },
              ...{ radius: { nas, nasIdentifier: name }, accounting: { wlc: { nas } } },
            },
          ]);
        }
        await wpa('disconnect');
        await until(
          async () => (await subscribers())[0]?.accounting?.handoffRemainingSeconds != null,
          'its account is over',
        );
        await wpa('reconnect');
      },
      limitMs,
    );

    it(
      'is disconnected by the operator, and comes again by itself',
      async () => {
        await until(async () => (await subscribers())[0]?.accounting?.handoffRemainingSeconds == null, 'it is back');
        const times = await occurs('CTRL-EVENT-CONNECTED', 'ue');
        gateway.operate('clear', 'subscribers', 'mac', radioMac);
        await until(async () => (await occurs('CTRL-EVENT-DISCONNECTED', 'ue')) > 0, 'the access point has let it go');
        await until(async () => (await occurs('CTRL-EVENT-CONNECTED', 'ue')) > times, 'the UE is connected again');
        expect(await subscribers()).toMatchObject([{ mac: radioMac, state: 'Admitted', moves: 0 }]);
        await lease('ue');
        await within('ue', `ping -c 3 -i 0.2 ${where.host}`);
      },
      limitMs,
    );
  });
});

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await condition()) return;
    await sleep(100);
  }
  throw new Error(`never: ${what}`);
}

/** A namespace of the machine, with one of its radios as `wlan0`. */
function radioAt(name: string, number: number): string {
  return `ip netns add ${name}
iw phy phy${number} set netns name ${name}
ip -n ${name} link set wlan${number} name wlan0
`;
}

/** A namespace of the machine with one of its interfaces, as its way to the gateway. */
function placeOf(name: string, device: string, address: string): string {
  return `ip netns list | grep -qw ${name} || ip netns add ${name}
ip link set ${device} netns ${name}
ip -n ${name} address add ${address}/24 dev ${device}
ip -n ${name} link set ${device} up
ip -n ${name} route add default via ${where.router}
`;
}
