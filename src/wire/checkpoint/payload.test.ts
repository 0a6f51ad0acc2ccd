import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { text, uint } from './codec.ts';
import { decodePayloadHeader, payloadHeaderOctets, payloadOf } from './payload.ts';
import { field, recordOf } from './record.ts';

const record = recordOf({ name: field(1, text), octets: field(2, uint) });
const codec = payloadOf(3, record);
const hex = '03 00000007 80000000  06 02 6869  08 05';

describe('a payload', () => {
  it('has its revisions in front of its fields', () => {
    expect(toHex(codec.encode({ name: 'hi', octets: 5 }, 7, 0x80000000))).toBe(toHex(fromHex(hex)));
    const header = { schemaVersion: 3, baseRevision: 7, revision: 0x80000000 };
    expect(decodePayloadHeader(fromHex(hex))).toEqual({ ok: true, value: header });
    expect(codec.decode(fromHex(hex))).toEqual({
      ok: true,
      value: { ...header, value: { name: 'hi', octets: 5 }, unknownFields: 0 },
    });
  });

  it('stays as it was when others are encoded, whether it shares memory with them or not', () => {
    const sizes = Array.from({ length: 400 }, (_, index) => (index % 50 === 0 ? 3000 : index));
    const payloads = sizes.map((size) => codec.encode({ name: 'x'.repeat(size), octets: size }, 1, 2));
    for (const [index, size] of sizes.entries()) {
      expect(codec.decode(payloads[index]!)).toMatchObject({ value: { value: { octets: size } } });
      expect(codec.decode(payloads[index]!.slice())).toMatchObject({ value: { value: { name: 'x'.repeat(size) } } });
    }
    expect(new Set(payloads.map(({ buffer }) => buffer)).size).toBeLessThan(payloads.length / 10);
  });

  it('of another version is read as far as its fields are known', () => {
    const newer = payloadOf(4, recordOf({ name: field(1, text), more: field(3, uint) }));
    expect(codec.decode(newer.encode({ name: 'hi', more: 9 }, 1, 2))).toMatchObject({
      ok: true,
      value: { schemaVersion: 4, value: { name: 'hi', octets: 0 }, unknownFields: 1 },
    });
  });

  it.each(['03 80000001 00000001', '03 00000001 80000001', '03 00000001 ffffffff'])(
    'is refused with a revision that cannot be counted on from: %s',
    (header) => {
      expect(codec.decode(fromHex(header))).toEqual({ ok: false, reason: 'bad-value', offset: 1 });
    },
  );

  it('is refused without a version, or cut short in its header', () => {
    expect(codec.decode(fromHex('00 00000007 00000001'))).toEqual({ ok: false, reason: 'bad-version', offset: 0 });
    expect(codec.decode(new Uint8Array(payloadHeaderOctets - 1))).toMatchObject({ ok: false, reason: 'truncated' });
    expect(codec.decode(fromHex('01 00000007 00000001'))).toMatchObject({ ok: true });
  });

  it('withstands every prefix and mutation', () => {
    assertRobust(
      (octets) => codec.decode(octets),
      [{ name: 'payload', hex, provenance: 'by hand' }],
      ({ value }) => codec.encode(value, 0, 0),
    );
  });

  it.each([0, 256, 1.5])('has no version %d', (version) => {
    expect(() => payloadOf(version, record)).toThrow(/schema version/);
  });
});
