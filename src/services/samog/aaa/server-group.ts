import type { Counters } from '../../../kernel/counters.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Timed } from '../../../kernel/port.ts';
import type { Hop } from '../../../wire/radius/mppe-keys.ts';
import type { RadiusOctets } from '../../../wire/radius/packet-octets.ts';
import type { SamogCounter } from '../statistics.ts';
import type { RadiusServer, RadiusServerStatus } from './radius-server.ts';
import { rendezvousHash, rendezvousScore } from './rendezvous.ts';
import type { Exchange, ExchangeOwner, RadiusRequest, Repetition, Transmitter } from './transmitter.ts';
import { type Waiting, WaitingLine } from './waiting-line.ts';

/** A request to whichever server of the group. */
export interface GroupRequest extends RadiusRequest {
  /** What it is spread by: requests of one key go to one server while it lives. Calling-Station-Id. */
  hash(): string;
  /** The name of the only server it may go to, such as the one whose State it has. A name that is none is ignored. */
  readonly server?: string | undefined;
  /**
   * Of requests that wait, those that go on with something come before those that begin something (RFC 5080 section
   * 2.2.3 speaks of load; a conversation given up half-way has cost all of its work).
   */
  readonly urgency: 'continuing' | 'new';
}

export type GroupOutcome =
  | {
      readonly kind: 'answered';
      readonly packet: RadiusOctets;
      /** Of the request it answers: keys in an Access-Accept are hidden with it. */
      readonly hop: Hop;
      /** The name of the server. */
      readonly server: string;
    }
  /** By every server that it might go to. */
  | { readonly kind: 'unanswered' };

/** A request from `send` to its outcome. */
export interface Ticket {
  /** It waits for a free identifier. */
  readonly waits: boolean;
}

export interface ServerGroupOptions {
  readonly repetition: Repetition;
  /** Requests that may wait for a free identifier. */
  readonly waitingMax: number;
}

export interface ServerGroupStatus {
  readonly servers: readonly RadiusServerStatus[];
  /** Requests waiting for a free identifier. */
  readonly waiting: number;
}

interface Pending extends Waiting<Pending> {
  readonly request: GroupRequest;
  readonly onOutcome: (outcome: GroupOutcome, now: Instant) => void;
  readonly key: number;
  /** When it came, in order. */
  order: number;
  /** The servers it may still be sent to, one bit each, by their places in `among`. */
  eligible: number;
  among: readonly RadiusServer[];
  /** Where it is now; undefined while it waits, and afterwards. */
  exchange: Exchange | undefined;
  ended: boolean;
}

/** One bit of a number each; the configuration allows no more servers. */
const serversMax = 31;
const urgencies = ['continuing', 'new'] as const;

/**
 * Servers that stand in for each other. A request goes to a living one with room, of the best priority that has any; among
 * these by the hash of its key, scaled by weight. Those without State go on to the next server when one is silent; where only
 * dead ones are left, the one dead for longest is tried, as the last. If all that live have as many requests as they
 * may, it waits.
 *
 * Requests that may go to the same servers wait in one line, so that one that waits for a busy server holds up nobody who may
 * go to another.
 */
