import type { Counters } from '../../kernel/counters.ts';
import type { SamogCounter } from '../../services/samog/statistics.ts';
import { bulkstatVariables } from './catalogue.ts';

/** An Int32 bulk statistic rolls over to zero after 4,294,967,295: it holds the count modulo this. */
const int32Values = 2 ** 32;

/** A count as an Int32 bulk statistic shows it. */
export function int32Counter(count: number): number {
  return count % int32Values;
}

/** The values of all bulk statistics by name, in the schema's order. */
export function bulkstatValues(counters: Pick<Counters<SamogCounter>, 'get'>): Record<string, number> {
  return Object.fromEntries(bulkstatVariables.map(({ name, counter }) => [name, int32Counter(counters.get(counter))]));
}
