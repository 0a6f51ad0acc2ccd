import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Digests, RandomSource } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { watchdogIdentifier } from '../../services/samog/aaa/endpoint.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { signAccessRequest } from '../../wire/radius/authenticator.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { RadiusStream } from '../../wire/radius/stream.ts';
import { now } from '../clock.ts';
import { Watchdog } from './watchdog.ts';

/** Where to, from which address, and how both sides know each other. */
export type RadsecTarget = ConnectionOptions & { readonly localAddress: string };

export interface RadsecConnectionDependencies {
  readonly target: RadsecTarget;
  readonly secret: string;
  /** How long nothing may come before the server is asked; 30 s unless said. */
  readonly watchdogMs?: number | undefined;
  readonly digests: Digests;
  readonly random: RandomSource;
  /** A whole packet that is not the watchdog's; valid during the call. */
  received(bytes: Uint8Array, at: Instant): void;
  /** @param why it is not up */
  changed(isUp: boolean, why: string, at: Instant): void;
}

/** After a failure the next attempt waits this long, then twice as long each time. */
const pauseMinMs = 1000;
const pauseMaxMs = 30_000;
/** How long a connection may take to be made. */
const connectMs = 10_000;
/** What waits for the other end to read; beyond it packets are dropped, and their requests go to other servers in time. */
const backlogMax = 1 << 20;

type State =
  /** Nothing is to be sent: the first packet begins a connection. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly socket: TLSSocket }
  | { readonly kind: 'up'; readonly socket: TLSSocket; readonly stream: RadiusStream; readonly watchdog: Watchdog }
  | { readonly kind: 'pausing' };

/**
 * One connection of RADIUS over TLS as a client (RFC 6614): made when there is something to send, watched while it
 * stands, and made anew after it has failed until it is closed. What is sent while it does not stand is dropped: whoever
 * sends is told when it stands, and sends again.
 */
export class RadsecConnection {
  readonly #dependencies: RadsecConnectionDependencies;
  readonly #secret: Uint8Array;
  #state: State = { kind: 'idle' };
  #pauseMs = pauseMinMs;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Packets that found no room in the backlog. */
  dropped = 0;

  constructor(dependencies: RadsecConnectionDependencies) {
    this.#dependencies = dependencies;
    this.#secret = utf8Encode(dependencies.secret);
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#state.kind === 'idle') this.#connect();
    // Somebody who was not told before is told now, but never while it sends.
    else if (this.#state.kind === 'pausing') setImmediate(() => this.#tellIfPausing());
    else if (this.#state.kind === 'up') this.#write(this.#state.socket, bytes);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#state.kind === 'connecting' || this.#state.kind === 'up') this.#state.socket.destroy();
    this.#state = { kind: 'idle' };
  }

  #tellIfPausing(): void {
    if (this.#state.kind === 'pausing' && !this.#isClosed) {
      this.#dependencies.changed(false, 'the last attempt failed', now());
    }
  }

  #connect(): void {
    const socket = connect(this.#dependencies.target);
    this.#state = { kind: 'connecting', socket };
    this.#arm(connectMs, () => socket.destroy(new Error(`no connection within ${connectMs / 1000} s`)));
    let why = 'closed by the server';
    socket.once('error', (error) => {
      why = error.message;
    });
    socket.once('secureConnect', () => {
      if (socket.destroyed) return;
      socket.setNoDelay(true);
      this.#pauseMs = pauseMinMs;
      const at = now();
      const { random, watchdogMs } = this.#dependencies;
      const watchdog = new Watchdog(() => random.u32() / 0x100000000, at, watchdogMs);
      this.#state = { kind: 'up', socket, stream: new RadiusStream(), watchdog };
      this.#watch();
      this.#dependencies.changed(true, '', at);
    });
    socket.on('data', (data) => this.#read(socket, data));
    socket.once('close', () => this.#failed(why));
  }

  #read(socket: TLSSocket, data: Uint8Array): void {
    if (this.#state.kind !== 'up' || this.#state.socket !== socket) return;
    const at = now();
    const packets = this.#state.stream.take(data);
    if (packets === undefined) {
      socket.destroy(new Error('what came is no RADIUS'));
      return;
    }
    for (const packet of packets) {
      this.#state.watchdog.heard(at);
      // The session of TLS vouches for the answer to the watchdog; it says no more than that it came.
      if (packet[1] !== watchdogIdentifier) this.#dependencies.received(packet, at);
    }
  }

  #watch(): void {
    if (this.#state.kind !== 'up') return;
    const { watchdog, socket } = this.#state;
    this.#arm(Math.max(watchdog.deadline - now(), 1), () => {
      const due = watchdog.due(now());
      if (due === 'close') socket.destroy(new Error('nothing came, and the watchdog was not answered'));
      else if (due === 'ask') this.#write(socket, this.#question());
      this.#watch();
    });
  }

  #question(): Uint8Array {
    const { digests, random } = this.#dependencies;
    const authenticator = random.bytes(16);
    const request = { code: radiusCode.statusServer, identifier: watchdogIdentifier, authenticator, attributes: [] };
    return signAccessRequest(request, this.#secret, digests);
  }

  #write(socket: TLSSocket, bytes: Uint8Array): void {
    if (socket.writableLength > backlogMax) this.dropped += 1;
    // The sender uses its octets again; a socket keeps them until they are on their way.
    else socket.write(bytes.slice());
  }

  #failed(why: string): void {
    if (this.#isClosed) return;
    this.#state = { kind: 'pausing' };
    this.#arm(this.#pauseMs, () => this.#connect());
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMaxMs);
    this.#dependencies.changed(false, why, now());
  }

  #arm(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
