import { describe, expect, it } from 'vitest';
import {
  active,
  type ChassisAt,
  chassisContextAt,
  having,
  hears,
  readyStandby,
  sampleOptions,
  waits,
} from '../../../tests/support/chassis-samples.ts';
import { nextDeadline } from './deadline.ts';
import type { ChassisEvent } from './event.ts';
import { step } from './machine.ts';
import { isSurelyStandby, obstacles, validateConfiguration, validateSwitchover } from './readiness.ts';

const failing: readonly (readonly [string, () => ChassisAt, readonly string[]])[] = [
  ['all is well', active, []],
  ['the peer is not READY', () => hears(active(), { ready: false }), ['peer-ready']],
  ['the peer is filling', () => hears(active(), { state: 'PENDING_STANDBY' }), ['peer-standby', 'peer-ready']],
  [
    'an instance is not connected',
    () => having(active(), { kind: 'peerReadyChanged', instancesReady: 1, instances: 2 }),
    ['instances-ready'],
  ],
  ['a monitor has failed on the peer', () => hears(active(), { monitorsHealthy: false }), ['peer-monitors-healthy']],
  [
    'the clocks differ',
    () => hears(active(), { wallClock: active().now + sampleOptions.clockSkewRefuseMs }),
    ['clock-skew'],
  ],
  ['the digests differ', () => hears(active(), { configurationDigest: new Uint8Array(3) }), ['configuration-equal']],
  ['both are primary', () => hears(active(), { mode: 'primary' }), ['modes-differ']],
  [
    'no common version',
    () => having(active(), { kind: 'connected', authenticated: true, version: undefined }),
    ['version-common'],
  ],
  ['the peer is silent', () => waits(active(), sampleOptions.deadIntervalMs), ['hello-heard']],
  [
    'no link',
    () => having(active(), { kind: 'disconnected', reason: 'reset' }),
    ['connected', 'authenticated', 'version-common', 'instances-ready'],
  ],
  [
    'a switchover just now',
    () => ({ ...active(), chassis: { ...active().chassis, lastSwitchoverAt: active().now } }),
    ['guard-period'],
  ],
];

describe('validate-switchover', () => {
  it.each(failing)('%s', (_, make, names) => {
    const { chassis, now } = make();
    const conditions = validateSwitchover(chassis, chassisContextAt(now));
    expect(conditions).toHaveLength(13);
    expect(conditions.filter(({ passed }) => !passed).map(({ condition }) => condition)).toEqual(names);
  });

  it('on a standby fails, forced or not', () => {
    const { chassis, now } = readyStandby();
    for (const manner of ['planned', 'forced', 'automatic'] as const) {
      expect(obstacles(chassis, chassisContextAt(now), manner).map(({ condition }) => condition)).toContain(
        'this-chassis-active',
      );
    }
  });

  it('force overrides what a loss can be paid for, and a monitor does not wait for equal configurations', () => {
    const { chassis, now } = hears(active(), { ready: false, configurationDigest: new Uint8Array(3) });
    const names = (manner: 'forced' | 'automatic') =>
      obstacles(chassis, chassisContextAt(now), manner).map(({ condition }) => condition);
    expect(names('forced')).toEqual([]);
    expect(names('automatic')).toEqual(['peer-ready']);
  });
});

describe('validate-configuration', () => {
  it('names the lines of the latest comparison', () => {
    const differences = ['pool ours: 10.0.0.0/16, theirs: 10.1.0.0/16'];
    const { chassis, now } = having(active(), { kind: 'configurationCompared', equal: false, differences });
    expect(validateConfiguration(chassis, chassisContextAt(now))).toEqual({ status: 'different', differences });
    expect(chassis.alarms).toContain('configuration-differs');
    const healed = having({ chassis, now }, { kind: 'configurationCompared', equal: true, differences: [] });
    expect(healed.chassis.alarms).not.toContain('configuration-differs');
    expect(validateConfiguration(healed.chassis, chassisContextAt(now)).status).toBe('equal');
  });
});

describe('the peer is surely a standby', () => {
  const { deadIntervalMs } = sampleOptions;
  const { now: saidAt } = active();
  const cases: readonly (readonly [string, () => ChassisAt, boolean])[] = [
    ['that has just heard this chassis', () => hears(active(), { heardSaidAt: saidAt }), true],
    ['that heard it long ago', () => waits(hears(active(), { heardSaidAt: saidAt }), deadIntervalMs / 2), false],
    ['that has not heard it', () => hears(active(), {}), false],
    ['that is none', () => hears(active(), { state: 'ACTIVE', heardSaidAt: saidAt }), false],
    [
      'that was heard on another connection',
      () => having(hears(active(), { heardSaidAt: saidAt }), { kind: 'connected', authenticated: true, version: 1 }),
      false,
    ],
  ];

  it.each(cases)('a peer %s', (_, make, is) => {
    const { chassis, now } = make();
    expect(isSurelyStandby(chassis, chassisContextAt(now))).toBe(is);
  });

  it('each tells the other what it heard last on their connection', () => {
    const heard = hears(active(), { saidAt: 7.5 });
    const said = ({ chassis }: ChassisAt, event: ChassisEvent, at: number) =>
      step(chassis, event, chassisContextAt(at)).effects.flatMap((effect) =>
        effect.kind === 'sendHello' ? [[effect.hello.saidAt, effect.hello.heardSaidAt]] : [],
      );
    const at = nextDeadline(heard.chassis, sampleOptions);
    expect(said(heard, { kind: 'deadlineReached' }, at)).toEqual([[at, 7.5]]);
    expect(said(heard, { kind: 'connected', authenticated: true, version: 1 }, at)).toEqual([[at, undefined]]);
  });
});
