import type { IpAddress, MacAddress } from '../../../kernel/address.ts';
import type { Digests, RandomSource } from '../../../kernel/context.ts';
import type { Counters } from '../../../kernel/counters.ts';
import { DeadlineHeap } from '../../../kernel/deadline-heap.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { PacketOutput, PortName, Timed } from '../../../kernel/port.ts';
import type { Tlv } from '../../../wire/bytes/tlv.ts';
import { signAccessRequest, signAccountingRequest, verifyResponse } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import type { Hop } from '../../../wire/radius/mppe-keys.ts';
import { answers } from '../../../wire/radius/packet.ts';
import { openRadius, type RadiusOctets } from '../../../wire/radius/packet-octets.ts';
import { radiusDatagramOf } from '../event-message.ts';
import type { MessageEvent } from '../event-names.ts';
import { type EventSink, keeping, type SamogEvent } from '../events.ts';
import type { RadiusReplyName, RadiusRequestName, SamogCounter } from '../statistics.ts';
import { Endpoint, type EndpointConfig, identifierOf, type SlotEnd } from './endpoint.ts';

/** What is asked, whoever is asked. */
export interface RadiusRequest {
  /** A request of `radiusCode`. */
  readonly code: number;
  /** Whom reports are about; absent where it is nobody. */
  readonly about?: { readonly mac?: MacAddress | undefined; readonly sessionId?: number | undefined };
  /**
   * What it says to one server, without Message-Authenticator. Called for each server it goes to: passwords are hidden
   * hop by hop. They must fit into a packet with its Message-Authenticator (RFC 2865 section 3); more throws RangeError.
   *
   * @param to where the authenticator is a digest of the packet itself, it is not known yet and given as zeros
   */
  attributes(to: Hop): readonly Tlv[];
  /** In their place: attributes as octets, where they are the same for every server. */
  readonly encoded?: Uint8Array | undefined;
}

/** How a request is repeated that is not answered (RFC 5080 section 2.2.1). */
export interface Repetition {
  /** IRT: the wait after the first transmission; then it doubles. */
  readonly initialMs: number;
  /** MRT: the doubling stops here. */
  readonly maxMs: number;
  /** MRC and the first one; at least 1. Infinity for no bound. */
  readonly transmissions: number;
  /** MRD: from the first transmission on. Infinity for no bound. */
  readonly durationMs: number;
}

/** Who wants to know how a request went. One of `answered` and `unanswered` is called, once; both may send again. */
export interface ExchangeOwner {
  /** Whether to repeat it, although there is time left; absent for always. */
  goesOn?(now: Instant): boolean;
  /** @param hop that of the request: keys in an Access-Accept are hidden with it */
  answered(packet: RadiusOctets, hop: Hop, now: Instant): void;
  unanswered(now: Instant): void;
}

/** A request on its way to one endpoint. */
export interface Exchange {
  readonly endpoint: Endpoint<Exchange>;
  readonly sentAt: Instant;
}

/** What a request needs until it ends. */
interface Cargo {
  readonly request: RadiusRequest;
  readonly owner: ExchangeOwner;
  readonly repetition: Repetition;
  readonly hop: Hop;
  readonly bytes: Uint8Array;
}

interface Flight extends Exchange {
  readonly slot: number;
  /** Undefined once it has ended. */
  cargo: Cargo | undefined;
  transmissions: number;
  waitMs: number;
  deadline: Instant;
}

export interface TransmitterDependencies {
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly counters: Counters<SamogCounter>;
  /** Absent where nobody listens: no text is made then. */
  readonly report?: EventSink | undefined;
  /** An authentic packet came from an endpoint: whatever it says, somebody lives there. Called before the owner is told. */
  heard?(endpoint: Endpoint<Exchange>, now: Instant): void;
  /** Endpoints that may answer from an address at which none is asked. */
  alsoAt?(peer: IpAddress, now: Instant): readonly Endpoint<Exchange>[];
}

/** A packet that answers a request. */
interface Answer {
  readonly flight: Flight;
  readonly cargo: Cargo;
  readonly packet: RadiusOctets;
}

