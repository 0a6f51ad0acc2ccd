import { counterMetrics } from './counter-metrics.ts';
import { gaugeMetrics } from './gauge-metrics.ts';
import type { Metric } from './metric.ts';

/** Every metric of the gateway: exposition, dashboards and alert rules are made of this list. */
export const metrics: readonly Metric[] = [...gaugeMetrics, ...counterMetrics];
