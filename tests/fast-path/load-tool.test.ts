import { beforeAll, describe, expect, it } from 'vitest';
import { type LoadReport, loadReceiveCommand, loadSendCommand } from '../../src/lab/load/load-command.ts';
import { requireTool } from '../support/require-tool.ts';
import { enterOwnNetwork, ip } from './own-network.ts';
import { fastPathNeeds } from './requirements.ts';

const send = {
  interface: 'left',
  from: '192.0.2.1',
  to: '192.0.2.254',
  nextHop: '02:00:00:00:00:fe',
  router: '02:00:00:00:00:fe',
  mac: '02:b0:00:00:00:00',
  address: '10.0.0.2',
  host: '198.18.0.1',
  key: 1,
  keyStep: 1,
  sessions: 100,
  octets: 512,
  rate: 20_000,
  seconds: 0.5,
  json: true,
} as const;

describe.skipIf(!requireTool(...fastPathNeeds()))('samog load', () => {
  beforeAll(() => {
    enterOwnNetwork();
    ip('link add left type veth peer name right');
    for (const name of ['left', 'right']) ip(`link set ${name} up`);
  });

  it.each(['uplink', 'downlink'] as const)('counts at one end what it has sent at the other: %s', async (direction) => {
    const [sent, arrived]: [string[], string[]] = [[], []];
    const receiving = loadReceiveCommand({ interface: 'right', seconds: 4, json: true }, (text) => arrived.push(text));
    expect(await loadSendCommand({ ...send, direction }, (text) => sent.push(text))).toBe(0);
    expect(await receiving).toBe(0);
    const [out, there] = [sent, arrived].map((texts) => JSON.parse(texts.join('')) as LoadReport);
    // How many were made, and how many found room at the other end, is a matter of what else the processors do.
    expect(there!.packets).toBeGreaterThan(0);
    expect(there!.packets).toBeLessThanOrEqual(out!.packets);
    const frameOctets = direction === 'uplink' ? 512 + 52 : 512 + 42;
    const bits = (there!.megabitsPerSecond * 1e6 * there!.seconds) / there!.packets;
    expect(bits).toBeCloseTo(frameOctets * 8, 3);
  });

  it.each([
    { interface: 'nowhere' },
    { from: '192.0.2' },
    { nextHop: 'everybody' },
    { octets: 63 },
    { octets: 3001 },
    { sessions: 0 },
  ])('refuses %o', async (wrong) => {
    expect(await loadSendCommand({ ...send, direction: 'uplink', ...wrong })).toBe(2);
  });
});
