import { type DecodeFailure, type DecodeReason, failed } from './decoded.ts';

/**
 * Reads big-endian fields from a byte range. Sticky: reading past the end yields zeros and remembers the first
 * failing offset, so a decoder is straight-line code with one check (`failure`) at its end.
 */
export class Reader {
  readonly bytes: Uint8Array;
  /** The octet after the last that may be read. */
  readonly end: number;
  #offset: number;
  #failure: DecodeFailure | undefined;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#offset = offset;
    this.end = end;
  }

  /** The octet that is read next, counted from the start of `bytes`. */
  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.end - this.#offset;
  }

  /** The first failure, or undefined while all is well. */
  get failure(): DecodeFailure | undefined {
    return this.#failure;
  }

  /** Records a failure found by the caller; the first one stays. */
  fail(reason: DecodeReason, offset = this.#offset): void {
    this.#failure ??= failed(reason, offset);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (at + length > this.end) {
      this.#failure ??= failed('truncated', at);
      this.#offset = this.end;
      return -1;
    }
    this.#offset = at + length;
    return at;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.bytes[at]!;
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : u32At(this.bytes, at);
  }

  u48(): number {
    const at = this.#take(6);
    return at < 0 ? 0 : u48At(this.bytes, at);
  }

  /** A view of the next `length` octets (empty on failure). Copy what outlives the message. */
  view(length: number): Uint8Array {
    const at = this.#take(length);
    return at < 0 ? this.bytes.subarray(0, 0) : this.bytes.subarray(at, at + length);
  }

  /** Passes over octets; fails if there are not so many. */
  skip(length: number): void {
    this.#take(length);
  }
}

/**
 * An unsigned number of two octets in network order. Like those below it checks no bounds: octets that are not there
 * count as 0.
 */
export function u16At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** An unsigned number of four octets in network order. */
export function u32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** An unsigned number of six octets in network order. */
export function u48At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 8) | bytes[at + 1]!) * 0x100000000 + u32At(bytes, at + 2);
}

/** Writes the low 16 bits of a number in network order. */
export function setU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Writes the low 32 bits of a number in network order. */
export function setU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes a number of 48 bits, not negative, in network order. */
export function setU48(bytes: Uint8Array, at: number, value: number): void {
  // Bit operations take the low 32 bits of a number, whatever is above them.
  setU16(bytes, at, value / 0x100000000);
  setU32(bytes, at + 2, value);
}
