import { Worker } from 'node:worker_threads';
import type { PeerHello } from '../../icsr/chassis/hello.ts';
import { type LinkOptions, srpVersions } from '../../icsr/link/peer-link.ts';
import { formatIp, formatIpPort, type IpAddress, parseIp } from '../../kernel/address.ts';
import { Counters } from '../../kernel/counters.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput, Timed } from '../../kernel/port.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { SrpLinkReport } from '../../operations/views/redundancy-reader.ts';
import type { ChassisOfPair } from '../../sessmgr/pair/chassis-of-pair.ts';
import type { PeerChannel } from '../../sessmgr/pair/options.ts';
import { frameOverheadOctets, maxFrameOctetsDefault } from '../../wire/srp/frame.ts';
import { decodeMessage, encodeMessage, messageType } from '../../wire/srp/message-codec.ts';
import type { SrpMessage } from '../../wire/srp/messages.ts';
import { clockOriginMs, now } from '../clock.ts';
import { goodbyeNames, type LinkCounter, refusalNames, SharedMemory } from './shared-memory.ts';
import { pulseMs, StallGuard } from './stall-guard.ts';
import {
  type FromLinkThread,
  type LinkEvent,
  type LinkPeer,
  type LinkPlace,
  type LinkThreadData,
  MessageBatch,
  messagesOf,
  type ToLinkThread,
} from './thread-messages.ts';

export interface SrpLinkOptions extends LinkOptions {
  /** This chassis's own address and TCP port, which do not move. */
  readonly bind: { readonly address: IpAddress; readonly port: number };
  readonly peer: { readonly address: IpAddress; readonly port: number };
  readonly helloIntervalMs: number;
  readonly deadIntervalMs: number;
  /** A connection that has not proved itself by then is closed. */
  readonly handshakeLimitMs?: number;
  /** The protocol versions that are spoken. */
  readonly versions?: { readonly versionMin: number; readonly versionMax: number };
  readonly maxFrameOctets?: number;
  /**
   * Messages that the kernel has not taken: beyond it the connection is closed. Twice what the replication keeps unless
   * it is told otherwise: so much a peer that reads nothing never gets, but for what is sent again and again.
   */
  readonly queueOctetsMax?: number;
}

/** Who is at the other end of the link in this process: `ChassisOfPair`. */
export type LinkUser = Pick<ChassisOfPair, 'linkUp' | 'linkHeard' | 'linkDown' | 'stalled'>;

export interface SrpLinkDependencies {
  /** After the chassis was told something: its deadlines and its output are to be looked at. Once in a turn of the loop. */
  readonly turnEnd?: () => void;
  /** What the chassis threw; the link goes on. */
  readonly fault?: (error: unknown) => void;
  readonly event?: (event: LinkEvent) => void;
}

/** What the main thread counts. */
const mainCounterNames = [
  /** Longer than a frame may be, and not sent. */
  'messages.too-long',
  'messages.malformed',
  /** Connections closed because the peer did not take what was sent. */
  'queue.overruns',
  /** Times that the link thread failed, or hung, and was started anew. */
  'thread.failures',
  /** What the chassis threw. */
  'faults',
] as const;
type MainCounter = (typeof mainCounterNames)[number];

/** For views and bulk statistics: plain data. Counts are since the start, times in milliseconds by `now()`. */
export interface SrpLinkStatistics extends SrpLinkReport {
  readonly connection: (LinkPeer & { readonly since: Instant }) | undefined;
  readonly counters: Readonly<Record<LinkCounter | MainCounter, number>>;
  readonly maxFrameOctets: number;
}

const handshakeLimitMsDefault = 1000;
const queueOctetsMaxDefault = 2 ** 27;
/**
 * More is handed over at once, before the turn of the loop ends: some ten checkpoints, which the replication has sent in the
 * middle of the turn because they are waited for.
 */
