import { describe, expect, it } from 'vitest';
import { macBroadcast, parseMac } from '../kernel/address.ts';
import { arpReply, encodeArp } from '../wire/arp/arp.ts';
import { etherType } from '../wire/ethernet/ethernet.ts';
import { greProtocol } from '../wire/gre/gre.ts';
import { encodeIcmpPacket } from '../wire/icmp/icmp.ts';
import { encodeIpv4, ipProtocol } from '../wire/ipv4/ipv4.ts';
import type { ForwardingEntry } from './entry.ts';
import {
  eogre,
  eogreFrame,
  gre,
  host,
  ip,
  lma,
  otherAddress,
  otherEntry,
  otherMac,
  packet,
  pmipv6,
  rg1,
  rg2,
  router,
  type Sent,
  ueAddress,
  ueEntry,
  ueMac,
  vmac,
  wlc1,
  wlc2,
  worldOf,
} from './packets-for-tests.ts';

const forwarded = (ttl = 63): Sent => ({
  port: 's2a-gre',
  peer: lma,
  bytes: gre(greProtocol.ipv4, 12, packet({ ttl })),
});

const arp = {
  operation: 'request',
  senderMac: ueMac,
  senderAddress: ueAddress,
  targetMac: parseMac('00:00:00:00:00:00')!,
  targetAddress: router,
} as const;

const echo = { kind: 'echo-request', identifier: 1, sequence: 2, data: Uint8Array.of(1, 2, 3) } as const;

