import type { IpAddress } from '../../../kernel/address.ts';
import { type Instant, never } from '../../../kernel/instant.ts';

const identifiersPerChannel = 256;
const authenticatorOctets = 16;
/** Requests in a row through one channel: a socket sends, and receives the answers of, many at a time. */
const identifiersPerRun = 32;

/** The identifier of a connection's watchdog (RFC 6613 section 2.6). */
export const watchdogIdentifier = 0;

/** Where requests are sent to: one UDP port, or one RADIUS over TLS server, of one address. */
export interface EndpointConfig {
  readonly address: IpAddress;
  readonly port: number;
  readonly secret: Uint8Array;
  /** Requests leave by so many channels of the transmitter's port, from this one on. */
  readonly firstChannel: number;
  readonly channels: number;
  /** Requests on their way at a time; at most 256 for each channel. */
  readonly outstandingMax: number;
  /**
   * Over a connection nothing is repeated, and what was unanswered goes again over the next one (RFC 6613 section 2.6.1).
   * Identifier 0 is left to the watchdog of the connection (section 2.6).
   */
  readonly transport: 'udp' | 'tls';
}

/** How a request ended that had a slot. */
export type SlotEnd = 'answered' | 'unanswered' | 'cancelled';

/** The request that had a slot before: what is needed to know a late or second answer. The authenticator is a view. */
interface Former {
  readonly authenticator: Uint8Array;
  readonly end: SlotEnd;
}

/** What an endpoint was sent and has answered, since the start. */
export interface EndpointFigures {
  sent: number;
  retransmitted: number;
  /** Requests it never answered. */
  timeouts: number;
  accepted: number;
  /** Access-Reject. */
  rejected: number;
  challenged: number;
  /** Accounting-Responses to Accounting-Requests. */
  accounted: number;
}

/**
 * An endpoint and the requests it has not answered, each in a slot: one identifier of one channel (RFC 2865 section 3: a
 * source port carries 256 requests at a time).
 *
 * Free slots form a ring: taken at the head, given back at the tail, begun in runs of a few identifiers of each channel. So
 * requests go round the channels, and the identifier used next is always the one unused for longest.
 */
export class Endpoint<Request> {
  /** Of it secret and limit may become others: what is on its way has been signed. */
  config: EndpointConfig;
  /** Which of its transmitter's it is. */
  readonly number: number;
  readonly figures: EndpointFigures = {
    sent: 0,
    retransmitted: 0,
    timeouts: 0,
    accepted: 0,
    rejected: 0,
    challenged: 0,
    accounted: 0,
  };
  /** When it last gave an authentic answer, to whatever. */
  answeredAt: Instant | undefined;
  readonly #requests: (Request | undefined)[];
  readonly #formerEnd: (SlotEnd | undefined)[];
  /** Of each slot, one behind the other. */
  readonly #formerAuthenticators: Uint8Array;
  /** Of each slot, when it is looked at next; `never` while nobody has to. */
  readonly watchedAt: Float64Array;
  readonly #free: Uint32Array;
  #freeHead = 0;
  #freeCount: number;

  constructor(config: EndpointConfig, number = 0) {
    this.config = config;
    this.number = number;
    const { channels } = config;
    const slots = channels * identifiersPerChannel;
    const reserved = config.transport === 'tls' ? watchdogIdentifier : undefined;
    this.#requests = new Array<Request | undefined>(slots).fill(undefined);
    this.#formerEnd = new Array<SlotEnd | undefined>(slots).fill(undefined);
    this.#formerAuthenticators = new Uint8Array(slots * authenticatorOctets);
    this.watchedAt = new Float64Array(slots).fill(never);
    const inRuns = Array.from({ length: slots }, (_, index) => {
      const run = Math.floor(index / identifiersPerRun);
      const identifier = Math.floor(run / channels) * identifiersPerRun + (index % identifiersPerRun);
      return (run % channels) * identifiersPerChannel + identifier;
    });
    this.#free = Uint32Array.from(inRuns.filter((slot) => identifierOf(slot) !== reserved));
    this.#freeCount = this.#free.length;
  }

  /** Requests that have a slot. */
  get outstanding(): number {
    return this.#free.length - this.#freeCount;
  }

  /** Whether it may be sent one more request. */
  get hasRoom(): boolean {
    return this.#freeCount > 0 && this.outstanding < this.config.outstandingMax;
  }

  /** Whether there is an identifier, be it beyond `outstandingMax`. */
  get hasIdentifier(): boolean {
    return this.#freeCount > 0;
  }

  /** The slot that `take` gives next. There must be a free one. */
  get nextSlot(): number {
    return this.#free[this.#freeHead]!;
  }

  take(request: Request): void {
    this.#requests[this.nextSlot] = request;
    this.#freeHead = (this.#freeHead + 1) % this.#free.length;
    this.#freeCount -= 1;
  }

  /** @param authenticator of the request, which later answers are to be known by */
  release(slot: number, authenticator: Uint8Array, end: SlotEnd): void {
    this.#requests[slot] = undefined;
    this.#formerEnd[slot] = end;
    for (let index = 0; index < authenticatorOctets; index += 1) {
      this.#formerAuthenticators[slot * authenticatorOctets + index] = authenticator[index]!;
    }
    this.#free[(this.#freeHead + this.#freeCount) % this.#free.length] = slot;
    this.#freeCount += 1;
  }

  /** The slot of an identifier that came by a channel; undefined for a channel that is not the endpoint's. */
  slotOf(channel: number, identifier: number): number | undefined {
    const own = channel - this.config.firstChannel;
    return own < 0 || own >= this.config.channels ? undefined : own * identifiersPerChannel + identifier;
  }

  /** The socket, as a channel of port `aaa`, by which the request of a slot leaves. */
  channelOf(slot: number): number {
    return this.config.firstChannel + Math.floor(slot / identifiersPerChannel);
  }

  /** The request in a slot; undefined for a free one. */
  at(slot: number): Request | undefined {
    return this.#requests[slot];
  }

  /** The request that had the slot before the one in it, or last. */
  formerAt(slot: number): Former | undefined {
    const end = this.#formerEnd[slot];
    if (end === undefined) return undefined;
    const at = slot * authenticatorOctets;
    return { authenticator: this.#formerAuthenticators.subarray(at, at + authenticatorOctets), end };
  }

  /** All requests on their way. */
  *requests(): Generator<Request> {
    if (this.outstanding === 0) return;
    for (const request of this.#requests) if (request !== undefined) yield request;
  }
}

/** The identifier of a slot. */
export function identifierOf(slot: number): number {
  return slot % identifiersPerChannel;
}
