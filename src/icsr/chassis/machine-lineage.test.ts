import { describe, expect, it } from 'vitest';
import {
  active,
  type ChassisAt,
  chassisContextAt,
  chassisSamples,
  chassisTrials,
  filling,
  handingOver,
  having,
  hears,
  peerHello,
  promoting,
  promotingOnRequest,
  readyStandby,
  sampleLineage,
  sampleOptions,
  standbyNotReady,
  started,
  waits,
} from '../../../tests/support/chassis-samples.ts';
import type { ChassisEffect } from './effect.ts';
import type { PeerHello } from './hello.ts';
import { lineageToleranceMs, toldLineage } from './lineage.ts';
import { step } from './machine.ts';
import { helloOf } from './say.ts';
import { type Chassis, holdsTerm, promotionStages } from './state.ts';

const { deadIntervalMs, delayIntervalMs } = sampleOptions;

/** A hello of a peer that serves another lineage, older than the pair's by so long; its term is above ours by `above`. */
const rivalHello = ({ chassis, now }: ChassisAt, olderMs: number, above: number): Partial<PeerHello> => ({
  state: 'ACTIVE',
  term: chassis.term.highest + above,
  lineage: toldLineage({ id: 8, bornAt: sampleLineage.bornAt - olderMs }, now),
});
const meetsRival = (before: ChassisAt, olderMs: number, above: number): ChassisAt =>
  hears(before, rivalHello(before, olderMs, above));
const promoted = (before: ChassisAt): ChassisAt =>
  promotionStages.reduce((at, stage) => having(at, { kind: 'promotionStageDone', stage }), before);

/** Rows of the table in docs/redundancy.md. */
const rows: readonly (readonly [string, () => ChassisAt, Chassis['state']['kind'], string])[] = [
  [
    'PENDING_ACTIVE, another lineage, older',
    () => meetsRival(promoting(), lineageToleranceMs, -1),
    'PENDING_STANDBY',
    'other-lineage',
  ],
  [
    'PENDING_ACTIVE, another lineage, younger',
    () => meetsRival(promoting(), -lineageToleranceMs, 1),
    'PENDING_ACTIVE',
    'dead-interval',
  ],
  [
    'ACTIVE, another lineage, older',
    () => meetsRival(active(), lineageToleranceMs, -1),
    'PENDING_STANDBY',
    'other-lineage',
  ],
  ['ACTIVE, another lineage, younger', () => meetsRival(active(), -lineageToleranceMs, 1), 'ACTIVE', 'dead-interval'],
  [
    'ACTIVE, another lineage of like age, term higher',
    () => meetsRival(active(), 1 - lineageToleranceMs, 1),
    'PENDING_STANDBY',
    'other-lineage',
  ],
  [
    'ACTIVE, another lineage of like age, term lower',
    () => meetsRival(active(), lineageToleranceMs - 1, -1),
    'ACTIVE',
    'dead-interval',
  ],
  [
    'STANDBY, READY, the peer serves a younger lineage',
    () => meetsRival(readyStandby(), -lineageToleranceMs, 1),
    'PENDING_ACTIVE',
    'other-lineage',
  ],
  [
    'STANDBY, with a part of the records, the peer serves a younger lineage',
    () => meetsRival(standbyNotReady(), -lineageToleranceMs, 1),
    'PENDING_ACTIVE',
    'other-lineage',
  ],
  [
    'filling after it was fenced, the peer has died since and serves a younger lineage',
    () => meetsRival(hears(active(), { state: 'ACTIVE', term: 8 }), -lineageToleranceMs, 1),
    'PENDING_ACTIVE',
    'other-lineage',
  ],
  [
    'filling after it gave way to another lineage, the peer has died since and serves a younger one',
    () => meetsRival(meetsRival(active(), lineageToleranceMs, 1), -lineageToleranceMs, 1),
    'PENDING_STANDBY',
    'other-lineage',
  ],
  [
    'handing over, the peer serves a younger lineage',
    () => meetsRival(handingOver(), -lineageToleranceMs, 1),
    'ACTIVE',
    'peer-did-not-take-over',
  ],
  [
    'handing over, the peer serves an older lineage',
    () => meetsRival(handingOver(), lineageToleranceMs, 1),
    'PENDING_STANDBY',
    'other-lineage',
  ],
];

describe('the rows of the transition table on lineages', () => {
  it.each(rows)('%s', (_, make, kind, reason) => {
    const { chassis } = make();
    expect([chassis.state.kind, chassis.state.reason]).toEqual([kind, reason]);
  });
});

