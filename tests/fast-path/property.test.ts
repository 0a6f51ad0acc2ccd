import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForwardingEntry } from '../../src/forwarding/entry.ts';
import type { PuntReason } from '../../src/forwarding/fast-path/layout.ts';
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
  pmipv6,
  rg1,
  rg2,
  router,
  ueAddress,
  ueEntry,
  ueMac,
  wlc1,
  wlc2,
} from '../../src/forwarding/packets-for-tests.ts';
import { type Ipv4Address, macBroadcast } from '../../src/kernel/address.ts';
import { etherType } from '../../src/wire/ethernet/ethernet.ts';
import { greProtocol } from '../../src/wire/gre/gre.ts';
import { encodeIpv4, ipProtocol } from '../../src/wire/ipv4/ipv4.ts';
import { requireTool } from '../support/require-tool.ts';
import { accessAddress, BothPaths, fastSentOf, s2aAddress, type TestPacket } from './both-paths.ts';
import { fastPathNeeds } from './requirements.ts';

const always = Number.POSITIVE_INFINITY;
const ue = (changes: Partial<ForwardingEntry>) => ueEntry({ sessionId: 21, ...changes });
const other = (changes: Partial<ForwardingEntry>) => otherEntry({ sessionId: 22, ...changes });

const worlds: readonly (readonly ForwardingEntry[])[] = [
  [ue({}), other({})],
  [ue({ access: eogre(rg1, 7, 5) }), other({ access: eogre(rg1, 7, 6) })],
  [ue({ access: eogre(rg1, 0) }), other({ access: eogre(rg2, undefined, 5) })],
  [ue({ access: pmipv6(wlc1, 21, 70) }), other({ access: pmipv6(wlc2, 22, 71) })],
  [
    ue({ previous: pmipv6(wlc1, 21, 70), previousUntil: always }),
    other({ access: pmipv6(wlc2, 22, 71), previous: eogre(rg1), previousUntil: always }),
  ],
  [ue({ access: undefined, previous: eogre(rg1), previousUntil: always }), other({ access: undefined })],
];

/** A TCP segment that may be a SYN with options in any order, cut off anywhere. */
const tcp = fc
  .record({
    dataOffset: fc.constantFrom(0, 4, 5, 6, 7, 8, 15),
    flags: fc.constantFrom(0x02, 0x12, 0x10, 0x00),
    options: fc.array(
      fc.constantFrom([2, 4, 5, 180], [2, 4, 1, 0], [2, 4, 255, 255], [2, 3, 0], [1], [0], [3, 3, 7], [4, 2], [5, 0]),
      { maxLength: 4 },
    ),
    checksum: fc.nat(0xffff),
    padding: fc.nat(24),
    cut: fc.option(fc.nat(30), { freq: 6 }),
  })
  .map(({ dataOffset, flags, options, checksum, padding, cut }) => {
    const bytes = Uint8Array.from([...new Array(20).fill(7), ...options.flat(), ...new Array(padding).fill(0)]);
    bytes.set([dataOffset << 4, flags], 12);
    bytes.set([checksum >>> 8, checksum & 255], 16);
    return { protocol: ipProtocol.tcp, payload: bytes.subarray(0, cut ?? bytes.length) };
  });

const udp = fc
  .record({
    ports: fc.constantFrom([0, 68, 0, 67], [0, 67, 0, 68], [0, 68, 0, 66], [16, 0, 32, 0]),
    length: fc.constantFrom(7, 8, 20, 1429, 1430, 1440, 1441, 1472, 1480),
  })
  .map(({ ports, length }) => {
    const payload = new Uint8Array(length);
    payload.set(ports.slice(0, length));
    return { protocol: ipProtocol.udp, payload };
  });

const octets = fc
  .tuple(fc.constantFrom(0, 1, 6, 17, 50, 255), fc.uint8Array({ maxLength: 60 }))
  .map(([protocol, payload]) => ({ protocol, payload }));

/** One of the values now and then, else nothing. */
const seldom = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.tuple(fc.nat(11), value).map(([draw, drawn]) => (draw === 0 ? drawn : undefined));

/** An octet of something, and what becomes of it. */
const mutation = seldom(fc.tuple(fc.nat(60), fc.nat(255)));
const mutated = (bytes: Uint8Array, change: [number, number] | undefined): Uint8Array => {
  if (change !== undefined) bytes[change[0] % bytes.length] = change[1];
  return bytes;
};

/** A packet of a session, from where it comes from, but for what deviates. */
const plan = fc.record({
  session: fc.nat(1),
  direction: fc.constantFrom('uplink' as const, 'downlink' as const),
  fromPrevious: fc.constantFrom(false, false, true),
  content: fc.oneof(tcp, udp, octets),
  tos: fc.nat(255),
  ttl: fc.constantFrom(2, 64, 255),
  identification: fc.nat(0xffff),
  dontFragment: fc.boolean(),
  framePadding: fc.nat(20),
  linkPadding: fc.nat(30),
  deviation: fc.record({
    address: seldom(fc.constantFrom(otherAddress, ueAddress, router, host, ip('0.0.0.0'), ip('224.0.0.1'))),
    farAddress: seldom(fc.constantFrom(otherAddress, router, ip('255.255.255.255'), ip('127.0.0.1'), ip('240.0.0.1'))),
    ttl: seldom(fc.constantFrom(0, 1)),
    fragment: seldom(fc.constantFrom({ moreFragments: true }, { fragmentOffset: 8 }, { fragmentOffset: 65528 })),
    options: seldom(fc.constantFrom({ options: Uint8Array.of(1, 0) })),
    peer: seldom(fc.constantFrom(rg1, rg2, wlc1, wlc2, lma)),
    key: seldom(fc.constantFrom<[number | undefined]>([undefined], [0], [7], [21], [22])),
    vlan: seldom(fc.constantFrom<[number | undefined]>([undefined], [0], [5], [6], [4095])),
    mac: seldom(fc.constantFrom(ueMac, otherMac, macBroadcast)),
    type: seldom(fc.constantFrom(0x8100, 0x86dd)),
    inner: mutation,
    outer: mutation,
  }),
});

