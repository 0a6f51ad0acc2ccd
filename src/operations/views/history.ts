import { ratesBetween } from '../history/rates.ts';
import { drawnSeries } from '../history/series.ts';
import { labelOf, tableLines, timeOf } from './format.ts';
import { refuse, shown, type View } from './view.ts';

export interface HistoryData {
  readonly span: string;
  /** When each point ends, oldest first. */
  readonly times: readonly (string | null)[];
  /** What is drawn, with a value for each time: a level as it was, of a count how many there were a second. */
  readonly series: readonly {
    readonly name: string;
    readonly kind: 'level' | 'count';
    readonly unit: string;
    readonly values: readonly number[];
  }[];
}

const minuteMs = 60_000;
const spans: Readonly<Record<string, number>> = { '10m': 10 * minuteMs, '1h': 60 * minuteMs, '24h': 1440 * minuteMs };
const pointsMax = 120;
/** Lines of the text: the latest points. */
const shownMax = 20;
const shownColumns = ['sessions', 'attached', 'refused', 'handoversAccepted', 'handoversDenied', 'droppedPackets'];

/** To a thousandth, so that a page of points is small. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** Costs the same whatever the sessions and the span. */
export const history: View<HistoryData> = {
  words: ['history'],
  summary: 'how the gateway was in the last ten minutes, hour or day',
  role: 'view',
  options: [
    {
      name: 'span',
      value: 'SPAN',
      description: 'how far back: 10m, 1h or 24h; 1h if left out',
      choices: Object.keys(spans),
    },
  ],
  build({ history: remembered }, at, args) {
    const span = args['span'] ?? '1h';
    const spanMs = Object.hasOwn(spans, span) ? spans[span] : undefined;
    if (spanMs === undefined) {
      return refuse('bad-argument', 'there is no such span', `use ${Object.keys(spans).join(', ')}`);
    }
    const samples = remembered?.spread(spanMs, pointsMax + 1) ?? [];
    const rates = samples.slice(1).map((sample, index) => ratesBetween(samples[index]!, sample));
    return shown({
      span,
      times: samples.slice(1).map((sample) => timeOf(sample.at, at)),
      series: drawnSeries.map(({ name, kind, unit }) => ({
        name,
        kind,
        unit,
        values: rates.map((values) => rounded(values[name])),
      })),
    });
  },
  render({ span, times, series }) {
    const columns = series.filter(({ name }) => shownColumns.includes(name));
    const from = Math.max(0, times.length - shownMax);
    return [
      ...tableLines(
        ['Time', ...columns.map(({ name, kind }) => `${labelOf(name)}${kind === 'count' ? '/s' : ''}`)],
        times.slice(from).map((time, index) => [time, ...columns.map(({ values }) => values[from + index]!)]),
      ),
      `Points: ${times.length} of the last ${span}`,
    ];
  },
};
