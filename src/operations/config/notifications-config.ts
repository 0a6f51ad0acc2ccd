import type { AlarmSeverity } from '../alarms/alarm-catalogue.ts';

/** Series of a metric: all of them, or those with some labels. */
export interface MetricSelector {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An entry of `thresholds`: a limit on a metric. */
export interface ThresholdConfig {
  readonly name: string;
  readonly selector: MetricSelector;
  /** On which side of the limit something is wrong. */
  readonly direction: 'above' | 'below';
  /** Of a counter: what it grows by in a second. */
  readonly limit: number;
  /** The alarm is over at this, and on the other side of it. */
  readonly clearAt: number;
  /** It has to be so for so long. */
  readonly forMs: number;
  readonly severity: AlarmSeverity;
}
