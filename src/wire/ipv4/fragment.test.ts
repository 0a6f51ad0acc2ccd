import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of } from '../../kernel/address.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { fragmentIpv4 } from './fragment.ts';
import { decodeIpv4, encodeIpv4, type Ipv4Header } from './ipv4.ts';

const fields = { source: ipv4Of(0x0a000001), destination: ipv4Of(0x0a000002), protocol: 17, identification: 0xbeef };

function headerOf(packet: Uint8Array): Ipv4Header {
  const header = decodeIpv4(packet);
  if (!header.ok) throw new Error(`a fragment is not a valid packet: ${header.reason}`);
  expect(header.value.headerLength + header.value.payloadLength).toBe(packet.length);
  return header.value;
}

/** Puts fragments together as a receiver does; returns the payload. */
function reassembled(fragments: readonly Uint8Array[]): Uint8Array {
  const headers = fragments.map(headerOf);
  const last = headers.find((header) => !header.moreFragments)!;
  const payload = new Uint8Array(last.fragmentOffset + last.payloadLength);
  let received = 0;
  headers.forEach((header, index) => {
    payload.set(fragments[index]!.subarray(header.headerLength), header.fragmentOffset);
    received += header.payloadLength;
  });
  expect(received).toBe(payload.length);
  return payload;
}

describe('fragmentation', () => {
  it('returns a packet that fits as it is, without padding behind it', () => {
    const packet = encodeIpv4(fields, new Uint8Array(100));
    const padded = new Uint8Array(140);
    padded.set(packet, 14);
    expect(fragmentIpv4(padded, 14, packet.length)).toEqual([packet]);
  });

  it('splits and keeps identification, protocol, addresses and TTL', () => {
    const packet = encodeIpv4({ ...fields, ttl: 9, tos: 0x2e }, new Uint8Array(1480).fill(7));
    const headers = fragmentIpv4(packet, 0, 576).map(headerOf);
    expect(
      headers.map(({ fragmentOffset, payloadLength, moreFragments }) => [fragmentOffset, payloadLength, moreFragments]),
    ).toEqual([
      [0, 552, true],
      [552, 552, true],
      [1104, 376, false],
    ]);
    for (const header of headers) expect(header).toMatchObject({ ...fields, ttl: 9, tos: 0x2e });
  });

  it('reassembles to the same payload for any size and MTU, split twice', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 3000 }),
        fc.integer({ min: 68, max: 1600 }),
        fc.integer({ min: 68, max: 700 }),
        fc.nat(10).chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 })),
        (payload, mtu, smallerMtu, options) => {
          const once = fragmentIpv4(encodeIpv4({ ...fields, options }, payload), 0, mtu);
          const twice = once.flatMap((fragment) => fragmentIpv4(fragment, 0, smallerMtu));
          for (const fragment of once) expect(fragment.length).toBeLessThanOrEqual(mtu);
          for (const fragment of twice) expect(fragment.length).toBeLessThanOrEqual(smallerMtu);
          expect(toHex(reassembled(once))).toBe(toHex(payload));
          expect(toHex(reassembled(twice))).toBe(toHex(payload));
        },
      ),
    );
  });

  it.each([
    ['a copied option', '94040000', '94040000'],
    ['an option that is not copied', '07070400000000 00', ''],
    ['both, with No Operation between', '0707040a000001 01 94040000', '94040000'],
    ['a copied option that needs padding', '890704c0000201 00', '890704c000020100'],
    ['a malformed length', '94000000', ''],
    ['a length over the header', '94ff0000', ''],
  ])('carries into later fragments: %s', (_, options, later) => {
    const packet = encodeIpv4({ ...fields, options: fromHex(options) }, new Uint8Array(200));
    const [first, ...rest] = fragmentIpv4(packet, 0, 100).map(headerOf);
    expect(toHex(first!.options)).toBe(toHex(fromHex(options)));
    expect(rest.map((header) => toHex(header.options))).toEqual(rest.map(() => later));
    expect(rest.length).toBeGreaterThan(0);
  });

  it('refuses an MTU that IPv4 does not allow', () => {
    expect(() => fragmentIpv4(encodeIpv4(fields, new Uint8Array(100)), 0, 67)).toThrow('invariant');
  });
});
