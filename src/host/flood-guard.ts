import type { IpPrefix, Ipv4Address } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import { PrefixTable } from '../kernel/prefix-table.ts';
import type { SourceRule } from './sockets/source-filter.ts';

/** Who may send to a port, and how much. */
export interface ExpectedClients {
  readonly clients: readonly { readonly prefix: IpPrefix; readonly ratePerSecond: number }[];
}

/** Packets of one second that no guard looks at: a port takes as many without harm, on however slow a machine. */
const calmPackets = 1000;
/** Beyond these, packets of all that are no clients. */
const strangersMax = 1000;
/** A client may have so many times its rate, and is dropped one by one; more is a flood. */
const clientMargin = 2;
const windowMs = 1000;
/** Sources told apart in a second, and those that a shield names. */
const sourcesMax = 4096;
const exceptionsMax = 64;
/** Four instructions each, of 4096 that the kernel takes. */
const prefixesMax = 900;

/**
 * Sees when a port is flooded, and by whom: then the kernel drops what they send, before it takes a place in the receive buffer or
 * costs a system call. In a calm second it counts and does nothing else.
 *
 * Until a flood is seen, packets are refused and counted by the core, one by one. How long a shield stands is for `ShieldCourse` to say.
 */
export class FloodGuard {
  #prefixes: readonly IpPrefix[] = [];
  #rates = new PrefixTable<number>([]);
  readonly #raise: (rule: SourceRule) => void;
  #windowEnd: Instant = 0;
  #packets = 0;
  #strangers = 0;
  #bySource = new Map<Ipv4Address, number>();
  #except = new Set<Ipv4Address>();
  #only: readonly IpPrefix[] | undefined;

  /** @param raise has the kernel take only what the rule says, instead of what the last one said */
  constructor(expected: ExpectedClients, raise: (rule: SourceRule) => void) {
    this.#raise = raise;
    this.expect(expected);
  }

  expect({ clients }: ExpectedClients): void {
    this.#prefixes = clients.map(({ prefix }) => prefix);
    this.#rates = new PrefixTable(clients.map(({ prefix, ratePerSecond }) => [prefix, ratePerSecond]));
  }

  /** Counts a packet. */
  saw(source: Ipv4Address, now: Instant): void {
    if (now >= this.#windowEnd) this.#begin(now);
    this.#packets += 1;
    if (this.#packets > calmPackets) this.#tally(source);
  }

  /** The kernel takes everything again. */
  lowered(): void {
    this.#except = new Set();
    this.#only = undefined;
    this.#windowEnd = 0;
  }

  #begin(now: Instant): void {
    this.#windowEnd = now + windowMs;
    this.#packets = 0;
    this.#strangers = 0;
    if (this.#bySource.size > 0) this.#bySource = new Map();
  }

  #tally(source: Ipv4Address): void {
    const rate = this.#rates.of(source);
    if (rate === undefined) {
      this.#strangers += 1;
      // Sources can be forged: of strangers no shield names any.
      if (this.#strangers !== strangersMax || this.#only !== undefined || this.#prefixes.length > prefixesMax) return;
      this.#only = this.#prefixes;
    } else {
      const count = (this.#bySource.get(source) ?? 0) + 1;
      if (count === 1 && this.#bySource.size >= sourcesMax) return;
      this.#bySource.set(source, count);
      if (count <= rate * clientMargin || this.#except.has(source) || this.#except.size >= exceptionsMax) return;
      this.#except.add(source);
    }
    this.#raise({ only: this.#only, except: [...this.#except] });
  }
}
