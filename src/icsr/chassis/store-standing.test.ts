import { describe, expect, it } from 'vitest';
import {
  active,
  type ChassisAt,
  chassisContextAt,
  filling,
  handingOver,
  having,
  hears,
  peerHello,
  promoting,
  readyStandby,
  sampleOptions,
  standbyNotReady,
  started,
  startedOlder,
  waits,
} from '../../../tests/support/chassis-samples.ts';
import { nextDeadline } from './deadline.ts';
import type { PeerHello } from './hello.ts';
import { startChassis, step } from './machine.ts';
import type { StoreStanding } from './store-standing.ts';

const { deadIntervalMs, delayIntervalMs, olderStoreLimitMs } = sampleOptions;
const aloneMs = delayIntervalMs + deadIntervalMs;

function startedWith(store: StoreStanding): ChassisAt {
  return { chassis: startChassis(store.term, 2, chassisContextAt(0), store), now: 0 };
}

/** In INIT, after a while, with its peer in INIT too. */
function meets(store: StoreStanding, peers: PeerHello['store'], afterMs: number): string {
  const before = waits(having(startedWith(store), { kind: 'connected', authenticated: true, version: 1 }), afterMs);
  const hello = peerHello(before.chassis, before.now, { state: 'INIT', ready: false, sessions: 0, store: peers });
  // What is on disk is not in memory yet.
  const context = { ...chassisContextAt(before.now), sessions: 0 };
  const chassis = step(before.chassis, { kind: 'helloHeard', hello }, context).state;
  return `${chassis.state.kind} ${chassis.state.reason}`;
}

describe('what the disk of a chassis is worth', () => {
  const standings: readonly (readonly [string, () => ChassisAt, StoreStanding])[] = [
    ['nothing before the first service', started, { term: 0, as: 'alone' }],
    ['a service that it has heard of and has not the sessions of', filling, { term: 0, as: 'standby' }],
    ["the peer's service, when it has all its sessions", readyStandby, { term: 2, as: 'standby' }],
    ['the same still, while it is sent the table again', standbyNotReady, { term: 2, as: 'standby' }],
    ['the same still, while it takes the role', promoting, { term: 2, as: 'standby' }],
    ['its own service beside a READY standby', active, { term: 3, as: 'active' }],
    [
      'its own service alone',
      () => having(active(), { kind: 'peerReadyChanged', instancesReady: 1, instances: 2 }),
      { term: 3, as: 'alone' },
    ],
    ['its own service, while it hands over', handingOver, { term: 3, as: 'active' }],
    [
      'its own service, after which another has begun',
      () =>
        hears(having(active(), { kind: 'peerReadyChanged', instancesReady: 0, instances: 2 }), {
          state: 'ACTIVE',
          term: 4,
        }),
      { term: 3, as: 'active' },
    ],
  ];

  it.each(standings)('%s', (_, make, store) => {
    const { chassis, now } = make();
    expect(chassis.store).toEqual(store);
    const hello = peerHello(chassis, now);
    // It is told, so that both know it.
    const said = step(chassis, { kind: 'connected', authenticated: true, version: 1 }, chassisContextAt(now)).effects;
    expect(said).toContainEqual(expect.objectContaining({ hello: expect.objectContaining({ store }) }));
    expect(hello.store).toBeUndefined();
  });
});

describe('a chassis that is started alone', () => {
  it('serves after the delay and dead intervals if it served alone', () => {
    const before = waits(startedWith({ term: 5, as: 'alone' }), aloneMs - 1);
    expect(before.chassis.state.kind).toBe('INIT');
    expect(waits(before, 1).chassis.state).toMatchObject({ kind: 'PENDING_ACTIVE', reason: 'no-peer' });
  });

  it.each(['active', 'standby'] as const)('waits for its peer if it was %s, says so, and serves in the end', (as) => {
    const before = waits(startedWith({ term: 5, as }), aloneMs);
    expect([before.chassis.state.kind, before.chassis.alarms]).toEqual(['INIT', ['peer-silent', 'older-store']]);
    expect(nextDeadline(before.chassis, sampleOptions)).toBe(aloneMs + olderStoreLimitMs);
    expect(waits(before, olderStoreLimitMs - 1).chassis.state.kind).toBe('INIT');
    const { chassis } = waits(before, olderStoreLimitMs);
    expect([chassis.state.kind, chassis.state.reason, chassis.alarms]).toEqual([
      'PENDING_ACTIVE',
      'no-peer',
      ['peer-silent'],
    ]);
  });

  it('counts that it waited, once, and that it served all the same', () => {
    const counted: string[] = [];
    let { chassis } = startedOlder();
    for (let at = 0; at <= aloneMs + olderStoreLimitMs; at += 100) {
      const stepped = step(chassis, { kind: 'deadlineReached' }, chassisContextAt(at));
      chassis = stepped.state;
      for (const effect of stepped.effects) if (effect.kind === 'count') counted.push(effect.counter);
    }
    expect(counted.filter((name) => name.startsWith('older-store'))).toEqual([
      'older-store.awaited',
      'older-store.served',
    ]);
  });

  it('waits no longer for its peer by an operator’s word, which counts while it waits for nothing else', () => {
    const asked = (before: ChassisAt) => having(before, { kind: 'aloneRequested' }).chassis;
    const alone = asked(waits(startedOlder(), aloneMs));
    expect([alone.state.kind, alone.state.reason, alone.alarms]).toEqual([
      'PENDING_ACTIVE',
      'no-peer',
      ['peer-silent'],
    ]);
    expect(asked(waits(startedOlder(), aloneMs - 1)).state.kind).toBe('INIT');
    const bfd = { kind: 'monitorChanged', name: 'bfd', monitor: 'bfd', healthy: true } as const;
    expect(asked(having(waits(startedOlder(), aloneMs), bfd)).state.kind).toBe('INIT');
    expect(asked(readyStandby()).state.kind).toBe('STANDBY');
  });

  it('waits no longer for a peer that serves', () => {
    const { chassis } = hears(waits(startedOlder(), aloneMs + 100), { state: 'ACTIVE', term: 8 });
    expect([chassis.state.kind, chassis.state.reason, chassis.alarms]).toEqual(['PENDING_STANDBY', 'peer-active', []]);
  });

  it.each([
    [
      'its own is of the later term',
      { term: 6, as: 'standby' },
      { term: 5, as: 'alone' },
      'PENDING_ACTIVE arbitration-won',
    ],
    [
      "the peer's is of the later term",
      { term: 5, as: 'active' },
      { term: 6, as: 'standby' },
      'PENDING_STANDBY arbitration-lost',
    ],
    ['it served', { term: 5, as: 'active' }, { term: 5, as: 'standby' }, 'PENDING_ACTIVE arbitration-won'],
    ['the peer served', { term: 5, as: 'standby' }, { term: 5, as: 'active' }, 'PENDING_STANDBY arbitration-lost'],
  ] as const)('arbitrates by the stores of both: %s', (_, own, peers, result) => {
    // Before it would serve alone, and while it waits.
    for (const afterMs of [0, aloneMs - 1, aloneMs + 100]) expect(meets(own, { ...peers }, afterMs)).toBe(result);
  });
});
