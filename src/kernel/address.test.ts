import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMac, macOf, parseMac } from './address.ts';

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
        expect(parseMac(formatMac(macOf(mac), separator))).toBe(mac);
      }),
    );
  });

  it.each(['', '02005e1122f', '02:00:5e:11:22', '02:00-5e:11:22:ff', '02005e1122fg', '0200:5e11:22ff:0000'])(
    '%j is none',
    (text) => {
      expect(parseMac(text)).toBeUndefined();
    },
  );
});
