import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { now } from '../../src/host/clock.ts';
import { hostDigests } from '../../src/host/digests.ts';
import { type Gateway, startGateway } from '../../src/host/gateway.ts';
import { managementApp } from '../../src/host/management/app.ts';
import { doorOf } from '../../src/host/management/door.ts';
import { BatchedDriver } from '../../src/host/sockets/batched-driver.ts';
import { formatIp, formatMac, ipv4Of, parseIpv4, parseMac } from '../../src/kernel/address.ts';
import { attachAll } from '../../src/lab/bench/attach-bench.ts';
import { initialAccess } from '../../src/lab/bench/handover-bench.ts';
import { type PeersRig, startPeers } from '../../src/lab/bench/load-rig.ts';
import { benchConfig, macOfUe } from '../../src/lab/bench/network.ts';
import type { CrashListData } from '../../src/operations/views/crash-list.ts';
import type { EventsData } from '../../src/operations/views/events.ts';
import type { MonitorData } from '../../src/operations/views/monitor.ts';
import type { SubscriberDetail } from '../../src/operations/views/subscriber.ts';
import type { SubscribersData } from '../../src/operations/views/subscribers.ts';
import { shownBy } from '../../src/operations/views/view.ts';
import { instanceOfMac } from '../../src/sessmgr/instances/owner.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { type Tlv, tlv } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { signAccountingRequest } from '../../src/wire/radius/authenticator.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { requireTool } from '../support/require-tool.ts';

const secret = 'a secret of the tests';
const ues = 24;
const instances = 3;

let directory: string;
let rig: PeersRig;
let gateway: Gateway;

async function start(): Promise<Gateway> {
  const blocks = `
session-managers: { count: ${instances}, placement: threads }
recovery: { directory: ${join(directory, 'store')}, flush-interval: 20ms }`;
  const config = benchConfig(rig.network, { blocks });
  const clients = [{ prefix: { address: parseIpv4('127.0.0.0')!, length: 8 }, secret }];
  const dynamicAuthorization = { port: 3799, windowMs: 300_000, eventTimestamp: 'required', clients } as const;
  return startGateway({ ...config, mrmeService: { ...config.mrmeService, dynamicAuthorization } });
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'samog-test-'));
  rig = await startPeers(ues);
  gateway = await start();
}, 60_000);

afterEach(async () => {
  await gateway.stop();
  await rig.sockets.close();
  rmSync(directory, { recursive: true, force: true });
});

const door = doorOf({ name: 'operator', roles: ['configure'], via: 'token', from: '192.0.2.7' });

/** What the management API answers. */
async function get<Data>(path: string): Promise<Data> {
  const answer = await managementApp({ managed: gateway, door }).request(`/v1/${path}`);
  return (await answer.json()) as Data;
}

async function post(path: string, body: unknown): Promise<unknown> {
  const request = { method: 'POST', body: JSON.stringify(body) };
  return (await managementApp({ managed: gateway, door }).request(`/v1/${path}`, request)).json();
}

const sizes = () => gateway.source.managers!.map(({ registry }) => registry.size);
const forwarding = () => shownBy(gateway.source, {}, () => gateway.manager.forwardingCounters.snapshot());
const counters = () => shownBy(gateway.source, {}, () => gateway.manager.counters.snapshot());

