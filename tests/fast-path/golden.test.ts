import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForwardingEntry } from '../../src/forwarding/entry.ts';
import { type PuntReason, sessionOctets } from '../../src/forwarding/fast-path/layout.ts';
import { untoldList } from '../../src/forwarding/filter.ts';
import {
  eogre,
  eogreFrame,
  gre,
  host,
  ip,
  lma,
  otherAddress,
  otherEntry,
  packet,
  packetToUe,
  pmipv6,
  rg1,
  rg2,
  router,
  syn,
  ueAddress,
  ueEntry,
  wlc1,
  wlc2,
} from '../../src/forwarding/packets-for-tests.ts';
import { findInterface } from '../../src/host/addresses/network-interface.ts';
import { type Ipv4Address, macBroadcast, parseMac } from '../../src/kernel/address.ts';
import { encodeArp } from '../../src/wire/arp/arp.ts';
import { etherType } from '../../src/wire/ethernet/ethernet.ts';
import { greProtocol } from '../../src/wire/gre/gre.ts';
import { encodeIcmpPacket, fragmentationNeededPacket } from '../../src/wire/icmp/icmp.ts';
import { encodeIpv4, ipProtocol } from '../../src/wire/ipv4/ipv4.ts';
import { requireTool } from '../support/require-tool.ts';
import {
  accessAddress,
  BothPaths,
  type Direction,
  ethernetOctets,
  fastSentOf,
  nextHopMac,
  s2aAddress,
  type TestPacket,
} from './both-paths.ts';
import { ip as ipCommand } from './own-network.ts';
import { fastPathNeeds } from './requirements.ts';

const ue = (changes: Partial<ForwardingEntry> = {}) => ueEntry({ sessionId: 21, ...changes });
const other = otherEntry({ sessionId: 22 });
const mag = pmipv6(wlc1, 21, 70);
const always = Number.POSITIVE_INFINITY;

const fromRg = (greBytes: Uint8Array, peer = rg1): TestPacket => ({ direction: 'uplink', peer, gre: greBytes });
const fromMag = (payload: Uint8Array, key: number | undefined = 21, peer = wlc1): TestPacket => ({
  direction: 'uplink',
  peer,
  gre: gre(greProtocol.ipv4, key, payload),
});
const fromLma = (payload: Uint8Array, key: number | undefined = 21, peer = lma): TestPacket => ({
  direction: 'downlink',
  peer,
  gre: gre(greProtocol.ipv4, key, payload),
});

const echo = { kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(3) } as const;
/** A Fragmentation Needed about a packet of the other direction. */
function fragmentationNeeded(source: Ipv4Address, destination: Ipv4Address): Uint8Array {
  const about = packet({ source: destination, destination: source });
  return fragmentationNeededPacket({ source, destination }, about, 1400);
}

