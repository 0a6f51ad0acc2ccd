import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { fromHex, toHex, utf8Decode, utf8Encode } from '../bytes/text.ts';
import { eapCode, eapType } from './constants.ts';
import {
  decodeEap,
  describeEap,
  type EapExchange,
  type EapPacket,
  eapIdentity,
  eapMethod,
  encodeEap,
  expandedData,
} from './eap.ts';
import { eapVectors } from './vectors.ts';

function decode(bytes: Uint8Array): EapPacket {
  const result = decodeEap(bytes);
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`);
  return result.value;
}

function exchange(hex: string): EapExchange {
  const packet = decode(fromHex(hex));
  if (!('data' in packet)) throw new Error('a result');
  return packet;
}

const identityOf = (hex: string): string | undefined => {
  const octets = eapIdentity(decode(fromHex(hex)));
  return octets === undefined ? undefined : utf8Decode(octets);
};

describe('EAP packets', () => {
  it.each(eapVectors)('$name: decodes to its meaning and encodes to its octets', ({ hex, value }) => {
    const packet = decode(fromHex(hex));
    expect(packet.kind).toBe(value!.kind);
    if ('data' in packet) expect(eapMethod(packet)).toEqual({ vendor: value!.vendor, type: value!.type });
    else expect(value!.type).toBeUndefined();
    expect(describeEap(packet)).toBe(value!.line);
    expect(toHex(encodeEap(packet))).toBe(toHex(fromHex(hex)));
  });

  it('survive truncated and mutated input', () => {
    assertRobust(decodeEap, eapVectors, (packet) => {
      encodeEap(packet);
      describeEap(packet);
      eapIdentity(packet);
    });
  });

  it('are never cut and called whole', () => {
    for (const { hex } of eapVectors) {
      const bytes = fromHex(hex);
      for (let length = 0; length < bytes.length; length += 1) expect(decodeEap(bytes.slice(0, length)).ok).toBe(false);
    }
  });

  it.each([
    ['nothing', '', 'truncated', 0],
    ['three octets', '010000', 'truncated', 3],
    ['code 0', '00000004', 'bad-value', 0],
    ['code 5', '05000005 01', 'bad-value', 0],
    ['a Length of 3', '01000003 01', 'bad-length', 2],
    ['a Length beyond the end', '01000006 01', 'truncated', 5],
    ['a Request without a Type', '01000004', 'bad-length', 2],
    ['a Response without a Type', '02000004 01', 'bad-length', 2],
    ['a Success with data', '03000005 01', 'bad-length', 2],
    ['a Failure with data', '04000006 0101', 'bad-length', 2],
  ])('refuse %s', (_what, hex, reason, offset) => {
    expect(decodeEap(fromHex(hex))).toEqual({ ok: false, reason, offset });
  });

  it('end at Length: octets behind it are padding', () => {
    expect(toHex(encodeEap(decode(fromHex('02070006 01 61 0000'))))).toBe('020700060161');
    expect(decode(fromHex('03070004 0000'))).toEqual({ kind: 'success', identifier: 7 });
  });

  it('are not made where Length has no number for them', () => {
    const of = (octets: number): EapPacket => ({
      kind: 'request',
      identifier: 0,
      type: 13,
      data: new Uint8Array(octets),
    });
    expect(encodeEap(of(65_530)).length).toBe(65_535);
    expect(() => encodeEap(of(65_531))).toThrow(RangeError);
  });

  it('come back from their octets', () => {
    const u8 = fc.integer({ min: 0, max: 255 });
    const exchanges = fc.record({
      kind: fc.constantFrom('request' as const, 'response' as const),
      identifier: u8,
      type: u8,
      data: fc.uint8Array({ maxLength: 2000 }),
    });
    const results = fc.record({ kind: fc.constantFrom('success' as const, 'failure' as const), identifier: u8 });
    fc.assert(
      fc.property(fc.oneof(exchanges, results), (packet) => {
        expect(decode(encodeEap(packet))).toEqual(packet);
      }),
    );
  });
});

describe('the method of a packet', () => {
  it('is the same in one octet and in expanded form', () => {
    const data = fromHex('0102');
    const expanded = expandedData({ vendor: 0, type: eapType.aka }, data);
    expect(toHex(expanded)).toBe('000000000000170102');
    const packet: EapExchange = { kind: 'request', identifier: 9, type: eapType.expanded, data: expanded };
    expect(eapMethod(packet)).toEqual(eapMethod({ ...packet, type: eapType.aka, data }));
    expect(describeEap(packet)).toBe(describeEap({ ...packet, type: eapType.aka, data }));
  });

  it('has a vendor of 24 bits and a type of 32', () => {
    const method = { vendor: 0xfedcba, type: 0xfedcba98 };
    const data = expandedData(method, new Uint8Array(0));
    expect(eapMethod({ kind: 'request', identifier: 0, type: eapType.expanded, data })).toEqual(method);
  });

  it('is unknown if the expanded type is cut short', () => {
    const packet = exchange('0101000b fe 000000 000000');
    expect(eapMethod(packet)).toBeUndefined();
    expect(eapIdentity(packet)).toBeUndefined();
    expect(describeEap(packet)).toBe('EAP request identifier 1 expanded, cut short');
  });

  it.each([
    ['tls', 13],
    ['sim', 18],
    ['ttls', 21],
    ['aka', 23],
    ['peap', 25],
    ['akaPrime', 50],
  ] as const)('has a name: %s', (name, type) => {
    expect(eapType[name]).toBe(type);
    const packet: EapPacket = { kind: 'request', identifier: 0, type, data: new Uint8Array(3) };
    expect(describeEap(packet)).toBe(`EAP request identifier 0 ${name} of 3 octets`);
  });

  it('has no number twice', () => {
    for (const table of [eapCode, eapType]) {
      expect(new Set(Object.values(table)).size).toBe(Object.keys(table).length);
    }
  });
});

describe('the identity', () => {
  it.each([
    ['of a subscriber', '0200000a 01 3040782e79', '0@x.y'],
    ['that is empty', '02000005 01', ''],
    ['in expanded form', '0200000e fe 000000 00000001 6d65', 'me'],
    ['in a Request is none: it is a prompt', '01000007 01 6d65', undefined],
    ['is not in another method', '02000007 0d 6d65', undefined],
    ['is not in a vendor’s type 1', '0200000e fe 000001 00000001 6d65', undefined],
    ['is not in a Success', '03000004', undefined],
  ])('%s', (_what, hex, identity) => {
    expect(identityOf(hex)).toBe(identity);
  });

  it('is exactly the octets of the peer, be they UTF-8 or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(eapIdentity({ kind: 'response', identifier: 1, type: eapType.identity, data })).toEqual(data);
      }),
    );
  });
});

describe('the line of a packet', () => {
  it('shows nothing that a method has written', () => {
    const secret = utf8Encode('token 314159');
    for (const type of [
      eapType.genericTokenCard,
      eapType.oneTimePassword,
      eapType.md5Challenge,
      eapType.notification,
    ]) {
      const line = describeEap({ kind: 'response', identifier: 1, type, data: secret });
      expect(line).toMatch(/^EAP response identifier 1 \w+ of 12 octets$/);
    }
  });
});
