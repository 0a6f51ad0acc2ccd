import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyParameters, timesAsManyRuns } from './property-parameters.ts';

const never = () => {
  throw new Error('chance was asked');
};

describe('the seed of the properties', () => {
  it.each([
    ['in CI', { CI: 'true' }, 1],
    ['in CI, where one is to be repeated', { CI: 'true', SAMOG_PROPERTY_SEED: '-77' }, -77],
    ['where one is to be repeated', { SAMOG_PROPERTY_SEED: '123456789' }, 123456789],
  ])('is fixed %s', (_, environment, seed) => {
    expect(propertyParameters(environment, never)).toEqual({ seed });
  });

  it.each([
    ['elsewhere', {}],
    ['where CI is said to be off', { CI: 'false', SAMOG_PROPERTY_SEED: '' }],
  ])('is of chance %s', (_, environment) => {
    expect(propertyParameters(environment, () => 0.5)).toEqual({ seed: 0x40000000 });
  });

  it.each(['x', '1.5', '2147483648', '-2147483649'])('is not %s', (text) => {
    expect(() => propertyParameters({ SAMOG_PROPERTY_SEED: text }, never)).toThrow('SAMOG_PROPERTY_SEED');
  });

  it('is what fast-check begins with here', () => {
    const { seed } = fc.readConfigureGlobal();
    expect(seed).toBe(propertyParameters(process.env, () => (seed ?? Number.NaN) / 0x80000000).seed);
    // The same numbers twice: nothing but the seed decides.
    expect(fc.sample(fc.nat(), 5)).toEqual(fc.sample(fc.nat(), 5));
  });
});

describe('the number of runs', () => {
  it('is as a property has it, or so many times as is asked for', () => {
    expect(timesAsManyRuns({})).toBe(1);
    expect(timesAsManyRuns({ SAMOG_PROPERTY_TIMES: '20' })).toBe(20);
    expect(() => timesAsManyRuns({ SAMOG_PROPERTY_TIMES: '0' })).toThrow('SAMOG_PROPERTY_TIMES');
  });

  it.each([undefined, 7])('is what fast-check makes here, where a property says %s', (numRuns) => {
    let runs = 0;
    const isCounted = fc.property(fc.constant(0), () => {
      runs += 1;
    });
    fc.assert(isCounted, numRuns === undefined ? {} : { numRuns });
    expect(runs).toBe((numRuns ?? 100) * timesAsManyRuns(process.env));
  });
});
