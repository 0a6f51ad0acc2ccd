import type { ChassisEffect } from '../../src/icsr/chassis/effect.ts';
import type { PeerHello } from '../../src/icsr/chassis/hello.ts';
import { lineageToleranceMs } from '../../src/icsr/chassis/lineage.ts';
import type { ChassisOptions } from '../../src/icsr/chassis/options.ts';
import { type Chassis, holdsTerm } from '../../src/icsr/chassis/state.ts';
import { isNewer, mayBeOlder } from '../../src/icsr/chassis/store-standing.ts';
import { never } from '../../src/kernel/instant.ts';
import type { ChassisState as ChassisStateName } from '../../src/wire/srp/names.ts';
import type { Party } from './chassis-party.ts';

/** How old a hello may be by which a standby knows the age of a lineage, milliseconds. */
export const ageErrorMs = 2_000;

/** Something that must hold does not. */
export class Violation extends Error {}

/** What must hold of two chassis machines at every step; each method throws a `Violation` where it does not. */
export class ChassisPairLaws {
  /** Every change of a state, as `from to reason`. */
  readonly reasons = new Set<string>();
  readonly #now: () => number;
  /** Who has ever held each term. */
  readonly #holders = new Map<number, string>();
  /** When each lineage began. */
  readonly #births = new Map<number, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many terms have been held. */
  get terms(): number {
    return this.#holders.size;
  }

  /** A chassis has another state. */
  changed(party: Party, from: ChassisStateName, { kind, reason }: Chassis['state']): void {
    this.reasons.add(`${from} ${kind} ${reason}`);
    const silenceMs = this.#now() - party.heardAt - party.stalledSinceMs;
    if (kind === 'PENDING_ACTIVE' && reason === 'dead-interval' && silenceMs < party.options.deadIntervalMs) {
      throw new Violation(`${party.name} takes its peer for dead after ${silenceMs} ms`);
    }
  }

  /** Of which lineage a chassis has all there is: what it has begun, has been given, or has been filled with to the end. */
  follow(party: Party, before: Chassis, { state, lineage, peer }: Chassis, effects: readonly ChassisEffect[]): void {
    if (effects.some(({ kind }) => kind === 'beginStandby')) party.holdsWhole = undefined;
    if (lineage === undefined) return;
    const isNew = !this.#births.has(lineage.id);
    if (isNew) this.#births.set(lineage.id, this.#now());
    const wasGiven =
      peer.hello?.handingOver !== undefined ||
      (before.state.kind === 'STANDBY' && before.state.takingOver !== undefined);
    const taken = !holdsTerm(before.state) && state.kind === 'PENDING_ACTIVE';
    // Its peer has begun anew: what is left of the line is the whole of it.
    const isAllThatIsLeft = taken && state.reason === 'other-lineage' && before.remnant?.id === lineage.id;
    if (isNew || (taken && wasGiven) || isAllThatIsLeft) party.holdsWhole = lineage.id;
    if (lineage.id !== party.holdsWhole)
      throw new Violation(`${party.name} continues a lineage of which it has a part`);
  }

  /** Whoever ends its service because of what its peer says gives way to no younger line of sessions. */
  checkYield(name: string, before: Chassis, after: Chassis, hello: PeerHello): void {
    if (before.lineage === undefined || after.lineage !== undefined || hello.lineage === undefined) return;
    const olderByMs = this.#births.get(hello.lineage.id)! - this.#births.get(before.lineage.id)!;
    if (olderByMs >= lineageToleranceMs + ageErrorMs) throw new Violation(`${name} is fenced by a younger lineage`);
  }

  /**
   * Whoever begins with the sessions of its own disk, while its peer's disk has later ones and nobody serves, has been heard by nobody for as long
   * as the peer was to be waited for; nor does it win an arbitration with them.
   */
  checkStore(party: Party, peer: Party, before: Chassis, after: Chassis): void {
    if (before.state.kind !== 'INIT' || after.state.kind !== 'PENDING_ACTIVE') return;
    const { delayIntervalMs, deadIntervalMs, olderStoreLimitMs } = party.options;
    if (isNewer(peer.storedStanding, before.store) !== true) return;
    const heard = after.state.reason === 'arbitration-won';
    // What was heard may be older than the peer's last step.
    if (heard && peer.chassis?.state.kind !== 'INIT') return;
    const waitedMs = this.#now() - party.startedAt;
    if (heard || (mayBeOlder(before.store) && waitedMs < delayIntervalMs + deadIntervalMs + olderStoreLimitMs)) {
      throw new Violation(`${party.name} serves from the older store after ${waitedMs} ms`);
    }
  }

  /** After each step. */
  check(party: Party, { state, term }: Chassis): void {
    const { name } = party;
    if (holdsTerm(state)) {
      if (term.own < term.highest) throw new Violation(`${name} is ${state.kind} under a term lower than it has heard`);
      const holder = this.#holders.get(term.own);
      if (holder !== undefined && holder !== name) throw new Violation(`both hold term ${term.own}`);
      this.#holders.set(term.own, name);
    }
    if (state.kind === 'ACTIVE' && !party.portsOpen) throw new Violation(`${name} is ACTIVE, but does not serve`);
    if (party.portsOpen && !holdsTerm(state)) throw new Violation(`${name} serves in ${state.kind}`);
    this.checkAge(party, state);
  }

  /** Against the options, not the deadline of the state: a deadline that is missing or late is seen. */
  checkAge({ name, options, stalledFrom, stalledUntil }: Party, state: Chassis['state']): void {
    const limit = ageLimit(state, options);
    const stalledMs = stalledUntil > state.since ? stalledUntil - stalledFrom : 0;
    if (this.#now() > state.since + limit + stalledMs) throw new Violation(`${name} is stuck in ${state.kind}`);
  }
}

function ageLimit(state: Chassis['state'], options: ChassisOptions): number {
  if (state.kind === 'PENDING_ACTIVE') return options.promotionLimitMs;
  if (state.kind !== 'PENDING_STANDBY') return never;
  return state.purpose === 'filling' ? options.resynchronisationLimitMs : options.handoverLimitMs;
}
