import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Md5 } from './md5.ts';

const md5 = new Md5();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const octets = (maxLength: number) => fc.uint8Array({ maxLength });

// RFC 1321 appendix A.5
it.each([
  ['a', '0cc175b9c0f1b6a831c399e269772661'],
  ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  [
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
    '57edf4a22be3c955ac49da2e2107b67a',
  ],
])('the digest of %j', (text, digest) => {
  expect(hex(md5.digest(new TextEncoder().encode(text)))).toBe(digest);
});

it('digests every length about the end of a block as the platform does, whatever was digested before', () => {
  for (let length = 0; length <= 200; length += 1) {
    const data = new Uint8Array(length).fill(0xff - length);
    expect(hex(md5.digest(data))).toBe(createHash('md5').update(data).digest('hex'));
  }
});

it('agrees with the platform on any message and any key', () => {
  fc.assert(
    fc.property(octets(10_000), octets(200), (data, secret) => {
      expect(hex(md5.digest(data))).toBe(createHash('md5').update(data).digest('hex'));
      expect(hex(md5.hmac(md5.hmacKey(secret), data))).toBe(createHmac('md5', secret).update(data).digest('hex'));
    }),
    { numRuns: 200 },
  );
});
