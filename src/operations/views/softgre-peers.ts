import { uplinkDropped } from '../../forwarding/counters.ts';
import { noTunnelFigures, type TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import { formatIp, type IpAddress, parseIp } from '../../kernel/address.ts';
import { firstOf } from '../../kernel/first-of.ts';
import { tunnelsPerPage } from '../../sessmgr/instances/look.ts';
import { compileFilter, type FilterField, type FilterOutcome } from '../filter/filter.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { type SubscriberBoard, stateAt } from '../monitor/subscriber-board.ts';
import { durationArgument, integerArgument, refuseFilter } from './arguments.ts';
import { ageSeconds, durationText, tableLines, timeOf } from './format.ts';
import { type MtuSuspicion, suspicionOf, suspicionTexts, tunnelsSeen } from './forwarding-mtu.ts';
import { type Moment, refuse, shown, type View, type ViewArguments, type ViewSource } from './view.ts';

/** A residential gateway: a client of an EoGRE profile that packets of sessions came from or went to, or that the last events name. */
export interface SoftgrePeer {
  readonly peer: string;
  /** Its TWAN profile; null for one that no EoGRE profile has any more. */
  readonly profile: string | null;
  /** UEs of the last events that are at it, and how many of them were refused last. */
  readonly subscribers: number;
  readonly denied: number;
  /** The last event of any of them; null if none is remembered. */
  readonly last: {
    readonly name: string;
    readonly text: string;
    readonly time: string | null;
    readonly ageSeconds: number | null;
  } | null;
  /** The longest outer packets, in octets; 0 where there was none. */
  readonly longestReceived: number;
  readonly longestSent: number;
  readonly suspicion: MtuSuspicion | null;
}

export interface SoftgrePeersData {
  /** As it was understood; empty for none. */
  readonly filter: string;
  /** Those with a suspicion first, then by UEs that were refused, then by the latest events. */
  readonly peers: readonly SoftgrePeer[];
  /** How many match, and how many there are. */
  readonly matching: number;
  readonly known: number;
  /** Give it as `cursor` for those that follow; null after the last one. */
  readonly nextCursor: string | null;
  /** Packets since the start from access nodes that no EoGRE profile has. */
  readonly unknownClientPackets: number;
}

type Found = Omit<SoftgrePeersData, 'unknownClientPackets'>;

const limitDefault = 50;
const limitMax = 500;

const fields: readonly FilterField<SoftgrePeer>[] = [
  { name: 'peer', kind: 'address', description: 'its address', of: ({ peer }) => peer },
  { name: 'profile', kind: 'word', description: 'its TWAN profile', of: ({ profile }) => profile },
  { name: 'subscribers', kind: 'number', description: 'UEs at it', of: ({ subscribers }) => subscribers },
  { name: 'denied', kind: 'number', description: 'of them, refused', of: ({ denied }) => denied },
  {
    name: 'mtu',
    kind: 'word',
    description: 'what is suspected of its tunnel',
    choices: ['fragments', 'limit', 'none'],
    of: ({ suspicion }) => suspicion ?? 'none',
  },
  { name: 'age', kind: 'age', description: 'time since its last event', of: ({ last }) => last?.ageSeconds ?? null },
];

export const softgrePeers: View<SoftgrePeersData, Found> = {
  words: ['softgre', 'peers'],
  role: 'view',
  summary: 'residential gateways: UEs of the last events, the last one of each, and what is suspected of its tunnel',
  options: [
    {
      name: 'filter',
      value: 'FILTER',
      description: 'only what it matches: "profile=rg-west denied>0 age>5m mtu!=none"',
    },
    { name: 'silent', value: 'DURATION', description: 'only those without an event for so long: 5m, 2h, 1d' },
    { name: 'limit', value: 'N', description: `N of them, 1 to ${limitMax}; ${limitDefault} if left out` },
    { name: 'cursor', value: 'CURSOR', description: 'those that follow the page that gave this cursor' },
  ],
  async survey(source, at, args) {
    const filter = filterOf(args);
    const limit = limitOf(args);
    const after = cursorOf(args);
    const silent = silentOf(args);
    if (!filter.ok || !limit.ok || !after.ok || !silent.ok) return nothingFound;
    const { text, matches } = filter.filter;
    return survey(source, at, { text, matches: (peer) => silent.is(peer) && matches(peer) }, limit.value, after.value);
  },
  build(source, _at, args, found = nothingFound) {
    const filter = filterOf(args);
    if (!filter.ok) return refuseFilter(filter.problem);
    const limit = limitOf(args);
    if (!limit.ok) return limit;
    const after = cursorOf(args);
    if (!after.ok) return after;
    const silent = silentOf(args);
    if (!silent.ok) return silent;
    const unknownClientPackets = source.manager.forwardingCounters.get(uplinkDropped['unknown-client']);
    return shown({ ...found, unknownClientPackets });
  },
  render: ({ peers, matching, known, nextCursor, unknownClientPackets }) => [
    ...tableLines(
      ['RG', 'Profile', 'UEs', 'Denied', 'Longest In', 'Longest Out', 'Age', 'Last', 'Tunnel'],
      peers.map(({ peer, profile, subscribers, denied, longestReceived, longestSent, last, suspicion }) => [
        ...[peer, profile, subscribers, denied, longestReceived, longestSent],
        last === null || last.ageSeconds === null ? null : durationText(last.ageSeconds),
        last === null ? null : last.name,
        suspicion === null ? 'nothing seen' : suspicionTexts[suspicion],
      ]),
    ),
    ...(nextCursor === null ? [] : [`More follow: add cursor ${nextCursor}`]),
    `Residential gateways: ${peers.length} shown, ${matching} match, ${known} known by packets and the last events`,
    `Packets from access nodes in no EoGRE profile: ${unknownClientPackets}${unknownClientPackets === 0 ? '' : ' (show twan-profile)'}`,
  ],
};

const nothingFound: Found = { filter: '', peers: [], matching: 0, known: 0, nextCursor: null };

function filterOf({ filter = '' }: ViewArguments): FilterOutcome<SoftgrePeer> {
  return compileFilter(filter, fields);
}

function limitOf({ limit = String(limitDefault) }: ViewArguments) {
  return integerArgument('limit', limit, 1, limitMax);
}

/** An RG of which no event is remembered is silent. */
function silentOf({ silent: text }: ViewArguments) {
  if (text === undefined) return { ok: true as const, is: () => true };
  const least = durationArgument('silent', text);
  if (!least.ok) return least;
  return {
    ok: true as const,
    is: ({ last }: SoftgrePeer) => (last?.ageSeconds ?? Number.POSITIVE_INFINITY) >= least.value,
  };
}

/**
 * Where an RG is in the list. It is what a cursor says, so that nothing has to be kept for whoever pages: an RG that gets another
 * place meanwhile may be met twice, or not.
 */
interface Rank {
  readonly suspected: number;
  readonly denied: number;
  /** When its last event was, in whole milliseconds after the earliest; 0 if none is remembered. */
  readonly heard: number;
  readonly peer: string;
}

type Ranked = SoftgrePeer & { readonly rank: Rank };

function inOrder(left: Rank, right: Rank): number {
  const byFigures = right.suspected - left.suspected || right.denied - left.denied || right.heard - left.heard;
  if (byFigures !== 0 || left.peer === right.peer) return byFigures;
  return left.peer < right.peer ? -1 : 1;
}

function textOf({ suspected, denied, heard, peer }: Rank): string {
  return `${suspected}-${denied}-${heard}-${peer}`;
}

function cursorOf({ cursor }: ViewArguments): ReturnType<typeof refuse> | { ok: true; value: Rank | undefined } {
  if (cursor === undefined) return { ok: true, value: undefined };
  const [, suspected, denied, heard, peer = ''] = /^([01])-(\d{1,9})-(\d{1,15})-(.{2,45})$/.exec(cursor) ?? [];
  if (parseIp(peer) === undefined) {
    return refuse('bad-argument', 'this is no cursor of this list', 'begin again without one');
  }
  return { ok: true, value: { suspected: Number(suspected), denied: Number(denied), heard: Number(heard), peer } };
}

/** What the last events say of UEs at one RG. */
interface Heard {
  subscribers: number;
  denied: number;
  last: LoggedEvent;
}

type Filter = Extract<FilterOutcome<SoftgrePeer>, { ok: true }>['filter'];

/** RGs by what was seen of their tunnels, and those that only the last events name: with pauses, because there may be many. */
async function survey(
  source: ViewSource,
  at: Moment,
  filter: Filter,
  limit: number,
  after: Rank | undefined,
): Promise<Found> {
  const profileOf = (peer: IpAddress): string | undefined => {
    const profile = source.manager.profiles.of(peer);
    return profile?.accessType === 'eogre' ? profile.name : undefined;
  };
  const heard = heardFrom(source.events.subscribers, at);
  const tunnels = await tunnelsSeen(source, ({ side, peer }) => side === 'access' && profileOf(peer) !== undefined);
  let peers: Ranked[] = [];
  let matching = 0;
  let before = 0;
  const consider = (page: readonly TunnelFigures[]): void => {
    const found = page
      .map((figures) => peerOf(source, at, figures, profileOf(figures.peer), heard.get(figures.peer)))
      .filter((peer) => filter.matches(peer));
    const following = found.filter(({ rank }) => after === undefined || inOrder(after, rank) < 0);
    matching += found.length;
    before += found.length - following.length;
    peers = firstOf([...peers, ...following], limit, (left, right) => inOrder(left.rank, right.rank));
  };
  const silent = new Set(heard.keys());
  for (let from = 0; from < tunnels.size; from += tunnelsPerPage) {
    const page = tunnels.slice(from, tunnelsPerPage);
    for (const { peer } of page) silent.delete(peer);
    consider(page);
    await source.pause?.();
  }
  consider([...silent].map((peer) => noTunnelFigures('access', peer)));
  const last = before + peers.length < matching ? peers.at(-1) : undefined;
  return {
    filter: filter.text,
    peers: peers.map(({ rank: _, ...peer }) => peer),
    ...{ matching, known: tunnels.size + silent.size },
    nextCursor: last === undefined ? null : textOf(last.rank),
  };
}

function heardFrom(board: SubscriberBoard, at: Moment): Map<IpAddress, Heard> {
  const heard = new Map<IpAddress, Heard>();
  for (const row of board.rows()) {
    const { access, accessPeer, last } = row;
    if (access !== 'rg' || accessPeer === undefined) continue;
    const known = heard.get(accessPeer) ?? { subscribers: 0, denied: 0, last };
    known.subscribers += 1;
    if (stateAt(row, at.now) === 'denied') known.denied += 1;
    heard.set(accessPeer, known);
  }
  return heard;
}

function peerOf(
  source: ViewSource,
  at: Moment,
  figures: TunnelFigures,
  profile: string | undefined,
  heard: Heard | undefined,
): Ranked {
  const { longestReceived, longestSent } = figures;
  const peer = formatIp(figures.peer);
  const suspicion = suspicionOf(source, at, figures);
  return {
    rank: {
      suspected: suspicion === null ? 0 : 1,
      denied: heard?.denied ?? 0,
      heard: heard === undefined ? 0 : Math.max(0, Math.floor(heard.last.at)) + 1,
      peer,
    },
    peer,
    profile: profile ?? null,
    subscribers: heard?.subscribers ?? 0,
    denied: heard?.denied ?? 0,
    last: heard === undefined ? null : lastOf(heard.last, at),
    longestReceived,
    longestSent,
    suspicion,
  };
}

function lastOf({ event: { name }, text, at: instant }: LoggedEvent, at: Moment): SoftgrePeer['last'] {
  return { name, text, time: timeOf(instant, at), ageSeconds: ageSeconds(instant, at) };
}
