import type { Instant, WallClock } from './instant.ts';

/**
 * The digests RADIUS needs, given by the host: the core has no cryptography of its own. What they give is valid until the next is
 * asked for: whoever keeps it copies it.
 */
export interface Digests {
  /** MD5 of the bytes, 16 octets (RFC 1321). */
  md5(data: Uint8Array): Uint8Array;
  /** HMAC-MD5, 16 octets (RFC 2104). */
  hmacMd5(key: Uint8Array, data: Uint8Array): Uint8Array;
}

/** Encryption, given by the host: for what may be kept and sent, and be read by nobody else. */
export interface Seal {
  /** The octets so that only `open` with the same key can read them; each time others. */
  seal(clear: Uint8Array): Uint8Array;
  /** The octets again, or undefined if they were sealed with another key, or changed. */
  open(sealed: Uint8Array): Uint8Array | undefined;
}

/** Random numbers, given by the host (cryptographic) or the simulator (seeded). */
export interface RandomSource {
  /** A uniform integer of 32 bits. */
  u32(): number;
  bytes(length: number): Uint8Array;
}

/** What a step of the core may know of the world outside its state. */
export interface Context {
  readonly now: Instant;
  readonly wallClock: WallClock;
  readonly random: RandomSource;
}
