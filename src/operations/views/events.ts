import { formatIp, formatMac } from '../../kernel/address.ts';
import { atOnce, type InParts, withPauses } from '../../kernel/in-parts.ts';
import { toHex } from '../../wire/bytes/text.ts';
import { eventPacketOf, type Leg, type LocalEndpoints, localEndpointsOf } from '../capture/event-packet.ts';
import { eventKinds } from '../catalogue/event-catalogue.ts';
import type { EventSeverity } from '../catalogue/event-kind.ts';
import type { EventLog, EventSearch, FoundEvents } from '../event-log.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { eventFields } from '../monitor/event-fields.ts';
import { type RungKind, rungKindOf } from '../rung-kind.ts';
import { filterArgument, integerArgument, macArgument, sinceArgument } from './arguments.ts';
import { ageSeconds, timeOf } from './format.ts';
import {
  type Moment,
  shown,
  type View,
  type ViewArguments,
  type ViewOption,
  type ViewOutcome,
  type ViewSource,
} from './view.ts';

export interface EventRow {
  /** Counted from 1 since the start. */
  readonly number: number;
  readonly time: string | null;
  /** Milliseconds since 1970 with three decimals: for what lies between two events. */
  readonly epochMs: number;
  readonly ageSeconds: number | null;
  readonly name: string;
  readonly severity: EventSeverity;
  readonly kind: RungKind;
  readonly mac: string | null;
  readonly peer: string | null;
  readonly party: string;
  readonly direction: string;
  readonly text: string;
  /** Null without `octets`, for what is no message, and where the octets have made room for others. */
  readonly message: {
    readonly leg: Leg;
    /** An IPv4 packet in hexadecimal; what RADIUS hides is zeros. */
    readonly packet: string;
  } | null;
}

export interface EventsData {
  readonly events: readonly EventRow[];
  /** Events since the start, and how many of them the gateway still knows. */
  readonly total: number;
  readonly kept: number;
  readonly keptMax: number;
  /** Too many came at a time for them to be kept. */
  readonly dropped: number;
  /** How many were looked at: with a filter no more than 4,096 are. */
  readonly searched: number;
  /** Give it as `after` for those that come next. */
  readonly next: number;
}

const limitDefault = 50;
const limitMax = 1000;
/** Octets cost some microseconds each event. */
const octetsLimitMax = 250;
/** With a filter. */
export const searchMax = 4096;
/** A row costs about what so many octets of a message cost; and what is done of both before packets are served again. */
const rowCost = 30;
const costPerPart = 4096;

const arrows: Readonly<Record<string, string>> = { received: '<-', sent: '->', internal: ' *' };

export const sinceOption: ViewOption = {
  name: 'since',
  value: 'WHEN',
  description: 'only what happened since then: 10m, 2h, or a time, such as 02:58 in UTC',
};

export const events: View<EventsData, ViewOutcome<EventsData>> = {
  words: ['events'],
  summary: 'the last messages and decisions, of all subscribers or of one',
  role: 'view',
  options: [
    { name: 'mac', value: 'ADDRESS', description: 'only those of this subscriber', completion: 'mac' },
    { name: 'filter', value: 'FILTER', description: 'only what it matches: "kind=refusal,timer party=aaa age<5m"' },
    sinceOption,
    { name: 'after', value: 'N', description: 'those after number N, oldest first, instead of the last' },
    {
      name: 'limit',
      value: 'N',
      description: `the last N, 1 to ${limitMax}, with octets to ${octetsLimitMax}; ${limitDefault} if left out, with since all of these`,
    },
    { name: 'octets', description: 'and the messages themselves, in hexadecimal' },
  ],
  survey: (source, at, args) => withPauses(eventsInParts(source, at, args), source.pause),
  build: (source, at, args, surveyed) => surveyed ?? atOnce(eventsInParts(source, at, args)),
  render: ({ events: rows, total, kept }) => [
    ...rows.map((row) => {
      const peer = row.peer === null ? row.party : `${row.party} ${row.peer}`;
      return `${row.time} ${row.mac ?? '-'.padEnd(17)} ${arrows[row.direction]} ${peer} ${row.name}: ${row.text}`;
    }),
    `Events: ${rows.length} shown, ${kept} kept, ${total} since the start`,
  ],
};

function* eventsInParts(source: ViewSource, at: Moment, args: ViewArguments): InParts<ViewOutcome<EventsData>> {
  const found = yield* searched(source.events, at, args);
  if (!found.ok) return found;
  const log = source.events;
  const localOf = args['octets'] === undefined ? undefined : localEndpointsOf(source.host().sockets);
  const rows: EventRow[] = [];
  let cost = 0;
  for (const logged of found.data.found) {
    rows.push(rowOf(logged, at, log, localOf));
    cost += rowCost + (localOf === undefined ? 0 : (logged.message?.length ?? 0));
    if (cost < costPerPart) continue;
    cost = 0;
    yield;
  }
  return shown({
    events: rows,
    total: log.count,
    kept: log.kept,
    keptMax: log.eventsMax,
    dropped: log.dropped,
    searched: found.data.searched,
    next: found.data.next,
  });
}

function* searched(log: EventLog, at: Moment, args: ViewArguments): InParts<ViewOutcome<FoundEvents>> {
  const most = 'octets' in args ? octetsLimitMax : limitMax;
  const usual = args['since'] === undefined ? limitDefault : most;
  const limit = integerArgument('limit', args['limit'] ?? String(usual), 1, most);
  if (!limit.ok) return limit;
  const wanted = eventsWanted(at, args);
  if (!wanted.ok) return wanted;
  const search = { ...wanted.data, limit: limit.value };
  if (args['after'] === undefined) return shown(yield* log.searchInParts(search));
  const after = integerArgument('after', args['after'], 0, 999_999_999);
  return after.ok ? shown(yield* log.followingInParts(after.value, search)) : after;
}

/** What `mac`, `since` and `filter` want of the event log. */
export function eventsWanted(at: Moment, args: ViewArguments): ViewOutcome<Omit<EventSearch, 'limit'>> {
  const mac = args['mac'] === undefined ? undefined : macArgument(args['mac']);
  if (mac?.ok === false) return mac;
  const since = args['since'] === undefined ? undefined : sinceArgument(args['since'], at);
  if (since?.ok === false) return since;
  const wanted = { mac: mac?.value, from: since?.value };
  if (args['filter'] === undefined) return shown(wanted);
  const filter = filterArgument(args['filter'], eventFields(at));
  if (!filter.ok) return filter;
  return shown({ ...wanted, matches: (logged) => filter.value.matches(logged), searchMax });
}

function rowOf(logged: LoggedEvent, at: Moment, log: EventLog, localOf: LocalEndpoints | undefined): EventRow {
  const { number, at: instant, event, text } = logged;
  const message = localOf === undefined ? undefined : log.messageOf(logged);
  const packet = message && eventPacketOf(message, event, localOf!);
  return {
    number,
    time: timeOf(instant, at),
    epochMs: Math.round((at.wallClock - (at.now - instant)) * 1000) / 1000,
    ageSeconds: ageSeconds(instant, at),
    name: event.name,
    severity: eventKinds[event.name].severity,
    kind: rungKindOf(logged.event),
    mac: event.mac === undefined ? null : formatMac(event.mac),
    peer: event.peer === undefined ? null : formatIp(event.peer),
    party: event.party,
    direction: event.direction,
    text,
    message: packet === undefined ? null : { leg: packet.leg, packet: toHex(packet.octets) },
  };
}
