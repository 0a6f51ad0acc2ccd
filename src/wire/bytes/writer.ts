import { setU16, setU32, setU48 } from './reader.ts';

/** Writes big-endian fields into a buffer that grows as needed. `finish()` returns what was written, as its own copy. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  /** @param capacity octets that are written without growing */
  constructor(capacity = 512) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  #grow(by: number): number {
    const at = this.#length;
    this.#length += by;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    return at;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2);
    setU16(this.#bytes, at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    setU32(this.#bytes, at, value);
    return this;
  }

  u48(value: number): this {
    const at = this.#grow(6);
    setU48(this.#bytes, at, value);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  zeros(length: number): this {
    const at = this.#grow(length);
    this.#bytes.fill(0, at, at + length);
    return this;
  }

  /** Writes over two octets already written, such as a length or a checksum. */
  patchU16(at: number, value: number): this {
    setU16(this.#bytes, at, value);
    return this;
  }

  /** Replaces an octet that was written before, such as a length that is known only now. */
  patchU8(at: number, value: number): this {
    this.#bytes[at] = value;
    return this;
  }

  /** A view of what was written so far; valid until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written, as a copy. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
