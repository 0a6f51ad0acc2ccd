import { describe, expect, it } from 'vitest';
import {
  active,
  activeEarly,
  activeHeld,
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
  sampleOptions,
  standbyNotReady,
  started,
  takingOver,
  waits,
} from '../../../tests/support/chassis-samples.ts';
import { nextDeadline, silentAt } from './deadline.ts';
import type { ChassisEffect } from './effect.ts';
import type { ChassisEvent } from './event.ts';
import { step } from './machine.ts';
import { chassisOptionProblems } from './options.ts';
import { type Chassis, historyMax, promotionStages } from './state.ts';

const { deadIntervalMs, delayIntervalMs, dampingPeriodMs, guardPeriodMs } = sampleOptions;

const failed = (name: 'aaa-probe' | 'peer-reachability'): ChassisEvent => ({
  kind: 'monitorChanged',
  name,
  monitor: name,
  healthy: false,
});
const bfdHears: ChassisEvent = { kind: 'monitorChanged', name: 'bfd', monitor: 'bfd', healthy: true };
const asked = (force: boolean): ChassisEvent => ({ kind: 'switchoverRequested', cause: 'manual', force });

/** The peer's hello keeps coming until a limit of the state is reached. */
function heardUntil(before: ChassisAt, limitMs: number, fields: Parameters<typeof peerHello>[2]): ChassisAt {
  const { since } = before.chassis.state;
  let state = before;
  while (state.now + 100 < since + limitMs) state = hears(waits(state, 100), fields);
  return waits(state, since + limitMs - state.now);
}

