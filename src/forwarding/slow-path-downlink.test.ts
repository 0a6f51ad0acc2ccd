import { describe, expect, it } from 'vitest';
import { type Ipv4Address, parseIpv6 } from '../kernel/address.ts';
import { setU16, u16At } from '../wire/bytes/reader.ts';
import { greProtocol } from '../wire/gre/gre.ts';
import { encodeIcmpPacket, fragmentationNeededPacket, timeExceededPacket } from '../wire/icmp/icmp.ts';
import { onesComplementSum, pseudoHeaderSum } from '../wire/ipv4/checksum.ts';
import { fragmentIpv4 } from '../wire/ipv4/fragment.ts';
import type { AccessPath } from './entry.ts';
import { accessInnerMtu, s2aInnerMtu, type TunnelSide } from './inner-mtu.ts';
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
  router,
  type Sent,
  syn,
  ueAddress,
  ueEntry,
  ueMac,
  vmac,
  wlc1,
  wlc2,
  worldOf,
} from './packets-for-tests.ts';
import type { RouterOptions } from './router.ts';

const down = (bytes: Uint8Array, key: number | undefined = 21) => gre(greProtocol.ipv4, key, bytes);
const toLma = (bytes: Uint8Array): Sent => ({ port: 's2a-gre', peer: lma, bytes: gre(greProtocol.ipv4, 12, bytes) });

/** The packet as it must leave on an access path. */
function toUe(path: AccessPath, bytes: Uint8Array): Sent {
  const { peer } = path;
  if (path.kind === 'pmipv6')
    return { port: 'access-gre', peer, bytes: gre(greProtocol.ipv4, path.downlinkKey, bytes) };
  if (path.kind === 'ip') throw new Error('its packets are translated');
  const { key, vlan } = path;
  return { port: 'access-gre', peer, bytes: eogreFrame(bytes, { source: vmac, destination: ueMac, key, vlan }) };
}

const side = (mtu: number, greTransport: 'raw' | 'udp' = 'raw'): TunnelSide => ({ mtu, greTransport });

describe('downlink', () => {
  it.each<[string, AccessPath]>([
    ['EoGRE', eogre(rg1)],
    ['EoGRE with a key', eogre(rg1, 0xfffffffe)],
    ['EoGRE with a VLAN', eogre(rg1, undefined, 4094)],
    ['EoGRE with both', eogre(rg1, 0, 1)],
    ['PMIPv6', pmipv6(wlc1, 7, 0xfffffffd)],
  ])('forwards to where the UE is attached: %s', (_, access) => {
    const world = worldOf([ueEntry({ access }), otherEntry()]);
    world.slowPath.fromS2a(lma, down(packetToUe()), 10);
    expect(world.takeSent()).toEqual([toUe(access, packetToUe({ ttl: 63 }))]);
    expect(world.counted()).toEqual({ 'downlink.packets': 1, 'downlink.octets': 48 });
    expect(world.table.usage(1)).toMatchObject({ downlinkPackets: 1, downlinkOctets: 48, lastActivity: 10 });
    expect(world.table.usage(2)).toMatchObject({ downlinkPackets: 0 });
  });

  it('follows the session the moment it moves', () => {
    const world = worldOf([ueEntry()]);
    for (const access of [pmipv6(wlc1), pmipv6(wlc2), eogre(rg1, 3)]) {
      world.table.program(ueEntry({ access, previous: eogre(rg1), previousUntil: 1000 }));
      world.slowPath.fromS2a(lma, down(packetToUe()), 0);
      expect(world.takeSent()).toEqual([toUe(access, packetToUe({ ttl: 63 }))]);
    }
    expect(world.table.usage(1)).toMatchObject({ downlinkPackets: 3 });
  });

  const corrupted = packetToUe();
  corrupted[8] = 9;
  it.each<[string, Ipv4Address, Uint8Array, string]>([
    ['without a GRE header', lma, new Uint8Array(3), 'malformed'],
    ['of another GRE version', lma, Uint8Array.of(0, 1, 8, 0), 'malformed'],
    ['of another GRE protocol', lma, gre(greProtocol.transparentEthernet, 21, packetToUe()), 'gre-protocol'],
    ['of IPv6', lma, gre(greProtocol.ipv6, 21, packetToUe()), 'not-ipv4'],
    ['without key', lma, gre(greProtocol.ipv4, undefined, packetToUe()), 'unknown-key'],
    ['with an unknown key', lma, down(packetToUe(), 99), 'unknown-key'],
    ["with another session's key", lma, down(packetToUe(), 22), 'wrong-address'],
    ['from another LMA', ip('203.0.113.2'), down(packetToUe()), 'wrong-peer'],
    ['to another UE', lma, down(packetToUe({ destination: otherAddress })), 'wrong-address'],
    ['to the router', lma, down(packetToUe({ destination: router })), 'wrong-address'],
    ['cut short', lma, down(packetToUe().subarray(0, 40)), 'malformed'],
    ['with a bad header checksum', lma, down(corrupted), 'bad-checksum'],
  ])('drops a packet %s', (_, peer, bytes, reason) => {
    const world = worldOf([ueEntry(), otherEntry()]);
    world.slowPath.fromS2a(peer, bytes, 0);
    expect(world.takeSent()).toEqual([]);
    expect(world.counted()).toEqual({ [`downlink.dropped.${reason}`]: 1 });
  });

  it('drops what comes for a UE that is attached nowhere', () => {
    const world = worldOf([ueEntry({ access: undefined })]);
    world.slowPath.fromS2a(lma, down(packetToUe()), 0);
    expect(world.counted()).toEqual({ 'downlink.dropped.no-access': 1 });
  });
});

