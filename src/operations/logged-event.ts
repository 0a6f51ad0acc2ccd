import type { Instant } from '../kernel/instant.ts';
import type { EventMessage } from '../services/samog/event-message.ts';
import type { SamogEvent } from '../services/samog/events.ts';

/** An event as the log keeps it. */
export interface LoggedEvent {
  /** Counted from 1 since the start of the gateway; numbers that are missing were not kept. */
  readonly number: number;
  readonly at: Instant;
  readonly event: Omit<SamogEvent, 'text' | 'message'>;
  readonly text: string;
  /** What went over the wire, if anything did: see `EventLog.messageOf`. */
  readonly message?: KeptMessage | undefined;
}

/** An `EventMessage` whose octets are in the ring of octets. */
export interface KeptMessage {
  readonly head: WithoutOctets<EventMessage>;
  /** Octets ever written before it. */
  readonly start: number;
  readonly length: number;
}

type WithoutOctets<Message> = Message extends unknown ? Omit<Message, 'octets'> : never;
