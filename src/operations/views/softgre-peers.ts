import { uplinkDropped } from '../../forwarding/counters.ts';
import { noTunnelFigures, type TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import { formatIp, type IpAddress } from '../../kernel/address.ts';
import { firstOf } from '../../kernel/first-of.ts';
import { tunnelsPerPage } from '../../sessmgr/instances/look.ts';
import { compileFilter, type FilterField, type FilterOutcome } from '../filter/filter.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { type SubscriberBoard, stateAt } from '../monitor/subscriber-board.ts';
import { integerArgument, refuseFilter } from './arguments.ts';
import { ageSeconds, durationText, tableLines, timeOf } from './format.ts';
import { type MtuSuspicion, suspicionOf, suspicionTexts, tunnelsSeen } from './forwarding-mtu.ts';
import { type Moment, shown, type View, type ViewArguments, type ViewSource } from './view.ts';

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
    { name: 'limit', value: 'N', description: `the first N, 1 to ${limitMax}; ${limitDefault} if left out` },
  ],
  async survey(source, at, args) {
    const filter = filterOf(args);
    const limit = limitOf(args);
    if (!filter.ok || !limit.ok) return nothingFound;
    return survey(source, at, filter.filter, limit.value);
  },
  build(source, _at, args, found = nothingFound) {
    const filter = filterOf(args);
    if (!filter.ok) return refuseFilter(filter.problem);
    const limit = limitOf(args);
    if (!limit.ok) return limit;
    const unknownClientPackets = source.manager.forwardingCounters.get(uplinkDropped['unknown-client']);
    return shown({ ...found, unknownClientPackets });
  },
  render: ({ peers, matching, known, unknownClientPackets }) => [
    ...tableLines(
      ['RG', 'Profile', 'UEs', 'Denied', 'Longest In', 'Longest Out', 'Age', 'Last', 'Tunnel'],
      peers.map(({ peer, profile, subscribers, denied, longestReceived, longestSent, last, suspicion }) => [
        ...[peer, profile, subscribers, denied, longestReceived, longestSent],
        last === null || last.ageSeconds === null ? null : durationText(last.ageSeconds),
        last === null ? null : last.name,
        suspicion === null ? 'nothing seen' : suspicionTexts[suspicion],
      ]),
    ),
    `Residential gateways: ${peers.length} shown, ${matching} match, ${known} known by packets and the last events`,
    `Packets from access nodes in no EoGRE profile: ${unknownClientPackets}${unknownClientPackets === 0 ? '' : ' (show twan-profile)'}`,
  ],
};

const nothingFound: Found = { filter: '', peers: [], matching: 0, known: 0 };

function filterOf({ filter = '' }: ViewArguments): FilterOutcome<SoftgrePeer> {
  return compileFilter(filter, fields);
}

function limitOf({ limit = String(limitDefault) }: ViewArguments) {
  return integerArgument('limit', limit, 1, limitMax);
}

/** What the last events say of UEs at one RG. */
interface Heard {
  subscribers: number;
  denied: number;
  last: LoggedEvent;
}

type Filter = Extract<FilterOutcome<SoftgrePeer>, { ok: true }>['filter'];

/** RGs by what was seen of their tunnels, and those that only the last events name: with pauses, because there may be many. */
async function survey(source: ViewSource, at: Moment, filter: Filter, limit: number): Promise<Found> {
  const profileOf = (peer: IpAddress): string | undefined => {
    const profile = source.manager.profiles.of(peer);
    return profile?.accessType === 'eogre' ? profile.name : undefined;
  };
  const heard = heardFrom(source.events.subscribers, at);
  const tunnels = await tunnelsSeen(source, ({ side, peer }) => side === 'access' && profileOf(peer) !== undefined);
  let peers: SoftgrePeer[] = [];
  let matching = 0;
  const consider = (page: readonly TunnelFigures[]): void => {
    const found = page
      .map((figures) => peerOf(source, at, figures, profileOf(figures.peer), heard.get(figures.peer)))
      .filter((peer) => filter.matches(peer));
    matching += found.length;
    peers = firstOf([...peers, ...found], limit, worstFirst);
  };
  const silent = new Set(heard.keys());
  for (let from = 0; from < tunnels.size; from += tunnelsPerPage) {
    const page = tunnels.slice(from, tunnelsPerPage);
    for (const { peer } of page) silent.delete(peer);
    consider(page);
    await source.pause?.();
  }
  consider([...silent].map((peer) => noTunnelFigures('access', peer)));
  return { filter: filter.text, peers, matching, known: tunnels.size + silent.size };
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
): SoftgrePeer {
  const { longestReceived, longestSent } = figures;
  return {
    peer: formatIp(figures.peer),
    profile: profile ?? null,
    subscribers: heard?.subscribers ?? 0,
    denied: heard?.denied ?? 0,
    last: heard === undefined ? null : lastOf(heard.last, at),
    longestReceived,
    longestSent,
    suspicion: suspicionOf(source, at, figures),
  };
}

function lastOf({ event: { name }, text, at: instant }: LoggedEvent, at: Moment): SoftgrePeer['last'] {
  return { name, text, time: timeOf(instant, at), ageSeconds: ageSeconds(instant, at) };
}

function worstFirst(left: SoftgrePeer, right: SoftgrePeer): number {
  return (
    Number(right.suspicion !== null) - Number(left.suspicion !== null) ||
    right.denied - left.denied ||
    (left.last?.ageSeconds ?? Number.MAX_SAFE_INTEGER) - (right.last?.ageSeconds ?? Number.MAX_SAFE_INTEGER)
  );
}
