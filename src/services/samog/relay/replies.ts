import { type IpAddress, ipv4Of } from '../../../kernel/address.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import { NumberMap } from '../../../kernel/number-map.ts';
import type { Timed } from '../../../kernel/port.ts';
import { u32At } from '../../../wire/bytes/reader.ts';

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
 * What the memory says of a request: `new`, in place of the request of the same port and Identifier if there was one;
 * `pending`, a repetition whose answer is not there yet, to be dropped; `answered`, a repetition, with the octets that
 * answered it.
 */
export type Recollection =
  | { readonly kind: 'new' | 'pending' }
  | { readonly kind: 'answered'; readonly reply: Uint8Array };

export interface ReplyMemoryLimits {
  /** How long a repetition is answered. RFC 5080 section 2.2.2 wants 5 to 30 seconds, RFC 5176 section 6.3 its window. */
  readonly keepMs: number;
  /** Requests remembered, answered or not; the oldest gives way. */
  readonly requestsMax: number;
}

interface Entry<Waiting> {
  client: IpAddress;
  /** Among those of its client: see `placeOf`. */
  place: number;
  /** The Request Authenticator in four pieces. */
  first: number;
  second: number;
  third: number;
  fourth: number;
  /** Who waits for the answer. */
  waiting: Waiting | undefined;
  /** Undefined until it is answered. */
  reply: Uint8Array | undefined;
  until: Instant;
  /** Its neighbours in the order in which they will be forgotten. */
  sooner: Entry<Waiting> | undefined;
  later: Entry<Waiting> | undefined;
}

const nobody = ipv4Of(0);
const isNew: Recollection = { kind: 'new' };
const isPending: Recollection = { kind: 'pending' };

/**
 * Remembers requests and their answers, so that none has effects twice. Only requests whose authenticator is right may
 * come here: nothing that is forged changes the memory.
 *
 * Entries stand in the order in which they will be forgotten. A request that nobody answers or forgets is forgotten after
 * `keepMs` as well, and is new if it comes again.
 *
 * Entries are used again for other requests, hold nothing of a name but numbers, and are in a table that stays: what is
 * remembered for so long is old by the collector's measure, and old objects that nobody needs, the outgrown tables of a `Map`
 * among them, keep what they refer to until the whole heap is collected.
 *
 * @typeParam Waiting what is kept with a request until it is answered
 */
export class ReplyMemory<Waiting extends object = object> implements Timed {
  readonly #limits: ReplyMemoryLimits;
  /** By client, then by port and Identifier: see `placeOf`. A client without entries has no table. */
  readonly #clients = new Map<IpAddress, NumberMap<Entry<Waiting>>>();
  #soonest: Entry<Waiting> | undefined;
  #latest: Entry<Waiting> | undefined;
  /** Entries of nobody, by `later`. */
  #free: Entry<Waiting> | undefined;
  #size = 0;