describe('EoGRE uplink', () => {
  it.each([
    ['untagged, without key', {}],
    ['with a key', { key: 0xfffffffe }],
    ['key 0 is a key', { key: 0 }],
    ['with a VLAN', { vlan: 100 }],
    ['with both', { key: 5, vlan: 4094 }],
  ])(
    'forwards the packet of a UE to the LMA of its session: %s',
    (_, { key, vlan }: { key?: number; vlan?: number }) => {
      const world = worldOf([ueEntry({ access: eogre(rg1, key, vlan) }), otherEntry()]);
      world.slowPath.fromAccess(rg1, eogreFrame(packet(), { key, vlan }), 10);
      expect(world.takeSent()).toEqual([forwarded()]);
      expect(world.counted()).toEqual({ 'uplink.packets': 1, 'uplink.octets': 48 });
      expect(world.table.usage(1)).toMatchObject({ uplinkPackets: 1, uplinkOctets: 48, lastActivity: 10 });
      expect(world.table.usage(2)).toMatchObject({ uplinkPackets: 0 });
    },
  );

  it('takes a priority tag for no VLAN', () => {
    const world = worldOf([ueEntry()]);
    world.slowPath.fromAccess(rg1, eogreFrame(packet(), { vlan: 0 }), 0);
    expect(world.takeSent()).toEqual([forwarded()]);
  });

  it.each(['00:00:5e:00:52:13', 'ff:ff:ff:ff:ff:ff', '02:00:5e:00:00:02'])('accepts destination MAC %s', (mac) => {
    const world = worldOf([ueEntry(), otherEntry()]);
    world.slowPath.fromAccess(rg1, eogreFrame(packet(), { destination: parseMac(mac)! }), 0);
    expect(world.takeSent()).toEqual([forwarded()]);
  });

  it('strips the padding of the frame', () => {
    const world = worldOf([ueEntry()]);
    const frame = eogreFrame(packet());
    const padded = new Uint8Array(frame.length + 12);
    padded.set(frame);
    world.slowPath.fromAccess(rg1, padded, 0);
    expect(world.takeSent()).toEqual([forwarded()]);
  });

  const corrupted = packet();
  corrupted[8] = 9;
  it.each<[string, Uint8Array, string]>([
    ['no GRE header', Uint8Array.of(0, 0, 0x65), 'malformed'],
    ['no Ethernet header', gre(greProtocol.transparentEthernet, undefined, new Uint8Array(13)), 'malformed'],
    ['two tags', eogreFrame(packet(), { vlan: 5, type: etherType.vlan }), 'malformed'],
    ['another GRE protocol', gre(0x880b, 1, packet()), 'gre-protocol'],
    ['IPv6 over GRE', gre(greProtocol.ipv6, 1, packet()), 'not-ipv4'],
    ['a group source', eogreFrame(packet(), { source: macBroadcast }), 'group-source'],
    ['a MAC without session', eogreFrame(packet(), { source: parseMac('02:00:5e:00:00:99')! }), 'unknown-mac'],
    ['IPv6', eogreFrame(packet(), { type: etherType.ipv6 }), 'not-ipv4'],
    ['no IP header', eogreFrame(packet().subarray(0, 19)), 'malformed'],
    ['an IP packet longer than its frame', eogreFrame(packet().subarray(0, 47)), 'malformed'],
    ['a bad header checksum', eogreFrame(corrupted), 'bad-checksum'],
    ['a fragment behind the longest datagram', eogreFrame(packet({ fragmentOffset: 65528 })), 'malformed'],
    ["another UE's address", eogreFrame(packet({ source: otherAddress })), 'spoofed'],
    ['limited broadcast', eogreFrame(packet({ destination: ip('255.255.255.255') })), 'not-forwardable'],
    ['multicast', eogreFrame(packet({ destination: ip('224.0.0.251') })), 'not-forwardable'],
    ['to loopback', eogreFrame(packet({ destination: ip('127.0.0.1') })), 'not-forwardable'],
    ['UDP to the router', eogreFrame(packet({ destination: router })), 'to-router'],
  ])('drops %s', (_, bytes, reason) => {
    const world = worldOf([ueEntry(), otherEntry()]);
    world.slowPath.fromAccess(rg1, bytes, 0);
    expect(world.takeSent()).toEqual([]);
    expect(world.takeHandedUp()).toEqual([]);
    expect(world.counted()).toEqual({ [`uplink.dropped.${reason}`]: 1 });
  });

  it.each([
    ['a WLC', wlc1],
    ['a stranger', ip('192.0.2.99')],
  ])('takes EoGRE only from clients of an EoGRE profile, not from %s', (_, peer) => {
    const world = worldOf([ueEntry({ access: eogre(peer) })]);
    world.slowPath.fromAccess(peer, eogreFrame(packet()), 0);
    world.slowPath.fromAccess(peer, eogreFrame(packet({}, { sourcePort: 68, destinationPort: 67 })), 0);
    expect(world.takeSent()).toEqual([]);
    const path = eogre(peer);
    expect(world.takeHandedUp()).toMatchObject([
      { refused: 1, path },
      { refused: 1, path },
    ]);
    expect(world.counted()).toEqual({ 'uplink.dropped.unknown-client': 2 });
  });

  it.each<[string, Uint8Array, unknown[]]>([
    ['a packet of a known UE', eogreFrame(packet()), [{ refused: 1, path: eogre(wlc1), dhcp: undefined }]],
    [
      'its DHCP message, with the payload',
      eogreFrame(packet({ source: ip('0.0.0.0') }, { sourcePort: 68, destinationPort: 67, length: 3 }), { vlan: 5 }),
      [{ refused: 1, path: eogre(wlc1, undefined, 5), dhcp: [0, 1, 2] }],
    ],
    ['not its multicast', eogreFrame(packet({ destination: ip('224.0.0.251') })), []],
    ['not its ARP', eogreFrame(encodeArp(arp), { type: etherType.arp }), []],
    ['not an unknown UE’s', eogreFrame(packet(), { source: otherMac }), []],
    ['not what is malformed', eogreFrame(packet().subarray(0, 19)), []],
  ])('tells of a refused client: %s', (_, bytes, told) => {
    const world = worldOf([ueEntry()]);
    world.slowPath.fromAccess(wlc1, bytes, 0);
    expect(world.takeHandedUp()).toEqual(told);
    expect(world.counted()).toEqual({ 'uplink.dropped.unknown-client': 1 });
  });
});

