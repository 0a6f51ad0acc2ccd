import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../bytes/text.ts';
import { decodeGre, greHeaderLengthAt, greKeyAt, greProtocolAt } from './gre.ts';

describe('GRE fields by offset', () => {
  it.each([
    ['no key', '0000 6558', 4, 0x6558, undefined],
    ['key 0', '2000 0800 00000000', 8, 0x0800, 0],
    ['key and sequence', '3000 0800 fffffffe 00000001', 12, 0x0800, 0xfffffffe],
    ['checksum and key', 'a000 0800 57f9 0000 00000006', 12, 0x0800, 6],
  ])('reads a header with %s', (_, hex, length, protocol, key) => {
    const bytes = fromHex(hex);
    expect(greHeaderLengthAt(bytes, 0, bytes.length)).toBe(length);
    expect(greProtocolAt(bytes, 0)).toBe(protocol);
    expect(greKeyAt(bytes, 0)).toBe(key);
  });

  it('agrees with the decoder about every header', () => {
    const flags = fc.constantFrom(0x00, 0x20, 0x30, 0x80, 0xa0, 0xb0, 0x40, 0x08);
    const rest = fc.uint8Array({ maxLength: 24 });
    fc.assert(
      fc.property(flags, fc.constantFrom(0, 1), rest, (first, version, tail) => {
        const bytes = Uint8Array.of(0xff, first, version, ...tail);
        const whole = decodeGre(bytes, 1);
        const length = greHeaderLengthAt(bytes, 1, bytes.length);
        expect(length).toBe(whole.ok ? whole.value.headerLength : 0);
        if (!whole.ok) return;
        expect(greProtocolAt(bytes, 1)).toBe(whole.value.protocol);
        expect(greKeyAt(bytes, 1)).toBe(whole.value.key);
      }),
    );
  });
});
