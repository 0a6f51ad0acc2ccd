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
   * Fragments of outer packets that came by it, and the longest of them that was not the last of its packet: what the network
   * between carries. Only the fast path sees them; 0 without.
   */
  readonly fragmentsReceived: number;
  readonly longestFragment: number;
}

type Written = { -readonly [Name in keyof TunnelFigures]: TunnelFigures[Name] };

/** Some of the tunnels of a table. */
export interface TunnelPage {
  readonly figures: readonly TunnelFigures[];
  /** The place from which the next page is; undefined after the last one. */
  readonly next: number | undefined;
}

export const noTunnelPage: TunnelPage = { figures: [], next: undefined };

const tunnelsMostDefault = 65_536;
/** Of a table with its usual room. */
export const tunnelPlaces = 2 * tunnelsMostDefault;

/** The tunnels of one side, each in the place that it was given: the one that was known first makes room for a new one. */
interface TunnelSide {
  readonly byPeer: Map<IpAddress, Written>;
  readonly places: Written[];
  /** Where the next one goes. */
  at: number;
}

const noTunnels = (): TunnelSide => ({ byPeer: new Map(), places: [], at: 0 });

/**
 * The figures of tunnels that packets of sessions came or went by. Of more than so many tunnels those are forgotten that were
 * known first.
 */
export class TunnelTable {
  readonly #most: number;
  readonly #sides: Readonly<Record<TunnelSideName, TunnelSide>> = { access: noTunnels(), s2a: noTunnels() };

  /** @param most how many tunnels there is room for on each side */
  constructor(most: number = tunnelsMostDefault) {
    this.#most = most;
  }

  /** A page has its tunnels from places below this, taken or not. */
  get places(): number {
    return 2 * this.#most;
  }

  /** A packet of a session came by the tunnel; `octets` is the length of its outer packet. */
  received(side: TunnelSideName, peer: IpAddress, octets: number): void {
    const figures = this.#of(side, peer);
    if (octets > figures.longestReceived) figures.longestReceived = octets;
  }

  /** A packet of a session left by the tunnel; `octets` is the length of its outer packet. */
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
    yield* this.#sides.access.byPeer.values();
    yield* this.#sides.s2a.byPeer.values();
    return undefined;
  }

  /** So many tunnels from a place on; one that makes room for another meanwhile may be missed. */
  page(from: number, most: number): TunnelPage {
    const isAccess = from < this.#most;
    const [begin, { places }] = isAccess ? [0, this.#sides.access] : [this.#most, this.#sides.s2a];
    const figures = places.slice(from - begin, from - begin + most);
    if (from - begin + most < places.length) return { figures, next: from + most };
    return { figures, next: isAccess ? this.#most : undefined };
  }

  #of(side: TunnelSideName, peer: IpAddress): Written {
    const tunnels = this.#sides[side];
    const known = tunnels.byPeer.get(peer);
    if (known !== undefined) return known;
    const oldest = tunnels.places[tunnels.at];
    if (oldest !== undefined) tunnels.byPeer.delete(oldest.peer);
    const figures: Written = noTunnelFigures(side, peer);
    tunnels.byPeer.set(peer, figures);
    tunnels.places[tunnels.at] = figures;
    tunnels.at = (tunnels.at + 1) % this.#most;
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

const greatest = ['longestReceived', 'longestSent', 'longestFragment', 'lastTooLong'] as const;
const counted = [
  'mssClamped',
  'fragmentationNeededReceived',
  'tooLong',
  'fragmentationNeededSent',
  'fragmented',
  'fragmentsReceived',
] as const;
const rowLength = greatest.length + counted.length;

/**
 * The figures of tunnels that several have seen, one for each tunnel: the greatest lengths, and all counts together. They are
 * numbers in one piece of memory, not an object for each of very many tunnels, which a collector of garbage would have to copy.
 */
export class MergedTunnels {
  readonly #rows = { access: new Map<IpAddress, number>(), s2a: new Map<IpAddress, number>() };
  readonly #peers: { readonly side: TunnelSideName; readonly peer: IpAddress }[] = [];
  #numbers = new Float64Array(64 * rowLength);

  /** How many tunnels there are. */
  get size(): number {
    return this.#peers.length;
  }

  add(figures: TunnelFigures): void {
    const { side, peer } = figures;
    const known = this.#rows[side].get(peer);
    const row = known ?? this.#newRow(side, peer);
    const numbers = this.#numbers;
    let at = row * rowLength;
    for (const name of greatest) {
      numbers[at] = known === undefined ? figures[name] : Math.max(numbers[at]!, figures[name]);
      at += 1;
    }
    for (const name of counted) {
      numbers[at] = numbers[at]! + figures[name];
      at += 1;
    }
  }

  /** So many from a row on, in the order in which they were seen first. */
  slice(from: number, most: number): TunnelFigures[] {
    return this.#peers.slice(from, from + most).map((end, index) => this.#read(end, from + index));
  }

  #newRow(side: TunnelSideName, peer: IpAddress): number {
    const row = this.#peers.length;
    this.#peers.push({ side, peer });
    this.#rows[side].set(peer, row);
    if ((row + 1) * rowLength > this.#numbers.length) {
      const wider = new Float64Array(2 * this.#numbers.length);
      wider.set(this.#numbers);
      this.#numbers = wider;
    }
    return row;
  }

  #read({ side, peer }: { readonly side: TunnelSideName; readonly peer: IpAddress }, row: number): TunnelFigures {
    const figures: Written = noTunnelFigures(side, peer);
    let at = row * rowLength;
    for (const name of [...greatest, ...counted]) {
      figures[name] = this.#numbers[at]!;
      at += 1;
    }
    return figures;
  }
}
