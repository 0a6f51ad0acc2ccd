import { describe, expect, it } from 'vitest';
import { PulseWatch, watchMs } from './pulse-watch.ts';

/** Looks so often at two threads of which the second has stopped; returns what was found at each look. */
function looks(times: number, everyMs: number, second: (look: number) => number | undefined): number[][] {
  const watch = new PulseWatch(2, 0);
  return Array.from({ length: times }, (_, look) => watch.look([look, second(look)], (look + 1) * everyMs));
}

describe('the pulse of a thread', () => {
  it.each([
    ['runs', (look: number) => look, []],
    ['has stopped', () => 7, [6, 7]],
    ['stopped for a while', (look: number) => Math.max(look, 5), []],
    ['is busy beginning', () => undefined, []],
  ])('is missed of one that %s: %#', (_, second, found) => {
    const silent = looks(8, watchMs, second);
    expect(silent.flatMap((places, look) => (places.includes(1) ? look : []))).toEqual(found);
    expect(silent.flat()).not.toContain(0);
  });

  it('is waited for anew of one that takes the place of another', () => {
    const watch = new PulseWatch(1, 0);
    const pulses = [7, 7, 7, 7, 7, 7, 7, undefined, undefined, 7, 8, 9];
    const found = pulses.map((pulse, look) => watch.look([pulse], (look + 1) * watchMs).length);
    expect(found).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
  });

  it('is not missed while whoever looks was held up himself', () => {
    expect(looks(20, 4 * watchMs, () => 7).flat()).toEqual([]);
  });
});