/** Why a packet is no answer. */
type Discard =
  | 'unknown-server'
  | 'malformed'
  | 'unmatched'
  | 'late'
  | 'duplicate'
  | 'no-message-authenticator'
  | 'bad-authenticator';

const authenticatorAt = 4;
const authenticatorOctets = 16;
const headOctets = 20;
/** Of one endpoint: far more than it may have source ports. */
const slotsMax = 2 ** 24;
const noAuthenticator = new Uint8Array(authenticatorOctets);
/** RFC 5080 section 2.2.1: each wait varies at random by up to a tenth, so that requests do not move in step. */
const jitter = 0.1;

/**
 * Carries RADIUS requests to endpoints: identifiers, repetition octet by octet (RFC 2865 section 2.5, RFC 5080 section 2.2.1),
 * and the proof of each answer. Over a connection they are waited for as long as over UDP, and not repeated. Which endpoint a
 * request goes to is others' business. Nothing here looks through all requests: each is found by its slot or its deadline.
 */
export class Transmitter implements Timed {
  readonly #port: PortName;
  readonly #party: SamogEvent['party'];
  readonly #dependencies: TransmitterDependencies;
  readonly #endpoints = new Map<IpAddress, Endpoint<Exchange>[]>();
  #endpointsMade = 0;
  readonly #numbered = new Map<number, Endpoint<Exchange>>();
  /**
   * By number of endpoint and slot, so that they hold nothing of what is over; of each slot one entry that is not too late. A
   * slot has had many requests by the time at which the first of them would have been repeated.
   */
  readonly #deadlines = new DeadlineHeap<number>();

  /**
   * @param port whose channels the endpoints' requests leave by
   * @param party who is at the other end, for reports
   */
  constructor(port: PortName, party: SamogEvent['party'], dependencies: TransmitterDependencies) {
    this.#port = port;
    this.#party = party;
    this.#dependencies = dependencies;
  }

  /** Makes an endpoint that can be sent to. There must be none of this address and port. */
  add(config: EndpointConfig): Endpoint<Exchange> {
    const number = this.#endpointsMade;
    this.#endpointsMade += 1;
    const endpoint = new Endpoint<Exchange>(config, number);
    this.#numbered.set(number, endpoint);
    const others = this.#endpoints.get(config.address);
    if (others === undefined) this.#endpoints.set(config.address, [endpoint]);
    else others.push(endpoint);
    return endpoint;
  }

