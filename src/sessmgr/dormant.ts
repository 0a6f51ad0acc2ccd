import type { AbsentFlows } from '../forwarding/flow-table.ts';

/**
 * Sessions that are there and are not made yet: octets of which each becomes a session when somebody looks for it. What wakes one
 * leaves it where every other session is found.
 */
export interface Dormant extends AbsentFlows {
  /** How many; none of them is a UE's second session. */
  readonly size: number;
  hasId(id: number): boolean;
  /** True if there was such a session, which is awake now. */
  wakeId(id: number): boolean;
  wakeNai(nai: string): boolean;
  /** Any of them; false if there is none. */
  wakeNext(): boolean;
}
