import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SamogServiceStatistics } from '../../src/operations/views/samog-service-statistics.ts';
import type { SocketsData } from '../../src/operations/views/sockets.ts';
import type { SubscriberDetail } from '../../src/operations/views/subscriber.ts';
import { requireTool } from '../support/require-tool.ts';
import { dissectFile } from '../support/tshark.ts';
import { interfaceName } from './plans.ts';
import { endToEndNeeds } from './requirements.ts';
import { place, ueMac } from './surroundings.ts';
import { iperf, ping, startIperfServer } from './traffic.ts';
import { type Lease, Udhcpc } from './udhcpc.ts';
import { World } from './world.ts';

const port = 5201;

/** What a router between tunnels owes its UEs, on real interfaces. */
const layouts = [
  ['one session manager in the main thread', ''],
  ['two in threads of their own', 'session-managers: { count: 2, placement: threads }\n'],
] as const;

describe.skipIf(!requireTool(...endToEndNeeds())).each(layouts)('data path end to end, %s', (_, blocks) => {
  let world: World;
  let lease: Lease;

  beforeAll(async () => {
    world = new World('off', blocks);
    try {
      await world.start();
      await startIperfServer(world.namespaces, world.host, port);
      await world.move('ue1', 'rg-a');
      lease = (await new Udhcpc(world.namespaces, world.namespaceOf('ue1')).obtain())!;
    } catch (error) {
      world.noteFailure();
      await world.stop();
      throw error;
    }
  }, 60_000);

  afterEach((context) => {
    if (context.task.result?.state === 'fail') world.noteFailure();
  });

  afterAll(() => world?.stop());

  const statistics = (): SamogServiceStatistics =>
    world.gateway.showJson<SamogServiceStatistics>('samog-service', 'statistics');

  const subscriber = (mac: string): SubscriberDetail =>
    world.gateway.showJson<{ subscribers: SubscriberDetail[] }>('subscribers', 'samog-only', 'full', 'mac', mac)
      .subscribers[0]!;

  it('carries TCP and UDP both ways', async () => {
    const run = (...options: readonly string[]) =>
      iperf(world.namespaces, world.namespaceOf('ue1'), place.host, [
        '-p',
        `${port}`,
        '--bidir',
        '-t',
        '2',
        ...options,
      ]);
    const tcp = await run();
    const mbps = (octets: number): string => ((octets * 8) / 2e6).toFixed(0);
    console.info(`TCP, both ways at once: ${mbps(tcp.uplink.octets)} up, ${mbps(tcp.downlink.octets)} Mbit/s down`);
    expect(tcp).toMatchObject({ exitCode: 0, error: undefined });
    expect(Math.min(tcp.uplink.octets, tcp.downlink.octets)).toBeGreaterThan(100_000);
    const udp = await run('-u', '-b', '4M', '-l', '1000');
    expect(udp).toMatchObject({ exitCode: 0, error: undefined });
    expect(Math.min(udp.uplink.packets, udp.downlink.packets)).toBeGreaterThan(900);
    expect([udp.uplink.lostPackets, udp.downlink.lostPackets]).toEqual([0, 0]);
  });

  it('lowers the MSS of a SYN, both ways, to what fits the access tunnel', async () => {
    // Outer IPv4 20, GRE 4, Ethernet 14: an inner MTU of 1462, less 40 for IPv4 and TCP.
    const expected = '1422';
    const syn = 'tcp[tcpflags] & tcp-syn != 0';
    const atHost = await world.capture(world.host, 'syn-host', syn);
    const atUe = await world.capture(world.namespaceOf('ue1'), 'syn-ue', syn);
    await iperf(world.namespaces, world.namespaceOf('ue1'), place.host, ['-p', `${port}`, '-t', '1', '-b', '1M']);
    const offered = (path: string, sender: string): string[] =>
      dissectFile(path)
        .filter((packet) => packet.value('ip.src') === sender)
        .map((packet) => packet.value('tcp.options.mss_val'));
    expect(new Set(offered(await atHost(), lease.address))).toEqual(new Set([expected]));
    expect(new Set(offered(await atUe(), place.host))).toEqual(new Set([expected]));
  });

  /** Has both ends forget the path MTUs they have learned. */
  function forgetPathMtu(): void {
    for (const namespace of [world.namespaceOf('ue1'), world.host]) {
      world.namespaces.exec(namespace, 'ip', 'route', 'flush', 'cache');
    }
  }

  it('fragments what may be fragmented, both ways', async () => {
    forgetPathMtu();
    const before = statistics().cgw.data;
    for (const [namespace, target] of [
      [world.namespaceOf('ue1'), place.host],
      [world.host, lease.address],
    ] as const) {
      const result = await ping(world.namespaces, namespace, target, { count: 5, extra: ['-M', 'dont', '-s', '4000'] });
      expect(result.lost, result.output).toBe(0);
    }
    const after = statistics().cgw.data;
    expect(after['uplinkFragments']).toBeGreaterThan(before['uplinkFragments']!);
    expect(after['downlinkFragments']).toBeGreaterThan(before['downlinkFragments']!);
  });

  it('tells the sender of what may not be fragmented the MTU', async () => {
    forgetPathMtu();
    const before = statistics().cgw.data['icmpFragmentationNeededSent']!;
    const pings = (namespace: string, target: string, octets: number) =>
      ping(world.namespaces, namespace, target, {
        count: 2,
        trailing: 0,
        extra: ['-M', 'do', '-s', String(octets - 28)],
      });
    // Uplink S2a bounds it (outer IPv4 20, GRE with key 8), downlink the access tunnel.
    const uplink = await pings(world.namespaceOf('ue1'), place.host, 1500);
    expect(uplink.output).toContain(`From ${place.router} icmp_seq=1 Frag needed and DF set (mtu = 1472)`);
    const downlink = await pings(world.host, lease.address, 1500);
    expect(downlink.output).toContain(`From ${lease.address} icmp_seq=1 Frag needed and DF set (mtu = 1462)`);
    expect(await pings(world.host, lease.address, 1462)).toMatchObject({ sent: 2, lost: 0 });
    // One for each direction; the second ping may leave before the answer to the first has come.
    const sent = statistics().cgw.data['icmpFragmentationNeededSent']! - before;
    expect(sent).toBeGreaterThanOrEqual(2);
    expect(sent).toBeLessThanOrEqual(4);
  });

  it('creates a session by PBU, and lets the UE go on by EoGRE, with a GRE key or a VLAN', async () => {
    const ue = world.namespaceOf('ue2');
    await world.move('ue2', 'wlc-b');
    // The WLC's own DHCP server gives what the PBA gave.
    const first = (await new Udhcpc(world.namespaces, ue).obtain())!;
    expect(subscriber(ueMac.ue2)).toMatchObject({
      address: first.address,
      accessPeer: '192.0.2.12',
      eogreFlow: true,
      moves: 0,
    });
    const endCapture = await world.capture(
      world.gw,
      'variants',
      'ip proto 47 and (host 192.0.2.103 or host 192.0.2.104)',
    );
    for (const [to, access] of [
      ['rg-key', { peer: '192.0.2.103', key: '5a6d6f47', vlan: null }],
      ['rg-vlan', { peer: '192.0.2.104', key: null, vlan: 100 }],
    ] as const) {
      await world.move('ue2', to);
      const { lost } = await ping(world.namespaces, ue, place.host, { count: 20 });
      expect(lost).toBeLessThanOrEqual(1);
      expect(subscriber(ueMac.ue2)).toMatchObject({ address: first.address, access });
    }
    const packets = dissectFile(await endCapture());
    expect(packets.flatMap(({ problems }) => problems)).toEqual([]);
    for (const packet of packets) {
      const keyed = packet.values('ip.addr').includes('192.0.2.103');
      expect([packet.values('gre.key')[0], packet.values('vlan.id')[0]]).toEqual(
        keyed ? ['0x5a6d6f47', undefined] : [undefined, '100'],
      );
    }
    const { points } = await world.accessStatus();
    for (const name of ['rg-key', 'rg-vlan']) expect(points[name]).toMatchObject({ 'downlink.discarded': 0 });
  });

  it('lets a UE that comes with an empty ARP cache in', async () => {
    const ue = world.namespaceOf('ue2');
    await world.move('ue2', 'rg-b');
    world.namespaces.exec(ue, 'ip', 'neighbor', 'flush', 'dev', interfaceName.ue);
    const { lost } = await ping(world.namespaces, ue, place.host, { count: 20 });
    expect(lost).toBe(0);
    expect(subscriber(ueMac.ue2)).toMatchObject({ accessPeer: '192.0.2.102' });
  });

  it('bridges nothing from one UE to another behind the same residential gateway', async () => {
    const ue = world.namespaceOf('ue2');
    await world.move('ue2', 'rg-a');
    expect(await ping(world.namespaces, ue, place.host, { count: 10 })).toMatchObject({ received: 10 });
    // The kernel of UE 2 asks for UE 1 by a broadcast, as they have a network in common.
    const between = await ping(world.namespaces, ue, lease.address, { count: 3, trailing: 0, intervalMs: 300 });
    expect(between.received).toBe(0);
    expect(world.namespaces.exec(ue, 'ip', 'neighbor', 'show', lease.address)).not.toContain('lladdr');
    const hex = (mac: string): string => mac.replaceAll(':', '');
    await world.sendFrame('ue2', `${hex(ueMac.ue1)}${hex(ueMac.ue2)}88b5${'00'.repeat(46)}`);
    await world.sendFrame('ue2', `${'ff'.repeat(6)}${hex(ueMac.ue2)}88b5${'00'.repeat(46)}`);
    await sleep(200);
    const { heard } = await world.accessStatus();
    const sources = heard['ue1']!.map((header) => header.slice(12, 24));
    expect(new Set(sources)).toEqual(new Set([hex(place.vmac)]));
  });

  it('gives a UE that the AAA server rejects nothing', async () => {
    await world.move('rejected', 'rg-b');
    const client = new Udhcpc(world.namespaces, world.namespaceOf('rejected'));
    expect(await client.obtain('-t', '2', '-T', '1')).toBeUndefined();
    expect(statistics().mrme.setupFailures).toMatchObject({ aaaReject: expect.toSatisfy((count) => count > 0) });
  });

  it('takes noise at every door without harm to anybody', async () => {
    const before = statistics();
    const logBefore = world.gateway.logLines();
    const packets = 2000;
    const running = ping(world.namespaces, world.namespaceOf('ue1'), place.host, { count: 150 });
    await world.sendNoise(packets);
    const { lost, sent } = await running;
    console.info(`noise, ${2 * packets} packets: ping ${lost} of ${sent} lost`);
    expect(lost).toBe(0);
    const after = statistics();
    const total = (counts: Readonly<Record<string, number>>): number =>
      Object.values(counts).reduce((a, b) => a + b, 0);
    const dropped = (of: SamogServiceStatistics): number =>
      total(of.cgw.uplinkDropped) +
      total(of.cgw.downlinkDropped) +
      total(of.cgw.pmipv6Discarded) +
      total(of.cgw.s2aDiscarded);
    // What is left are messages that nothing was changed in, or nothing that matters.
    expect(dropped(after) - dropped(before)).toBeGreaterThan(2 * packets * 0.8);
    for (const reason of ['malformed', 'greProtocol', 'unknownClient'] as const) {
      expect(after.cgw.uplinkDropped[reason]).toBeGreaterThan(before.cgw.uplinkDropped[reason]!);
    }
    expect(after.mrme.session).toMatchObject({ crashed: 0 });
    const { faults, sockets } = world.gateway.showJson<SocketsData>('sockets');
    expect(faults).toBe(0);
    expect(sockets.map(({ kernelDrops, receiveFaults }) => [kernelDrops, receiveFaults])).toEqual(
      sockets.map(() => [0, 0]),
    );
    expect(world.gateway.logLines() - logBefore).toBeLessThan(10);
  });
});
