import type { SrpEnvelope, SrpMessageOf } from '../../wire/srp/messages.ts';
import type { ChassisState as ChassisStateName } from '../../wire/srp/names.ts';

/**
 * What one chassis tells the other of itself, every hello interval and at every change of state: the hello of
 * `wire/srp` with the term of its envelope, which is the highest that the sender knows; if it serves, its own.
 */
export type PeerHello = Pick<SrpEnvelope, 'term'> & Omit<SrpMessageOf<'hello'>, 'kind' | 'number'>;

/** Whether the sender serves, is about to, or has just stopped and may come back: it is not to be overruled by arbitration. */
export function holdsTheRole({ state, handingOver }: Pick<PeerHello, 'state' | 'handingOver'>): boolean {
  return isServing(state) || handingOver !== undefined;
}

/** Whether a chassis in this state serves or is about to. */
export function isServing(state: ChassisStateName): boolean {
  return state === 'ACTIVE' || state === 'PENDING_ACTIVE';
}
