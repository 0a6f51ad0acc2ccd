import { describe, expect, it } from 'vitest';
import type { IpAddress } from '../kernel/address.ts';
import { greProtocol } from '../wire/gre/gre.ts';
import { fragmentationNeededPacket } from '../wire/icmp/icmp.ts';
import {
  eogreFrame,
  gre,
  host,
  ip,
  lma,
  packet,
  packetToUe,
  rg1,
  syn,
  ueAddress,
  ueEntry,
  type World,
  worldOf,
} from './packets-for-tests.ts';
import { MergedTunnels, noTunnelFigures, type TunnelFigures, TunnelTable } from './tunnel-figures.ts';

const fromLma = (payload: Uint8Array) => gre(greProtocol.ipv4, 21, payload);
const told = fragmentationNeededPacket({ source: host, destination: ueAddress }, packet(), 1400);

describe('what the slow path sees of tunnels', () => {
  // Around the UE's packet: IP 20, GRE 4 and Ethernet 14 to the RG, so that 1462 octets fit; IP 20 and GRE 8 to the LMA: 1472.
  it.each<[string, (world: World) => void, object, object]>([
    [
      'the longest of either direction',
      ({ slowPath }) => {
        slowPath.fromAccess(rg1, eogreFrame(packet({}, { length: 300 })), 0);
        slowPath.fromAccess(rg1, eogreFrame(packet({}, { length: 100 })), 0);
        slowPath.fromS2a(lma, fromLma(packetToUe({}, { length: 500 })), 0);
      },
      { longestReceived: 366, longestSent: 566 },
      { longestReceived: 556, longestSent: 356 },
    ],
    [
      'a SYN whose MSS is lowered, of the tunnel that it came by',
      ({ slowPath }) => slowPath.fromAccess(rg1, eogreFrame(syn(1460, ueAddress, host)), 0),
      { mssClamped: 1 },
      { mssClamped: 0 },
    ],
    [
      'a packet that does not fit, of the tunnel that it was to leave by',
      ({ slowPath }) => slowPath.fromS2a(lma, fromLma(packetToUe({ dontFragment: true }, { length: 1463 - 28 })), 7),
      { tooLong: 1, lastTooLong: 7, fragmentationNeededSent: 1, longestSent: 0 },
      // The error is sent to whoever sent the packet.
      { tooLong: 0, longestSent: 28 + 576, longestReceived: 0 },
    ],
    [
      'one that is fragmented',
      ({ slowPath }) => slowPath.fromS2a(lma, fromLma(packetToUe({}, { length: 1463 - 28 })), 0),
      // A fragment carries a multiple of eight octets behind its header.
      { fragmented: 1, tooLong: 0, longestSent: 38 + 20 + 1440 },
      { longestReceived: 1463 + 28, fragmented: 0 },
    ],
    [
      'a Fragmentation Needed from beyond, of the tunnel that it came by',
      ({ slowPath }) => slowPath.fromS2a(lma, fromLma(told), 0),
      { fragmentationNeededReceived: 0 },
      { fragmentationNeededReceived: 1 },
    ],
  ])('%s', (_, send, access, s2a) => {
    const world = worldOf([ueEntry({ sessionId: 21 })]);
    send(world);
    const of = (side: 'access' | 's2a') =>
      [...world.table.tunnels.all()].find((each) => each.side === side) ?? noTunnelFigures(side, ip('0.0.0.0'));
    expect({ access: of('access'), s2a: of('s2a') }).toMatchObject({ access, s2a });
  });

  it('nothing of a packet that is dropped', () => {
    const world = worldOf([ueEntry({ sessionId: 21 })]);
    world.slowPath.fromAccess(rg1, eogreFrame(packet({ source: host })), 0);
    world.slowPath.fromAccess(rg1, eogreFrame(packet({ ttl: 1 })), 0);
    expect([...world.table.tunnels.all()].map(({ longestReceived }) => longestReceived)).not.toContain(66);
  });

  it('forgets the tunnel that was known first, where there are too many', () => {
    const table = new TunnelTable(2);
    for (const peer of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3']) table.sent('access', ip(peer), 100);
    table.sent('s2a', ip('192.0.2.1'), 100);
    expect([...table.all()].map(({ side, peer }) => [side, peer])).toEqual([
      ['access', ip('192.0.2.2')],
      ['access', ip('192.0.2.3')],
      ['s2a', ip('192.0.2.1')],
    ]);
  });

  it('is read a page at a time, each tunnel from the place that it has', () => {
    const table = new TunnelTable(3);
    const pageTexts = (): string[] => {
      const texts: string[] = [];
      for (let from: number | undefined = 0; from !== undefined; ) {
        const page = table.page(from, 2);
        texts.push(page.figures.map(({ side, peer }) => `${side} ${peer}`).join(','));
        from = page.next;
      }
      return texts;
    };
    const names = (side: 'access' | 's2a', ...lasts: number[]) => lasts.map((last) => `${side} ${last}`).join(',');
    const seen = (side: 'access' | 's2a', ...lasts: number[]) => {
      for (const last of lasts) table.sent(side, last as IpAddress, 100);
    };
    expect(pageTexts()).toEqual(['', '']);
    seen('access', 1, 2);
    seen('s2a', 9);
    expect(pageTexts()).toEqual([names('access', 1, 2), names('s2a', 9)]);
    // The fourth takes the place of the first.
    seen('access', 3, 4, 2);
    expect(pageTexts()).toEqual([names('access', 4, 2), names('access', 3), names('s2a', 9)]);
    expect(table.places).toBe(6);
  });

  const merged = (...all: readonly TunnelFigures[]): MergedTunnels => {
    const tunnels = new MergedTunnels();
    for (const figures of all) tunnels.add(figures);
    return tunnels;
  };

  it('puts together what several have seen', () => {
    const one = { ...noTunnelFigures('access', rg1), longestSent: 5, tooLong: 1, lastTooLong: 9, mssClamped: 2 };
    const two = { ...noTunnelFigures('access', rg1), longestSent: 4, longestReceived: 3, mssClamped: 5 };
    const onlyPeer = noTunnelFigures('s2a', rg1);
    const all = merged(one, two, onlyPeer);
    expect(all.size).toBe(2);
    expect(all.slice(0, 9)).toEqual([{ ...one, longestSent: 5, longestReceived: 3, mssClamped: 7 }, onlyPeer]);
    expect(all.slice(1, 1)).toEqual([onlyPeer]);
  });

  it('puts together more than there was room for at first', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      ...noTunnelFigures('access', index as IpAddress),
      longestSent: index,
      fragmentsReceived: 1,
    }));
    expect(merged(...many, ...many).slice(0, 200)).toEqual(many.map((each) => ({ ...each, fragmentsReceived: 2 })));
  });
});
