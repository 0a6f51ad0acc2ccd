import type { SrpConnectionFault } from '../../icsr/link/connection.ts';
import { Counters } from '../../kernel/counters.ts';
import type { Instant } from '../../kernel/instant.ts';
import { type GoodbyeReason, goodbyeReasons } from '../../wire/srp/names.ts';

/** Why a connection or a frame was refused. */
export type Refusal =
  | SrpConnectionFault
  /** It came from another address than the peer's. */
  | 'not-the-peer'
  /** It did not prove itself within the handshake limit. */
  | 'handshake-timeout'
  /** It gave way to newer ones that have not proved themselves either. */
  | 'too-many-handshakes'
  /** Another chassis is connected, and alive. */
  | 'already-paired';

/** Complete by its type. */
const refusals: Readonly<Record<Refusal, true>> = {
  'bad-magic': true,
  'bad-version': true,
  'bad-length': true,
  'bad-tag': true,
  'bad-sequence': true,
  'bad-header': true,
  'unexpected-message': true,
  'malformed-message': true,
  'bad-compression': true,
  'no-common-version': true,
  'bad-negotiation': true,
  'bad-nonce': true,
  'own-chassis-id': true,
  'wrong-peer': true,
  'not-the-peer': true,
  'handshake-timeout': true,
  'too-many-handshakes': true,
  'already-paired': true,
};
export const refusalNames = Object.keys(refusals) as Refusal[];
export const goodbyeNames = Object.keys(goodbyeReasons) as GoodbyeReason[];

/** What the link thread counts, since the start of the link: a thread that is started anew goes on counting. */
export const linkCounterNames = [
  'connections.dialled',
  'connections.dial-failed',
  'connections.listen-failed',
  'connections.accepted',
  'connections.established',
  /** By a newer one that has proved the key. */
  'connections.replaced',
  /** Ended because nothing was heard for twice the dead interval. */
  'connections.silent',
  'messages.sent',
  'messages.received',
  /** Authentic ones of a type that this version does not know. */
  'messages.unknown',
  'octets.sent',
  'octets.received',
  'hellos.sent',
  'hellos.received',
  /** Of the hellos sent, those that the main thread had said before. */
  'hellos.repeated',
  /** Hellos that were due while the main thread stood still. */
  'hellos.withheld',
  /** Times that the link thread itself did not run. */
  'thread.pauses',
  /** Times that nothing was read until the main thread had taken what was there. */
  'reading.paused',
  ...refusalNames.map((name) => `refused.${name}` as const),
  /** Farewells of the peer. */
  ...goodbyeNames.map((name) => `goodbye.${name}` as const),
] as const;
export type LinkCounter = (typeof linkCounterNames)[number];

const clocks = { linkAliveAt: 0, worstPauseMs: 1 } as const;
const words = { mainPulse: 0, queuedOctets: 1, unreadOctets: 2 } as const;

/** What main thread and link thread both see. Of each value, one of them alone is the writer, or it changes atomically. */
export class SharedMemory {
  readonly buffers: { readonly numbers: SharedArrayBuffer; readonly words: SharedArrayBuffer };
  /** Written by the link thread. */
  readonly counters: Counters<LinkCounter>;
  readonly #clocks: Float64Array;
  readonly #words: Int32Array;

  /** @param buffers another one's, to see the same memory */
  constructor(buffers?: SharedMemory['buffers']) {
    const clockOctets = Object.keys(clocks).length * 8;
    this.buffers = buffers ?? {
      numbers: new SharedArrayBuffer(clockOctets + linkCounterNames.length * 8),
      words: new SharedArrayBuffer(Object.keys(words).length * 4),
    };
    const { numbers } = this.buffers;
    this.#clocks = new Float64Array(numbers, 0, Object.keys(clocks).length);
    this.counters = new Counters(linkCounterNames, new Float64Array(numbers, clockOctets));
    this.#words = new Int32Array(this.buffers.words);
  }

  /** When the link thread last ran, by the clock of the main thread. */
  get linkAliveAt(): Instant {
    return this.#clocks[clocks.linkAliveAt]!;
  }
  set linkAliveAt(at: Instant) {
    this.#clocks[clocks.linkAliveAt] = at;
  }

  /** The longest time that the link thread did not run, in milliseconds. */
  get worstPauseMs(): number {
    return this.#clocks[clocks.worstPauseMs]!;
  }
  set worstPauseMs(pauseMs: number) {
    this.#clocks[clocks.worstPauseMs] = pauseMs;
  }

  /** Changes as long as the main loop turns. */
  get mainPulse(): number {
    return Atomics.load(this.#words, words.mainPulse);
  }
  raiseMainPulse(): void {
    Atomics.add(this.#words, words.mainPulse, 1);
  }

  /** Octets that the main thread has given away and the kernel has not taken yet. */
  get queuedOctets(): number {
    return Atomics.load(this.#words, words.queuedOctets);
  }
  addQueued(octets: number): void {
    Atomics.add(this.#words, words.queuedOctets, octets);
  }

  /** Octets that the link thread has read and the main thread has not looked at yet. */
  get unreadOctets(): number {
    return Atomics.load(this.#words, words.unreadOctets);
  }
  addUnread(octets: number): void {
    Atomics.add(this.#words, words.unreadOctets, octets);
  }

  /** The thread is gone, and with it what was on its way. */
  forgetQueues(): void {
    Atomics.store(this.#words, words.queuedOctets, 0);
    Atomics.store(this.#words, words.unreadOctets, 0);
  }
}
