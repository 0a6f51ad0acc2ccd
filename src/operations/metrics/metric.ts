import type { Moment, ViewSource } from '../views/view.ts';

/**
 * The labels that there are. None of them grows with subscribers, and a series is made for no address of a UE, no time and
 * no identifier.
 */
export const labelNames = ['access', 'direction', 'kind', 'port', 'reason', 'server', 'state'] as const;
export type LabelName = (typeof labelNames)[number];
export type Labels = Readonly<Partial<Record<LabelName, string>>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/**
 * A family of series as Prometheus has them: base units, counters end in `_total`, and the sum over its labels means
 * something. Reading it costs nothing that grows with sessions.
 */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** A sentence. */
  readonly help: string;
  readonly labels: readonly LabelName[];
  /** Nothing where the gateway has no such part, such as a peer. */
  samples(source: ViewSource, at: Moment): readonly Sample[];
}

/** A gauge without labels; undefined is no series. */
export function gauge(
  name: string,
  help: string,
  value: (source: ViewSource, at: Moment) => number | undefined,
): Metric {
  return {
    name,
    type: 'gauge',
    help,
    labels: [],
    samples: (source, at) => {
      const now = value(source, at);
      return now === undefined ? [] : [{ labels: {}, value: now }];
    },
  };
}

/** A family of one label. */
export function labelled(
  type: Metric['type'],
  name: string,
  help: string,
  label: LabelName,
  values: (source: ViewSource, at: Moment) => Iterable<readonly [labelValue: string, value: number]>,
): Metric {
  return {
    name,
    type,
    help,
    labels: [label],
    samples: (source, at) => Array.from(values(source, at), ([text, value]) => ({ labels: { [label]: text }, value })),
  };
}
