import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { decoded, failed } from '../bytes/decoded.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { decodeGre, describeGre, type GreHeader, greHeaderLengthMax, greLength, greProtocol, writeGre } from './gre.ts';
import { greVectors } from './vectors.ts';

function encode(header: GreHeader): Uint8Array {
  const bytes = new Uint8Array(greLength(header.key));
  writeGre(bytes, 0, header.protocol, header.key);
  return bytes;
}

describe('GRE', () => {
  it.each(greVectors)('decodes $name', ({ hex, value }) => {
    expect(decodeGre(fromHex(hex))).toEqual(decoded(value));
  });

  it.each(greVectors.filter(({ value }) => value!.headerLength <= 8))('encodes $name', ({ hex, value }) => {
    expect(toHex(encode(value!))).toBe(toHex(fromHex(hex)));
  });

  it('withstands every truncation and mutation', () => {
    assertRobust(decodeGre, greVectors, (value) => [encode(value), describeGre(value)]);
  });

  it.each([
    ['version 1 (PPTP)', '20010800 00000001', failed('bad-version', 1)],
    ['routing present (RFC 1701)', '40000800', failed('unsupported', 0)],
    ['strict source route (RFC 1701)', '08000800', failed('unsupported', 0)],
    ['a recursion bit among bits 1..5', '04000800', failed('unsupported', 0)],
    ['a wrong checksum', 'b0000800838d00000000000700000009616263', failed('bad-checksum', 4)],
    ['a cut key', '20000800000000', failed('truncated', 7)],
    ['a cut sequence number', '3000080000000001000000', failed('truncated', 11)],
    ['nothing', '', failed('truncated', 0)],
  ])('refuses %s', (_, hex, failure) => {
    expect(decodeGre(fromHex(hex))).toEqual(failure);
  });

  it('ignores reserved bits 6..12, as RFC 2784 section 2.3 tells receivers', () => {
    expect(decodeGre(fromHex('03f80800'))).toEqual(
      decoded({ protocol: 0x0800, key: undefined, sequence: undefined, headerLength: 4 }),
    );
  });

  it('reads back what it writes, at any place in a buffer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }),
        fc.constantFrom(...Object.values(greProtocol)),
        fc.option(fc.integer({ min: 0, max: 0xffffffff }), { nil: undefined }),
        (at, protocol, key) => {
          const bytes = new Uint8Array(at + greHeaderLengthMax).fill(0xff);
          const headerLength = writeGre(bytes, at, protocol, key);
          expect(headerLength).toBe(greLength(key));
          expect(decodeGre(bytes, at)).toEqual(decoded({ protocol, key, sequence: undefined, headerLength }));
        },
      ),
    );
  });

  it('describes itself', () => {
    expect(describeGre(greVectors[0]!.value!)).toBe('GRE 0x6558 key 0x00001234');
    expect(describeGre(greVectors[1]!.value!)).toBe('GRE 0x86dd');
  });
});
