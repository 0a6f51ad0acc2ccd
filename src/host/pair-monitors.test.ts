import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { requireTool } from '../../tests/support/require-tool.ts';
import { parseIpv4 } from '../kernel/address.ts';
import { SocketNetwork } from '../lab/socket-network.ts';
import { AaaServer } from '../peers/aaa-server.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { now } from './clock.ts';
import { hostDigests } from './digests.ts';
import { type MonitorChange, PairMonitors } from './pair-monitors.ts';
import { hostRandom } from './random.ts';
import { openDriver } from './sockets/open-driver.ts';

const { driver } = await openDriver();
const digests = hostDigests();
const random = hostRandom();
const config = { intervalMs: 20, timeoutMs: 15, failures: 3 };
const address = parseIpv4('127.0.7.1')!;

afterAll(() => driver.close());

/** Runs monitors until a condition holds. */
async function until(monitors: PairMonitors, condition: () => boolean): Promise<void> {
  while (!condition()) {
    if (monitors.nextDeadline() <= now()) monitors.advance(now());
    driver.flush();
    await sleep(1);
  }
}

it('the AAA probe fails when the server falls silent, and recovers with it', async () => {
  const network = new SocketNetwork(driver, 'udp');
  const secret = 'a secret of the monitors';
  const aaa = new AaaServer(
    { name: 'aaa', address, secretOf: () => utf8Encode(secret), policy: () => ({ kind: 'silent' }) },
    network,
    digests,
  );
  await network.add(aaa);
  const changes: MonitorChange[] = [];
  const radius = { servers: [{ name: 'aaa', address, port: 1812, secret }], tls: undefined };
  const monitors = await PairMonitors.open(
    driver,
    { authenticationProbe: config, peers: [] },
    { radius },
    { digests, random },
    (change) => changes.push(change),
  );
  const change = (healthy: boolean) => ({ name: 'authentication-probe', monitor: 'aaa-probe', healthy });
  monitors.report(now());
  expect(changes).toEqual([change(true)]);
  await until(monitors, () => monitors.status()[0]!.answered > 2);
  aaa.answersStatus = false;
  await until(monitors, () => changes.length > 1);
  aaa.answersStatus = true;
  await until(monitors, () => changes.length > 2);
  expect(changes).toEqual([change(true), change(false), change(true)]);
  expect(monitors.status()).toMatchObject([{ monitor: 'aaa-probe', name: 'aaa', target: '127.0.7.1:1812' }]);
  expect([aaa.counters.get('requests'), aaa.counters.get('discarded.bad-signature')]).toEqual([0, 0]);
  monitors.close();
  network.stop();
});

const root = process.getuid?.() === 0 && driver.name === 'batched';
it.skipIf(!requireTool('the right to open raw sockets (root)', root))(
  'a peer is reached by ICMP echo, or is not',
  async () => {
    const changes: MonitorChange[] = [];
    // TEST-NET-1 has no route, or nobody there.
    const absent = parseIpv4('192.0.2.254')!;
    const monitors = await PairMonitors.open(
      driver,
      {
        authenticationProbe: undefined,
        peers: [
          { ...config, timeoutMs: 200, name: 'here', address },
          { ...config, name: 'absent', address: absent },
        ],
      },
      { radius: { servers: [], tls: undefined } },
      { digests, random },
      (change) => changes.push(change),
    );
    await until(monitors, () => changes.length > 0 && monitors.status()[0]!.answered > 2);
    expect(changes).toEqual([{ name: 'absent', monitor: 'peer-reachability', healthy: false }]);
    expect(monitors.status()).toMatchObject([
      { name: 'here', target: '127.0.7.1', healthy: true },
      { name: 'absent', target: '192.0.2.254', healthy: false, answered: 0 },
    ]);
    monitors.close();
  },
);
