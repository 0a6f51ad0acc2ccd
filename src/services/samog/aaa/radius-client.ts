import { formatIp, type IpAddress } from '../../../kernel/address.ts';
import type { Digests, RandomSource } from '../../../kernel/context.ts';
import type { Counters } from '../../../kernel/counters.ts';
import { DeadlineHeap } from '../../../kernel/deadline-heap.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PacketOutput, Timed } from '../../../kernel/port.ts';
import { findAll } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { verifyResponse } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { decodeRadius, type RadiusPacket } from '../../../wire/radius/packet.ts';
import type { MrmeServiceConfig, RadiusConfig } from '../config.ts';
import type { EventSink, SamogEvent } from '../events.ts';
import type { SamogCounter } from '../statistics.ts';
import type { AuthenticationOutcome } from '../subscriber.ts';
import { type AccessRequestWriter, type AuthenticationRequest, accessRequestWriter } from './access-request.ts';
import { channelOf, identifierOf, type RadiusServerStatus, ServerSlots, slotOf } from './radius-server.ts';
import { readSubscriberProfile, SharedTexts } from './subscriber-profile.ts';
import { type Waiting, WaitingLine } from './waiting-line.ts';

export interface RadiusClientDependencies {
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly counters: Counters<SamogCounter>;
  /** Absent where nobody listens: no text is made then. */
  readonly report?: EventSink | undefined;
  /** Called once per request that was not cancelled or refused; may call back into the client. */
  onOutcome(sessionId: number, outcome: AuthenticationOutcome, now: Instant): void;
}

export interface RadiusClientStatus {
  readonly servers: readonly RadiusServerStatus[];
  /** Requests waiting for a free identifier. */
  readonly waiting: number;
}

/** A session's request, from `authenticate` to its outcome. */
interface Pending extends Waiting<Pending> {
  readonly sessionId: number;
  readonly request: AuthenticationRequest;
  /** Servers it was sent to, by index, the current one last. */
  readonly tried: number[];
  /** The server that has it now; undefined while it waits. */
  current: Transmission | undefined;
}

/** A request at one server: sent, and repeated octet by octet (RFC 2865 section 2.5). */
interface Transmission {
  readonly server: number;
  readonly slot: number;
  readonly bytes: Uint8Array;
  readonly sentAt: Instant;
  /** The server was dead already: no other is tried after it. */
  readonly lastResort: boolean;
  repeats: number;
  deadline: Instant;
}

/** Why a packet is no answer. */
type Discard = 'unknown-server' | 'malformed' | 'unmatched' | 'no-message-authenticator' | 'bad-authenticator';

/** APNs that subscribers share, at most so many. */
const sharedTextsMax = 256;
const authenticatorAt = 4;
const authenticatorOctets = 16;
const headOctets = 20;
/** RFC 5080 section 2.2.1: each timeout varies at random by up to a tenth, so that requests do not move in step. */
const jitter = 0.1;

/**
 * Authenticates UEs by RADIUS over UDP (RFC 2865, RFC 5080 section 2.2.1): identifiers, retransmission, failover.
 *
 * A request goes to the first server in the order of preference that is not dead and has a free identifier; if all such
 * servers have `outstandingMax` requests it waits in line, where as many again may wait. A server that answers neither the request nor its repetitions, nor anything else
 * meanwhile, is dead for `deadTimeMs` or until it answers; the request goes on to the next server. Where only dead ones
 * remain, the one dead for longest is tried, as the last. Nothing here looks through all requests: each is found by its
 * session, its slot or its deadline.
 */
export class RadiusClient implements Timed {
  readonly #config: RadiusConfig;
  readonly #dependencies: RadiusClientDependencies;
  readonly #write: AccessRequestWriter;
  readonly #servers: readonly ServerSlots<Pending>[];
  readonly #slotsPerServer: number;
  readonly #sessions = new Map<number, Pending>();
  readonly #line = new WaitingLine<Pending>();
  /** Keys are server index times slots per server, plus slot. */
  readonly #deadlines = new DeadlineHeap<number>();
  readonly #shared = new SharedTexts(sharedTextsMax);
  /** A cancellation has made room that the line has not been given. */
  #roomLeft = false;

