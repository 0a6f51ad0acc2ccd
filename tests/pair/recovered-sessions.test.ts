import { expect, it } from 'vitest';
import { chassisDefaults } from '../../src/icsr/chassis/options.ts';
import { noUsage } from '../../src/services/samog/checkpoints/saved-session.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { PairWorld } from './pair-world.ts';

it('sessions that the active has from its disk are sent to the standby, and go with the role', () => {
  const pair = PairWorld.attached('rg1');
  const { world, a, b } = pair;
  const before = pair.path;
  a.stored = [{ session: pair.session as LiveSession, usage: noUsage }];
  pair.kill(b);
  pair.kill(a);
  pair.restart(a);
  world.run(chassisDefaults.delayIntervalMs + 1000);
  expect([a.state, pair.path]).toEqual(['ACTIVE', before]);
  pair.restart(b);
  world.run(1000);
  expect([b.isReady, b.chassis.records]).toEqual([true, 1]);
  pair.kill(a);
  world.run(chassisDefaults.deadIntervalMs + 100);
  expect([b.state, pair.path]).toEqual(['ACTIVE', before]);
});
