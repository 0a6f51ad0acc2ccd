import { describe, expect, it } from 'vitest';
import { hostDigests } from '../../src/host/digests.ts';
import { faultless } from '../../src/simulator/network.ts';
import { type RunOptions, runOptions } from '../../src/simulator/options.ts';
import { pairRunOptions } from '../../src/simulator/pair/options.ts';
import { simulatePairRun } from '../../src/simulator/pair/pair-run.ts';
import { simulate, simulateRun } from '../../src/simulator/run.ts';
import { World } from '../../src/simulator/world.ts';

const digests = hostDigests();

describe('the gateway in virtual worlds', () => {
  // In slices, so that a failure names its seeds soon.
  it.each(Array.from({ length: 8 }, (_, slice) => 1 + slice * 25))('keeps its invariants: 25 seeds from %i', (seed) => {
    const { violations, sessions } = simulate({ seed, runs: 25, stepsMax: 1500, faults: 'all', digests });
    expect(violations).toEqual([]);
    expect(sessions).toBeGreaterThan(50);
  });

  it.each([1, 2, 3])('keeps them with a site that begins sessions by accounting, with %i instances', (instances) => {
    const runs = Array.from({ length: 8 }, (_, index) => {
      const drawn = runOptions(7000 + 8 * instances + index, 1500, 'all');
      const config = { ...drawn.config, accountingTrigger: true };
      return simulateRun({ ...drawn, instances, config }, digests);
    });
    expect(runs.flatMap(({ violations }) => violations)).toEqual([]);
    expect(runs.reduce((sum, { packets }) => sum + packets.up, 0)).toBeGreaterThan(20);
  });

  it('keeps them where links are faultless, too', () => {
    expect(simulate({ seed: 1, runs: 25, stepsMax: 1500, faults: 'none', digests }).violations).toEqual([]);
  });
});

/** Seeds that found something, each as it was run then. */
const finds: readonly (readonly [string, number])[] = [
  ['a queued DISCOVER that a REQUEST of the same client overtook was neither accepted nor denied', 30_428],
  ['the same with radio frames out of order', 31_333],
  ['a queued REQUEST that a DISCOVER of the same client overtook was neither accepted nor denied', 30_456],
  ['a damaged destination made a group frame of a packet, which only looked as if a UE was given another’s', 30_049],
];

describe('a pair of chassis in virtual worlds', () => {
  const seen: Record<string, number> = {};

  it.each(Array.from({ length: 6 }, (_, slice) => 1 + slice * 15))('keeps its promises: 15 seeds from %i', (seed) => {
    const { violations, pair } = simulate({ seed, runs: 15, stepsMax: 3000, faults: 'all', digests, chassis: 2 });
    expect(violations).toEqual([]);
    const { faults, promotions, promised, takenOver } = pair!;
    for (const [what, count] of Object.entries({ ...faults, promotions, promised, takenOver })) {
      seen[what] = (seen[what] ?? 0) + count;
    }
  });

  it('was tried by each fault, and had promises to keep', () => {
    expect(Object.keys(seen)).toHaveLength(20);
    expect(Object.entries(seen).filter(([, count]) => count < 10)).toEqual([]);
    expect(seen).toMatchObject({ promised: expect.toSatisfy((count: number) => count > 150) });
  });

  it('finds its roles and keeps them where nothing goes wrong', () => {
    const { violations, pair } = simulate({ seed: 1, runs: 10, stepsMax: 3000, faults: 'none', digests, chassis: 2 });
    expect(violations).toEqual([]);
    expect(pair).toMatchObject({ promotions: 10, takenOver: 0, faults: {} });
  });

  it('does the same again for the same seed', () => {
    const hash = () => simulatePairRun(pairRunOptions(7, 3000, 'all'), digests).traceHash;
    expect(hash()).toBe(hash());
  });
});

/** Seeds with two chassis that found something. */
const pairFinds: readonly (readonly [string, number])[] = [
  ['a chassis that served behind a cut link and died unheard kept the neighbours', 134],
  ['the same under a term lower than that of the other', 424],
  ['a promotion went on for ever when a record found no place', 330],
  ['a chassis that had just taken the role died, and began anew over the one that had given it away', 1239],
  ['the same while the former one was being filled, and had only records of its line', 2537],
  ['a chassis that became a standby anew on the same connection was never filled', 2652],
  ['the last record of a hand-over came with the barrier known already', 6486],
];

/** The world as it was then: there was no site whose access points give addresses. */
function asFound<Options extends RunOptions>(options: Options): Options {
  return { ...options, config: { ...options.config, accountingTrigger: false } };
}

describe('what a seed found once stays fixed', () => {
  it.each(pairFinds)('%s', (_what, seed) => {
    expect(simulatePairRun(asFound(pairRunOptions(seed, 3000, 'all')), digests).violations).toEqual([]);
  });

  it('an LMA that kept the address of a setup which was withdrawn while it answered', () => {
    expect(simulateRun(asFound(runOptions(2, 3000, 'none')), digests).violations).toEqual([]);
  });

  it.each(finds)('%s', (_what, seed) => {
    expect(simulateRun(asFound(runOptions(seed, 3000, 'all')), digests).violations).toEqual([]);
  });

  it('a UE whose queue filled while nobody answered asks for its router again once it has an address', () => {
    const options = { ...runOptions(1, 100, 'none'), ues: 1, rejected: 0, poolLength: 26 };
    const config = { ...options.config, dhcpProfile: true, releaseGraceMs: 30_000, setupTimeoutMs: 10_000 };
    const world = new World({ ...options, config, faults: faultless }, digests);
    const [subscriber] = world.subscribers;
    const { ue } = subscriber!;
    subscriber!.come(world.rgs[0]!, 'dhcp-discover', 0, 0);
    while (ue.address === undefined && world.step(5000));
    world.network.faults = { ...faultless, loss: 1 };
    for (let count = 0; count < 40; count += 1) subscriber!.talk(world.now);
    ue.release(world.now);
    while (world.step(8000));
    world.calm();
    subscriber!.come(world.rgs[0]!, 'dhcp-discover', world.now, 0);
    while (world.step(10_000));
    subscriber!.talk(world.now);
    while (world.step(12_000));
    expect(subscriber!.servedAt).toBeGreaterThan(8000);
  });
});
