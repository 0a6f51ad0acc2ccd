import { int32Counter } from '../bulkstats/bulkstats.ts';
import { bulkstatVariables } from '../bulkstats/catalogue.ts';
import { tableLines } from './format.ts';
import { shown, type View } from './view.ts';

export interface BulkstatsData {
  readonly schema: 'samog';
  readonly service: string;
  readonly variables: readonly {
    readonly name: string;
    /** Modulo 2^32. */
    readonly value: number;
    readonly type: string;
    readonly dataType: string;
    readonly availability: string;
    readonly description: string;
    readonly triggers: string;
  }[];
}

export const bulkstats: View<BulkstatsData> = {
  words: ['bulkstats'],
  summary: 'the bulk statistics of the SaMOG schema, Int32 with roll-over',
  role: 'view',
  options: [],
  build: ({ manager }) =>
    shown({
      schema: 'samog',
      service: manager.config.samogService.name,
      variables: bulkstatVariables.map(({ counter, ...variable }) => ({
        name: variable.name,
        value: int32Counter(manager.counters.get(counter)),
        type: variable.type,
        dataType: variable.dataType,
        availability: variable.availability,
        description: variable.description,
        triggers: variable.triggers,
      })),
    }),
  render: ({ service, variables }) => [
    `Bulk statistics of schema samog, service ${service}:`,
    ...tableLines(
      ['Variable', 'Value', 'Type', 'Data Type'],
      variables.map(({ name, value, type, dataType }) => [name, value, type, dataType]),
    ),
  ],
};
