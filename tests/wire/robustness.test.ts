import { describe, expect, it } from 'vitest';
import { decoded, failed } from '../../src/wire/bytes/decoded.ts';
import { assertRobust } from './robustness.ts';

const vectors = [{ name: 'one', hex: '01 02 03', provenance: 'by hand' }];

describe('the robustness harness', () => {
  it('accepts a decoder that keeps to its view', () => {
    assertRobust((bytes) => (bytes.length < 3 ? failed('truncated', bytes.length) : decoded(bytes[2])), vectors);
  });

  it('finds a decoder that throws on a truncation', () => {
    expect(() => assertRobust((bytes) => decoded(bytes[2]!.toString()), vectors)).toThrow('one, first 0 octets');
  });

  it('finds a decoder that throws on one value of one octet', () => {
    const decode = (bytes: Uint8Array) => {
      if (bytes[1] === 0x7b) throw new Error('unexpected');
      return decoded(0);
    };
    expect(() => assertRobust(decode, vectors)).toThrow('one, octet 1 = 0x7b: unexpected [017b03]');
  });

  it('finds a decoder that reads behind its view', () => {
    const decode = (bytes: Uint8Array) => {
      const next = new Uint8Array(bytes.buffer)[bytes.byteOffset + bytes.length];
      return next === 0 ? decoded(0) : failed('bad-value', 0);
    };
    expect(() => assertRobust(decode, vectors)).toThrow('depends on octets outside');
  });

  it('finds a value that cannot be encoded', () => {
    const encode = (value: number) => new Uint8Array(value === 0xff ? -1 : 1);
    expect(() => assertRobust((bytes) => decoded(bytes[0] ?? 0), vectors, encode)).toThrow('one, octet 0 = 0xff');
  });

  it('finds a failure outside the message, a vector that does not decode, and no vectors', () => {
    expect(() => assertRobust((bytes) => failed('truncated', bytes.length + 1), vectors)).toThrow(
      'outside the message',
    );
    expect(() => assertRobust(() => failed('bad-magic', 0), vectors)).toThrow('does not decode');
    expect(() => assertRobust(() => decoded(0), [])).toThrow('nothing was checked');
  });
});
