import type { SrpDigests } from '../../wire/srp/digests.ts';

const octets = 32;

/**
 * A keyed checksum in place of HMAC-SHA-256: nobody forges anything in the virtual world, an octet that has changed is
 * noticed all the same, and a hello costs a hundredth.
 */
export const virtualSrpDigests: SrpDigests = {
  hmacSha256(key, data) {
    let left = 0x811c9dc5;
    let right = 0x01000193;
    for (const part of [key, data]) {
      for (const octet of part) {
        left = Math.imul(left ^ octet, 0x01000193);
        right = Math.imul(right ^ (octet + 1), 0x5bd1e995) ^ (right >>> 15);
      }
      left ^= part.length;
    }
    const digest = new Uint8Array(octets);
    for (let index = 0; index < octets; index += 1) {
      left = Math.imul(left ^ right, 0x01000193) ^ index;
      right = Math.imul(right, 0x5bd1e995) + 1;
      digest[index] = (left ^ right) >>> 11;
    }
    return digest;
  },
};
