import { TokenBucket } from '../forwarding/token-bucket.ts';
import type { MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { SamogEvent } from '../services/samog/events.ts';

export interface LoggedEvent {
  /** Counted from 1 since the start of the gateway; numbers that are missing were not kept. */
  readonly number: number;
  readonly at: Instant;
  readonly event: Omit<SamogEvent, 'text'>;
  readonly text: string;
}

/** Faster than anybody can read. */
const keptPerSecond = 1000;

/**
 * The last events of the gateway, in a ring: the oldest is forgotten first. Of a flood only so many a second are kept:
 * describing every message costs a busy gateway as much as serving it.
 */
export class EventLog {
  readonly eventsMax: number;
  readonly #ring: (LoggedEvent | undefined)[];
  readonly #budget = new TokenBucket(keptPerSecond);
  #count = 0;
  #added = 0;

  constructor(eventsMax = 4096) {
    this.eventsMax = eventsMax;
    this.#ring = new Array<LoggedEvent | undefined>(eventsMax).fill(undefined);
  }

  /** Events since the start, those not kept included. */
  get count(): number {
    return this.#count;
  }

  /** Events that `latest` can give. */
  get kept(): number {
    return Math.min(this.#added, this.eventsMax);
  }

  add(event: SamogEvent, at: Instant): void {
    this.#count += 1;
    if (!this.#budget.take(at)) return;
    // Described at once: an event that waited for a reader would keep its message, and all that hangs on it, alive.
    const { text, ...others } = event;
    this.#ring[this.#added % this.eventsMax] = { number: this.#count, at, event: others, text: text() };
    this.#added += 1;
  }

  /** So many more happened, which nobody has described. */
  missed(events: number): void {
    this.#count += events;
  }

  /**
   * The latest events, oldest of them first.
   *
   * @param mac only those about this UE; undefined for all
   */
  latest(limit: number, mac?: MacAddress): LoggedEvent[] {
    const found: LoggedEvent[] = [];
    for (let back = 1; back <= this.kept && found.length < limit; back += 1) {
      const logged = this.#ring[(this.#added - back) % this.eventsMax]!;
      if (mac === undefined || logged.event.mac === mac) found.push(logged);
    }
    return found.reverse();
  }
}
