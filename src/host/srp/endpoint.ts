import { connect, createServer, type Server, type Socket } from 'node:net';
import type { EncodedMessage } from '../../icsr/link/connection.ts';
import { type IpAddress, isIpv4, parseIp } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import { decodeMessage, encodeMessage, messageType } from '../../wire/srp/message-codec.ts';
import type { SrpMessageOf } from '../../wire/srp/messages.ts';
import { type GoodbyeReason, goodbyeReasons } from '../../wire/srp/names.ts';
import { wallClock } from '../clock.ts';
import { hostCompressions } from './compressions.ts';
import {
  type ConnectionEnd,
  type ConnectionListener,
  LinkConnection,
  type LinkConnectionOptions,
} from './link-connection.ts';
import type { Refusal, SharedMemory } from './shared-memory.ts';
import { pulseMs, stallMs } from './stall-guard.ts';
import {
  type FromLinkThread,
  type LinkEvent,
  type LinkPlace,
  type LinkThreadData,
  MessageBatch,
  messagesOf,
} from './thread-messages.ts';

/** Between two attempts to connect: doubles from the first to the second, and is cut to a part of it by chance. */
const redialMinMs = 50;
const redialMaxMs = 1000;
/** A connection that has lasted so long was a good one. */
const steadyMs = 1000;
const relistenMs = 1000;
/** Connections that have not proved themselves yet; the oldest gives way. */
const handshakesMax = 4;
/** Reading stops when the main thread has so many octets to look at, and goes on at half of it. */
const unreadOctetsMax = 2 ** 26;
const eventIntervalMs = 10_000;

/**
 * Who dials: the chassis with the lower address, or port where both are on one host. Unlike the mode, they cannot be
 * configured alike on both.
 */
export function dials(bind: LinkPlace, peer: LinkPlace): boolean {
  const order = compareAddresses(parseIp(bind.address), parseIp(peer.address));
  return order === 0 ? bind.port < peer.port : order < 0;
}

/** Of one family: by number, which of IPv6 is the order of the digits. */
function compareAddresses(one: IpAddress | undefined, other: IpAddress | undefined): number {
  if (one === other || one === undefined || other === undefined) return 0;
  if (isIpv4(one) && isIpv4(other)) return one - other;
  return String(one) < String(other) ? -1 : 1;
}

/** The link's end on this chassis: gets and keeps one proved connection to the peer, and says the hello on it. */
export class Endpoint implements ConnectionListener {
  readonly #data: LinkThreadData;
  readonly #memory: SharedMemory;
  readonly #post: (message: FromLinkThread, transfer?: readonly ArrayBuffer[]) => void;
  readonly #clock: () => Instant;
  readonly #options: LinkConnectionOptions;
  readonly #handshakes = new Set<LinkConnection>();
  readonly #heard = new MessageBatch(65_536);
  readonly #events = new Map<string, { at: Instant; suppressed: number }>();
  #server: Server | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #redialMs = redialMinMs;
  #isReady = false;
  #isStopped = false;
  #current: LinkConnection | undefined;
  /** Of the present connection, or the last. */
  #number = 0;
  #upAt: Instant = 0;
  #heardAt: Instant = 0;
  #isPaused = false;
  /** The hello that the main thread said last on this connection. */
  #hello: { readonly term: number; readonly said: SrpMessageOf<'hello'> } | undefined;
  #hellos = 0;
  #helloDueAt: Instant = 0;
  #tickedAt: Instant;
  #mainPulse = 0;
  #mainSeenAt: Instant;

  constructor(
    data: LinkThreadData,
    memory: SharedMemory,
    post: (message: FromLinkThread, transfer?: readonly ArrayBuffer[]) => void,
    clock: () => Instant,
  ) {
    this.#data = data;
    this.#memory = memory;
    this.#post = post;
    this.#clock = clock;
    this.#tickedAt = clock();
    this.#mainSeenAt = this.#tickedAt;
    const { chassisId, peerChassisId, sharedKey, versionMin, versionMax, maxFrameOctets, handshakeLimitMs } = data;
    const compressions = new Map(
      data.compressions.flatMap((name) => {
        const compression = hostCompressions.get(name);
        return compression === undefined ? [] : [[name, compression] as const];
      }),
    );
    const common = { chassisId, peerChassisId, sharedKey, versionMin, versionMax, maxFrameOctets };
    this.#options = { ...common, compressions, handshakeLimitMs };
  }

