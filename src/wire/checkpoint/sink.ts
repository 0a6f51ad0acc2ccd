import { invariant } from '../../kernel/unreachable.ts';
import { setU32, setU48 } from '../bytes/reader.ts';
import { utf8Encode } from '../bytes/text.ts';

const scratch = new DataView(new ArrayBuffer(8));
const scratchOctets = new Uint8Array(scratch.buffer);

/** More octets than this are copied by the engine. */
const loopMax = 32;
const blockOctets = 16_384;
/** Room that a block has left when something new is begun in it: most results are shorter, and need not be moved. */
const roomOctets = 1024;
/** A longer result is worth memory of its own. */
const sharedMax = 2048;

/**
 * Where fields are written: a block of memory in which one result may follow the other, so that encoding allocates nothing
 * but the result, and most of the time only a view. Begin with `restart`. Varints are base 128, least significant group
 * first, of non-negative safe integers (at most 8 octets).
 */
export class FieldSink {
  #bytes = new Uint8Array(512);
  /** Where what is being written begins. Before it stands what `finishShared` gave away, which is not written again. */
  #start = 0;
  #position = 0;

  /** Where the next octet will stand: for `truncate`. */
  get position(): number {
    return this.#position;
  }

  /** Forgets what was written and not finished. */
  restart(): void {
    if (this.#start > 0 && this.#start + roomOctets > this.#bytes.length) {
      this.#bytes = new Uint8Array(blockOctets);
      this.#start = 0;
    }
    this.#position = this.#start;
  }

  /** Forgets what was written from this position on. */
  truncate(position: number): void {
    this.#position = position;
  }

  #reserve(octets: number): number {
    const at = this.#position;
    this.#position = at + octets;
    if (this.#position > this.#bytes.length) this.#grow(at);
    return at;
  }

  /** What stands before the result is left where it is: positions hold on. */
  #grow(written: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#position));
    grown.set(this.#bytes.subarray(0, written));
    this.#bytes = grown;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    setU32(this.#bytes, at, value);
  }

  u48(value: number): void {
    const at = this.#reserve(6);
    setU48(this.#bytes, at, value);
  }

  /** Throws where the number is not a non-negative safe integer: a fault of ours, not of a peer's. */
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
    while (value > 0xffffffff) {
      bytes[at] = (value & 0x7f) | 0x80;
      value = Math.floor(value / 0x80);
      at += 1;
    }
    while (value > 0x7f) {
      bytes[at] = (value & 0x7f) | 0x80;
      value >>>= 7;
      at += 1;
    }
    bytes[at] = value;
    this.#position = at + 1;
  }

  /** IEEE 754 binary64, in network order. */
  double(value: number): void {
    scratch.setFloat64(0, value);
    this.raw(scratchOctets);
  }

  raw(octets: Uint8Array): void {
    const length = octets.length;
    const at = this.#reserve(length);
    const bytes = this.#bytes;
    // The engine's copy takes a few octets longer than this does.
    if (length > loopMax) bytes.set(octets, at);
    else for (let index = 0; index < length; index += 1) bytes[at + index] = octets[index]!;
  }

  /** UTF-8, without its length. */
  text(text: string): void {
    const length = text.length;
    const start = this.#reserve(length);
    const bytes = this.#bytes;
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        this.#position = start;
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

  /** As `begin`, behind one octet: the key of a field. */
  beginField(key: number): number {
    const at = this.#reserve(2);
    this.#bytes[at] = key;
    return at + 1;
  }

  /**
   * Ends the content begun at `at` and returns its octets. Most are fewer than 128; a longer content moves to make room
   * for its length.
   */
  end(at: number): number {
    const size = this.#position - at - 1;
    if (size < 0x80) this.#bytes[at] = size;
    else this.#endLong(at, size);
    return size;
  }

  #endLong(at: number, size: number): void {
    let more = 0;
    for (let rest = size; rest > 0x7f; rest >>>= 7) more += 1;
    this.#reserve(more);
    this.#bytes.copyWithin(at + 1 + more, at + 1, at + 1 + size);
    const end = this.#position;
    this.#position = at;
    this.varint(size);
    this.#position = end;
  }

  /** A copy of what was written, in memory of its own. */
  finish(): Uint8Array {
    return this.#bytes.slice(this.#start, this.#position);
  }

  /**
   * What was written, as a view of a block that it shares with others and that is not written again: memory of its own takes a
   * small result longer than its encoding took. It may be kept for a while, but it holds the whole block; it may be
   * copied to another thread, but not transferred.
   */
  finishShared(): Uint8Array {
    if (this.#position - this.#start > sharedMax) return this.finish();
    const result = this.#bytes.subarray(this.#start, this.#position);
    this.#start = this.#position;
    return result;
  }
}
