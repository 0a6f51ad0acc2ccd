import { deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { LinkOptions } from '../../icsr/link/peer-link.ts';
import type { SrpCompression } from '../../wire/srp/digests.ts';

type Bounded = (octets: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** zlib stops, and throws, as soon as there is more than the bound: no memory is spent on what would be refused. */
function compressionOf(compress: (body: Uint8Array) => Uint8Array, decompress: Bounded): SrpCompression {
  return {
    compress,
    decompress(octets, maxOctets) {
      try {
        return decompress(octets, { maxOutputLength: maxOctets });
      } catch {
        return undefined;
      }
    },
  };
}

/** The compressions that this host has: zstd (RFC 8878), and deflate (RFC 1951) without a header. */
export const hostCompressions: LinkOptions['compressions'] = new Map([
  ['zstd', compressionOf((body) => zstdCompressSync(body), zstdDecompressSync)],
  ['deflate', compressionOf((body) => deflateRawSync(body), inflateRawSync)],
]);