const batchOctets = 2 ** 10;
/** A thread that has not run for so long while the main loop did will not again. */
const hungMs = 10_000;
const restartMinMs = 100;
const restartMaxMs = 5000;
const stopLimitMs = 2000;

/**
 * The link to the peer on a real network: a thread with the socket, and the chassis's end of it here. The thread does
 * handshake, frames, HMAC, compression and the hello; messages are made and read here.
 */
export class SrpLink implements PeerChannel {
  readonly #options: SrpLinkOptions;
  readonly #dependencies: SrpLinkDependencies;
  readonly #memory = new SharedMemory();
  readonly #guard: StallGuard;
  readonly #counters = new Counters(mainCounterNames);
  readonly #outgoing = new MessageBatch();
  readonly #maxBodyOctets: number;
  #user: LinkUser | undefined;
  #thread: Worker | undefined;
  #restartMs = restartMinMs;
  #restartTimer: NodeJS.Timeout | undefined;
  #pulseTimer: NodeJS.Timeout | undefined;
  #turnEnd: NodeJS.Immediate | undefined;
  /** The number of the connection that stands. */
  #connection: number | undefined;
  #peer: (LinkPeer & { readonly since: Instant }) | undefined;
  #lastEnd: SrpLinkStatistics['lastEnd'];
  #overrun = false;
  #worstQueuedOctets = 0;
  #worstDeliveryMs = 0;

