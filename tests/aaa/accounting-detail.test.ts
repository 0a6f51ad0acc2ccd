/** `./samog run` with FreeRADIUS as accounting server: what that writes down is what the data path has forwarded. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { now } from '../../src/host/clock.ts';
import { formatIpv4, ipv4Of } from '../../src/kernel/address.ts';
import { MeasuredTraffic } from '../../src/peers/measured-traffic.ts';
import type { Ue } from '../../src/peers/ue.ts';
import { GatewayWorld, secret, until } from '../recovery/gateway-world.ts';
import { requireTool } from '../support/require-tool.ts';
import { FreeRadius } from './free-radius.ts';

const limitMs = 90_000;
const accountingPort = 23813;
/** More than the gateway's store needs to have all that UEs have used. */
const storedMs = 2500;

interface DetailRecord {
  readonly [attribute: string]: string | undefined;
}

/** The records of a `detail` file: a line with the date, then one of each attribute, then an empty line. */
function recordsOf(detail: string): DetailRecord[] {
  return detail
    .split('\n\n')
    .filter((block) => /Acct-Status-Type = (Start|Interim-Update|Stop)/.test(block))
    .map((block) => {
      const lines = block.split('\n').flatMap((line) => [...line.matchAll(/^\t(\S+) = "?(.*?)"?$/g)]);
      return Object.fromEntries(lines.map(([, name, value]) => [name!, value!]));
    });
}

const octetsOf = (record: DetailRecord | undefined) => ({
  uplinkOctets: Number(record?.['Acct-Input-Octets']),
  downlinkOctets: Number(record?.['Acct-Output-Octets']),
});

describe.skipIf(!requireTool('freeradius'))('FreeRADIUS, as accounting server,', () => {
  let world: GatewayWorld;
  let server: FreeRadius;

  beforeEach(async () => {
    world = await GatewayWorld.start(accountingPort);
    const address = formatIpv4(ipv4Of(Number(world.aaa.address)));
    server = new FreeRadius({ address, authenticationPort: accountingPort - 1, accountingPort, secret, users: '' });
    await server.start();
    await world.startGateway();
  }, limitMs);

  afterEach(async () => {
    await world.stop();
    await server.remove();
  });

  const records = () => recordsOf(server.detail);
  const statuses = () => records().map((record) => record['Acct-Status-Type']);

  async function exchange(ue: Ue, packets: number): Promise<void> {
    const traffic = new MeasuredTraffic(ue, world.host, { intervalMs: 2 });
    world.network.runs(traffic);
    traffic.start(now());
    world.network.poke();
    const arrived = () => Math.min(traffic.uplink.arrived, traffic.downlink.arrived);
    await until(() => arrived() >= packets, `${packets} packets of ${ue.name} arrive each way`);
    traffic.stop();
    await sleep(100);
  }

  function used() {
    const view = world.show<{ subscribers: { usage: { uplinkOctets: number; downlinkOctets: number } }[] }>(
      'subscribers',
      'samog-only',
      'full',
    );
    const { uplinkOctets, downlinkOctets } = view.subscribers[0]!.usage;
    return { uplinkOctets, downlinkOctets };
  }

  /** What the data path has counted when nothing arrives any more. */
  async function usedInAll() {
    for (let before = used(); ; before = used()) {
      await sleep(300);
      if (JSON.stringify(used()) === JSON.stringify(before)) return before;
    }
  }

  /** The LMA ends the session. */
  function revoke(): void {
    world.lma.revoke(world.lma.bindings()[0]!.nai, now());
    world.network.poke();
  }

  it(
    'has one account, to the octet, through a handover and kill -9',
    async () => {
      const ue = world.newUe(1);
      await world.attach(ue, world.rg);
      await exchange(ue, 40);
      ue.moveTo(world.wlc, 'silent', now(), 20);
      world.network.poke();
      await until(() => statuses().includes('Interim-Update'), 'an INTERIM tells of the handover');
      await exchange(ue, 40);
      const before = await usedInAll();
      await sleep(storedMs);
      await world.kill('SIGKILL');
      await world.startGateway();
      expect(used()).toEqual(before);
      await exchange(ue, 40);
      const all = await usedInAll();
      revoke();
      await until(() => statuses().includes('Stop'), 'the account ends');
      const [first] = records();
      const last = records().at(-1)!;
      expect(new Set(records().map((record) => record['Acct-Session-Id']))).toEqual(
        new Set([first!['Acct-Session-Id']]),
      );
      expect(statuses().filter((status) => status !== 'Interim-Update')).toEqual(['Start', 'Stop']);
      expect(all.uplinkOctets).toBeGreaterThan(before.uplinkOctets);
      expect(octetsOf(last)).toEqual(all);
      expect(last).toMatchObject({
        'Acct-Terminate-Cause': 'Service-Unavailable',
        'User-Name': '02005e200001',
        'Calling-Station-Id': '02-00-5E-20-00-01',
        'Framed-IP-Address': formatIpv4(ue.address!),
      });
      const stations = records().map((record) => record['Called-Station-Id']);
      expect(new Set(stations).size).toBe(2);
    },
    limitMs,
  );

  it(
    'is told of a session that ended while it was away, by a gateway that was killed meanwhile',
    async () => {
      const ue = world.newUe(1);
      await world.attach(ue, world.rg);
      await exchange(ue, 20);
      await until(() => statuses().includes('Start'), 'the account begins');
      const all = await usedInAll();
      await server.stop();
      revoke();
      const owing = () =>
        world.show<{ sessions: { states: { owing: number } } }>('samog-service').sessions.states.owing;
      await until(() => owing() === 1, 'the session is over, and owes');
      await sleep(storedMs / 5);
      await world.kill('SIGKILL');
      await world.startGateway();
      expect(owing()).toBe(1);
      await server.start();
      await until(() => statuses().includes('Stop'), 'the account ends');
      expect(octetsOf(records().at(-1))).toEqual(all);
      await until(() => owing() === 0, 'nothing is owed any more');
    },
    limitMs,
  );
});