  /** Forgets an endpoint to which nothing is on its way. */
  remove(endpoint: Endpoint<Exchange>): void {
    const { address } = endpoint.config;
    this.#numbered.delete(endpoint.number);
    const left = (this.#endpoints.get(address) ?? []).filter((other) => other !== endpoint);
    if (left.length === 0) this.#endpoints.delete(address);
    else this.#endpoints.set(address, left);
  }

  /** A new connection to an endpoint stands: what it has not answered goes again (RFC 6613 section 2.6.1). */
  connected(endpoint: Endpoint<Exchange>): void {
    for (const exchange of endpoint.requests()) this.#put(exchange as Flight);
  }

  /** Sends a request to an endpoint that has an identifier for it. The owner is never called within this call. */
  send(
    endpoint: Endpoint<Exchange>,
    request: RadiusRequest,
    repetition: Repetition,
    owner: ExchangeOwner,
    now: Instant,
  ): Exchange {
    const slot = endpoint.nextSlot;
    const { bytes, hop } = this.#write(endpoint, request, identifierOf(slot));
    const flight: Flight = {
      endpoint,
      slot,
      cargo: { request, owner, repetition, hop, bytes },
      sentAt: now,
      transmissions: 0,
      waitMs: 0,
      deadline: now,
    };
    endpoint.take(flight);
    this.#transmit(flight, repetition, now);
    this.#tellRequest(flight, request, 'sent', bytes, now);
    return flight;
  }

  /**
   * Forgets a request: its owner is not called any more. Its identifier is free for another request, whose authenticator
   * a late answer cannot match.
   */
  cancel(exchange: Exchange): void {
    this.#end(exchange as Flight, 'cancelled');
  }

  /**
   * Takes a packet from the port. Whatever is no valid answer to a request is counted and changes nothing.
   *
   * @param bytes valid only during the call
   */
  receive(channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    const endpoint = this.#endpoints.get(peer)?.find(({ config }) => config.port === peerPort);
    const answer =
      endpoint === undefined
        ? this.#fromElsewhere(channel, peer, bytes, now)
        : this.#examine(endpoint, channel, bytes, now);
    if (typeof answer === 'string') this.#dependencies.counters.add(`radius.discarded.${answer}`);
    else this.#answered(answer.flight, answer.cargo, answer.packet, now);
  }

  advance(now: Instant): void {
    for (let due = this.#deadlines.popDue(now); due !== undefined; due = this.#deadlines.popDue(now)) {
      const slot = due.key % slotsMax;
      const endpoint = this.#numbered.get((due.key - slot) / slotsMax);
      if (endpoint === undefined || endpoint.watchedAt[slot] !== due.at) continue;
      endpoint.watchedAt[slot] = never;
      const flight = endpoint.at(slot) as Flight | undefined;
      if (flight?.cargo === undefined) continue;
      if (flight.deadline > due.at) this.#watch(flight);
      else this.#timedOut(flight, flight.cargo, now);
    }
  }

  /** Sees to it that the deadline of a request is not missed: a slot that is looked at earlier is looked at once more. */
  #watch({ endpoint, slot, deadline }: Flight): void {
    if (deadline >= endpoint.watchedAt[slot]!) return;
    endpoint.watchedAt[slot] = deadline;
    this.#deadlines.push(deadline, endpoint.number * slotsMax + slot);
  }

  nextDeadline(): Instant {
    return this.#deadlines.peek();
  }

