import type { Instant } from '../kernel/instant.ts';
import type { ForwardingEntry } from './entry.ts';

/** What a session has moved since it was programmed first: packets and octets of the UE's own IP packets. */
export interface SessionUsage {
  readonly uplinkPackets: number;
  readonly uplinkOctets: number;
  readonly downlinkPackets: number;
  readonly downlinkOctets: number;
  /** When a packet was last forwarded in either direction; undefined if none ever was. */
  readonly lastActivity: Instant | undefined;
}

/** Where something faster than the slow path counts what a session moves; from 0. */
export type CountedPlace = number;
/** The session's packets all come through the slow path, which counts them itself. */
export const notAccelerated = -1;

/**
 * Something that forwards packets of sessions before the slow path meets them, and counts them. A flow table tells it each
 * change of an entry as it makes it, and reads there what has been moved.
 *
 * Where a session has a place, all its packets are counted there, the slow path's too: nothing is lost when the process is,
 * and what was forwarded meanwhile is part of it.
 */
export interface Accelerator {
  /** A flow table begins: sessions that former ones have programmed stay until it has them, or `removeStale` is called. */
  begin(): void;
  /**
   * Has packets of the entry's session forwarded by it, from the end of this turn on at the latest. Returns where they are
   * counted, or `notAccelerated`: then nothing is counted for it from now on, what was counted before can still be read.
   */
  program(entry: ForwardingEntry): CountedPlace;
  /** Whether a new session would be served best with this identifier; any other is as right. */
  prefers(sessionId: number): boolean;
  /** Forgets the sessions of former flow tables that this one has not programmed; returns how many there were. */
  removeStale(): number;
  /** Whether it has the entry as `program` would leave it; true also where it would do nothing. */
  has(entry: ForwardingEntry): boolean;
  /** Forgets a session: nothing of it is forwarded or counted from now on. Does nothing for one that is not known. */
  remove(sessionId: number): void;
  usageOf(place: CountedPlace): SessionUsage;
  /** Packets of both directions: what is cheap to compare. */
  packetsOf(place: CountedPlace): number;
  /** Tells what was used before it counted; what it has counted itself beyond that stays, unless it does not forward now. */
  restore(place: CountedPlace, usage: SessionUsage): void;
  countUplink(place: CountedPlace, octets: number, now: Instant): void;
  countDownlink(place: CountedPlace, octets: number, now: Instant): void;
}