/** Rows of the table in docs/redundancy.md: how the chassis gets there, and where it then is, and why. */
const rows: readonly (readonly [string, () => ChassisAt, Chassis['state']['kind'], string])[] = [
  ['INIT, peer ACTIVE', () => hears(started(), { state: 'ACTIVE' }), 'PENDING_STANDBY', 'peer-active'],
  ['INIT, peer PENDING_ACTIVE', () => hears(started(), { state: 'PENDING_ACTIVE' }), 'PENDING_STANDBY', 'peer-active'],
  ['INIT, peer INIT, win', () => hears(started(), { state: 'INIT' }), 'PENDING_ACTIVE', 'arbitration-won'],
  [
    'INIT, peer INIT, not win',
    () => hears(started(), { state: 'INIT', routeModifier: 1 }),
    'PENDING_STANDBY',
    'arbitration-lost',
  ],
  ['INIT, peer holds the records', () => hears(started()), 'PENDING_STANDBY', 'arbitration-lost'],
  ['INIT, no peer', () => waits(started(), delayIntervalMs + deadIntervalMs), 'PENDING_ACTIVE', 'no-peer'],
  ['INIT, no peer yet', () => waits(started(), delayIntervalMs + deadIntervalMs - 1), 'INIT', 'started'],
  [
    'INIT, no peer, not healthy',
    () => waits(having(started(), failed('aaa-probe')), delayIntervalMs + deadIntervalMs + dampingPeriodMs - 1),
    'INIT',
    'started',
  ],
  [
    'INIT, no peer, not healthy, damped',
    () => waits(having(started(), failed('aaa-probe')), delayIntervalMs + deadIntervalMs + dampingPeriodMs),
    'PENDING_ACTIVE',
    'no-peer',
  ],
  ['filling, synchronised', () => having(filling(), { kind: 'synchronised' }), 'STANDBY', 'synchronised'],
  [
    'filling, limit',
    () => heardUntil(filling(), sampleOptions.resynchronisationLimitMs, { state: 'ACTIVE' }),
    'STANDBY',
    'synchronisation-slow',
  ],
  ['filling, dead', () => waits(filling(), deadIntervalMs), 'PENDING_ACTIVE', 'dead-interval'],
  ['filling, nobody serves, win', () => hears(filling(), { state: 'INIT' }), 'PENDING_ACTIVE', 'arbitration-won'],
  [
    'filling, forced hand-over',
    () => hears(filling(), { state: 'PENDING_STANDBY', handingOver: 'manual' }),
    'STANDBY',
    'peer-hands-over',
  ],
  ['STANDBY, dead', () => waits(readyStandby(), deadIntervalMs), 'PENDING_ACTIVE', 'dead-interval'],
  ['STANDBY, not dead yet', () => waits(readyStandby(), deadIntervalMs - 101), 'STANDBY', 'synchronised'],
  [
    'STANDBY, silent, but BFD hears',
    () => waits(having(readyStandby(), bfdHears), 10 * deadIntervalMs),
    'STANDBY',
    'synchronised',
  ],
  [
    'STANDBY, dead, not healthy',
    () => waits(having(readyStandby(), failed('aaa-probe')), deadIntervalMs),
    'STANDBY',
    'synchronised',
  ],
  ['STANDBY, peer restarted', () => hears(readyStandby(), { state: 'INIT' }), 'PENDING_ACTIVE', 'peer-restarted'],
  ['STANDBY, peer hands over', () => takingOver(), 'STANDBY', 'synchronised'],
  [
    'STANDBY, last record',
    () => having(takingOver(), { kind: 'switchoverBarrierReached' }),
    'PENDING_ACTIVE',
    'aaa-probe',
  ],
  [
    'STANDBY, last record before the hello',
    () =>
      hears(having(readyStandby(), { kind: 'switchoverBarrierReached' }), {
        state: 'PENDING_STANDBY',
        handingOver: 'bgp',
      }),
    'PENDING_ACTIVE',
    'bgp',
  ],
  [
    'STANDBY, barrier limit',
    () => {
      let state = takingOver();
      const end = state.now + sampleOptions.barrierLimitMs;
      while (state.now < end) state = hears(waits(state, 100), { state: 'PENDING_STANDBY', handingOver: 'aaa-probe' });
      return waits(state, 1);
    },
    'PENDING_ACTIVE',
    'aaa-probe',
  ],
  [
    'STANDBY, hand-over abandoned',
    () => having(hears(takingOver(), { state: 'ACTIVE' }), { kind: 'switchoverBarrierReached' }),
    'STANDBY',
    'synchronised',
  ],
  ['STANDBY, nobody serves, not win', () => hears(standbyNotReady()), 'STANDBY', 'synchronised'],
  ['PENDING_ACTIVE, promoted', () => active(), 'ACTIVE', 'dead-interval'],
  ['PENDING_ACTIVE, fenced', () => hears(promoting(), { state: 'ACTIVE', term: 4 }), 'PENDING_STANDBY', 'fenced'],
  [
    'PENDING_ACTIVE, equal term, not win',
    () => hears(promoting(), { state: 'ACTIVE', routeModifier: 0 }),
    'PENDING_STANDBY',
    'fenced',
  ],
  ['PENDING_ACTIVE, limit', () => activeEarly(), 'ACTIVE', 'promotion-slow'],
  [
    'PENDING_ACTIVE, stage failed, peer hands over',
    () => having(promotingOnRequest(), { kind: 'promotionStageFailed', stage: 'fence', reason: 'no space' }),
    'PENDING_STANDBY',
    'promotion-failed',
  ],
  ['ACTIVE, asked', () => having(active(), asked(false)), 'PENDING_STANDBY', 'manual'],
  [
    'ACTIVE, asked, peer not READY',
    () => having(hears(active(), { ready: false }), asked(false)),
    'ACTIVE',
    'dead-interval',
  ],
  [
    'ACTIVE, forced, peer not READY',
    () => having(hears(active(), { ready: false }), asked(true)),
    'PENDING_STANDBY',
    'manual',
  ],
  [
    'ACTIVE, forced, no link',
    () => having(having(active(), { kind: 'disconnected', reason: 'reset' }), asked(true)),
    'ACTIVE',
    'dead-interval',
  ],
  [
    'ACTIVE, monitor failed',
    () => having(active(), failed('peer-reachability')),
    'PENDING_STANDBY',
    'peer-reachability',
  ],
  [
    'ACTIVE, monitor failed on both',
    () => having(hears(active(), { monitorsHealthy: false }), failed('aaa-probe')),
    'ACTIVE',
    'dead-interval',
  ],
  [
    'ACTIVE, monitor failed, later well on the peer',
    () => hears(having(hears(active(), { monitorsHealthy: false }), failed('aaa-probe'))),
    'PENDING_STANDBY',
    'aaa-probe',
  ],
  ['ACTIVE, fenced', () => hears(active(), { state: 'PENDING_ACTIVE', term: 4 }), 'PENDING_STANDBY', 'fenced'],
  [
    'ACTIVE, equal term, not win',
    () => hears(active(), { state: 'ACTIVE', routeModifier: 0 }),
    'PENDING_STANDBY',
    'dual-active',
  ],
  ['ACTIVE, equal term, win', () => hears(active(), { state: 'ACTIVE', routeModifier: 17 }), 'ACTIVE', 'dead-interval'],
  ['ACTIVE, peer dead', () => waits(active(), 10 * deadIntervalMs), 'ACTIVE', 'dead-interval'],
  ['handing over, peer ACTIVE', () => hears(handingOver(), { state: 'ACTIVE', term: 4 }), 'STANDBY', 'handed-over'],
  [
    'handing over, an ACTIVE of a lower term',
    () => hears(handingOver(), { state: 'ACTIVE', term: 2 }),
    'PENDING_STANDBY',
    'manual',
  ],
  [
    'handing over, limit',
    () => heardUntil(handingOver(), sampleOptions.handoverLimitMs, {}),
    'ACTIVE',
    'peer-did-not-take-over',
  ],
  [
    'handing over, limit, the peer promotes still',
    () => heardUntil(handingOver(), sampleOptions.handoverLimitMs, { state: 'PENDING_ACTIVE', term: 4 }),
    'PENDING_STANDBY',
    'peer-active',
  ],
  ['handing over, peer dead', () => waits(handingOver(), deadIntervalMs), 'ACTIVE', 'peer-did-not-take-over'],
  [
    'handing over, refused',
    () => having(handingOver(), { kind: 'handoverAnswered', accepted: false }),
    'ACTIVE',
    'peer-refused',
  ],
];

