import { metrics } from '../metrics/registry.ts';
import { stateWords } from '../views/srp/words.ts';
import type { Moment, ViewSource } from '../views/view.ts';
import { type Scalar, scalars } from './mib.ts';

/** What SNMP reads, in the order of `scalars`: from the registry of metrics, as Prometheus does. What the chassis does not have is 0. */
export function scalarValues(source: ViewSource, at: Moment): readonly (string | number)[] {
  return scalars.map((scalar) => readingOf(scalar, source, at));
}

function readingOf({ of, syntax }: Scalar, source: ViewSource, at: Moment): string | number {
  if (of === 'chassis') return source.config.chassis.name;
  if (of === 'role') {
    const { redundancy } = source;
    return redundancy === undefined ? 'Alone' : stateWords[redundancy.pair.chassis.state.kind];
  }
  const samples = metrics.find(({ name }) => name === of.metric)?.samples(source, at) ?? [];
  const sum = samples
    .filter(({ labels }) =>
      Object.entries(of.labels).every(([label, value]) => labels[label as keyof typeof labels] === value),
    )
    .reduce((total, { value }) => total + value, 0);
  return Math.max(0, syntax === 'Gauge32' ? Math.min(Math.floor(sum), 0xffff_ffff) : Math.floor(sum));
}
