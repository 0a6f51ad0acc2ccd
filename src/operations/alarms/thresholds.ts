import type { Instant } from '../../kernel/instant.ts';
import type { ThresholdConfig } from '../config/notifications-config.ts';
import type { Labels, Metric, Sample } from '../metrics/metric.ts';
import { metrics } from '../metrics/registry.ts';
import { seriesText } from '../metrics/selector.ts';
import type { Moment, ViewSource } from '../views/view.ts';
import type { StandingAlarm } from './alarm.ts';
import { alarmKind } from './alarm-catalogue.ts';

/** A counter is compared by how much it grows in a second, over so long. */
const rateWindowMs = 60_000;
/** Over less than this a rate says nothing. */
const rateAfterMs = 10_000;

/** What is remembered of one series under one threshold. */
interface Watched {
  /** Values of a counter, oldest first, as far back as its rate is taken. */
  readonly counted: { readonly at: Instant; readonly value: number }[];
  /** Since when it is beyond the limit; undefined while it is not. */
  beyondSince: Instant | undefined;
  /** Stands from when it has been beyond for long enough, until it is clearly back. */
  stands: boolean;
}

interface Threshold {
  readonly config: ThresholdConfig;
  readonly metric: Metric;
  readonly series: Map<string, Watched>;
}

/** Compares metrics of the registry with the limits of the configuration; what is beyond them stands as an alarm. */
export class Thresholds {
  readonly #thresholds: readonly Threshold[];

  /** @param former of which those that are the same go on: what they have seen still counts */
  constructor(configs: readonly ThresholdConfig[], former?: Thresholds) {
    const watched = former === undefined ? [] : former.#thresholds;
    this.#thresholds = configs.flatMap((config) => {
      const known = watched.find((one) => isSame(one.config, config));
      const metric = metrics.find(({ name }) => name === config.selector.metric);
      if (known !== undefined || metric === undefined) return known === undefined ? [] : [known];
      return [{ config, metric, series: new Map<string, Watched>() }];
    });
  }

  /** To be called again and again; costs what reading the metrics costs, each once. */
  look(source: ViewSource, at: Moment): StandingAlarm[] {
    const read = new Map<Metric, readonly Sample[]>();
    const alarms: StandingAlarm[] = [];
    for (const { config, metric, series } of this.#thresholds) {
      const samples = read.get(metric) ?? metric.samples(source, at);
      read.set(metric, samples);
      const seen = new Set<string>();
      for (const { labels, value } of samples) {
        if (!hasLabels(labels, config.selector.labels)) continue;
        const text = seriesText({ metric: metric.name, labels });
        seen.add(text);
        const watched = series.get(text) ?? { counted: [], beyondSince: undefined, stands: false };
        series.set(text, watched);
        const compared = metric.type === 'counter' ? rateOf(watched, value, at.now) : value;
        judge(config, watched, compared, at.now);
        if (watched.stands) alarms.push(alarmOf(config, metric, text, labels, compared));
      }
      for (const text of series.keys()) if (!seen.has(text)) series.delete(text);
    }
    return alarms;
  }
}

/** Both are made by the same code, of plain values. */
function isSame(left: ThresholdConfig, right: ThresholdConfig): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function hasLabels(labels: Labels, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([label, value]) => labels[label as keyof Labels] === value);
}

/** What a counter grows by in a second; undefined until that can be told. One that has begun anew is followed anew. */
function rateOf({ counted }: Watched, value: number, now: Instant): number | undefined {
  if (counted.length > 0 && counted.at(-1)!.value > value) counted.length = 0;
  counted.push({ at: now, value });
  while (counted.length > 1 && now - counted[1]!.at >= rateWindowMs) counted.shift();
  const oldest = counted[0]!;
  return now - oldest.at < rateAfterMs ? undefined : ((value - oldest.value) * 1000) / (now - oldest.at);
}

function judge(
  { direction, limit, clearAt, forMs }: ThresholdConfig,
  watched: Watched,
  value: number | undefined,
  now: Instant,
) {
  if (value === undefined) return;
  const sign = direction === 'above' ? 1 : -1;
  const isBeyond = sign * value > sign * limit;
  if (!isBeyond) watched.beyondSince = undefined;
  else watched.beyondSince ??= now;
  if (watched.stands) watched.stands = isBeyond || sign * value > sign * clearAt;
  else watched.stands = watched.beyondSince !== undefined && now - watched.beyondSince >= forMs;
}

function alarmOf(
  { name, selector, severity, direction, limit }: ThresholdConfig,
  { type }: Metric,
  series: string,
  labels: Labels,
  value: number | undefined,
): StandingAlarm {
  const others = Object.entries(labels).filter(([label]) => selector.labels[label] === undefined);
  const which = others.map(([, text]) => text).join(' ');
  const unit = type === 'counter' ? ' a second' : '';
  const number = value === undefined ? 'not known' : String(Number(value.toPrecision(6)));
  return {
    alarm: 'threshold-crossed',
    severity,
    about: which === '' ? name : `${name} ${which}`,
    meaning: `${series} is ${number}${unit}, ${direction} ${limit}`,
    seeAlso: alarmKind('threshold-crossed').seeAlso,
    touches: { sessions: null, what: 'whatever the metric measures' },
  };
}
