import type { ForwardingCounterName } from '../forwarding/counters.ts';
import type { FlowTable } from '../forwarding/flow-table.ts';
import type { TunnelTable } from '../forwarding/tunnel-figures.ts';
import type { Counters } from '../kernel/counters.ts';
import type { SamogCounter } from '../services/samog/statistics.ts';
import type { SessionManager } from './session-manager.ts';
import type { SessionRegistry } from './session-registry.ts';

export type RegistryReader = Pick<
  SessionRegistry,
  | 'sessionsMax'
  | 'size'
  | 'isFull'
  | 'inState'
  | 'ofType'
  | 'handoffsInProgress'
  | 'hasId'
  | 'ofId'
  | 'ofMac'
  | 'ofNai'
  | 'sessions'
>;
export type FlowsReader = Pick<FlowTable, 'size' | 'unresolved' | 'usage' | 'readBack' | 'slots' | 'visitUsed'> & {
  readonly tunnels: Pick<TunnelTable, 'places' | 'page'>;
};

export type CountersReader<Name extends string> = Pick<Counters<Name>, 'names' | 'get' | 'snapshot'>;

/**
 * What is read of a session manager instance, or of all instances of a chassis as if they were one. Nothing is changed by it, but
 * for what the followers of `visitUsed` have seen.
 */
export interface ManagerReader extends Pick<SessionManager, 'config' | 'profiles'> {
  readonly registry: RegistryReader;
  readonly flows: FlowsReader;
  readonly counters: CountersReader<SamogCounter>;
  readonly forwardingCounters: CountersReader<ForwardingCounterName>;
  readonly crashes: readonly SessionManager['crashes'][number][];
  readonly aaa: Pick<SessionManager['aaa'], 'status'>;
  readonly accounting: Pick<SessionManager['accounting'], 'status'>;
  readonly s2a: { readonly monitor: Pick<SessionManager['s2a']['monitor'], 'status'> };
}
