import type { Session } from '../../services/samog/session/state.ts';
import { picksOf, type SessionType } from '../../sessmgr/instances/look.ts';
import type { RowFilter } from '../filter/filter.ts';
import { filterArgument, integerArgument, macArgument } from './arguments.ts';
import { durationText, tableLines } from './format.ts';
import {
  type SubscriberDetail,
  type SubscriberSummary,
  subscriberDetailOf,
  subscriberSummaryOf,
} from './subscriber.ts';
import { type SoughtSubscriber, sessionFields, soughtSubscriberOf } from './subscriber-filter.ts';
import { subscriberDetailLines } from './subscriber-text.ts';
import {
  type Moment,
  refuse,
  shown,
  type View,
  type ViewArguments,
  type ViewOutcome,
  type ViewSource,
} from './view.ts';

export interface SubscribersData {
  /** Sessions there are altogether, or of the access type asked for. */
  readonly total: number;
  readonly full: boolean;
  /** This chassis is a standby: these are its peer's sessions, as its records have them. */
  readonly standbyRecords: boolean;
  /** Null if only the count was asked for. */
  readonly subscribers: readonly (SubscriberSummary | SubscriberDetail)[] | null;
  /** With a filter: how many were looked at for this page. */
  readonly searched: number | null;
  /** Give it as `cursor` for the next page; null after the last one. */
  readonly nextCursor: string | null;
}

const limitDefault = 50;
const limitMax = 500;
/** Every variable of a subscriber is fifty times what a line of the list is: no request may hold up the packets. */
const fullLimitMax = 50;

const sessionTypes = { pmip: 'pmipv6', eogre: 'dhcp', ip: 'accounting' } as const;
type AccessArgument = keyof typeof sessionTypes;

function isAccess(text: string | undefined): text is AccessArgument {
  return text !== undefined && Object.hasOwn(sessionTypes, text);
}

/** What `access` asks for; undefined for what is no access type. */
export function sessionTypeOf(access: string): SessionType | undefined {
  return isAccess(access) ? sessionTypes[access] : undefined;
}

export const subscribers: View<SubscribersData> = {
  words: ['subscribers', 'samog-only'],
  summary: 'subscribers of the SaMOG service, a page at a time',
  role: 'view',
  options: [
    { name: 'full', description: 'every variable of each subscriber' },
    {
      name: 'mac',
      value: 'ADDRESS',
      description: 'only this subscriber, in any usual writing of a MAC address',
      completion: 'mac',
    },
    {
      name: 'access',
      value: 'TYPE',
      description:
        'only subscribers attached by pmip, by eogre, or to access points that give addresses themselves (ip)',
      choices: ['pmip', 'eogre', 'ip'],
    },
    {
      name: 'profile',
      value: 'NAME',
      description: `only those of the next ${limitMax} whose access node is in this TWAN profile`,
      completion: 'profile',
    },
    {
      name: 'filter',
      value: 'FILTER',
      description: `only what it matches of the next ${limitMax}: "state=established peer=10.9.0.0/24 moves>2 age<5m"`,
    },
    { name: 'count', description: 'only how many there are' },
    {
      name: 'limit',
      value: 'N',
      description: `subscribers a page, 1 to ${limitMax}, with full to ${fullLimitMax}; ${limitDefault} if left out`,
    },
    { name: 'cursor', value: 'CURSOR', description: 'the page after the one that gave this cursor' },
  ],
  wish(args) {
    const { mac: text, cursor, access } = args;
    const mac = text === undefined ? undefined : macArgument(text);
    if (mac !== undefined) return mac.ok ? { mac: mac.value } : {};
    const limit = limitOf(args);
    if (!limit.ok || 'count' in args) return {};
    const type = isAccess(access) ? sessionTypes[access] : undefined;
    return { page: { cursor, limit: limit.value, type } };
  },
  build(source, at, args) {
    const access = args['access'];
    if (access !== undefined && !Object.hasOwn(sessionTypes, access)) {
      return refuse('bad-argument', `"${access.slice(0, 40)}" is no access type`, 'use pmip, eogre or ip');
    }
    if (args['mac'] !== undefined) return one(source, at, args, args['mac']);
    return page(source, at, args, access as AccessArgument | undefined);
  },
  render(data) {
    if (data.subscribers === null) return [`Total subscribers: ${data.total}`];
    const lines = data.full
      ? data.subscribers.flatMap((subscriber) => subscriberDetailLines(subscriber as SubscriberDetail))
      : summaryLines(data.subscribers);
    if (data.nextCursor !== null) lines.push(`More follow: add cursor ${data.nextCursor}`);
    if (data.standbyRecords) lines.push('This chassis is a standby: these are the records of what its peer serves');
    if (data.searched !== null) lines.push(`Looked at: ${data.searched}`);
    lines.push(`Shown: ${data.subscribers.length} of ${data.total} subscribers`);
    return lines;
  },
};