function effectsOnRival(before: ChassisAt, olderMs: number, above: number): readonly ChassisEffect[] {
  const hello = peerHello(before.chassis, before.now, rivalHello(before, olderMs, above));
  return step(before.chassis, { kind: 'helloHeard', hello }, chassisContextAt(before.now)).effects;
}

function kinds(effects: readonly ChassisEffect[]): readonly string[] {
  return effects.map(({ kind }) => kind).filter((kind) => kind !== 'count' && kind !== 'report');
}

describe('the lineage', () => {
  const serving: readonly (readonly [string, () => ChassisAt, boolean])[] = [
    ['out of INIT, nobody heard', () => waits(started(), delayIntervalMs + deadIntervalMs), false],
    ['out of INIT, arbitration won', () => hears(started(), { state: 'INIT' }), false],
    ['filling', () => waits(filling(), deadIntervalMs), false],
    ['READY', () => promoting(), true],
    ['no longer READY', () => waits(standbyNotReady(), deadIntervalMs), false],
    ['READY again', () => waits(having(standbyNotReady(), { kind: 'synchronised' }), deadIntervalMs), true],
    [
      'after having handed over',
      () => waits(hears(handingOver(), { state: 'ACTIVE', term: 4 }), deadIntervalMs),
      false,
    ],
    ['from a peer that hands over', () => promotingOnRequest(), true],
    [
      'from a peer that is forced to hand over',
      () =>
        having(hears(filling(), { state: 'PENDING_STANDBY', handingOver: 'manual' }), {
          kind: 'switchoverBarrierReached',
        }),
      true,
    ],
  ];

  it.each(serving)('of a chassis that takes the role: %s', (_, make, continues) => {
    const { chassis } = make();
    expect(chassis.state.kind).toBe('PENDING_ACTIVE');
    expect(chassis.lineage?.id === sampleLineage.id).toBe(continues);
    if (!continues) expect(chassis.lineage?.bornAt).toBe(chassis.state.since);
  });

  it('stays through a hand-over that comes to nothing', () => {
    const { chassis } = having(handingOver(), { kind: 'handoverAnswered', accepted: false });
    expect(chassis.lineage).toEqual(active().chassis.lineage);
  });

  it('is known to a standby by the oldest hello it has heard, and told on', () => {
    const before = readyStandby();
    const late = { state: 'ACTIVE', lineage: { id: sampleLineage.id, ageMs: 1 } } as const;
    expect(hears(before, late).chassis.lineage).toEqual(sampleLineage);
    expect(helloOf(before.chassis, chassisContextAt(before.now)).lineage).toEqual(
      toldLineage(sampleLineage, before.now),
    );
  });

  it('of a peer that does not tell it is left to the term', () => {
    const { chassis } = hears(active(), { state: 'ACTIVE', term: 4, lineage: undefined });
    expect(chassis.state.reason).toBe('fenced');
  });

  it('that is older keeps the role: the term is raised, told, and the addresses are announced again', () => {
    const effects = effectsOnRival(active(), -lineageToleranceMs, 1);
    expect(meetsRival(active(), -lineageToleranceMs, 1).chassis.term).toEqual({ own: 5, highest: 5 });
    expect(kinds(effects)).toEqual(['storeTerm', 'announceAgain', 'sendHello']);
    expect(effects).toContainEqual({ kind: 'count', counter: 'lineage.upheld' });
  });

  it('that is younger is given up: how many sessions went with it is reported', () => {
    const effects = effectsOnRival(active(), lineageToleranceMs, -1);
    expect(kinds(effects)).toEqual(['stopServing', 'beginStandby', 'sendHello']);
    expect(effects).toContainEqual({ kind: 'count', counter: 'lineage.sessions-abandoned', by: 10 });
    expect(effects).toContainEqual({
      kind: 'report',
      report: { name: 'lineage-abandoned', lineage: sampleLineage.id, for: 8, sessions: 10 },
    });
  });

  it('that the peer took with the role is no rival to a chassis that handed it over', () => {
    const before = promoted(promotingOnRequest());
    const { chassis } = hears(handingOver(), {
      state: 'ACTIVE',
      term: 4,
      lineage: toldLineage(before.chassis.lineage, before.now),
    });
    expect(chassis.state.reason).toBe('handed-over');
  });

  it.each(chassisSamples)('$name: is there where the chassis has all the sessions, whatever happens', ({ make }) => {
    for (const { of } of chassisTrials) {
      const sample = make();
      const { event, at } = of(sample);
      const { state, lineage, synchronisation } = step(sample.chassis, event, chassisContextAt(at)).state;
      const holds = holdsTerm(state) || (state.kind === 'PENDING_STANDBY' && state.purpose === 'handingOver');
      expect(lineage !== undefined).toBe(holds || (state.kind === 'STANDBY' && synchronisation.ready));
    }
  });
});