describe('the endpoint a frame comes from', () => {
  const moved: Partial<ForwardingEntry> = { access: eogre(rg2), previous: eogre(rg1), previousUntil: 1000 };

  it('forwards from the endpoint just left within the guard time, and asks afterwards', () => {
    const world = worldOf([ueEntry(moved)]);
    world.slowPath.fromAccess(rg1, eogreFrame(packet()), 999);
    expect(world.takeSent()).toEqual([forwarded()]);
    expect(world.takeHandedUp()).toEqual([]);
    world.slowPath.fromAccess(rg1, eogreFrame(packet()), 1000);
    expect(world.takeSent()).toEqual([]);
    expect(world.takeHandedUp()).toEqual([{ triggered: 1, path: eogre(rg1), sourceMatches: true, now: 1000 }]);
  });

  it('never asks about a spoofed packet from the endpoint just left', () => {
    const world = worldOf([ueEntry(moved)]);
    world.slowPath.fromAccess(rg1, eogreFrame(packet({ source: otherAddress })), 999);
    expect(world.takeHandedUp()).toEqual([]);
    expect(world.counted()).toEqual({ 'uplink.dropped.spoofed': 1 });
  });

  it.each<[string, ForwardingEntry, { key?: number; vlan?: number }]>([
    ['another RG', ueEntry({ access: eogre(rg2) }), {}],
    ['another key', ueEntry({ access: eogre(rg1, 5) }), { key: 6 }],
    ['a key where there was none', ueEntry(), { key: 0 }],
    ['another VLAN', ueEntry({ access: eogre(rg1, undefined, 5) }), { vlan: 6 }],
    ['a PMIPv6 session', ueEntry({ access: pmipv6(wlc1) }), { vlan: 6 }],
    ['a session without EoGRE flow', ueEntry({ access: pmipv6(wlc1), eogreFlow: false }), {}],
    ['a detached session', ueEntry({ access: undefined }), {}],
  ])('asks the session manager about a packet from elsewhere: %s', (_, entry, { key, vlan }) => {
    const world = worldOf([entry]);
    const frame = eogreFrame(packet(), { key, vlan });
    world.slowPath.fromAccess(rg1, frame, 3);
    const path = eogre(rg1, key, vlan);
    expect(world.takeHandedUp()).toEqual([{ triggered: 1, path, sourceMatches: true, now: 3 }]);
    expect(world.takeSent()).toEqual([]);
    expect(world.counted()).toEqual({ 'uplink.dropped.not-admitted': 1 });
  });

  it('forwards the packet by the entry that the session manager returns, and asks no more', () => {
    const world = worldOf([ueEntry({ access: pmipv6(wlc1) })]);
    world.admit = (entry, path) => {
      const next = { ...entry, access: path, s2a: { ...entry.s2a, uplinkKey: 12 } };
      world.table.program(next);
      return next;
    };
    for (const now of [3, 4]) world.slowPath.fromAccess(rg1, eogreFrame(packet()), now);
    expect(world.takeSent()).toEqual([forwarded(), forwarded()]);
    expect(world.takeHandedUp()).toHaveLength(1);
    expect(world.table.usage(1)).toMatchObject({ uplinkPackets: 2 });
  });

  it('forwards by the returned entry even if the session left the table meanwhile', () => {
    const world = worldOf([ueEntry({ access: undefined })]);
    world.admit = (entry) => {
      world.table.remove(entry.sessionId);
      return entry;
    };
    world.slowPath.fromAccess(rg1, eogreFrame(packet()), 0);
    expect(world.takeSent()).toEqual([forwarded()]);
  });

  it('counts no packet for the session that took the place of one removed meanwhile', () => {
    const world = worldOf([ueEntry({ access: undefined })]);
    world.admit = (entry) => {
      world.table.remove(entry.sessionId);
      world.table.program(otherEntry());
      return entry;
    };
    world.slowPath.fromAccess(rg1, eogreFrame(packet()), 0);
    expect(world.takeSent()).toEqual([forwarded()]);
    expect(world.table.usage(2)).toMatchObject({ uplinkPackets: 0 });
  });

  it.each([true, false])('reports a spoofed packet from elsewhere and drops it; answer: %s', (admitted) => {
    const world = worldOf([ueEntry({ access: pmipv6(wlc1) }), otherEntry()]);
    world.admit = (entry) => (admitted ? entry : undefined);
    world.slowPath.fromAccess(rg1, eogreFrame(packet({ source: otherAddress })), 3);
    expect(world.takeHandedUp()).toEqual([{ triggered: 1, path: eogre(rg1), sourceMatches: false, now: 3 }]);
    expect(world.takeSent()).toEqual([]);
    expect(world.counted()).toEqual({ 'uplink.dropped.spoofed': 1 });
  });

  it.each<[string, Uint8Array]>([
    ['multicast', eogreFrame(packet({ destination: ip('224.0.0.251') }))],
    [
      'ARP',
      eogreFrame(encodeArp({ ...arp, targetAddress: otherAddress }), {
        type: etherType.arp,
        destination: macBroadcast,
      }),
    ],
  ])('takes flooded frames for no move: %s', (_, bytes) => {
    const world = worldOf([ueEntry({ access: eogre(rg2) })]);
    world.slowPath.fromAccess(rg1, bytes, 0);
    expect(world.takeHandedUp()).toEqual([]);
    expect(world.takeSent()).toEqual([]);
  });
});

