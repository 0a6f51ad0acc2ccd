import { describe, expect, it } from 'vitest';
import { hostDigests } from '../host/digests.ts';
import type { LiveSession } from '../services/samog/session/state.ts';
import { settle } from './liveness.ts';
import { faultless } from './network.ts';
import { runOptions } from './options.ts';
import type { RunResult } from './result.ts';
import { simulate, simulateRun } from './run.ts';
import { World } from './world.ts';

const digests = hostDigests();

describe('a run', () => {
  it('is the same again for the same seed, to the last octet, and another for another', () => {
    const runs = [11, 12, 13].map((seed) => runOptions(seed, 1500, 'all'));
    const hashes = runs.map((options) => simulateRun(options, digests).traceHash);
    expect(runs.map((options) => simulateRun(options, digests).traceHash)).toEqual(hashes);
    expect(new Set(hashes).size).toBe(3);
  });

  it('differs in its faults only, where there are to be none', () => {
    const { faults, ...world } = runOptions(14, 1500, 'all');
    const calm = runOptions(14, 1500, 'none');
    expect({ ...calm, faults: undefined }).toEqual({ ...world, faults: undefined });
    expect({ ...calm.faults, latencyMinMs: 1, latencyMaxMs: 1 }).toEqual(faultless);
    expect(faults).not.toEqual(calm.faults);
  });

  it('adds up to what is reported', () => {
    const seen: RunResult[] = [];
    const total = simulate({
      seed: 21,
      runs: 3,
      stepsMax: 800,
      faults: 'all',
      digests,
      onRun: (run) => seen.push(run),
    });
    expect(seen.map(({ seed }) => seed)).toEqual([21, 22, 23]);
    expect(total.runs).toBe(3);
    expect(total.steps).toBe(seen.reduce((sum, { steps }) => sum + steps, 0));
    expect(total.violations).toEqual([]);
  });
});

describe('a world', () => {
  it('in which time stands still is found out', () => {
    const world = new World(runOptions(1, 100, 'none'), digests);
    world.add('stuck', { advance: () => undefined, nextDeadline: () => 0 });
    for (let count = 0; count < 10_002; count += 1) world.step(1000);
    expect(world.wrong.join()).toMatch(/time stands still: .*stuck/);
  });

  it('that does not come to rest is found out', () => {
    const options = { ...runOptions(1, 100, 'none'), ues: 3, rejected: 0, poolLength: 26 };
    const world = new World({ ...options, config: { ...options.config, sessionsMax: 9 } }, digests);
    for (const subscriber of world.subscribers) subscriber.come(world.wlcs[0]!, 'dhcp-discover', 0, 0);
    world.network.faults = { ...faultless, loss: 1 };
    const found = settle(world, (limit) => world.step(limit));
    expect(found.filter((message) => message.startsWith('not served'))).toHaveLength(3);
  });

  it.each([
    ['by PBU, whatever its idle timeout', 'pmipv6', 120, /is gone and has a session/],
    ['by a START, with the idle timeout that is configured', 'accounting', 60, /is gone and has a session/],
    ['by a START, with a longer one', 'accounting', 61, /^$/],
  ] as const)('in which somebody is gone and has a session %s', (_, sessionType, idleTimeoutSeconds, found) => {
    const world = new World({ ...runOptions(1, 100, 'none'), ues: 1, rejected: 0 }, digests);
    expect(world.manager.config.mrmeService.accounting.idleTimeoutSeconds).toBe(60);
    world.subscribers[0]!.come(world.wlcs[0]!, 'dhcp-discover', 0, 0);
    while (world.step(3000));
    const place = [...world.managers[0]!.registry.sessions()][0]!;
    const session = place.session as LiveSession;
    const { durable } = session;
    place.session = {
      ...session,
      durable: { ...durable, sessionType, subscriber: { ...durable.subscriber, idleTimeoutSeconds } },
    };
    world.subscribers[0]!.wantsService = false;
    const wrong = settle(world, () => {
      world.now += 1000;
      return false;
    });
    expect(wrong.join()).toMatch(found);
  });

  it('whose LMA remembers a UE that has gone is found out', () => {
    const options = { ...runOptions(1, 100, 'none'), ues: 1, rejected: 0 };
    const world = new World(options, digests);
    world.subscribers[0]!.come(world.wlcs[0]!, 'dhcp-discover', 0, 0);
    while (world.step(3000));
    world.managers[0]!.registry.remove([...world.managers[0]!.registry.sessions()][0]!);
    world.subscribers[0]!.wantsService = false;
    // Nobody steps: what is left over stays.
    const found = settle(world, () => {
      world.now += 1000;
      return false;
    });
    expect(found.join()).toMatch(/has a binding of .*, which has no session there/);
  });
});
