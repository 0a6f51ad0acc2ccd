import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macBroadcast } from '../kernel/address.ts';
import { decodeArp, encodeArp } from '../wire/arp/arp.ts';
import { decodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { decodeGre, greProtocol } from '../wire/gre/gre.ts';
import { encodeIcmpPacket } from '../wire/icmp/icmp.ts';
import { decodeIpv4 } from '../wire/ipv4/ipv4.ts';
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
  type World,
  wlc1,
  wlc2,
  worldOf,
} from './packets-for-tests.ts';

const peers = [rg1, rg2, wlc1, wlc2, lma, ip('192.0.2.99')];
const addresses = [ueAddress, otherAddress, router, host, ip('0.0.0.0'), ip('255.255.255.255'), ip('224.0.0.1')];
const keys = [undefined, 0, 7, 8, 21, 22, 70];

const worlds: readonly ForwardingEntry[][] = [
  [ueEntry(), otherEntry()],
  [ueEntry({ access: eogre(rg1, 7, 5) }), otherEntry({ access: eogre(rg1, 7, 6) })],
  [ueEntry({ access: pmipv6(wlc1, 7, 70) }), otherEntry({ access: pmipv6(wlc1, 8, 80) })],
  [
    ueEntry({ access: eogre(rg1), previous: pmipv6(wlc1, 7), previousUntil: 50 }),
    otherEntry({ access: pmipv6(wlc2, 8), previous: eogre(rg1), previousUntil: 50 }),
  ],
];

/** How many packets came to an end that the data path accounts for. */
function accounted(world: World): number {
  let sum = 0;
  for (const [name, value] of Object.entries(world.counted())) {
    if (/^(up|down)link\.(dropped\..*|packets)$|^(dhcp\.delivered|(arp|echo)\.answered)$/.test(name)) sum += value;
  }
  return sum;
}

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 100 }).map((payload) => gre(greProtocol.transparentEthernet, undefined, payload)),
  fc.uint8Array({ maxLength: 100 }).map((payload) => gre(greProtocol.ipv4, 7, payload)),
  fc.uint8Array({ maxLength: 100 }).map((payload) => gre(greProtocol.ipv4, 21, payload)),
  fc.uint8Array({ maxLength: 100 }).map((payload) => eogreFrame(payload)),
  fc.uint8Array({ maxLength: 40 }).map((payload) => eogreFrame(payload, { type: etherType.arp })),
);

/** An inner packet that is nearly or wholly in order: any of the addresses that matter, perhaps an octet changed. */
const innerPacket = fc
  .record({
    source: fc.constantFrom(...addresses),
    destination: fc.constantFrom(...addresses),
    ttl: fc.constantFrom(0, 1, 2, 64),
    dontFragment: fc.boolean(),
    moreFragments: fc.boolean(),
    fragmentOffset: fc.constantFrom(0, 0, 0, 8, 65528),
    ports: fc.constantFrom({}, { sourcePort: 68, destinationPort: 67 }, { length: 3000 }),
    echo: fc.boolean(),
    mutation: fc.option(fc.tuple(fc.nat(60), fc.nat(255)), { freq: 4 }),
  })
  .map(({ ports, echo, mutation, ...fields }) => {
    const bytes = echo
      ? encodeIcmpPacket(fields, { kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(8) })
      : packet(fields, ports);
    if (mutation !== null) bytes[mutation[0] % bytes.length] = mutation[1];
    return bytes;
  });

const arpMessage = fc
  .record({
    operation: fc.constantFrom('request' as const, 'reply' as const),
    senderMac: fc.constantFrom(ueMac, otherMac),
    senderAddress: fc.constantFrom(...addresses),
    targetMac: fc.constant(macBroadcast),
    targetAddress: fc.constantFrom(...addresses),
  })
  .map(encodeArp);

const frameOptions = fc.record({
  source: fc.constantFrom(ueMac, otherMac, vmac, macBroadcast),
  destination: fc.constantFrom(ueMac, otherMac, vmac, macBroadcast),
  key: fc.constantFrom(...keys),
  vlan: fc.constantFrom(undefined, 0, 5, 6),
});

const input = fc.oneof(
  fc.record({
    from: fc.constant('access' as const),
    peer: fc.constantFrom(...peers),
    bytes: fc.oneof(
      fc.tuple(innerPacket, frameOptions).map(([payload, options]) => eogreFrame(payload, options)),
      fc
        .tuple(arpMessage, frameOptions)
        .map(([bytes, options]) => eogreFrame(bytes, { ...options, type: etherType.arp })),
      fc.tuple(innerPacket, fc.constantFrom(...keys)).map(([payload, key]) => gre(greProtocol.ipv4, key, payload)),
    ),
  }),
  fc.record({
    from: fc.constant('s2a' as const),
    peer: fc.constantFrom(...peers),
    bytes: fc.tuple(innerPacket, fc.constantFrom(...keys)).map(([bytes, key]) => gre(greProtocol.ipv4, key, bytes)),
  }),
);

