import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes/text.ts';
import { type Tlv, tlv } from '../bytes/tlv.ts';
import { radiusAttribute } from './attributes.ts';
import { eapOctetsMax, joinEapMessage, splitEapMessage } from './eap-message.ts';

const piece = (...data: number[]): Tlv => ({ type: 79, data: Uint8Array.from(data) });
const other = tlv(radiusAttribute.userName, 'nemo');

function packetIn(attributes: readonly Tlv[]): string {
  const message = joinEapMessage(attributes);
  return message.kind === 'packet' ? toHex(message.octets) : message.kind;
}

describe('EAP-Message', () => {
  it.each<[string, readonly Tlv[], string]>([
    ['is missing', [other], 'none'],
    ['is missing where there is nothing', [], 'none'],
    ['is one attribute', [other, piece(2, 1), other], '0201'],
    ['is several next to each other, in order', [other, piece(2, 1), piece(0, 5), piece(1), other], '0201000501'],
    ['has empty pieces, which add nothing', [piece(2, 1), piece(), piece(3)], '020103'],
    ['without data is EAP-Start', [other, piece()], 'start'],
    ['is not put together from pieces with others between them', [piece(2, 1), other, piece(0, 5)], 'scattered'],
    ['is not put together from an empty piece and a far one', [piece(), other, piece(0, 5)], 'scattered'],
  ])('%s', (_what, attributes, result) => {
    expect(packetIn(attributes)).toBe(result);
  });

  it.each([
    [0, []],
    [1, [1]],
    [253, [253]],
    [254, [253, 1]],
    [506, [253, 253]],
    [1400, [253, 253, 253, 253, 253, 135]],
  ])('of %i octets is split as %j', (length, pieces) => {
    expect(splitEapMessage(new Uint8Array(length)).map(({ data }) => data.length)).toEqual(pieces);
  });

  it('comes together as it was before it was split, wherever it stands', () => {
    const strangers = fc.array(fc.constant(other), { maxLength: 3 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), strangers, strangers, (octets, before, after) => {
        const attributes = [...before, ...splitEapMessage(octets), ...after];
        expect(packetIn(attributes)).toBe(toHex(octets));
        for (const { type, data } of splitEapMessage(octets)) {
          expect(type).toBe(79);
          expect(data.length).toBeGreaterThan(0);
          expect(data.length).toBeLessThanOrEqual(253);
        }
      }),
    );
  });

  it('leaves room for the head of IEEE 802.1X', () => {
    expect([1400, 64, 4, 0].map(eapOctetsMax)).toEqual([1396, 60, 0, 0]);
  });
});
