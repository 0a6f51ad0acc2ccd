import { expect, it } from 'vitest';
import type { ComparableConfiguration } from '../../src/icsr/configuration/exchange.ts';
import { type PairNode, PairWorld } from './pair-world.ts';

const shared = ['cgw-service.name = cgw', 'cgw-service.s2a.apn = internet'];
const one: ComparableConfiguration = { digest: Uint8Array.of(1), lines: shared };
const other: ComparableConfiguration = {
  digest: Uint8Array.of(2),
  lines: ['cgw-service.name = cgw', 'cgw-service.s2a.apn = ims'],
};

function configurationCondition(pair: PairWorld, node: PairNode) {
  const conditions = node.chassis.validateSwitchover(node.clock(pair.world.now));
  return conditions.find(({ condition }) => condition === 'configuration-equal')!;
}

it('two chassis with one configuration say so, and switch over', () => {
  const pair = new PairWorld({ A: one, B: one });
  pair.world.run(1000);
  for (const node of [pair.a, pair.b]) {
    expect(node.chassis.configurationStatus()).toMatchObject({ equal: true, differences: [] });
    expect(node.chassis.validateConfiguration()).toEqual({ status: 'equal', differences: [] });
    expect(node.chassis.chassis.alarms).not.toContain('configuration-differs');
  }
  pair.switchOver();
  pair.world.run(500);
  expect(pair.active).toBe(pair.b);
});

it('two that differ name the lines, raise an alarm, and refuse a planned switchover but not a forced one', () => {
  const pair = new PairWorld({ A: one, B: other });
  pair.world.run(1000);
  const difference = 'cgw-service.s2a.apn: here internet, peer ims';
  expect(pair.a.chassis.validateConfiguration()).toEqual({ status: 'different', differences: [difference] });
  expect(pair.b.chassis.validateConfiguration().differences).toEqual(['cgw-service.s2a.apn: here ims, peer internet']);
  for (const { chassis } of [pair.a, pair.b]) expect(chassis.chassis.alarms).toContain('configuration-differs');
  expect(configurationCondition(pair, pair.a)).toEqual({
    condition: 'configuration-equal',
    passed: false,
    detail: `different: ${difference}`,
  });
  pair.switchOver();
  pair.world.run(500);
  expect(pair.active).toBe(pair.a);
  pair.switchOver(true);
  pair.world.run(500);
  expect(pair.active).toBe(pair.b);
});

it('a standby that restarts with the right configuration ends the alarm', () => {
  const pair = new PairWorld({ A: one, B: other });
  pair.world.run(1000);
  pair.kill(pair.b);
  pair.configurations.B = one;
  pair.restart(pair.b);
  pair.world.run(3000);
  expect(pair.a.chassis.validateConfiguration()).toEqual({ status: 'equal', differences: [] });
  expect(pair.a.chassis.chassis.alarms).toEqual([]);
  expect(configurationCondition(pair, pair.a).passed).toBe(true);
});

it('configurations are compared again when an operator asks, on both chassis, and at each interval', () => {
  const pair = new PairWorld({ A: one, B: one });
  pair.world.run(1000);
  const comparedAt = () => [pair.a, pair.b].map(({ chassis }) => chassis.configurationStatus()!.lastComparedAt!);
  const first = comparedAt();
  expect(pair.a.chassis.exchangeConfigurations(pair.a.clock(pair.world.now))).toBe(true);
  pair.world.run(10);
  const second = comparedAt();
  expect(second.map((at, index) => at > first[index]!)).toEqual([true, true]);
  pair.world.run(60_000);
  expect(comparedAt().map((at, index) => at >= second[index]! + 59_000)).toEqual([true, true]);
  pair.kill(pair.b);
  pair.world.run(10);
  expect(pair.a.chassis.exchangeConfigurations(pair.a.clock(pair.world.now))).toBe(false);
});

it('one that goes on with another configuration tells its peer, and both have it when it serves later', () => {
  const pair = new PairWorld({ A: one, B: one });
  pair.world.run(1000);
  const { config } = pair.a.chassis.manager;
  const samog = { ...config, samogService: { ...config.samogService, sessionsMax: 7 } };
  const reconfigure = (node: PairNode, { digest, lines }: ComparableConfiguration) => {
    const changed = { samog, configurationDigest: digest, configuration: { lines, intervalMs: 60_000 } };
    node.chassis.reconfigure(changed, node.clock(pair.world.now));
  };
  reconfigure(pair.a, other);
  pair.world.run(100);
  for (const { chassis } of [pair.a, pair.b]) expect(chassis.chassis.alarms).toContain('configuration-differs');
  expect(pair.a.chassis.manager.registry.sessionsMax).toBe(7);
  reconfigure(pair.b, other);
  pair.world.run(100);
  for (const { chassis } of [pair.a, pair.b]) expect(chassis.chassis.alarms).not.toContain('configuration-differs');
  pair.switchOver();
  pair.world.run(500);
  expect(pair.active).toBe(pair.b);
  // Of the session managers that the former active has made since.
  for (const { chassis } of [pair.a, pair.b]) expect(chassis.manager.registry.sessionsMax).toBe(7);
});

it('two of which one is of an earlier release, which lacks a setting that is at its default, switch over there and back', () => {
  const earlier: ComparableConfiguration = { digest: Uint8Array.of(1), lines: shared };
  const later: ComparableConfiguration = {
    digest: Uint8Array.of(2),
    lines: [...shared, 'cgw-service.news = 1s'],
    knownTo: (peer) => (peer.includes('cgw-service.news = 1s') ? later : earlier),
  };
  const pair = new PairWorld({ A: earlier, B: later });
  pair.world.run(1000);
  for (const heir of [pair.b, pair.a]) {
    for (const { chassis } of [pair.a, pair.b]) {
      expect(chassis.validateConfiguration()).toEqual({ status: 'equal', differences: [] });
      expect(chassis.chassis.alarms).toEqual([]);
    }
    pair.switchOver();
    pair.world.run(500);
    expect(pair.active).toBe(heir);
  }
  // A is upgraded, too: now both have the setting.
  pair.kill(pair.a);
  pair.configurations.A = later;
  pair.restart(pair.a);
  pair.world.run(3000);
  expect(pair.a.chassis.configurationStatus()).toMatchObject({ equal: true, differences: [] });
  expect(pair.b.chassis.validateConfiguration()).toEqual({ status: 'equal', differences: [] });
});