export class ServerGroup implements Timed {
  #servers: readonly RadiusServer[];
  readonly #transmitter: Transmitter;
  readonly #counters: Counters<SamogCounter>;
  #options: ServerGroupOptions;
  /** By urgency, then by eligible servers. Lines without anybody are removed. */
  readonly #lines = {
    continuing: new Map<number, WaitingLine<Pending>>(),
    new: new Map<number, WaitingLine<Pending>>(),
  };
  #waiting = 0;
  #isHeld = false;
  #orders = 0;
  /** A cancellation has made room that the lines have not been given. */
  #roomLeft = false;

  /** @param servers at least one, at most 31 */
  constructor(
    servers: readonly RadiusServer[],
    transmitter: Transmitter,
    counters: Counters<SamogCounter>,
    options: ServerGroupOptions,
  ) {
    if (servers.length > serversMax) throw new RangeError(`${servers.length} RADIUS servers`);
    this.#servers = servers;
    this.#transmitter = transmitter;
    this.#counters = counters;
    this.#options = options;
  }

  /**
   * Sends a request, or has it wait. The outcome follows once, never within this call; it may send again.
   *
   * @returns undefined if too many wait already: then no outcome follows
   */
  send(
    request: GroupRequest,
    onOutcome: (outcome: GroupOutcome, now: Instant) => void,
    now: Instant,
  ): Ticket | undefined {
    const pending: Pending = {
      request,
      onOutcome,
      key: this.#servers.length === 1 ? 0 : rendezvousHash(request.hash()),
      order: 0,
      eligible: this.#eligible(request.server),
      among: this.#servers,
      exchange: undefined,
      ended: false,
      ahead: undefined,
      behind: undefined,
      waits: false,
    };
    const mayGo = !this.#isHeld && this.#lineOf(pending) === undefined;
    const server = mayGo ? this.#serverFor(pending, now) : undefined;
    if (server !== undefined) {
      this.#send(pending, server, now);
    } else if (this.#waiting < this.#waitingMax) {
      this.#join(pending);
    } else {
      this.#counters.add('radius.refused.queue-full');
      return undefined;
    }
    return pending;
  }

  /**
   * Goes on with other servers. What is on its way to one that is gone comes to its end there; who waits may go to the new ones.
   *
   * @param servers at least one, at most 31; those that stay are the same objects
   */
  reconfigure(servers: readonly RadiusServer[], options: ServerGroupOptions, now: Instant): void {
    this.#servers = servers;
    this.#options = options;
    const waiting: Pending[] = [];
    for (const urgency of urgencies) {
      for (const line of this.#lines[urgency].values()) {
        for (let { first } = line; first !== undefined; first = line.first) {
          this.#leave(first);
          waiting.push(first);
        }
      }
    }
    for (const pending of waiting.sort((left, right) => left.order - right.order)) {
      this.#settle(pending);
      // Whom it waited for is gone, and the others have been silent: it begins again.
      if (pending.eligible === 0) pending.eligible = this.#eligible(pending.request.server);
      this.#join(pending);
    }
    this.serve(now);
  }

  /** Forgets a request: no outcome follows. One that has its outcome is left alone. */
  cancel(ticket: Ticket): void {
    const pending = ticket as Pending;
    if (pending.ended) return;
    pending.ended = true;
    if (pending.waits) this.#leave(pending);
    if (pending.exchange !== undefined) this.#transmitter.cancel(pending.exchange);
    this.#roomLeft = this.#waiting > 0;
  }

  advance(now: Instant): void {
    if (this.#roomLeft) this.serve(now);
  }

  nextDeadline(): Instant {
    return this.#roomLeft ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  /** Sends what waits, the most urgent first and then in order, as far as there are identifiers. */
  serve(now: Instant): void {
    this.#roomLeft = false;
    for (let next = this.#next(now); next !== undefined; next = this.#next(now)) {
      this.#leave(next.pending);
      this.#send(next.pending, next.server, now);
    }
  }

  /**
   * Has what is sent from now on wait, or sends it after all: those for whom there would be room at the servers wait besides.
   * What is on its way is repeated and answered as ever.
   */
  hold(isHeld: boolean, now: Instant): void {
    this.#isHeld = isHeld;
    this.serve(now);
  }

  get #waitingMax(): number {
    const { waitingMax } = this.#options;
    if (!this.#isHeld) return waitingMax;
    const room = ({ endpoint }: RadiusServer) => Math.max(0, endpoint.config.outstandingMax - endpoint.outstanding);
    return this.#servers.reduce((sum, server) => sum + room(server), waitingMax);
  }

  /** Nothing is on its way to a server that lives. */
  isQuiet(now: Instant): boolean {
    return this.#servers.every((server) => server.endpoint.outstanding === 0 || server.isDead(now));
  }

  /** Requests on their way or waiting, and how many may be on their way to the servers that live, or to all if none does. */
  load(now: Instant): { readonly inUse: number; readonly most: number } {
    // Of those that are held nothing says how busy the servers are.
    let inUse = this.#isHeld ? 0 : this.#waiting;
    let most = 0;
    let ofAll = 0;
    for (const server of this.#servers) {
      const { outstanding, config } = server.endpoint;
      inUse += outstanding;
      ofAll += config.outstandingMax;
      if (!server.isDead(now)) most += config.outstandingMax;
    }
    return { inUse, most: most === 0 ? ofAll : most };
  }

  status(now: Instant): ServerGroupStatus {
    return { servers: this.#servers.map((server) => server.status(now)), waiting: this.#waiting };
  }

  #eligible(name: string | undefined): number {
    const index = name === undefined ? -1 : this.#servers.findIndex(({ options }) => options.name === name);
    return index >= 0 ? 1 << index : 2 ** this.#servers.length - 1;
  }

  /** The server to send a request to, or undefined if it has to wait. */
  #serverFor({ eligible, key }: Pending, now: Instant): RadiusServer | undefined {
    let best: RadiusServer | undefined;
    let bestScore = 0;
    let oldest: RadiusServer | undefined;
    let busy = false;
    for (let index = 0; index < this.#servers.length; index += 1) {
      if ((eligible & (1 << index)) === 0) continue;
      const server = this.#servers[index]!;
      const { priority, weight } = server.options;
      if (server.isDead(now)) {
        if (oldest === undefined || server.diedAt < oldest.diedAt) oldest = server;
      } else if (!server.endpoint.hasRoom) busy = true;
      else if (best === undefined || priority <= best.options.priority) {
        const score = rendezvousScore(key, server.hash, weight);
        if (best !== undefined && priority === best.options.priority && score <= bestScore) continue;
        best = server;
        bestScore = score;
      }
    }
    if (best !== undefined) return best;
    return !busy && oldest?.endpoint.hasRoom ? oldest : undefined;
  }

  #send(pending: Pending, server: RadiusServer, now: Instant): void {
    pending.eligible &= ~(1 << this.#servers.indexOf(server));
    // Where it was dead already, no other is tried after it.
    if (server.isDead(now)) pending.eligible = 0;
    const passedOver = (at: Instant) => pending.eligible !== 0 && server.isDead(at);
    const { repetition } = this.#options;
    const owner: ExchangeOwner = {
      goesOn: (at) => !passedOver(at),
      answered: (packet, hop, at) => {
        this.#finish(pending, { kind: 'answered', packet, hop, server: server.options.name }, at);
      },
      unanswered: (at) => {
        if (!passedOver(at)) server.unanswered(now, at);
        pending.exchange = undefined;
        this.#settle(pending);
        if (pending.eligible === 0) return this.#finish(pending, { kind: 'unanswered' }, at);
        // Behind those who wait already, and never refused: it held an identifier, so the lines stay bounded.
        this.#join(pending);
        this.serve(at);
      },
    };
    pending.exchange = this.#transmitter.send(server.endpoint, pending.request, repetition, owner, now);
  }

  #finish(pending: Pending, outcome: GroupOutcome, now: Instant): void {
    pending.ended = true;
    pending.exchange = undefined;
    this.serve(now);
    if (outcome.kind === 'unanswered') this.#counters.add('radius.timeout');
    pending.onOutcome(outcome, now);
  }

  /** Who is to be sent next, and where to. */
  #next(now: Instant): { readonly pending: Pending; readonly server: RadiusServer } | undefined {
    if (this.#waiting === 0 || this.#isHeld) return undefined;
    for (const urgency of urgencies) {
      let next: { readonly pending: Pending; readonly server: RadiusServer } | undefined;
      for (const { first } of this.#lines[urgency].values()) {
        if (first === undefined || (next !== undefined && first.order > next.pending.order)) continue;
        const server = this.#serverFor(first, now);
        if (server !== undefined) next = { pending: first, server };
      }
      if (next !== undefined) return next;
    }
    return undefined;
  }

  #lineOf({ request, eligible }: Pending): WaitingLine<Pending> | undefined {
    return this.#lines[request.urgency].get(eligible);
  }

  #join(pending: Pending): void {
    this.#settle(pending);
    const lines = this.#lines[pending.request.urgency];
    let line = lines.get(pending.eligible);
    if (line === undefined) {
      line = new WaitingLine<Pending>();
      lines.set(pending.eligible, line);
    }
    pending.order = this.#orders;
    this.#orders += 1;
    line.join(pending);
    this.#waiting += 1;
  }

  /** By the places that servers have now: new ones have not been tried, and one that is the only one it may go to stays so. */
  #settle(pending: Pending): void {
    if (pending.among === this.#servers) return;
    const { among, eligible, request } = pending;
    const wanted = this.#eligible(request.server);
    pending.among = this.#servers;
    pending.eligible = 0;
    for (const [index, server] of this.#servers.entries()) {
      const before = among.indexOf(server);
      const isOpen = before < 0 || (eligible & (1 << before)) !== 0;
      if (isOpen && (wanted & (1 << index)) !== 0) pending.eligible |= 1 << index;
    }
  }

  #leave(pending: Pending): void {
    const line = this.#lineOf(pending)!;
    line.leave(pending);
    this.#waiting -= 1;
    if (line.length === 0) this.#lines[pending.request.urgency].delete(pending.eligible);
  }
}
