import { TokenBucket } from '../../forwarding/token-bucket.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { EventMessage } from '../../services/samog/event-message.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import type { FromInstance, ToldEvent } from './instance-messages.ts';

/** As many as the event log of a chassis keeps. */
const describedPerSecond = 1000;

/** The events of an instance until they are sent to its chassis: of a flood only so many are described. */
export class ToldEvents {
  readonly #isUrgent: (name: EventName) => boolean;
  readonly #budget = new TokenBucket(describedPerSecond);
  #events: ToldEvent[] = [];
  #missed = 0;

  /** @param isUrgent which events are described however many there are */
  constructor(isUrgent: (name: EventName) => boolean) {
    this.#isUrgent = isUrgent;
  }

  /** Describes an event now; of too many in a second only urgent ones, and how many others there were. */
  add({ text, message, ...event }: SamogEvent, at: Instant): void {
    if (!this.#budget.take(at) && !this.#isUrgent(event.name)) {
      this.#missed += 1;
      return;
    }
    this.#events.push({ ...event, text: text(), at, ...(message === undefined ? {} : { message: copied(message()) }) });
  }

  /** What there is to be sent; undefined if nothing is. */
  take(): Extract<FromInstance, { kind: 'events' }> | undefined {
    if (this.#events.length + this.#missed === 0) return undefined;
    const taken = { kind: 'events', events: this.#events, missed: this.#missed } as const;
    this.#events = [];
    this.#missed = 0;
    return taken;
  }
}

/** It is sent later. */
function copied(message: EventMessage): EventMessage {
  return { ...message, octets: message.octets.slice() };
}