describe('TTL', () => {
  it.each([0, 1])('%d: not forwarded; the UE hears of it from its router, the host from the UE’s address', (ttl) => {
    const world = worldOf([ueEntry()]);
    const sentByUe = packet({ ttl });
    world.slowPath.fromAccess(rg1, eogreFrame(sentByUe), 0);
    const toSender = timeExceededPacket({ source: router, destination: ueAddress }, sentByUe);
    expect(world.takeSent()).toEqual([toUe(eogre(rg1), toSender)]);

    const sentByHost = packetToUe({ ttl });
    world.slowPath.fromS2a(lma, down(sentByHost), 0);
    expect(world.takeSent()).toEqual([toLma(timeExceededPacket({ source: ueAddress, destination: host }, sentByHost))]);
    expect(world.counted()).toEqual({
      'uplink.dropped.ttl-expired': 1,
      'downlink.dropped.ttl-expired': 1,
      'icmp.time-exceeded.sent': 2,
    });
    expect(world.table.usage(1)).toMatchObject({ uplinkPackets: 0, downlinkPackets: 0, lastActivity: undefined });
  });

  it('2 is forwarded with 1', () => {
    const world = worldOf([ueEntry()]);
    world.slowPath.fromAccess(rg1, eogreFrame(packet({ ttl: 2 })), 0);
    expect(world.takeSent()).toEqual([toLma(packet({ ttl: 1 }))]);
  });

  const path = { source: host, destination: ueAddress };
  const unreachable = { kind: 'destination-unreachable', code: 1, nextHopMtu: 0, original: packet() } as const;
  const icmpError = encodeIcmpPacket(path, unreachable);
  icmpError[8] = 1;
  setU16(icmpError, 10, u16At(icmpError, 10) + 63 * 256);
  it.each<[string, Uint8Array]>([
    ['an ICMP error', icmpError],
    ['a later fragment', packetToUe({ ttl: 1, fragmentOffset: 8 })],
    ['a packet from a group', packetToUe({ ttl: 1, source: ip('224.0.0.1') })],
  ])('sends no error about %s', (_, bytes) => {
    const world = worldOf([ueEntry()]);
    world.slowPath.fromS2a(lma, down(bytes), 0);
    expect(world.takeSent()).toEqual([]);
    expect(world.counted()).toEqual({ 'downlink.dropped.ttl-expired': 1, 'icmp.suppressed': 1 });
  });

  it('sends errors at a limited rate', () => {
    const world = worldOf([ueEntry()], { icmpErrorsPerSecond: 2 });
    for (const now of [0, 0, 0, 400, 500]) world.slowPath.fromS2a(lma, down(packetToUe({ ttl: 1 })), now);
    expect(world.takeSent()).toHaveLength(3);
    expect(world.counted()).toMatchObject({ 'icmp.time-exceeded.sent': 3, 'icmp.rate-limited': 2 });
  });
});

