import { type Instant, never } from '../../kernel/instant.ts';
import type { Filled, MemberThread } from './member-of-pair.ts';

/** What a chassis decides for its instances. */
export interface ChassisOfRefills {
  now(): Instant;
  /** Has the peer take the role, with every session that it has recorded; false if there is none that could at once. */
  handOver(): boolean;
  /** The instance serves again. */
  refilled(index: number): void;
}

/** How a thread of an instance has ended. */
export interface EndOfThread {
  readonly why: string;
  /** How many sessions it had. */
  readonly sessions: number;
  /** It had not lived for long. */
  readonly isAgain: boolean;
}

/** Thread, records and all have come by then; otherwise the peer serves everybody sooner. */
const refillLimitMs = 2000;
/** With more, their UEs would notice the way back; a hand-over takes as long whatever their number. */
const refillSessionsMax = 20_000;
/** So much later a chassis that still serves does without its peer. */
const handedOverMs = 15_000;

interface Refill {
  readonly why: string;
  /** Its equal on the peer has everything that was promised. */
  asks: boolean;
  isHandedOver: boolean;
  at: Instant;
}

/**
 * The instances of a chassis that serves whose threads have ended, until each has its sessions again: from its equal on the
 * peer, beside the others, if that is done soon; otherwise the peer takes the role; otherwise from what is on disk here.
 */
export class InstanceRefills {
  readonly #chassis: ChassisOfRefills;
  readonly #refills = new Map<number, Refill>();

  constructor(chassis: ChassisOfRefills) {
    this.#chassis = chassis;
  }

  /** @param asks whether its equal has recorded everything */
  ended(index: number, { why, sessions, isAgain }: EndOfThread, asks: boolean): void {
    const refill: Refill = { why, asks, isHandedOver: false, at: this.#chassis.now() + refillLimitMs };
    this.#refills.set(index, refill);
    if (asks && (isAgain || sessions > refillSessionsMax)) this.#handOver(refill);
  }

  /** Another thread has it. */
  begun(index: number, thread: MemberThread, filled: Filled): void {
    thread.begun(this.#refills.get(index)?.asks === true, filled);
  }

  refilled(index: number): void {
    if (this.#refills.delete(index)) this.#chassis.refilled(index);
  }

  /** The chassis does not serve them any more. */
  clear(): void {
    this.#refills.clear();
  }

  advance(threads: readonly MemberThread[]): void {
    for (const [index, refill] of this.#refills) {
      if (this.#chassis.now() < refill.at) continue;
      if (!refill.isHandedOver && this.#handOver(refill)) continue;
      refill.asks = false;
      refill.at = never;
      threads[index]!.endRefill();
    }
  }

  nextDeadline(): Instant {
    let earliest: Instant = never;
    for (const { at } of this.#refills.values()) earliest = Math.min(earliest, at);
    return earliest;
  }

  #handOver(refill: Refill): boolean {
    if (!this.#chassis.handOver()) return false;
    refill.isHandedOver = true;
    refill.at = this.#chassis.now() + handedOverMs;
    return true;
  }
}
