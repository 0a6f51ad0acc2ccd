import { DeadlineHeap } from '../kernel/deadline-heap.ts';
import type { Instant } from '../kernel/instant.ts';
import type { SeededRandom } from '../kernel/random.ts';
import type { Datagram, Network } from '../peers/actor.ts';

/** What may go wrong on a directed link: probabilities (0..1) per packet, times in milliseconds. */
export interface LinkFaults {
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  /** Lost by itself. */
  readonly loss: number;
  /** The link enters a burst, in which every packet is lost, for at most `burstMsMax`. */
  readonly burst: number;
  readonly burstMsMax: number;
  /** Delivered twice, each copy with a delay of its own. */
  readonly duplication: number;
  /** Delayed further by at most `reorderingMsMax`, so that later packets overtake it. */
  readonly reordering: number;
  readonly reorderingMsMax: number;
  /** One octet changed. A UDP datagram is lost by that, for its checksum tells; GRE has none. */
  readonly corruption: number;
  /**
   * This direction of the link clogs for at most `clogMsMax`; the other is not affected. What is on it, and what is sent
   * meanwhile, is held back until it is clear again.
   */
  readonly clog: number;
  readonly clogMsMax: number;
}

export const faultless: LinkFaults = {
  latencyMinMs: 1,
  latencyMaxMs: 1,
  loss: 0,
  burst: 0,
  burstMsMax: 0,
  duplication: 0,
  reordering: 0,
  reorderingMsMax: 0,
  corruption: 0,
  clog: 0,
  clogMsMax: 0,
};

/** A directed link, made when first used. */
interface Link {
  lossUntil: Instant;
  clogUntil: Instant;
  /** When the latest packet that keeps its place arrives: the next one does not overtake it. */
  lastAt: Instant;
}

/** What became of the packets sent; `queueMax` is the longest the queue has been. */
export interface NetworkStatistics {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
  clogs: number;
  /** Nobody lives at the destination. */
  unreachable: number;
  queueMax: number;
}

interface InFlight {
  readonly datagram: Datagram;
  readonly link: Link;
}

/** Between two packets of a link that is in order, so that equal delivery times do not reorder them. */
const spacingMs = 0.001;

/**
 * The network of the virtual world: datagrams travel on directed links between addresses, and arrive in the order of
 * their delivery times. Everything left to chance is drawn from the one seeded generator.
 */
export class VirtualNetwork implements Network {
  readonly statistics: NetworkStatistics = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    clogs: 0,
    unreachable: 0,
    queueMax: 0,
  };
  /** Links' faults from now on; packets under way keep their delivery times. */
  faults: LinkFaults;

  readonly #random: SeededRandom;
  readonly #clock: { readonly now: Instant };
  readonly #links = new Map<string, Link>();
  readonly #queue = new DeadlineHeap<InFlight>();

  constructor(faults: LinkFaults, random: SeededRandom, clock: { readonly now: Instant }) {
    this.faults = faults;
    this.#random = random;
    this.#clock = clock;
  }

  send(datagram: Datagram): void {
    const { faults, statistics } = this;
    const random = this.#random;
    const { now } = this.#clock;
    const link = this.#link(datagram);
    statistics.sent += 1;
    if (random.chance(faults.burst)) link.lossUntil = now + random.below(faults.burstMsMax);
    if (random.chance(faults.clog)) {
      statistics.clogs += 1;
      link.clogUntil = now + random.below(faults.clogMsMax);
    }
    if (now < link.lossUntil || random.chance(faults.loss)) {
      statistics.lost += 1;
      return;
    }
    this.#carry(datagram, link);
    if (random.chance(faults.duplication)) {
      statistics.duplicated += 1;
      this.#carry(datagram, link);
    }
  }

  /** When the next packet arrives; `never` if none is under way. */
  nextDelivery(): Instant {
    return this.#queue.peek();
  }

  /** Takes the packet that has arrived by `now`; undefined if there is none, or its link has clogged meanwhile. */
  arrive(now: Instant): Datagram | undefined {
    const due = this.#queue.popDue(now);
    if (due === undefined) return undefined;
    const { datagram, link } = due.key;
    if (now < link.clogUntil) {
      link.lastAt = Math.max(link.lastAt, link.clogUntil) + spacingMs;
      this.#queue.push(link.lastAt, due.key);
      return undefined;
    }
    this.statistics.delivered += 1;
    return datagram;
  }

  /** Ends bursts and clogs; links are faultless but for their latency. */
  calm(): void {
    this.faults = { ...faultless, latencyMinMs: this.faults.latencyMinMs, latencyMaxMs: this.faults.latencyMaxMs };
    for (const link of this.#links.values()) {
      link.lossUntil = 0;
      link.clogUntil = 0;
    }
  }

  #carry(datagram: Datagram, link: Link): void {
    const { faults, statistics } = this;
    const random = this.#random;
    const bytes = datagram.bytes.slice();
    if (bytes.length > 0 && random.chance(faults.corruption)) {
      statistics.corrupted += 1;
      if (datagram.protocol === 'udp') return;
      bytes[random.below(bytes.length)]! ^= 1 + random.below(255);
    }
    const latencyMs = faults.latencyMinMs + random.below(faults.latencyMaxMs - faults.latencyMinMs + 1);
    let at = Math.max(this.#clock.now, link.clogUntil) + latencyMs;
    if (random.chance(faults.reordering)) {
      statistics.reordered += 1;
      at += random.below(faults.reorderingMsMax);
    } else {
      at = Math.max(at, link.lastAt + spacingMs);
      link.lastAt = at;
    }
    this.#queue.push(at, { datagram: { ...datagram, bytes }, link });
    statistics.queueMax = Math.max(statistics.queueMax, this.#queue.size);
  }

  #link(datagram: Datagram): Link {
    const name = `${datagram.source}>${datagram.destination}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      link = { lossUntil: 0, clogUntil: 0, lastAt: 0 };
      this.#links.set(name, link);
    }
    return link;
  }
}
