import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../wire/bytes/text.ts';
import { hostSeal } from './seal.ts';

const clear = utf8Encode('the keys of a session');
const seal = hostSeal(utf8Encode('a key that two chassis share'), 'answers');

describe('a seal', () => {
  it('is opened by whoever has the key', () => {
    const other = hostSeal(utf8Encode('a key that two chassis share'), 'answers');
    expect(new Uint8Array(other.open(seal.seal(clear))!)).toEqual(clear);
    expect(new Uint8Array(seal.open(seal.seal(new Uint8Array(0)))!)).toEqual(new Uint8Array(0));
  });

  it('shows nothing of what is in it, and is another each time', () => {
    const [first, second] = [seal.seal(clear), seal.seal(clear)];
    expect(Buffer.from(first).includes(Buffer.from(clear))).toBe(false);
    expect(first).not.toEqual(second);
  });

  it.each([
    ['another key', hostSeal(utf8Encode('another key'), 'answers')],
    ['another purpose', hostSeal(utf8Encode('a key that two chassis share'), 'targets')],
  ])('is not opened by %s', (_what, other) => {
    expect(other.open(seal.seal(clear))).toBeUndefined();
  });

  it('is not opened when an octet has changed, or is missing', () => {
    const sealed = seal.seal(clear);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Uint8Array.from(sealed);
      changed[at]! ^= 1;
      expect(seal.open(changed)).toBeUndefined();
      expect(seal.open(sealed.subarray(0, at))).toBeUndefined();
    }
  });
});