describe('the rows of the transition table', () => {
  it.each(rows)('%s', (_, make, kind, reason) => {
    const { chassis } = make();
    expect([chassis.state.kind, chassis.state.reason]).toEqual([kind, reason]);
  });
});

function effectsOf({ chassis, now }: ChassisAt, event: ChassisEvent, at = now): readonly ChassisEffect[] {
  return step(chassis, event, chassisContextAt(at)).effects;
}

function kinds(effects: readonly ChassisEffect[]): readonly string[] {
  return effects.map(({ kind }) => kind).filter((kind) => kind !== 'count' && kind !== 'report');
}

describe('the order of what is done', () => {
  it('a promotion stores its term before it speaks, and runs the stages one after the other', () => {
    const dead = { ...readyStandby(), now: readyStandby().now + deadIntervalMs };
    expect(kinds(effectsOf(dead, { kind: 'deadlineReached' }))).toEqual([
      'raiseAlarm',
      'storeTerm',
      'sendHello',
      'startPromotion',
    ]);
    let state = promoting();
    const started = [];
    for (const stage of promotionStages) {
      started.push(...effectsOf(state, { kind: 'promotionStageDone', stage }).filter((effect) => 'stage' in effect));
      state = having(state, { kind: 'promotionStageDone', stage });
    }
    expect(started.map(({ stage }) => stage)).toEqual(promotionStages.slice(1));
  });

  it('whoever gives way stops serving before anything else', () => {
    const hello = peerHello(active().chassis, active().now, { state: 'ACTIVE', term: 8 });
    expect(kinds(effectsOf(active(), { kind: 'helloHeard', hello }))).toEqual([
      'stopServing',
      'storeTerm',
      'beginStandby',
      'sendHello',
    ]);
    expect(kinds(effectsOf(active(), asked(false)))).toEqual([
      'stopServing',
      'sendHello',
      'requestHandover',
      'sendBarrier',
    ]);
  });

  it('a promotion cut short by its limit goes on, and its alarm ends with it', () => {
    const early = having(activeEarly(), { kind: 'promotionStageDone', stage: 'fence' });
    let state = early;
    for (const stage of ['commit', 'program'] as const) state = having(state, { kind: 'promotionStageDone', stage });
    expect(state.chassis.alarms).toContain('promotion-slow');
    expect(kinds(effectsOf(state, { kind: 'promotionStageDone', stage: 'readBack' }))).toEqual(['clearAlarm']);
  });

  it('an active chassis that stalled holds what it would send for the dead interval', () => {
    expect(kinds(effectsOf(active(), { kind: 'stalled', forMs: deadIntervalMs }))).toEqual(['holdServing']);
    expect(kinds(effectsOf(active(), { kind: 'stalled', forMs: deadIntervalMs - 1 }))).toEqual([]);
    expect(nextDeadline(activeHeld().chassis, sampleOptions)).toBeLessThanOrEqual(activeHeld().now + deadIntervalMs);
  });

  it('one that does not hear its peer holds it after a stall in which that could have been started, and serve', () => {
    const alone = waits(active(), deadIntervalMs);
    expect(alone.chassis.peer.silent).toBe(true);
    const forMs = delayIntervalMs + deadIntervalMs;
    expect(kinds(effectsOf(alone, { kind: 'stalled', forMs }))).toEqual(['holdServing']);
    expect(kinds(effectsOf(alone, { kind: 'stalled', forMs: forMs - 1 }))).toEqual([]);
  });

  it('after a rival has yielded, the addresses are announced again', () => {
    const rival = hears(active(), { state: 'ACTIVE', term: 2 });
    const hello = peerHello(rival.chassis, rival.now, { state: 'PENDING_STANDBY' });
    expect(kinds(effectsOf(rival, { kind: 'helloHeard', hello }))).toEqual(['announceAgain']);
  });

  it('after the peer was silent, they are announced again: it may have served, and died', () => {
    const silent = having(active(), { kind: 'deadlineReached' }, silentAt(active().chassis, sampleOptions));
    const hello = peerHello(silent.chassis, silent.now, { state: 'INIT' });
    const first = kinds(effectsOf(silent, { kind: 'helloHeard', hello }));
    expect(first.filter((kind) => kind === 'announceAgain')).toHaveLength(1);
    const heard = hears(silent, { state: 'INIT' });
    expect(kinds(effectsOf(heard, { kind: 'helloHeard', hello }))).not.toContain('announceAgain');
  });

  it.each([
    ['fills again: it has taken the role back meanwhile, unheard', 'PENDING_STANDBY', ['announceAgain']],
    ['has begun anew', 'INIT', ['announceAgain']],
    ['is the standby that this has made of it', 'STANDBY', []],
    ['hands over still', 'PENDING_STANDBY', [], 'manual'],
  ] as const)('of a peer that handed over and %s', (_, state, expected, handingOver = undefined) => {
    const gave = hears(active(), { state: 'PENDING_STANDBY', handingOver: 'manual' });
    const hello = peerHello(gave.chassis, gave.now, { state, handingOver });
    expect(kinds(effectsOf(gave, { kind: 'helloHeard', hello })).filter((kind) => kind === 'announceAgain')).toEqual(
      expected,
    );
  });

  it('a chassis that serves raises its term over that of a peer which does not', () => {
    const hello = peerHello(active().chassis, active().now, { state: 'INIT', term: 8 });
    const { state, effects } = step(active().chassis, { kind: 'helloHeard', hello }, chassisContextAt(active().now));
    expect(state.term).toEqual({ own: 9, highest: 9 });
    // The peer has served meanwhile, and announced the addresses.
    expect(kinds(effects)).toEqual(['storeTerm', 'announceAgain', 'sendHello']);
  });

  it('a connection to itself, or one without authentication, is dropped', () => {
    const own = peerHello(started().chassis, 0, { mode: 'primary', tiebreaker: sampleOptions.tiebreaker });
    expect(effectsOf(started(), { kind: 'helloHeard', hello: own })).toContainEqual({
      kind: 'dropConnection',
      reason: 'own-hello',
    });
    const stranger = having(started(), { kind: 'connected', authenticated: false, version: 1 });
    const hello = peerHello(stranger.chassis, 0, { state: 'ACTIVE', term: 99 });
    const { state, effects } = step(stranger.chassis, { kind: 'helloHeard', hello }, chassisContextAt(0));
    expect(state).toEqual(stranger.chassis);
    expect(kinds(effects)).toEqual(['dropConnection']);
  });
});

