import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chassisContextAt, sampleOptions } from '../../../tests/support/chassis-samples.ts';
import { macOf } from '../../kernel/address.ts';
import { ordinalMax } from '../../wire/checkpoint/codec.ts';
import { nextDeadline } from './deadline.ts';
import type { PeerHello } from './hello.ts';
import { compareLineages, heardLineage, type Lineage, lineageToleranceMs, newLineage, toldLineage } from './lineage.ts';
import { startChassis, step } from './machine.ts';
import type { ChassisOptions } from './options.ts';
import { helloOf } from './say.ts';
import type { Chassis } from './state.ts';

const own: Lineage = { id: 1, bornAt: 1_000 };
const now = 101_000;

describe('a lineage', () => {
  it('begins now, under a number by chance', () => {
    const { random } = chassisContextAt(5);
    const begun = newLineage({ now: 5, random });
    expect(begun.bornAt).toBe(5);
    expect(newLineage({ now: 5, random }).id).not.toBe(begun.id);
  });

  it('is told as its age, and heard in the clock of whoever hears it', () => {
    expect(toldLineage(own, now + 0.9)).toEqual({ id: 1, ageMs: 100_000 });
    expect(toldLineage(undefined, now)).toBeUndefined();
    expect(heardLineage({ id: 1, ageMs: 100_000 }, 7, undefined)).toEqual({ id: 1, bornAt: -99_993 });
  });

  it('that is as old as can be said stays so', () => {
    const oldest = heardLineage({ id: 1, ageMs: ordinalMax }, now, undefined);
    expect(toldLineage(oldest, now + 5000)).toEqual({ id: 1, ageMs: ordinalMax });
  });

  it('is as old as the oldest view of it: what is late makes it younger', () => {
    const known = heardLineage({ id: 1, ageMs: 500 }, 1_000, undefined);
    expect(heardLineage({ id: 1, ageMs: 600 }, 1_200, known)).toEqual(known);
    expect(heardLineage({ id: 1, ageMs: 800 }, 1_200, known)).toEqual({ id: 1, bornAt: 400 });
    expect(heardLineage({ id: 2, ageMs: 10 }, 1_200, known)).toEqual({ id: 2, bornAt: 1_190 });
  });

  it.each([
    ['older', { id: 2, ageMs: 100_000 - lineageToleranceMs }],
    ['alike', { id: 2, ageMs: 100_001 - lineageToleranceMs }],
    ['alike', { id: 2, ageMs: 99_999 + lineageToleranceMs }],
    ['younger', { id: 2, ageMs: 100_000 + lineageToleranceMs }],
    ['same', { id: 1, ageMs: 0 }],
    ['same', undefined],
  ] as const)('is %s beside %j', (order, told) => expect(compareLineages(own, told, now)).toBe(order));

  it('is not compared before there is one', () =>
    expect(compareLineages(undefined, { id: 2, ageMs: 0 }, now)).toBe('same'));
});

interface Rival {
  readonly options: ChassisOptions;
  /** Added to the common time: no two clocks show the same. */
  readonly clockOffsetMs: number;
  chassis: Chassis;
  /** What comes from the other: in order, and always as late. */
  readonly incoming: { readonly at: number; readonly hello: PeerHello }[];
  readonly delayMs: number;
}

interface Meeting {
  readonly sameMode: boolean;
  readonly terms: readonly [number, number];
  readonly agesMs: readonly [number, number];
  readonly delaysMs: readonly [number, number];
  /** How old the first hello is that each hears: it lay there while the chassis did not run. */
  readonly staleMs: readonly [number, number];
}

/** Two that serve different lineages begin to hear each other at time 0. */
class TwoThatServe {
  readonly rivals: readonly [Rival, Rival];
  readonly #staleMs: readonly [number, number];

  constructor({ sameMode, terms, agesMs, delaysMs, staleMs }: Meeting) {
    const rival = (index: 0 | 1): Rival => {
      const clockOffsetMs = index === 0 ? 1_000_000 : 50_000_000;
      const options: ChassisOptions = {
        ...sampleOptions,
        mode: index === 0 || sameMode ? 'primary' : 'backup',
        tiebreaker: macOf(index + 1),
      };
      const context = { ...chassisContextAt(clockOffsetMs), options };
      const started = step(
        startChassis(0, 1, context),
        { kind: 'connected', authenticated: true, version: 1 },
        context,
      );
      const chassis: Chassis = {
        ...started.state,
        state: {
          kind: 'ACTIVE',
          since: clockOffsetMs - agesMs[index],
          reason: 'no-peer',
          unfinished: undefined,
          heldUntil: undefined,
          causesSeenAt: clockOffsetMs,
        },
        routeModifier: 1,
        term: { own: terms[index], highest: terms[index] },
        lineage: { id: index + 1, bornAt: clockOffsetMs - agesMs[index] },
      };
      return { options, clockOffsetMs, chassis, incoming: [], delayMs: delaysMs[index] };
    };
    this.rivals = [rival(0), rival(1)];
    this.#staleMs = staleMs;
  }

