import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput } from '../../kernel/port.ts';
import type { ManagerReader } from '../manager-reader.ts';
import type { SessionManager } from '../session-manager.ts';
import type { ChassisOfInstance, InstanceOfPair } from './instance-of-pair.ts';
import type { LedgerReader } from './merged-streams.ts';
import type { ChassisOfPairDependencies } from './options.ts';

/** A session manager instance of a chassis of a pair, in this thread or in one of its own. */
export interface MemberOfPair extends Omit<Pick<InstanceOfPair, keyof InstanceOfPair>, 'manager' | 'ledger'> {
  readonly ledger: LedgerReader;
}

/** The instances of a chassis that are in other threads. */
export interface MembersApart {
  /** All of them as one. */
  readonly reader: ManagerReader;
  /** Those that can be seen from here after all. */
  readonly managers: readonly SessionManager[];
  readonly receive: PacketInput['receive'];
  clear(mac: MacAddress): void;
  /** What they send may leave; false from the moment of the call on. */
  serve(serves: boolean): void;
  /** The ports are open. */
  start(now: Instant): void;
  /** As of `InstanceGroup`. */
  holdAccounting(now: Instant): void;
  announceAccounting(now: Instant, once: boolean): void;
  releaseAccounting(now: Instant): void;
  member(index: number, chassis: ChassisOfInstance): MemberOfPair;
}

/** What a chassis of a pair is made with, wherever its instances are. */
export interface DependenciesWithMembers extends ChassisOfPairDependencies {
  /** The session manager instances, if they are not in this thread. */
  readonly apart?: MembersApart;
}
