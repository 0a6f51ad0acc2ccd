import { invariant } from '../../kernel/unreachable.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import { ordinalMax } from '../checkpoint/codec.ts';
import type { SrpDigests } from './digests.ts';

/**
 * An SRP frame. The tag is the first 16 octets of HMAC-SHA-256 (RFC 2104 section 5 allows half) over all before it.
 *
 *      0                   1                   2                   3
 *     |                      magic "SRP1"                             |
 *     |        protocol version       |     type      |     flags     |
 *     |                     length of the body                        |
 *     |                  sequence in this direction                   |
 *     |                           (64 bits)                           |
 *     |                      the sender's term                        |
 *     |                           (64 bits)                           |
 *     |  body ...                                                     |
 *     |  tag, 16 octets                                               |
 */
export interface Frame {
  readonly version: number;
  readonly type: number;
  /** The body is compressed as negotiated. */
  readonly compressed: boolean;
  /** 0, 1, 2, ... in each direction of a connection, so that nothing is repeated, left out or moved. */
  readonly sequence: number;
  readonly term: number;
  /** Valid only while the frame is delivered. */
  readonly body: Uint8Array;
}

/** Why a connection cannot go on. There is no way back: the octets that follow cannot be trusted. */
export type FrameFault = 'bad-magic' | 'bad-version' | 'bad-length' | 'bad-tag' | 'bad-sequence' | 'bad-header';

/** `SRP1`, with which every frame begins. */
export const frameMagic = 0x53525031;
export const frameHeaderOctets = 28;

/** Of the HMAC-SHA-256 as much as stands at a frame's end. */
export const frameTagOctets = 16;
/** What a frame is longer than its body. */
export const frameOverheadOctets = frameHeaderOctets + frameTagOctets;
/** The longest frame, header and tag included, unless configured otherwise. */
export const maxFrameOctetsDefault = 1 << 20;

const compressedFlag = 0x01;

/** What one direction of a connection is under; changes once, from the handshake's to the session's. */
export interface FrameTerms {
  readonly version: number;
  readonly key: Uint8Array;
  /** Header and tag included. */
  readonly maxFrameOctets: number;
}

function setU64(bytes: Uint8Array, at: number, value: number): void {
  setU32(bytes, at, Math.floor(value / 0x100000000));
  setU32(bytes, at + 4, value % 0x100000000);
}

/** The 64-bit integer at `at`; not exact above 2^53, which no counter reaches. */
function u64At(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at) * 0x100000000 + u32At(bytes, at + 4);
}

/** Makes the frames of one direction. */
export class FrameWriter {
  readonly #digests: SrpDigests;
  #terms: FrameTerms;
  #sequence = 0;

  constructor(digests: SrpDigests, terms: FrameTerms) {
    this.#digests = digests;
    this.#terms = terms;
  }

  /** From the next frame on. */
  use(terms: FrameTerms): void {
    this.#terms = terms;
  }

  /** The longest body that fits. */
  get maxBodyOctets(): number {
    return this.#terms.maxFrameOctets - frameOverheadOctets;
  }

