import type { MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { SamogEvent } from '../services/samog/events.ts';

export interface LoggedEvent {
  /** Counted from 1 since the start of the gateway. */
  readonly number: number;
  readonly at: Instant;
  readonly event: SamogEvent;
}

/** The last events of the gateway, in a ring: the oldest is forgotten first. Their texts are made when they are shown. */
export class EventLog {
  readonly eventsMax: number;
  readonly #ring: (LoggedEvent | undefined)[];
  #count = 0;

  constructor(eventsMax = 4096) {
    this.eventsMax = eventsMax;
    this.#ring = new Array<LoggedEvent | undefined>(eventsMax).fill(undefined);
  }

  /** Events since the start, forgotten ones included. */
  get count(): number {
    return this.#count;
  }

  add(event: SamogEvent, at: Instant): void {
    this.#ring[this.#count % this.eventsMax] = { number: this.#count + 1, at, event };
    this.#count += 1;
  }

  /**
   * The latest events, oldest of them first.
   *
   * @param mac only those about this UE; undefined for all
   */
  latest(limit: number, mac?: MacAddress): LoggedEvent[] {
    const found: LoggedEvent[] = [];
    const kept = Math.min(this.#count, this.eventsMax);
    for (let back = 1; back <= kept && found.length < limit; back += 1) {
      const logged = this.#ring[(this.#count - back) % this.eventsMax]!;
      if (mac === undefined || logged.event.mac === mac) found.push(logged);
    }
    return found.reverse();
  }
}
