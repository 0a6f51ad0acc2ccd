import type { StoreStanding } from '../../icsr/chassis/store-standing.ts';
import type { PeerLink } from '../../icsr/link/peer-link.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import type { PacketInput, Timed } from '../../kernel/port.ts';
import type { ChassisOfPair } from '../../sessmgr/pair/chassis-of-pair.ts';
import type { EndingInstances } from './options.ts';
import type { ChassisName, StreamUser } from './srp-stream.ts';

/** A chassis's own clocks. */
export interface NodeClocks {
  readonly offsetMs: number;
  /** How much faster than the world's its monotonic clock runs. */
  readonly rate: number;
  /** How far its wall clock is ahead. */
  skewMs: number;
}

/** What a node is made with, again at each start. */
export interface NodeMaker {
  chassis(node: PairNode, now: Instant): ChassisOfPair;
  link(node: PairNode, role: 'client' | 'server'): PeerLink;
  /** Its process has ended. */
  ended(node: PairNode): void;
  /** It has done one more of the things that waited while it stood still. */
  caughtUp(node: PairNode): void;
  /** It closes its end of the connection. */
  hangUp(node: PairNode): void;
}

/** Packets that wait for a process that stands still; more are lost. */
const socketBufferPackets = 200;
/** A deadline is met at most so much too late by the rounding of two clocks. */
const roundingMs = 1e-6;

/** A chassis of the virtual pair with its process, its clocks and its disk. */
export class PairNode implements StreamUser, Timed {
  readonly name: ChassisName;
  readonly clocks: NodeClocks;
  readonly #maker: NodeMaker;
  readonly #time: { readonly now: Instant };
  /** The disk. */
  storedTerm = 0;
  storedStanding: StoreStanding | undefined;
  /** Counts starts. */
  life = 0;
  isAlive = false;
  /** Since when the process stands still. */
  pausedSince: Instant | undefined;
  /** The process ends at the so manieth thing that it does. */
  endsAfter = never;
  /** Set at its next promotion. */
  endsInPromotionAfter: number | undefined;
  /** Counts the turns in which the chassis was asked for anything. */
  turns = 0;
  /** When its process went on last. */
  resumedAt: Instant = 0;
  /** In its present life it serves, because an operator did not want it to wait for its peer. */
  isToldAlone = false;
  #chassis: ChassisOfPair | undefined;
  #link: PeerLink | undefined;
  #waiting: ((chassis: ChassisOfPair) => void)[] = [];
  #packetsWaiting = 0;

  /** Of its present process, if they may end alone. */
  instances: EndingInstances | undefined;

  constructor(name: ChassisName, clocks: NodeClocks, maker: NodeMaker, time: { readonly now: Instant }) {
    this.name = name;
    this.clocks = clocks;
    this.#maker = maker;
    this.#time = time;
  }

  /** As it is, or as its memory was when its process ended. Undefined before the first start. */
  get chassis(): ChassisOfPair | undefined {
    return this.#chassis;
  }

  get link(): PeerLink | undefined {
    return this.#link;
  }

  get isRunning(): boolean {
    return this.isAlive && this.pausedSince === undefined;
  }

  get state(): string {
    return this.isAlive ? this.#chassis!.chassis.state.kind : 'dead';
  }

  get isReady(): boolean {
    return this.state === 'STANDBY' && this.#chassis!.chassis.synchronisation.ready;
  }

  get serves(): boolean {
    return this.isAlive && this.#chassis!.serves;
  }

  /** What its monotonic clock shows when the world's shows `now`. */
  clock(now: Instant): Instant {
    return this.clocks.offsetMs + now * this.clocks.rate;
  }

  start(now: Instant): void {
    if (this.isAlive) return;
    this.life += 1;
    this.isAlive = true;
    this.pausedSince = undefined;
    this.endsAfter = never;
    this.isToldAlone = false;
    this.#link = undefined;
    this.#waiting = [];
    this.#packetsWaiting = 0;
    this.storedStanding = this.#chassis?.chassis.store;
    this.#chassis = this.#maker.chassis(this, this.clock(now));
  }

  /** Ends the process: what it does from now on has no effect. */
  end(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.pausedSince = undefined;
    this.#maker.ended(this);
  }

  /** To be called before each thing that the process does to the world around it; false if it is no more. */
  mayAct(life: number): boolean {
    if (!this.isAlive || life !== this.life) return false;
    this.endsAfter -= 1;
    if (this.endsAfter >= 0) return true;
    this.end();
    return false;
  }

  pause(now: Instant): void {
    if (this.isRunning) this.pausedSince = now;
  }

  /** The process goes on: it is told how long it stood still, before anything that came meanwhile. */
  resume(now: Instant): void {
    if (this.pausedSince === undefined) return;
    const forMs = (now - this.pausedSince) * this.clocks.rate;
    this.pausedSince = undefined;
    this.resumedAt = now;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#packetsWaiting = 0;
    this.#do((chassis) => chassis.stalled(forMs, this.clock(now)));
    for (const turn of waiting) {
      this.#do(turn);
      this.#maker.caughtUp(this);
    }
  }

  receive(...[port, channel, peer, peerPort, bytes]: Parameters<PacketInput['receive']>): void {
    if (this.pausedSince !== undefined) {
      if (this.#packetsWaiting === socketBufferPackets) return;
      this.#packetsWaiting += 1;
    }
    const kept = this.pausedSince === undefined ? bytes : bytes.slice();
    this.#do((chassis) => chassis.receive(port, channel, peer, peerPort, kept, this.clock(this.#time.now)));
  }

  opened(role: 'client' | 'server'): void {
    this.#do((chassis) => {
      if (this.#link !== undefined) chassis.linkDown('replaced', this.clock(this.#time.now));
      this.#link = this.#maker.link(this, role);
      this.#link.start();
    });
  }

  octets(octets: Uint8Array): void {
    this.#do((chassis) => {
      const fault = this.#link?.receive(octets);
      if (fault === undefined) return;
      this.#maker.hangUp(this);
      chassis.linkDown(fault, this.clock(this.#time.now));
    });
  }

  closed(reason: string): void {
    this.#do((chassis) => {
      this.#link = undefined;
      chassis.linkDown(reason, this.clock(this.#time.now));
    });
  }

  /** Its own end of the connection is no more. */
  hangUp(): void {
    this.#link = undefined;
  }

  /** What an operator or a monitor has to say; waits while the process stands still. */
  tell(say: (chassis: ChassisOfPair, now: Instant) => void): void {
    this.#do((chassis) => say(chassis, this.clock(this.#time.now)));
  }

  /** `srp serve-alone`. */
  serveAlone(): void {
    this.tell((chassis, now) => {
      const wasInit = chassis.chassis.state.kind === 'INIT';
      chassis.command({ kind: 'aloneRequested' }, now);
      if (wasInit && chassis.chassis.state.kind !== 'INIT') this.isToldAlone = true;
    });
  }

  advance(now: Instant): void {
    if (this.isRunning) this.#do((chassis) => chassis.advance(this.clock(now)));
  }

  nextDeadline(): Instant {
    if (!this.isRunning) return never;
    const local = this.#chassis!.nextDeadline();
    let at = (local - this.clocks.offsetMs) / this.clocks.rate;
    while (this.clock(at) < local) at += roundingMs;
    return at;
  }

  #do(turn: (chassis: ChassisOfPair) => void): void {
    if (!this.isAlive) return;
    if (this.pausedSince !== undefined) {
      this.#waiting.push(turn);
      return;
    }
    this.turns += 1;
    turn(this.#chassis!);
  }
}
