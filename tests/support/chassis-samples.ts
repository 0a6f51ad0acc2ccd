/** A chassis in each of its states, made by the machine itself, and events to try on it. */
import type { ChassisContext } from '../../src/icsr/chassis/context.ts';
import { nextDeadline, silentAt } from '../../src/icsr/chassis/deadline.ts';
import type { ChassisEvent } from '../../src/icsr/chassis/event.ts';
import type { PeerHello } from '../../src/icsr/chassis/hello.ts';
import { type Lineage, lineageToleranceMs, toldLineage } from '../../src/icsr/chassis/lineage.ts';
import { startChassis, step } from '../../src/icsr/chassis/machine.ts';
import { type ChassisOptions, chassisDefaults } from '../../src/icsr/chassis/options.ts';
import { type Chassis, promotionStages } from '../../src/icsr/chassis/state.ts';
import { macOf } from '../../src/kernel/address.ts';
import { SeededRandom } from '../../src/kernel/random.ts';

export const sampleOptions: ChassisOptions = { ...chassisDefaults, mode: 'primary', tiebreaker: macOf(1) };

export const sampleDigest = Uint8Array.of(1, 2, 3);

/** That of the peer, and so of whoever took over from it; an hour old when the samples begin. */
export const sampleLineage: Lineage = { id: 7, bornAt: -3_600_000 };

export function chassisContextAt(now: number): ChassisContext {
  return {
    now,
    wallClock: now,
    random: new SeededRandom(1),
    options: sampleOptions,
    sessions: 10,
    configurationDigest: sampleDigest,
  };
}

/** A hello of the backup: by default a READY standby that knows the chassis's term. */
export function peerHello(chassis: Chassis, now: number, fields: Partial<PeerHello> = {}): PeerHello {
  const state = fields.state ?? 'STANDBY';
  return {
    term: chassis.term.highest,
    state,
    mode: 'backup',
    priority: sampleOptions.priority,
    routeModifier: state === 'ACTIVE' ? 1 : 18,
    tiebreaker: macOf(2),
    ready: state === 'STANDBY',
    handingOver: undefined,
    wallClock: now,
    configurationDigest: sampleDigest,
    sessions: 10,
    monitorsHealthy: true,
    instances: chassis.synchronisation.instances,
    saidAt: undefined,
    heardSaidAt: undefined,
    store: undefined,
    lineage: state === 'INIT' ? undefined : toldLineage(sampleLineage, now),
    ...fields,
  };
}

/** A chassis with its time. */
export interface ChassisAt {
  readonly chassis: Chassis;
  readonly now: number;
}

export function having({ chassis, now }: ChassisAt, event: ChassisEvent, at = now): ChassisAt {
  return { chassis: step(chassis, event, chassisContextAt(at)).state, now: at };
}

export function hears(before: ChassisAt, fields: Partial<PeerHello> = {}, at = before.now): ChassisAt {
  return having(before, { kind: 'helloHeard', hello: peerHello(before.chassis, at, fields) }, at);
}

/** Lets time pass with nothing heard. */
export function waits(before: ChassisAt, ms: number): ChassisAt {
  const end = before.now + ms;
  let state = before;
  for (;;) {
    const at = nextDeadline(state.chassis, sampleOptions);
    if (at > end) return { ...state, now: end };
    state = having(state, { kind: 'deadlineReached' }, Math.max(at, state.now));
  }
}

export function started(): ChassisAt {
  const chassis = startChassis(0, 2, chassisContextAt(0));
  return having({ chassis, now: 0 }, { kind: 'connected', authenticated: true, version: 1 });
}

/** Its disk has the sessions of a standby; nobody is there. */
export function startedOlder(): ChassisAt {
  const chassis = startChassis(5, 2, chassisContextAt(0), { term: 5, as: 'standby' });
  return having({ chassis, now: 0 }, { kind: 'connected', authenticated: true, version: 1 });
}

