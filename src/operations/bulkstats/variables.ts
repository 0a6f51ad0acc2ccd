import type { SamogCounter } from '../../services/samog/statistics.ts';
import { allCounters } from '../metrics/counter-metrics.ts';
import type { Moment, ViewSource } from '../views/view.ts';
import { int32Counter } from './bulkstats.ts';
import { bulkstatVariables } from './catalogue.ts';

/** The value of a variable at a moment, as it is written. */
export type BulkstatReading = (source: ViewSource, at: Moment) => string;

const pad = (value: number): string => String(value).padStart(2, '0');

/** `20260301`, in UTC. */
export function bulkstatDate(wallClock: number): string {
  const date = new Date(Math.floor(wallClock));
  return `${date.getUTCFullYear()}${pad(date.getUTCMonth() + 1)}${pad(date.getUTCDate())}`;
}

/** `110000`, in UTC. */
export function bulkstatTime(wallClock: number): string {
  const date = new Date(Math.floor(wallClock));
  return `${pad(date.getUTCHours())}${pad(date.getUTCMinutes())}${pad(date.getUTCSeconds())}`;
}

/** What is not counted. */
const ofTheMoment: Readonly<Record<string, BulkstatReading>> = {
  host: ({ config }) => config.chassis.name,
  service: ({ manager }) => manager.config.samogService.name,
  date: (_source, { wallClock }) => bulkstatDate(wallClock),
  time: (_source, { wallClock }) => bulkstatTime(wallClock),
  epochtime: (_source, { wallClock }) => String(Math.floor(wallClock / 1000)),
  uptime: ({ startedAt }, { now }) => String(Math.floor((now - startedAt) / 1000)),
  'sessions-current': ({ manager }) => String(manager.registry.size),
  'sessions-pmip': ({ manager }) => String(manager.registry.ofType.pmipv6),
  'sessions-eogre': ({ manager }) => String(manager.registry.ofType.dhcp),
};

function counted(counter: SamogCounter): BulkstatReading {
  return ({ manager }) => String(int32Counter(manager.counters.get(counter)));
}

/**
 * By name: the seed's variables, which roll over as the seed types them (Int32); every other counter by its own name, those of
 * the pair with `srp.` before it, which do not (Int64); and what is so at the moment. A counter that the gateway does not have is empty.
 */
const variables: ReadonlyMap<string, BulkstatReading> = new Map([
  ...Object.entries(ofTheMoment),
  ...bulkstatVariables.map(({ name, counter }) => [name, counted(counter)] as const),
  ...allCounters.map((counter) => {
    const name = counter.list === 'pair' ? `srp.${counter.name}` : counter.name;
    return [name, (source: ViewSource) => String(counter.read(source) ?? '')] as const;
  }),
]);

export const bulkstatVariableNames: readonly string[] = [...variables.keys()];

/** What reads a variable; undefined if there is none of this name. */
export function bulkstatVariable(name: string): BulkstatReading | undefined {
  return variables.get(name);
}
