import { MergedTunnels, type TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import { formatIp, type IpAddress } from '../../kernel/address.ts';
import { firstOf } from '../../kernel/first-of.ts';
import { tunnelsPerPage } from '../../sessmgr/instances/look.ts';
import { ageSeconds, fieldLines, tableLines } from './format.ts';
import { type Moment, shownBy, type ViewSource } from './view.ts';

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

/**
 * What was seen of tunnels by both paths; of one tunnel's other end, if that is given. With pauses, because there may be many: what packets
 * do to the figures meanwhile is seen or not.
 */
export async function surveyMtu(source: ViewSource, at: Moment, peer: IpAddress | undefined): Promise<ForwardingMtu> {
  const all = await tunnelsSeen(source, (figures) => peer === undefined || figures.peer === peer);
  const suspicion = (figures: TunnelFigures) => suspicionOf(source, at, figures);
  let suspected = 0;
  let first: TunnelFigures[] = [];
  for (let from = 0; from < all.size; from += tunnelsPerPage) {
    const page = all.slice(from, tunnelsPerPage);
    suspected += page.filter((figures) => suspicion(figures) !== null).length;
    first = firstOf(
      [...first, ...page],
      tunnelsMost,
      (left, right) =>
        Number(suspicion(right) !== null) - Number(suspicion(left) !== null) ||
        right.tooLong - left.tooLong ||
        longestOf(right) - longestOf(left),
    );
    await source.pause?.();
  }
  const inKernel = source.forwarding.status().mode !== 'off';
  return {
    total: all.size,
    suspected,
    tunnels: first.map((figures) => tunnelOf(source, at, figures, inKernel)),
  };
}

/** What was seen by both paths of the tunnels that are wanted, one row for each; with pauses. */
export async function tunnelsSeen(
  source: ViewSource,
  isWanted: (figures: TunnelFigures) => boolean,
): Promise<MergedTunnels> {
  const all = new MergedTunnels();
  for await (const page of tunnelPages(source)) {
    for (const figures of page) if (isWanted(figures)) all.add(figures);
    await source.pause?.();
  }
  return all;
}

async function* tunnelPages(source: ViewSource): AsyncGenerator<readonly TunnelFigures[], undefined> {
  for (let from: number | undefined = 0; from !== undefined; ) {
    const tunnelsFrom: number = from;
    const page = await shownBy(source, { tunnelsFrom }, () =>
      source.manager.flows.tunnels.page(tunnelsFrom, tunnelsPerPage),
    );
    yield page.figures;
    from = page.next;
  }
  yield* source.forwarding.tunnels();
  return undefined;
}

function longestOf({ longestReceived, longestSent }: TunnelFigures): number {
  return Math.max(longestReceived, longestSent);
}

function tunnelOf(source: ViewSource, at: Moment, figures: TunnelFigures, inKernel: boolean): TunnelMtu {
  const { peer, lastTooLong, fragmentsReceived, longestFragment, ...counts } = figures;
  const lastTooLongSecondsAgo = counts.tooLong === 0 ? null : ageSeconds(lastTooLong, at);
  return {
    ...counts,
    peer: formatIp(peer),
    mtu: source.config.cgwService[figures.side].mtu,
    lastTooLongSecondsAgo,
    fragmentsReceived: inKernel ? fragmentsReceived : null,
    longestFragment: longestFragment === 0 ? null : longestFragment,
    suspicion: suspicionOf(source, at, figures),
  };
}

/** Whether a tunnel probably carries less than the configuration says. */
export function suspicionOf(
  { config }: ViewSource,
  at: Moment,
  { side, fragmentsReceived, longestSent, tooLong, lastTooLong }: TunnelFigures,
): MtuSuspicion | null {
  if (fragmentsReceived > 0) return 'fragments';
  const isRecent = tooLong > 0 && (ageSeconds(lastTooLong, at) ?? 0) <= recentlySeconds;
  return isRecent && longestSent >= config.cgwService[side].mtu ? 'limit' : null;
}

export const suspicionTexts: Readonly<Record<MtuSuspicion, string>> = {
  fragments: 'arrives in fragments',
  limit: 'full, and longer ones come',
};

/** A table of tunnels, a line each, with what their packets tell of the MTU. */
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