describe('DHCP from EoGRE', () => {
  const ports = { sourcePort: 68, destinationPort: 67, length: 3 };
  const broadcast = { source: ip('0.0.0.0'), destination: ip('255.255.255.255') };

  it.each([
    ['broadcast by a UE without session', broadcast, parseMac('02:00:5e:00:00:99')!],
    ['broadcast by a known UE', broadcast, ueMac],
    ['renewal to the router', { source: ueAddress, destination: router }, ueMac],
    ['renewal to anybody', { source: ueAddress, destination: host }, ueMac],
  ])('hands up a %s', (_, addresses, source) => {
    const world = worldOf([ueEntry()]);
    world.slowPath.fromAccess(rg2, eogreFrame(packet(addresses, ports), { source, key: 9, vlan: 7 }), 5);
    expect(world.takeHandedUp()).toEqual([{ dhcp: [0, 1, 2], path: eogre(rg2, 9, 7), mac: source, now: 5 }]);
    expect(world.takeSent()).toEqual([]);
    expect(world.counted()).toEqual({ 'dhcp.delivered': 1 });
  });

  const badSum = packet(broadcast, ports);
  badSum[30] = 0xff;
  const badLength = packet(broadcast, ports);
  badLength[25] = 100;
  it.each<[string, Uint8Array, string]>([
    ['with a bad checksum', badSum, 'bad-checksum'],
    ['longer than its packet', badLength, 'malformed'],
    ['in fragments', packet({ ...broadcast, moreFragments: true }, ports), 'not-forwardable'],
    ['to a client', packet(broadcast, { sourcePort: 67, destinationPort: 68 }), 'not-forwardable'],
  ])('drops a datagram %s', (_, bytes, reason) => {
    const world = worldOf([ueEntry()]);
    world.slowPath.fromAccess(rg1, eogreFrame(bytes), 0);
    expect(world.takeHandedUp()).toEqual([]);
    expect(world.counted()).toEqual({ [`uplink.dropped.${reason}`]: 1 });
  });
});

