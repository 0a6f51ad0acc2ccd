import { describe, expect, it } from 'vitest';
import { pairRunOptions } from '../../src/simulator/pair/options.ts';
import { simulatePairRun } from '../../src/simulator/pair/pair-run.ts';
import { testDigests } from '../support/digests.ts';
import { portedMembers } from '../support/ported-members.ts';

const seeds = Array.from({ length: 30 }, (_, index) => 4000 + index);

const apart: typeof portedMembers = (...around) =>
  portedMembers(around[0], around[1], around[2], { flushIntervalMs: 20, accountingIntervalMs: 1000 });

describe('two chassis whose instances are apart from them, with everything going wrong', () => {
  it.each(seeds)('violate nothing: seed %i', (seed) => {
    const drawn = pairRunOptions(seed, 1500, 'all');
    const options = { ...drawn, instances: 1 + (seed % 3), pair: { ...drawn.pair, apart } };
    expect(simulatePairRun(options, testDigests).violations).toEqual([]);
  });
});
