import { TokenBucket } from '../forwarding/token-bucket.ts';
import type { MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { SamogEvent } from '../services/samog/events.ts';

export interface LoggedEvent {
  /** Counted from 1 since the start of the gateway; numbers that are missing were not kept. */
  readonly number: number;
  readonly at: Instant;
  readonly event: SamogEvent;
}

/** Faster than anybody can read. Their texts are made when they are shown, so each holds on to its message until then. */
const keptPerSecond = 1000;

/**
 * The last events of the gateway, in a ring: the oldest is forgotten first. Of a flood only so many a second are kept:
 * holding on to every message for a fraction of a second costs a busy gateway more than serving it.
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
    this.#ring[this.#added % this.eventsMax] = { number: this.#count, at, event };
    this.#added += 1;
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
