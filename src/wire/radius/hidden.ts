import type { Digests } from '../../kernel/context.ts';

/**
 * How RADIUS hides values: each block of 16 octets is combined with the MD5 of the secret and what stands before the
 * block, the first with the secret and a seed (RFC 2865 section 5.2, RFC 2548 section 2.4.2). Both functions work in
 * place; `blocks` is a multiple of 16 octets long.
 */

/** What MD5 gives, and hides at a time. */
export const blockOctets = 16;

/** Hides clear octets. */
export function hideBlocks(blocks: Uint8Array, seed: Uint8Array, secret: Uint8Array, digests: Digests): void {
  let previous = seed;
  for (let at = 0; at < blocks.length; at += blockOctets) {
    exclusiveOr(blocks, at, digests.md5(joined(secret, previous)));
    previous = blocks.slice(at, at + blockOctets);
  }
}

/** Reveals what `hideBlocks` has hidden with the same seed and secret. */
export function revealBlocks(blocks: Uint8Array, seed: Uint8Array, secret: Uint8Array, digests: Digests): void {
  let previous = seed;
  for (let at = 0; at < blocks.length; at += blockOctets) {
    const hidden = blocks.slice(at, at + blockOctets);
    exclusiveOr(blocks, at, digests.md5(joined(secret, previous)));
    previous = hidden;
  }
}

/** Both, one behind the other, in memory of their own. */
export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Combines the block of 16 octets at `at` with a mask. */
function exclusiveOr(bytes: Uint8Array, at: number, mask: Uint8Array): void {
  for (let index = 0; index < blockOctets; index += 1) bytes[at + index]! ^= mask[index]!;
}
