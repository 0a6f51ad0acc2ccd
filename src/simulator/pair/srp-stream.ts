import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { SeededRandom } from '../../kernel/random.ts';

export type ChassisName = 'A' | 'B';

/** The process at one end of the connection. */
export interface StreamUser {
  readonly name: ChassisName;
  /** The machine answers, even if its process does nothing. */
  readonly isAlive: boolean;
  /** The process can open a connection now. */
  readonly isRunning: boolean;
  /** When it went on last after it had stood still. */
  readonly resumedAt: Instant;
  opened(role: 'client' | 'server'): void;
  octets(octets: Uint8Array): void;
  closed(reason: string): void;
}

/** Octets on their way, or with none the connection's end. */
interface Segment {
  readonly at: Instant;
  readonly connection: number;
  readonly octets: Uint8Array | undefined;
}

/** One way of the link. */
class Direction {
  readonly to: ChassisName;
  /** Beside what every segment takes. */
  delayMs = 0;
  isCut = false;
  /** The next octets arrive with an error. */
  garblesNext = false;
  /** Segments keep their order. */
  freeAt: Instant = 0;
  readonly segments: Segment[] = [];

  constructor(to: ChassisName) {
    this.to = to;
  }

  get nextDelivery(): Instant {
    return this.isCut ? never : (this.segments[0]?.at ?? never);
  }
}

const dialMs = 50;
/** How long a sender takes at most to notice that a cut way leads on again. */
const backOffMs = 200;

/**
 * The TCP connection between two chassis: two ordered streams of octets, in pieces of any length. A cut way holds back what
 * is on it, as retransmissions would; an end that has gone answers what still comes with a reset. A opens it, again and
 * again as long as there is none.
 */
export class SrpStream implements Timed {
  readonly #random: SeededRandom;
  readonly #time: { readonly now: Instant };
  readonly #linkMs: number;
  readonly #idleMs: number;
  readonly #users: Readonly<Record<ChassisName, StreamUser>>;
  readonly #ways = { A: new Direction('A'), B: new Direction('B') } as const;
  /** The connection that each end has; 0 for none. */
  readonly #ends = { A: 0, B: 0 };
  readonly #heardAt: Record<ChassisName, Instant> = { A: 0, B: 0 };
  #connections = 0;
  #dialAt: Instant = 0;

  /**
   * @param linkMs one way
   * @param idleMs an end that has understood nothing for so long gives up
   */
  constructor(
    users: Readonly<Record<ChassisName, StreamUser>>,
    random: SeededRandom,
    time: { readonly now: Instant },
    linkMs: number,
    idleMs: number,
  ) {
    this.#users = users;
    this.#random = random;
    this.#time = time;
    this.#linkMs = linkMs;
    this.#idleMs = idleMs;
  }

  /** Whether octets pass both ways, as fast as they usually do. */
  get isWhole(): boolean {
    const { A, B } = this.#ways;
    return this.#ends.A !== 0 && this.#ends.A === this.#ends.B && !A.isCut && !B.isCut && A.delayMs + B.delayMs === 0;
  }

  send(from: ChassisName, octets: Uint8Array): void {
    const connection = this.#ends[from];
    if (connection === 0) return;
    const way = this.#ways[otherThan(from)];
    const sent = way.garblesNext ? this.#garbled(octets) : octets;
    way.garblesNext = false;
    const cut = this.#random.chance(0.05) ? this.#random.below(octets.length) : 0;
    if (cut > 0) this.#push(way, connection, sent.subarray(0, cut));
    this.#push(way, connection, sent.subarray(cut));
  }

  /** A side has understood what came. */
  heard(side: ChassisName): void {
    this.#heardAt[side] = this.#time.now;
  }

  /** The end of a side that closes, or whose process ends; its user is not told. */
  close(side: ChassisName): void {
    const connection = this.#ends[side];
    if (connection === 0) return;
    this.#ends[side] = 0;
    this.#push(this.#ways[otherThan(side)], connection, undefined);
    this.#dialLater();
  }

