import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes/text.ts';
import { withoutHiddenValues } from './hidden-values.ts';

const head = `0101${'0000'}${'aa'.repeat(16)}`;

/** A packet with these attributes, its Length right. */
function packet(attributes: string, padding = ''): Uint8Array {
  const bytes = fromHex(`${head}${attributes}${padding}`);
  const length = bytes.length - padding.length / 2;
  bytes[2] = length >> 8;
  bytes[3] = length & 255;
  return bytes;
}

function attributesLeft(attributes: string, padding = ''): string {
  return toHex(withoutHiddenValues(packet(attributes, padding)).subarray(20));
}

describe('a packet without hidden values', () => {
  it.each([
    ['User-Name stays', '0105616263', '0105616263'],
    ['User-Password', '0212112233445566778899aabbccddeeff01', `0212${'00'.repeat(16)}`],
    ['CHAP-Password', '0305010203', '0305000000'],
    ['Tunnel-Password', '450601aabbcc', '450600000000'],
    ['MS-MPPE-Send-Key', '1a0c00000137' + '1006aabbccdd', '1a0c00000137' + '100600000000'],
    ['both keys in one', '1a0e00000137' + '1004aabb' + '1104ccdd', '1a0e00000137' + '10040000' + '11040000'],
    ['MS-MPPE-Encryption-Policy stays', '1a0c00000137' + '070600000001', '1a0c00000137' + '070600000001'],
    ['the same type of another vendor stays', '1a0c00000009' + '1006aabbccdd', '1a0c00000009' + '1006aabbccdd'],
    ['a key that overruns its vendor', '1a0a00000137' + '1020aabb', '1a0a00000137' + '00000000'],
    ['what cannot be read', '0105616263' + '02ff1122', '0105616263' + '00000000'],
  ])('%s', (_, attributes, left) => {
    expect(attributesLeft(attributes)).toBe(left);
  });

  it('has no octets behind its Length, and the octets given stay as they are', () => {
    const given = packet('0204aabb', 'ddee');
    const before = toHex(given);
    expect(toHex(withoutHiddenValues(given).subarray(20))).toBe('02040000');
    expect(toHex(given)).toBe(before);
  });

  it('is made of any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (octets) => {
        expect(withoutHiddenValues(octets).length).toBeLessThanOrEqual(octets.length);
      }),
      { numRuns: 200 },
    );
  });
});
