import type { MetricSelector } from '../config/notifications-config.ts';
import { meantInstead } from '../config/spelling.ts';
import { metrics } from './registry.ts';

export type ReadSelector =
  | { readonly ok: true; readonly selector: MetricSelector }
  | { readonly ok: false; readonly message: string; readonly hint: string };

const labelPair = /^\s*([a-z_]+)\s*=\s*"([^"\\]{0,128})"\s*$/;

/** Reads `samog_sessions` or `samog_sessions{access="eogre"}`, of the metrics and labels that there are. */
export function readSelector(text: string): ReadSelector {
  const [, name, inside] = /^\s*([a-zA-Z0-9_]+)\s*(?:\{(.*)\})?\s*$/.exec(text) ?? [];
  if (name === undefined) {
    return { ok: false, message: 'is no metric', hint: 'write it as samog_sessions{access="eogre"}' };
  }
  const metric = metrics.find((candidate) => candidate.name === name);
  if (metric === undefined) {
    const names = metrics.map((known) => known.name);
    const meant = meantInstead(name, names);
    const hint = meant === undefined ? 'docs/reference/metrics.md has all metrics' : `did you mean ${meant}?`;
    return { ok: false, message: `there is no metric ${name.slice(0, 60)}`, hint };
  }
  const labels: Record<string, string> = {};
  for (const part of inside === undefined || inside.trim() === '' ? [] : inside.split(',')) {
    const [, label, value] = labelPair.exec(part) ?? [];
    const known = metric.labels.find((candidate) => candidate === label);
    if (known === undefined || value === undefined) {
      const has = metric.labels.length === 0 ? 'it has no labels' : `its labels: ${metric.labels.join(', ')}`;
      return { ok: false, message: `${name} has no such label`, hint: `${has}; write them as {label="value"}` };
    }
    labels[known] = value;
  }
  return { ok: true, selector: { metric: name, labels } };
}

/** A series as Prometheus writes it: `samog_sessions{access="eogre"}`. */
export function seriesText({ metric, labels }: MetricSelector): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
}
