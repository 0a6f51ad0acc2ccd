import { describe, expect, it } from 'vitest';
import { greProtocol } from '../wire/gre/gre.ts';
import { encodeIcmpPacket } from '../wire/icmp/icmp.ts';
import type { ForwardingEntry } from './entry.ts';
import { AccessList, type AccessRule } from './filter.ts';
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
  packetToUe,
  pmipv6,
  rg1,
  rg2,
  router,
  ueAddress,
  ueEntry,
  wlc1,
  worldOf,
} from './packets-for-tests.ts';

const any: AccessRule = {
  action: 'permit',
  protocol: undefined,
  source: undefined,
  destination: undefined,
  sourcePorts: undefined,
  destinationPorts: undefined,
};
const blocked = { address: ip('198.51.100.66'), length: 32 };
const noBlockedHost = new AccessList('blocked', [
  { ...any, action: 'deny', source: blocked },
  { ...any, action: 'deny', destination: blocked },
  any,
]);

/** 1000 octets with its headers. */
const large = { length: 972 };
const up = (options = large, changes = {}) => eogreFrame(packet(changes, options));
const down = (options = large, changes = {}) => gre(greProtocol.ipv4, 21, packetToUe(changes, options));

describe('a session with a rate', () => {
  const police = { uplink: 20_000, downlink: 40_000 };

  it('sends and receives what its buckets hold and earn, and the rest is dropped and counted', () => {
    const world = worldOf([ueEntry({ police })]);
    for (let second = 0; second < 3; second += 1) {
      for (let packets = 0; packets < 100; packets += 1) {
        const now = second * 1000 + packets * 10;
        world.slowPath.fromAccess(rg1, up(), now);
        world.slowPath.fromS2a(lma, down(), now);
      }
    }
    // 3000 and 4000 octets at once, then 20,000 and 40,000 for each of the 2.99 seconds.
    expect(world.table.usage(1)).toMatchObject({ uplinkOctets: 62_000, downlinkOctets: 123_000 });
    expect(world.counted()).toEqual({
      'uplink.packets': 62,
      'uplink.octets': 62_000,
      'uplink.dropped.rate': 238,
      'downlink.packets': 123,
      'downlink.octets': 123_000,
      'downlink.dropped.rate': 177,
    });
    expect(world.takeSent()).toHaveLength(62 + 123);
  });

  it('has it with the next packet after it changed, and is free again without it', () => {
    const world = worldOf([ueEntry()]);
    const passed = (entry: ForwardingEntry, packets: number) => {
      world.table.program(entry);
      for (let each = 0; each < packets; each += 1) world.slowPath.fromAccess(rg1, up(), 100);
      return world.takeSent().length;
    };
    expect(passed(ueEntry(), 10)).toBe(10);
    expect(passed(ueEntry({ police }), 10)).toBe(3);
    expect(passed(ueEntry({ police: { uplink: undefined, downlink: 1 } }), 10)).toBe(10);
    expect(passed(ueEntry({ police }), 10)).toBe(0);
    expect(passed(ueEntry(), 10)).toBe(10);
  });

  it('keeps its buckets over a handover, and holds nobody else back', () => {
    const world = worldOf([ueEntry({ police }), otherEntry({ police })]);
    for (let each = 0; each < 5; each += 1) world.slowPath.fromAccess(rg1, up(), 0);
    expect(world.takeSent()).toHaveLength(3);
    world.table.program(ueEntry({ police, access: pmipv6(wlc1) }));
    world.slowPath.fromAccess(wlc1, gre(greProtocol.ipv4, 7, packet({}, large)), 0);
    expect(world.takeSent()).toHaveLength(0);
    world.slowPath.fromAccess(rg1, eogreFrame(packet({ source: otherAddress }, large), { source: otherMac }), 0);
    expect(world.takeSent()).toHaveLength(1);
  });
});

describe('a session with access lists', () => {
  const filter = { uplink: noBlockedHost, downlink: noBlockedHost };

  it.each([
    ['uplink', { uplink: noBlockedHost, downlink: undefined }, { 'uplink.dropped.filtered': 1, 'downlink.packets': 1 }],
    [
      'downlink',
      { uplink: undefined, downlink: noBlockedHost },
      { 'uplink.packets': 1, 'downlink.dropped.filtered': 1 },
    ],
    ['both', filter, { 'uplink.dropped.filtered': 1, 'downlink.dropped.filtered': 1 }],
  ] as const)('is held to each in its direction: %s', (_, lists, counted) => {
    const world = worldOf([ueEntry({ filter: lists })]);
    world.slowPath.fromAccess(rg1, up(large, { destination: blocked.address }), 0);
    world.slowPath.fromS2a(lma, down(large, { source: blocked.address }), 0);
    expect(world.counted()).toMatchObject(counted);
    world.takeSent();
    world.slowPath.fromAccess(rg1, up(large, { destination: host }), 0);
    world.slowPath.fromS2a(lma, down(), 0);
    expect(world.takeSent()).toHaveLength(2);
  });

  it('is not charged for what is filtered, which is in no usage either', () => {
    const world = worldOf([ueEntry({ filter, police: { uplink: 1000, downlink: 1000 } })]);
    for (let each = 0; each < 5; each += 1) {
      world.slowPath.fromAccess(rg1, up(large, { destination: blocked.address }), 0);
      world.slowPath.fromS2a(lma, down(large, { source: blocked.address }), 0);
    }
    expect(world.table.usage(1)).toMatchObject({ uplinkOctets: 0, downlinkOctets: 0, lastActivity: undefined });
    for (let each = 0; each < 3; each += 1) world.slowPath.fromAccess(rg1, up(), 0);
    expect(world.counted()).toMatchObject({ 'uplink.packets': 3, 'uplink.dropped.filtered': 5 });
  });

  it('moves by a packet that is dropped, if it is its own', () => {
    const world = worldOf([ueEntry({ filter })]);
    const moved = ueEntry({ filter, access: eogre(rg2) });
    world.admit = () => moved;
    world.slowPath.fromAccess(rg2, up(large, { destination: blocked.address }), 0);
    expect(world.takeHandedUp()).toMatchObject([{ triggered: 1, sourceMatches: true }]);
    expect(world.counted()).toEqual({ 'uplink.dropped.filtered': 1 });
    world.slowPath.fromAccess(rg1, up(large, { source: ip('10.0.0.77'), destination: blocked.address }), 0);
    expect(world.counted()).toEqual({ 'uplink.dropped.filtered': 1, 'uplink.dropped.spoofed': 1 });
  });

  it('may always ask its router whether it is there', () => {
    const nothing = new AccessList('nothing', []);
    const world = worldOf([ueEntry({ filter: { uplink: nothing, downlink: nothing } })]);
    const path = { source: ueAddress, destination: router };
    world.slowPath.fromAccess(
      rg1,
      eogreFrame(encodeIcmpPacket(path, { kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(8) })),
      0,
    );
    expect(world.counted()).toEqual({ 'echo.answered': 1 });
  });
});
