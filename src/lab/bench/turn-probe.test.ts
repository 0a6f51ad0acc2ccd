import { describe, expect, it } from 'vitest';
import { longestOf, TurnProbe } from './turn-probe.ts';

describe('the longest turns', () => {
  it.each([
    { what: 'of none', turns: [], collections: [], longest: [0, 0, 0] },
    {
      what: 'are judged each by its own measure',
      turns: [
        { from: 0, to: 10, waitedMs: 9 },
        { from: 10, to: 14, waitedMs: 0 },
        { from: 20, to: 23, waitedMs: 0 },
      ],
      collections: [{ from: 11, to: 13.5 }],
      longest: [10, 4, 3],
    },
    {
      what: 'leave out what was collected within them alone',
      turns: [{ from: 10, to: 20, waitedMs: 0 }],
      collections: [
        { from: 5, to: 12 },
        { from: 14, to: 15 },
        { from: 19, to: 30 },
        { from: 40, to: 50 },
      ],
      longest: [10, 10, 6],
    },
  ])('$what', ({ turns, collections, longest }) => {
    const { wallMs, runMs, ownMs } = longestOf(turns, collections);
    expect([wallMs, runMs, ownMs]).toEqual(longest);
  });

  it('are seen while the loop is away', async () => {
    const probe = new TurnProbe();
    probe.start();
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + 20;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 1));
    const { wallMs, runMs, ownMs } = await probe.stop();
    probe.close();
    expect(wallMs).toBeGreaterThanOrEqual(20);
    expect(runMs).toBeLessThanOrEqual(wallMs);
    expect(ownMs).toBeLessThanOrEqual(runMs);
  });
});
