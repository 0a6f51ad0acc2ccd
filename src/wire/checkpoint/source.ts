import { type DecodeFailure, type DecodeReason, failed } from '../bytes/decoded.ts';
import { u32At } from '../bytes/reader.ts';
import { utf8Decode } from '../bytes/text.ts';

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Where fields are read from. Sticky like `Reader`: the first failure stays, and after it there is nothing left to
 * read, so that every loop over the fields ends.
 */
export class FieldSource {
  readonly bytes: Uint8Array;
  #at: number;
  #end: number;
  #failure: DecodeFailure | undefined;
  /** Fields skipped because their tag is not in the table, nested records included. */
  unknownFields = 0;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.#at = offset;
    this.#end = bytes.length;
  }

  /** Whether there is another octet of the content being read; false after a failure. */
  get more(): boolean {
    return this.#at < this.#end;
  }

  /** The offset of the next octet. */
  get position(): number {
    return this.#at;
  }

  /** Octets left of the content being read. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** The first failure, or undefined while all is well. */
  get failure(): DecodeFailure | undefined {
    return this.#failure;
  }

  /** Ends the reading; only the first failure is kept. */
  fail(reason: DecodeReason): void {
    this.#failure ??= failed(reason, this.#at);
    this.#end = this.#at;
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) {
      this.fail('truncated');
      return -1;
    }
    this.#at = at + length;
    return at;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.bytes[at]!;
  }

  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : u32At(this.bytes, at);
  }

  /** 0 to 2^53 - 1; fails for more, and for a number that does not end. */
  varint(): number {
    const bytes = this.bytes;
    const first = this.#at < this.#end ? bytes[this.#at]! : 0x80;
    if (first < 0x80) {
      this.#at += 1;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 8; index += 1) {
      if (this.#at >= this.#end) {
        this.fail('truncated');
        return 0;
      }
      const octet = bytes[this.#at]!;
      this.#at += 1;
      value += (octet & 0x7f) * scale;
      if (octet < 0x80) {
        if (value <= Number.MAX_SAFE_INTEGER) return value;
        break;
      }
      scale *= 0x80;
    }
    this.fail('bad-value');
    return 0;
  }

  double(): number {
    const at = this.#take(8);
    if (at < 0) return 0;
    for (let index = 0; index < 8; index += 1) scratch.setUint8(index, this.bytes[at + index]!);
    return scratch.getFloat64(0);
  }

  /** The octets left, where they are. */
  restView(): Uint8Array {
    const at = this.#at;
    this.#at = this.#end;
    // Not subarray(): of a Node Buffer that is a Buffer.
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + at, this.#end - at);
  }

  /** A copy of the octets left: payloads are kept longer than the frame that brought them. */
  rest(): Uint8Array {
    const at = this.#take(this.remaining);
    // Not slice(): of a Node Buffer that is a view.
    return at < 0 ? new Uint8Array(0) : new Uint8Array(this.bytes.subarray(at, this.#at));
  }

  /** The octets left as text; invalid UTF-8 comes out as U+FFFD. */
  text(): string {
    const at = this.#at;
    this.#at = this.#end;
    return utf8Decode(this.bytes, at, this.#end);
  }

  /** Narrows the source to the content whose length comes next; give the result to `leave`. */
  enter(): number {
    const outer = this.#end;
    const length = this.varint();
    if (length > this.remaining) this.fail('truncated');
    else this.#end = this.#at + length;
    return outer;
  }

  /** Ends the content: fails with `bad-length` if its codec left octets over. */
  leave(outer: number): void {
    if (this.#at !== this.#end) this.fail('bad-length');
    if (this.#failure === undefined) this.#end = outer;
  }

  skip(length: number): void {
    this.#take(length);
  }
}
