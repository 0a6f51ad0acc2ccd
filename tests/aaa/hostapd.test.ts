/** hostapd as NAS of `./samog run`: a UE that is authenticated on a wire, has its address by a tunnel, and is accounted for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../src/lab/certificates.ts';
import type { SubscriberDetail } from '../../src/operations/views/subscriber.ts';
import { endToEndNeeds } from '../endtoend/requirements.ts';
import { place, ueMac } from '../endtoend/surroundings.ts';
import { ping } from '../endtoend/traffic.ts';
import { Udhcpc } from '../endtoend/udhcpc.ts';
import { requireTool } from '../support/require-tool.ts';
import { AccessPointWorld, aaaPlace } from './access-point-world.ts';
import { freeRadiusEap, networks } from './eap-users.ts';
import { FreeRadius } from './free-radius.ts';
import type { Hostapd, Supplicant } from './hostapd.ts';

const tools = ['freeradius', 'radclient', 'openssl', 'hostapd', 'wpa_supplicant', 'wpa_cli'];
const canRun = requireTool(...endToEndNeeds()) && tools.every((tool) => requireTool(tool));
const limitMs = 60_000;

describe.skipIf(!canRun)('hostapd as NAS', () => {
  let world: AccessPointWorld;
  let aaa: FreeRadius;
  let certificates: Certificates;
  let hasFailed = true;

  beforeAll(async () => {
    world = new AccessPointWorld();
    const { address, secret } = aaaPlace;
    certificates = makeCertificates(world.folder, address, ['server', 'tls-ue']);
    aaa = new FreeRadius({
      address,
      authenticationPort: 1812,
      accountingPort: 1813,
      secret,
      clients: place.gatewayAaa,
      ...freeRadiusEap(certificates),
      launch: (command) => world.namespaces.start(world.core, command, { stdio: ['ignore', 'pipe', 'pipe'] }),
    });
    await world.start();
    await aaa.start();
    hasFailed = false;
  }, limitMs);

  afterEach(({ task }) => {
    if (task.result?.state === 'fail') hasFailed = true;
  });

  afterAll(async () => {
    if (hasFailed) console.error(`logs are in ${world.folder}\n${world.gateway.logTail()}`);
    await aaa?.remove();
    await world?.stop(hasFailed);
  });

  const subscribers = (): SubscriberDetail[] =>
    world.gateway.showJson<{ subscribers: SubscriberDetail[] }>('subscribers', 'samog-only', 'full').subscribers;
  const subscriberOf = (mac: string): SubscriberDetail | undefined => subscribers().find((one) => one.mac === mac);

  /** What AAA has been told by one NAS, On and Off aside: statuses, and how the account ended. */
  const records = (nasIdentifier: string): string[] =>
    told(nasIdentifier).filter((text) => !text.startsWith('Accounting-'));

  function told(nasIdentifier: string): string[] {
    return aaa.detail
      .split(/\n\n/)
      .filter((record) => record.includes(`NAS-Identifier = "${nasIdentifier}"`))
      .map((record) => [/Acct-Status-Type = (\S+)/, /Acct-Terminate-Cause = (\S+)/].map((it) => it.exec(record)?.[1]))
      .map(([status, cause]) => (cause === undefined ? status! : `${status} ${cause}`));
  }

  interface Attached {
    readonly hostapd: Hostapd;
    readonly supplicant: Supplicant;
    readonly dhcp: Udhcpc;
  }

  /** Authenticates the UE at an access point and has it get its address and reach the host. */
  async function attach(kind: 'eogre' | 'pmip', method: 'tls' | 'peap', mac: string): Promise<Attached> {
    const hostapd = world.startHostapd(kind);
    await until(() => hostapd.log.includes('AP-ENABLED'), 'hostapd serves');
    const dhcp = new Udhcpc(world.namespaces, world.stationOf(kind));
    const supplicant = world.startSupplicant(kind, networks(certificates)[method]);
    await until(() => supplicant.log.includes('CTRL-EVENT-EAP-SUCCESS'), 'EAP has succeeded');
    await until(() => supplicant.isAuthorized, 'the port is open');
    expect(supplicant.keys).toMatch(/^[0-9a-f]{128}$/);
    expect(hostapd.keys).toBe(supplicant.keys);
    expect(subscriberOf(mac)).toMatchObject({ state: 'Admitted' });
    await world.openTunnel(kind);
    expect(await dhcp.obtain()).toMatchObject({ event: 'bound' });
    const { lost } = await ping(world.namespaces, world.stationOf(kind), place.host, { count: 20 });
    expect(lost).toBe(0);
    expect(subscriberOf(mac)).toMatchObject({ state: 'Established' });
    return { hostapd, supplicant, dhcp };
  }

  it('nobody has an address before it is authenticated', async () => {
    await world.openTunnel('eogre');
    const dhcp = new Udhcpc(world.namespaces, world.stationOf('eogre'));
    expect(await dhcp.obtain('-t', '1', '-T', '1')).toBeUndefined();
    expect(subscribers()).toEqual([]);
  });

  it(
    'EAP-TLS, DHCP through EoGRE, and a session that ends at the access point',
    async () => {
      const mac = ueMac.ue1;
      const { supplicant } = await attach('eogre', 'tls', mac);
      await until(() => records('ap-eogre').length === 1, 'AAA has the START of hostapd');
      supplicant.logoff();
      await until(() => subscriberOf(mac) === undefined, 'the session is over');
      await until(() => records('samog').length === 2, 'AAA has the STOP of the gateway');
      expect(records('ap-eogre')).toEqual(['Start', 'Stop User-Request']);
      expect(records('samog')).toEqual(['Start', 'Stop User-Request']);
    },
    limitMs,
  );

  it(
    'PEAP with MSCHAPv2, DHCP through PMIPv6, and a session that AAA ends',
    async () => {
      const mac = ueMac.ue2;
      const { hostapd } = await attach('pmip', 'peap', mac);
      await until(() => records('ap-pmip').length === 1, 'AAA has the START of hostapd');
      const who = `Calling-Station-Id = "${mac.toUpperCase().replaceAll(':', '-')}"`;
      expect(await world.change('coa', [who, 'Idle-Timeout = 900'])).toContain('Received CoA-ACK');
      expect(subscriberOf(mac)).toMatchObject({ authentication: { idleTimeoutSeconds: 900 } });
      expect(await world.change('disconnect', [who])).toContain('Received Disconnect-ACK');
      // hostapd is told in its turn, finds its station, and lets it go.
      await until(() => hostapd.log.includes('RADIUS DAS: Found a matching session'), 'hostapd knows who is meant');
      await until(() => records('ap-pmip').length === 2, 'AAA has the STOP of hostapd');
      await until(() => records('samog').at(-1) === 'Stop Admin-Reset', 'AAA has the STOP of the gateway');
      // One host is both access points, and hostapd answers from its first address, not from the one that was asked.
      expect(subscribers()).toMatchObject([{ state: 'Disconnecting', accounting: { owed: null } }]);
    },
    limitMs,
  );

  it('AAA was told of the beginning of the service before all else, and is told of its end', async () => {
    expect(told('samog')[0]).toBe('Accounting-On');
    await world.gateway.stop();
    await until(() => told('samog').at(-1) === 'Accounting-Off', 'AAA has the Accounting-Off');
  });
});

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (condition()) return;
    await sleep(50);
  }
  throw new Error(`never: ${what}`);
}