export function filling(): ChassisAt {
  return hears(started(), { state: 'ACTIVE', term: 2 });
}

export function readyStandby(): ChassisAt {
  return having(filling(), { kind: 'synchronised' }, 100);
}

export function standbyNotReady(): ChassisAt {
  return having(readyStandby(), { kind: 'resynchronisationBegan' });
}

export function takingOver(): ChassisAt {
  return hears(readyStandby(), { state: 'PENDING_STANDBY', handingOver: 'aaa-probe' });
}

export function promoting(): ChassisAt {
  return waits(readyStandby(), sampleOptions.deadIntervalMs);
}

export function promotingOnRequest(): ChassisAt {
  return having(takingOver(), { kind: 'switchoverBarrierReached' });
}

/** Active, guard period over, its peer a READY standby. */
export function active(): ChassisAt {
  let state = hears(promoting(), { state: 'PENDING_STANDBY' });
  for (const stage of promotionStages) state = having(state, { kind: 'promotionStageDone', stage });
  state = having(state, { kind: 'peerReadyChanged', instancesReady: 2, instances: 2 });
  return hears({ ...state, now: state.now + sampleOptions.guardPeriodMs });
}

export function activeEarly(): ChassisAt {
  const state = waits(promoting(), sampleOptions.promotionLimitMs);
  return hears(state);
}

export function activeHeld(): ChassisAt {
  return having(active(), { kind: 'stalled', forMs: sampleOptions.deadIntervalMs });
}

export function handingOver(): ChassisAt {
  return having(active(), { kind: 'switchoverRequested', cause: 'manual', force: false });
}

export const chassisSamples: readonly { readonly name: string; readonly make: () => ChassisAt }[] = [
  { name: 'INIT', make: started },
  {
    name: 'INIT, its store may be older',
    make: () => waits(startedOlder(), sampleOptions.delayIntervalMs + sampleOptions.deadIntervalMs),
  },
  { name: 'PENDING_STANDBY, filling', make: filling },
  { name: 'PENDING_STANDBY, handing over', make: handingOver },
  { name: 'STANDBY, READY', make: readyStandby },
  { name: 'STANDBY, not READY', make: standbyNotReady },
  { name: 'STANDBY, taking over', make: takingOver },
  { name: 'PENDING_ACTIVE', make: promoting },
  { name: 'PENDING_ACTIVE, the peer hands over', make: promotingOnRequest },
  { name: 'ACTIVE', make: active },
  { name: 'ACTIVE, promotion unfinished', make: activeEarly },
  { name: 'ACTIVE, held after a stall', make: activeHeld },
];

/** What is tried on a sample, and when. */
export interface Trial {
  readonly event: ChassisEvent;
  readonly at: number;
}

