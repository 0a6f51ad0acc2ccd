import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { fromHex } from '../bytes/text.ts';
import { find, type Tlv, type TlvCodec } from '../bytes/tlv.ts';
import { decodeEap } from '../eap/eap.ts';
import { AttributeWriter, typesOf } from './attribute-writer.ts';
import { radiusAttribute, radiusAttributeByType } from './attributes.ts';
import { joinEapMessage, readEapPieces } from './eap-message.ts';
import { encodeRadius } from './packet.ts';
import { openRadius, RadiusOctets } from './packet-octets.ts';
import { radiusVectors } from './vectors.ts';

const authenticator = new Uint8Array(16).fill(7);

function packet(attributes: readonly Tlv[]): RadiusOctets {
  return new RadiusOctets(encodeRadius({ code: 4, identifier: 3, authenticator, attributes }));
}

const anyAttributes = fc.array(
  fc.record({ type: fc.constantFrom(1, 24, 33, 79, 80, 200), data: fc.uint8Array({ maxLength: 60 }) }),
  { maxLength: 12 },
);

describe('a packet as octets', () => {
  it('survives truncated and mutated input', () => {
    assertRobust(openRadius, radiusVectors, readEapPieces);
  });

  it.each(radiusVectors)('$name: finds what a list of its attributes has', ({ hex }) => {
    const octets = new RadiusOctets(fromHex(hex));
    const inList = (codec: TlvCodec<unknown>) => find(octets.attributes, codec);
    for (const codec of Object.values(radiusAttribute)) expect(octets.find<unknown>(codec)).toEqual(inList(codec));
  });

  it('has the attributes that were written, each where it is', () => {
    fc.assert(
      fc.property(anyAttributes, (attributes) => {
        const octets = packet(attributes);
        expect(octets.attributes).toEqual(attributes);
        const first = attributes.find(({ type }) => type === 33);
        const place = octets.placeOf(33);
        expect(place === 0 ? undefined : octets.dataAt(place)).toEqual(first?.data);
      }),
    );
  });

  it('leaves padding away', () => {
    const { bytes } = packet([{ type: 1, data: fromHex('61') }]);
    const opened = openRadius(Uint8Array.of(...bytes, 0xff, 0xff));
    expect(opened.ok && opened.value.bytes).toEqual(bytes);
  });

  it('tells a value of 32 bits', () => {
    const octets = packet([{ type: radiusAttribute.sessionTimeout.type, data: fromHex('ffffff01') }]);
    expect(octets.integer(radiusAttribute.sessionTimeout)).toBe(0xffffff01);
    expect(octets.integer(radiusAttribute.idleTimeout)).toBeUndefined();
  });

  it.each(radiusAttributeByType.flatMap((codec) => (codec === undefined ? [] : [[codec.name, codec] as const])))(
    '%s is refused where its data are no value of its type',
    (_name, { type, valid }) => {
      for (let length = 0; length <= 20; length += 1) {
        const data = new Uint8Array(length);
        expect(openRadius(packet([{ type, data }]).bytes).ok).toBe(valid(data));
      }
    },
  );
});

describe('the EAP packet in it', () => {
  it('is the one that its joined pieces are', () => {
    const eap = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 9 })).map(([code, length]) => {
      return [{ type: 79, data: Uint8Array.of(code, 1, 0, length, 25, 1, 1).slice(0, 7) }];
    });
    fc.assert(
      fc.property(fc.oneof(anyAttributes, eap), (attributes) => {
        const pieces = readEapPieces(packet(attributes));
        const message = joinEapMessage(attributes);
        expect(pieces.kind).toBe(message.kind);
        if (pieces.kind !== 'packet' || message.kind !== 'packet') return;
        const whole = decodeEap(message.octets);
        expect(pieces.octets).toBe(message.octets.length);
        expect(pieces.head?.kind).toBe(whole.ok ? whole.value.kind : undefined);
        expect(pieces.head?.identifier).toBe(whole.ok ? whole.value.identifier : undefined);
        if (whole.ok && 'type' in whole.value) expect(pieces.head?.type).toBe(whole.value.type);
      }),
    );
  });
});

describe('attributes written as octets', () => {
  const writer = new AttributeWriter();
  it('are those of a packet without those left out, or all of one type', () => {
    fc.assert(
      fc.property(anyAttributes, (attributes) => {
        const left = attributes.filter(({ type }) => type !== 80 && type !== 24);
        const named = attributes.filter(({ type }) => type === 33);
        writer.begin();
        writer.copyOthers(packet(attributes), typesOf([{ type: 80 }, { type: 24 }]));
        expect(writer.end()).toEqual(packet(left).bytes.slice(20));
        writer.begin();
        writer.copyAll(packet(attributes), 33);
        expect(writer.end()).toEqual(packet(named).bytes.slice(20));
      }),
    );
  });

  it('are those that are given one by one', () => {
    writer.begin();
    writer.put({ type: 1, data: fromHex('6162') });
    writer.u32(27, 0xffffff01);
    expect(writer.end()).toEqual(fromHex('01046162 1b06ffffff01'));
  });
});