describe('ARP from EoGRE', () => {
  it.each([
    ['untagged', undefined, undefined],
    ['with key and VLAN', 9, 7],
  ])('answers for the default router with the VMAC through the same tunnel: %s', (_, key, vlan) => {
    const world = worldOf([ueEntry({ access: eogre(rg1, key, vlan) })]);
    const options = { key, vlan, type: etherType.arp };
    world.slowPath.fromAccess(rg1, eogreFrame(encodeArp(arp), { ...options, destination: macBroadcast }), 0);
    const reply = eogreFrame(encodeArp(arpReply(arp, vmac)), { ...options, source: vmac, destination: ueMac });
    expect(world.takeSent()).toEqual([{ port: 'access-gre', peer: rg1, bytes: reply }]);
    expect(world.counted()).toEqual({ 'arp.answered': 1 });
  });

  it.each<[string, typeof rg1, Uint8Array, string]>([
    ['for another UE', rg1, encodeArp({ ...arp, targetAddress: otherAddress }), 'arp'],
    ['for its own address', rg1, encodeArp({ ...arp, targetAddress: ueAddress }), 'arp'],
    ['that announces the router', rg1, encodeArp({ ...arp, senderAddress: router }), 'arp'],
    ['in the name of another MAC', rg1, encodeArp({ ...arp, senderMac: otherMac }), 'arp'],
    ['from another RG without an address', rg2, encodeArp({ ...arp, senderAddress: ip('0.0.0.0') }), 'arp'],
    ['from another RG with an address not its own', rg2, encodeArp({ ...arp, senderAddress: otherAddress }), 'arp'],
    ['reply', rg1, encodeArp({ ...arp, operation: 'reply' }), 'arp'],
    ['that is truncated', rg1, encodeArp(arp).subarray(0, 27), 'malformed'],
  ])('drops a message %s', (_, peer, bytes, reason) => {
    const world = worldOf([ueEntry(), otherEntry()]);
    world.slowPath.fromAccess(peer, eogreFrame(bytes, { type: etherType.arp }), 0);
    expect(world.takeSent()).toEqual([]);
    expect(world.takeHandedUp()).toEqual([]);
    expect(world.counted()).toEqual({ [`uplink.dropped.${reason}`]: 1 });
  });

  it.each([
    ['at another RG', ueEntry(), true],
    ['at an RG, coming from a WLC', ueEntry({ access: pmipv6(wlc1) }), true],
    ['at an RG where its flow may not go', ueEntry({ access: pmipv6(wlc1), eogreFlow: false }), false],
  ])('answers a UE that arrives %s without moving its session', (_, entry, answers) => {
    const world = worldOf([entry]);
    world.slowPath.fromAccess(rg2, eogreFrame(encodeArp(arp), { type: etherType.arp }), 0);
    const reply = eogreFrame(encodeArp(arpReply(arp, vmac)), { source: vmac, destination: ueMac, type: etherType.arp });
    expect(world.takeSent()).toEqual(answers ? [{ port: 'access-gre', peer: rg2, bytes: reply }] : []);
    expect(world.takeHandedUp()).toEqual([]);
  });

  it('does not answer a UE without session', () => {
    const world = worldOf([]);
    world.slowPath.fromAccess(rg1, eogreFrame(encodeArp(arp), { type: etherType.arp }), 0);
    expect(world.takeSent()).toEqual([]);
  });

  it('announces the router by a gratuitous ARP to the UE alone, and only over EoGRE', () => {
    const world = worldOf([]);
    world.slowPath.announceRouter(ueEntry({ access: eogre(rg2, 9, 7) }));
    world.slowPath.announceRouter(ueEntry({ access: pmipv6(wlc1) }));
    world.slowPath.announceRouter(ueEntry({ access: undefined }));
    const announcement = encodeArp({
      operation: 'request',
      senderMac: vmac,
      senderAddress: router,
      targetMac: parseMac('00:00:00:00:00:00')!,
      targetAddress: router,
    });
    const options = { source: vmac, destination: ueMac, key: 9, vlan: 7, type: etherType.arp };
    expect(world.takeSent()).toEqual([{ port: 'access-gre', peer: rg2, bytes: eogreFrame(announcement, options) }]);
    expect(world.counted()).toEqual({ 'arp.announced': 1 });
  });
});