  /** An answer from an address that no request went to: its authenticator says whose it is (RFC 2865 section 3). */
  #fromElsewhere(channel: number, peer: IpAddress, bytes: Uint8Array, now: Instant): Answer | Discard {
    for (const endpoint of this.#dependencies.alsoAt?.(peer, now) ?? []) {
      const answer = this.#examine(endpoint, channel, bytes, now);
      if (typeof answer !== 'string') return answer;
    }
    return 'unknown-server';
  }

  #write(endpoint: Endpoint<Exchange>, request: RadiusRequest, identifier: number): { bytes: Uint8Array; hop: Hop } {
    const { digests, random } = this.#dependencies;
    const { secret } = endpoint.config;
    const { code } = request;
    const isDigest = code !== radiusCode.accessRequest && code !== radiusCode.statusServer;
    const authenticator = isDigest ? noAuthenticator : random.bytes(authenticatorOctets);
    const { encoded } = request;
    const packet =
      encoded === undefined
        ? {
            code,
            identifier,
            authenticator,
            attributes: request.attributes({ requestAuthenticator: authenticator, secret }),
          }
        : { code, identifier, authenticator, encoded };
    const bytes = isDigest
      ? signAccountingRequest(packet, secret, digests)
      : signAccessRequest(packet, secret, digests);
    const requestAuthenticator = bytes.subarray(authenticatorAt, authenticatorAt + authenticatorOctets);
    return { bytes, hop: { requestAuthenticator, secret } };
  }

  #transmit(flight: Flight, repetition: Repetition, now: Instant): void {
    const { random } = this.#dependencies;
    flight.transmissions += 1;
    const doubled = flight.transmissions === 1 ? repetition.initialMs : 2 * flight.waitMs;
    const spread = 1 - jitter + 2 * jitter * (random.u32() / 0x100000000);
    flight.waitMs = Math.min(doubled, repetition.maxMs) * spread;
    flight.deadline = Math.min(now + flight.waitMs, flight.sentAt + repetition.durationMs);
    this.#watch(flight);
    if (flight.transmissions === 1 || flight.endpoint.config.transport === 'udp') this.#put(flight);
  }

  #put({ endpoint, slot, cargo }: Flight): void {
    const { address, port } = endpoint.config;
    if (cargo !== undefined)
      this.#dependencies.output.send(this.#port, endpoint.channelOf(slot), address, port, cargo.bytes);
  }

  #timedOut(flight: Flight, { request, repetition, owner, bytes }: Cargo, now: Instant): void {
    const { endpoint } = flight;
    const timeLeft = now < flight.sentAt + repetition.durationMs && flight.transmissions < repetition.transmissions;
    if (timeLeft && (owner.goesOn === undefined || owner.goesOn(now))) {
      this.#transmit(flight, repetition, now);
      if (endpoint.config.transport === 'udp') this.#tellRequest(flight, request, 'retransmitted', bytes, now);
      return;
    }
    if (request.code !== radiusCode.statusServer) endpoint.figures.timeouts += 1;
    this.#end(flight, 'unanswered');
    owner.unanswered(now);
  }

  #examine(endpoint: Endpoint<Exchange>, channel: number, bytes: Uint8Array, now: Instant): Answer | Discard {
    if (bytes.length < headOctets) return 'malformed';
    const slot = endpoint.slotOf(channel, bytes[1]!);
    if (slot === undefined) return 'unmatched';
    const flight = endpoint.at(slot) as Flight | undefined;
    const cargo = flight?.cargo;
    if (flight === undefined || cargo === undefined) return this.#whyLate(endpoint, slot, bytes, now) ?? 'unmatched';
    const decoded = openRadius(bytes);
    if (!decoded.ok || !isAnswer(cargo.request.code, decoded.value.code)) return 'malformed';
    const { requestAuthenticator, secret } = cargo.hop;
    const verdict = verifyResponse(bytes, requestAuthenticator, secret, this.#dependencies.digests);
    if (verdict === 'ok') return { flight, cargo, packet: decoded.value.copy() };
    // An answer without a Message-Authenticator may be forged (CVE-2024-3596); that of a probe decides nothing.
    if (verdict !== 'no-message-authenticator') {
      return this.#whyLate(endpoint, slot, bytes, now) ?? 'bad-authenticator';
    }
    return cargo.request.code === radiusCode.statusServer ? { flight, cargo, packet: decoded.value.copy() } : verdict;
  }

  /** What a packet is that answers the former request of its slot; undefined for one that does not. */
  #whyLate(endpoint: Endpoint<Exchange>, slot: number, bytes: Uint8Array, now: Instant): Discard | undefined {
    const former = endpoint.formerAt(slot);
    if (former === undefined) return undefined;
    const verdict = verifyResponse(bytes, former.authenticator, endpoint.config.secret, this.#dependencies.digests);
    if (verdict !== 'ok') return undefined;
    this.#heard(endpoint, now);
    return former.end === 'answered' ? 'duplicate' : 'late';
  }

  #answered(flight: Flight, { request, owner, hop }: Cargo, packet: RadiusOctets, now: Instant): void {
    this.#end(flight, 'answered');
    this.#heard(flight.endpoint, now);
    this.#tellReply(flight, request, packet, now);
    owner.answered(packet, hop, now);
  }

  #heard(endpoint: Endpoint<Exchange>, now: Instant): void {
    endpoint.answeredAt = now;
    this.#dependencies.heard?.(endpoint, now);
  }

  #end(flight: Flight, end: SlotEnd): void {
    if (flight.cargo === undefined) return;
    flight.endpoint.release(flight.slot, flight.cargo.hop.requestAuthenticator, end);
    flight.cargo = undefined;
  }

  #tellRequest(
    flight: Flight,
    request: RadiusRequest,
    what: 'sent' | 'retransmitted',
    octets: Uint8Array,
    now: Instant,
  ): void {
    if (request.code === radiusCode.statusServer) {
      this.#dependencies.counters.add('radius.status-server.sent');
      return this.#report(flight, request, 'sent', 'status-server-sent', 'Status-Server', octets, now);
    }
    flight.endpoint.figures[what] += 1;
    const names = requestNames[request.code]?.[what];
    if (names === undefined) return;
    this.#dependencies.counters.add(names.counter);
    this.#report(flight, request, 'sent', names.event, names.text, octets, now);
  }

  #tellReply(flight: Flight, request: RadiusRequest, packet: RadiusOctets, now: Instant): void {
    const { code, bytes } = packet;
    const { figures } = flight.endpoint;
    if (request.code === radiusCode.statusServer) {
      this.#dependencies.counters.add('radius.status-server.answered');
      const text = 'answer to Status-Server';
      return this.#report(flight, request, 'received', 'status-server-answered', text, bytes, now);
    }
    if (code === radiusCode.accessAccept) figures.accepted += 1;
    else if (code === radiusCode.accessReject) figures.rejected += 1;
    else if (code === radiusCode.accessChallenge) figures.challenged += 1;
    else if (code === radiusCode.accountingResponse) figures.accounted += 1;
    const names = replyNames[code];
    if (names === undefined) return;
    this.#dependencies.counters.add(names.counter);
    this.#report(flight, request, 'received', names.event, names.text, bytes, now);
  }

  #report(
    flight: Flight,
    request: RadiusRequest,
    direction: SamogEvent['direction'],
    name: MessageEvent,
    text: string,
    octets: Uint8Array,
    now: Instant,
  ): void {
    const { endpoint, slot } = flight;
    keeping(
      this.#dependencies.report,
      name,
      now,
    )?.({
      name,
      mac: request.about?.mac,
      sessionId: request.about?.sessionId,
      peer: endpoint.config.address,
      party: this.#party,
      direction,
      text: () => text,
      message: radiusDatagramOf(this.#port, endpoint.channelOf(slot), endpoint.config.port, () => octets),
    });
  }
}

