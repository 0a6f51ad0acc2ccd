import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FastPathTable } from '../../src/forwarding/fast-path/fast-path-table.ts';
import { PlaceIndex, setsFor, wordsOfSet } from '../../src/forwarding/fast-path/place-index.ts';
import { replaceSession, wordsOfSession } from '../../src/forwarding/fast-path/session-value.ts';
import { wallClock } from '../../src/host/clock.ts';
import { ConfigurationDesk } from '../../src/host/configuration/configuration-desk.ts';
import { type Gateway, startGateway } from '../../src/host/gateway.ts';
import { managementApp } from '../../src/host/management/app.ts';
import { doorOf } from '../../src/host/management/door.ts';
import { managedGateway } from '../../src/host/management/managed-gateway.ts';
import { BulkstatsWriter } from '../../src/host/metrics/bulkstats-writer.ts';
import { Exposition } from '../../src/host/metrics/exposition.ts';
import { auditSlices } from '../../src/host/xdp/fast-path-audit.ts';
import { ForwardingAuditor } from '../../src/host/xdp/forwarding-auditor.ts';
import { macOf, parseIp } from '../../src/kernel/address.ts';
import { bulkstatVariableNames } from '../../src/operations/bulkstats/variables.ts';
import { parseConfig } from '../../src/operations/config/parse.ts';
import { forwardingEntryOf } from '../../src/services/samog/session/forwarding-entry.ts';
import type { SessionManager } from '../../src/sessmgr/session-manager.ts';
import { TurnWatch } from '../support/turn-work.ts';
import { loopbackGateway } from './gateway-yaml.ts';
import { movedSession } from './view-source.ts';

/** As for what is shown (`turn-work.test.ts`): how often any piece of code may be run in a turn. */
const timesMax = 6000;
/** More sessions than may be gone through in one. */
const many = timesMax + 1000;
const network = '127.9.31';
const firstMac = 0x02005e000000;
const accessList = (port: number) =>
  JSON.stringify([{ name: 'no-mail-relay', rules: [{ action: 'deny', protocol: 'tcp', 'destination-ports': port }] }]);

const files = loopbackGateway(network);
const yaml = `${files.yaml}access-lists: ${accessList(25)}\n`;

function sessionsOfMany() {
  const usage = { uplinkPackets: 0, uplinkOctets: 0, downlinkPackets: 0, downlinkOctets: 0, lastActivity: undefined };
  const access = { kind: 'eogre', peer: parseIp(`${network}.130`)!, key: undefined, vlan: 42 } as const;
  return Array.from({ length: many }, (_, index) => {
    const { durable, ...session } = movedSession(index + 1, macOf(firstMac + index));
    const s2a = { ...durable.s2a, peer: parseIp(`${network}.21`)!, downlinkKey: index + 1 };
    return {
      session: { ...session, durable: { ...durable, access, s2a, nai: `${index}@example.net`, cleanups: [] } },
      usage,
    };
  });
}

/** Maps of the kernel with the sessions of a manager, and the table that says what they are to hold. */
function forwardedInMaps(manager: SessionManager) {
  const side = { mtu: 1500, greTransport: 'raw' } as const;
  const table = new FastPathTable(many, {
    ...{ access: side, s2a: side, mssClamp: true },
    listNumberOf: () => undefined,
    isEogreClient: () => true,
    kernelTimeOf: (instant) => instant * 1e6,
  });
  const indexOf = () => new PlaceIndex<never>(new Int32Array(setsFor(many) * wordsOfSet));
  const maps = { sessions: new Int32Array(many * wordsOfSession), ids: indexOf(), macs: indexOf() };
  for (const { session } of manager.registry.sessions()) {
    table.program({ ...forwardingEntryOf(session, manager.accessLists)!, filter: undefined }, 0);
  }
  const settle = (): void => {
    const { writtenPlaces, ids, macs } = table.takeChanges();
    for (const place of writtenPlaces) replaceSession(maps.sessions, place, table.valueOf(place));
    for (const [id, place] of ids) maps.ids.set(id as never, place);
    for (const [mac, place] of macs) maps.macs.set(mac as never, place);
  };
  settle();
  // As the fast path does when it starts.
  table.removeStale(0);
  return new ForwardingAuditor({
    managers: () => [manager],
    slices: () => auditSlices(maps, [table], settle),
    removeStale: () => table.removeStale(0),
    ended: () => {},
    failed: () => {},
  });
}

