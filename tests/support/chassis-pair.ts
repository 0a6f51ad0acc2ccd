/** Two chassis machines over an abstract link with seeded faults, held against the laws at every step. */

import type { ChassisContext } from '../../src/icsr/chassis/context.ts';
import { nextDeadline } from '../../src/icsr/chassis/deadline.ts';
import type { ChassisEffect } from '../../src/icsr/chassis/effect.ts';
import type { ChassisEvent } from '../../src/icsr/chassis/event.ts';
import { lineageToleranceMs } from '../../src/icsr/chassis/lineage.ts';
import { step as realStep, startChassis } from '../../src/icsr/chassis/machine.ts';
import { type Chassis, holdsTerm } from '../../src/icsr/chassis/state.ts';
import { DeadlineHeap } from '../../src/kernel/deadline-heap.ts';
import { never } from '../../src/kernel/instant.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { ageErrorMs, ChassisPairLaws, Violation } from './chassis-pair-laws.ts';
import { newParty, type Party } from './chassis-party.ts';

/** How long the faults of a run last, how long after that the pair has found its roles, and how long it keeps them; ms. */
const faultsMs = 8_000;
const convergesMs = 8_000;
const watchedMs = 1_500;

/** What may be planted: the machine's step, for a test that sees the checkers fail. */
export interface PairParts {
  readonly step: typeof realStep;
  readonly deadline: typeof nextDeadline;
}

/** What a run saw, for a test that wants to know that faults were exercised. */
export interface PairRun {
  readonly steps: number;
  readonly violation: string | undefined;
  readonly terms: number;
  readonly reasons: ReadonlySet<string>;
}

/** One seeded run: faults, then none, then quiet; the violation is undefined if nothing was broken. */
export function runPair(seed: number, parts: PairParts = { step: realStep, deadline: nextDeadline }): PairRun {
  const pair = new ChassisPair(seed, parts);
  try {
    pair.run();
    return pair.result(undefined);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return pair.result(`seed ${seed}, at ${pair.now} ms: ${error.message}`);
  }
}

class ChassisPair {
  now = 0;
  readonly #parts: PairParts;
  readonly #random: SeededRandom;
  readonly #queue = new DeadlineHeap<() => void>();
  readonly #parties: readonly [Party, Party];
  readonly #laws = new ChassisPairLaws(() => this.now);
  /** No faults for so long: lineages that begin after that are younger than the first by more than the tolerance. */
  readonly #quietMs: number;
  #steps = 0;
  #loss = 0;
  #cut = { A: false, B: false };

  constructor(seed: number, parts: PairParts) {
    this.#parts = parts;
    this.#random = new SeededRandom(seed);
    this.#parties = [newParty('A', this.#random), newParty('B', this.#random)];
    this.#quietMs = this.#random.pick([0, lineageToleranceMs + ageErrorMs]);
  }

