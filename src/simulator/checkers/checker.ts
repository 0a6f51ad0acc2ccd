import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { SessionManager } from '../../sessmgr/session-manager.ts';

/** A lease as an LMA has it in its books. */
export interface Lease {
  readonly nai: string;
  readonly mac: MacAddress | undefined;
  readonly address: IpAddress;
}

/** The books of an LMA. */
export interface LmaBooks {
  readonly address: IpAddress;
  /** Whether the LMA may have dropped a binding without the gateway knowing yet: it restarted, or was not heard. */
  readonly mayHaveForgotten: boolean;
  leases(): Iterable<Lease>;
}

/** What the checkers may look at: the gateway itself, and the books of the LMAs. */
export interface Observed {
  readonly now: Instant;
  readonly manager: SessionManager;
  readonly lmas: readonly LmaBooks[];
}

/** States something that always holds. Returns what does not, in words; a checker may remember what it saw before. */
export interface Checker {
  readonly name: string;
  check(observed: Observed): readonly string[];
}
