/** 64 bits in two halves, each an unsigned integer of 32 bits. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

/**
 * FNV-1a of 64 bits (RFC 9923): spreads well and is the same everywhere, but protects against nobody: whoever chooses
 * the data can find two of one hash.
 */
export function fnv1a64(data: Uint8Array): Hash64 {
  // The prime is 2^40 + 0x1b3; the hash is multiplied by it in halves.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const octet of data) {
    low = (low ^ octet) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product % 2 ** 32;
  }
  return { high, low };
}
