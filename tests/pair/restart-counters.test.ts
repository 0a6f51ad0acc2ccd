import { expect, it } from 'vitest';
import { chassisDefaults } from '../../src/icsr/chassis/options.ts';
import { PairWorld } from './pair-world.ts';

/** Longer than the heartbeat's interval: by then each side knows the other's counter. */
const heartbeatMs = 70_000;
/** The first request of a chassis that begins to serve has come by then. */
const firstHeartbeatMs = 7000;

it('the peers are told the Restart Counter that they know, whichever chassis serves', () => {
  const pair = PairWorld.attached('wlc1');
  const { world, a, b } = pair;
  expect(a.chassis.managers[0]!.restartCounters.own).toBe(5);
  pair.kill(a);
  world.run(chassisDefaults.deadIntervalMs + 10);
  expect([b.state, b.chassis.managers[0]!.restartCounters.own]).toEqual(['ACTIVE', 5]);
  pair.restart(a);
  world.run(1000);
  pair.switchOver();
  world.run(1000);
  expect([a.state, a.chassis.managers[0]!.restartCounters.own]).toEqual(['ACTIVE', 5]);
});

it('an LMA that restarts while the role changes is noticed by the chassis that has not known it', () => {
  const pair = PairWorld.attached('wlc1');
  const { world, a, b } = pair;
  world.run(heartbeatMs);
  expect(b.chassis.managers[0]!.restartCounters.s2a).toEqual([[world.lma.address, 1]]);
  pair.signalling.length = 0;
  pair.kill(a);
  world.lma.restart();
  world.run(chassisDefaults.deadIntervalMs + firstHeartbeatMs);
  expect(b.state).toBe('ACTIVE');
  expect(pair.saidAt('proxyBindingUpdate')).toHaveLength(1);
  expect(b.chassis.managers[0]!.restartCounters.s2a).toEqual([[world.lma.address, 2]]);
});

it('an LMA that has restarted is known to the standby once its sessions have been seen to', () => {
  const pair = PairWorld.attached('wlc1');
  const { world, b } = pair;
  world.run(heartbeatMs);
  world.lma.restart();
  world.run(heartbeatMs);
  expect(pair.saidAt('proxyBindingUpdate')).toHaveLength(1);
  expect(b.chassis.managers[0]!.restartCounters.s2a).toEqual([[world.lma.address, 2]]);
});
