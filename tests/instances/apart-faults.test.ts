import { describe, expect, it } from 'vitest';
import { runOptions } from '../../src/simulator/options.ts';
import { simulateRun } from '../../src/simulator/run.ts';
import { testDigests } from '../support/digests.ts';
import { portedGateway } from '../support/ported-gateway.ts';

const seeds = Array.from({ length: 20 }, (_, index) => 7000 + index);

describe('instances that are apart from their chassis, with everything going wrong around them', () => {
  it.each(seeds)('violate nothing: seed %i', (seed) => {
    const options = { ...runOptions(seed, 400, 'all'), instances: 1 + (seed % 4) };
    expect(simulateRun(options, testDigests, portedGateway).violations).toEqual([]);
  });
});
