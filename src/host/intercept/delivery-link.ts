import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { DeliveryQueue } from '../../services/samog/intercept/delivery-queue.ts';
import type { DeliveryRoom } from '../../services/samog/intercept/delivery-room.ts';
import { decodeLiPdu, encodeLiPdu, keepalivePdu, LiPduStream, liPduType, sequenceOf } from '../../wire/li/pdu.ts';
import { now } from '../clock.ts';

export interface DeliveryLinkOptions {
  readonly name: string;
  readonly target: ConnectionOptions;
  readonly room: DeliveryRoom;
  /** TIME_P1 and TIME_P2 of TS 103 221-2 clause 6.2.4. */
  readonly keepaliveMs: number;
  readonly timeoutMs: number;
}

/** As whoever provisions sees it. */
export interface DeliveryStatus {
  readonly name: string;
  readonly isUp: boolean;
  /** Why it is not, or was not the last time. */
  readonly why: string;
  readonly connections: number;
  readonly waitingPdus: number;
  readonly waitingOctets: number;
  readonly refused: number;
}

const pauseMinMs = 1000;
const pauseMaxMs = 30_000;
const connectMs = 10_000;
/** What the socket is given before it has passed on what it has. */
const socketOctetsMax = 1 << 20;
/** While something is on its way, the function is asked so often whether it has come: then room is made. */
const confirmMs = 1000;
/** A delivery function says nothing but acknowledgements. */
const answerOctetsMax = 4096;

interface Up {
  readonly socket: TLSSocket;
  readonly stream: LiPduStream;
  /** Places behind what was sent before each keepalive that is not acknowledged. */
  readonly asked: Map<number, number>;
  sequence: number;
  lastAskedAt: number;
  lastAnswerAt: number;
}

/**
 * The connection to one delivery function, for X2 and X3: it stands whether there is anything to deliver or not, so that
 * nobody learns from it, and is made anew when it fails. What was sent and not acknowledged is sent again then: a
 * keepalive's acknowledgement says that all before it has come.
 */
export class DeliveryLink {
  readonly queue: DeliveryQueue;
  readonly #options: DeliveryLinkOptions;
  #up: Up | undefined;
  #connecting: TLSSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = pauseMinMs;
  #isClosed = false;
  #isScheduled = false;
  #why = 'not connected yet';
  #connections = 0;
  #refused = 0;

  constructor(options: DeliveryLinkOptions) {
    this.#options = options;
    this.queue = new DeliveryQueue(options.room);
  }

  start(): void {
    this.#connect();
  }

  /** False if there is no room for it. */
  offer(kind: 'event' | 'content', pdu: Uint8Array): boolean {
    if (!this.queue.offer(kind, pdu)) {
      this.#refused += 1;
      return false;
    }
    this.#wake();
    return true;
  }

  /** Takes one for which somebody else has taken room. */
  put(pdu: Uint8Array): void {
    this.queue.put(pdu);
    this.#wake();
  }

  status(): DeliveryStatus {
    return {
      name: this.#options.name,
      isUp: this.#up !== undefined,
      why: this.#up === undefined ? this.#why : '',
      connections: this.#connections,
      waitingPdus: this.queue.length,
      waitingOctets: this.queue.octets,
      refused: this.#refused,
    };
  }

  /** Sends what waits, as far as it goes at once, and closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#connecting?.destroy();
    const socket = this.#up?.socket;
    if (socket === undefined) return;
    this.#send();
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.end();
      setTimeout(() => socket.destroy(), confirmMs).unref();
    });
  }

  /** Behind the packets of this turn: whoever forwards does not wait for a socket. */
  #wake(): void {
    if (this.#up === undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#send());
  }

  #connect(): void {
    const socket = connect(this.#options.target);
    this.#connecting = socket;
    this.#arm(connectMs, () => socket.destroy(new Error(`no connection within ${connectMs / 1000} s`)));
    let why = 'closed by the delivery function';
    socket.once('error', (error) => {
      why = error.message;
    });
    socket.once('secureConnect', () => {
      this.#connecting = undefined;
      this.#pauseMs = pauseMinMs;
      this.#connections += 1;
      const at = now();
      const stream = new LiPduStream(answerOctetsMax);
      this.#up = { socket, stream, asked: new Map(), sequence: 0, lastAskedAt: at, lastAnswerAt: at };
      socket.setNoDelay(true);
      this.#send();
      this.#watch();
    });
    socket.on('data', (data) => this.#read(socket, data));
    socket.on('drain', () => this.#send());
    socket.once('close', () => this.#failed(why));
  }

  #send(): void {
    this.#isScheduled = false;
    if (this.#up === undefined) return;
    const { socket } = this.#up;
    socket.cork();
    while (socket.writableLength < socketOctetsMax) {
      const pdu = this.queue.send();
      if (pdu === undefined) break;
      socket.write(pdu);
    }
    socket.uncork();
  }

  #read(socket: TLSSocket, data: Uint8Array): void {
    const up = this.#up;
    if (up?.socket !== socket) return;
    const pdus = up.stream.take(data);
    if (pdus === undefined) {
      socket.destroy(new Error('what came is no X2/X3 PDU'));
      return;
    }
    for (const octets of pdus) {
      const pdu = decodeLiPdu(octets);
      if (!pdu.ok || pdu.value.type !== liPduType.keepaliveAcknowledgement) continue;
      const sequence = sequenceOf(pdu.value);
      const place = sequence === undefined ? undefined : up.asked.get(sequence);
      if (sequence === undefined || place === undefined) continue;
      up.asked.delete(sequence);
      up.lastAnswerAt = now();
      this.queue.acknowledge(place);
    }
  }

  #watch(): void {
    this.#arm(Math.min(confirmMs, this.#options.keepaliveMs), () => {
      const up = this.#up;
      if (up === undefined) return;
      const at = now();
      if (at - up.lastAnswerAt > this.#options.timeoutMs) {
        up.socket.destroy(new Error(`no keepalive was acknowledged for ${this.#options.timeoutMs / 1000} s`));
        return;
      }
      const isDue = at - up.lastAskedAt >= this.#options.keepaliveMs;
      const isUnconfirmed = up.asked.size === 0 && this.queue.length > this.queue.unsent;
      if (isDue || isUnconfirmed) this.#ask(up, at);
      this.#watch();
    });
  }

  #ask(up: Up, at: number): void {
    up.lastAskedAt = at;
    up.asked.set(up.sequence, this.queue.sentPlace);
    up.socket.write(encodeLiPdu(keepalivePdu('keepalive', up.sequence)));
    up.sequence = (up.sequence + 1) >>> 0;
  }

  #failed(why: string): void {
    this.#up = undefined;
    this.#connecting = undefined;
    this.#why = why;
    this.queue.rewind();
    if (this.#isClosed) return;
    this.#arm(this.#pauseMs, () => this.#connect());
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMaxMs);
  }

  #arm(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
