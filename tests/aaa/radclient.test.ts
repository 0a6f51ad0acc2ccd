/** `./samog run` and radclient of FreeRADIUS, which changes and disconnects a session of its. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { now } from '../../src/host/clock.ts';
import { MeasuredTraffic } from '../../src/peers/measured-traffic.ts';
import type { Ue } from '../../src/peers/ue.ts';
import { authorizationSecret, GatewayWorld, until } from '../recovery/gateway-world.ts';
import { requireTool } from '../support/require-tool.ts';

const limitMs = 60_000;

interface Detail {
  readonly mac: string;
  readonly grants: { readonly accessListUplink: string | null; readonly ambr: { readonly uplinkKbps: number } | null };
  readonly authentication: { readonly idleTimeoutSeconds: number | null };
}

describe.skipIf(!requireTool('radclient'))('radclient', () => {
  let world: GatewayWorld;
  let ue: Ue;

  beforeEach(async () => {
    world = await GatewayWorld.start();
    await world.startGateway();
    ue = world.newUe(1);
    await world.attach(ue, world.rg);
  }, limitMs);

  afterEach(() => world.stop());

  const who = 'Calling-Station-Id = "02-00-5E-20-00-01"';

  /** What radclient shows of the answer to a request with these attributes. */
  async function ask(
    what: 'coa' | 'disconnect',
    attributes: readonly string[],
    { key = authorizationSecret, at = Math.floor(Date.now() / 1000), signed = true } = {},
  ): Promise<string> {
    const all = [...attributes, `Event-Timestamp = ${at}`, ...(signed ? ['Message-Authenticator = 0x00'] : [])];
    const child = spawn('radclient', ['-x', '-r', '1', '-t', '2', world.authorizationServer, what, key]);
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (said += text));
    child.stdin.end(`${all.join('\n')}\n`);
    await once(child, 'close');
    return said;
  }

  const detail = () =>
    world.show<{ subscribers: readonly Detail[] }>('subscribers', 'samog-only', 'full').subscribers[0];

  it(
    'changes rate, list and timeout, and is refused as a whole where one of them is not possible',
    async () => {
      const qos = '3GPP-GPRS-Negotiated-QoS-profile = "08-240900000320000003E8"';
      expect(await ask('coa', [who, qos, 'Idle-Timeout = 900', 'Proxy-State = 0x0102'])).toMatch(
        /Received CoA-ACK.*Proxy-State = 0x0102/s,
      );
      expect(detail()).toMatchObject({
        grants: { accessListUplink: null, ambr: { uplinkKbps: 800, downlinkKbps: 1000, source: 'change' } },
        authentication: { idleTimeoutSeconds: 900 },
      });
      expect(await ask('coa', [who, 'Filter-Id = "other"', 'Idle-Timeout = 5'])).toMatch(
        /Received CoA-NAK.*Error-Cause = Invalid-Attribute-Value/s,
      );
      expect(detail()?.authentication.idleTimeoutSeconds).toBe(900);
      expect(await ask('coa', [who, 'Filter-Id = "nothing"'])).toContain('Received CoA-ACK');
      const traffic = new MeasuredTraffic(ue, world.host, { intervalMs: 2 });
      world.network.runs(traffic);
      traffic.start(now());
      world.network.poke();
      await until(() => traffic.uplink.sent > 100, 'packets are sent');
      traffic.stop();
      const statistics = world.show<{ cgw: { uplinkDropped: Record<string, number> } }>('samog-service', 'statistics');
      expect(statistics.cgw.uplinkDropped['filtered']).toBeGreaterThan(0);
      expect([traffic.uplink.arrived, traffic.downlink.arrived]).toEqual([0, 0]);
    },
    limitMs,
  );

  it(
    'disconnects it, and is told that it is gone',
    async () => {
      expect(await ask('disconnect', [who])).toContain('Received Disconnect-ACK');
      await until(() => world.lma.bindings().length === 0, 'the LMA has no binding');
      expect(await ask('disconnect', [who])).toMatch(/Received Disconnect-NAK.*Session-Context-Not-Found/s);
      expect(detail()).toBeUndefined();
    },
    limitMs,
  );

  it.each([
    ['another secret', { key: 'wrong' }],
    ['no Message-Authenticator', { signed: false }],
    ['an old Event-Timestamp', { at: 1_700_000_000 }],
  ])(
    'has no answer with %s',
    async (_, how) => {
      expect(await ask('disconnect', [who], how)).toContain('No reply from server');
      expect(detail()).toBeDefined();
    },
    limitMs,
  );
});
