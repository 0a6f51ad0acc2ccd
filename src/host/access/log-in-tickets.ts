import { randomBytes } from 'node:crypto';
import type { Seal } from '../../kernel/context.ts';
import type { WallClock } from '../../kernel/instant.ts';
import { type LoggedIn, parseTicket, ticketText } from '../../operations/access/log-in-ticket.ts';
import { utf8Decode, utf8Encode } from '../../wire/bytes/text.ts';

/** A page has one of the last minute when its chassis falls silent, and goes some seconds later. */
export const ticketLifeMs = 5 * 60_000;
/** So much the clocks of two chassis may be apart unnoticed. */
const skewMs = 60_000;
const ticketCharactersMax = 2048;
/** Of tickets that were used, until they are over; further ones are refused. */
const usedMax = 10_000;

/**
 * Tickets from one chassis of a pair to the other, under a key of the pair: sealed, so that nobody else can make or read one; for a short
 * while; from the other chassis alone; and once.
 */
export class LogInTickets {
  readonly #seal: Seal;
  readonly #chassis: string;
  readonly #wallClock: () => WallClock;
  /** Until when each would have been good. */
  readonly #used = new Map<string, WallClock>();

  /** @param chassis what this one is called, unlike the other */
  constructor(seal: Seal, chassis: string, wallClock: () => WallClock) {
    this.#seal = seal;
    this.#chassis = chassis;
    this.#wallClock = wallClock;
  }

  /** For the other chassis. */
  give(who: LoggedIn): string {
    const id = randomBytes(16).toString('base64url');
    const text = ticketText({ id, from: this.#chassis, epochMs: this.#wallClock(), ...who });
    return Buffer.from(this.#seal.seal(utf8Encode(text))).toString('base64url');
  }

  /** Who comes with it, which nobody does again; undefined if it is none, over, used, or this chassis's own. */
  take(ticket: string): LoggedIn | undefined {
    if (ticket.length > ticketCharactersMax) return undefined;
    const clear = this.#seal.open(Buffer.from(ticket, 'base64url'));
    const read = clear && parseTicket(utf8Decode(clear));
    if (read === undefined) return undefined;
    const { id, from, epochMs, ageMs, ...who } = read;
    const at = this.#wallClock();
    if (from === this.#chassis || at < epochMs - skewMs || at > epochMs + ticketLifeMs) return undefined;
    for (const [used, until] of this.#used) if (until < at) this.#used.delete(used);
    if (this.#used.has(id) || this.#used.size >= usedMax) return undefined;
    this.#used.set(id, epochMs + ticketLifeMs);
    return { ...who, ageMs: ageMs + Math.max(0, at - epochMs) };
  }
}
