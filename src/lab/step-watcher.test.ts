import { describe, expect, it } from 'vitest';
import { macOf } from '../kernel/address.ts';
import type { Observation } from './observation.ts';
import { StepWatcher } from './step-watcher.ts';
import type { ObservationListener, Trace } from './trace.ts';

/** A trace that shows what the test says, one millisecond after the other. */
function watching(...numbers: readonly (readonly [number: number, what: string, after?: number])[]) {
  const listeners: ObservationListener[] = [];
  const trace: Pick<Trace, 'listen'> = {
    listen: (listener) => {
      listeners.push(listener);
      return () => listeners.splice(listeners.indexOf(listener), 1).length > 0;
    },
  };
  const expected = numbers.map(([number, what, after]) => ({
    number,
    text: `sees ${what}`,
    seenBy: (observation: Observation) => observation.what === what,
    ...(after === undefined ? {} : { after }),
  }));
  const watcher = new StepWatcher(expected, trace);
  let at = 0;
  const show = (...whats: readonly string[]): void => {
    for (const what of whats) {
      at += 1;
      const none = { accessPoint: undefined, address: undefined, status: undefined, detail: '' };
      for (const listener of listeners) listener({ at, from: 'ue', to: 'access', what, mac: macOf(1), ...none });
    }
  };
  return { watcher, show };
}

describe('StepWatcher', () => {
  it('finds nothing wrong with all steps in order', () => {
    const { watcher, show } = watching([1, 'a'], [2, 'b']);
    show('a', 'x', 'a', 'b');
    expect([watcher.complete, watcher.problems()]).toEqual([true, []]);
    expect(watcher.steps()).toEqual([
      { number: 1, text: 'sees a', at: 1 },
      { number: 2, text: 'sees b', at: 4 },
    ]);
  });

  it.each([
    ['missing', ['a', 'c'], ['step 2 was not seen: sees b']],
    ['out of order', ['a', 'c', 'b'], ['step 3 was seen before step 2']],
    ['all missing', ['x'], [1, 2, 3].map((number) => `step ${number} was not seen: sees ${'abc'[number - 1]}`)],
  ])('tells which steps are %s', (_, shown, problems) => {
    const { watcher, show } = watching([1, 'a'], [2, 'b'], [3, 'c']);
    show(...shown);
    expect(watcher.problems()).toEqual(problems);
  });

  it('looks for what goes on all the time only after the step before', () => {
    const { watcher, show } = watching([1, 'a'], [2, 'data', 1]);
    show('data', 'data', 'a', 'data');
    expect(watcher.steps().map(({ at }) => at)).toEqual([3, 4]);
  });

  it('draws every message, but data only where a step is seen by it', () => {
    const { watcher, show } = watching([1, 'a'], [2, 'data', 1]);
    show('data', 'a', 'b', 'data', 'data');
    expect(watcher.flow.map(({ observation, step }) => [observation.what, step])).toEqual([
      ['a', 1],
      ['b', undefined],
      ['data', 2],
    ]);
  });

  it('sees nothing more once it has stopped', () => {
    const { watcher, show } = watching([1, 'a']);
    watcher.stop();
    show('a');
    expect(watcher.complete).toBe(false);
  });
});