  /** A machine that loses its power says nothing any more. */
  vanish(side: ChassisName): void {
    this.#ends[side] = 0;
    this.#dialLater();
  }

  /** One side gives up. */
  giveUp(side: ChassisName, reason: string): void {
    if (this.#ends[side] === 0) return;
    this.close(side);
    this.#users[side].closed(reason);
  }

  reset(): void {
    for (const side of ['A', 'B'] as const) this.giveUp(side, 'reset');
  }

  cut(to: ChassisName): void {
    this.#ways[to].isCut = true;
  }

  heal(): void {
    for (const way of [this.#ways.A, this.#ways.B]) {
      way.delayMs = 0;
      if (!way.isCut) continue;
      way.isCut = false;
      const from = this.#time.now + this.#random.below(backOffMs);
      const held = way.segments.splice(0);
      for (const segment of held) way.segments.push({ ...segment, at: Math.max(segment.at, from) });
      way.freeAt = Math.max(way.freeAt, from);
    }
  }

  delay(to: ChassisName, delayMs: number): void {
    this.#ways[to].delayMs = delayMs;
  }

  garble(to: ChassisName): void {
    this.#ways[to].garblesNext = true;
  }

  advance(now: Instant): void {
    for (const way of [this.#ways.A, this.#ways.B]) {
      if (way.nextDelivery > now) continue;
      this.#deliver(way, way.segments.shift()!);
      return;
    }
    for (const side of ['A', 'B'] as const) if (now >= this.#idleAt(side)) this.giveUp(side, 'idle');
    if (this.#ends.A === 0 && now >= this.#dialAt) this.#dial();
  }

  nextDeadline(): Instant {
    const { A, B } = this.#ways;
    const dial = this.#ends.A === 0 ? this.#dialAt : never;
    return Math.min(A.nextDelivery, B.nextDelivery, dial, this.#idleAt('A'), this.#idleAt('B'));
  }

  #idleAt(side: ChassisName): Instant {
    const { isRunning, resumedAt } = this.#users[side];
    return this.#ends[side] === 0 || !isRunning ? never : Math.max(this.#heardAt[side], resumedAt) + this.#idleMs;
  }

  #deliver({ to }: Direction, { connection, octets }: Segment): void {
    const user = this.#users[to];
    if (this.#ends[to] === connection) {
      if (octets !== undefined) return user.octets(octets);
      this.#ends[to] = 0;
      this.#dialLater();
      user.closed('reset');
    } else if (octets !== undefined && user.isAlive) {
      this.#push(this.#ways[otherThan(to)], connection, undefined);
    }
  }

  #dial(): void {
    this.#dialLater();
    const { A, B } = this.#users;
    if (!A.isRunning || !B.isAlive || this.#ways.A.isCut || this.#ways.B.isCut) return;
    this.#connections += 1;
    this.#ends.A = this.#connections;
    this.#ends.B = this.#connections;
    this.#heardAt.A = this.#time.now;
    this.#heardAt.B = this.#time.now;
    B.opened('server');
    A.opened('client');
  }

  #dialLater(): void {
    this.#dialAt = this.#time.now + dialMs + this.#random.below(dialMs);
  }

  #push(way: Direction, connection: number, octets: Uint8Array | undefined): void {
    const at = Math.max(way.freeAt, this.#time.now + this.#linkMs + way.delayMs);
    way.freeAt = at;
    way.segments.push({ at, connection, octets });
  }

  #garbled(octets: Uint8Array): Uint8Array {
    const changed = octets.slice();
    changed[this.#random.below(changed.length)]! ^= 1 + this.#random.below(255);
    return changed;
  }
}

/** The peer of a chassis. */
export function otherThan(name: ChassisName): ChassisName {
  return name === 'A' ? 'B' : 'A';
}