describe.skipIf(!requireTool(...fastPathNeeds()))('the fast path beside the slow path', () => {
  let paths: BothPaths;
  beforeAll(() => {
    paths = new BothPaths();
  });
  afterAll(() => paths?.close());

  const forwarded: readonly [string, ForwardingEntry, TestPacket][] = [
    ['EoGRE up', ue(), fromRg(eogreFrame(packet()))],
    ['EoGRE up, key', ue({ access: eogre(rg1, 0xfffffffe) }), fromRg(eogreFrame(packet(), { key: 0xfffffffe }))],
    ['EoGRE up, key 0', ue({ access: eogre(rg1, 0) }), fromRg(eogreFrame(packet(), { key: 0 }))],
    ['EoGRE up, VLAN', ue({ access: eogre(rg1, undefined, 100) }), fromRg(eogreFrame(packet(), { vlan: 100 }))],
    ['EoGRE up, both', ue({ access: eogre(rg1, 5, 4094) }), fromRg(eogreFrame(packet(), { key: 5, vlan: 4094 }))],
    ['EoGRE up, priority tag', ue(), fromRg(eogreFrame(packet(), { vlan: 0 }))],
    ['EoGRE up, to any MAC address', ue(), fromRg(eogreFrame(packet(), { destination: macBroadcast }))],
    ['EoGRE up, padded frame', ue(), fromRg(Uint8Array.of(...eogreFrame(packet()), 1, 2, 3, 4, 5))],
    ['EoGRE up, padding of the link', ue(), { ...fromRg(eogreFrame(packet())), padding: 11 }],
    [
      'EoGRE up, from where the UE just was',
      ue({ access: eogre(rg2), previous: eogre(rg1, 7, 8), previousUntil: always }),
      fromRg(eogreFrame(packet(), { key: 7, vlan: 8 })),
    ],
    ['EoGRE up, as long as fits', ue(), fromRg(eogreFrame(packet({}, { length: 1472 - 28 })))],
    [
      'EoGRE up, no payload',
      ue(),
      fromRg(eogreFrame(encodeIpv4({ source: ueAddress, destination: host, protocol: 0 }, new Uint8Array()))),
    ],
    ['EoGRE up, TTL 2', ue(), fromRg(eogreFrame(packet({ ttl: 2 })))],
    ['EoGRE up, DSCP and ECN', ue(), fromRg(eogreFrame(packet({ tos: 0xbb })))],
    ['EoGRE up, DHCP between servers', ue(), fromRg(eogreFrame(packet({}, { sourcePort: 67, destinationPort: 67 })))],
    ['EoGRE up, SYN that fits', ue(), fromRg(eogreFrame(syn(1000, ueAddress, host)))],
    ['EoGRE up, SYN that does not', ue(), fromRg(eogreFrame(syn(1460, ueAddress, host)))],
    ['EoGRE up, SYN that just fits', ue(), fromRg(eogreFrame(syn(1422, ueAddress, host)))],
    ['EoGRE up, SYN that just does not', ue(), fromRg(eogreFrame(syn(1423, ueAddress, host)))],
    ['EoGRE up, ICMP Fragmentation Needed', ue(), fromRg(eogreFrame(fragmentationNeeded(ueAddress, host)))],
    ['EoGRE up, ICMP Echo', ue(), fromRg(eogreFrame(encodeIcmpPacket({ source: ueAddress, destination: host }, echo)))],
    ['down, ICMP Fragmentation Needed', ue(), fromLma(fragmentationNeeded(host, ueAddress))],
    ['PMIPv6 up', ue({ access: mag }), fromMag(packet())],
    ['PMIPv6 up, DHCP', ue({ access: mag }), fromMag(packet({}, { sourcePort: 68, destinationPort: 67 }))],
    ['PMIPv6 up, SYN', ue({ access: mag }), fromMag(syn(9000, ueAddress, host))],
    [
      'PMIPv6 up, from where the UE just was',
      ue({ previous: pmipv6(wlc2, 21, 71), previousUntil: always }),
      fromMag(packet(), 21, wlc2),
    ],
    [
      'up, from where the UE was, attached nowhere',
      ue({ access: undefined, previous: mag, previousUntil: always }),
      fromMag(packet()),
    ],
    ['down to EoGRE', ue(), fromLma(packetToUe())],
    ['down to EoGRE, key', ue({ access: eogre(rg1, 0x80000001) }), fromLma(packetToUe())],
    ['down to EoGRE, VLAN', ue({ access: eogre(rg1, undefined, 4094) }), fromLma(packetToUe())],
    ['down to EoGRE, both', ue({ access: eogre(rg1, 5, 1) }), fromLma(packetToUe({ tos: 0xb8 }))],
    ['down to EoGRE, padding of the link', ue(), { ...fromLma(packetToUe()), padding: 30 }],
    ['down to EoGRE, SYN', ue(), fromLma(syn(1460, host, ueAddress))],
    ['down to EoGRE, as long as fits', ue(), fromLma(packetToUe({}, { length: 1462 - 28 }))],
    ['down to EoGRE, behind the router of another', ue(), fromLma(packetToUe({ source: router }))],
    ['down to PMIPv6', ue({ access: mag }), fromLma(packetToUe())],
    ['down to PMIPv6, SYN', ue({ access: mag }), fromLma(syn(1460, host, ueAddress))],
  ];

  it.each(forwarded)('forwards alike: %s', (_, entry, test) => {
    const world = paths.serve([entry, other]);
    const outcome = paths.put(world, test);
    expect(outcome).toMatchObject({ verdict: 'redirect', punt: undefined });
    const fast = fastSentOf(outcome.frame);
    const uplink = test.direction === 'uplink';
    expect(outcome.sent).toEqual([{ port: uplink ? 's2a-gre' : 'access-gre', peer: fast.peer, bytes: fast.bytes }]);
    expect(fast).toMatchObject({
      destinationMac: nextHopMac,
      sourceMac: findInterface(uplink ? 's2a0' : 'acc0')!.mac,
      source: uplink ? s2aAddress : accessAddress,
      ttl: 64,
      dontFragment: false,
    });
    expectSameFigures(outcome, test.direction);
    const { packets, octets } = paths.usage(21)[test.direction];
    expect({ packets, octets }).toEqual({ packets: 1, octets: outcome.counted[`${test.direction}.octets`] });
    expect(paths.usage(22)[test.direction].packets).toBe(0);
    const tunnels = paths.tunnels(world);
    expect(tunnels.fast).toEqual(tunnels.slow);
    expect(tunnels.fast).toHaveLength(2);
  });

  function expectSameFigures({ counters, counted }: ReturnType<BothPaths['put']>, direction: Direction): void {
    const fast = {
      [`${direction}.packets`]: direction === 'uplink' ? counters.uplinkPackets : counters.downlinkPackets,
      [`${direction}.octets`]: direction === 'uplink' ? counters.uplinkOctets : counters.downlinkOctets,
      ...(counters.mssClamped === 0 ? {} : { 'mss.clamped': counters.mssClamped }),
    };
    expect(fast).toEqual(counted);
  }

  it('copies the DSCP of the packet, and no ECN', () => {
    const world = paths.serve([ue()]);
    expect(fastSentOf(paths.put(world, fromRg(eogreFrame(packet({ tos: 0xbb })))).frame).tos).toBe(0xb8);
    expect(fastSentOf(paths.put(world, fromLma(packetToUe({ tos: 0x2a }))).frame).tos).toBe(0x28);
  });

  it('gives each outer packet another identification', () => {
    const world = paths.serve([ue()]);
    const seen = Array.from({ length: 5 }, () => {
      const { frame } = paths.put(world, fromRg(eogreFrame(packet())));
      return (frame[ethernetOctets + 4]! << 8) | frame[ethernetOctets + 5]!;
    });
    // A CPU's numbers follow one another; the test may be moved to another CPU.
    expect(new Set(seen).size).toBeGreaterThan(1);
  });

  it('stamps the time of the last packet of each direction', () => {
    const world = paths.serve([ue()]);
    expect(paths.usage(21)).toMatchObject({ uplink: { last: 0 }, downlink: { last: 0 } });
    const before = Number(process.hrtime.bigint());
    paths.put(world, fromRg(eogreFrame(packet())));
    const { uplink, downlink } = paths.usage(21);
    // The clock is as coarse as the kernel's ticks, which come late on a machine without time.
    expect(uplink.last).toBeGreaterThan(before - 1e9);
    expect(uplink.last).toBeLessThanOrEqual(Number(process.hrtime.bigint()));
    expect(downlink.last).toBe(0);
  });

  const corrupted = packet();
  corrupted[8] = 9;
  const badTcp = syn(1460, ueAddress, host);
  badTcp[40] = 1;
  const withSequence = eogreFrame(packet(), { key: 1 });
  withSequence[0] = 0x10;
  const withChecksumFlag = eogreFrame(packet(), { key: 1 });
  withChecksumFlag[0] = 0x80;
  const ttl = (value: number) => packet({ ttl: value });
  const outerAt = (offset: number, value: number): TestPacket => ({
    ...fromRg(eogreFrame(packet())),
    change: (frame) => {
      frame[ethernetOctets + offset] = value;
    },
  });
  const ping = encodeIcmpPacket(
    { source: ueAddress, destination: router },
    { kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(8) },
  );
  const arp = encodeArp({
    operation: 'request',
    senderMac: ue().mac,
    senderAddress: ueAddress,
    targetMac: parseMac('00:00:00:00:00:00')!,
    targetAddress: router,
  });

  const punted: readonly [PuntReason, string, ForwardingEntry, TestPacket][] = [
    ['outer', 'outer options', ue(), outerAt(0, 0x46)],
    ['outer', 'outer fragment', ue(), outerAt(6, 0x20)],
    ['outer', 'outer checksum', ue(), outerAt(10, 0)],
    ['outer', 'outer packet longer than the frame', ue(), { ...fromRg(eogreFrame(packet())), change: lengthen }],
    ['gre-options', 'sequence number', ue(), fromRg(withSequence)],
    ['gre-options', 'GRE checksum', ue(), fromRg(withChecksumFlag)],
    ['gre-protocol', 'another GRE protocol', ue(), fromRg(gre(0x880b, 21, packet()))],
    [
      'gre-protocol',
      'EoGRE from the LMA',
      ue(),
      { ...fromRg(eogreFrame(packetToUe())), direction: 'downlink', peer: lma },
    ],
    ['malformed', 'no inner header', ue(), fromRg(eogreFrame(packet().subarray(0, 19)))],
    ['malformed', 'IP packet longer than its frame', ue(), fromRg(eogreFrame(packet().subarray(0, 47)))],
    [
      'malformed',
      'IP packet that reaches into the padding of the link',
      ue(),
      { ...fromRg(eogreFrame(packet().subarray(0, 47))), padding: 9 },
    ],
    ['malformed', 'GRE and nothing', ue(), fromRg(Uint8Array.of(0, 0, 0x65, 0x58))],
    ['malformed', 'IPv6 in IPv4’s place', ue({ access: mag }), fromMag(Uint8Array.of(0x60, ...packet().subarray(1)))],
    ['bad-checksum', 'inner checksum', ue(), fromRg(eogreFrame(corrupted))],
    ['not-ipv4', 'ARP', ue(), fromRg(eogreFrame(arp, { type: etherType.arp }))],
    ['not-ipv4', 'IPv6', ue(), fromRg(eogreFrame(packet(), { type: etherType.ipv6 }))],
    ['not-ipv4', 'two tags', ue(), fromRg(eogreFrame(packet(), { vlan: 5, type: etherType.vlan }))],
    ['ip-options', 'inner options', ue(), fromRg(eogreFrame(packet({ options: Uint8Array.of(1, 1, 1, 0) })))],
    ['fragment', 'first fragment', ue(), fromRg(eogreFrame(packet({ moreFragments: true })))],
    ['fragment', 'later fragment', ue(), fromLma(packetToUe({ fragmentOffset: 8 }))],
    ['dhcp', 'DHCP', ue(), fromRg(eogreFrame(packet({}, { sourcePort: 68, destinationPort: 67 })))],
    [
      'dhcp',
      'DHCP of nobody',
      ue(),
      fromRg(
        eogreFrame(
          packet(
            { source: ip('0.0.0.0'), destination: ip('255.255.255.255') },
            { sourcePort: 68, destinationPort: 67 },
          ),
        ),
      ),
    ],
    ['unknown-mac', 'unknown UE', ue(), fromRg(eogreFrame(packet(), { source: parseMac('02:00:5e:00:00:99')! }))],
    ['unknown-mac', 'group source', ue(), fromRg(eogreFrame(packet(), { source: macBroadcast }))],
    [
      'unknown-key',
      'no key',
      ue({ access: mag }),
      { direction: 'uplink', peer: wlc1, gre: gre(greProtocol.ipv4, undefined, packet()) },
    ],
    ['unknown-key', 'nobody’s key', ue({ access: mag }), fromMag(packet(), 23)],
    ['unknown-key', 'key 0', ue({ access: mag }), fromLma(packetToUe(), 0)],
    ['not-forwardable', 'multicast', ue(), fromRg(eogreFrame(packet({ destination: ip('224.0.0.251') })))],
    ['not-forwardable', 'limited broadcast', ue(), fromRg(eogreFrame(packet({ destination: ip('255.255.255.255') })))],
    ['not-forwardable', 'loopback', ue({ access: mag }), fromMag(packet({ destination: ip('127.0.0.1') }))],
    ['not-forwardable', 'this network', ue(), fromRg(eogreFrame(packet({ destination: ip('0.1.2.3') })))],
    ['other-endpoint', 'another RG: the data trigger', ue(), fromRg(eogreFrame(packet()), rg2)],
    ['other-endpoint', 'another VLAN', ue(), fromRg(eogreFrame(packet(), { vlan: 5 }))],
    ['other-endpoint', 'the reserved VLAN', ue(), fromRg(eogreFrame(packet(), { vlan: 4095 }))],
    ['other-endpoint', 'another key', ue({ access: eogre(rg1, 5) }), fromRg(eogreFrame(packet(), { key: 6 }))],
    ['other-endpoint', 'no key instead of 0', ue({ access: eogre(rg1, 0) }), fromRg(eogreFrame(packet()))],
    ['other-endpoint', 'EoGRE of a UE on PMIPv6', ue({ access: mag }), fromRg(eogreFrame(packet()))],
    ['other-endpoint', 'PMIPv6 of a UE on EoGRE', ue(), fromMag(packet())],
    ['other-endpoint', 'another MAG', ue({ access: mag }), fromMag(packet(), 21, wlc2)],
    [
      'other-endpoint',
      'after the guard time',
      ue({ access: mag, previous: eogre(rg1), previousUntil: 0 }),
      fromRg(eogreFrame(packet())),
    ],
    ['wrong-peer', 'another LMA', ue(), fromLma(packetToUe(), 21, ip('203.0.113.2'))],
    ['wrong-address', 'another UE’s source', ue(), fromRg(eogreFrame(packet({ source: otherAddress })))],
    ['wrong-address', 'to another UE', ue(), fromLma(packetToUe({ destination: otherAddress }))],
    ['to-router', 'Echo Request to the router', ue(), fromRg(eogreFrame(ping))],
    ['no-access', 'attached nowhere', ue({ access: undefined }), fromLma(packetToUe())],
    ['ttl-expired', 'TTL 1 up', ue(), fromRg(eogreFrame(ttl(1)))],
    ['ttl-expired', 'TTL 0 down', ue(), fromLma(packetToUe({ ttl: 0 }))],
    ['too-big', 'too long up', ue(), fromRg(eogreFrame(packet({}, { length: 1473 - 28 })))],
    [
      'too-big',
      'too long down, Don’t Fragment',
      ue(),
      fromLma(packetToUe({ dontFragment: true }, { length: 1463 - 28 })),
    ],
    [
      'too-big',
      'too long for a frame with key and tag',
      ue({ access: eogre(rg1, 1, 1) }),
      fromLma(packetToUe({}, { length: 1455 - 28 })),
    ],
    ['syn-options', 'MSS behind another option', ue(), fromRg(eogreFrame(badTcp))],
    [
      'no-route',
      'an LMA without a route',
      ue({ s2a: { peer: ip('8.8.8.8'), uplinkKey: 12, downlinkKey: 21 } }),
      fromRg(eogreFrame(packet())),
    ],
    [
      'no-neighbour',
      'an LMA not resolved',
      ue({ s2a: { peer: ip('203.0.113.77'), uplinkKey: 12, downlinkKey: 21 } }),
      fromRg(eogreFrame(packet())),
    ],
  ];

  it.each(punted)('punts as %s: %s', (reason, _, entry, test) => {
    const world = paths.serve([entry, other]);
    const { verdict, punt, frame, input, counters } = paths.put(world, test);
    expect({ verdict, punt }).toEqual({ verdict: 'pass', punt: reason });
    expect(frame).toEqual(input);
    expect(Object.values(counters).every((value) => value === 0)).toBe(true);
    expect(paths.usage(21)).toMatchObject({ uplink: { packets: 0, last: 0 }, downlink: { packets: 0, last: 0 } });
  });

  it.each<[string, ForwardingEntry, TestPacket]>([
    ['several addresses', ue({ addresses: [...ue().addresses, ...other.addresses] }), fromRg(eogreFrame(packet()))],
    ['a key that is not its identifier', ue({ access: pmipv6(wlc1, 7, 70) }), fromMag(packet(), 7)],
  ])('leaves a session alone that has %s', (_, entry, test) => {
    const world = paths.serve([entry]);
    const { verdict, sent } = paths.put(world, test);
    expect({ verdict, sent: sent.length }).toEqual({ verdict: 'pass', sent: 1 });
  });

  it.each<[string, (frame: Uint8Array) => void]>([
    ['to another address', (frame) => frame.set([1, 1, 1, 1], ethernetOctets + 16)],
    ['of another protocol', (frame) => frame.set([ipProtocol.udp], ethernetOctets + 9)],
    ['that is no IPv4', (frame) => frame.set([0x86, 0xdd], 12)],
    ['with a tag', (frame) => frame.set([0x81, 0x00], 12)],
  ])('passes a frame %s, and does not count it', (_, change) => {
    const world = paths.serve([ue()]);
    const { verdict, punt, frame, input } = paths.put(world, { ...fromRg(eogreFrame(packet())), change });
    expect({ verdict, punt }).toEqual({ verdict: 'pass', punt: undefined });
    expect(frame).toEqual(input);
  });

  it.each([
    ['MAC address', fromRg(eogreFrame(packet()))],
    ['key', fromLma(packet({ source: host, destination: ueAddress }))],
  ] as const)('finds by its %s a session whose home another one has', (_, test) => {
    const alike = 21 + 128;
    const there = otherEntry({ sessionId: alike, s2a: { ...other.s2a, downlinkKey: alike } });
    const world = paths.serve([there, ue()]);
    expect([paths.place(alike), paths.place(21) === 21]).toEqual([21, false]);
    const { verdict, frame, sent } = paths.put(world, test);
    expect(verdict).toBe('redirect');
    expect(fastSentOf(frame).bytes).toEqual(sent[0]!.bytes);
  });

  it.each([
    ['uplink', fromRg(eogreFrame(packet()))],
    ['downlink', fromLma(packet({ source: host, destination: ueAddress }))],
  ] as const)('passes up what comes while its session is being written, %s', (_, test) => {
    const world = paths.serve([ue()]);
    const version = new Uint32Array(paths.program.records.buffer, paths.place(21) * sessionOctets, 1);
    version[0]! += 1;
    expect(paths.put(world, test)).toMatchObject({ verdict: 'pass', punt: 'changing' });
    version[0]! += 1;
    expect(paths.put(world, test).verdict).toBe('redirect');
  });

  it('passes everything up while forwarding is switched off', () => {
    const world = paths.serve([ue()]);
    paths.program.forwardUntil(0);
    expect(paths.put(world, fromRg(eogreFrame(packet())))).toMatchObject({ verdict: 'pass', punt: 'passive' });
    paths.program.forwardUntil(Number.POSITIVE_INFINITY);
    expect(paths.put(world, fromRg(eogreFrame(packet())))).toMatchObject({ verdict: 'redirect' });
  });

  it('passes up what would leave by an interface that is no port', () => {
    const world = paths.serve([ue()]);
    const { index } = findInterface('s2a0')!;
    paths.program.removePort(index);
    expect(paths.put(world, fromRg(eogreFrame(packet())))).toMatchObject({ verdict: 'pass', punt: 'no-port' });
    paths.program.addPort(index);
  });
});

