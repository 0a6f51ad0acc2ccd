import type { Ipv4Address } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { SourceRule } from './sockets/source-filter.ts';

/** Fewer packets a second than these are no flood any more. */
const calmPerSecond = 1000;
/** A shield is taken away so often, though the flood goes on: whoever of several has stopped is served again. */
const standsMaxMs = 30_000;
/** A flood that pauses for less is the same flood. */
const pauseMs = 10_000;
/** Sources that are told of in one flood; whoever forges more of them is not worth an event each. */
const toldMax = 256;

/** What is to be done about a shield. */
export type ShieldStep = 'nothing' | 'lower' | ShieldEnd;

/** A flood that is over. */
export interface ShieldEnd {
  /** Packets that the kernel has refused. */
  readonly refused: number;
  /** From the first rule to the end of the last, in milliseconds. */
  readonly elapsedMs: number;
}

/**
 * The course of one flood after the other at a port: how long the shield stands, and what of it is worth telling. The kernel counts
 * what it refuses, so that the shield can stand while the flood goes on, at no cost, and is gone soon after it.
 *
 * `refused` is the kernel's count, of 32 bits, which goes on from 0 after its last.
 */
export class ShieldCourse {
  #startedAt: Instant | undefined;
  #endedAt: Instant = 0;
  #refused = 0;
  #isStanding = false;
  #stoodSince: Instant = 0;
  #lookedAt: Instant = 0;
  #counted = 0;
  #hasToldOfStrangers = false;
  #toldOf = new Set<Ipv4Address>();

  /** Between the first rule of a flood and its end. */
  get isUnderWay(): boolean {
    return this.#startedAt !== undefined;
  }

  /** A rule holds from now on. @returns whether it is news: a flood that has begun, or somebody else who takes part in it */
  raised({ only, except }: SourceRule, refused: number, now: Instant): boolean {
    if (this.#startedAt === undefined) this.#begin(now);
    if (!this.#isStanding) {
      this.#isStanding = true;
      this.#stoodSince = now;
      this.#lookedAt = now;
      this.#counted = refused;
    }
    const others = except.filter((source) => !this.#toldOf.has(source));
    const isNews =
      (only !== undefined && !this.#hasToldOfStrangers) || (others.length > 0 && this.#toldOf.size < toldMax);
    this.#hasToldOfStrangers ||= only !== undefined;
    for (const source of others) this.#toldOf.add(source);
    return isNews;
  }

  /** To be called each second or so while the flood is under way. `lower`: the kernel is to take everything again. */
  look(refused: number, now: Instant): ShieldStep {
    if (this.#startedAt === undefined) return 'nothing';
    if (!this.#isStanding) return now - this.#endedAt < pauseMs ? 'nothing' : this.#end(this.#startedAt);
    const since = (refused - this.#counted) >>> 0;
    const isCalm = since * 1000 < calmPerSecond * (now - this.#lookedAt);
    this.#refused += since;
    this.#counted = refused;
    this.#lookedAt = now;
    if (!isCalm && now - this.#stoodSince < standsMaxMs) return 'nothing';
    this.#isStanding = false;
    this.#endedAt = now;
    return 'lower';
  }

  #begin(now: Instant): void {
    this.#startedAt = now;
    this.#refused = 0;
    this.#hasToldOfStrangers = false;
    this.#toldOf = new Set();
  }

  #end(startedAt: Instant): ShieldEnd {
    this.#startedAt = undefined;
    return { refused: this.#refused, elapsedMs: this.#endedAt - startedAt };
  }
}
