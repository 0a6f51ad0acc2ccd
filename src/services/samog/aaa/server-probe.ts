import type { RandomSource } from '../../../kernel/context.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { Timed } from '../../../kernel/port.ts';
import type { Tlv } from '../../../wire/bytes/tlv.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import type { RadiusServer } from './radius-server.ts';
import type { Exchange, Transmitter } from './transmitter.ts';

/** How often a dead server is asked; each wait varies at random by up to a quarter. */
const intervalMs = 10_000;
const jitter = 0.25;
/** How long an answer is waited for: less than the least interval, so that one question is on its way at a time. */
const patienceMs = 5000;
const once = { initialMs: patienceMs, maxMs: patienceMs, transmissions: 1, durationMs: patienceMs };

interface Watched {
  askAt: Instant;
  exchange: Exchange | undefined;
}

/**
 * Asks servers that are dead by Status-Server (RFC 5997) whether they live again, each at the address and port where it
 * was silent (section 4.3). Whoever answers is heard by the transmitter, whatever it says (section 4.5).
 */
export class ServerProbe implements Timed {
  readonly #transmitter: Transmitter;
  readonly #random: RandomSource;
  readonly #nas: readonly Tlv[];
  readonly #watched = new Map<RadiusServer, Watched>();

  /** @param nas how the gateway calls itself, as in its other requests */
  constructor(transmitter: Transmitter, nas: readonly Tlv[], random: RandomSource) {
    this.#transmitter = transmitter;
    this.#nas = nas;
    this.#random = random;
  }

  /** Asks a dead server by Status-Server from now on, until it is forgotten. */
  watch(server: RadiusServer, now: Instant): void {
    this.#watched.set(server, { askAt: now + this.#interval(), exchange: undefined });
  }

  /** Asks it no more; a question on its way is given up. */
  forget(server: RadiusServer): void {
    const watched = this.#watched.get(server);
    if (watched?.exchange !== undefined) this.#transmitter.cancel(watched.exchange);
    this.#watched.delete(server);
  }

  advance(now: Instant): void {
    for (const [server, watched] of this.#watched) {
      if (now < watched.askAt) continue;
      watched.askAt = now + this.#interval();
      if (server.endpoint.hasIdentifier) this.#ask(server, watched, now);
    }
  }

  nextDeadline(): Instant {
    let earliest = never;
    for (const { askAt } of this.#watched.values()) earliest = Math.min(earliest, askAt);
    return earliest;
  }

  #ask(server: RadiusServer, watched: Watched, now: Instant): void {
    const request = { code: radiusCode.statusServer, attributes: () => this.#nas };
    const owner = {
      answered: () => {
        watched.exchange = undefined;
        server.answeredStatus();
      },
      unanswered: () => {
        watched.exchange = undefined;
      },
    };
    watched.exchange = this.#transmitter.send(server.endpoint, request, once, owner, now);
  }

  #interval(): number {
    return intervalMs * (1 - jitter + 2 * jitter * (this.#random.u32() / 0x100000000));
  }
}
