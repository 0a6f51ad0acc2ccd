import type { IpAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { SeededRandom } from '../../kernel/random.ts';

interface Learned<Owner> {
  readonly at: Instant;
  readonly owner: Owner;
}

/**
 * Whom each neighbour takes for the owner of the service addresses. An announcement reaches the neighbours one after the
 * other; until then their packets go to the former owner. None hears an older announcement after a newer one.
 */
export class Neighbours<Owner> {
  readonly #random: SeededRandom;
  readonly #spreadMs: number;
  /** What each has heard or is about to hear, in order. */
  readonly #tables = new Map<IpAddress, Learned<Owner>[]>();
  #latest: Owner | undefined;

  /** @param spreadMs the most that passes until the last neighbour has heard an announcement */
  constructor(random: SeededRandom, spreadMs: number) {
    this.#random = random;
    this.#spreadMs = spreadMs;
  }

  announced(owner: Owner, now: Instant): void {
    this.#latest = owner;
    for (const table of this.#tables.values()) {
      const at = now + this.#random.below(this.#spreadMs * 1000) / 1000;
      table.push({ at: Math.max(at, table.at(-1)!.at), owner });
    }
  }

  /** Where a neighbour's packet goes; undefined while nobody has announced anything. */
  ownerFor(neighbour: IpAddress, now: Instant): Owner | undefined {
    let table = this.#tables.get(neighbour);
    if (table === undefined) {
      if (this.#latest === undefined) return undefined;
      table = [{ at: now, owner: this.#latest }];
      this.#tables.set(neighbour, table);
    }
    while (table.length > 1 && table[1]!.at <= now) table.shift();
    return table[0]!.owner;
  }
}
