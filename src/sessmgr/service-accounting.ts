import type { Counters } from '../kernel/counters.ts';
import { type Instant, never, type WallClock } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import type { GroupRequest, ServerGroup, Ticket } from '../services/samog/aaa/server-group.ts';
import { secondOf } from '../services/samog/account-id.ts';
import { delayAttribute, serviceAttributes } from '../services/samog/accounting/record.ts';
import type { MrmeServiceConfig } from '../services/samog/config.ts';
import type { SamogCounter } from '../services/samog/statistics.ts';
import { radiusCode } from '../wire/radius/constants.ts';
import type { ServiceNews } from './instances/peer-news.ts';

export interface ServiceAccountingDependencies {
  readonly config: () => MrmeServiceConfig;
  readonly servers: Pick<ServerGroup, 'send' | 'cancel' | 'status'>;
  readonly counters: Counters<SamogCounter>;
  readonly wallClock: () => WallClock;
  /** Accounting-On is settled: records may leave, those of other instances too. */
  readonly settled: (now: Instant) => void;
}

type Status = 'on' | 'off';

/** So long records wait for Accounting-On. Then it is sent no more: one that came late would end sessions at AAA. */
const onLimitMs = 10_000;
/** The part of a server's timeout after which nothing has been repeated: the first wait varies by a tenth. */
const beforeRepetition = 0.8;
/** So long the end of the service waits for AAA. */
const offLimitMs = 1000;

interface Announcement {
  readonly status: Status;
  readonly until: Instant;
  readonly tickets: Set<Ticket>;
  readonly done: (now: Instant) => void;
}

/**
 * Tells AAA that the service begins without sessions, or ends and keeps none (RFC 2866 section 5.1): each accounting server
 * once, because each has books of its own. Accounting-On comes before any record of the new sessions, or not at all.
 */
export class ServiceAccounting implements Timed {
  readonly #dependencies: ServiceAccountingDependencies;
  #heldUntil: Instant | undefined;
  #said: Announcement | undefined;

  constructor(dependencies: ServiceAccountingDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether records wait. */
  get isHolding(): boolean {
    return this.#heldUntil !== undefined;
  }

  /** @param speaks whether it is this instance that tells AAA */
  tell(news: ServiceNews, speaks: boolean, now: Instant, done: (now: Instant) => void): void {
    if (news === 'accounting-ends' && speaks) return this.end(now, done);
    if (news === 'accounting-ends') this.silence(now);
    if (news === 'accounting-begun') this.release(now);
    if (news === 'accounting-begins' || news === 'accounting-held') this.hold(now);
    if (news === 'accounting-begins' && speaks) this.begin(now);
    if (news === 'accounting-announced' && speaks) this.begin(now, true);
    done(now);
  }

  /** A service without sessions begins: its records wait until Accounting-On is settled, for a while at most. */
  hold(now: Instant): void {
    if (this.#dependencies.config().accounting.own) this.#heldUntil = now + onLimitMs;
  }

  /**
   * Sends Accounting-On, if it can still come before all records.
   *
   * @param once whether it is not repeated: another chassis may take over meanwhile, and send records
   */
  begin(now: Instant, once = false): void {
    if (this.#heldUntil === undefined || now >= this.#heldUntil || this.#said !== undefined) return;
    const repeatedAt = now + this.#dependencies.config().radius.timeoutMs * beforeRepetition;
    const until = once ? Math.min(repeatedAt, this.#heldUntil) : this.#heldUntil;
    this.#say('on', until, this.#dependencies.settled, now, once);
  }

  /** Records wait no longer. */
  release(now: Instant): void {
    this.#heldUntil = undefined;
    this.#giveUp(now);
  }

  /** Sends Accounting-Off, and no record after it; `done` follows when all servers have answered, or after a while. */
  end(now: Instant, done: (now: Instant) => void): void {
    if (!this.#dependencies.config().accounting.own) return done(now);
    this.silence(now);
    this.#say('off', now + offLimitMs, done, now);
  }

  /** Nothing is said any more: another instance says for all that the service ends. */
  silence(now: Instant): void {
    if (!this.#dependencies.config().accounting.own) return;
    this.#giveUp(now);
    this.#heldUntil = never;
  }

  /** To be called before servers have their turn: what is over must not be repeated. */
  advance(now: Instant): void {
    if (this.#heldUntil !== undefined && now >= this.#heldUntil) this.release(now);
    if (this.#said !== undefined && now >= this.#said.until) this.#giveUp(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#heldUntil ?? never, this.#said?.until ?? never);
  }

  #say(status: Status, until: Instant, done: (now: Instant) => void, now: Instant, once = false): void {
    const { servers, counters, wallClock } = this.#dependencies;
    const config = this.#dependencies.config();
    const said: Announcement = { status, until, tickets: new Set(), done };
    const second = secondOf(wallClock());
    this.#said = said;
    for (const { name } of servers.status(now).servers) {
      const request: GroupRequest = {
        code: radiusCode.accountingRequest,
        hash: () => name,
        server: name,
        urgency: 'continuing',
        attributes: () => {
          const delaySeconds = Math.max(0, secondOf(wallClock()) - second);
          return [...serviceAttributes(config, status, second), delayAttribute(delaySeconds)];
        },
      };
      const ticket = servers.send(
        request,
        ({ kind }, at) => {
          counters.add(`accounting.${status}.${kind === 'answered' ? 'acknowledged' : 'given-up'}`);
          this.#ended(said, ticket!, at);
        },
        now,
      );
      // What waits would be sent later.
      if (once && ticket?.waits === true) servers.cancel(ticket);
      if (ticket === undefined || (once && ticket.waits)) counters.add(`accounting.${status}.given-up`);
      else said.tickets.add(ticket);
      counters.add(`accounting.${status}.sent`);
    }
    if (said.tickets.size === 0) this.#settle(said, now);
  }

  #ended(said: Announcement, ticket: Ticket, now: Instant): void {
    said.tickets.delete(ticket);
    if (said.tickets.size === 0 && this.#said === said) this.#settle(said, now);
  }

  /** Whoever has not answered is asked no more. */
  #giveUp(now: Instant): void {
    const said = this.#said;
    if (said === undefined) return;
    for (const ticket of said.tickets) {
      this.#dependencies.servers.cancel(ticket);
      this.#dependencies.counters.add(`accounting.${said.status}.given-up`);
    }
    this.#settle(said, now);
  }

  #settle(said: Announcement, now: Instant): void {
    this.#said = undefined;
    said.done(now);
  }
}
