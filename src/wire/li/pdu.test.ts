import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { toHex } from '../bytes/text.ts';
import {
  decodeLiPdu,
  encodeLiPdu,
  keepalivePdu,
  type LiPdu,
  LiPduStream,
  liDirection,
  liPayloadFormat,
  liPduType,
  sequenceAttribute,
  sequenceOf,
  timestampAttribute,
} from './pdu.ts';

const content: LiPdu = {
  type: liPduType.x3,
  format: liPayloadFormat.ipv4,
  direction: liDirection.fromTarget,
  xid: Uint8Array.from({ length: 16 }, (_, index) => index),
  correlation: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  attributes: [sequenceAttribute(0x01020304), timestampAttribute(1_700_000_000_250)],
  payload: Uint8Array.of(0x45, 0, 0, 20),
};

describe('an X2/X3 PDU', () => {
  it('has each field where TS 103 221-2 clause 5.1 has it', () => {
    expect(toHex(encodeLiPdu(content))).toBe(
      [
        '0005' + '0002' + '0000003c' + '00000004' + '0005' + '0003',
        '000102030405060708090a0b0c0d0e0f',
        '0102030405060708',
        '0008' + '0004' + '01020304',
        '0009' + '0008' + '6553f100' + '0ee6b280',
        '45000014',
      ].join(''),
    );
  });

  it('is read as it was written', () => {
    const attribute = fc.record({
      type: fc.integer({ min: 0, max: 0xffff }),
      data: fc.uint8Array({ maxLength: 40 }),
    });
    const pdu = fc.record({
      type: fc.constantFrom(...Object.values(liPduType)),
      format: fc.integer({ min: 0, max: 0xffff }),
      direction: fc.integer({ min: 0, max: 0xffff }),
      xid: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      correlation: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      attributes: fc.array(attribute, { maxLength: 6 }),
      payload: fc.uint8Array({ maxLength: 100 }),
    });
    const isReadAgain = fc.property(pdu, (made) => {
      expect(decodeLiPdu(encodeLiPdu(made))).toEqual({ ok: true, value: made });
    });
    fc.assert(isReadAgain, { numRuns: 200 });
  });

  it('withstands every prefix and every mutation', () => {
    const vectors = [content, keepalivePdu('keepalive', 7)].map((pdu, index) => {
      return { name: `vector ${index}`, hex: toHex(encodeLiPdu(pdu)), provenance: 'encoded here' };
    });
    assertRobust(decodeLiPdu, vectors, encodeLiPdu);
  });

  it('as a keepalive has nothing but its number', () => {
    const pdu = keepalivePdu('keepalive', 7);
    expect(sequenceOf(pdu)).toBe(7);
    expect(toHex(encodeLiPdu(pdu)).slice(0, 96)).toBe(`000500030000003000000000${'00'.repeat(28)}0008000400000007`);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['cut', (bytes) => bytes.subarray(0, 39), 'truncated'],
    ['one octet short', (bytes) => bytes.subarray(0, bytes.length - 1), 'bad-length'],
    ['of another major version', (bytes) => bytes.with(0, 1), 'bad-version'],
    ['of no known type', (bytes) => bytes.with(3, 9), 'unsupported'],
    ['with a header that ends too early', (bytes) => bytes.with(7, 39), 'bad-length'],
    ['with an attribute that reaches behind the header', (bytes) => bytes.with(43, 200), 'truncated'],
  ])('that is %s is refused', (_, change, reason) => {
    expect(decodeLiPdu(change(encodeLiPdu(content)))).toMatchObject({ ok: false, reason });
  });
});

describe('a stream of PDUs', () => {
  it('gives them whole, however it is cut', () => {
    const one = encodeLiPdu(content);
    const other = encodeLiPdu(keepalivePdu('keepaliveAcknowledgement', 1));
    const all = Uint8Array.of(...one, ...other, ...one);
    for (let cut = 1; cut < 70; cut += 1) {
      const stream = new LiPduStream(4096);
      const taken: string[] = [];
      for (let at = 0; at < all.length; at += cut) {
        for (const pdu of stream.take(all.subarray(at, at + cut))!) taken.push(toHex(pdu));
      }
      expect(taken).toEqual([one, other, one].map(toHex));
    }
  });

  it('ends with what is no PDU, and with one that is too long to wait for', () => {
    expect(new LiPduStream(4096).take(new Uint8Array(40).fill(0xff))).toBeUndefined();
    expect(new LiPduStream(50).take(encodeLiPdu(content))).toBeUndefined();
  });
});
