import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type EncodedMessage, SrpConnection, type SrpConnectionOptions } from '../../icsr/link/connection.ts';
import type { Counters } from '../../kernel/counters.ts';
import { nonceOctets } from '../../wire/srp/handshake.ts';
import type { SrpMessageOf } from '../../wire/srp/messages.ts';
import { hostSrpDigests } from '../digests.ts';
import type { LinkCounter, Refusal } from './shared-memory.ts';
import type { LinkPeer } from './thread-messages.ts';

/** How long the kernel may take to bring the farewell to the peer. */
const farewellMs = 500;

/** Why a connection ended: refused, or as TCP has it. */
export type ConnectionEnd =
  | { readonly kind: 'refused'; readonly reason: Refusal }
  | { readonly kind: 'closed'; readonly reason: string };

/** What comes from a connection. After its end nothing more does. */
export interface ConnectionListener {
  established(connection: LinkConnection): void;
  message(message: EncodedMessage): void;
  /** All messages of what TCP brought at once have been told. */
  chunkTaken(): void;
  ended(connection: LinkConnection, end: ConnectionEnd): void;
}

export interface LinkConnectionOptions extends Omit<SrpConnectionOptions, 'nonce' | 'role'> {
  readonly handshakeLimitMs: number;
}

/** One TCP connection to the peer, or to whoever says so: from its opening, through the handshake, to its end. */
export class LinkConnection {
  readonly role: 'client' | 'server';
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #srp: SrpConnection;
  readonly #listener: ConnectionListener;
  readonly #counters: Counters<LinkCounter>;
  readonly #release: (octets: number) => void;
  #handshakeTimer: NodeJS.Timeout | undefined;
  #isEnded = false;
  #unwritten = 0;

  /**
   * @param socket being opened, if this side is the client
   * @param release told, once for all that `send` was given, when the kernel has taken it or never will
   */
  constructor(
    socket: Socket,
    role: 'client' | 'server',
    { handshakeLimitMs, ...options }: LinkConnectionOptions,
    listener: ConnectionListener,
    { counters, release }: { readonly counters: Counters<LinkCounter>; readonly release: (octets: number) => void },
  ) {
    this.role = role;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#socket = socket;
    this.#listener = listener;
    this.#counters = counters;
    this.#release = release;
    this.#srp = new SrpConnection({ ...options, role, nonce: randomBytes(nonceOctets) }, hostSrpDigests());
    this.#handshakeTimer = setTimeout(
      () => this.#finish({ kind: 'refused', reason: 'handshake-timeout' }),
      handshakeLimitMs,
    );
    socket.setNoDelay(true);
    if (role === 'client') socket.once('connect', () => this.#write(this.#srp.start()!));
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#finish({ kind: 'closed', reason: error.code ?? error.message }),
    );
    socket.on('end', () => this.#finish({ kind: 'closed', reason: 'closed by the peer' }));
    socket.on('close', () => this.#finish({ kind: 'closed', reason: 'closed' }));
  }

  get peer(): LinkPeer {
    const { localAddress, localPort, remotePort } = this.#socket;
    const { version, compression } = this.#srp.negotiated!;
    return {
      chassisId: this.#srp.peerChassisId!,
      local: { address: localAddress ?? '', port: localPort ?? 0 },
      remote: { address: this.#socket.remoteAddress ?? '', port: remotePort ?? 0 },
      version,
      compression,
    };
  }

  /** Messages of types unknown here, so far. */
  get unknownMessages(): number {
    return this.#srp.unknownMessages;
  }

  /** Sends messages in one go. `octets` is what will be released. */
  send(messages: Iterable<EncodedMessage>, octets: number): void {
    if (this.#isEnded) return this.#release(octets);
    this.#unwritten += octets;
    this.#socket.cork();
    for (const message of messages) {
      this.#counters.add('messages.sent');
      this.#write(this.#srp.encodeFrame(message));
    }
    this.#socket.write(new Uint8Array(0), () => this.#released(octets));
    this.#socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends it from this side: nothing more is told of it, and `ended` is not called. */
  end(goodbye?: SrpMessageOf<'goodbye'>): void {
    if (this.#isEnded) return;
    this.#close();
    if (goodbye === undefined || !this.#srp.established) {
      this.#socket.destroy();
      return;
    }
    // What waits for the kernel goes first: a peer that has stood still finds it when it wakes.
    this.#socket.end(this.#srp.encode({ term: 0, message: goodbye }));
    const timer = setTimeout(() => this.#socket.destroy(), farewellMs);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #write(octets: Uint8Array): void {
    this.#counters.add('octets.sent', octets.length);
    this.#socket.write(octets);
  }

  #take(chunk: Uint8Array): void {
    if (this.#isEnded) return;
    this.#counters.add('octets.received', chunk.length);
    const before = this.#srp.unknownMessages;
    const fault = this.#srp.receive(chunk, {
      send: (octets) => this.#write(octets),
      established: () => {
        clearTimeout(this.#handshakeTimer);
        this.#listener.established(this);
      },
      message: (message) => {
        if (!this.#isEnded) this.#listener.message(message);
        return undefined;
      },
    });
    this.#counters.add('messages.unknown', this.#srp.unknownMessages - before);
    if (this.#isEnded) return;
    this.#listener.chunkTaken();
    if (fault !== undefined) this.#finish({ kind: 'refused', reason: fault });
  }

  #finish(end: ConnectionEnd): void {
    if (this.#isEnded) return;
    this.#close();
    this.#socket.destroy();
    this.#listener.ended(this, end);
  }

  #close(): void {
    this.#isEnded = true;
    clearTimeout(this.#handshakeTimer);
    this.#release(this.#unwritten);
    this.#unwritten = 0;
  }

  #released(octets: number): void {
    if (this.#isEnded) return;
    this.#unwritten -= octets;
    this.#release(octets);
  }
}