describe.skipIf(!requireTool(...fastPathNeeds()))('the way to a tunnel endpoint', () => {
  const up = fromRg(eogreFrame(packet()));
  const lost = 'neighbour del 203.0.113.1 dev s2a0';
  const found = 'neighbour replace 203.0.113.1 lladdr 02:00:00:00:01:01 dev s2a0';

  it.each([
    ['is asked for again when its time is over', 1, up, 'no-neighbour'],
    ['is gone by for its time', 4000, up, undefined],
    ['is asked for again for another DSCP', 4000, fromRg(eogreFrame(packet({ tos: 0xb8 }))), 'no-neighbour'],
  ] as const)('%s', async (_, wayLifetimeMs, second, punt) => {
    const paths = new BothPaths({ wayLifetimeMs });
    try {
      const world = paths.serve([ue()]);
      expect(paths.put(world, up).verdict).toBe('redirect');
      ipCommand(lost);
      // Longer than the shortest lifetime and some ticks of the kernel's clock.
      await sleep(100);
      expect(paths.put(world, second).punt).toBe(punt);
      // What was found out is not forgotten for the others either.
      if (punt !== undefined) expect(paths.put(world, up).punt).toBe(punt);
      ipCommand(found);
      expect(paths.put(world, second).verdict).toBe('redirect');
    } finally {
      paths.close();
    }
  });
});