  /** @throws where the body is longer than `maxBodyOctets`: senders bound what they put together */
  frame(type: number, term: number, body: Uint8Array, compressed = false): Uint8Array {
    invariant(body.length <= this.maxBodyOctets, `SRP body of ${body.length} octets, type ${type}`);
    const bytes = new Uint8Array(body.length + frameOverheadOctets);
    setU32(bytes, 0, frameMagic);
    setU16(bytes, 4, this.#terms.version);
    bytes[6] = type;
    bytes[7] = compressed ? compressedFlag : 0;
    setU32(bytes, 8, body.length);
    setU64(bytes, 12, this.#sequence);
    setU64(bytes, 20, term);
    bytes.set(body, frameHeaderOctets);
    const tagAt = bytes.length - frameTagOctets;
    const tag = this.#digests.hmacSha256(this.#terms.key, bytes.subarray(0, tagAt));
    bytes.set(tag.subarray(0, frameTagOctets), tagAt);
    this.#sequence += 1;
    return bytes;
  }
}

/**
 * Reads the frames of one direction from chunks as TCP brings them. Keeps at most one incomplete frame, never more than
 * `maxFrameOctets`. The first fault is final.
 */
export class FrameReader {
  readonly #digests: SrpDigests;
  #terms: FrameTerms;
  #sequence = 0;
  #kept = new Uint8Array(0);
  #keptLength = 0;
  #fault: FrameFault | undefined;

  constructor(digests: SrpDigests, terms: FrameTerms) {
    this.#digests = digests;
    this.#terms = terms;
  }

  /** From the next frame on; may be called while one is delivered. */
  use(terms: FrameTerms): void {
    this.#terms = terms;
  }

  get fault(): FrameFault | undefined {
    return this.#fault;
  }

  /** Octets of an incomplete frame that are kept. */
  get keptOctets(): number {
    return this.#keptLength;
  }

  /**
   * Takes a chunk and delivers each frame that is complete, in order. A frame of which `deliver` returns something
   * (why it is refused) is the last one taken; that is returned.
   */
  feed<Refusal>(chunk: Uint8Array, deliver: (frame: Frame) => Refusal | undefined): FrameFault | Refusal | undefined {
    let at = 0;
    while (this.#fault === undefined && at < chunk.length) {
      const direct = this.#keptLength === 0 ? this.#lengthAt(chunk, at, chunk.length - at) : undefined;
      let frame: Uint8Array;
      if (direct !== undefined && direct <= chunk.length - at) {
        frame = chunk.subarray(at, at + direct);
        at += direct;
      } else {
        at += this.#keep(chunk, at);
        const length = this.#lengthAt(this.#kept, 0, this.#keptLength);
        if (length === undefined || this.#keptLength < length) continue;
        frame = this.#kept.subarray(0, length);
        this.#keptLength = 0;
      }
      const opened = this.#fault === undefined ? this.#open(frame) : undefined;
      const refusal = opened === undefined ? undefined : deliver(opened);
      if (refusal !== undefined) return refusal;
    }
    return this.#fault;
  }

  /**
   * The length of the frame of which `have` octets are at `at`, or undefined while the header is incomplete. A fault is
   * seen as soon as the octets that show it are there.
   */
  #lengthAt(bytes: Uint8Array, at: number, have: number): number | undefined {
    if (have >= 4 && u32At(bytes, at) !== frameMagic) this.#fault = 'bad-magic';
    else if (have >= 6 && u16At(bytes, at + 4) !== this.#terms.version) this.#fault = 'bad-version';
    else if (have >= 12) {
      const length = u32At(bytes, at + 8) + frameOverheadOctets;
      if (length <= this.#terms.maxFrameOctets) return length;
      this.#fault = 'bad-length';
    }
    return undefined;
  }

  /** Keeps as much of the chunk as the header, then the frame, still lacks; returns how much. */
  #keep(chunk: Uint8Array, at: number): number {
    if (this.#fault !== undefined) return 0;
    const wanted = this.#lengthAt(this.#kept, 0, this.#keptLength) ?? frameHeaderOctets;
    if (this.#kept.length < wanted) {
      const grown = new Uint8Array(wanted);
      grown.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = grown;
    }
    const taken = Math.min(wanted - this.#keptLength, chunk.length - at);
    this.#kept.set(chunk.subarray(at, at + taken), this.#keptLength);
    this.#keptLength += taken;
    return taken;
  }

  /** Checks a complete frame: the tag first, because nothing of what is not authentic is looked at. */
  #open(bytes: Uint8Array): Frame | undefined {
    const tagAt = bytes.length - frameTagOctets;
    const tag = this.#digests.hmacSha256(this.#terms.key, bytes.subarray(0, tagAt));
    // All octets are compared whatever they are, so that the time taken tells nothing of the tag.
    let difference = 0;
    for (let index = 0; index < frameTagOctets; index += 1) difference |= tag[index]! ^ bytes[tagAt + index]!;
    const flags = bytes[7]!;
    const term = u64At(bytes, 20);
    if (difference !== 0) this.#fault = 'bad-tag';
    else if (u64At(bytes, 12) !== this.#sequence) this.#fault = 'bad-sequence';
    else if ((flags & ~compressedFlag) !== 0 || term > ordinalMax) this.#fault = 'bad-header';
    if (this.#fault !== undefined) return undefined;
    this.#sequence += 1;
    return {
      version: u16At(bytes, 4),
      type: bytes[6]!,
      compressed: (flags & compressedFlag) !== 0,
      sequence: this.#sequence - 1,
      term,
      body: bytes.subarray(frameHeaderOctets, tagAt),
    };
  }
}
