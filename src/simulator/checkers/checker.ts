import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
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

/** What the checkers may look at: the gateway itself, the books of the LMAs, and where the UEs are. */
export interface Observed {
  readonly now: Instant;
  /** All instances as one. */
  readonly manager: ManagerReader;
  readonly managers: readonly SessionManager[];
  readonly lmas: readonly LmaBooks[];
  /** When a process that stood still went on: until then it did nothing, so what it repeats ends the later. */
  readonly resumedAt?: Instant;
  /** When a UE was last at the access point of an address; undefined if it never was. */
  lastSeenAt(mac: MacAddress, accessPoint: IpAddress): Instant | undefined;
}

/** States something that always holds. Returns what does not, in words; a checker may remember what it saw before. */
export interface Checker {
  readonly name: string;
  check(observed: Observed): readonly string[];
}
