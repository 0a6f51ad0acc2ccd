import { endianness } from 'node:os';

/**
 * MD5 (RFC 1321) and HMAC-MD5 (RFC 2104), for RADIUS and nothing else. A RADIUS packet is a few blocks: through the platform's
 * cryptography making the objects of a digest costs several times what digesting does. Nothing here depends on the
 * contents of what is digested but the contents of the digest: no branch and no index.
 */

const blockOctets = 64;
const blockWords = blockOctets / 4;
const digestWords = 4;

/** Behind the message: one octet 0x80, zeros, and its length in bits in eight octets. */
const lengthOctets = 8;
const octetsAtFirst = 8192;
const innerPad = 0x36;
const outerPad = 0x5c;
const initial = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);

/** The state after the first block of each of the two digests of an HMAC: what is left of its key. */
export interface HmacKey {
  readonly inner: Int32Array;
  readonly outer: Int32Array;
}

/**
 * Digests of messages, one after the other, in the same memory: each is valid until the next. Words are read as the machine has
 * them: little-endian.
 */
export class Md5 {
  #words = new Int32Array(octetsAtFirst / 4);
  #octets = new Uint8Array(this.#words.buffer);
  readonly #state = new Int32Array(4);
  readonly #digest = new Uint8Array(this.#state.buffer);
  /** The second block of the outer digest of an HMAC: a digest and its padding, which stays as it is. */
  readonly #outerBlock = new Int32Array(blockWords);

  /** @throws Error on a machine whose order of octets is another */
  constructor() {
    if (endianness() !== 'LE') throw new Error('MD5 is written for little-endian machines');
    this.#outerBlock[digestWords] = 0x80;
    this.#outerBlock[blockWords - 2] = (blockOctets + 4 * digestWords) * 8;
  }

  digest(data: Uint8Array): Uint8Array {
    this.#run(initial, data, 0);
    return this.#digest;
  }

  hmacKey(secret: Uint8Array): HmacKey {
    const key = secret.length > blockOctets ? this.digest(secret) : secret;
    const padded = (pad: number) => {
      const first = new Uint8Array(blockOctets).fill(pad);
      for (let at = 0; at < key.length; at += 1) first[at]! ^= key[at]!;
      const state = initial.slice();
      block(state, new Int32Array(first.buffer), 0);
      return state;
    };
    return { inner: padded(innerPad), outer: padded(outerPad) };
  }

  hmac({ inner, outer }: HmacKey, data: Uint8Array): Uint8Array {
    this.#run(inner, data, blockOctets);
    // The outer digest is of one block: what is digested of the message, and the padding.
    const state = this.#state;
    const words = this.#outerBlock;
    for (let word = 0; word < digestWords; word += 1) {
      words[word] = state[word]!;
      state[word] = outer[word]!;
    }
    block(state, words, 0);
    return this.#digest;
  }

  /** Leaves the digest in the state. @param before octets digested already, whole blocks */
  #run(from: Int32Array, data: Uint8Array, before: number): void {
    const { length } = data;
    const blocks = Math.ceil((length + 1 + lengthOctets) / blockOctets);
    if (blocks * blockOctets > this.#octets.length) this.#grow(blocks * blockOctets);
    const state = this.#state;
    const words = this.#words;
    const end = blocks * blockWords;
    // The padding first, where the message may still write over the beginning of its first word. A call of the platform for
    // these few words would cost as much as half a block.
    for (let word = length >> 2; word < end - 2; word += 1) words[word] = 0;
    this.#octets.set(data);
    this.#octets[length] = 0x80;
    const bits = (before + length) * 8;
    words[end - 2] = bits | 0;
    words[end - 1] = Math.floor(bits / 0x1_0000_0000);
    for (let word = 0; word < digestWords; word += 1) state[word] = from[word]!;
    for (let at = 0; at < end; at += blockWords) block(state, words, at);
  }

  #grow(octets: number): void {
    this.#words = new Int32Array(octets / 4);
    this.#octets = new Uint8Array(this.#words.buffer);
  }
}