  constructor(options: SrpLinkOptions, dependencies: SrpLinkDependencies = {}) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#maxBodyOctets = (options.maxFrameOctets ?? maxFrameOctetsDefault) - frameOverheadOctets;
    this.#guard = new StallGuard(this.#memory, options.deadIntervalMs, (forMs, at) => {
      this.#user?.stalled(forMs, at);
      this.#atTurnEnd();
    });
  }

  /**
   * Starts the thread, which then listens or dials for as long as the link is not stopped.
   *
   * @throws Error if it cannot listen; it tries on until `stop`
   */
  async start(user: LinkUser): Promise<void> {
    this.#user = user;
    this.#pulseTimer = setInterval(() => this.#pulse(), pulseMs);
    const problem = await new Promise<string | undefined>((resolve) => this.#run(resolve));
    this.#guard.begin(now());
    if (problem !== undefined) throw new Error(problem);
  }

  /** Says goodbye to the peer and ends the thread. Nothing is told of it. Can be repeated. */
  async stop(): Promise<void> {
    this.#user = undefined;
    this.#connection = undefined;
    clearInterval(this.#pulseTimer);
    clearTimeout(this.#restartTimer);
    if (this.#turnEnd !== undefined) clearImmediate(this.#turnEnd);
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread === undefined) return;
    const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    thread.postMessage({ kind: 'stop' } satisfies ToLinkThread);
    const limit = setTimeout(() => void thread.terminate(), stopLimitMs);
    await gone;
    clearTimeout(limit);
  }

  /** To be called before anything else enters the chassis, by whatever way: a stall is to be told first. */
  beat(at: Instant): void {
    if (this.#user !== undefined) this.#guard.beat(at);
  }

  /** The core of a `Runtime` with `beat` before everything that enters it. */
  guarded(core: PacketInput & Timed): PacketInput & Timed {
    return this.#guard.guarded(core);
  }

  send(term: number, message: SrpMessage): void {
    if (this.#connection === undefined || this.#overrun) return;
    const body = encodeMessage(message);
    if (body.length > this.#maxBodyOctets) return this.#counters.add('messages.too-long');
    this.#outgoing.add({ term, type: messageType(message.kind), body });
    // Replies of the peer wait for an acknowledgement: it leaves before what else is to be done in this turn.
    if (this.#outgoing.length >= batchOctets || message.kind === 'streamAck') this.flush();
    this.#atTurnEnd();
  }

  /** Leaves at once, with all that was said before: what follows may keep this thread busy. */
  sendHello({ term, ...said }: PeerHello): void {
    this.send(term, { kind: 'hello', ...said, number: 0 });
    this.flush();
  }

  /** What was said leaves now, and not at the end of this turn of the loop. */
  flush(): void {
    if (this.#outgoing.length === 0 || this.#connection === undefined) return;
    const buffer = this.#outgoing.take();
    this.#memory.addQueued(buffer.byteLength);
    const queued = this.#memory.queuedOctets;
    this.#worstQueuedOctets = Math.max(this.#worstQueuedOctets, queued);
    this.#post({ kind: 'batch', connection: this.#connection, buffer }, [buffer]);
    if (queued <= (this.#options.queueOctetsMax ?? queueOctetsMaxDefault)) return;
    // The chassis is told later: it may be in the middle of saying this.
    this.#overrun = true;
    this.#atTurnEnd();
  }

  close(reason: string): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.flush();
    this.#isDown(reason, now());
    this.#post({ kind: 'close', connection, reason });
  }

  statistics(): SrpLinkStatistics {
    const counters = { ...this.#memory.counters.snapshot(), ...this.#counters.snapshot() };
    const { local, remote, compression } = this.#peer ?? {};
    return {
      connection: this.#peer,
      lastEnd: this.#lastEnd,
      local: local && placeText(local),
      remote: remote && placeText(remote),
      compression,
      messagesSent: counters['messages.sent'],
      messagesReceived: counters['messages.received'],
      octetsSent: counters['octets.sent'],
      octetsReceived: counters['octets.received'],
      hellosSent: counters['hellos.sent'],
      hellosReceived: counters['hellos.received'],
      refused: occurred(refusalNames, (name) => this.#memory.counters.get(`refused.${name}`)),
      goodbyes: occurred(goodbyeNames, (name) => this.#memory.counters.get(`goodbye.${name}`)),
      counters,
      maxFrameOctets: this.#maxBodyOctets + frameOverheadOctets,
      queuedOctets: this.#memory.queuedOctets,
      worstQueuedOctets: this.#worstQueuedOctets,
      worstDeliveryMs: this.#worstDeliveryMs,
      linkThread: { worstPauseMs: this.#memory.worstPauseMs },
      stalls: { count: this.#guard.stalls, worstMs: this.#guard.worstStallMs },
    };
  }

  /** @param started told once that the thread is ready, or what is in its way */
  #run(started: (problem?: string) => void): void {
    const workerData = this.#threadData();
    const thread = new Worker(new URL('./link-thread.ts', import.meta.url), { workerData, name: 'samog-link' });
    this.#thread = thread;
    let problem = 'the link thread ended';
    thread.on('message', (message: FromLinkThread) => {
      if (thread !== this.#thread) return;
      if (message.kind === 'ready') {
        this.#restartMs = restartMinMs;
        return started();
      }
      if (message.kind === 'notReady') return started(message.reason);
      if (message.kind === 'event') return this.#dependencies.event?.(message.event);
      this.#enter((at) => this.#take(message, at));
    });
    thread.on('error', (error) => {
      problem = error.message;
    });
    thread.on('exit', () => {
      started(problem);
      if (thread === this.#thread) this.#threadFailed(problem);
    });
  }

  #threadData(): LinkThreadData {
    const { chassisId, peerChassisId, sharedKey, compressions, bind, peer, helloIntervalMs, deadIntervalMs } =
      this.#options;
    return {
      chassisId,
      peerChassisId,
      sharedKey,
      compressions: [...compressions.keys()],
      bind: { address: formatIp(bind.address), port: bind.port },
      peer: { address: formatIp(peer.address), port: peer.port },
      helloIntervalMs,
      deadIntervalMs,
      handshakeLimitMs: this.#options.handshakeLimitMs ?? handshakeLimitMsDefault,
      ...(this.#options.versions ?? srpVersions),
      maxFrameOctets: this.#options.maxFrameOctets ?? maxFrameOctetsDefault,
      memory: this.#memory.buffers,
      clockOriginMs: clockOriginMs(),
    };
  }

  /** The thread's end is one of the connection, and the thread is started anew. */
  #threadFailed(reason: string): void {
    this.#thread = undefined;
    this.#memory.forgetQueues();
    this.#counters.add('thread.failures');
    this.#dependencies.event?.({ name: 'thread-failed', reason, suppressed: 0 });
    this.#restartTimer = setTimeout(() => this.#run(() => {}), this.#restartMs);
    this.#restartMs = Math.min(2 * this.#restartMs, restartMaxMs);
    if (this.#connection !== undefined) this.#enter((at) => this.#lost('the link thread failed', at));
  }

  #pulse(): void {
    this.#enter(() => {});
    if (this.#thread === undefined || !this.#guard.isOn || this.#guard.linkSilentMs(now()) < hungMs) return;
    void this.#thread.terminate();
  }

  /** Whatever comes from the link enters the chassis here: a stall first, and what is thrown is contained. */
  #enter(tell: (at: Instant) => void): void {
    const at = now();
    try {
      this.beat(at);
      tell(at);
    } catch (error) {
      this.#counters.add('faults');
      this.#dependencies.fault?.(error);
    }
  }

  #take(message: Extract<FromLinkThread, { kind: 'up' | 'batch' | 'down' }>, at: Instant): void {
    this.#atTurnEnd();
    switch (message.kind) {
      case 'up':
        this.#connection = message.connection;
        this.#peer = { ...message.peer, since: at };
        this.#overrun = false;
        this.#outgoing.clear();
        return this.#user?.linkUp(message.peer.version, at);
      case 'batch':
        this.#memory.addUnread(-message.buffer.byteLength);
        if (message.connection !== this.#connection) return;
        this.#worstDeliveryMs = Math.max(this.#worstDeliveryMs, at - message.at);
        return this.#read(message.connection, message.buffer, at);
      case 'down':
        if (message.connection === this.#connection) this.#lost(message.reason, at);
        return;
      default:
        return unreachable(message);
    }
  }

  /**
   * The hello counts from now, not from when it came: if more than this thread can read waits here, the next one waits
   * behind it, and its peer is not dead for that.
   */
  #read(connection: number, buffer: ArrayBuffer, at: Instant): void {
    for (const { term, type, body } of messagesOf(buffer)) {
      const message = decodeMessage(type, body);
      // The chassis may have closed the connection meanwhile.
      if (connection !== this.#connection) return;
      if (!message.ok) {
        this.#counters.add('messages.malformed');
        this.#post({ kind: 'close', connection, reason: 'protocol-failure' });
        return this.#lost('malformed-message', at);
      }
      this.#user?.linkHeard({ term, message: message.value }, at);
    }
  }

  #lost(reason: string, at: Instant): void {
    this.#isDown(reason, at);
    this.#user?.linkDown(reason, at);
  }

  #isDown(reason: string, at: Instant): void {
    this.#connection = undefined;
    this.#peer = undefined;
    this.#lastEnd = { reason, at };
    this.#outgoing.clear();
  }

  #atTurnEnd(): void {
    this.#turnEnd ??= setImmediate(() => {
      this.#turnEnd = undefined;
      this.#dependencies.turnEnd?.();
      this.flush();
      if (this.#overrun && this.#connection !== undefined) this.#enter((at) => this.#overran(at));
    });
  }

  #overran(at: Instant): void {
    this.#counters.add('queue.overruns');
    this.#post({ kind: 'close', connection: this.#connection!, reason: 'other' });
    this.#lost('queue-overrun', at);
    this.#atTurnEnd();
  }

  #post(message: ToLinkThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#thread?.postMessage(message, transfer);
  }
}

function occurred<Name extends string>(names: readonly Name[], count: (name: Name) => number): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, count(name)]).filter(([, times]) => times !== 0));
}

function placeText({ address, port }: LinkPlace): string {
  const parsed = parseIp(address);
  return parsed === undefined ? `${address}:${port}` : formatIpPort(parsed, port);
}