describe('in no turn of the event loop', () => {
  let gateway: Gateway;
  let desk: ConfigurationDesk;
  let app: ReturnType<typeof managementApp>;
  let watch: TurnWatch;

  beforeAll(async () => {
    writeFileSync(files.configFile, yaml);
    const parsed = parseConfig(yaml, files.configFile);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    gateway = await startGateway(parsed.config);
    const manager = gateway.managers[0]!;
    expect(manager.adopt(sessionsOfMany()).adopted).toBe(many);
    desk = await ConfigurationDesk.open({
      ...{ file: files.configFile, text: yaml, wallClock, folder: `${files.configFile}.d` },
      sessions: () => gateway.manager.registry.size,
      apply: async (next) => gateway.reconfigure(next),
      happened: ({ name, text }) => gateway.tell(name, text),
    });
    const auditor = forwardedInMaps(manager);
    const managed = managedGateway(gateway, { configuration: desk, auditForwarding: () => auditor.now() });
    const exposition = new Exposition(gateway.source, 'test');
    const door = doorOf({ name: 'operator', roles: ['configure', 'intercept'], via: 'token', from: null });
    app = managementApp({ managed, door, exposition: async () => exposition });
    watch = new TurnWatch();
  });
  afterAll(async () => {
    watch.close();
    await desk.stop();
    await gateway.stop();
    files.remove();
  });

  /** What an action has begun goes on for many turns that are all alike: so many of them are watched. */
  const someTurns = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => void setTimeout(resolve, 1));
  };

  const set = (path: string, value: string) => ({ set: { path, value } });
  it.each<[what: string, method: string, path: string, body?: unknown]>([
    ['to edit a candidate', 'POST', '/v1/configuration/candidate', set('access-lists', accessList(26))],
    ['to load a candidate', 'POST', '/v1/configuration/candidate', { load: yaml.replace('25', '27') }],
    ['to show a candidate', 'GET', '/v1/configuration/candidate'],
    ['to compare a candidate', 'GET', '/v1/configuration/compare'],
    ['to check a candidate', 'GET', '/v1/configuration/check'],
    ['to commit an access list that every session names', 'POST', '/v1/configuration/commit', { confirmMinutes: 5 }],
    ['to confirm a commit', 'POST', '/v1/configuration/confirm'],
    ['to show the history', 'GET', '/v1/configuration/history'],
    ['to show what is in force', 'GET', '/v1/configuration/text'],
    ['to roll back', 'POST', '/v1/configuration/rollback', { back: 1 }],
    ['to commit what was rolled back', 'POST', '/v1/configuration/commit', {}],
    ['to refresh a candidate', 'POST', '/v1/configuration/refresh'],
    ['to discard a candidate', 'DELETE', '/v1/configuration/candidate'],
    ['to acknowledge all alarms', 'POST', '/v1/alarms/acknowledge', { all: true }],
    ['to audit what is forwarded', 'POST', '/v1/audit/forwarding'],
    ['for metrics', 'GET', '/metrics'],
  ])('is anything run too often %s', async (_what, method, path, body) => {
    const work = await watch.busiest(async () => {
      const response = await app.request(path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(await response.text()).not.toBe('');
      expect(response.status).toBe(200);
      if (path.endsWith('/commit')) await someTurns();
    });
    expect({ ...work, isTooMuch: work.times > timesMax }).toMatchObject({ isTooMuch: false });
  });

  it('is anything run too often to write every bulk statistic to a file', async () => {
    const format = bulkstatVariableNames.map((name) => `%${name}%`).join(',');
    const directory = join(files.folder, 'bulkstats');
    const schemas = [{ name: 'all', format }];
    const writer = new BulkstatsWriter({ directory, intervalMs: 60_000, filesMax: 3, schemas }, gateway.source);
    const work = await watch.busiest(() => writer.write());
    expect(readdirSync(directory)).toHaveLength(1);
    expect({ ...work, isTooMuch: work.times > timesMax }).toMatchObject({ isTooMuch: false });
  });

  it('is anything run too often to clear one subscriber, then all, while no LMA answers', async () => {
    const clear = async (body: unknown): Promise<unknown> => {
      const response = await app.request('/v1/clear/subscribers', { method: 'POST', body: JSON.stringify(body) });
      return response.json();
    };
    const begun = await watch.busiest(async () => {
      expect(await clear({ mac: '02:00:5e:00:00:09' })).toEqual({ cleared: 1 });
      expect(await clear({ all: true })).toEqual({ cleared: many });
      await someTurns();
    });
    // The first request of each is repeated (RFC 5213 section 6.9.4), of very many at once.
    const { counters } = gateway.managers[0]!;
    while (counters.get('s2a.pbu.deregistration.retransmitted') < 100)
      await new Promise((resolve) => void setTimeout(resolve, 20));
    const repeated = await watch.busiest(someTurns);
    for (const work of [begun, repeated]) {
      expect({ ...work, isTooMuch: work.times > timesMax }).toMatchObject({ isTooMuch: false });
    }
  });
});
