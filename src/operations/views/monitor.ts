import { formatIp, formatMac, type IpAddress } from '../../kernel/address.ts';
import { compileFilter, type FilterProblem } from '../filter/filter.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { type BoardRow, type SubscriberBoard, type SubscriberState, stateAt } from '../monitor/subscriber-board.ts';
import { subscriberFields } from '../monitor/subscriber-fields.ts';
import { integerArgument, refuseFilter } from './arguments.ts';
import { ageSeconds, durationText, tableLines, timeOf } from './format.ts';
import { type Moment, shown, type View } from './view.ts';

/** Something that was said or decided of a subscriber. */
interface Saying {
  readonly name: string;
  readonly text: string;
  readonly time: string | null;
  readonly ageSeconds: number | null;
}

export interface MonitoredSubscriber {
  readonly mac: string;
  readonly state: SubscriberState;
  /** `rg` for EoGRE, `wlc` for PMIPv6 and RADIUS; null before any access node has spoken of it. */
  readonly party: 'rg' | 'wlc' | null;
  readonly peer: string | null;
  /** The access node before this one. */
  readonly previousPeer: string | null;
  /** The TWAN profile of the access node. */
  readonly profile: string | null;
  readonly moves: number;
  readonly messages: number;
  /** Refusals, and times that ran out. */
  readonly faults: number;
  readonly last: Saying;
  /** The last decision, refusal or timer. */
  readonly decision: Saying | null;
}

export interface MonitorData {
  /** As it was understood; empty for none. */
  readonly filter: string;
  /** Those with the latest events first. */
  readonly subscribers: readonly MonitoredSubscriber[];
  /** How many match, and how many there are. */
  readonly matching: number;
  readonly known: number;
  readonly events: MonitorFigures;
}

/** Of the event log. */
export interface MonitorFigures {
  readonly total: number;
  readonly kept: number;
  readonly keptMax: number;
  /** Too many came at a time for them to be kept. */
  readonly dropped: number;
}

const limitDefault = 50;
const limitMax = 250;

export const monitor: View<MonitorData> = {
  words: ['monitor'],
  summary: 'the subscribers of the last events, with what each does; samog monitor shows them live',
  role: 'view',
  options: [
    {
      name: 'filter',
      value: 'FILTER',
      description: 'only what it matches: "state=handover,denied profile=rg-west age<5m"',
    },
    { name: 'limit', value: 'N', description: `the first N, 1 to ${limitMax}; ${limitDefault} if left out` },
  ],
  build: (source, at, args) => {
    const limit = integerArgument('limit', args['limit'] ?? String(limitDefault), 1, limitMax);
    if (!limit.ok) return limit;
    const { profiles } = source.manager;
    const { subscribers, count: total, kept, eventsMax: keptMax, dropped } = source.events;
    const figures = { total, kept, keptMax, dropped };
    const profileOf: ProfileOf = (peer) => profiles.of(peer)?.name;
    const found = monitorDataOf(subscribers, args['filter'] ?? '', limit.value, at, profileOf, figures);
    return found.ok ? shown(found.value) : refuseFilter(found.problem);
  },
  render: ({ subscribers, matching, known, events }) => [
    ...tableLines(
      ['MAC', 'Access', 'State', 'Moves', 'Msgs', 'Age', 'Last'],
      subscribers.map(({ mac, party, peer, state, moves, messages, last, decision }) => [
        mac,
        party === null ? null : `${party} ${peer}`,
        state,
        moves,
        messages,
        last.ageSeconds === null ? null : durationText(last.ageSeconds),
        (decision ?? last).text,
      ]),
    ),
    `Subscribers: ${subscribers.length} shown, ${matching} match, ${known} of the last events; ${events.dropped} events dropped`,
  ],
};

type ProfileOf = (peer: IpAddress) => string | undefined;

/** The subscribers of a board that a filter matches. */
export function monitorDataOf(
  board: SubscriberBoard,
  filterText: string,
  limit: number,
  at: Moment,
  profileOf: ProfileOf,
  events: MonitorFigures,
): { readonly ok: true; readonly value: MonitorData } | { readonly ok: false; readonly problem: FilterProblem } {
  const read = compileFilter(filterText, subscriberFields(profileOf, at));
  if (!read.ok) return read;
  const matching = board.rows().filter((row) => read.filter.matches(row));
  const value: MonitorData = {
    filter: read.filter.text,
    subscribers: matching.slice(0, limit).map((row) => subscriberOf(row, at, profileOf)),
    matching: matching.length,
    known: board.size,
    events,
  };
  return { ok: true, value };
}

function subscriberOf(row: BoardRow, at: Moment, profileOf: ProfileOf): MonitoredSubscriber {
  const { mac, access, accessPeer, previousPeer, moves, messages, faults, last, decision } = row;
  return {
    mac: formatMac(mac),
    state: stateAt(row, at.now),
    party: access ?? null,
    peer: accessPeer === undefined ? null : formatIp(accessPeer),
    previousPeer: previousPeer === undefined ? null : formatIp(previousPeer),
    profile: accessPeer === undefined ? null : (profileOf(accessPeer) ?? null),
    ...{ moves, messages, faults },
    last: sayingOf(last, at),
    decision: decision === undefined ? null : sayingOf(decision, at),
  };
}

function sayingOf({ event: { name }, text, at: instant }: LoggedEvent, at: Moment): Saying {
  return { name, text, time: timeOf(instant, at), ageSeconds: ageSeconds(instant, at) };
}