function one(
  { manager, redundancy }: ViewSource,
  at: Moment,
  args: ViewArguments,
  text: string,
): ViewOutcome<SubscribersData> {
  const mac = macArgument(text);
  if (!mac.ok) return mac;
  const session = manager.registry.ofMac(mac.value)?.session;
  if (session === undefined) {
    return refuse(
      'not-found',
      `no subscriber has the MAC address ${text}`,
      'show subscribers samog-only lists those there are',
    );
  }
  const rows = 'count' in args ? null : [rowOf(session, { manager, redundancy }, at, 'full' in args)];
  return shown({
    total: 1,
    full: 'full' in args,
    standbyRecords: isStandby(redundancy),
    subscribers: rows,
    searched: null,
    nextCursor: null,
  });
}

function page(
  { manager, redundancy, subscriberPages }: ViewSource,
  at: Moment,
  args: ViewArguments,
  access: AccessArgument | undefined,
): ViewOutcome<SubscribersData> {
  const { registry } = manager;
  const full = 'full' in args;
  const total = access === undefined ? registry.size : registry.ofType[sessionTypes[access]];
  const standbyRecords = isStandby(redundancy);
  const sought = soughtBy(args, manager);
  if (!sought.ok) return sought;
  const { matches } = sought;
  if ('count' in args) {
    if (matches !== undefined) {
      return refuse('bad-argument', 'count is of all, or of an access type', 'count the lines of its pages: | count');
    }
    return shown({ total, full, standbyRecords, subscribers: null, searched: null, nextCursor: null });
  }
  const limit = limitOf(args);
  if (!limit.ok) return limit;
  const picks = picksOf(access && sessionTypes[access]);
  const found = subscriberPages.next(registry, args['cursor'], limit.value, picks);
  if (found === undefined) {
    return refuse('not-found', 'the cursor is not known any more', 'a cursor serves one page: begin again without one');
  }
  const matching = found.sessions.filter(
    (session) => matches === undefined || matches(soughtSubscriberOf(session, manager, at)),
  );
  return shown({
    total,
    full,
    standbyRecords,
    subscribers: matching.map((session) => rowOf(session, { manager, redundancy }, at, full)),
    searched: matches === undefined ? null : found.sessions.length,
    nextCursor: found.nextCursor ?? null,
  });
}

/** What a session has to fulfil beside its access type; nothing if it is not said. */
export function soughtBy(
  { filter: text, profile }: ViewArguments,
  { profiles }: ViewSource['manager'],
): ReturnType<typeof refuse> | { ok: true; matches: RowFilter<SoughtSubscriber>['matches'] | undefined } {
  const filter = text === undefined ? undefined : filterArgument(text, sessionFields);
  if (filter?.ok === false) return filter;
  const names = profiles.profiles.map(({ name }) => name);
  if (profile !== undefined && !names.includes(profile)) {
    const what = `there is no TWAN profile "${profile.slice(0, 40)}"`;
    return refuse('not-found', what, `there is ${names.join(', ')}`);
  }
  if (filter === undefined && profile === undefined) return { ok: true, matches: undefined };
  const matches = (row: SoughtSubscriber): boolean =>
    (profile === undefined || row.profile === profile) && (filter === undefined || filter.value.matches(row));
  return { ok: true, matches };
}

/** How many sessions a page has, or with a filter how many are looked at for one. */
function limitOf(args: ViewArguments) {
  const most = 'full' in args ? fullLimitMax : limitMax;
  const usual = args['filter'] === undefined && args['profile'] === undefined ? limitDefault : most;
  return integerArgument('limit', args['limit'] ?? String(usual), 1, most);
}

function isStandby(redundancy: ViewSource['redundancy']): boolean {
  return redundancy !== undefined && redundancy.pair.replication(0).sender === undefined;
}

function rowOf(
  session: Session,
  { manager, redundancy }: Pick<ViewSource, 'manager' | 'redundancy'>,
  at: Moment,
  full: boolean,
) {
  return full ? subscriberDetailOf(session, manager, at, redundancy) : subscriberSummaryOf(session, at);
}

function summaryLines(rows: readonly SubscriberSummary[]): string[] {
  return tableLines(
    ['MAC', 'State', 'Access', 'Peer', 'Address', 'Moves', 'Age'],
    rows.map((row) => [
      row.mac,
      row.state,
      row.accessType,
      row.accessPeer,
      row.address,
      row.moves,
      row.ageSeconds === null ? null : durationText(row.ageSeconds),
    ]),
  );
}
