/**
 * The core network, as a process of its own: a AAA server and an LMA on real sockets. Behind the LMA a TUN interface
 * leads to a host in a namespace of its own. Its argument is a `CorePlan`; it answers with a `CoreStatus`.
 */
import { execFileSync } from 'node:child_process';
import { wallClock } from '../../src/host/clock.ts';
import { hostDigests } from '../../src/host/digests.ts';
import { hostRandom } from '../../src/host/random.ts';
import { openDriver } from '../../src/host/sockets/open-driver.ts';
import { formatIp, formatMac, parseIp, parsePrefix } from '../../src/kernel/address.ts';
import { SocketNetwork } from '../../src/lab/socket-network.ts';
import { Tap } from '../../src/lab/tap.ts';
import { AaaServer } from '../../src/peers/aaa-server.ts';
import { Lma } from '../../src/peers/lma.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { answerCommands } from './json-process.ts';
import { sendNoise } from './noise.ts';
import { type CoreCommand, type CorePlan, type CoreStatus, interfaceName } from './plans.ts';

const plan = JSON.parse(process.argv[2]!) as CorePlan;
const { driver } = await openDriver('batched');
const network = new SocketNetwork(driver, 'raw');
const gateway = parseIp(plan.lma.gateway)!;

const secret = utf8Encode(plan.aaa.secret);
const aaa = new AaaServer(
  {
    name: 'aaa',
    address: parseIp(plan.aaa.address)!,
    secretOf: () => secret,
    policy: (mac) =>
      mac === undefined || plan.aaa.rejectedMacs.includes(formatMac(mac)) ? { kind: 'reject' } : { kind: 'accept' },
  },
  network,
  hostDigests(),
);
const { hostNamespace, hostAddress, pool, heartbeatIntervalMs } = plan.lma;
const lma = new Lma(
  {
    name: 'lma',
    address: parseIp(plan.lma.address)!,
    pool: parsePrefix(pool)!,
    ...(heartbeatIntervalMs === undefined ? {} : { heartbeatIntervalMs }),
  },
  network,
  hostRandom(),
  wallClock,
);
await network.add(aaa);
await network.add(lma);

const tun = new Tap('tun', interfaceName.host, {
  received: (packet) => lma.sendToUe(packet),
  batchEnded: () => network.poke(),
});
lma.correspondent = { fromUe: (packet) => tun.send(packet) };
ip('link', 'set', tun.name, 'netns', hostNamespace);
ip('-n', hostNamespace, 'address', 'add', `${hostAddress}/32`, 'dev', tun.name);
ip('-n', hostNamespace, 'link', 'set', tun.name, 'up');
ip('-n', hostNamespace, 'route', 'add', pool, 'dev', tun.name, 'src', hostAddress);

answerCommands<CoreCommand>(
  async (command) => {
    if (command.kind === 'status') return status();
    await sendNoise([lma.address], gateway, command.packets, [], network);
    return {};
  },
  () => process.exit(0),
);

function status(): CoreStatus {
  return {
    aaa: aaa.counters.snapshot(),
    lma: lma.counters.snapshot(),
    bindings: lma.bindings().map(({ nai, address, downlinkKey, uplinkKey }) => ({
      nai,
      address: formatIp(address),
      downlinkKey,
      uplinkKey,
    })),
  };
}

function ip(...parameters: readonly string[]): void {
  execFileSync('ip', parameters, { stdio: ['ignore', 'ignore', 'inherit'] });
}