/**
 * One block of MD5 (RFC 1321 section 3.4). Written out: V8 keeps everything in registers this way, and takes a third of the
 * time of a loop over the tables.
 *
 * @param state four words, changed
 * @param words of the message, least significant octet first
 * @param at where the block of 16 words begins
 */
function block(state: Int32Array, words: Int32Array, at: number): void {
  const x0 = words[at]!;
  const x1 = words[at + 1]!;
  const x2 = words[at + 2]!;
  const x3 = words[at + 3]!;
  const x4 = words[at + 4]!;
  const x5 = words[at + 5]!;
  const x6 = words[at + 6]!;
  const x7 = words[at + 7]!;
  const x8 = words[at + 8]!;
  const x9 = words[at + 9]!;
  const x10 = words[at + 10]!;
  const x11 = words[at + 11]!;
  const x12 = words[at + 12]!;
  const x13 = words[at + 13]!;
  const x14 = words[at + 14]!;
  const x15 = words[at + 15]!;
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let t = 0;
  // Round 1.
  t = (a + x0 + 0xd76aa478 + (d ^ (b & (c ^ d)))) | 0;
  a = (((t << 7) | (t >>> 25)) + b) | 0;
  t = (d + x1 + 0xe8c7b756 + (c ^ (a & (b ^ c)))) | 0;
  d = (((t << 12) | (t >>> 20)) + a) | 0;
  t = (c + x2 + 0x242070db + (b ^ (d & (a ^ b)))) | 0;
  c = (((t << 17) | (t >>> 15)) + d) | 0;
  t = (b + x3 + 0xc1bdceee + (a ^ (c & (d ^ a)))) | 0;
  b = (((t << 22) | (t >>> 10)) + c) | 0;
  t = (a + x4 + 0xf57c0faf + (d ^ (b & (c ^ d)))) | 0;
  a = (((t << 7) | (t >>> 25)) + b) | 0;
  t = (d + x5 + 0x4787c62a + (c ^ (a & (b ^ c)))) | 0;
  d = (((t << 12) | (t >>> 20)) + a) | 0;
  t = (c + x6 + 0xa8304613 + (b ^ (d & (a ^ b)))) | 0;
  c = (((t << 17) | (t >>> 15)) + d) | 0;
  t = (b + x7 + 0xfd469501 + (a ^ (c & (d ^ a)))) | 0;
  b = (((t << 22) | (t >>> 10)) + c) | 0;
  t = (a + x8 + 0x698098d8 + (d ^ (b & (c ^ d)))) | 0;
  a = (((t << 7) | (t >>> 25)) + b) | 0;
  t = (d + x9 + 0x8b44f7af + (c ^ (a & (b ^ c)))) | 0;
  d = (((t << 12) | (t >>> 20)) + a) | 0;
  t = (c + x10 + 0xffff5bb1 + (b ^ (d & (a ^ b)))) | 0;
  c = (((t << 17) | (t >>> 15)) + d) | 0;
  t = (b + x11 + 0x895cd7be + (a ^ (c & (d ^ a)))) | 0;
  b = (((t << 22) | (t >>> 10)) + c) | 0;
  t = (a + x12 + 0x6b901122 + (d ^ (b & (c ^ d)))) | 0;
  a = (((t << 7) | (t >>> 25)) + b) | 0;
  t = (d + x13 + 0xfd987193 + (c ^ (a & (b ^ c)))) | 0;
  d = (((t << 12) | (t >>> 20)) + a) | 0;
  t = (c + x14 + 0xa679438e + (b ^ (d & (a ^ b)))) | 0;
  c = (((t << 17) | (t >>> 15)) + d) | 0;
  t = (b + x15 + 0x49b40821 + (a ^ (c & (d ^ a)))) | 0;
  b = (((t << 22) | (t >>> 10)) + c) | 0;
  // Round 2.
  t = (a + x1 + 0xf61e2562 + (c & ~d) + (b & d)) | 0;
  a = (((t << 5) | (t >>> 27)) + b) | 0;
  t = (d + x6 + 0xc040b340 + (b & ~c) + (a & c)) | 0;
  d = (((t << 9) | (t >>> 23)) + a) | 0;
  t = (c + x11 + 0x265e5a51 + (a & ~b) + (d & b)) | 0;
  c = (((t << 14) | (t >>> 18)) + d) | 0;
  t = (b + x0 + 0xe9b6c7aa + (d & ~a) + (c & a)) | 0;
  b = (((t << 20) | (t >>> 12)) + c) | 0;
  t = (a + x5 + 0xd62f105d + (c & ~d) + (b & d)) | 0;
  a = (((t << 5) | (t >>> 27)) + b) | 0;
  t = (d + x10 + 0x02441453 + (b & ~c) + (a & c)) | 0;
  d = (((t << 9) | (t >>> 23)) + a) | 0;
  t = (c + x15 + 0xd8a1e681 + (a & ~b) + (d & b)) | 0;
  c = (((t << 14) | (t >>> 18)) + d) | 0;
  t = (b + x4 + 0xe7d3fbc8 + (d & ~a) + (c & a)) | 0;
  b = (((t << 20) | (t >>> 12)) + c) | 0;
  t = (a + x9 + 0x21e1cde6 + (c & ~d) + (b & d)) | 0;
  a = (((t << 5) | (t >>> 27)) + b) | 0;
  t = (d + x14 + 0xc33707d6 + (b & ~c) + (a & c)) | 0;
  d = (((t << 9) | (t >>> 23)) + a) | 0;
  t = (c + x3 + 0xf4d50d87 + (a & ~b) + (d & b)) | 0;
  c = (((t << 14) | (t >>> 18)) + d) | 0;
  t = (b + x8 + 0x455a14ed + (d & ~a) + (c & a)) | 0;
  b = (((t << 20) | (t >>> 12)) + c) | 0;
  t = (a + x13 + 0xa9e3e905 + (c & ~d) + (b & d)) | 0;
  a = (((t << 5) | (t >>> 27)) + b) | 0;
  t = (d + x2 + 0xfcefa3f8 + (b & ~c) + (a & c)) | 0;
  d = (((t << 9) | (t >>> 23)) + a) | 0;
  t = (c + x7 + 0x676f02d9 + (a & ~b) + (d & b)) | 0;
  c = (((t << 14) | (t >>> 18)) + d) | 0;
  t = (b + x12 + 0x8d2a4c8a + (d & ~a) + (c & a)) | 0;
  b = (((t << 20) | (t >>> 12)) + c) | 0;
  // Round 3.
  t = (a + x5 + 0xfffa3942 + (c ^ d ^ b)) | 0;
  a = (((t << 4) | (t >>> 28)) + b) | 0;
  t = (d + x8 + 0x8771f681 + (b ^ c ^ a)) | 0;
  d = (((t << 11) | (t >>> 21)) + a) | 0;
  t = (c + x11 + 0x6d9d6122 + (a ^ b ^ d)) | 0;
  c = (((t << 16) | (t >>> 16)) + d) | 0;
  t = (b + x14 + 0xfde5380c + (d ^ a ^ c)) | 0;
  b = (((t << 23) | (t >>> 9)) + c) | 0;
  t = (a + x1 + 0xa4beea44 + (c ^ d ^ b)) | 0;
  a = (((t << 4) | (t >>> 28)) + b) | 0;
  t = (d + x4 + 0x4bdecfa9 + (b ^ c ^ a)) | 0;
  d = (((t << 11) | (t >>> 21)) + a) | 0;
  t = (c + x7 + 0xf6bb4b60 + (a ^ b ^ d)) | 0;
  c = (((t << 16) | (t >>> 16)) + d) | 0;
  t = (b + x10 + 0xbebfbc70 + (d ^ a ^ c)) | 0;
  b = (((t << 23) | (t >>> 9)) + c) | 0;
  t = (a + x13 + 0x289b7ec6 + (c ^ d ^ b)) | 0;
  a = (((t << 4) | (t >>> 28)) + b) | 0;
  t = (d + x0 + 0xeaa127fa + (b ^ c ^ a)) | 0;
  d = (((t << 11) | (t >>> 21)) + a) | 0;
  t = (c + x3 + 0xd4ef3085 + (a ^ b ^ d)) | 0;
  c = (((t << 16) | (t >>> 16)) + d) | 0;
  t = (b + x6 + 0x04881d05 + (d ^ a ^ c)) | 0;
  b = (((t << 23) | (t >>> 9)) + c) | 0;
  t = (a + x9 + 0xd9d4d039 + (c ^ d ^ b)) | 0;
  a = (((t << 4) | (t >>> 28)) + b) | 0;
  t = (d + x12 + 0xe6db99e5 + (b ^ c ^ a)) | 0;
  d = (((t << 11) | (t >>> 21)) + a) | 0;
  t = (c + x15 + 0x1fa27cf8 + (a ^ b ^ d)) | 0;
  c = (((t << 16) | (t >>> 16)) + d) | 0;
  t = (b + x2 + 0xc4ac5665 + (d ^ a ^ c)) | 0;
  b = (((t << 23) | (t >>> 9)) + c) | 0;
  // Round 4.
  t = (a + x0 + 0xf4292244 + (c ^ (b | ~d))) | 0;
  a = (((t << 6) | (t >>> 26)) + b) | 0;
  t = (d + x7 + 0x432aff97 + (b ^ (a | ~c))) | 0;
  d = (((t << 10) | (t >>> 22)) + a) | 0;
  t = (c + x14 + 0xab9423a7 + (a ^ (d | ~b))) | 0;
  c = (((t << 15) | (t >>> 17)) + d) | 0;
  t = (b + x5 + 0xfc93a039 + (d ^ (c | ~a))) | 0;
  b = (((t << 21) | (t >>> 11)) + c) | 0;
  t = (a + x12 + 0x655b59c3 + (c ^ (b | ~d))) | 0;
  a = (((t << 6) | (t >>> 26)) + b) | 0;
  t = (d + x3 + 0x8f0ccc92 + (b ^ (a | ~c))) | 0;
  d = (((t << 10) | (t >>> 22)) + a) | 0;
  t = (c + x10 + 0xffeff47d + (a ^ (d | ~b))) | 0;
  c = (((t << 15) | (t >>> 17)) + d) | 0;
  t = (b + x1 + 0x85845dd1 + (d ^ (c | ~a))) | 0;
  b = (((t << 21) | (t >>> 11)) + c) | 0;
  t = (a + x8 + 0x6fa87e4f + (c ^ (b | ~d))) | 0;
  a = (((t << 6) | (t >>> 26)) + b) | 0;
  t = (d + x15 + 0xfe2ce6e0 + (b ^ (a | ~c))) | 0;
  d = (((t << 10) | (t >>> 22)) + a) | 0;
  t = (c + x6 + 0xa3014314 + (a ^ (d | ~b))) | 0;
  c = (((t << 15) | (t >>> 17)) + d) | 0;
  t = (b + x13 + 0x4e0811a1 + (d ^ (c | ~a))) | 0;
  b = (((t << 21) | (t >>> 11)) + c) | 0;
  t = (a + x4 + 0xf7537e82 + (c ^ (b | ~d))) | 0;
  a = (((t << 6) | (t >>> 26)) + b) | 0;
  t = (d + x11 + 0xbd3af235 + (b ^ (a | ~c))) | 0;
  d = (((t << 10) | (t >>> 22)) + a) | 0;
  t = (c + x2 + 0x2ad7d2bb + (a ^ (d | ~b))) | 0;
  c = (((t << 15) | (t >>> 17)) + d) | 0;
  t = (b + x9 + 0xeb86d391 + (d ^ (c | ~a))) | 0;
  b = (((t << 21) | (t >>> 11)) + c) | 0;
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
}
