import { formatIp, formatMac, type IpAddress, type MacAddress } from '../../kernel/address.ts';
import type { Session } from '../../services/samog/session/state.ts';
import { compileFilter, type FilterProblem } from '../filter/filter.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { type BoardRow, type SubscriberBoard, type SubscriberState, stateAt } from '../monitor/subscriber-board.ts';
import { subscriberFields } from '../monitor/subscriber-fields.ts';
import { integerArgument, refuseFilter } from './arguments.ts';
import { ageSeconds, durationText, tableLines, timeOf } from './format.ts';
import { accessOf, subscriberOf } from './subscriber.ts';
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
  /** The last digits, as far as AAA has told it and there is a session: `…4711`. */
  readonly imsi: string | null;
  readonly state: SubscriberState;
  /** `rg` for EoGRE, `wlc` for PMIPv6 and RADIUS; null while neither an access node nor a session tells. */
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

type AccessNode = readonly [BoardRow['access'], IpAddress | undefined];

/** Of an IMSI: enough to tell one from another, too little to know whose it is. */
const shownDigits = 4;
const limitDefault = 50;
const limitMax = 250;
/** Compared with a filter before packets are served again. */
const rowsPerTurn = 500;

export const monitor: View<MonitorData, readonly BoardRow[] | undefined> = {
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
  async survey({ events, manager, pause }, at, { filter = '' }) {
    const read = filterOf(filter, (peer) => manager.profiles.of(peer)?.name, at);
    if (!read.ok) return undefined;
    const rows = events.subscribers.rows();
    const matching: BoardRow[] = [];
    for (let from = 0; from < rows.length; from += rowsPerTurn) {
      for (const row of rows.slice(from, from + rowsPerTurn)) if (read.filter.matches(row)) matching.push(row);
      await pause?.();
    }
    return matching;
  },
  wish: ({ limit = String(limitDefault) }, _source, _at, matching = []) => ({
    macs: matching.slice(0, Math.min(Number(limit) || 0, limitMax)).map(({ mac }) => mac),
  }),
  build: (source, at, args, matching) => {
    const limit = integerArgument('limit', args['limit'] ?? String(limitDefault), 1, limitMax);
    if (!limit.ok) return limit;
    const { profiles, registry } = source.manager;
    const { subscribers, count: total, kept, eventsMax: keptMax, dropped } = source.events;
    const figures = { total, kept, keptMax, dropped };
    const known: KnownBeside = {
      profileOf: (peer) => profiles.of(peer)?.name,
      sessionOf: (mac) => registry.ofMac(mac)?.session,
    };
    const found = monitorDataOf(subscribers, args['filter'] ?? '', limit.value, at, known, figures, matching);
    return found.ok ? shown(found.value) : refuseFilter(found.problem);
  },
  render: ({ subscribers, matching, known, events }) => [
    ...tableLines(
      ['MAC', 'IMSI', 'Access', 'State', 'Moves', 'Msgs', 'Age', 'Last'],
      subscribers.map(({ mac, imsi, party, peer, state, moves, messages, last, decision }) => [
        mac,
        imsi,
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

/** What is known of subscribers beside their events. */
export interface KnownBeside {
  /** The TWAN profile that an access node is a client of. */
  profileOf(peer: IpAddress): string | undefined;
  sessionOf(mac: MacAddress): Session | undefined;
}

function filterOf(text: string, profileOf: KnownBeside['profileOf'], at: Moment) {
  return compileFilter(text, subscriberFields(profileOf, at));
}

/**
 * The subscribers of a board that a filter matches.
 *
 * @param found those that it matches, where somebody has gone through all already
 */
export function monitorDataOf(
  board: SubscriberBoard,
  filterText: string,
  limit: number,
  at: Moment,
  beside: KnownBeside,
  events: MonitorFigures,
  found?: readonly BoardRow[],
): { readonly ok: true; readonly value: MonitorData } | { readonly ok: false; readonly problem: FilterProblem } {
  const read = filterOf(filterText, beside.profileOf, at);
  if (!read.ok) return read;
  const matching = found ?? board.rows().filter((row) => read.filter.matches(row));
  const value: MonitorData = {
    filter: read.filter.text,
    subscribers: matching.slice(0, limit).map((row) => monitoredOf(row, at, beside)),
    matching: matching.length,
    known: board.size,
    events,
  };
  return { ok: true, value };
}

function monitoredOf(row: BoardRow, at: Moment, { profileOf, sessionOf }: KnownBeside): MonitoredSubscriber {
  const { mac, previousPeer, moves, messages, faults, last, decision } = row;
  const session = sessionOf(mac);
  const [party, peer] = accessNodeOf(row, session);
  const imsi = session && subscriberOf(session)?.imsi;
  return {
    mac: formatMac(mac),
    imsi: imsi === undefined ? null : `…${imsi.slice(-shownDigits)}`,
    state: stateAt(row, at.now),
    party: party ?? null,
    peer: peer === undefined ? null : formatIp(peer),
    previousPeer: previousPeer === undefined ? null : formatIp(previousPeer),
    profile: peer === undefined ? null : (profileOf(peer) ?? null),
    ...{ moves, messages, faults },
    last: sayingOf(last, at),
    decision: decision === undefined ? null : sayingOf(decision, at),
  };
}

/** Who carries it by its messages; a standby hears none, and has its session. */
function accessNodeOf({ access, accessPeer }: BoardRow, session: Session | undefined): AccessNode {
  if (access !== undefined || session === undefined) return [access, accessPeer];
  const path = accessOf(session);
  return path === undefined ? [undefined, undefined] : [path.kind === 'eogre' ? 'rg' : 'wlc', path.peer];
}

function sayingOf({ event: { name }, text, at: instant }: LoggedEvent, at: Moment): Saying {
  return { name, text, time: timeOf(instant, at), ageSeconds: ageSeconds(instant, at) };
}
