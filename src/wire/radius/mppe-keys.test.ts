import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDigests as digests } from '../../../tests/support/digests.ts';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import type { RandomSource } from '../../kernel/context.ts';
import { u16At } from '../bytes/reader.ts';
import { fromHex, toHex, utf8Encode } from '../bytes/text.ts';
import type { Tlv } from '../bytes/tlv.ts';
import {
  findMppeKeys,
  type Hop,
  hideMppeKey,
  type MppeKeys,
  mppeKeyTlvs,
  rehideMppeKeys,
  revealMppeKey,
  saltsForPacket,
} from './mppe-keys.ts';
import { decodeRadius, describeRadius } from './packet.ts';
import { radiusVectors, vectorSecret } from './vectors.ts';
import { findAllVendor, microsoftAttribute } from './vendor-attributes.ts';

/** A source whose numbers are all the same; `bytes` is not asked for. */
const always = (value: number): RandomSource => ({ u32: () => value, bytes: (length) => new Uint8Array(length) });

const server: Hop = { requestAuthenticator: new Uint8Array(16).fill(1), secret: utf8Encode('with the server') };
const client: Hop = { requestAuthenticator: new Uint8Array(16).fill(2), secret: utf8Encode('with the client') };

/** RFC 4186 appendix A.5. */
const msk = fromHex(`39d45aeaf4e30601983e972b6cfd46d1c363773365690d09cd44976b525f47d3
                     a60a985e955c53b090b2e4b73719196a402542968fd14a888f46b9a7886e4488`);
const keys: MppeKeys = { receive: msk.subarray(0, 32), send: msk.subarray(32) };

function accept(): readonly Tlv[] {
  const vector = radiusVectors.find(({ name }) => name.startsWith('Access-Accept with MS-MPPE keys'))!;
  const packet = decodeRadius(fromHex(vector.hex));
  if (!packet.ok) throw new Error(packet.reason);
  return packet.value.attributes;
}

const acceptHop: Hop = {
  requestAuthenticator: fromHex('202122232425262728292a2b2c2d2e2f'),
  secret: utf8Encode(vectorSecret),
};

describe('an MS-MPPE key', () => {
  it('is that of another implementation', () => {
    // OpenBSD, regress/lib/libradius, test25.
    const hop = {
      requestAuthenticator: fromHex('678ae6ed696e1bd10ae2fea105d46a56'),
      secret: utf8Encode('hogehogefugafuga'),
    };
    const hidden = fromHex('8036 f4abbe2117fb3e4a7874dce91c5b0449 8ec7720f168688562dbc88e21cab6271');
    const key = fromHex('fc6ea418373d8e90c136fae3735e37d1');
    expect(toHex(revealMppeKey(hidden, hop, digests)!)).toBe(toHex(key));
    // That implementation pads with random octets, so that only the first block is the same.
    expect(toHex(hideMppeKey(key, 0x8036, hop, digests).subarray(0, 18))).toBe(toHex(hidden.subarray(0, 18)));
  });

  it('comes back, up to 239 octets, with the high bit of its salt set', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 239 }),
        fc.integer({ min: 0, max: 0xffff }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ maxLength: 40 }),
        (key, salt, requestAuthenticator, secret) => {
          const hop = { requestAuthenticator, secret };
          const hidden = hideMppeKey(key, salt, hop, digests);
          expect((hidden.length - 2) % 16).toBe(0);
          expect(u16At(hidden, 0)).toBe(salt | 0x8000);
          expect(revealMppeKey(hidden, hop, digests)).toEqual(key);
        },
      ),
    );
    expect(() => hideMppeKey(new Uint8Array(240), 0, server, digests)).toThrow(RangeError);
  });

  it.each([0, 1, 2, 3, 17, 19, 33])('is none in %i octets', (length) => {
    expect(revealMppeKey(new Uint8Array(length).fill(0x80), server, digests)).toBeUndefined();
  });

  it.each([0, 31, 48, 255])('is none if Key-Length in 48 octets is %i', (keyLength) => {
    const hidden = hideMppeKey(keys.send, 1, server, digests);
    // The octet of the key stream, which the true Key-Length gives away.
    hidden[2] = hidden[2]! ^ 32 ^ keyLength;
    expect(revealMppeKey(hidden, server, digests)).toBeUndefined();
  });

  it('survives arbitrary octets, and changes nothing that it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 255 }), (hidden) => {
        const before = toHex(hidden);
        const key = revealMppeKey(hidden, server, digests);
        expect(toHex(hidden)).toBe(before);
        if (key !== undefined) expect(key.length).toBeLessThanOrEqual(hidden.length - 3);
      }),
    );
  });
});

