import type { IpAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';

/** Which side of the gateway a tunnel is on. */
export type TunnelSideName = 'access' | 's2a';

/**
 * What packets of UEs say of the MTU of a tunnel, since its first one. Lengths are those of outer packets, IP header included, in
 * octets; 0 where there was none.
 */
export interface TunnelFigures {
  readonly side: TunnelSideName;
  /** The tunnel's other end. */
  readonly peer: IpAddress;
  readonly longestReceived: number;
  readonly longestSent: number;
  /** SYNs that came by it and had their MSS lowered, so that what answers them fits. */
  readonly mssClamped: number;
  /** ICMP Fragmentation Needed that came by it, and went on: beyond its other end a path carries less. */
  readonly fragmentationNeededReceived: number;
  /** Packets toward it that did not fit, and were not to be fragmented. */
  readonly tooLong: number;
  readonly lastTooLong: Instant;
  /** Their senders that were told so; there is a limit to that. */
  readonly fragmentationNeededSent: number;
  /** Packets toward it that were fragmented, because they might be. */
  readonly fragmented: number;
  /**
   * Fragments of outer packets that came by it, and the longest of them that was not the last of its packet: what the network between carries.
   * Only the fast path sees them; 0 without.
   */
  readonly fragmentsReceived: number;
  readonly longestFragment: number;
}

type Written = { -readonly [Name in keyof TunnelFigures]: TunnelFigures[Name] };

const tunnelsMostDefault = 65_536;

/**
 * The figures of tunnels that packets of sessions came or went by. Of more than so many tunnels those are forgotten that were
 * known first.
 */
export class TunnelTable {
  readonly #most: number;
  readonly #sides: Readonly<Record<TunnelSideName, Map<IpAddress, Written>>> = { access: new Map(), s2a: new Map() };

  /** @param most how many tunnels there is room for on each side */
  constructor(most: number = tunnelsMostDefault) {
    this.#most = most;
  }

  received(side: TunnelSideName, peer: IpAddress, octets: number): void {
    const figures = this.#of(side, peer);
    if (octets > figures.longestReceived) figures.longestReceived = octets;
  }

  sent(side: TunnelSideName, peer: IpAddress, octets: number): void {
    const figures = this.#of(side, peer);
    if (octets > figures.longestSent) figures.longestSent = octets;
  }

  mssClamped(side: TunnelSideName, peer: IpAddress): void {
    this.#of(side, peer).mssClamped += 1;
  }

  fragmentationNeededReceived(side: TunnelSideName, peer: IpAddress): void {
    this.#of(side, peer).fragmentationNeededReceived += 1;
  }

  /** @param told whether its sender is told so */
  tooLong(side: TunnelSideName, peer: IpAddress, told: boolean, now: Instant): void {
    const figures = this.#of(side, peer);
    figures.tooLong += 1;
    figures.lastTooLong = now;
    if (told) figures.fragmentationNeededSent += 1;
  }

  fragmented(side: TunnelSideName, peer: IpAddress): void {
    this.#of(side, peer).fragmented += 1;
  }

  *all(): Generator<TunnelFigures, undefined> {
    yield* this.#sides.access.values();
    yield* this.#sides.s2a.values();
    return undefined;
  }

  #of(side: TunnelSideName, peer: IpAddress): Written {
    const tunnels = this.#sides[side];
    const known = tunnels.get(peer);
    if (known !== undefined) return known;
    if (tunnels.size >= this.#most) tunnels.delete(tunnels.keys().next().value!);
    const figures: Written = noTunnelFigures(side, peer);
    tunnels.set(peer, figures);
    return figures;
  }
}

/** Of a tunnel that nothing was seen of. */
export function noTunnelFigures(side: TunnelSideName, peer: IpAddress): TunnelFigures {
  return {
    side,
    peer,
    longestReceived: 0,
    longestSent: 0,
    mssClamped: 0,
    fragmentationNeededReceived: 0,
    tooLong: 0,
    lastTooLong: Number.NEGATIVE_INFINITY,
    fragmentationNeededSent: 0,
    fragmented: 0,
    fragmentsReceived: 0,
    longestFragment: 0,
  };
}

/** The figures of tunnels that several have seen, one for each tunnel: the greatest lengths, and all counts together. */
export function mergedTunnels(all: Iterable<TunnelFigures>): TunnelFigures[] {
  const merged = { access: new Map<IpAddress, Written>(), s2a: new Map<IpAddress, Written>() };
  for (const each of all) {
    const known = merged[each.side].get(each.peer);
    if (known === undefined) merged[each.side].set(each.peer, { ...each });
    else addTo(known, each);
  }
  return [...merged.access.values(), ...merged.s2a.values()];
}

function addTo(known: Written, each: TunnelFigures): void {
  for (const name of ['longestReceived', 'longestSent', 'longestFragment', 'lastTooLong'] as const)
    known[name] = Math.max(known[name], each[name]);
  for (const name of [
    'mssClamped',
    'fragmentationNeededReceived',
    'tooLong',
    'fragmentationNeededSent',
    'fragmented',
    'fragmentsReceived',
  ] as const)
    known[name] += each[name];
}