export const chassisTrials: readonly { readonly name: string; readonly of: (sample: ChassisAt) => Trial }[] = [
  ...(
    [
      ['hello: peer INIT', { state: 'INIT' }, 0],
      ['hello: peer INIT, term higher', { state: 'INIT' }, 1],
      ['hello: peer STANDBY, READY', {}, 0],
      ['hello: peer STANDBY, not READY', { ready: false }, 0],
      ['hello: peer STANDBY, not READY, its route modifier lower', { ready: false, routeModifier: 0 }, 0],
      ['hello: peer PENDING_STANDBY, filling', { state: 'PENDING_STANDBY' }, 0],
      ['hello: peer PENDING_STANDBY, handing over', { state: 'PENDING_STANDBY', handingOver: 'manual' }, 0],
      ['hello: peer PENDING_ACTIVE, term higher', { state: 'PENDING_ACTIVE' }, 1],
      ['hello: peer ACTIVE, term lower', { state: 'ACTIVE' }, -1],
      ['hello: peer ACTIVE, term equal, wins', { state: 'ACTIVE', routeModifier: 0 }, 0],
      ['hello: peer ACTIVE, term equal, loses', { state: 'ACTIVE', routeModifier: 17 }, 0],
      ['hello: peer ACTIVE, term higher', { state: 'ACTIVE' }, 1],
    ] as const
  ).map(([name, fields, above]) => ({
    name,
    of: ({ chassis, now }: ChassisAt): Trial => {
      const term = Math.max(0, chassis.term.highest + above);
      return { event: { kind: 'helloHeard', hello: peerHello(chassis, now, { ...fields, term }) }, at: now };
    },
  })),
  ...(
    [
      ['hello: peer ACTIVE, its lineage older, term lower', 1, -1],
      ['hello: peer ACTIVE, its lineage older, term higher', 1, 1],
      ['hello: peer ACTIVE, its lineage younger, term lower', -1, -1],
      ['hello: peer ACTIVE, its lineage younger, term higher', -1, 1],
      ['hello: peer ACTIVE, its lineage another of like age, term higher', 0, 1],
    ] as const
  ).map(([name, older, above]) => ({
    name,
    of: ({ chassis, now }: ChassisAt): Trial => {
      const bornAt = (chassis.lineage ?? sampleLineage).bornAt - older * lineageToleranceMs;
      const lineage = toldLineage({ id: 8, bornAt }, now);
      const term = Math.max(0, chassis.term.highest + above);
      return {
        event: { kind: 'helloHeard', hello: peerHello(chassis, now, { state: 'ACTIVE', term, lineage }) },
        at: now,
      };
    },
  })),
  {
    name: 'dead interval over',
    of: ({ chassis, now }) => ({
      event: { kind: 'deadlineReached' },
      at: Math.max(now, silentAt(chassis, sampleOptions)),
    }),
  },
  {
    name: 'limit of the state reached',
    of: ({ chassis, now }) => ({ event: { kind: 'deadlineReached' }, at: limitOf(chassis) ?? now }),
  },
  ...(
    [
      ['first synchronisation done', { kind: 'synchronised' }],
      ['resynchronisation began', { kind: 'resynchronisationBegan' }],
      ['the peer asks to hand over', { kind: 'handoverRequested', cause: 'manual' }],
      ['the peer refuses to take over', { kind: 'handoverAnswered', accepted: false }],
      ['the last record has come', { kind: 'switchoverBarrierReached' }],
      ['stage done (the current)', { kind: 'promotionStageDone', stage: 'fence' }],
      ['stage done (not the current)', { kind: 'promotionStageDone', stage: 'serve' }],
      ['stage failed (the current)', { kind: 'promotionStageFailed', stage: 'fence', reason: '…' }],
      ['AAA probe failed', { kind: 'monitorChanged', name: 'aaa', monitor: 'aaa-probe', healthy: false }],
      ['BFD hears the peer', { kind: 'monitorChanged', name: 'bfd', monitor: 'bfd', healthy: true }],
      ['switchover asked for', { kind: 'switchoverRequested', cause: 'manual', force: false }],
      ['switchover forced', { kind: 'switchoverRequested', cause: 'manual', force: true }],
      ['service alone asked for', { kind: 'aloneRequested' }],
      ['stalled for the dead interval', { kind: 'stalled', forMs: sampleOptions.deadIntervalMs }],
      ['connected', { kind: 'connected', authenticated: true, version: 1 }],
      ['disconnected', { kind: 'disconnected', reason: 'reset' }],
    ] satisfies readonly (readonly [string, ChassisEvent])[]
  ).map(([name, event]) => ({ name, of: ({ now }: ChassisAt): Trial => ({ event, at: now }) })),
];

/** When the state is over by itself, while hellos are heard; undefined for a state that is not. */
function limitOf({ state }: Chassis): number | undefined {
  switch (state.kind) {
    case 'PENDING_STANDBY':
    case 'PENDING_ACTIVE':
      return state.deadline;
    case 'STANDBY':
      return state.takingOver?.deadline;
    case 'ACTIVE':
      return state.heldUntil;
    case 'INIT':
      return undefined;
  }
}