describe('the salts of a packet', () => {
  it.each([0, 0x7fff, 0x8000, 0xffffffff])('are 32,768 different ones with the high bit set, from %i on', (first) => {
    const salt = saltsForPacket(always(first));
    const salts = Array.from({ length: 0x8000 }, salt);
    expect(new Set(salts).size).toBe(0x8000);
    for (const one of salts) if (one < 0x8000 || one > 0xffff) throw new Error(`salt ${one}`);
  });
});

describe('the keys of an Access-Accept', () => {
  it('are the MSK of RFC 4186 in the vector, and not for another secret', () => {
    expect(findMppeKeys(accept(), acceptHop, digests)).toEqual(keys);
    expect(findMppeKeys(accept(), { ...acceptHop, secret: utf8Encode('other') }, digests)).toBeUndefined();
    expect(findMppeKeys(accept().slice(0, -3), acceptHop, digests)).toBeUndefined();
  });

  it('are written as the vector has them', () => {
    const written = mppeKeyTlvs(keys, acceptHop, always(0), digests);
    expect(written.map(({ data }) => toHex(data))).toEqual(
      accept()
        .filter(({ type }) => type === 26)
        .map(({ data }) => toHex(data)),
    );
  });

  it('reach the next hop under its own secret and other salts, all else unchanged', () => {
    const octets32 = fc.uint8Array({ minLength: 16, maxLength: 64 });
    fc.assert(
      fc.property(octets32, octets32, fc.integer({ min: 0, max: 0xffffffff }), (send, receive, random) => {
        const strange = [
          { type: 25, data: send },
          { type: 26, data: receive },
          { type: 26, data: new Uint8Array(0) },
        ];
        const [first, second] = mppeKeyTlvs({ send, receive }, server, always(random), digests) as [Tlv, Tlv];
        const attributes = [strange[0]!, first, strange[1]!, second, strange[2]!];
        const before = JSON.stringify(attributes);
        const rehidden = rehideMppeKeys(attributes, server, client, always(random ^ 0x1234), digests)!;
        expect(findMppeKeys(rehidden, client, digests)).toEqual({ send, receive });
        expect(JSON.stringify(attributes)).toBe(before);
        expect([0, 2, 4].map((at) => rehidden[at])).toEqual(strange);
        const { mppeSendKey, mppeRecvKey } = microsoftAttribute;
        const salts = [mppeSendKey, mppeRecvKey].flatMap((codec) =>
          findAllVendor(rehidden, codec).map((hidden) => u16At(hidden, 0)),
        );
        expect(new Set(salts).size).toBe(2);
      }),
    );
  });

  it('are found where both share one attribute', () => {
    const [first, second] = mppeKeyTlvs(keys, server, always(7), digests) as [Tlv, Tlv];
    const shared = { type: 26, data: Uint8Array.of(...first.data, ...second.data.subarray(4)) };
    expect(findMppeKeys([shared], server, digests)).toEqual(keys);
    const rehidden = rehideMppeKeys([shared], server, client, always(7), digests)!;
    expect(rehidden).toHaveLength(1);
    expect(findMppeKeys(rehidden, client, digests)).toEqual(keys);
  });

  it('are not passed on half: one that cannot be revealed fails both', () => {
    const attributes = mppeKeyTlvs(keys, server, always(7), digests);
    const other = mppeKeyTlvs(keys, client, always(7), digests);
    expect(rehideMppeKeys([attributes[0]!, other[1]!], server, client, always(7), digests)).toBeUndefined();
    const cut = { type: 26, data: fromHex('00000137 1006 80010203') };
    expect(rehideMppeKeys([cut], server, client, always(7), digests)).toBeUndefined();
    expect(rehideMppeKeys([], server, client, always(7), digests)).toEqual([]);
  });

  it('survive truncated and mutated packets', () => {
    const vectors = radiusVectors.filter(({ name }) => name.startsWith('Access-Accept with MS-MPPE keys'));
    assertRobust(decodeRadius, vectors, ({ attributes }) => {
      findMppeKeys(attributes, acceptHop, digests);
      rehideMppeKeys(attributes, acceptHop, client, always(7), digests);
    });
  });

  it('are in no line', () => {
    const packet = { code: 2, identifier: 1, authenticator: new Uint8Array(16), attributes: accept() };
    const line = describeRadius(packet);
    expect(line).toContain('MS-MPPE-Recv-Key (hidden)');
    for (const codec of [microsoftAttribute.mppeSendKey, microsoftAttribute.mppeRecvKey]) {
      for (const hidden of findAllVendor(accept(), codec)) expect(line).not.toContain(toHex(hidden).slice(4, 12));
    }
  });
});