describe('PMIPv6 uplink', () => {
  it('forwards by the uplink key', () => {
    const world = worldOf([ueEntry({ access: pmipv6(wlc1) }), otherEntry()]);
    world.slowPath.fromAccess(wlc1, gre(greProtocol.ipv4, 7, packet()), 10);
    expect(world.takeSent()).toEqual([forwarded()]);
    expect(world.table.usage(1)).toMatchObject({ uplinkPackets: 1, uplinkOctets: 48, lastActivity: 10 });
  });

  const moved = ueEntry({ access: eogre(rg1), previous: pmipv6(wlc1, 8), previousUntil: 1000 });
  const sameKey = ueEntry({ access: pmipv6(wlc2, 8), previous: pmipv6(wlc1, 8), previousUntil: 1000 });
  it.each([
    ['moved to EoGRE', moved],
    ['moved to another WLC with the same key', sameKey],
  ])('forwards from the WLC just left within the guard time: %s', (_, entry) => {
    const world = worldOf([entry]);
    world.slowPath.fromAccess(wlc1, gre(greProtocol.ipv4, 8, packet()), 999);
    expect(world.takeSent()).toEqual([forwarded()]);
    world.slowPath.fromAccess(wlc1, gre(greProtocol.ipv4, 8, packet()), 1000);
    expect(world.takeSent()).toEqual([]);
    expect(world.counted()).toMatchObject({ 'uplink.dropped.stale-endpoint': 1 });
  });

  it('drops the key of the path just left after the guard time, even from the WLC where the UE is', () => {
    const world = worldOf([ueEntry({ access: pmipv6(wlc1, 7), previous: pmipv6(wlc1, 8), previousUntil: 1000 })]);
    world.slowPath.fromAccess(wlc1, gre(greProtocol.ipv4, 8, packet()), 1000);
    expect(world.counted()).toEqual({ 'uplink.dropped.stale-endpoint': 1 });
  });

  it.each<[string, typeof wlc1, Uint8Array, string]>([
    ['without key', wlc1, gre(greProtocol.ipv4, undefined, packet()), 'unknown-key'],
    ['with an unknown key', wlc1, gre(greProtocol.ipv4, 99, packet()), 'unknown-key'],
    ['from another WLC', wlc2, gre(greProtocol.ipv4, 7, packet()), 'stale-endpoint'],
    ["from another UE's address", wlc1, gre(greProtocol.ipv4, 7, packet({ source: otherAddress })), 'spoofed'],
    ['that is no IPv4', wlc1, gre(greProtocol.ipv4, 7, new Uint8Array(40)), 'malformed'],
    ['to a group', wlc1, gre(greProtocol.ipv4, 7, packet({ destination: ip('239.1.1.1') })), 'not-forwardable'],
  ])('drops a packet %s', (_, peer, bytes, reason) => {
    const world = worldOf([ueEntry({ access: pmipv6(wlc1) }), otherEntry({ access: pmipv6(wlc2, 9) })]);
    world.slowPath.fromAccess(peer, bytes, 0);
    expect(world.takeSent()).toEqual([]);
    expect(world.takeHandedUp()).toEqual([]);
    expect(world.counted()).toEqual({ [`uplink.dropped.${reason}`]: 1 });
  });
});

describe('echo requests to the router', () => {
  const request = encodeIcmpPacket({ source: ueAddress, destination: router }, echo);
  const reply = encodeIcmpPacket({ source: router, destination: ueAddress }, { ...echo, kind: 'echo-reply' });

  it('are answered over EoGRE', () => {
    const world = worldOf([ueEntry()]);
    world.slowPath.fromAccess(rg1, eogreFrame(request), 0);
    const bytes = eogreFrame(reply, { source: vmac, destination: ueMac });
    expect(world.takeSent()).toEqual([{ port: 'access-gre', peer: rg1, bytes }]);
    expect(world.counted()).toEqual({ 'echo.answered': 1 });
  });

  it('are answered over PMIPv6', () => {
    const world = worldOf([ueEntry({ access: pmipv6(wlc1) })]);
    world.slowPath.fromAccess(wlc1, gre(greProtocol.ipv4, 7, request), 0);
    expect(world.takeSent()).toEqual([{ port: 'access-gre', peer: wlc1, bytes: gre(greProtocol.ipv4, 70, reply) }]);
  });

  const badSum = request.slice();
  badSum[badSum.length - 1]! ^= 1;
  const path = { source: ueAddress, destination: router, protocol: ipProtocol.icmp };
  const fragment = encodeIpv4({ ...path, moreFragments: true }, request.subarray(20));
  it.each([
    ['if the ICMP checksum is bad', badSum],
    ['if they are fragments', fragment],
  ])('are dropped %s', (_, bytes) => {
    const world = worldOf([ueEntry()]);
    world.slowPath.fromAccess(rg1, eogreFrame(bytes), 0);
    expect(world.takeSent()).toEqual([]);
    expect(world.counted()).toEqual({ 'uplink.dropped.to-router': 1 });
  });
});
