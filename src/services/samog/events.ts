import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { MessageSource } from './event-message.ts';
import type { EventName } from './event-names.ts';

/**
 * What happened, for the event log, the ladder and the tests: a message that came or went, a decision, a failure.
 * Events are bounded by whoever keeps them; the core makes at most one per message.
 */
export interface SamogEvent {
  readonly name: EventName;
  readonly mac: MacAddress | undefined;
  readonly sessionId: number | undefined;
  /** The party at the other end, if the event is a message. */
  readonly peer: IpAddress | undefined;
  /** `rg`, `wlc`, `aaa` or `lma` for a message, `samog` for a decision. */
  readonly party: 'rg' | 'wlc' | 'aaa' | 'lma' | 'samog';
  readonly direction: 'received' | 'sent' | 'internal';
  /** Makes one line for people. Most events are forgotten unread: writing each would cost more than serving its UE. */
  readonly text: () => string;
  /** What went over the wire; absent for what is no message. Read while the event is reported, or never. */
  readonly message?: MessageSource;
}

export type EventSink = (event: SamogEvent) => void;
