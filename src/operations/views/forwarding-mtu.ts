import { mergedTunnels, type TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import { formatIp, type IpAddress } from '../../kernel/address.ts';
import { ageSeconds, fieldLines, tableLines } from './format.ts';
import type { Moment, ViewSource } from './view.ts';

/**
 * What is wrong with a tunnel's MTU, probably. `fragments`: packets come by it in fragments, so the network between carries less
 * than its other end sends. `limit`: packets as long as the limit leave by it, and longer ones have come for it not long ago.
 */
export type MtuSuspicion = 'fragments' | 'limit';

/** One tunnel. Lengths are those of outer packets, IP header included, in octets. */
export interface TunnelMtu {
  readonly side: 'access' | 's2a';
  readonly peer: string;
  /** The longest that may leave by it, as the configuration says. */
  readonly mtu: number;
  readonly longestReceived: number;
  readonly longestSent: number;
  /** SYNs that came by it and had their MSS lowered. */
  readonly mssClamped: number;
  /** ICMP Fragmentation Needed that came by it, from a path behind its other end. */
  readonly fragmentationNeededReceived: number;
  /** Packets that did not fit, and were not to be fragmented; how many of their senders were told; and when the last came. */
  readonly tooLong: number;
  readonly fragmentationNeededSent: number;
  readonly lastTooLongSecondsAgo: number | null;
  /** Packets of UEs that were fragmented to fit. */
  readonly fragmented: number;
  /** Fragments of outer packets that came by it; null where the kernel forwards nothing, because then nobody sees them. */
  readonly fragmentsReceived: number | null;
  /** The longest of them with more to follow: what the network between carries; null if there was none. */
  readonly longestFragment: number | null;
  readonly suspicion: MtuSuspicion | null;
}

export interface ForwardingMtu {
  /** Tunnels that packets came or went by, since the gateway began; and those with a suspicion. */
  readonly total: number;
  readonly suspected: number;
  /** The first of them: those with a suspicion, then by the packets that were too long, then by the longest packet. */
  readonly tunnels: readonly TunnelMtu[];
}

const tunnelsMost = 100;
/** So long ago is not long ago. */
const recentlySeconds = 300;

/** What was seen of tunnels by both paths; of one tunnel's other end, if that is given. */
export function mtuOf(source: ViewSource, at: Moment, peer: IpAddress | undefined): ForwardingMtu {
  const { manager, forwarding } = source;
  const inKernel = forwarding.status().mode !== 'off';
  const all = mergedTunnels([...manager.flows.tunnels.all(), ...forwarding.tunnels()])
    .filter((figures) => peer === undefined || figures.peer === peer)
    .map((figures) => tunnelOf(source, at, figures, inKernel));
  const rank = ({ suspicion }: TunnelMtu): number => (suspicion === null ? 0 : 1);
  const tunnels = all.toSorted(
    (left, right) => rank(right) - rank(left) || right.tooLong - left.tooLong || longestOf(right) - longestOf(left),
  );
  return {
    total: all.length,
    suspected: all.filter(({ suspicion }) => suspicion !== null).length,
    tunnels: tunnels.slice(0, tunnelsMost),
  };
}

function longestOf({ longestReceived, longestSent }: TunnelMtu): number {
  return Math.max(longestReceived, longestSent);
}

function tunnelOf({ config }: ViewSource, at: Moment, figures: TunnelFigures, inKernel: boolean): TunnelMtu {
  const { peer, lastTooLong, fragmentsReceived, longestFragment, ...counts } = figures;
  const mtu = config.cgwService[figures.side].mtu;
  const lastTooLongSecondsAgo = counts.tooLong === 0 ? null : ageSeconds(lastTooLong, at);
  return {
    ...counts,
    peer: formatIp(peer),
    mtu,
    lastTooLongSecondsAgo,
    fragmentsReceived: inKernel ? fragmentsReceived : null,
    longestFragment: longestFragment === 0 ? null : longestFragment,
    suspicion: suspicionOf(figures, mtu, lastTooLongSecondsAgo),
  };
}

function suspicionOf(
  { fragmentsReceived, longestSent }: TunnelFigures,
  mtu: number,
  lastTooLongSecondsAgo: number | null,
): MtuSuspicion | null {
  if (fragmentsReceived > 0) return 'fragments';
  const isRecent = lastTooLongSecondsAgo !== null && lastTooLongSecondsAgo <= recentlySeconds;
  return isRecent && longestSent >= mtu ? 'limit' : null;
}

const suspicionTexts: Readonly<Record<MtuSuspicion, string>> = {
  fragments: 'arrives in fragments',
  limit: 'full, and longer ones come',
};

export function mtuLines({ total, suspected, tunnels }: ForwardingMtu): string[] {
  if (total === 0) return ['No packet has come or gone by a tunnel.'];
  const rows = tunnels.map((tunnel) => [
    tunnel.side,
    tunnel.peer,
    tunnel.mtu,
    tunnel.longestReceived,
    tunnel.longestSent,
    tunnel.mssClamped,
    tunnel.tooLong,
    tunnel.fragmentationNeededSent,
    tunnel.fragmentationNeededReceived,
    tunnel.fragmented,
    tunnel.fragmentsReceived,
    tunnel.suspicion === null ? '' : suspicionTexts[tunnel.suspicion],
  ]);
  return [
    ...tableLines(
      [
        ...['Side', 'Peer', 'MTU', 'Longest In', 'Longest Out', 'Clamped', 'Too Long'],
        ...['FragNeeded Out', 'FragNeeded In', 'Fragmented', 'Fragments In', 'Suspicion'],
      ],
      rows,
    ),
    ...fieldLines([
      ['Tunnels', total],
      ['With A Suspicion', suspected],
    ]),
    ...(tunnels.length < total ? [`Shown: the first ${tunnels.length}; peer ADDRESS shows any`] : []),
  ];
}
