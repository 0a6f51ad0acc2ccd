import { invariant } from '../../kernel/unreachable.ts';
import { setU32 } from '../bytes/reader.ts';
import { utf8Encode } from '../bytes/text.ts';

const scratch = new DataView(new ArrayBuffer(8));
const scratchOctets = new Uint8Array(scratch.buffer);

const blockOctets = 16_384;
/** A longer content is worth memory of its own. */
const sharedMax = 2048;

/**
 * Where fields are written: a buffer that grows and is used again, so that encoding allocates only its result; begin with
 * `truncate(0)`. Varints are base 128, least significant group first, of non-negative safe integers (at most 8 octets).
 */
export class FieldSink {
  #bytes = new Uint8Array(512);
  #length = 0;
  #block = new Uint8Array(0);
  #blockUsed = 0;

  get length(): number {
    return this.#length;
  }

  /** Forgets what was written from `length` on. */
  truncate(length: number): void {
    this.#length = length;
  }

  #reserve(octets: number): number {
    const at = this.#length;
    const needed = at + octets;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, needed));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = needed;
    return at;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    setU32(this.#bytes, at, value);
  }

  varint(value: number): void {
    if ((value & 0x7f) === value) {
      this.u8(value);
      return;
    }
    const isValid = value >= 0 && Number.isSafeInteger(value);
    invariant(isValid, isValid ? '' : `not a non-negative safe integer: ${value}`);
    let at = this.#reserve(8);
    const bytes = this.#bytes;
    // Bit operations know 32 bits only: what is above them is divided away first.
    while (value > 0x7fffffff) {
      bytes[at] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
      at += 1;
    }
    while (value > 0x7f) {
      bytes[at] = (value & 0x7f) | 0x80;
      value >>>= 7;
      at += 1;
    }
    bytes[at] = value;
    this.#length = at + 1;
  }

  double(value: number): void {
    scratch.setFloat64(0, value);
    this.raw(scratchOctets);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  text(text: string): void {
    const length = text.length;
    const start = this.#reserve(length);
    const bytes = this.#bytes;
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        this.#length = start;
        this.raw(utf8Encode(text));
        return;
      }
      bytes[start + index] = unit;
    }
  }

  /** Begins content that its length precedes; give the result to `end`. */
  begin(): number {
    return this.#reserve(1);
  }

  /**
   * Ends the content begun at `at` and returns its octets. Most are fewer than 128; a longer content moves to make room
   * for its length.
   */
  end(at: number): number {
    const size = this.#length - at - 1;
    if (size < 0x80) {
      this.#bytes[at] = size;
      return size;
    }
    let more = 0;
    for (let rest = size; rest > 0x7f; rest = Math.floor(rest / 0x80)) more += 1;
    this.#reserve(more);
    this.#bytes.copyWithin(at + 1 + more, at + 1, at + 1 + size);
    const end = this.#length;
    this.#length = at;
    this.varint(size);
    this.#length = end;
    return size;
  }

  /** A copy of what was written, in memory of its own. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /**
   * A copy of what was written, as a view of a block that it shares with others and that is not written again: memory of
   * its own takes a small copy longer than its encoding took. It may be kept for a while, but it holds the whole block;
   * it may be copied to another thread, but not transferred.
   */
  finishShared(): Uint8Array {
    const length = this.#length;
    if (length > sharedMax) return this.finish();
    if (this.#blockUsed + length > this.#block.length) {
      this.#block = new Uint8Array(blockOctets);
      this.#blockUsed = 0;
    }
    const at = this.#blockUsed;
    this.#block.set(this.#bytes.subarray(0, length), at);
    this.#blockUsed = at + length;
    return this.#block.subarray(at, at + length);
  }
}
