import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../bytes/text.ts';
import type { Tlv } from '../bytes/tlv.ts';
import { findOctets, joinOctets, octetTlvs, splitOctets } from './octet-counters.ts';
import { decodeRadius } from './packet.ts';
import { radiusVectors } from './vectors.ts';

const types = (attributes: readonly Tlv[]): number[] => attributes.map(({ type }) => type);

describe('octets beyond 2^32', () => {
  it.each([
    [0, 0, 0],
    [1, 1, 0],
    [0xffffffff, 0xffffffff, 0],
    [0x100000000, 0, 1],
    [0x100000001, 1, 1],
    [Number.MAX_SAFE_INTEGER, 0xffffffff, 0x1fffff],
  ])('%d are %d and %d gigawords', (total, octets, gigawords) => {
    expect(splitOctets(total)).toEqual({ octets, gigawords });
    expect(joinOctets(octets, gigawords)).toBe(total);
  });

  it('are capped where a number cannot tell them apart any more', () => {
    expect(joinOctets(0, 0x200000)).toBe(Number.MAX_SAFE_INTEGER);
    expect(joinOctets(0xffffffff, 0xffffffff)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('come back from their attributes, in either direction and beside the other', () => {
    const total = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const any = fc.oneof(total, fc.integer({ min: 0, max: 0x1ffffffff }));
    fc.assert(
      fc.property(any, any, (input, output) => {
        const attributes = [...octetTlvs('output', output), ...octetTlvs('input', input)];
        expect(findOctets(attributes, 'input')).toBe(input);
        expect(findOctets(attributes, 'output')).toBe(output);
      }),
    );
  });

  it('have a Gigawords attribute only if they need one', () => {
    expect(types(octetTlvs('input', 0xffffffff))).toEqual([42]);
    expect(types(octetTlvs('input', 0x100000000))).toEqual([42, 52]);
    expect(types(octetTlvs('output', 0x100000000))).toEqual([43, 53]);
    expect(findOctets(octetTlvs('input', 1), 'output')).toBeUndefined();
    expect(findOctets([], 'input')).toBeUndefined();
  });

  it('are found in an Accounting-Request', () => {
    const packet = decodeRadius(fromHex(radiusVectors.find(({ name }) => name.includes('beyond 2^32'))!.hex));
    if (!packet.ok) throw new Error(packet.reason);
    expect(findOctets(packet.value.attributes, 'input')).toBe(3 * 2 ** 32 + 5);
    expect(findOctets(packet.value.attributes, 'output')).toBe(2 ** 32 - 1);
  });
});
