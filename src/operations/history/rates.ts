import type { GatewayHistory, HistorySample } from './history.ts';
import { type DrawnSeriesName, denialSeries, drawnSeries, historySeries } from './series.ts';

const places = new Map(historySeries.map(({ name }, index) => [name, index]));

/** One series of a sample: a level as it was, a count since the start. */
export function valueIn({ values }: HistorySample, name: DrawnSeriesName): number {
  return values[places.get(name)!]!;
}

/** How many a second there were of each count between two samples. A count that went back has begun anew: it is 0. */
export function ratesBetween(before: HistorySample, after: HistorySample): Record<DrawnSeriesName, number> {
  const seconds = (after.at - before.at) / 1000;
  return Object.fromEntries(
    drawnSeries.map(({ name, kind }) => [
      name,
      kind === 'level' ? valueIn(after, name) : Math.max(0, valueIn(after, name) - valueIn(before, name)) / seconds,
    ]),
  ) as Record<DrawnSeriesName, number>;
}

/** The rates over a while that ends `endsAgoMs` before the latest sample; undefined where not so much is remembered. */
export function ratesOver(
  history: GatewayHistory,
  lengthMs: number,
  endsAgoMs = 0,
): Record<DrawnSeriesName, number> | undefined {
  const last = history.latest;
  const after = last && history.notAfter(last.at - endsAgoMs);
  // A gateway that has just started is shown what there is.
  const before = after && (history.notAfter(after.at - lengthMs) ?? (endsAgoMs === 0 ? history.oldest : undefined));
  return before === undefined || before.at >= after!.at ? undefined : ratesBetween(before, after!);
}

/** A reason for which attaches or handovers were refused, and how often. */
export interface Denial {
  readonly what: 'attach' | 'handover';
  readonly reason: string;
  readonly count: number;
}

/** The most frequent reasons of the last while, most frequent first. */
export function topDenials(history: GatewayHistory, lengthMs: number, most: number): Denial[] {
  const after = history.latest;
  const before = after && (history.notAfter(after.at - lengthMs) ?? history.oldest);
  if (before === undefined) return [];
  return denialSeries
    .map(({ name, what, reason }) => {
      const place = places.get(name)!;
      return { what, reason, count: after!.values[place]! - before.values[place]! };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, most);
}