/** The packet that a plan means in a world. */
function packetOf(entries: readonly ForwardingEntry[], plan: Plan): TestPacket {
  const { direction, content, deviation, tos, identification, dontFragment, linkPadding } = plan;
  const entry = entries[plan.session]!;
  const own = deviation.address ?? entry.addresses[0]!.address;
  const far = deviation.farAddress ?? host;
  const [source, destination] = direction === 'uplink' ? [own, far] : [far, own];
  const { protocol, payload } = content;
  const ttl = deviation.ttl ?? plan.ttl;
  const inner = mutated(
    encodeIpv4(
      {
        source: source as Ipv4Address,
        destination: destination as Ipv4Address,
        protocol,
        tos,
        identification,
        dontFragment,
        ttl,
        ...deviation.fragment,
        ...deviation.options,
      },
      payload,
    ),
    deviation.inner,
  );
  const path = (plan.fromPrevious ? entry.previous : undefined) ?? entry.access ?? eogre(rg1);
  if (direction === 'downlink' || path.kind === 'pmipv6') {
    const bytes = gre(greProtocol.ipv4, deviation.key === undefined ? entry.sessionId : deviation.key[0], inner);
    const peer = deviation.peer ?? (direction === 'downlink' ? lma : path.peer);
    return { direction, peer: peer as Ipv4Address, gre: mutated(bytes, deviation.outer), padding: linkPadding };
  }
  if (path.kind === 'ip') throw new Error('no fast path translates');
  const frame = eogreFrame(inner, {
    source: deviation.mac ?? entry.mac,
    key: deviation.key === undefined ? path.key : deviation.key[0],
    vlan: deviation.vlan === undefined ? path.vlan : deviation.vlan[0],
    type: deviation.type ?? etherType.ipv4,
  });
  const padded = Uint8Array.of(...frame, ...new Array<number>(plan.framePadding).fill(9));
  const peer = (deviation.peer ?? path.peer) as Ipv4Address;
  return { direction, peer, gre: mutated(padded, deviation.outer), padding: linkPadding };
}

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

/** What the slow path forwards and the fast path deliberately does not. */
const leftAlone: readonly (PuntReason | undefined)[] = ['ip-options', 'fragment', 'gre-options', 'syn-options'];

describe.skipIf(!requireTool(...fastPathNeeds()))('whatever comes', () => {
  let paths: BothPaths;
  beforeAll(() => {
    // Ways are remembered: what the kernel told for one packet is right for others.
    paths = new BothPaths({ wayLifetimeMs: 1000 });
  });
  afterAll(() => paths?.close());

  it('is sent by the fast path with the octets of the slow path, or goes up as it came; what is plain is not left to it', () => {
    const seen = { redirect: 0, pass: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...worlds), fc.array(plan, { minLength: 1, maxLength: 8 }), (entries, plans) => {
        const world = paths.serve(entries);
        let before: Readonly<Record<string, number>> = {};
        for (const packet of plans.map((each) => packetOf(entries, each))) {
          const { verdict, punt, input, frame, sent, handedUp, counters, counted } = paths.put(world, packet);
          const risen = (name: string): number => (counted[name] ?? 0) - (before[name] ?? 0);
          expect(verdict).toMatch(/pass|redirect/);
          seen[verdict as keyof typeof seen] += 1;
          expect(counters.uplinkPackets + counters.downlinkPackets).toBe(verdict === 'redirect' ? 1 : 0);
          if (verdict === 'redirect') {
            const { peer, source, bytes } = fastSentOf(frame);
            const port = source === s2aAddress ? 's2a-gre' : 'access-gre';
            expect([s2aAddress, accessAddress]).toContain(source);
            expect(sent).toEqual([{ port, peer, bytes }]);
            expect(handedUp).toEqual([]);
            expect(counters).toEqual({
              uplinkPackets: risen('uplink.packets'),
              uplinkOctets: risen('uplink.octets'),
              downlinkPackets: risen('downlink.packets'),
              downlinkOctets: risen('downlink.octets'),
              mssClamped: risen('mss.clamped'),
              policed: 0,
            });
          } else {
            expect(frame).toEqual(input);
            const fragmented = risen('uplink.fragments') + risen('downlink.fragments') > 0;
            if (risen('uplink.packets') + risen('downlink.packets') > 0 && !fragmented)
              expect(leftAlone).toContain(punt);
          }
          before = counted;
        }
      }),
      { numRuns: 1000 },
    );
    // Both ways are met often, or this test says nothing.
    expect(seen.redirect).toBeGreaterThan(500);
    expect(seen.pass).toBeGreaterThan(500);
  });
});
