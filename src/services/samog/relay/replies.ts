import type { IpAddress } from '../../../kernel/address.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { Timed } from '../../../kernel/port.ts';

/** What makes a RADIUS request that one and no other (RFC 5080 section 2.2.2). */
export interface RequestName {
  readonly client: IpAddress;
  /** The UDP port it came from. */
  readonly port: number;
  /** One octet. */
  readonly identifier: number;
  /** The Request Authenticator, 16 octets. */
  readonly authenticator: Uint8Array;
}

/**
 * What the memory says of a request: `new`, with the request of the same port and Identifier that it replaces if there
 * was one; `pending`, a repetition whose answer is not there yet, to be dropped; `answered`, a repetition, with the
 * octets that answered it.
 */
export type Recollection =
  | { readonly kind: 'new'; readonly replaced: RequestName | undefined }
  | { readonly kind: 'pending' }
  | { readonly kind: 'answered'; readonly reply: Uint8Array };

export interface ReplyMemoryLimits {
  /** How long a repetition is answered. RFC 5080 section 2.2.2 wants 5 to 30 seconds, RFC 5176 section 6.3 its window. */
  readonly keepMs: number;
  /** Requests remembered, answered or not; the oldest gives way. */
  readonly requestsMax: number;
}

interface Entry {
  readonly name: RequestName;
  /** Undefined until it is answered. */
  reply: Uint8Array | undefined;
  until: Instant;
}

/**
 * Remembers requests and their answers, so that none has effects twice. Only requests whose authenticator is right may
 * come here: nothing that is forged changes the memory.
 *
 * Entries stand in the order in which they will be forgotten. A request that nobody answers or forgets is forgotten after
 * `keepMs` as well, and is new if it comes again.
 */
export class ReplyMemory implements Timed {
  readonly #limits: ReplyMemoryLimits;
  readonly #entries = new Map<string, Entry>();

  constructor(limits: ReplyMemoryLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Looks a request up, and remembers it if it is new. The name is kept: nothing in it may be a view of a buffer. */
  ask(name: RequestName, now: Instant): Recollection {
    this.advance(now);
    const key = keyOf(name);
    const before = this.#entries.get(key);
    if (before !== undefined && sameOctets(before.name.authenticator, name.authenticator)) {
      return before.reply === undefined ? { kind: 'pending' } : { kind: 'answered', reply: before.reply };
    }
    this.#put(key, { name, reply: undefined, until: now + this.#limits.keepMs });
    return { kind: 'new', replaced: before?.name };
  }

  /**
   * Remembers the answer from now on; also of a request that was never asked about, such as one that another chassis
   * has answered. Of a request that another has replaced nothing is remembered, and nobody waits for its answer: false.
   */
  answered(name: RequestName, reply: Uint8Array, now: Instant): boolean {
    const key = keyOf(name);
    const before = this.#entries.get(key);
    if (before !== undefined && !sameOctets(before.name.authenticator, name.authenticator)) return false;
    this.#put(key, { name, reply, until: now + this.#limits.keepMs });
    return true;
  }

  /** Forgets a request that will not be answered: if it comes again, it is new. */
  forget(name: RequestName): void {
    const key = keyOf(name);
    const before = this.#entries.get(key);
    if (before !== undefined && sameOctets(before.name.authenticator, name.authenticator)) this.#entries.delete(key);
  }

  advance(now: Instant): void {
    for (const [key, { until }] of this.#entries) {
      if (until > now) return;
      this.#entries.delete(key);
    }
  }

  nextDeadline(): Instant {
    for (const { until } of this.#entries.values()) return until;
    return never;
  }

  /** Puts an entry behind all others: it is the last to be forgotten, because all are kept as long. */
  #put(key: string, entry: Entry): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#limits.requestsMax) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(key, entry);
  }
}

function keyOf({ client, port, identifier }: RequestName): string {
  return `${client}/${port}/${identifier}`;
}

/** Authenticators are no secrets: this comparison may end early. */
export function sameOctets(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((octet, index) => octet === right[index]);
}