describe.skipIf(!requireTool(...fastPathNeeds()))('the policer', () => {
  let paths: BothPaths;
  beforeAll(() => {
    paths = new BothPaths({ puntsPerSecond: 10 });
  });
  afterAll(() => paths?.close());

  it('drops what a tunnel endpoint has sent up beyond its share, and nothing of others, nor what is forwarded', () => {
    const world = paths.serve([ue()]);
    const unknown = eogreFrame(packet(), { source: parseMac('02:00:5e:00:00:99')! });
    const outcomes = Array.from({ length: 200 }, () => paths.put(world, fromRg(unknown)));
    expect(outcomes.slice(0, 10).every(({ verdict }) => verdict === 'pass')).toBe(true);
    const dropped = outcomes.filter(({ verdict }) => verdict === 'drop');
    // It earns ten more each second.
    expect(dropped.length).toBeGreaterThan(100);
    expect(dropped.every(({ punt, counters }) => punt === 'unknown-mac' && counters.policed === 1)).toBe(true);
    expect(paths.put(world, fromRg(unknown, rg2)).verdict).toBe('pass');
    expect(paths.put(world, fromRg(eogreFrame(packet()))).verdict).toBe('redirect');
  });

  it('lets all packets of a session up that is not to be told of, and counts none of them', () => {
    const filter = { uplink: untoldList, downlink: untoldList };
    const world = paths.serve([ue({ filter })]);
    for (const test of [fromRg(eogreFrame(packet())), fromLma(packet({ source: host, destination: ueAddress }))]) {
      const { verdict, punt, counters } = paths.put(world, test);
      expect({ verdict, punt, policed: counters.policed }).toEqual({ verdict: 'pass', punt: undefined, policed: 0 });
    }
  });

  it('lets all packets of a session up that is held back', () => {
    const limits = { uplink: 2 ** 32, downlink: 2 ** 32 };
    const world = paths.serve([ue({ police: limits })]);
    for (const test of [fromRg(eogreFrame(packet())), fromLma(packet({ source: host, destination: ueAddress }))]) {
      const outcomes = Array.from({ length: 50 }, () => paths.put(world, test));
      for (const { verdict, punt, sent } of outcomes) {
        expect({ verdict, punt, sent: sent.length }).toEqual({ verdict: 'pass', punt: 'held-back', sent: 1 });
      }
    }
    // What is not its own is measured as anybody's.
    const spoofed = fromRg(eogreFrame(packet({ source: host })));
    const outcomes = Array.from({ length: 50 }, () => paths.put(world, spoofed));
    expect(outcomes.some(({ verdict }) => verdict === 'drop')).toBe(true);
  });

  it('polices nothing while forwarding is switched off', () => {
    const world = paths.serve([ue()]);
    paths.program.forwardUntil(0);
    const outcomes = Array.from({ length: 50 }, () => paths.put(world, fromRg(eogreFrame(packet()), wlc2)));
    expect(outcomes.every(({ verdict }) => verdict === 'pass')).toBe(true);
    paths.program.forwardUntil(Number.POSITIVE_INFINITY);
  });
});