describe('switchovers by monitors', () => {
  it('wait for the damping period within the guard period', () => {
    const switched = { ...active(), now: active().now - guardPeriodMs };
    const guarded = hears({ ...switched, chassis: { ...switched.chassis, lastSwitchoverAt: switched.now } });
    let state = having(guarded, failed('peer-reachability'));
    expect(state.chassis.state.kind).toBe('ACTIVE');
    while (state.now < guarded.now + dampingPeriodMs - 100) state = hears(waits(state, 100));
    expect(state.chassis.state.kind).toBe('ACTIVE');
    expect(waits(state, 100).chassis.state.reason).toBe('peer-reachability');
  });

  it('by the AAA probe do not revert, until the flag is reset', () => {
    let state = promotingOnRequest();
    for (const stage of promotionStages) state = having(state, { kind: 'promotionStageDone', stage });
    state = having(state, { kind: 'peerReadyChanged', instancesReady: 2, instances: 2 });
    state = hears({ ...state, now: state.now + guardPeriodMs });
    expect(state.chassis.aaaLatched).toBe(true);
    const latched = having(state, failed('aaa-probe'));
    expect(latched.chassis.state.kind).toBe('ACTIVE');
    expect(having(latched, failed('peer-reachability')).chassis.state.reason).toBe('peer-reachability');
    expect(having(latched, { kind: 'aaaFlagReset' }).chassis.state.reason).toBe('aaa-probe');
  });
});

