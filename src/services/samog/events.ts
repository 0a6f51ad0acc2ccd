import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
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
  /** The party at the other end, if the event is a message; where a decision takes the UE. */
  readonly peer: IpAddress | undefined;
  /** Whose `peer` is; `samog` for a decision that is about none; `standby` or `active` for the other chassis of a pair. */
  readonly party: 'rg' | 'wlc' | 'aaa' | 'lma' | 'samog' | 'standby' | 'active';
  readonly direction: 'received' | 'sent' | 'internal';
  /** Makes one line for people. Most events are forgotten unread: writing each would cost more than serving its UE. */
  readonly text: () => string;
  /** What went over the wire; absent for what is no message. Read while the event is reported, or never. */
  readonly message?: MessageSource;
}

/** Takes events as they happen. */
export interface EventSink {
  (event: SamogEvent): void;
  /**
   * Asked before an event of a message is made, of which there are many: true if nobody would keep one of this name now.
   * Then it has been counted, and is not to be made. Absent where all are kept.
   */
  readonly onlyCounts?: ((name: EventName, now: Instant) => boolean) | undefined;
}

/** The sink, if it would keep an event of this name now: what is only counted is not made. */
export function keeping(report: EventSink | undefined, name: EventName, now: Instant): EventSink | undefined {
  return report?.onlyCounts?.(name, now) === true ? undefined : report;
}
