import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hostDigests, hostSrpDigests } from './digests.ts';

const digests = hostDigests();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('hostDigests', () => {
  // RFC 1321 appendix A.5
  it.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
  ])('md5 of %j', (data, digest) => {
    expect(hex(digests.md5(text(data)))).toBe(digest);
  });

  // RFC 2202 section 2, test cases 1, 2 and 6
  it.each([
    [new Uint8Array(16).fill(0x0b), 'Hi There', '9294727a3638bb1c13f48ef8158bfc9d'],
    [text('Jefe'), 'what do ya want for nothing?', '750c783e6ab0b503eaa86e310a5db738'],
    [
      new Uint8Array(80).fill(0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd',
    ],
  ])('hmacMd5 with key %j', (key, data, digest) => {
    expect(hex(digests.hmacMd5(key, text(data)))).toBe(digest);
    expect(hex(digests.hmacMd5(key.slice(), text(data)))).toBe(digest);
  });

  // RFC 4231 section 4.3, test case 2
  it('hmacSha256', () => {
    expect(hex(hostSrpDigests().hmacSha256(text('Jefe'), text('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('follows a key whose bytes are changed in place, and views into longer buffers', () => {
    const buffer = new Uint8Array(32);
    const key = buffer.subarray(8, 16);
    for (const value of [1, 2, 1]) {
      key.fill(value);
      const expected = createHmac('md5', key).update('data').digest('hex');
      expect(hex(digests.hmacMd5(key, text('data')))).toBe(expected);
    }
    buffer.set(text('data'), 20);
    expect(hex(digests.md5(buffer.subarray(20, 24)))).toBe(createHash('md5').update('data').digest('hex'));
  });
});
