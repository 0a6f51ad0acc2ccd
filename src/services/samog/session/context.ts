import type { AccessLists } from '../../../forwarding/filter.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Counted } from '../accounting/account.ts';
import type { SamogConfig } from '../config.ts';

/** What a session's step may know of the world: time, randomness, the operator's options, and its own traffic. */
export interface SessionContext extends Context {
  readonly config: SamogConfig;
  /** What `config.accessLists` says, compiled. */
  readonly accessLists: AccessLists;
  /** Whether a DHCP-trigger TWAN profile is associated with the MRME service (seed, step 01). */
  readonly hasDhcpTriggerProfile: boolean;
  /** Whether anybody listens to reports. */
  readonly reporting: boolean;
  /** Packets of the session the data path has counted, both directions. */
  packetsOf(sessionId: number): number;
  /** What the data path has forwarded of the session. */
  countedOf(sessionId: number): Counted;
  /** The same of a session that ends with this step: the data path forwards nothing of it any more. */
  finalCountOf(sessionId: number): Counted;
}
