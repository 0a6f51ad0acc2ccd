import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { macBroadcast, macOf } from '../../kernel/address.ts';
import { decoded, failed } from '../bytes/decoded.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import {
  decodeEthernet,
  encodeEthernet,
  ethernetHeaderLengthAt,
  etherType,
  etherTypeAt,
  writeEthernet,
} from './ethernet.ts';
import { ethernetVectors } from './vectors.ts';

const addresses = 'ffffffffffff020000000001';

describe('Ethernet', () => {
  it.each(ethernetVectors)('decodes $name', ({ hex, value }) => {
    expect(decodeEthernet(fromHex(hex))).toEqual(decoded(value));
  });

  it.each([
    ['S-tag', `${addresses}88a800640800`, failed('unsupported', 12)],
    ['two C-tags', `${addresses}81000064810000650800`, failed('unsupported', 16)],
    ['S-tag behind a C-tag', `${addresses}8100006488a800650800`, failed('unsupported', 16)],
    ['reserved VLAN 4095', `${addresses}81000fff0800`, failed('bad-value', 14)],
    ['cut tag', `${addresses}8100006408`, failed('truncated', 12)],
    ['cut header', addresses, failed('truncated', 0)],
  ])('refuses %s', (_, hex, failure) => {
    const bytes = fromHex(hex);
    expect(decodeEthernet(bytes)).toEqual(failure);
    expect(ethernetHeaderLengthAt(bytes, 0, bytes.length)).toBe(0);
  });

  it('withstands every truncation and mutation', () => {
    assertRobust(decodeEthernet, ethernetVectors, (value) => encodeEthernet(value, new Uint8Array(0)));
  });

  it('writes into a larger buffer at an offset, and nothing else', () => {
    const bytes = new Uint8Array(24).fill(0xee);
    expect(writeEthernet(bytes, 3, macBroadcast, macOf(0x020000000001), 100, etherType.ipv4)).toBe(18);
    expect(toHex(bytes)).toBe(`eeeeee${addresses}810000640800eeeeee`);
    expect(decodeEthernet(bytes, 3, 21)).toMatchObject({ ok: true, value: { vlan: 100, etherType: 0x0800 } });
    expect(etherTypeAt(bytes, 3, 18)).toBe(0x0800);
  });

  it('writes no tag for an untagged frame', () => {
    const header = { destination: macBroadcast, source: macOf(0x020000000001), vlan: undefined, etherType: 0x0806 };
    expect(toHex(encodeEthernet(header, Uint8Array.of(7)))).toBe(`${addresses}080607`);
  });
});