  run(untilMs: number): void {
    for (const index of [0, 1] as const) {
      const other = this.rivals[1 - index]!;
      const stale = helloOf(other.chassis, this.#contextOf(other, -this.#staleMs[index]));
      this.rivals[index].incoming.push({ at: this.rivals[index].delayMs, hello: stale });
    }
    for (;;) {
      const next = this.rivals.map((rival) => this.#nextOf(rival));
      const at = Math.min(...next);
      if (at > untilMs) return;
      this.#turn(this.rivals[next.indexOf(at) as 0 | 1], at);
    }
  }

  #nextOf({ chassis, options, clockOffsetMs, incoming }: Rival): number {
    return Math.max(0, Math.min(incoming[0]?.at ?? Infinity, nextDeadline(chassis, options) - clockOffsetMs));
  }

  #contextOf({ options, clockOffsetMs }: Rival, at: number) {
    return { ...chassisContextAt(at + clockOffsetMs), options };
  }

  #turn(rival: Rival, at: number): void {
    const other = this.rivals[rival === this.rivals[0] ? 1 : 0];
    const heard = rival.incoming[0]?.at === at ? rival.incoming.shift()?.hello : undefined;
    const event =
      heard === undefined ? { kind: 'deadlineReached' as const } : { kind: 'helloHeard' as const, hello: heard };
    const { state, effects } = step(rival.chassis, event, this.#contextOf(rival, at));
    rival.chassis = state;
    for (const effect of effects) {
      if (effect.kind === 'sendHello') other.incoming.push({ at: at + other.delayMs, hello: effect.hello });
    }
  }
}

const pairOf = (arbitrary: fc.Arbitrary<number>) => fc.tuple(arbitrary, arbitrary);
const age = fc.oneof(
  fc.integer({ min: 0, max: 3 * lineageToleranceMs }),
  // Where one finds itself older, and the other finds them alike.
  fc.integer({ min: lineageToleranceMs - 300, max: lineageToleranceMs + 300 }),
);
const meeting: fc.Arbitrary<Meeting> = fc
  .record({
    sameMode: fc.boolean(),
    terms: pairOf(fc.integer({ min: 1, max: 6 })),
    agesMs: fc.oneof(pairOf(age), fc.tuple(age, fc.constant(0)), fc.tuple(fc.constant(0), age)),
    delaysMs: pairOf(fc.integer({ min: 1, max: 140 })),
    staleMs: fc.oneof(fc.constant([0, 0] as [number, number]), pairOf(fc.integer({ min: 0, max: 60_000 }))),
  })
  .filter(({ sameMode, terms: [left, right] }) => sameMode || left !== right);

/** The second finds its lineage older, the first, which has the rank, finds them alike; both serve under one term. */
const onTheEdge: Meeting = {
  sameMode: true,
  terms: [5, 5],
  agesMs: [0, lineageToleranceMs - 8],
  delaysMs: [1, 8],
  staleMs: [0, 0],
};

describe('two that serve different lineages', () => {
  it('agree on the older, whenever each has read the ages, and else on one of them', () => {
    fc.assert(
      fc.property(meeting, (met) => {
        const two = new TwoThatServe(met);
        two.run(5_000);
        const [left, right] = two.rivals.map(({ chassis }) => chassis);
        expect([left!.state.kind, right!.state.kind].sort()).toEqual(['ACTIVE', 'PENDING_STANDBY']);
        const winner = left!.state.kind === 'ACTIVE' ? left! : right!;
        const loser = winner === left ? right! : left!;
        expect(loser.state.reason).toBe('other-lineage');
        expect(winner.term.own).toBeGreaterThanOrEqual(loser.term.highest);
        const olderByMs = met.agesMs[0] - met.agesMs[1];
        if (Math.abs(olderByMs) >= lineageToleranceMs) expect(winner.lineage!.id).toBe(olderByMs > 0 ? 1 : 2);
        // Nobody has raised its term without end.
        expect(winner.term.own).toBeLessThanOrEqual(Math.max(...met.terms) + 4);
      }),
      { numRuns: 500, examples: [[onTheEdge]] },
    );
  });
});
