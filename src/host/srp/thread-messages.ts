import type { EncodedMessage } from '../../icsr/link/connection.ts';
import type { LinkOptions } from '../../icsr/link/peer-link.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { CompressionName } from '../../wire/srp/names.ts';
import type { Refusal, SharedMemory } from './shared-memory.ts';

/** An address, in text, and a TCP port of it. */
export interface LinkPlace {
  readonly address: string;
  readonly port: number;
}

/** What the link thread is started with. Times in milliseconds. */
export interface LinkThreadData extends Omit<LinkOptions, 'compressions'> {
  /** Those of `hostCompressions` that may be used, best liked first. */
  readonly compressions: readonly Exclude<CompressionName, 'unknown'>[];
  readonly bind: LinkPlace;
  readonly peer: LinkPlace;
  readonly helloIntervalMs: number;
  readonly deadIntervalMs: number;
  /** A connection that has not proved itself by then is closed. */
  readonly handshakeLimitMs: number;
  readonly versionMin: number;
  readonly versionMax: number;
  readonly maxFrameOctets: number;
  readonly memory: SharedMemory['buffers'];
  /** What `process.hrtime` shows when the main thread's clock shows 0, in milliseconds. */
  readonly clockOriginMs: number;
}

/** A connection that stands. */
export interface LinkPeer {
  readonly chassisId: string;
  readonly local: LinkPlace;
  readonly remote: LinkPlace;
  readonly version: number;
  readonly compression: string | undefined;
}

/** What an operator is to see; the same at most once in ten seconds, with how often it was not said. */
export type LinkEvent =
  | { readonly name: 'refused'; readonly reason: Refusal; readonly address: string; readonly suppressed: number }
  | { readonly name: 'dial-failed' | 'listen-failed'; readonly reason: string; readonly suppressed: number }
  | { readonly name: 'thread-failed'; readonly reason: string; readonly suppressed: number };

/** Connections are numbered, so that what is meant for a former one is not taken for the present one's. */
export type ToLinkThread =
  | { readonly kind: 'batch'; readonly connection: number; readonly buffer: ArrayBuffer }
  | { readonly kind: 'close'; readonly connection: number; readonly reason: string }
  | { readonly kind: 'stop' };

/**
 * From the link thread to the main one, in order. `connection` counts connections, so that a late word of a former one
 * is known.
 */
export type FromLinkThread =
  /** It listens, or dials. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'notReady'; readonly reason: string }
  | { readonly kind: 'up'; readonly connection: number; readonly peer: LinkPeer }
  /** `at` by the main thread's clock: when the last of it came. */
  | { readonly kind: 'batch'; readonly connection: number; readonly buffer: ArrayBuffer; readonly at: Instant }
  | { readonly kind: 'down'; readonly connection: number; readonly reason: string }
  | { readonly kind: 'event'; readonly event: LinkEvent };

/** Term as a double, type, length of the body. */
const headOctets = 13;

/** Messages one behind the other in a buffer of their own, to be handed to the other thread without another copy. */
export class MessageBatch {
  #octets: Uint8Array;
  #length = 0;

  constructor(octets = 4096) {
    this.#octets = new Uint8Array(octets);
  }

  get length(): number {
    return this.#length;
  }

  add({ term, type, body }: EncodedMessage): void {
    const at = this.#length;
    const end = at + headOctets + body.length;
    if (end > this.#octets.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#octets.length));
      grown.set(this.#octets.subarray(0, at));
      this.#octets = grown;
    }
    const view = new DataView(this.#octets.buffer);
    view.setFloat64(at, term);
    view.setUint8(at + 8, type);
    view.setUint32(at + 9, body.length);
    this.#octets.set(body, at + headOctets);
    this.#length = end;
  }

  clear(): void {
    this.#length = 0;
  }

  /** All there is, as long as it is; the batch is empty again. */
  take(): ArrayBuffer {
    const { buffer } = this.#octets.slice(0, this.#length);
    this.#length = 0;
    return buffer;
  }
}

/** The messages of a batch, in order; their bodies are parts of the buffer. */
export function* messagesOf(buffer: ArrayBuffer): Iterable<EncodedMessage> {
  const view = new DataView(buffer);
  for (let at = 0; at < buffer.byteLength; ) {
    const length = view.getUint32(at + 9);
    const body = new Uint8Array(buffer, at + headOctets, length);
    yield { term: view.getFloat64(at), type: view.getUint8(at + 8), body };
    at += headOctets + length;
  }
}
