import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMac, macOf, parseMac, parseMacAt } from './address.ts';

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

describe('MAC addresses', () => {
  it.each([
    [0, '00:00:00:00:00:00'],
    [0x02005e1122ff, '02:00:5e:11:22:ff'],
    [0xffffff000001, 'ff:ff:ff:00:00:01'],
    [0xfedcba987654, 'fe:dc:ba:98:76:54'],
  ])('%i is written %s', (mac, text) => {
    expect(formatMac(macOf(mac))).toBe(text);
    expect(formatMac(macOf(mac), '')).toBe(text.replaceAll(':', ''));
  });

  it('are read as they are written, with any separator', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.constantFrom('', ':', '-', '.'), (mac, separator) => {
        const text = formatMac(macOf(mac), separator);
        expect(parseMac(text)).toBe(mac);
        expect(parseMacAt(octetsOf(`.${text}.`), 1, 1 + text.length)).toBe(mac);
        expect(parseMac(text.toUpperCase())).toBe(mac);
      }),
    );
  });

  it('are read of octets as of text', () => {
    const character = fc.constantFrom(...'0123456789abcdefABCDEF:-.g');
    const grouped = fc.tuple(fc.constantFrom(2, 4, 6), fc.constantFrom(':', '-', '.', 'x'), fc.boolean());
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(character, { maxLength: 18 }).map((characters) => characters.join('')),
          grouped.map(([digits, separator, mixed]) => {
            const groups = Array.from({ length: 12 / digits }, () => 'a1'.repeat(digits / 2));
            return groups.join(separator) + (mixed ? ':' : '');
          }),
        ),
        (text) => {
          expect(parseMacAt(octetsOf(text), 0, text.length)).toBe(parseMac(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    '',
    '02005e1122f',
    '02:00:5e:11:22',
    '02:00-5e:11:22:ff',
    '02005e1122fg',
    '@2005e1122ff',
    '02005e/122ff',
    '0200:5e11:22ff:0000',
  ])('%j is none', (text) => {
    expect(parseMac(text)).toBeUndefined();
    expect(parseMacAt(octetsOf(text), 0, text.length)).toBeUndefined();
  });
});