  get #faultsEndAt(): number {
    return this.#quietMs + faultsMs;
  }

  result(violation: string | undefined): PairRun {
    return { steps: this.#steps, violation, terms: this.#laws.terms, reasons: this.#laws.reasons };
  }

  run(): void {
    for (const party of this.#parties) this.#at(this.#random.below(600), () => this.#start(party));
    this.#loss = this.#random.pick([0, 0, 0.05, 0.3]);
    const faults = 1 + this.#random.below(8);
    for (let index = 0; index < faults; index += 1) {
      this.#at(this.#quietMs + 500 + this.#random.below(faultsMs - 2_000), () => this.#fault());
    }
    this.#at(this.#faultsEndAt, () => this.#heal());
    this.#until(this.#faultsEndAt + convergesMs);
    const roles = this.#checkConverged();
    this.#until(this.now + watchedMs);
    if (this.#checkConverged() !== roles) throw new Violation('a switchover without a cause');
  }

  #at(at: number, action: () => void): void {
    this.#queue.push(at, action);
  }

  #until(end: number): void {
    for (let next = this.#nextAt(); next <= end; next = this.#nextAt()) {
      this.now = Math.max(this.now, next);
      const due = this.#queue.popDue(this.now);
      if (due !== undefined) due.key();
      else for (const party of this.#parties) this.#deadlineOf(party);
    }
    this.now = end;
  }

  #nextAt(): number {
    let at = this.#queue.peek();
    for (const party of this.#parties) {
      if (party.chassis === undefined || party.isStalled) continue;
      at = Math.min(at, this.#parts.deadline(party.chassis, party.options));
    }
    return at;
  }

  #deadlineOf(party: Party): void {
    const { chassis, options } = party;
    if (chassis === undefined || party.isStalled) return;
    if (this.#parts.deadline(chassis, options) > this.now) return;
    this.#step(party, { kind: 'deadlineReached' });
    const again = party.chassis === undefined ? never : this.#parts.deadline(party.chassis, options);
    if (again <= this.now) throw new Violation(`${party.name}: a deadline that is over stays`);
  }

  /** Gives an event to a chassis: now, or when it runs again. */
  #give(party: Party, life: number, event: ChassisEvent): void {
    if (party.chassis === undefined || party.life !== life) return;
    if (party.isStalled) party.waiting.push(() => this.#give(party, life, event));
    else this.#step(party, event);
  }

  #step(party: Party, event: ChassisEvent): void {
    const before = party.chassis!;
    this.#steps += 1;
    const { state, effects } = this.#parts.step(before, event, this.#context(party));
    party.chassis = state;
    party.storedStanding = state.store;
    this.#laws.checkStore(party, this.#peerOf(party), before, state);
    if (event.kind === 'helloHeard' && before.peer.link.kind === 'up') {
      party.heardAt = this.now;
      party.stalledSinceMs = 0;
    }
    this.#laws.follow(party, before, state, effects);
    if (event.kind === 'helloHeard') this.#laws.checkYield(party.name, before, state, event.hello);
    if (state.state.since !== before.state.since || state.state.kind !== before.state.kind) {
      this.#laws.changed(party, before.state.kind, state.state);
    }
    // Now and then the process dies between two effects of one step.
    const done =
      this.now < this.#faultsEndAt && this.#random.chance(0.0005) ? this.#random.below(effects.length + 1) : never;
    for (const [index, effect] of effects.entries()) {
      if (index >= done) return this.#crash(party);
      this.#do(party, effect, state);
    }
    this.#laws.check(party, state);
  }

  #context(party: Party): ChassisContext {
    return {
      now: this.now,
      wallClock: 1_700_000_000_000 + this.now + party.clockOffsetMs,
      random: this.#random,
      options: party.options,
      sessions: 0,
      configurationDigest: new Uint8Array(1),
    };
  }

  #do(party: Party, effect: ChassisEffect, after: Chassis): void {
    const { life, name } = party;
    const serves = after.state.kind === 'ACTIVE';
    switch (effect.kind) {
      case 'storeTerm':
        if (effect.term < party.storedTerm) throw new Violation(`${name} stores a lower term`);
        party.storedTerm = effect.term;
        return;
      case 'sendHello':
        if (effect.hello.term > party.storedTerm) throw new Violation(`${name} speaks of a term it has not stored`);
        return this.#send(party, { kind: 'helloHeard', hello: effect.hello });
      case 'requestHandover':
        return this.#send(party, { kind: 'handoverRequested', cause: effect.cause });
      case 'acceptHandover':
        return this.#send(party, { kind: 'handoverAnswered', accepted: true });
      case 'refuseHandover':
        return this.#send(party, { kind: 'handoverAnswered', accepted: false });
      case 'sendBarrier':
        return this.#send(party, { kind: 'switchoverBarrierReached' });
      case 'startPromotion': {
        if (!holdsTerm(after.state)) throw new Violation(`${name} promotes in ${after.state.kind}`);
        if (effect.term !== after.term.own) throw new Violation(`${name} promotes under another term than its own`);
        if (effect.stage === 'serve') party.portsOpen = true;
        const { stage } = effect;
        const ended: ChassisEvent = this.#random.chance(party.stageFails)
          ? { kind: 'promotionStageFailed', stage, reason: 'planted' }
          : { kind: 'promotionStageDone', stage };
        return this.#at(this.now + this.#random.below(party.stageMs), () => this.#give(party, life, ended));
      }
      case 'serveEarly':
      case 'resumeServing':
        if (!serves) throw new Violation(`${name} serves in ${after.state.kind}`);
        party.portsOpen = true;
        return;
      case 'announceAgain':
      case 'releaseServing':
        if (!serves) throw new Violation(`${name} announces in ${after.state.kind}`);
        return;
      case 'stopServing':
        party.portsOpen = false;
        return;
      case 'beginStandby':
        return this.#synchronise(party, life);
      case 'dropConnection':
        throw new Violation(`${name} drops an honest connection`);
      default:
    }
  }

  /** The streams of the session managers: sooner or later all is sent, while there is an active peer to send it. */
  #synchronise(party: Party, life: number): void {
    this.#at(this.now + 20 + this.#random.below(1_500), () => {
      if (party.life !== life || party.chassis?.state.kind === 'ACTIVE') return;
      const peer = this.#peerOf(party);
      const heard = party.chassis?.peer.hello?.lineage;
      const sends = party.linkUp && peer.chassis?.state.kind === 'ACTIVE' && heard?.id === peer.chassis.lineage?.id;
      // Nothing overtakes a hello on the link.
      if (!sends || party.isStalled) return this.#synchronise(party, life);
      // Of a peer that has restarted meanwhile: what was held of the former one is replaced.
      if (party.chassis?.state.kind === 'STANDBY') this.#give(party, life, { kind: 'resynchronisationBegan' });
      party.filledFrom = peer.life;
      if (party.chassis !== undefined && !holdsTerm(party.chassis.state)) party.holdsWhole = heard?.id;
      this.#give(party, life, { kind: 'synchronised' });
    });
  }

  #send(from: Party, event: ChassisEvent): void {
    const to = this.#peerOf(from);
    const { life } = to;
    if (!from.linkUp || this.#cut[from.name] || this.#random.chance(this.#loss)) return;
    const copies = this.#loss > 0 && this.#random.chance(0.1) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const delay = 1 + this.#random.below(this.#loss > 0 && this.#random.chance(0.1) ? 400 : 4);
      this.#at(this.now + delay, () => {
        if (to.linkUp) this.#give(to, life, event);
      });
    }
  }

  #peerOf(party: Party): Party {
    return party.name === 'A' ? this.#parties[1] : this.#parties[0];
  }

  #start(party: Party): void {
    if (party.chassis !== undefined) return;
    if (this.now < party.staysDownUntil) return this.#at(party.staysDownUntil, () => this.#start(party));
    party.life += 1;
    party.startedAt = this.now;
    party.heardAt = this.now;
    party.stalledSinceMs = 0;
    party.chassis = startChassis(party.storedTerm, 1, this.#context(party), party.storedStanding);
    this.#connect();
  }

  #connect(): void {
    const [a, b] = this.#parties;
    if (a.chassis === undefined || b.chassis === undefined || this.#cut.A || this.#cut.B) return;
    for (const party of this.#parties) {
      if (party.linkUp) continue;
      party.linkUp = true;
      const { kind } = party.chassis?.state ?? {};
      if (kind === 'STANDBY' && party.filledFrom !== this.#peerOf(party).life) this.#synchronise(party, party.life);
      this.#give(party, party.life, { kind: 'connected', authenticated: true, version: 1 });
      this.#give(party, party.life, { kind: 'peerReadyChanged', instancesReady: 1, instances: 1 });
    }
  }

  #disconnect(reason: string): void {
    for (const party of this.#parties) {
      if (!party.linkUp) continue;
      party.linkUp = false;
      this.#give(party, party.life, { kind: 'disconnected', reason });
    }
  }

  #crash(party: Party): void {
    if (party.chassis === undefined) return;
    party.chassis = undefined;
    party.holdsWhole = undefined;
    party.life += 1;
    party.portsOpen = false;
    party.waiting = [];
    party.isStalled = false;
    this.#disconnect('reset');
    this.#at(this.now + this.#random.pick([5, 100, 1_000]), () => this.#start(party));
  }

  /** One after the other, and the one that ended earlier is started first. */
  #crashBoth(first: Party, lasts: number): void {
    const other = this.#peerOf(first);
    first.staysDownUntil = this.now + 4 * lasts;
    this.#crash(first);
    this.#at(this.now + lasts, () => {
      other.staysDownUntil = first.staysDownUntil + lasts;
      this.#crash(other);
    });
  }

  #stall(party: Party, forMs: number): void {
    if (party.chassis === undefined || party.isStalled) return;
    party.isStalled = true;
    party.stalledFrom = this.now;
    party.stalledUntil = this.now + forMs;
    const { life } = party;
    this.#at(party.stalledUntil, () => {
      if (party.life !== life) return;
      const { waiting } = party;
      party.waiting = [];
      party.isStalled = false;
      party.stalledSinceMs += forMs;
      this.#step(party, { kind: 'stalled', forMs });
      for (const give of waiting) give();
    });
  }

  #fault(): void {
    const party = this.#random.pick(this.#parties);
    const { life } = party;
    const lasts = this.#random.pick([50, 250, 400, 1_500]);
    switch (this.#random.below(11)) {
      case 0:
        return this.#crash(party);
      case 1:
        return this.#stall(party, lasts);
      case 2:
        this.#cut = { A: true, B: true };
        return this.#at(this.now + lasts, () => this.#mend());
      case 3:
        this.#cut = { ...this.#cut, [party.name]: true };
        return this.#at(this.now + lasts, () => this.#mend());
      case 4:
        this.#disconnect('reset');
        return this.#at(this.now + lasts, () => this.#connect());
      case 5:
      case 6:
        return this.#give(party, life, {
          kind: 'switchoverRequested',
          cause: 'manual',
          force: this.#random.chance(0.5),
        });
      case 7:
        // It starts, hears nobody, and serves: without any session, under a term above all that it has stored.
        this.#crash(party);
        this.#cut = { A: true, B: true };
        return this.#at(this.now + 2_000 + lasts, () => this.#mend());
      case 8:
        return this.#crashBoth(party, lasts);
      case 9: {
        const monitor = this.#random.pick(['aaa-probe', 'peer-reachability', 'bfd'] as const);
        this.#give(party, life, { kind: 'monitorChanged', name: monitor, monitor, healthy: false });
        return this.#at(this.now + lasts, () =>
          this.#give(party, life, { kind: 'monitorChanged', name: monitor, monitor, healthy: true }),
        );
      }
      default:
        party.clockOffsetMs += this.#random.pick([-20_000, 3_000, 20_000]);
    }
  }

  #mend(): void {
    this.#cut = { A: false, B: false };
    this.#connect();
  }

  #heal(): void {
    this.#loss = 0;
    this.#mend();
    for (const party of this.#parties) {
      party.stageFails = 0;
      party.stageMs = Math.min(party.stageMs, 100);
      this.#start(party);
      for (const monitor of party.chassis?.monitors ?? []) {
        if (monitor.kind === 'bfd') {
          this.#give(party, party.life, { kind: 'monitorChanged', name: monitor.name, monitor: 'bfd', healthy: false });
        } else {
          const { name, kind } = monitor;
          this.#give(party, party.life, { kind: 'monitorChanged', name, monitor: kind, healthy: true });
        }
      }
    }
    this.#at(this.now + 2_000, () => this.#connect());
  }

  /** The roles, as `A active` or `B active`. */
  #checkConverged(): string {
    const states = this.#parties.map(({ chassis }) => chassis?.state.kind);
    const active = this.#parties.find(({ chassis }) => chassis?.state.kind === 'ACTIVE');
    const standby = this.#parties.find(({ chassis }) => chassis?.state.kind === 'STANDBY');
    if (active?.chassis === undefined || standby?.chassis === undefined) {
      throw new Violation(`not converged: ${states.join(' and ')}`);
    }
    for (const party of this.#parties) this.#laws.checkAge(party, party.chassis!.state);
    if (standby.chassis.lineage?.id !== active.chassis.lineage?.id) {
      throw new Violation(`${standby.name} holds records of another lineage than ${active.name} serves`);
    }
    if (!standby.chassis.synchronisation.ready) throw new Violation(`${standby.name} is not READY`);
    if (active.chassis.routeModifier >= standby.chassis.routeModifier) {
      throw new Violation(`${active.name} is ACTIVE with route modifier ${active.chassis.routeModifier}`);
    }
    if (active.chassis.state.kind === 'ACTIVE' && active.chassis.state.heldUntil !== undefined) {
      throw new Violation(`${active.name} is held for ever`);
    }
    return `${active.name} active`;
  }
}