/** The session that a packet came from, by the mark its tunnel or frame bears; undefined for none. */
function senderOf(entries: readonly ForwardingEntry[], from: 'access' | 's2a', bytes: Uint8Array) {
  const header = decodeGre(bytes);
  if (!header.ok) return undefined;
  const { key, protocol, headerLength } = header.value;
  return entries.find((entry) => {
    if (from === 's2a') return entry.s2a.downlinkKey === key;
    if (protocol === greProtocol.ipv4) {
      return [entry.access, entry.previous].some((path) => path?.kind === 'pmipv6' && path.uplinkKey === key);
    }
    const frame = decodeEthernet(bytes, headerLength);
    return frame.ok && frame.value.source === entry.mac;
  });
}

/** Checks that a packet sent to the access side is for this UE: its path, its MAC address, its IP address. */
function expectForUe(entry: ForwardingEntry, sent: Sent): void {
  const header = decodeGre(sent.bytes);
  if (!header.ok || entry.access === undefined) throw new Error('sent to nobody');
  let at = header.value.headerLength;
  expect(sent.peer).toBe(entry.access.peer);
  if (entry.access.kind === 'pmipv6') {
    expect(header.value).toMatchObject({ protocol: greProtocol.ipv4, key: entry.access.downlinkKey });
  } else if (entry.access.kind === 'eogre') {
    const frame = decodeEthernet(sent.bytes, at);
    if (!frame.ok) throw new Error('not a frame');
    expect(frame.value).toMatchObject({ destination: entry.mac, source: vmac, vlan: entry.access.vlan });
    expect(header.value.key).toBe(entry.access.key);
    at += frame.value.headerLength;
  }
  expect(decodeIpv4(sent.bytes, at)).toMatchObject({ value: { destination: entry.addresses[0]!.address } });
}

/** The frame in an EoGRE packet that holds an ARP message, and the packet's key; undefined for any other. */
function arpFrameOf(bytes: Uint8Array) {
  const header = decodeGre(bytes);
  if (!header.ok || header.value.protocol !== greProtocol.transparentEthernet) return undefined;
  const frame = decodeEthernet(bytes, header.value.headerLength);
  if (!frame.ok || frame.value.etherType !== etherType.arp) return undefined;
  const arp = decodeArp(bytes, header.value.headerLength + frame.value.headerLength);
  return arp.ok ? { key: header.value.key, frame: frame.value, arp: arp.value } : undefined;
}

/** Checks that an ARP reply goes to the UE that asked, where it asked, and is about its router. */
function expectArpAnswer(entry: ForwardingEntry, sent: Sent, peer: unknown, asked: Uint8Array): void {
  const question = arpFrameOf(asked)!;
  expect(sent.peer).toBe(peer);
  expect(arpFrameOf(sent.bytes)).toMatchObject({
    key: question.key,
    frame: { destination: entry.mac, source: vmac, vlan: question.frame.vlan },
    arp: { operation: 'reply', targetMac: entry.mac, senderAddress: router, senderMac: vmac },
  });
}

/** Checks that a packet sent to the LMA bears this UE's key, and its address or, for an ICMP error, its router's. */
function expectFromUe(entry: ForwardingEntry, sent: Sent): void {
  const header = decodeGre(sent.bytes);
  if (!header.ok) throw new Error('not GRE');
  expect(sent.peer).toBe(entry.s2a.peer);
  expect(header.value).toMatchObject({ protocol: greProtocol.ipv4, key: entry.s2a.uplinkKey });
  const inner = decodeIpv4(sent.bytes, header.value.headerLength);
  if (!inner.ok) throw new Error('not IPv4');
  expect([entry.addresses[0]!.address, router]).toContain(inner.value.source);
}

describe('whatever comes', () => {
  it('never throws, answers no garbage, and accounts for every packet', () => {
    fc.assert(
      fc.property(fc.constantFrom(...worlds), fc.constantFrom(...peers), someBytes, (entries, peer, bytes) => {
        const world = worldOf(entries);
        const before = bytes.slice();
        world.slowPath.fromAccess(peer, bytes, 0);
        world.slowPath.fromS2a(peer, bytes, 0);
        expect(bytes).toEqual(before);
        expect(world.takeSent()).toEqual([]);
        expect(accounted(world)).toBe(2);
      }),
      { numRuns: 2000 },
    );
  });

  it('reaches no UE but the one it is for, and goes to the LMA only in the name of its sender', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...worlds),
        fc.boolean(),
        fc.array(input, { maxLength: 12 }),
        (entries, admit, inputs) => {
          const world = worldOf(entries);
          if (admit) {
            world.admit = (entry, path) => {
              const next = { ...entry, access: path, previous: entry.access, previousUntil: 50 };
              world.table.program(next);
              return next;
            };
          }
          for (const [now, { from, peer, bytes }] of inputs.entries()) {
            const current = () => entries.map(({ sessionId }) => world.table.readBack(sessionId)!);
            const sender = senderOf(current(), from, bytes);
            if (from === 'access') world.slowPath.fromAccess(peer, bytes, now * 10);
            else world.slowPath.fromS2a(peer, bytes, now * 10);
            const entry = current().find(({ sessionId }) => sessionId === sender?.sessionId);
            for (const sent of world.takeSent()) {
              if (entry === undefined) throw new Error('sent for nobody');
              if (arpFrameOf(sent.bytes) !== undefined) expectArpAnswer(entry, sent, peer, bytes);
              else if (sent.port === 'access-gre') expectForUe(entry, sent);
              else expectFromUe(entry, sent);
            }
          }
          expect(accounted(world)).toBe(inputs.length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
