import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { ipv4Of, parseIpv4 } from '../../kernel/address.ts';
import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { checksumOf, onesComplementSum, updatedChecksum } from './checksum.ts';
import {
  decodeIpv4,
  decrementTtl,
  encodeIpv4,
  type Ipv4Header,
  ipv4HeaderLengthOf,
  isGroupIpv4,
  isUnicastHost,
  writeIpv4,
} from './ipv4.ts';
import { ipv4Vectors } from './vectors.ts';

interface Packet {
  readonly header: Ipv4Header;
  readonly payload: Uint8Array;
}

function decodePacket(bytes: Uint8Array): Decoded<Packet> {
  const header = decodeIpv4(bytes);
  if (!header.ok) return header;
  const { headerLength, payloadLength } = header.value;
  return decoded({ header: header.value, payload: bytes.subarray(headerLength, headerLength + payloadLength) });
}

function octets(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

describe('the Internet checksum', () => {
  it.each([
    ['the example of RFC 1071 section 3', '0001f203f4f5f6f7', 0x220d],
    ['an odd number of octets', '0001f203f4f5f6', 0x2304],
    ['nothing', '', 0xffff],
  ])('is right for %s', (_, hex, checksum) => {
    const bytes = fromHex(hex);
    expect(checksumOf(bytes, 0, bytes.length)).toBe(checksum);
  });

  it('keeps to its range and adds the initial sum', () => {
    expect(onesComplementSum(fromHex('ffff0001ffff'), 2, 4, 0xffff)).toBe(0x0001);
  });

  it('is updated as if computed anew (RFC 1624)', () => {
    fc.assert(
      fc.property(
        octets(20),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 0xffff }),
        (bytes, word, now) => {
          // A header is never all zeros, the one case where the two representations of zero could differ.
          bytes[0] = bytes[18] = 0x45;
          const at = word * 2;
          const checksum = checksumOf(bytes, 0, 20);
          const before = (bytes[at]! << 8) | bytes[at + 1]!;
          bytes[at] = now >>> 8;
          bytes[at + 1] = now;
          expect(updatedChecksum(checksum, before, now)).toBe(checksumOf(bytes, 0, 20));
        },
      ),
    );
  });

  it('is updated right in the example of RFC 1624 section 4', () => {
    expect(updatedChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  it('is updated right where the first carry makes a second', () => {
    expect(updatedChecksum(0x0000, 0x0000, 0x0001)).toBe(0xfffe);
  });
});

describe('IPv4', () => {
  it.each(ipv4Vectors)('decodes and encodes: $name', ({ hex, value }) => {
    const packet = decodePacket(fromHex(hex));
    expect(packet).toMatchObject({ ok: true, value: { header: value } });
    if (packet.ok) expect(toHex(encodeIpv4(packet.value.header, packet.value.payload))).toBe(toHex(fromHex(hex)));
  });

  it('withstands every truncation and mutation', () => {
    assertRobust(decodePacket, ipv4Vectors, ({ header, payload }) => encodeIpv4(header, payload));
  });

  it.each([
    ['version 6', 0, 0x65, 'bad-version'],
    ['a header of 16 octets', 0, 0x44, 'bad-length'],
    ['a total length under the header length', 3, 19, 'bad-length'],
    ['a total length over the range', 3, 32, 'truncated'],
    ['a wrong checksum', 11, 0x88, 'bad-checksum'],
  ] as const)('refuses %s', (_, at, value, reason) => {
    const bytes = fromHex(ipv4Vectors[0]!.hex);
    bytes[at] = value;
    expect(decodeIpv4(bytes)).toEqual(failed(reason, 0));
  });

  it('ignores padding behind the packet, and works within a larger buffer', () => {
    const packet = fromHex(ipv4Vectors[0]!.hex);
    const buffer = new Uint8Array(80).fill(0xff);
    buffer.set(packet, 14);
    expect(decodeIpv4(buffer, 14, 60)).toEqual(decoded(ipv4Vectors[0]!.value));
    expect(decodeIpv4(buffer, 14, 14 + packet.length - 1)).toEqual(failed('truncated', 14));
  });

  it('pads options to a multiple of four octets and cuts them at forty', () => {
    const fields = { source: ipv4Of(1), destination: ipv4Of(2), protocol: 17 };
    const padded = encodeIpv4({ ...fields, options: fromHex('01010101 01') }, new Uint8Array(0));
    expect(decodeIpv4(padded)).toMatchObject({ value: { options: fromHex('0101010101000000'), headerLength: 28 } });
    expect(ipv4HeaderLengthOf(new Uint8Array(41))).toBe(60);
    const cut = encodeIpv4({ ...fields, options: new Uint8Array(41).fill(1) }, new Uint8Array(0));
    expect(decodeIpv4(cut)).toMatchObject({ ok: true, value: { headerLength: 60 } });
  });

  it('reads back what it writes', () => {
    const address = fc.integer({ min: 0, max: 0xffffffff }).map(ipv4Of);
    const fields = fc.record({
      source: address,
      destination: address,
      protocol: fc.nat(255),
      payloadLength: fc.nat(64),
      tos: fc.nat(255),
      identification: fc.nat(0xffff),
      dontFragment: fc.boolean(),
      moreFragments: fc.boolean(),
      fragmentOffset: fc.nat(0x1fff).map((units) => units * 8),
      ttl: fc.nat(255),
      options: fc.nat(10).chain((words) => octets(words * 4)),
    });
    fc.assert(
      fc.property(fields, fc.nat(8), (header, at) => {
        const bytes = new Uint8Array(160).fill(0xee);
        const headerLength = writeIpv4(bytes, at, header);
        expect(decodeIpv4(bytes, at)).toEqual(decoded({ ...header, headerLength }));
      }),
    );
  });

  it('takes one from the TTL in place until it is used up', () => {
    const packet = fromHex(`eeee${ipv4Vectors[1]!.hex}`);
    expect(decrementTtl(packet, 2)).toBe(true);
    expect(decodeIpv4(packet, 2)).toMatchObject({ ok: true, value: { ttl: 2 } });
    expect(decrementTtl(packet, 2)).toBe(true);
    const last = packet.slice();
    expect(decrementTtl(packet, 2)).toBe(false);
    expect(packet).toEqual(last);
  });

  it.each([
    ['192.0.2.1', false, true],
    ['0.0.0.0', false, false],
    ['0.1.2.3', false, false],
    ['127.0.0.1', false, false],
    ['223.255.255.255', false, true],
    ['224.0.0.1', true, false],
    ['240.0.0.1', true, false],
    ['255.255.255.255', true, false],
  ])('classifies %s', (text, group, host) => {
    expect(isGroupIpv4(parseIpv4(text)!)).toBe(group);
    expect(isUnicastHost(parseIpv4(text)!)).toBe(host);
  });
});