describe('a stall', () => {
  it('does not count toward the dead interval', () => {
    const stalled = having(readyStandby(), { kind: 'stalled', forMs: 1_000 }, readyStandby().now + 1_000);
    expect(waits(stalled, deadIntervalMs - 101).chassis.state.kind).toBe('STANDBY');
    expect(waits(stalled, deadIntervalMs).chassis.state.kind).toBe('PENDING_ACTIVE');
  });

  it('longer than the delay interval does not shorten it', () => {
    const forMs = delayIntervalMs + 500;
    const stalled = having(started(), { kind: 'stalled', forMs }, started().now + forMs);
    expect(waits(stalled, delayIntervalMs + deadIntervalMs - 1).chassis.state.kind).toBe('INIT');
    expect(waits(stalled, delayIntervalMs + deadIntervalMs).chassis.state.kind).toBe('PENDING_ACTIVE');
  });
});

describe('in every state', () => {
  it.each(chassisSamples)('$name: a deadline that is over does not stay', ({ make }) => {
    for (const { of } of chassisTrials) {
      const sample = make();
      const { event, at } = of(sample);
      const next = step(sample.chassis, event, chassisContextAt(at)).state;
      const due = Math.max(at, nextDeadline(next, sampleOptions));
      if (due === Number.POSITIVE_INFINITY) continue;
      const later = step(next, { kind: 'deadlineReached' }, chassisContextAt(due)).state;
      expect(nextDeadline(later, sampleOptions)).toBeGreaterThan(due);
    }
  });

  it('the history is bounded', () => {
    let state = active();
    for (let round = 0; round < historyMax; round += 1) {
      state = having({ ...state, now: state.now + 1 }, asked(true));
      state = hears(having(state, { kind: 'handoverAnswered', accepted: false }));
    }
    expect(state.chassis.history).toHaveLength(historyMax);
    expect(state.chassis.history.at(-1)?.reason).toBe('peer-refused');
  });
});

describe('options', () => {
  it('the defaults are in order', () => expect(chassisOptionProblems(sampleOptions)).toEqual([]));

  it.each([
    [{ helloIntervalMs: 99 }, 'the hello interval is at least 100 ms'],
    [{ deadIntervalMs: 299 }, 'the dead interval is at least three hello intervals'],
    [{ priority: 0 }, 'priority is 1..255'],
    [{ routeModifierThreshold: 33 }, 'the route modifier threshold is 2..32'],
    [{ barrierLimitMs: 10_000 }, 'the hand-over limit is longer than the barrier limit'],
  ])('%j is refused', (wrong, sentence) => {
    expect(chassisOptionProblems({ ...sampleOptions, ...wrong })).toEqual([sentence]);
  });
});