  constructor(limits: ReplyMemoryLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Looks a request up, and remembers it if it is new. */
  ask(name: RequestName, now: Instant): Recollection {
    this.advance(now);
    const before = this.#find(name);
    if (before !== undefined && isOf(before, name)) {
      return before.reply === undefined ? isPending : { kind: 'answered', reply: before.reply };
    }
    this.#put(before, name, undefined, now);
    return isNew;
  }

  /**
   * Remembers the answer from now on; also of a request that was never asked about, such as one that another chassis
   * has answered. Of a request that another has replaced nothing is remembered, and nobody waits for its answer: false.
   */
  answered(name: RequestName, reply: Uint8Array, now: Instant): boolean {
    const before = this.#find(name);
    if (before !== undefined && !isOf(before, name)) return false;
    this.#put(before, name, reply, now);
    return true;
  }

  /** Forgets a request that will not be answered: if it comes again, it is new. */
  forget(name: RequestName): void {
    const before = this.#find(name);
    if (before !== undefined && isOf(before, name)) this.#remove(before);
  }

  /** Has something wait for the answer of a request that is remembered and has none. */
  wait(name: RequestName, waiting: Waiting): void {
    const entry = this.#find(name);
    if (entry !== undefined && isOf(entry, name)) entry.waiting = waiting;
  }

  /** What waits for the answer of a request; undefined once it is answered or forgotten. */
  waiting(name: RequestName): Waiting | undefined {
    const entry = this.#find(name);
    return entry !== undefined && isOf(entry, name) ? entry.waiting : undefined;
  }

  /** All that wait for the answer of a request of this client. */
  waitingOf(client: IpAddress): Waiting[] {
    const found: Waiting[] = [];
    for (const [, { waiting }] of this.#clients.get(client)?.entries() ?? []) {
      if (waiting !== undefined) found.push(waiting);
    }
    return found;
  }

  advance(now: Instant): void {
    while (this.#soonest !== undefined && this.#soonest.until <= now) this.#remove(this.#soonest);
  }

  nextDeadline(): Instant {
    return this.#soonest?.until ?? never;
  }

  #find(name: RequestName): Entry<Waiting> | undefined {
    return this.#clients.get(name.client)?.get(placeOf(name));
  }

  /** Puts an entry behind all others: it is the last to be forgotten, because all are kept as long. */
  #put(before: Entry<Waiting> | undefined, name: RequestName, reply: Uint8Array | undefined, now: Instant): void {
    const until = now + this.#limits.keepMs;
    let entry = before;
    if (entry === undefined) {
      if (this.#soonest !== undefined && this.#size >= this.#limits.requestsMax) this.#remove(this.#soonest);
      entry = this.#spare();
      entry.client = name.client;
      entry.place = placeOf(name);
      this.#tableOf(name.client).set(entry.place, entry);
      this.#size += 1;
    } else this.#unlink(entry);
    const { authenticator } = name;
    entry.first = u32At(authenticator, 0);
    entry.second = u32At(authenticator, 4);
    entry.third = u32At(authenticator, 8);
    entry.fourth = u32At(authenticator, 12);
    entry.waiting = undefined;
    entry.reply = reply;
    entry.until = until;
    entry.sooner = this.#latest;
    if (this.#latest === undefined) this.#soonest = entry;
    else this.#latest.later = entry;
    this.#latest = entry;
  }

  #tableOf(client: IpAddress): NumberMap<Entry<Waiting>> {
    let table = this.#clients.get(client);
    if (table === undefined) {
      table = new NumberMap();
      this.#clients.set(client, table);
    }
    return table;
  }

  #remove(entry: Entry<Waiting>): void {
    this.#unlink(entry);
    const table = this.#clients.get(entry.client)!;
    table.delete(entry.place);
    if (table.size === 0) this.#clients.delete(entry.client);
    this.#size -= 1;
    entry.waiting = undefined;
    entry.reply = undefined;
    entry.later = this.#free;
    this.#free = entry;
  }

  /** An entry of nobody. */
  #spare(): Entry<Waiting> {
    const spare = this.#free;
    if (spare === undefined) {
      const numbers = { place: 0, first: 0, second: 0, third: 0, fourth: 0, until: 0 };
      return { client: nobody, ...numbers, waiting: undefined, reply: undefined, sooner: undefined, later: undefined };
    }
    this.#free = spare.later;
    spare.later = undefined;
    return spare;
  }

  #unlink(entry: Entry<Waiting>): void {
    const { sooner, later } = entry;
    if (sooner === undefined) this.#soonest = later;
    else sooner.later = later;
    if (later === undefined) this.#latest = sooner;
    else later.sooner = sooner;
    entry.sooner = undefined;
    entry.later = undefined;
  }
}

function isOf<Waiting>(entry: Entry<Waiting>, { authenticator }: RequestName): boolean {
  return (
    entry.first === u32At(authenticator, 0) &&
    entry.second === u32At(authenticator, 4) &&
    entry.third === u32At(authenticator, 8) &&
    entry.fourth === u32At(authenticator, 12)
  );
}

/** Of a request among those of its client. */
function placeOf({ port, identifier }: RequestName): number {
  return (port << 8) | identifier;
}

/** Authenticators are no secrets: this comparison may end early. */
export function sameOctets(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
