import { type ChassisCounter, chassisCounters } from '../../icsr/chassis/statistics.ts';
import { type ReplicationCounter, replicationCounters } from '../../icsr/replication/counters.ts';

/** What a chassis counts beside its machine and its streams. */
export const pairCounters = [
  /** Packets that came while this chassis did not serve. */
  'packets.not-served',
  /** Packets that a session would have sent then. */
  'packets.withheld',
  /** Records that found no place in a promotion. */
  'records.refused',
  /** Planned switchovers that began when AAA had answered all that it had been asked. */
  'handover.settled',
  /** Those that began at their limit, with something unanswered. */
  'handover.not-settled',
  /** Messages of a stream under a term that is over. */
  'stream.fenced',
  /** Messages of the stream of an instance that this chassis has not. */
  'stream.unknown-instance',
  /** Messages of a stream of a peer that has another number of instances. */
  'stream.other-count',
] as const;
export type PairCounter = (typeof pairCounters)[number];

/** Every counter of a chassis of a pair: `show srp statistics`. */
export const redundancyCounters = [...chassisCounters, ...pairCounters, ...replicationCounters] as const;
export type RedundancyCounter = ChassisCounter | ReplicationCounter | PairCounter;
