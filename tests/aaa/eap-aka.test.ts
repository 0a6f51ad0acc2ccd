/** EAP-AKA and EAP-AKA' of eapol_test, through the gateway, to hostapd as AAA server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubscriberDetail } from '../../src/operations/views/subscriber.ts';
import { endToEndNeeds } from '../endtoend/requirements.ts';
import { place } from '../endtoend/surroundings.ts';
import { requireTool } from '../support/require-tool.ts';
import { AccessPointWorld, aaaPlace, nasSecret, points } from './access-point-world.ts';
import { type EapolResult, eapolTest } from './eapol-test.ts';
import { HostapdServer } from './hostapd-server.ts';
import type { Quintet } from './sim-card.ts';

/** RFC 5448 appendix C, cases 1 and 2. */
const imsi = '0555444333222111';
const quintet: Quintet = {
  rand: '81e92b6c0ee0e12ebceba8d92a99dfa5',
  autn: 'bb52e91c747ac3ab2a5c23d15ee351d5',
  ik: '9744871ad32bf9bbd1dd5ce54e3e2e5a',
  ck: '5349fbe098649f948f5d2e973a81c00f',
  res: '28d7b0f2a2ec3de5',
};
/** hostapd serves on all addresses of the namespace, so not where the other AAA server is. */
const port = 21_812;

const canRun =
  requireTool(...endToEndNeeds()) && ['hostapd', 'eapol_test', 'python3'].every((tool) => requireTool(tool));

describe.skipIf(!canRun)('EAP through the gateway to hostapd', () => {
  let world: AccessPointWorld;
  let server: HostapdServer;

  beforeAll(async () => {
    world = new AccessPointWorld(port);
    const { namespaces, core: namespace } = world;
    const clients = `${place.gatewayAaa}/32`;
    server = new HostapdServer({ namespaces, namespace, clients, port, secret: aaaPlace.secret, quintet });
    await world.start();
    await server.start();
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    await world?.stop(false);
  });

  const authenticate = (identity: string, method: string, mac: string, sim = quintet): Promise<EapolResult> =>
    eapolTest({
      folder: world.folder,
      name: mac.replaceAll(':', ''),
      network: [`eap=${method}`, `identity="${identity}"`],
      server: place.gateway,
      secret: nasSecret,
      client: points.pmip.address,
      mac,
      sim,
      launch: (command) => world.namespaces.start(world.access, command, { stdio: ['ignore', 'pipe', 'pipe'] }),
    });
  const subscribers = (): readonly SubscriberDetail[] =>
    world.gateway.showJson<{ subscribers: SubscriberDetail[] }>('subscribers', 'samog-only', 'full').subscribers;

  it.each([
    ['AKA', '0', '02:00:5e:10:00:23'],
    ["AKA'", '6', '02:00:5e:10:00:50'],
  ])('EAP-%s: the keys of both ends are equal', async (method, digit, mac) => {
    const { succeeded, output } = await authenticate(`${digit}${imsi}`, method, mac);
    expect(succeeded, `${output}\n${server.output}`).toBe(true);
    expect(subscribers().find((one) => one.mac === mac)).toMatchObject({ state: 'Admitted' });
  });

  it('another RES is a Reject, and no session', async () => {
    const mac = '02:00:5e:10:00:99';
    const { succeeded, output } = await authenticate(`0${imsi}`, 'AKA', mac, { ...quintet, res: '0000000000000000' });
    expect(succeeded).toBe(false);
    expect(output).toMatch(/EAP.?Failure/i);
    expect(subscribers().map((one) => one.mac)).not.toContain(mac);
  });
});
