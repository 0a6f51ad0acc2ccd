import { formatIp, formatMac, type MacAddress } from '../../kernel/address.ts';
import { eventKinds } from '../catalogue/event-catalogue.ts';
import type { EventSeverity } from '../catalogue/event-kind.ts';
import { integerArgument, macArgument } from './arguments.ts';
import { ageSeconds, timeOf } from './format.ts';
import { shown, type View } from './view.ts';

export interface EventsData {
  readonly events: readonly {
    /** Counted from 1 since the start. */
    readonly number: number;
    readonly time: string | null;
    readonly ageSeconds: number | null;
    readonly name: string;
    readonly severity: EventSeverity;
    readonly mac: string | null;
    readonly peer: string | null;
    readonly party: string;
    readonly direction: string;
    readonly text: string;
  }[];
  /** Events since the start, and how many of them the gateway still knows. */
  readonly total: number;
  readonly kept: number;
}

const limitDefault = 50;
const limitMax = 1000;

const arrows: Readonly<Record<string, string>> = { received: '<-', sent: '->', internal: ' *' };

export const events: View<EventsData> = {
  words: ['events'],
  summary: 'the last messages and decisions, of all subscribers or of one',
  role: 'view',
  options: [
    { name: 'mac', value: 'ADDRESS', description: 'only those of this subscriber', completion: 'mac' },
    { name: 'limit', value: 'N', description: `the last N, 1 to ${limitMax}; ${limitDefault} if left out` },
  ],
  build: (source, at, args) => {
    const limit = integerArgument('limit', args['limit'] ?? String(limitDefault), 1, limitMax);
    if (!limit.ok) return limit;
    let mac: MacAddress | undefined;
    if (args['mac'] !== undefined) {
      const read = macArgument(args['mac']);
      if (!read.ok) return read;
      mac = read.value;
    }
    const log = source.events;
    return shown({
      events: log.latest(limit.value, mac).map(({ number, at: instant, event, text }) => ({
        number,
        time: timeOf(instant, at),
        ageSeconds: ageSeconds(instant, at),
        name: event.name,
        severity: eventKinds[event.name].severity,
        mac: event.mac === undefined ? null : formatMac(event.mac),
        peer: event.peer === undefined ? null : formatIp(event.peer),
        party: event.party,
        direction: event.direction,
        text,
      })),
      total: log.count,
      kept: log.kept,
    });
  },
  render: ({ events: rows, total, kept }) => [
    ...rows.map((row) => {
      const peer = row.peer === null ? row.party : `${row.party} ${row.peer}`;
      return `${row.time} ${row.mac ?? '-'.padEnd(17)} ${arrows[row.direction]} ${peer} ${row.name}: ${row.text}`;
    }),
    `Events: ${rows.length} shown, ${kept} kept, ${total} since the start`,
  ],
};
