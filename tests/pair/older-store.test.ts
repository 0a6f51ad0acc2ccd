import { expect, it } from 'vitest';
import { chassisDefaults } from '../../src/icsr/chassis/options.ts';
import { noUsage } from '../../src/services/samog/checkpoints/saved-session.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { PairWorld } from './pair-world.ts';

const olderStoreLimitMs = 10_000;
const aloneMs = chassisDefaults.delayIntervalMs + chassisDefaults.deadIntervalMs;

/** A has served, B has served in its place, and both are stopped: the UE has gone elsewhere since A ended, which is on B's disk alone. */
function bothStopped() {
  const pair = PairWorld.attached('rg1');
  const { world, a, b } = pair;
  pair.olderStoreLimitMs = olderStoreLimitMs;
  a.stored = [{ session: pair.session as LiveSession, usage: noUsage }];
  const before = pair.path;
  pair.kill(a);
  world.run(1000);
  world.ue.moveTo(world.rg2, 'dhcp-discover', world.now);
  world.run(1000);
  const { path } = pair;
  expect(path).not.toEqual(before);
  b.stored = [{ session: pair.session as LiveSession, usage: noUsage }];
  pair.kill(b);
  pair.restart(a);
  return { pair, before, path };
}

it('the chassis that was stopped earlier and is started first leaves the role to the other one', () => {
  const { pair, path } = bothStopped();
  const { world, a, b } = pair;
  world.run(aloneMs + olderStoreLimitMs / 2);
  expect([a.state, a.chassis.chassis.alarms]).toEqual(['INIT', ['peer-silent', 'older-store']]);
  pair.restart(b);
  world.run(1000);
  expect([b.state, a.state, a.isReady, a.chassis.records]).toEqual(['ACTIVE', 'STANDBY', true, 1]);
  expect([pair.path, a.chassis.chassis.alarms]).toEqual([path, []]);
  expect(pair.announcements.slice(-1)).toEqual(['B']);
  expect(pair.unduly).toEqual([]);
});

it('it serves what it has if the other one does not come in time, and keeps the role then', () => {
  const { pair, before } = bothStopped();
  const { world, a, b } = pair;
  world.run(aloneMs + olderStoreLimitMs + 100);
  expect([a.state, pair.path]).toEqual(['ACTIVE', before]);
  pair.restart(b);
  world.run(1000);
  expect([a.state, b.state, b.isReady, pair.path]).toEqual(['ACTIVE', 'STANDBY', true, before]);
});

it('the one that was stopped last serves at once', () => {
  const { pair } = bothStopped();
  const { world, a, b } = pair;
  pair.kill(a);
  pair.restart(b);
  world.run(aloneMs + 100);
  expect([b.state, b.chassis.chassis.alarms]).toEqual(['ACTIVE', ['peer-silent']]);
});
