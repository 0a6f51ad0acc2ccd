import type { InterceptionState } from '../../services/samog/intercept/checkpoint.ts';
import type { TargetEntry } from '../../services/samog/intercept/target-table.ts';

/** From the chassis to the intercepts of a session manager instance in another thread. */
export interface InterceptNews {
  readonly entries: readonly TargetEntry[];
  /** How far interceptions had come, for one that begins. */
  readonly states: readonly InterceptionState[];
}

/** For a delivery function. */
export interface InterceptedPdu {
  readonly delivery: string;
  readonly pdu: Uint8Array;
}

/** Those of `Intercepts`, and how many interceptions there are. */
export interface InterceptNumbers {
  readonly followedTo: number | undefined;
  readonly interceptions: number;
  readonly unreadable: number;
  readonly faults: number;
}

/** From the intercepts of an instance to the chassis: what has changed since the last one, and the numbers as they are now. */
export interface InterceptReport extends InterceptNumbers {
  /** In the order in which they were made; room is taken for them. */
  readonly pdus: readonly InterceptedPdu[];
  readonly entries: readonly TargetEntry[];
  readonly states: readonly InterceptionState[];
  /** Keys of interceptions of which nothing has to be known any more. */
  readonly over: readonly string[];
}