  start(): void {
    if (!dials(this.#data.bind, this.#data.peer)) return this.#listen();
    this.#ready();
    this.#dial();
  }

  /** Says goodbye. Nothing is told afterwards. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retryTimer);
    this.#server?.close();
    for (const connection of this.#handshakes) connection.end();
    this.#handshakes.clear();
    this.#drop('shutdown');
  }

  /** What the main thread says, in its order. */
  send(connection: number, buffer: ArrayBuffer): void {
    const octets = buffer.byteLength;
    if (this.#current === undefined || connection !== this.#number) return this.#memory.addQueued(-octets);
    this.#current.send(this.#toSend(messagesOf(buffer)), octets);
  }

  close(connection: number, reason: string): void {
    if (connection !== this.#number || this.#current === undefined) return;
    this.#drop(reason);
    this.#retry();
  }

  /** To be called every `pulseMs`: says the hello, and looks at the clocks. Returns when it is due again, at the latest. */
  tick(): Instant {
    const now = this.#clock();
    const { counters } = this.#memory;
    const awayMs = now - this.#tickedAt;
    this.#tickedAt = now;
    this.#memory.linkAliveAt = now;
    if (awayMs >= stallMs) {
      counters.add('thread.pauses');
      this.#memory.worstPauseMs = Math.max(this.#memory.worstPauseMs, awayMs);
      // What came meanwhile is read after this.
      this.#heardAt += awayMs;
    }
    this.#lookAtMain(now);
    if (this.#current === undefined) return now + pulseMs;
    if (now - this.#heardAt > 2 * this.#data.deadIntervalMs && !this.#isPaused) {
      counters.add('connections.silent');
      this.#lose('dead-interval');
      return now + pulseMs;
    }
    if (now >= this.#helloDueAt) this.#repeatHello(now);
    return Math.min(now + pulseMs, this.#helloDueAt);
  }

  established(connection: LinkConnection): void {
    this.#handshakes.delete(connection);
    const now = this.#clock();
    const { peer } = connection;
    if (this.#current !== undefined) {
      const isOther = this.#current.peer.chassisId !== peer.chassisId;
      if (isOther && now - this.#heardAt < this.#data.deadIntervalMs) {
        this.#refuse('already-paired', connection.remoteAddress);
        connection.end({ kind: 'goodbye', reason: 'already-paired' });
        return;
      }
      // Its process has started anew, or its end of the former connection is gone: it knows better.
      this.#memory.counters.add('connections.replaced');
      this.#lose('replaced');
    }
    clearTimeout(this.#retryTimer);
    this.#memory.counters.add('connections.established');
    this.#current = connection;
    this.#number += 1;
    this.#upAt = now;
    this.#heardAt = now;
    this.#isPaused = false;
    this.#hello = undefined;
    this.#hellos = 0;
    this.#helloDueAt = now + this.#data.helloIntervalMs;
    this.#post({ kind: 'up', connection: this.#number, peer });
  }

  message(message: EncodedMessage): void {
    const { counters } = this.#memory;
    counters.add('messages.received');
    if (message.type === helloType) counters.add('hellos.received');
    this.#heard.add(message);
    if (message.type !== goodbyeType) return;
    const read = decodeMessage(message.type, message.body);
    if (read.ok && read.value.kind === 'goodbye') counters.add(`goodbye.${read.value.reason}`);
  }

  chunkTaken(): void {
    const now = this.#clock();
    this.#heardAt = now;
    if (this.#heard.length === 0) return;
    const buffer = this.#heard.take();
    this.#memory.addUnread(buffer.byteLength);
    this.#post({ kind: 'batch', connection: this.#number, buffer, at: now }, [buffer]);
    if (this.#isPaused || this.#memory.unreadOctets < unreadOctetsMax) return;
    this.#isPaused = true;
    this.#memory.counters.add('reading.paused');
    this.#current?.pause();
  }

  ended(connection: LinkConnection, end: ConnectionEnd): void {
    this.#handshakes.delete(connection);
    // Who does not answer a dial has no address at the socket.
    if (end.kind === 'refused') this.#refuse(end.reason, connection.remoteAddress || this.#data.peer.address);
    if (connection === this.#current) return this.#lose(end.reason);
    if (connection.role !== 'client') return;
    if (end.kind === 'closed') this.#failed('dial-failed', end.reason);
    this.#retry();
  }

  #listen(): void {
    const { bind } = this.#data;
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    server.once('error', (error: NodeJS.ErrnoException) => {
      server.close();
      this.#failed('listen-failed', error.code ?? error.message);
      if (!this.#isReady) this.#post({ kind: 'notReady', reason: error.message });
      if (!this.#isStopped) this.#retryTimer = setTimeout(() => this.#listen(), relistenMs);
    });
    server.listen(bind.port, bind.address, () => this.#ready());
  }

  #ready(): void {
    if (!this.#isReady) this.#post({ kind: 'ready' });
    this.#isReady = true;
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    // The kernel's way of writing an address of IPv6 need not be ours.
    if (parseIp(address) !== parseIp(this.#data.peer.address)) {
      this.#refuse('not-the-peer', address);
      // It may have been reset already: then there is an error to be heard by nobody.
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    this.#memory.counters.add('connections.accepted');
    const [oldest] = this.#handshakes;
    if (oldest !== undefined && this.#handshakes.size >= handshakesMax) {
      this.#handshakes.delete(oldest);
      oldest.end();
      this.#refuse('too-many-handshakes', address);
    }
    this.#handshake(socket, 'server');
  }

  #dial(): void {
    const { bind, peer } = this.#data;
    this.#memory.counters.add('connections.dialled');
    this.#handshake(connect({ host: peer.address, port: peer.port, localAddress: bind.address }), 'client');
  }

  #handshake(socket: Socket, role: 'client' | 'server'): void {
    const { counters } = this.#memory;
    const release = (octets: number): void => this.#memory.addQueued(-octets);
    this.#handshakes.add(new LinkConnection(socket, role, this.#options, this, { counters, release }));
  }

  /** The next attempt, if it is this side that dials. */
  #retry(): void {
    if (this.#isStopped || !dials(this.#data.bind, this.#data.peer)) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#dial(), this.#redialMs * (0.5 + Math.random() / 2));
    this.#redialMs = Math.min(2 * this.#redialMs, redialMaxMs);
  }

  /** The connection is over, and not by the main thread's word. */
  #lose(reason: string): void {
    this.#drop(reason);
    this.#post({ kind: 'down', connection: this.#number, reason });
    this.#retry();
  }

  #drop(reason: string): void {
    if (this.#current === undefined) return;
    const connection = this.#current;
    this.#current = undefined;
    this.#heard.clear();
    if (this.#clock() - this.#upAt >= steadyMs) this.#redialMs = redialMinMs;
    connection.end({ kind: 'goodbye', reason: reason in goodbyeReasons ? (reason as GoodbyeReason) : 'other' });
  }

  #lookAtMain(now: Instant): void {
    const { mainPulse, unreadOctets } = this.#memory;
    if (mainPulse !== this.#mainPulse) {
      this.#mainPulse = mainPulse;
      this.#mainSeenAt = now;
    }
    if (!this.#isPaused || unreadOctets > unreadOctetsMax / 2) return;
    this.#isPaused = false;
    this.#heardAt = now;
    this.#current?.resume();
  }

  *#toSend(messages: Iterable<EncodedMessage>): Iterable<EncodedMessage> {
    for (const message of messages) {
      if (message.type !== helloType) yield message;
      else {
        const read = decodeMessage(message.type, message.body);
        if (!read.ok || read.value.kind !== 'hello') continue;
        this.#hello = { term: message.term, said: read.value };
        yield this.#nextHello(this.#hello);
      }
    }
  }

  #nextHello({ term, said }: { readonly term: number; readonly said: SrpMessageOf<'hello'> }): EncodedMessage {
    this.#hellos += 1;
    this.#memory.counters.add('hellos.sent');
    // The main thread says its own first, as long as it turns; this one is for when it is late.
    this.#helloDueAt = this.#clock() + this.#data.helloIntervalMs + pulseMs / 2;
    return { term, type: helloType, body: encodeMessage({ ...said, number: this.#hellos, wallClock: wallClock() }) };
  }

  #repeatHello(now: Instant): void {
    this.#helloDueAt = now + this.#data.helloIntervalMs;
    if (this.#hello === undefined || this.#current === undefined) return;
    if (now - this.#mainSeenAt >= this.#data.deadIntervalMs) return this.#memory.counters.add('hellos.withheld');
    this.#memory.counters.add('hellos.repeated');
    const hello = this.#nextHello(this.#hello);
    this.#helloDueAt = now + this.#data.helloIntervalMs;
    this.#current.send([hello], 0);
  }

  #refuse(reason: Refusal, address: string): void {
    this.#memory.counters.add(`refused.${reason}`);
    this.#tell(`${reason} ${address}`, (suppressed) => ({ name: 'refused', reason, address, suppressed }));
  }

  #failed(name: 'dial-failed' | 'listen-failed', reason: string): void {
    this.#memory.counters.add(`connections.${name}`);
    this.#tell(`${name} ${reason}`, (suppressed) => ({ name, reason, suppressed }));
  }

  #tell(key: string, event: (suppressed: number) => LinkEvent): void {
    const now = this.#clock();
    const told = this.#events.get(key);
    if (told !== undefined && now - told.at < eventIntervalMs) {
      told.suppressed += 1;
      return;
    }
    // A foreign address is part of the key: whoever tries many may not fill the memory.
    if (this.#events.size >= 64) this.#events.clear();
    this.#events.set(key, { at: now, suppressed: 0 });
    this.#post({ kind: 'event', event: event(told?.suppressed ?? 0) });
  }
}

const helloType = messageType('hello');
const goodbyeType = messageType('goodbye');
