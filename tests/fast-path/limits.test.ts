import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ForwardingEntry } from '../../src/forwarding/entry.ts';
import { AccessList, type AccessRule, type Ipv4Prefix } from '../../src/forwarding/filter.ts';
import { eogreFrame, gre, host, ip, lma, rg1, ueAddress, ueEntry } from '../../src/forwarding/packets-for-tests.ts';
import type { Ipv4Address } from '../../src/kernel/address.ts';
import { greProtocol } from '../../src/wire/gre/gre.ts';
import { encodeIpv4, ipProtocol } from '../../src/wire/ipv4/ipv4.ts';
import { requireTool } from '../support/require-tool.ts';
import { BothPaths, type Direction, fastSentOf, type Outcome, type TestPacket } from './both-paths.ts';
import { fastPathNeeds } from './requirements.ts';

const { tcp, udp, icmp } = ipProtocol;
const prefix = (address: Ipv4Address, length: number): Ipv4Prefix => ({ address, length });
const rule = (action: AccessRule['action'], changes: Partial<AccessRule> = {}): AccessRule => ({
  ...{ action, protocol: undefined, source: undefined, destination: undefined },
  ...{ sourcePorts: undefined, destinationPorts: undefined },
  ...changes,
});

/** Packets are from and to these, so that generated rules meet them. */
const hosts = [host, ip('198.51.100.10'), ip('203.0.113.200'), ip('8.8.8.8')];

const somePorts = fc.constantFrom(
  undefined,
  { first: 53, last: 53 },
  { first: 0, last: 1023 },
  { first: 1024, last: 0xffff },
  { first: 443, last: 8443 },
);
const somePrefix = fc.constantFrom(
  undefined,
  prefix(host, 32),
  prefix(ip('198.51.100.0'), 24),
  prefix(ip('198.51.100.8'), 30),
  prefix(ip('10.0.0.0'), 8),
  prefix(ip('128.0.0.0'), 1),
  prefix(ip('0.0.0.0'), 0),
);
const someRule = fc
  .record({
    action: fc.constantFrom('permit' as const, 'deny' as const),
    protocol: fc.constantFrom(undefined, tcp, udp, icmp, 132),
    source: somePrefix,
    destination: somePrefix,
    sourcePorts: somePorts,
    destinationPorts: somePorts,
  })
  .map((made): AccessRule => {
    const hasPorts = made.protocol !== undefined && made.protocol !== icmp;
    return hasPorts ? made : { ...made, sourcePorts: undefined, destinationPorts: undefined };
  });

const somePacket = fc.record({
  direction: fc.constantFrom<Direction>('uplink', 'downlink'),
  peer: fc.constantFrom(...hosts),
  protocol: fc.constantFrom(tcp, udp, icmp, 132),
  ports: fc.tuple(fc.constantFrom(53, 1024, 443, 0xffff), fc.constantFrom(53, 80, 8443, 0)),
  length: fc.constantFrom(0, 1, 3, 4, 8, 40),
});

function packetOf(direction: Direction, peer: Ipv4Address, protocol: number, payload: Uint8Array, id = 21): TestPacket {
  const [source, destination] = direction === 'uplink' ? [ueAddress, peer] : [peer, ueAddress];
  const packet = encodeIpv4({ source, destination, protocol }, payload);
  return direction === 'uplink'
    ? { direction, peer: rg1, gre: eogreFrame(packet) }
    : { direction, peer: lma, gre: gre(greProtocol.ipv4, id, packet) };
}

/** Both have sent the same octets, or dropped the packet for the same reason. */
function expectAlike({ verdict, drop, frame, sent, counted }: Outcome, direction: Direction): void {
  if (verdict === 'redirect') {
    expect(sent.map(({ bytes }) => bytes)).toEqual([fastSentOf(frame).bytes]);
    return;
  }
  expect({ verdict, sent }).toEqual({ verdict: 'drop', sent: [] });
  expect(counted).toEqual({ [`${direction}.dropped.${drop}`]: 1 });
}

function ue(changes: Partial<ForwardingEntry>, id = 21): ForwardingEntry {
  return ueEntry({ sessionId: id, s2a: { peer: lma, uplinkKey: 12, downlinkKey: id }, ...changes });
}

