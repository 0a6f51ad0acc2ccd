import { createHmac } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SrpCompression, SrpDigests } from '../../src/wire/srp/digests.ts';

/** SRP's digest, straight from the platform. */
export const testSrpDigests: SrpDigests = {
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
};

export const testDeflate: SrpCompression = {
  compress: (body) => deflateRawSync(body),
  decompress: (octets, maxOctets) => {
    try {
      return inflateRawSync(octets, { maxOutputLength: maxOctets });
    } catch {
      return undefined;
    }
  },
};
