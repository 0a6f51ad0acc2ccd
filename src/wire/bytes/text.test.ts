import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Decode, utf8Encode } from './text.ts';

describe('utf8Decode', () => {
  it('reads the text between two places, whatever stands around it', () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'binary-ascii', minLength: 250, maxLength: 300 }),
    );
    fc.assert(
      fc.property(texts, fc.uint8Array({ maxLength: 3 }), fc.uint8Array({ maxLength: 3 }), (text, before, after) => {
        const octets = utf8Encode(text);
        const bytes = Uint8Array.of(...before, ...octets, ...after);
        expect(utf8Decode(bytes, before.length, before.length + octets.length)).toBe(text);
        expect(utf8Decode(Uint8Array.of(...before, ...octets), before.length)).toBe(text);
      }),
    );
  });

  it.each([
    [[0x61, 0xff, 0x62], 'a\ufffdb'],
    [[0xc3], '\ufffd'],
    [[0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    [[], ''],
  ])('makes of %j a text that can be logged', (octets, text) => {
    expect(utf8Decode(Uint8Array.from(octets))).toBe(text);
  });

  it('finds nothing behind the end', () => {
    expect(utf8Decode(Uint8Array.of(0x61), 2)).toBe('');
  });
});