describe.skipIf(!requireTool(...fastPathNeeds()))('access lists in the program', () => {
  it('let pass what the slow path lets pass, and drop what it drops', () => {
    // The program is loaded once, with all of them.
    const lists = fc
      .sample(fc.array(someRule, { maxLength: 8 }), 60)
      .map((rules, index) => new AccessList(`list-${index}`, rules));
    const someList = fc.constantFrom(...lists);
    const paths = new BothPaths({ accessLists: lists });
    try {
      fc.assert(
        fc.property(someList, someList, fc.array(somePacket, { minLength: 5, maxLength: 10 }), (up, down, packets) => {
          const entry = ue({ filter: { uplink: up, downlink: down } });
          for (const { direction, peer, protocol, ports, length } of packets) {
            const payload = new Uint8Array(Math.max(length, 4));
            new DataView(payload.buffer).setUint16(0, ports[0]);
            new DataView(payload.buffer).setUint16(2, ports[1]);
            const test = packetOf(direction, peer, protocol, payload.subarray(0, length));
            expectAlike(paths.put(paths.serve([entry]), test), direction);
          }
        }),
        { numRuns: 100 },
      );
    } finally {
      paths.close();
    }
  });

  it('are of 64 rules at most: a session of a longer one is held back', () => {
    const longest = new AccessList('longest', [
      ...Array.from({ length: 63 }, () => rule('deny', { protocol: 99 })),
      rule('permit'),
    ]);
    const paths = new BothPaths({ accessLists: [longest] });
    const test = packetOf('uplink', host, udp, new Uint8Array(8));
    const put = (filter: ForwardingEntry['filter']): Outcome => paths.put(paths.serve([ue({ filter })]), test);
    expect(put({ uplink: longest, downlink: undefined })).toMatchObject({ verdict: 'redirect' });
    const another = new AccessList('another', [rule('permit')]);
    expect(put({ uplink: another, downlink: undefined })).toMatchObject({ verdict: 'pass', punt: 'held-back' });
    paths.close();
  });
});

describe.skipIf(!requireTool(...fastPathNeeds()))('rates in the program', () => {
  let paths: BothPaths;
  beforeAll(() => {
    paths = new BothPaths();
  });
  afterAll(() => paths?.close());

  /** Of packets of so many octets, one after the other, which pass; so slow a rate that nothing is earned meanwhile. */
  let id = 100;
  const passing = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ verdict, drop }) => drop ?? verdict);

  it.each<[string, number, readonly number[]]>([
    ['nothing may pass', 0, [20, 100]],
    ['two of the longest packets fit', 1, [1400, 1400, 300, 200, 20]],
    ['a tenth of a second fits', 50_000, [1400, 1400, 1400, 700, 1400, 60]],
    ['a bucket holds far more', 400_000_000, [1400, 1400, 1400, 1400]],
  ])('let pass what the slow path lets pass: %s', (_, rate, lengths) => {
    for (const direction of ['uplink', 'downlink'] as const) {
      // A bucket belongs to the session in the place.
      id += 1;
      const world = paths.serve([ue({ police: { uplink: rate, downlink: rate } }, id)]);
      for (const length of lengths) {
        // What was counted before is not to be seen again.
        const before = world.counted()[`${direction}.dropped.rate`] ?? 0;
        const outcome = paths.put(world, packetOf(direction, host, udp, new Uint8Array(length - 20), id));
        const dropped = (outcome.counted[`${direction}.dropped.rate`] ?? 0) - before;
        expect(outcome.drop).toBe(dropped === 1 ? 'rate' : undefined);
        expect(outcome.verdict).toBe(dropped === 1 ? 'drop' : 'redirect');
      }
    }
  });

  it('are of each direction by itself', () => {
    id += 1;
    const world = paths.serve([ue({ police: { uplink: 0, downlink: undefined } }, id)]);
    const put = (direction: Direction) => paths.put(world, packetOf(direction, host, udp, new Uint8Array(8), id));
    expect(passing([put('uplink'), put('downlink')])).toEqual(['rate', 'redirect']);
  });

  it('earn their octets again', async () => {
    id += 1;
    const world = paths.serve([ue({ police: { uplink: 20_000, downlink: undefined } }, id)]);
    const put = () => paths.put(world, packetOf('uplink', host, udp, new Uint8Array(1380)));
    expect(passing([put(), put()])).toEqual(['redirect', 'redirect']);
    // On a busy machine time enough for another one may pass between two.
    const isPassed = () => passing([put()])[0] === 'redirect';
    await vi.waitFor(() => expect(isPassed()).toBe(false), { interval: 0, timeout: 20_000 });
    await vi.waitFor(() => expect(isPassed()).toBe(true), { interval: 20, timeout: 20_000 });
  });

  it('begin anew with each session in a place', () => {
    const limited = { police: { uplink: 1, downlink: undefined } } as const;
    const put = (entry: ForwardingEntry) => {
      const world = paths.serve([entry]);
      return [0, 1, 2].map(() => paths.put(world, packetOf('uplink', host, udp, new Uint8Array(1380))));
    };
    expect(passing(put(ue(limited, id + 1)))).toEqual(['redirect', 'redirect', 'rate']);
    expect(passing(put(ue(limited, id + 2)))).toEqual(['redirect', 'redirect', 'rate']);
  });
});