  constructor(config: MrmeServiceConfig, dependencies: RadiusClientDependencies) {
    const { radius, bind } = config;
    this.#config = radius;
    this.#dependencies = dependencies;
    this.#write = accessRequestWriter(config, dependencies.digests);
    this.#servers = radius.servers.map(
      (server) => new ServerSlots<Pending>(server, bind.sourcePorts, radius.outstandingMax),
    );
    this.#slotsPerServer = slotOf(bind.sourcePorts, 0);
  }

  /**
   * Asks for a session's authentication; an earlier request of the same session is cancelled. The outcome follows by
   * `onOutcome`, never within this call, and never for `refused`: then too many requests wait already.
   */
  authenticate(sessionId: number, request: AuthenticationRequest, now: Instant): 'sent' | 'queued' | 'refused' {
    this.cancel(sessionId);
    const pending: Pending = {
      sessionId,
      request: lasting(request),
      tried: [],
      current: undefined,
      ahead: undefined,
      behind: undefined,
      waits: false,
    };
    const server = this.#line.length === 0 ? this.#serverFor(pending, now) : undefined;
    if (server === undefined && this.#line.length >= this.#config.outstandingMax) {
      this.#dependencies.counters.add('radius.refused.queue-full');
      return 'refused';
    }
    this.#sessions.set(sessionId, pending);
    if (server === undefined) {
      this.#line.join(pending);
      return 'queued';
    }
    this.#send(pending, server, now);
    return 'sent';
  }

  /**
   * Forgets a session's request: no outcome follows. Its identifier is free for another request, whose authenticator a
   * late answer cannot match.
   */
  cancel(sessionId: number): void {
    const pending = this.#sessions.get(sessionId);
    if (pending === undefined) return;
    this.#sessions.delete(sessionId);
    this.#line.leave(pending);
    this.#releaseSlot(pending);
    this.#roomLeft = this.#line.length > 0;
  }

  /** Takes a packet from the `aaa` port. Whatever is no valid answer to a request is counted and changes nothing. */
  receive(channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    const server = this.#servers.find(({ config }) => config.address === peer && config.port === peerPort);
    const answer = server === undefined ? 'unknown-server' : this.#examine(server, channel, bytes);
    if (typeof answer === 'string') this.#dependencies.counters.add(`radius.discarded.${answer}`);
    else this.#answered(answer.pending, answer.server, answer.packet, now);
  }

  advance(now: Instant): void {
    for (let due = this.#deadlines.popDue(now); due !== undefined; due = this.#deadlines.popDue(now)) {
      const pending = this.#servers[Math.floor(due.key / this.#slotsPerServer)]!.at(due.key % this.#slotsPerServer);
      if (pending?.current?.deadline === due.at) this.#timedOut(pending, pending.current, now);
    }
    if (this.#roomLeft) this.#serveLine(now);
  }

  nextDeadline(): Instant {
    return this.#roomLeft ? Number.NEGATIVE_INFINITY : this.#deadlines.peek();
  }

  status(now: Instant): RadiusClientStatus {
    return { servers: this.#servers.map((server) => server.status(now)), waiting: this.#line.length };
  }

  /** The server to send a request to, or undefined if it has to wait. It must not have tried all of them. */
  #serverFor({ tried }: Pending, now: Instant): number | undefined {
    let busy = false;
    let oldest: number | undefined;
    for (let index = 0; index < this.#servers.length; index += 1) {
      if (tried.includes(index)) continue;
      const server = this.#servers[index]!;
      if (!server.isDead(now)) {
        if (server.hasFree) return index;
        busy = true;
      } else if (oldest === undefined || server.diedAt < this.#servers[oldest]!.diedAt) {
        oldest = index;
      }
    }
    if (busy || oldest === undefined) return undefined;
    return this.#servers[oldest]!.hasFree ? oldest : undefined;
  }

  #send(pending: Pending, index: number, now: Instant): void {
    const { random, counters } = this.#dependencies;
    const server = this.#servers[index]!;
    const slot = server.take(pending);
    const bytes = this.#write(pending.request, {
      identifier: identifierOf(slot),
      authenticator: random.bytes(authenticatorOctets),
      secret: server.secret,
    });
    const lastResort = server.isDead(now);
    const transmission = { server: index, slot, bytes, sentAt: now, lastResort, repeats: 0, deadline: now };
    pending.current = transmission;
    pending.tried.push(index);
    server.sent += 1;
    counters.add('radius.access-request.sent');
    this.#transmit(transmission, now);
    this.#report(pending, server, 'sent', 'access-request-sent', () => 'Access-Request');
  }

  #transmit(transmission: Transmission, now: Instant): void {
    const { random, output } = this.#dependencies;
    const { server, slot, bytes } = transmission;
    const { address, port } = this.#servers[server]!.config;
    const factor = 1 - jitter + 2 * jitter * (random.u32() / 0x100000000);
    transmission.deadline = now + this.#config.timeoutMs * factor;
    this.#deadlines.push(transmission.deadline, server * this.#slotsPerServer + slot);
    output.send('aaa', channelOf(slot), address, port, bytes);
  }

  #timedOut(pending: Pending, transmission: Transmission, now: Instant): void {
    const server = this.#servers[transmission.server]!;
    const another = !transmission.lastResort && pending.tried.length < this.#servers.length;
    const passedOver = another && server.isDead(now);
    if (!passedOver && transmission.repeats < this.#config.retransmissions) {
      transmission.repeats += 1;
      server.retransmitted += 1;
      this.#dependencies.counters.add('radius.access-request.retransmitted');
      this.#transmit(transmission, now);
      this.#report(pending, server, 'sent', 'access-request-retransmitted', () => 'Access-Request, again');
      return;
    }
    server.timeouts += 1;
    // A server that answers others is alive; it only has nothing to say to this request.
    if (!passedOver && (server.answeredAt === undefined || server.answeredAt <= transmission.sentAt)) {
      if (!server.isDead(now)) {
        this.#report(undefined, server, 'internal', 'aaa-server-died', () => `${nameOf(server)} does not answer`);
      }
      server.markDead(now, this.#config.deadTimeMs);
    }
    this.#releaseSlot(pending);
    if (another) {
      // Behind those who wait already, and never refused: it held an identifier, so the line stays bounded.
      this.#line.join(pending);
      this.#serveLine(now);
      return;
    }
    this.#sessions.delete(pending.sessionId);
    this.#serveLine(now);
    this.#dependencies.counters.add('radius.timeout');
    this.#report(pending, server, 'internal', 'authentication-timed-out', () => 'no AAA server answered');
    this.#dependencies.onOutcome(pending.sessionId, { kind: 'timeout' }, now);
  }

  #examine(
    server: ServerSlots<Pending>,
    channel: number,
    bytes: Uint8Array,
  ): { pending: Pending; server: ServerSlots<Pending>; packet: RadiusPacket } | Discard {
    if (bytes.length < headOctets) return 'malformed';
    const pending = server.at(slotOf(channel, bytes[1]!));
    if (pending?.current === undefined) return 'unmatched';
    const decoded = decodeRadius(bytes);
    if (!decoded.ok || !isAnswer(decoded.value.code)) return 'malformed';
    const authenticator = pending.current.bytes.subarray(authenticatorAt, authenticatorAt + authenticatorOctets);
    const verdict = verifyResponse(bytes, authenticator, server.secret, this.#dependencies.digests);
    if (verdict === 'ok') return { pending, server, packet: decoded.value };
    // An answer without a Message-Authenticator may be forged (CVE-2024-3596).
    return verdict === 'no-message-authenticator' ? verdict : 'bad-authenticator';
  }

  #answered(pending: Pending, server: ServerSlots<Pending>, packet: RadiusPacket, now: Instant): void {
    if (server.isDead(now)) {
      this.#report(undefined, server, 'internal', 'aaa-server-recovered', () => `${nameOf(server)} answers again`);
    }
    server.markAnswered(now);
    this.#sessions.delete(pending.sessionId);
    this.#releaseSlot(pending);
    const outcome = this.#outcomeOf(pending, server, packet);
    this.#serveLine(now);
    this.#dependencies.onOutcome(pending.sessionId, outcome, now);
  }

  #outcomeOf(pending: Pending, server: ServerSlots<Pending>, packet: RadiusPacket): AuthenticationOutcome {
    const { counters } = this.#dependencies;
    if (packet.code === radiusCode.accessAccept) {
      server.accepted += 1;
      counters.add('radius.access-accept.received');
      this.#report(pending, server, 'received', 'access-accept-received', () => 'Access-Accept');
      return { kind: 'accepted', profile: readSubscriberProfile(packet.attributes, this.#shared) };
    }
    server.rejected += 1;
    if (packet.code === radiusCode.accessReject) {
      counters.add('radius.access-reject.received');
      this.#report(pending, server, 'received', 'access-reject-received', () => 'Access-Reject');
    } else {
      // There is nobody to put a challenge to: it counts as a rejection (RFC 2865 section 4.4).
      counters.add('radius.access-challenge.received');
      this.#report(pending, server, 'received', 'access-challenge-received', () => 'Access-Challenge');
    }
    const messages = findAll(packet.attributes, radiusAttribute.replyMessage);
    return { kind: 'rejected', replyMessage: messages.length === 0 ? undefined : messages.join(' ') };
  }

  #releaseSlot(pending: Pending): void {
    if (pending.current === undefined) return;
    this.#servers[pending.current.server]!.release(pending.current.slot);
    pending.current = undefined;
  }

  /** Sends what waits, in order, as far as there are identifiers. */
  #serveLine(now: Instant): void {
    this.#roomLeft = false;
    for (let pending = this.#line.first; pending !== undefined; pending = this.#line.first) {
      const server = this.#serverFor(pending, now);
      if (server === undefined) return;
      this.#line.leave(pending);
      this.#send(pending, server, now);
    }
  }

  #report(
    pending: Pending | undefined,
    server: ServerSlots<Pending>,
    direction: SamogEvent['direction'],
    name: string,
    text: () => string,
  ): void {
    this.#dependencies.report?.({
      name,
      mac: pending?.request.mac,
      sessionId: pending?.sessionId,
      peer: server.config.address,
      party: 'aaa',
      direction,
      text,
    });
  }
}

function nameOf({ config }: ServerSlots<Pending>): string {
  return `AAA server ${formatIp(config.address)} port ${config.port}`;
}

function isAnswer(code: number): boolean {
  return code === radiusCode.accessAccept || code === radiusCode.accessReject || code === radiusCode.accessChallenge;
}

/** The request without views of buffers that the caller uses again. */
function lasting(request: AuthenticationRequest): AuthenticationRequest {
  if (request.circuitId === undefined && request.remoteId === undefined) return request;
  return { ...request, circuitId: request.circuitId?.slice(), remoteId: request.remoteId?.slice() };
}
