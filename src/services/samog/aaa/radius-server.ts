import type { IpAddress } from '../../../kernel/address.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import type { RadiusServerConfig } from '../config.ts';

const identifiersPerChannel = 256;
/** Requests in a row through one channel: a socket sends, and receives the answers of, many at a time. */
const identifiersPerRun = 32;

/** A server as operators see it. */
export interface RadiusServerStatus {
  readonly name: string;
  readonly address: IpAddress;
  readonly port: number;
  readonly state: 'up' | 'dead';
  /** How long a dead server is still passed over; 0 for one that is up. */
  readonly deadForMs: number;
  /** Requests that wait for its answer. */
  readonly outstanding: number;
  readonly sent: number;
  readonly retransmitted: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Requests it never answered. */
  readonly timeouts: number;
  /** Since its last valid answer; undefined if there was none. */
  readonly lastResponseAgeMs: number | undefined;
}

/**
 * One server and the requests it has not answered, each in a slot: one identifier of one channel (RFC 2865 section 3: a
 * source port carries 256 requests at a time).
 *
 * Free slots form a ring: taken at the head, given back at the tail, begun in runs of a few identifiers of each channel. So
 * requests go round the channels, and the identifier used next is always the one unused for longest.
 */
export class ServerSlots<Request> {
  readonly config: RadiusServerConfig;
  readonly secret: Uint8Array;
  readonly #outstandingMax: number;
  readonly #requests: (Request | undefined)[];
  readonly #free: Uint32Array;
  #freeHead = 0;
  #freeCount: number;

  sent = 0;
  retransmitted = 0;
  accepted = 0;
  rejected = 0;
  timeouts = 0;
  /** When it last gave a valid answer. */
  answeredAt: Instant | undefined;
  /** When it was last found dead. */
  diedAt: Instant = Number.NEGATIVE_INFINITY;
  #deadUntil: Instant = Number.NEGATIVE_INFINITY;

  constructor(config: RadiusServerConfig, channels: number, outstandingMax: number) {
    this.config = config;
    this.secret = utf8Encode(config.secret);
    this.#outstandingMax = outstandingMax;
    const slots = channels * identifiersPerChannel;
    this.#requests = new Array<Request | undefined>(slots).fill(undefined);
    this.#free = Uint32Array.from({ length: slots }, (_, index) => {
      const run = Math.floor(index / identifiersPerRun);
      const identifier = Math.floor(run / channels) * identifiersPerRun + (index % identifiersPerRun);
      return slotOf(run % channels, identifier);
    });
    this.#freeCount = slots;
  }

  get #outstanding(): number {
    return this.#requests.length - this.#freeCount;
  }

  /** Whether it can be sent one more request. */
  get hasFree(): boolean {
    return this.#freeCount > 0 && this.#outstanding < this.#outstandingMax;
  }

  isDead(now: Instant): boolean {
    return now < this.#deadUntil;
  }

  markDead(now: Instant, forMs: number): void {
    this.diedAt = now;
    this.#deadUntil = now + forMs;
  }

  /** Notes a valid answer: whatever it says, the server is alive. */
  markAnswered(now: Instant): void {
    this.answeredAt = now;
    this.#deadUntil = Number.NEGATIVE_INFINITY;
  }

  /** Gives a free slot to a request. There must be one. */
  take(request: Request): number {
    const slot = this.#free[this.#freeHead]!;
    this.#freeHead = (this.#freeHead + 1) % this.#free.length;
    this.#freeCount -= 1;
    this.#requests[slot] = request;
    return slot;
  }

  release(slot: number): void {
    this.#requests[slot] = undefined;
    this.#free[(this.#freeHead + this.#freeCount) % this.#free.length] = slot;
    this.#freeCount += 1;
  }

  /** The request in a slot; undefined for a free slot or a number that is none. */
  at(slot: number): Request | undefined {
    return this.#requests[slot];
  }

  status(now: Instant): RadiusServerStatus {
    const dead = this.isDead(now);
    return {
      name: this.config.name,
      address: this.config.address,
      port: this.config.port,
      state: dead ? 'dead' : 'up',
      deadForMs: dead ? this.#deadUntil - now : 0,
      outstanding: this.#outstanding,
      sent: this.sent,
      retransmitted: this.retransmitted,
      accepted: this.accepted,
      rejected: this.rejected,
      timeouts: this.timeouts,
      lastResponseAgeMs: this.answeredAt === undefined ? undefined : now - this.answeredAt,
    };
  }
}

/** The channel of a slot, and the identifier in it. */
export function channelOf(slot: number): number {
  return Math.floor(slot / identifiersPerChannel);
}

export function identifierOf(slot: number): number {
  return slot % identifiersPerChannel;
}

export function slotOf(channel: number, identifier: number): number {
  return channel * identifiersPerChannel + identifier;
}
