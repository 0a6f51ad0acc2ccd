import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { BulkstatsData } from '../../src/operations/views/bulkstats.ts';
import type { SamogServiceStatistics } from '../../src/operations/views/samog-service-statistics.ts';
import type { SubscriberDetail } from '../../src/operations/views/subscriber.ts';
import { dissectFile } from '../support/tshark.ts';
import { interfaceName } from './plans.ts';
import { type FastPathUnderTest, type Placement, place, sessionManagers, ueMac } from './surroundings.ts';
import { type IperfResult, iperf, type PingResult, ping, startIperfServer } from './traffic.ts';
import { type Lease, Udhcpc } from './udhcpc.ts';
import { wordsOf } from './wire.ts';
import { World } from './world.ts';

/** What a handover costs: a packet in the air when the radio leaves is nobody's, and a second one for a busy machine. */
const brokenBeforeMadeMax = 3;
const tcpPort = 5201;
const udpPort = 5202;
const onewayPort = 5203;

/** All messages between the gateway and its peers, in order. */
const attach = ['rg-a>gw DISCOVER', 'gw>aaa Access-Request', 'aaa>gw Access-Accept', 'gw>lma PBU', 'lma>gw PBA'];
const dora = (rg: string): string[] => [`${rg}>gw DISCOVER`, ...offered(rg)];
const offered = (rg: string): string[] => [`gw>${rg} OFFER`, `${rg}>gw REQUEST`, `gw>${rg} ACK`];
const renewal = (rg: string): string[] => [`${rg}>gw REQUEST`, `gw>${rg} ACK`];
const registration = (wlc: string): string[] => [`${wlc}>gw PBU`, `gw>${wlc} PBA`];
const revocation = (wlc: string): string[] => [`gw>${wlc} BRI`, `${wlc}>gw BRA`];
const signalling = [
  ...attach,
  ...offered('rg-a'),
  ...registration('wlc-a'),
  // To rg-b by data.
  ...revocation('wlc-a'),
  ...registration('wlc-b'),
  ...registration('wlc-a'),
  ...revocation('wlc-b'),
  // To rg-a, then to rg-b, by data.
  ...revocation('wlc-a'),
  ...registration('wlc-b'),
  ...dora('rg-a'),
  ...revocation('wlc-b'),
  ...dora('rg-b'),
  ...renewal('rg-a'),
  ...registration('wlc-a'),
  ...renewal('rg-b'),
  ...revocation('wlc-a'),
];

/**
 * Without what udhcpc repeats: it sends its REQUEST again where it was not listening yet when the ACK came, and is given the
 * same answer. A REQUEST counts as repeated until the UE is heard of from elsewhere, or begins anew.
 */
function withoutRepeatedRequests(signals: readonly string[]): string[] {
  let asking: string | undefined;
  let answered = false;
  return signals.filter((signal) => {
    const request = /^(rg-\w)>gw REQUEST$/.exec(signal)?.[1];
    const repeats = request !== undefined && request === asking;
    if (/>gw (DISCOVER|PBU|REQUEST)$/.test(signal) && !repeats) {
      asking = request;
      answered = false;
    }
    if (signal !== `gw>${asking} ACK`) return !repeats;
    const first = !answered;
    answered = true;
    return first;
  });
}

