import type { BenchRow } from '../report.ts';

/** What has a goal: a figure that is to be below it. */
export const goals = {
  'interruption-planned': { below: 100, unit: 'ms' },
  'interruption-unplanned': { below: 500, unit: 'ms' },
  'interruption-fresh': { below: 500, unit: 'ms' },
  'acknowledgement-p99': { below: 5, unit: 'ms' },
  synchronisation: { below: 10_000, unit: 'ms' },
  'checkpoint-cost': { below: 20, unit: '%' },
} as const;

/** The middle of the figures; of an even number the lower one of both. */
export function medianOf(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor((figures.length - 1) / 2)] ?? 0;
}

/** The median of some rounds, with the best and the worst of them, beside the goal. */
export function judgedRow(name: keyof typeof goals, rounds: readonly number[]): BenchRow {
  const { below, unit } = goals[name];
  const rate = medianOf(rounds);
  return {
    name,
    rate,
    unit,
    goal: below,
    met: rate < below ? 'yes' : 'no',
    best: Math.min(...rounds),
    worst: Math.max(...rounds),
    rounds: rounds.length,
  };
}
