import { describe, expect, it } from 'vitest';
import type { FormerAcknowledgement } from './alarm.ts';
import { acknowledgementsHeard, takenOnOf } from './taken-on.ts';

const one: FormerAcknowledgement = {
  ...{ alarm: 'lma-down', severity: 'warning', about: '192.0.2.9' },
  ...{ by: 'alice', at: 4000, note: 'ticket 7' },
};
/** Two chassis that have run for different times. */
const [here, there] = [
  { now: 5000, wallClock: 1_000_000 },
  { now: 90_000, wallClock: 1_002_000 },
];

describe('acknowledgements that another chassis is told', () => {
  it('have their time by the clock on the wall', () => {
    const told = takenOnOf([one, { ...one, about: null, note: undefined }], here);
    expect(told).toMatchObject([{ about: '192.0.2.9', wallClock: 999_000 }, { about: undefined }]);
    expect(acknowledgementsHeard(told, there)).toEqual([
      { ...one, at: 87_000 },
      { ...one, about: null, note: undefined, at: 87_000 },
    ]);
  });

  it('are none of the time to come, whatever the clocks say', () => {
    const [told] = takenOnOf([one], here);
    expect(acknowledgementsHeard([{ ...told!, wallClock: 2_000_000 }], there)).toMatchObject([{ at: there.now }]);
  });

  it('are passed over where the alarm is one of a newer release', () => {
    const [told] = takenOnOf([one], here);
    expect(acknowledgementsHeard([{ ...told!, alarm: 'too-warm' }], there)).toEqual([]);
  });

  it('are the latest thousand', () => {
    const many = Array.from({ length: 1200 }, (_, index) => ({ ...one, about: String(index), at: index }));
    const told = takenOnOf(many, here);
    expect(told).toHaveLength(1000);
    expect(told[0]!.about).toBe('1199');
  });
});