/** One UE's day: a real DHCP client behind real tunnels keeps its address and its traffic on every move. */
export function handoverSuite(fastPath: FastPathUnderTest, placement: Placement): void {
  let world: World;
  let ue: string;
  let dhcp: Udhcpc;
  let endCapture: () => Promise<string>;
  let lease: Lease;
  let longTcp: Promise<IperfResult>;
  let longUdp: Promise<IperfResult>;
  let streamsEnded = false;
  let movesUnderStreams = 0;
  const measured: string[] = [];

  beforeAll(async () => {
    world = new World(fastPath, sessionManagers(placement));
    ue = world.namespaceOf('ue1');
    dhcp = new Udhcpc(world.namespaces, ue);
    try {
      await world.start();
      // Everything but streams: signalling, DHCP and pings.
      endCapture = await world.captureAroundGateway('udp port 5436 or udp port 1812 or (ip proto 47 and less 600)');
      for (const port of [tcpPort, udpPort, onewayPort]) await startIperfServer(world.namespaces, world.host, port);
    } catch (error) {
      world.noteFailure();
      await world.stop();
      throw error;
    }
  }, 60_000);

  afterEach((context) => {
    if (context.task.result?.state === 'fail') world.noteFailure();
  });

  afterAll(async () => {
    await world?.stop();
    console.info(['', 'measured:', ...measured].join('\n  '));
  });

  /** Pings a hundred times a second for two seconds, and moves after the first. */
  async function moveUnderPing(what: string, to: string, overlapMs = 0): Promise<PingResult> {
    const running = ping(world.namespaces, ue, place.host, { count: 200 });
    await sleep(1000);
    const movedAt = Date.now();
    await world.move('ue1', to, overlapMs);
    const result = await running;
    if (!streamsEnded) movesUnderStreams += 1;
    measured.push(
      `${what}: ping ${result.lost} of ${result.sent} lost, ${result.gapMs(movedAt).toFixed(1)} ms between replies` +
        `${overlapMs > 0 ? `, old radio heard ${overlapMs} ms on` : ''}`,
    );
    expect(result.lost, result.output).toBeLessThanOrEqual(overlapMs > 0 ? 0 : brokenBeforeMadeMax);
    return result;
  }

  /** The one subscriber; its address is the one it was given first, whatever has happened. */
  function subscriber(): SubscriberDetail {
    const view = world.gateway.showJson<{ subscribers: SubscriberDetail[] }>('subscribers', 'samog-only', 'full');
    expect(view.subscribers.map(({ mac }) => mac)).toEqual([ueMac.ue1]);
    expect(view.subscribers[0]!.address).toBe(lease.address);
    return view.subscribers[0]!;
  }

  function handoffs(): SamogServiceStatistics['handoffs']['kinds'] {
    return world.gateway.showJson<SamogServiceStatistics>('samog-service', 'statistics').handoffs.kinds;
  }

  function neighbour(): string {
    return world.namespaces.exec(ue, 'ip', 'neighbor', 'show', place.router);
  }

  it('forwards for UEs while the kernel of the gateway forwards nothing', () => {
    expect(world.namespaces.exec(world.gw, 'cat', '/proc/sys/net/ipv4/ip_forward').trim()).toBe('0');
    expect(world.namespaces.exec(world.gw, 'ip', '-oneline', 'link', 'show')).not.toMatch(/gre|tun/);
  });

  it('attaches a real DHCP client behind a residential gateway', async () => {
    await world.move('ue1', 'rg-a');
    lease = (await dhcp.obtain())!;
    expect(lease).toMatchObject({ event: 'bound', prefixLength: '24', router: place.router, server: place.router });
    // Outer IPv4 20, GRE 4 and Ethernet 14 octets of 1500 would leave 1462; S2a with a key 1472.
    expect(Number(lease.mtu)).toBeLessThanOrEqual(1462);
    const { lost } = await ping(world.namespaces, ue, place.host, { count: 50 });
    expect(lost).toBe(0);
    expect(neighbour()).toContain(place.vmac);
    expect(subscriber()).toMatchObject({ state: 'Established', accessType: 'EoGRE', accessPeer: '192.0.2.101' });
  });

  it('keeps streams running from here on, through every move', () => {
    const lasting = ['--bidir', '-t', '25'];
    longTcp = iperf(world.namespaces, ue, place.host, ['-p', `${tcpPort}`, '-b', '2M', ...lasting]);
    longUdp = iperf(world.namespaces, ue, place.host, [
      '-p',
      `${udpPort}`,
      '-u',
      '-b',
      '400k',
      '-l',
      '500',
      ...lasting,
    ]);
    void Promise.all([longTcp, longUdp]).then(() => {
      streamsEnded = true;
    });
  });

  it('EoGRE to PMIPv6, by the PBU of the new WLC', async () => {
    await moveUnderPing('EoGRE to PMIPv6', 'wlc-a');
    expect(subscriber()).toMatchObject({ accessType: 'PMIPv6', accessPeer: '192.0.2.11', sessionTrigger: 'PMIPv6' });
    expect(handoffs()['eogreToPmip']).toEqual({ received: 1, accepted: 1, denied: 0, inProgress: 0 });
  });

  it('PMIPv6 to EoGRE by data, though the UE knows its router by another MAC address', async () => {
    // The kernel learns the WLC's router, as a UE does that has been there for a while.
    world.namespaces.exec(ue, 'ip', 'neighbor', 'flush', 'dev', interfaceName.ue);
    await ping(world.namespaces, ue, place.host, { count: 5 });
    expect(neighbour()).toContain('02:00:00:0a:0a:0a');
    await moveUnderPing('PMIPv6 to EoGRE by data', 'rg-b');
    expect(subscriber()).toMatchObject({ accessType: 'EoGRE', accessPeer: '192.0.2.102', sessionTrigger: 'DHCP' });
    expect(handoffs()['pmipToEogre']).toEqual({ received: 1, accepted: 1, denied: 0, inProgress: 0 });
    // The gratuitous ARP came through.
    expect(neighbour()).toContain(place.vmac);
    const { points } = await world.accessStatus();
    expect(points['wlc-a']).toMatchObject({ bri: 1, bra: 1 });
  });

  it('EoGRE to PMIPv6, make before break, with the NAI as MAC@realm', async () => {
    await moveUnderPing('EoGRE to PMIPv6', 'wlc-b', 500);
    expect(subscriber()).toMatchObject({ accessPeer: '192.0.2.12', binding: { nai: '0200.5e10.0001@wlan.example' } });
  });

  it('PMIPv6 to PMIPv6', async () => {
    await moveUnderPing('PMIPv6 to PMIPv6', 'wlc-a');
    expect(handoffs()['pmipToPmip']).toEqual({ received: 1, accepted: 1, denied: 0, inProgress: 0 });
  });

  it('PMIPv6 to EoGRE by data, make before break', async () => {
    await moveUnderPing('PMIPv6 to EoGRE by data', 'rg-a', 500);
    expect(handoffs()['pmipToEogre']).toMatchObject({ received: 2, accepted: 2 });
  });

  it('between residential gateways by data', async () => {
    await moveUnderPing('EoGRE to EoGRE by data', 'rg-b');
    expect(handoffs()['eogreToEogreData']).toEqual({ received: 1, accepted: 1, denied: 0, inProgress: 0 });
    expect(handoffs()['dhcpToDhcp']).toMatchObject({ received: 0 });
  });

  it('and the streams have survived all of them', async () => {
    const [tcp, udp] = await Promise.all([longTcp, longUdp]);
    expect(tcp).toMatchObject({ exitCode: 0, error: undefined });
    expect(udp).toMatchObject({ exitCode: 0, error: undefined });
    measured.push(
      `UDP through ${movesUnderStreams} moves, 100 packets/s each way: ${udp.uplink.lostPackets} of ${udp.uplink.packets} lost up, ` +
        `${udp.downlink.lostPackets} of ${udp.downlink.packets} down`,
    );
    // All six, unless the machine is very slow.
    expect(movesUnderStreams).toBeGreaterThanOrEqual(4);
    expect(Math.min(tcp.uplink.octets, tcp.downlink.octets)).toBeGreaterThan(4_000_000);
    for (const { packets, lostPackets } of [udp.uplink, udp.downlink]) {
      expect(packets).toBeGreaterThan(2400);
      // What one move may cost is said of each above; the generator sends in bursts where the machine lets it wait.
      expect(lostPackets).toBeLessThanOrEqual(packets / 50);
    }
  }, 60_000);

  /**
   * DHCP is what moves the session: nothing but DHCP is sent uplink, while the host sends numbered packets down. The UE
   * hears the old access point until it is done, so that nothing need be lost: nearly as long as the stream lasts, because on a busy machine
   * a DHCP client may take its time, and what comes by the old tunnel while nobody listens there is nobody's loss.
   */
  async function moveByDhcp(what: string, to: string, exchange: () => Promise<Lease | undefined>): Promise<void> {
    const stream = iperf(world.namespaces, ue, place.host, [
      ...['-p', `${onewayPort}`, '-R', '-u', '-b', '400k', '-l', '500', '-t', '3'],
    ]);
    await sleep(1200);
    await world.move('ue1', to, 1700);
    const begin = performance.now();
    const renewed = await exchange();
    const tookMs = performance.now() - begin;
    const { downlink, exitCode } = await stream;
    measured.push(
      `${what}: ${downlink.lostPackets} of ${downlink.packets} lost down at 100 packets/s, DHCP took ${tookMs.toFixed(0)} ms`,
    );
    expect(renewed).toMatchObject({ address: lease.address, router: place.router });
    expect(exitCode).toBe(0);
    expect(downlink.packets).toBeGreaterThan(250);
    expect(downlink.lostPackets).toBe(0);
  }

  it('PMIPv6 to EoGRE by DISCOVER: the same address', async () => {
    await moveUnderPing('EoGRE to PMIPv6', 'wlc-b');
    await moveByDhcp('PMIPv6 to EoGRE by DISCOVER', 'rg-a', () => dhcp.obtain());
    expect(subscriber()).toMatchObject({ accessType: 'EoGRE', accessPeer: '192.0.2.101' });
    expect(handoffs()['pmipToEogre']).toMatchObject({ received: 3, accepted: 3 });
  });

  it('between residential gateways by DISCOVER', async () => {
    await moveByDhcp('EoGRE to EoGRE by DISCOVER', 'rg-b', () => dhcp.start());
    expect(handoffs()['dhcpToDhcp']).toEqual({ received: 1, accepted: 1, denied: 0, inProgress: 0 });
    expect(subscriber()).toMatchObject({ accessPeer: '192.0.2.102' });
  });

  it('between residential gateways by a renewal', async () => {
    await moveByDhcp('EoGRE to EoGRE by REQUEST', 'rg-a', () => dhcp.renew());
    expect(handoffs()['eogreToEogreRequest']).toEqual({ received: 1, accepted: 1, denied: 0, inProgress: 0 });
    expect(subscriber()).toMatchObject({ accessPeer: '192.0.2.101' });
  });

  it('PMIPv6 to EoGRE by a renewal', async () => {
    await moveUnderPing('EoGRE to PMIPv6', 'wlc-a');
    await moveByDhcp('PMIPv6 to EoGRE by REQUEST', 'rg-b', () => dhcp.renew());
    expect(handoffs()['pmipToEogre']).toMatchObject({ received: 4, accepted: 4 });
    await dhcp.stop();
  });

  it('tells the operator what has happened', async () => {
    const expected = { 'EoGRE to PMIP Handoff Requests': 4, 'PMIP to EoGRE Handoff Requests': 4 };
    const text = world.gateway.show('samog-service', 'statistics');
    for (const [heading, count] of Object.entries(expected)) {
      const value = (columns: number): string => String(count).padStart(columns);
      expect(text).toContain(
        `${heading}:\n  Received:${value(17)}                Accepted:${value(17)}\n  Denied:${String(0).padStart(19)}\n`,
      );
    }
    const { variables } = world.gateway.showJson<BulkstatsData>('bulkstats');
    expect(Object.fromEntries(variables.map(({ name, value }) => [name, value]))).toMatchObject({
      'cgw-binding-update-handoff-req-total-received': 1,
      'cgw-binding-update-handoff-req-total-accepted': 1,
      'cgw-binding-update-handoff-req-total-denied': 0,
      'cgw-sessstat-dhcp-disc-handoff-received': 1,
      'cgw-sessstat-dhcp-disc-handoff-accepted': 1,
      'cgw-sessstat-dhcp-disc-handoff-denied': 0,
      'cgw-sessstat-pmip-to-eogre-handoff-received': 4,
      'cgw-sessstat-pmip-to-eogre-handoff-accepted': 4,
      'cgw-sessstat-pmip-to-eogre-handoff-denied': 0,
      'cgw-sessstat-eogre-to-pmip-handoff-received': 4,
      'cgw-sessstat-eogre-to-pmip-handoff-accepted': 4,
      'cgw-sessstat-eogre-to-pmip-handoff-denied': 0,
    });
    const { mrme, cgw } = world.gateway.showJson<SamogServiceStatistics>('samog-service', 'statistics');
    expect(mrme.session).toMatchObject({ attempted: 1, setup: 1, current: 1, aborted: 0, crashed: 0 });
    expect(mrme.radius).toMatchObject({ accessRequestSent: 1, accessAcceptReceived: 1 });
    // Access moves need no signalling with the LMA.
    expect(cgw.s2aBindingUpdatesSent).toMatchObject({ total: 1 });
    expect(cgw.revocation).toMatchObject({ briSent: 5, briUnanswered: 0, braReceived: 5 });
    const core = await world.coreStatus();
    expect(core.lma).toMatchObject({ pbu: 1, 'uplink.spoofed': 0, 'uplink.unknown-key': 0 });
    expect(core.lma['uplink.packets']).toBe(cgw.data['uplinkPackets']);
    expect(core.lma['downlink.packets']).toBe(cgw.data['downlinkPackets']);
  });

  it('on the wire: well formed, in the order of the seed, with the keys that were signalled', async () => {
    // What the UE's TCP makes of a lost packet is not the gateway's.
    const packets = dissectFile(await endCapture(), ['-Y', 'not tcp']);
    expect(packets.flatMap(({ problems }) => problems)).toEqual([]);
    const words = packets.map(wordsOf);
    const signals = words.filter((text) => !/ (data|ARP|mobility header 13)$/.test(text));
    expect(withoutRepeatedRequests(signals)).toEqual(signalling);

    // The seed's Table 2: data flows through the new tunnel (step 6) before the old WLC is told (step 7).
    const firstData = words.indexOf('rg-b>gw data');
    expect(firstData).toBeGreaterThan(words.indexOf('gw>wlc-a PBA'));
    expect(words.indexOf('gw>rg-b data')).toBeGreaterThan(firstData);
    expect(words.indexOf('gw>wlc-a BRI')).toBeGreaterThan(words.indexOf('gw>rg-b data'));

    /** Every GRE key in packets of one direction, and the keys of the messages that announce them. */
    const keys = (direction: string, field: string): Set<number> =>
      new Set(
        packets
          .filter((_, index) => words[index] === direction)
          .flatMap((packet) => packet.values(field))
          .map(Number),
      );
    for (const peer of ['lma', 'wlc-a', 'wlc-b']) {
      // Who sends a PBU says with which key it wants packets, who answers likewise (RFC 5845 section 3.3.1).
      const [mag, anchor] = peer === 'lma' ? ['gw', peer] : [peer, 'gw'];
      const announced = keys(`${mag}>${anchor} PBU`, 'mip6.gre_key');
      expect(announced.size).toBeGreaterThan(0);
      expect(keys(`${anchor}>${mag} data`, 'gre.key')).toEqual(announced);
      expect(keys(`${mag}>${anchor} data`, 'gre.key')).toEqual(keys(`${anchor}>${mag} PBA`, 'mip6.gre_key'));
    }
    for (const name of ['rg-a', 'rg-b']) expect(keys(`gw>${name} data`, 'gre.key')).toEqual(new Set());
  });

  it('ends within two seconds when it is told to', async () => {
    const { tookMs, exitCode } = await world.gateway.stop();
    measured.push(`SIGTERM to the end of the gateway: ${tookMs.toFixed(0)} ms`);
    expect(exitCode).toBe(0);
    expect(tookMs).toBeLessThan(2000);
  });
}