/** Makes the outer packet claim an octet more than the frame has, with a right checksum. */
function lengthen(frame: Uint8Array): void {
  frame[ethernetOctets + 3]! += 1;
  const sum = ((frame[ethernetOctets + 10]! << 8) | frame[ethernetOctets + 11]!) - 1;
  frame.set([sum >>> 8, sum & 255], ethernetOctets + 10);
}

describe.skipIf(!requireTool(...fastPathNeeds()))('the policer of all endpoints together', () => {
  let paths: BothPaths;
  beforeAll(() => {
    paths = new BothPaths({ puntsPerSecondInAll: 500 });
  });
  afterAll(() => paths?.close());

  it('drops beyond what the slow path can do, from whomever, and of sessions held back, and keeps signalling apart', async () => {
    const world = paths.serve([ue({ police: { uplink: 2 ** 32, downlink: 2 ** 32 } })]);
    const unknown = eogreFrame(packet(), { source: parseMac('02:00:5e:00:00:99')! });
    const dhcp = fromRg(eogreFrame(packet({}, { sourcePort: 68, destinationPort: 67 })));
    const flood = (test: TestPacket) => Array.from({ length: 500 }, () => paths.put(world, test).verdict);
    for (const test of [fromRg(unknown), fromRg(unknown, rg2), fromRg(eogreFrame(packet()))]) {
      expect(flood(test)).toContain('drop');
      // It earns ten more each 20 ms.
      await sleep(50);
      expect(paths.put(world, test).verdict).toBe('pass');
    }
    expect(flood(fromRg(unknown))).toContain('drop');
    expect(paths.put(world, dhcp).verdict).toBe('pass');
    expect(flood(dhcp)).toContain('drop');
  });
});