/** As the standards write them. */
const titles: Readonly<Record<RadiusRequestName | RadiusReplyName, string>> = {
  'access-request': 'Access-Request',
  'access-accept': 'Access-Accept',
  'access-reject': 'Access-Reject',
  'access-challenge': 'Access-Challenge',
  'accounting-request': 'Accounting-Request',
  'accounting-response': 'Accounting-Response',
  'disconnect-request': 'Disconnect-Request',
  'disconnect-ack': 'Disconnect-ACK',
  'disconnect-nak': 'Disconnect-NAK',
};

/** What a packet counts as, and what is told of it: made once, not for each packet. */
interface Names {
  readonly counter: SamogCounter;
  readonly event: MessageEvent;
  readonly text: string;
}

function requestNamesOf(name: RadiusRequestName): Readonly<Record<'sent' | 'retransmitted', Names>> {
  const text = titles[name];
  return {
    sent: { counter: `radius.${name}.sent`, event: `${name}-sent`, text },
    retransmitted: { counter: `radius.${name}.retransmitted`, event: `${name}-retransmitted`, text: `${text}, again` },
  };
}

function replyNamesOf(name: RadiusReplyName): Names {
  return { counter: `radius.${name}.received`, event: `${name}-received`, text: titles[name] };
}

const requestNames: Readonly<Record<number, ReturnType<typeof requestNamesOf>>> = {
  [radiusCode.accessRequest]: requestNamesOf('access-request'),
  [radiusCode.accountingRequest]: requestNamesOf('accounting-request'),
  [radiusCode.disconnectRequest]: requestNamesOf('disconnect-request'),
};

const replyNames: Readonly<Record<number, Names>> = {
  [radiusCode.accessAccept]: replyNamesOf('access-accept'),
  [radiusCode.accessReject]: replyNamesOf('access-reject'),
  [radiusCode.accessChallenge]: replyNamesOf('access-challenge'),
  [radiusCode.accountingResponse]: replyNamesOf('accounting-response'),
  [radiusCode.disconnectAck]: replyNamesOf('disconnect-ack'),
  [radiusCode.disconnectNak]: replyNamesOf('disconnect-nak'),
};

/** RFC 5997 section 4.5: a server that answers a Status-Server is alive, whatever it answers. */
function isAnswer(request: number, reply: number): boolean {
  if (request !== radiusCode.statusServer) return answers(request, reply);
  return reply !== radiusCode.accessRequest && reply !== radiusCode.accountingRequest;
}
