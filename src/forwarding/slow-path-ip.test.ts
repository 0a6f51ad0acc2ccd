import { describe, expect, it } from 'vitest';
import { greProtocol } from '../wire/gre/gre.ts';
import type { ForwardingEntry } from './entry.ts';
import {
  eogre,
  gre,
  host,
  ip,
  lma,
  otherEntry,
  packet,
  rg1,
  ueAddress,
  ueEntry,
  wlc1,
  wlc2,
  worldOf,
} from './packets-for-tests.ts';

/** What the UE has at its access point. */
const local = ip('192.168.1.23');
const access = { kind: 'ip', peer: wlc1, address: local } as const;
const entryAt = (changes: Partial<ForwardingEntry> = {}): ForwardingEntry => ueEntry({ access, ...changes });
const plain = (bytes: Uint8Array) => gre(greProtocol.ipv4, undefined, bytes);

describe('a UE whose access point gave it an address', () => {
  it('sends under the address of its session', () => {
    const world = worldOf([entryAt(), otherEntry()]);
    world.slowPath.fromAccess(wlc1, plain(packet({ source: local })), 0);
    expect(world.takeSent()).toEqual([
      { port: 's2a-gre', peer: lma, bytes: gre(greProtocol.ipv4, 12, packet({ ttl: 63 })) },
    ]);
  });

  it('is sent what is for that', () => {
    const world = worldOf([entryAt(), otherEntry()]);
    const down = { source: host, destination: ueAddress };
    world.slowPath.fromS2a(lma, gre(greProtocol.ipv4, 21, packet(down)), 0);
    const bytes = plain(packet({ source: host, destination: local, ttl: 63 }));
    expect(world.takeSent()).toEqual([{ port: 'access-gre', peer: wlc1, bytes }]);
  });

  it.each([
    ['of another access point', wlc2, local],
    ['from another address', wlc1, ip('192.168.1.24')],
    ['from the address of the session', wlc1, ueAddress],
  ])('takes no packet %s', (_, peer, source) => {
    const world = worldOf([entryAt()]);
    world.slowPath.fromAccess(peer, plain(packet({ source })), 0);
    expect([world.takeSent(), world.counted()]).toEqual([[], { 'uplink.dropped.unknown-key': 1 }]);
  });

  it('is taken from where it was until it has arrived', () => {
    const previous = { kind: 'ip', peer: wlc2, address: local } as const;
    const world = worldOf([entryAt({ previous, previousUntil: 100 })]);
    world.slowPath.fromAccess(wlc2, plain(packet({ source: local })), 99);
    expect(world.takeSent()).toHaveLength(1);
    world.slowPath.fromAccess(wlc2, plain(packet({ source: local })), 100);
    expect([world.takeSent(), world.counted()['uplink.dropped.stale-endpoint']]).toEqual([[], 1]);
  });

  it('leaves nothing behind when its session has another path, or none', () => {
    const world = worldOf([entryAt()]);
    world.table.program(ueEntry({ access: eogre(rg1) }));
    expect(world.table.slotOfIpPath(wlc1, local)).toBe(-1);
    world.table.program(entryAt());
    expect(world.table.slotOfIpPath(wlc1, local)).toBeGreaterThanOrEqual(0);
    world.table.remove(entryAt().sessionId);
    expect(world.table.slotOfIpPath(wlc1, local)).toBe(-1);
  });

  it.each([
    new Uint8Array(0),
    new Uint8Array(4),
    Uint8Array.of(0, 0, 8, 0),
    plain(new Uint8Array(19)),
    plain(new Uint8Array(40)),
  ])('sends nothing that is no packet', (bytes) => {
    const world = worldOf([entryAt()]);
    world.slowPath.fromAccess(wlc1, bytes, 0);
    expect(world.takeSent()).toEqual([]);
  });
});
