import type { IpAddress } from '../../../kernel/address.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Endpoint } from './endpoint.ts';
import { rendezvousHash } from './rendezvous.ts';
import type { Exchange } from './transmitter.ts';

/** A server as operators see it. */
export interface RadiusServerStatus {
  readonly name: string;
  readonly address: IpAddress;
  readonly port: number;
  readonly transport: 'udp' | 'tls';
  readonly priority: number;
  readonly weight: number;
  readonly state: 'up' | 'dead';
  /** How long a dead server is still passed over; 0 for one that is up, undefined for one that has to answer first. */
  readonly deadForMs: number | undefined;
  /** Requests that wait for its answer. */
  readonly outstanding: number;
  readonly sent: number;
  readonly retransmitted: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly challenged: number;
  readonly accounted: number;
  /** Requests it never answered. */
  readonly timeouts: number;
  /** Since its last valid answer; undefined if there was none. */
  readonly lastResponseAgeMs: number | undefined;
}

/** How a server is chosen, and given up. */
export interface RadiusServerOptions {
  readonly name: string;
  /** Lower is better: those above serve only while none below lives. */
  readonly priority: number;
  /** Its share among servers of its priority; at least 1. */
  readonly weight: number;
  /** How long it is passed over after it was silent; 0 for never. */
  readonly deadTimeMs: number;
}

/** Who is told when a server dies and when it is heard again; each once. */
export interface ServerWatcher {
  died(server: RadiusServer, now: Instant): void;
  revived(server: RadiusServer, now: Instant): void;
}

/**
 * A server of a group: its endpoint, and whether it lives. It is dead when a request and all its repetitions went
 * unanswered, and all else meanwhile. It lives again as soon as it is heard, and is tried again after its dead time; one that
 * is known to answer Status-Server has to be heard (RFC 5997 section 4.5).
 */
export class RadiusServer {
  options: RadiusServerOptions;
  readonly endpoint: Endpoint<Exchange>;
  /** When it was last found dead. */
  diedAt: Instant = Number.NEGATIVE_INFINITY;
  #hash: number;
  readonly #watcher: ServerWatcher;
  #isSilent = false;
  #deadUntil: Instant = Number.NEGATIVE_INFINITY;
  #answersStatus = false;

  constructor(options: RadiusServerOptions, endpoint: Endpoint<Exchange>, watcher: ServerWatcher) {
    this.options = options;
    this.endpoint = endpoint;
    this.#hash = rendezvousHash(options.name);
    this.#watcher = watcher;
  }

  /** 32 bits that stand for it where keys are spread. */
  get hash(): number {
    return this.#hash;
  }

  /** It is chosen and given up otherwise from now on. */
  reconfigure(options: RadiusServerOptions): void {
    this.options = options;
    this.#hash = rendezvousHash(options.name);
  }

  /** Whether the server is passed over while another lives. */
  isDead(now: Instant): boolean {
    return this.#isSilent && (this.#waitsToBeHeard || now < this.#deadUntil);
  }

  get #waitsToBeHeard(): boolean {
    return this.#answersStatus || this.#deadUntil === Number.POSITIVE_INFINITY;
  }

  /** A request that was first sent at `sentAt` was never answered. */
  unanswered(sentAt: Instant, now: Instant): void {
    const { answeredAt } = this.endpoint;
    // One that answers others is alive; it only has nothing to say to this request.
    if (answeredAt !== undefined && answeredAt > sentAt) return;
    if (this.options.deadTimeMs === 0) return;
    this.diedAt = now;
    this.#deadUntil = now + this.options.deadTimeMs;
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#watcher.died(this, now);
  }

  /** Its connection has failed: it is passed over until another one stands. */
  disconnected(now: Instant): void {
    this.diedAt = now;
    this.#deadUntil = Number.POSITIVE_INFINITY;
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#watcher.died(this, now);
  }

  /** An authentic packet came from it, or a connection to it stands. */
  heard(now: Instant): void {
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#watcher.revived(this, now);
  }

  /** It has answered a Status-Server: its life can be told from now on. */
  answeredStatus(): void {
    this.#answersStatus = true;
  }

  status(now: Instant): RadiusServerStatus {
    const { endpoint, options } = this;
    const dead = this.isDead(now);
    return {
      name: options.name,
      address: endpoint.config.address,
      port: endpoint.config.port,
      transport: endpoint.config.transport,
      priority: options.priority,
      weight: options.weight,
      state: dead ? 'dead' : 'up',
      deadForMs: dead ? (this.#waitsToBeHeard ? undefined : this.#deadUntil - now) : 0,
      outstanding: endpoint.outstanding,
      ...endpoint.figures,
      lastResponseAgeMs: endpoint.answeredAt === undefined ? undefined : now - endpoint.answeredAt,
    };
  }
}