describe('MTU', () => {
  it.each<[string, AccessPath, TunnelSide, number]>([
    ['EoGRE', eogre(rg1), side(1500), 1462],
    ['EoGRE with key and VLAN', eogre(rg1, 1, 1), side(1500), 1454],
    ['EoGRE over UDP', eogre(rg1), side(1500, 'udp'), 1454],
    ['EoGRE over IPv6', eogre(parseIpv6('2001:db8::1')!), side(1500), 1442],
    ['PMIPv6', pmipv6(wlc1), side(1500), 1472],
    ['PMIPv6 over UDP', pmipv6(wlc1), side(1400, 'udp'), 1364],
  ])('of the inner packet toward the UE: %s', (_, path, tunnel, mtu) => {
    expect(accessInnerMtu(tunnel, path)).toBe(mtu);
  });

  it('of the inner packet toward the LMA', () => {
    expect(s2aInnerMtu(side(1500), ueEntry().s2a)).toBe(1472);
    expect(s2aInnerMtu(side(1500, 'udp'), ueEntry().s2a)).toBe(1464);
  });

  it.each([1472, 1473])('uplink of %d octets', (length) => {
    const world = worldOf([ueEntry()]);
    const options = { length: length - 28 };
    const sent = packet({ dontFragment: true }, options);
    world.slowPath.fromAccess(rg1, eogreFrame(sent), 0);
    const error = fragmentationNeededPacket({ source: router, destination: ueAddress }, sent, 1472);
    const forwarded = packet({ dontFragment: true, ttl: 63 }, options);
    expect(world.takeSent()).toEqual([length <= 1472 ? toLma(forwarded) : toUe(eogre(rg1), error)]);
    expect(world.counted()).toEqual(
      length <= 1472
        ? { 'uplink.packets': 1, 'uplink.octets': length }
        : { 'uplink.dropped.too-big': 1, 'icmp.fragmentation-needed.sent': 1 },
    );
  });

  it.each<[AccessPath, number]>([
    [eogre(rg1), 1462],
    [eogre(rg1, 1, 1), 1454],
    [pmipv6(wlc1), 1472],
  ])('downlink to %j: at most %d octets', (access, mtu) => {
    const world = worldOf([ueEntry({ access })]);
    const options = { length: mtu - 28 };
    world.slowPath.fromS2a(lma, down(packetToUe({ dontFragment: true }, options)), 0);
    expect(world.takeSent()).toEqual([toUe(access, packetToUe({ dontFragment: true, ttl: 63 }, options))]);
    const tooBig = packetToUe({ dontFragment: true }, { length: mtu - 27 });
    world.slowPath.fromS2a(lma, down(tooBig), 0);
    const error = fragmentationNeededPacket({ source: ueAddress, destination: host }, tooBig, mtu);
    expect(world.takeSent()).toEqual([toLma(error)]);
  });

  it('fragments what may be fragmented, in both directions, and counts the packet once', () => {
    const world = worldOf([ueEntry()]);
    const options = { length: 4000 };
    world.slowPath.fromAccess(rg1, eogreFrame(packet({ identification: 77 }, options)), 0);
    const up = fragmentIpv4(packet({ identification: 77, ttl: 63 }, options), 0, 1472);
    expect(up).toHaveLength(3);
    expect(world.takeSent()).toEqual(up.map(toLma));
    world.slowPath.fromS2a(lma, down(packetToUe({ identification: 78 }, options)), 0);
    const toward = fragmentIpv4(packetToUe({ identification: 78, ttl: 63 }, options), 0, 1462);
    expect(world.takeSent()).toEqual(toward.map((fragment) => toUe(eogre(rg1), fragment)));
    expect(world.counted()).toEqual({
      'uplink.packets': 1,
      'uplink.octets': 4028,
      'uplink.fragments': 3,
      'downlink.packets': 1,
      'downlink.octets': 4028,
      'downlink.fragments': 3,
    });
  });

  it('too small for IPv4 in a tunnel is refused when the data path is made', () => {
    expect(() => worldOf([], { access: side(100) })).toThrow('MTU of 100');
  });
});

describe('MSS', () => {
  const mssOf = (sent: Sent | undefined) => u16At(sent!.bytes, sent!.bytes.length - 2);
  const clamped = (mss: number, options: Partial<RouterOptions> = {}, access: AccessPath = eogre(rg1)) => {
    const world = worldOf([ueEntry({ access })], options);
    const up = syn(mss, ueAddress, host);
    const frame = access.kind === 'eogre' ? eogreFrame(up, access as object) : gre(greProtocol.ipv4, 7, up);
    world.slowPath.fromAccess(access.peer, frame, 0);
    world.slowPath.fromS2a(lma, down(syn(mss, host, ueAddress)), 0);
    const sent = world.takeSent();
    for (const { bytes } of sent) {
      const segment = bytes.length - 24;
      const from = u16At(bytes, segment - 8) * 0x10000 + u16At(bytes, segment - 6);
      const to = u16At(bytes, segment - 4) * 0x10000 + u16At(bytes, segment - 2);
      const sum = onesComplementSum(
        bytes,
        segment,
        bytes.length,
        pseudoHeaderSum(from as Ipv4Address, to as Ipv4Address, 6, 24),
      );
      // The test's SYN was built with checksum 0: what stands there now must make up for the change alone.
      expect(sum).toBe(onesComplementSum(syn(mss, ueAddress, host), 20, 44, pseudoHeaderSum(ueAddress, host, 6, 24)));
    }
    return [mssOf(sent[0]), mssOf(sent[1]), world.counted()['mss.clamped'] ?? 0];
  };

  it.each<[string, Partial<RouterOptions>, AccessPath, number]>([
    ['EoGRE is the narrower side', {}, eogre(rg1), 1422],
    ['with key and VLAN', {}, eogre(rg1, 1, 1), 1414],
    ['both sides alike', {}, pmipv6(wlc1), 1432],
    ['S2a is the narrower side', { s2a: side(1400) }, eogre(rg1), 1332],
  ])('of a SYN is lowered in both directions to what fits both tunnels: %s', (_, options, access, mss) => {
    expect(clamped(1460, options, access)).toEqual([mss, mss, 2]);
    expect(clamped(mss, options, access)).toEqual([mss, mss, 0]);
    expect(clamped(mss - 1, options, access)).toEqual([mss - 1, mss - 1, 0]);
  });

  it('is left alone where clamping is off', () => {
    expect(clamped(1460, { mssClamp: false })).toEqual([1460, 1460, 0]);
  });
});