/** Sessions that the store has as they are. */
function stored(): number {
  const { writer, store } = gateway.recovery()!;
  return store.outstanding === 0 ? writer.sessions - writer.waiting : 0;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = now() + 30_000;
  while (!(await isSo())) {
    if (now() > giveUpAt) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sends a packet of the UE through its RG until it comes to the LMA, or one to it until it comes to its access node. */
async function reaches(ue: number, direction: 'uplink' | 'downlink'): Promise<void> {
  const { events, peers, sockets } = rig;
  let has = false;
  events[direction] = (which: number) => {
    if (which === ue) has = true;
  };
  await until(() => {
    if (direction === 'uplink') peers.sendUplink(ue);
    else peers.sendDownlink(ue);
    sockets.flush();
    return has;
  });
}

let identifier = 0;

/** Sends a Disconnect-Request of RFC 5176 from a socket of its own, and tells the code that answers it. */
async function disconnect(...attributes: readonly Tlv[]): Promise<number> {
  const timestamp = tlv(radiusAttribute.eventTimestamp, Math.floor(Date.now() / 1000));
  const code = radiusCode.disconnectRequest;
  identifier = (identifier + 1) % 256;
  const request = { code, identifier, authenticator: new Uint8Array(16), attributes: [...attributes, timestamp] };
  const octets = signAccountingRequest(request, utf8Encode(secret), hostDigests());
  const socket = createSocket('udp4');
  try {
    return await new Promise((resolve) => {
      socket.on('message', (answer) => resolve(answer[0]!));
      socket.send(octets, 3799, formatIp(rig.network.aaa));
    });
  } finally {
    socket.close();
  }
}

/** Sends, from a new RG, GRE without a key, and in it octets that are no IP packet. */
async function sendUnkeyed(): Promise<void> {
  const driver = new BatchedDriver();
  const address = ipv4Of(rig.network.rgs[0]! + 100);
  const socket = await driver.open({ transport: 'gre-over-udp', address }, () => {});
  socket.send(rig.network.access, 0, Uint8Array.of(0, 0, 8, 0, ...new Uint8Array(20)));
  await driver.close();
}

/** Real sockets, to which the kernel deals the packets out. */
describe.skipIf(!requireTool('the batched driver', process.platform === 'linux'))(
  'session managers in threads of their own',
  () => {
    it('end a session that AAA names by its address alone, whichever has it', async () => {
      await attachAll(rig, initialAccess, 0, ues, { window: 8 });
      const subscribers = (await get<SubscribersData>('show/subscribers/samog-only')).subscribers!;
      expect(new Set(subscribers.map(({ mac }) => instanceOfMac(parseMac(mac)!, instances))).size).toBe(instances);
      for (const { address: text } of subscribers) {
        const address = parseIpv4(text!)!;
        expect(await disconnect(tlv(radiusAttribute.framedIpAddress, address))).toBe(radiusCode.disconnectAck);
        expect(await disconnect(tlv(radiusAttribute.framedIpAddress, address))).toBe(radiusCode.disconnectNak);
      }
      expect(await counters()).toMatchObject({ 'disconnect.ack': ues, 'disconnect.nak.503': ues });
    });

    it('serve attaches, data and handovers of both kinds, are shown as one, and are cleared', async () => {
      expect(await attachAll(rig, initialAccess, 0, ues, { window: 8 })).toMatchObject({ failures: 0 });
      expect(sizes().reduce((sum, size) => sum + size)).toBe(ues);
      expect(Math.min(...sizes())).toBeGreaterThan(0);
      for (const ue of [1, 3, 5]) {
        await reaches(ue, 'uplink');
        await reaches(ue, 'downlink');
      }
      // From PMIPv6 to EoGRE by data, and from EoGRE to PMIPv6 by a PBU.
      await reaches(2, 'uplink');
      await attachAll(rig, () => 'pmip', 1, 1, { window: 1 });
      const counted = await counters();
      expect([counted['handoff.pmip-to-eogre.accepted'], counted['handoff.eogre-to-pmip.accepted']]).toEqual([1, 1]);
      expect(counted['session.setup']).toBe(ues);

      const seen = new Set<string>();
      let cursor: string | null = '';
      while (cursor !== null) {
        const query = `limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const page: SubscribersData = await get(`show/subscribers/samog-only?${query}`);
        expect(page.total).toBe(ues);
        for (const { mac } of page.subscribers!) seen.add(mac);
        cursor = page.nextCursor;
      }
      expect(seen.size).toBe(ues);
      const mac = formatMac(macOfUe(2));
      const exported = managementApp({ managed: gateway, door }).request('/v1/export/subscribers?columns=mac,profile');
      const lines = (await (await exported).text()).trimEnd().split('\r\n');
      expect(
        lines
          .slice(1)
          .map((line) => line.slice(0, 17))
          .toSorted(),
      ).toEqual([...seen].toSorted());
      const full = await get<SubscribersData>(`show/subscribers/samog-only?mac=${mac}&full=`);
      expect(full.subscribers).toMatchObject([{ mac, accessType: 'EoGRE', moves: 1 }]);
      expect((full.subscribers![0] as SubscriberDetail).usage!.uplinkPackets).toBeGreaterThan(0);
      expect(await get(`explain/subscriber?mac=${mac}`)).toMatchObject({ mac });
      const { events } = await get<EventsData>(`show/events?mac=${mac}&octets=`);
      expect(events.map(({ name }) => name)).toContain('path-switched');
      const messages = events.filter(({ kind }) => kind === 'message');
      expect(new Set(messages.map(({ message }) => message?.leg))).toEqual(
        new Set(['access-pmipv6', 'aaa', 's2a-pmipv6']),
      );
      const { subscribers } = await get<MonitorData>(`show/monitor?filter=mac%3D${mac}`);
      expect(subscribers).toMatchObject([{ mac, party: 'rg', moves: 1 }]);
      await sendUnkeyed();
      await until(async () => (await forwarding())['uplink.dropped.malformed'] === 1);
      const { sockets } = await get<{ sockets: { port: string; channel: number; packetsReceived: number }[] }>(
        'show/sockets',
      );
      const gre = sockets.filter(({ port }) => port === 'access-gre');
      // The first is the chassis's own, which passes on to an instance what does not say whose it is.
      expect(gre.map(({ channel, packetsReceived }) => [channel, packetsReceived > 0])).toEqual([
        [0, true],
        [1, true],
        [2, true],
        [3, true],
      ]);
      expect(await post('clear/subscribers', { mac })).toEqual({ cleared: 1 });
      expect(await post('clear/subscribers', { mac: '02:00:00:00:00:01' })).toMatchObject({ code: 'not-found' });
      expect(await post('clear/subscribers', { all: true })).toEqual({ cleared: expect.any(Number) });
      await until(() => gateway.manager.registry.size === 0);
    }, 60_000);

    it('have their sessions again after their thread has ended, while the others serve on', async () => {
      await attachAll(rig, initialAccess, 0, ues, { window: 8 });
      const asked = (await counters())['radius.access-request.sent'];
      const before = sizes();
      await until(async () => (await shownBy(gateway.source, {}, stored)) === ues);
      const place = 1 + ((macOfUe(1) % 0x100000000) % instances);
      const other = Array.from({ length: ues }, (_, ue) => ue).find(
        (ue) => initialAccess(ue) === 'dhcp' && (macOfUe(ue) % 0x100000000) % instances !== place - 1,
      )!;
      const beyond = await post('session-manager/restart', { instance: instances + 1 });
      expect(beyond).toMatchObject({ code: 'not-found' });
      let isOver = false;
      const restarted = post('session-manager/restart', { instance: place }).finally(() => {
        isOver = true;
      });
      // On a busy machine it may be there again before anybody has looked.
      await until(() => isOver || gateway.source.instancesDown!().length > 0);
      if (!isOver) expect(gateway.source.instancesDown!()).toEqual([place]);
      await reaches(other, 'uplink');
      await reaches(1, 'uplink');
      await reaches(1, 'downlink');
      expect(await restarted).toMatchObject({ instance: place, sessions: before[place - 1], lost: 0 });
      expect([sizes(), gateway.source.instancesDown!()]).toEqual([before, []]);
      const after = await counters();
      expect([after['radius.access-request.sent'], after['session-manager.restarted']]).toEqual([asked, 1]);
      const { crashes, total } = await get<CrashListData>('show/crash/list');
      expect([crashes, total]).toMatchObject([[{ mac: null, message: 'an operator has ended it' }], 1]);
      const { events } = await get<{ events: { name: string; text: string }[] }>('show/events?limit=1000');
      const told = events.filter(({ name }) => name === 'session-manager-restarted');
      expect(told.map(({ text }) => text)).toEqual([expect.stringContaining(`${before[place - 1]} sessions again`)]);
      expect(gateway.recovery()).toMatchObject({ managerRestarts: 1 });
    }, 60_000);

    it('go on with another configuration, and so does a thread that begins afterwards', async () => {
      const few = 12;
      await attachAll(rig, initialAccess, 0, few, { window: 4 });
      const { config } = gateway;
      gateway.reconfigure({ ...config, samogService: { ...config.samogService, sessionsMax: few } });
      expect(await attachAll(rig, initialAccess, few, 2, { window: 2 })).toMatchObject({ failures: 2 });
      expect(await post('session-manager/restart', { instance: 1 })).toMatchObject({ instance: 1, lost: 0 });
      const { sessionsMax } = await shownBy(gateway.source, {}, () => gateway.manager.registry);
      expect([sessionsMax, gateway.manager.registry.size]).toEqual([few, few]);
      expect(await attachAll(rig, initialAccess, few, 2, { window: 2 })).toMatchObject({ failures: 2 });
      gateway.reconfigure(config);
      expect(await attachAll(rig, initialAccess, few, 4, { window: 2 })).toMatchObject({ failures: 0 });
      expect(gateway.manager.registry.size).toBe(few + 4);
    }, 60_000);

    it('have them after the gateway was stopped and started, too', async () => {
      await attachAll(rig, initialAccess, 0, ues, { window: 8 });
      const before = sizes();
      const counted = await counters();
      await gateway.stop();
      gateway = await start();
      expect(sizes()).toEqual(before);
      expect(gateway.recovery()!.recovered).toMatchObject({ sessions: ues, refused: {}, wasClean: true });
      expect((await counters())['session.setup']).toBe(counted['session.setup']);
      await reaches(3, 'uplink');
      await reaches(3, 'downlink');
    }, 60_000);
  },
);
