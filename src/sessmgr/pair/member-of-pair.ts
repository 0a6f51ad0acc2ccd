import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput } from '../../kernel/port.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { ManagerReader } from '../manager-reader.ts';
import type { SessionManager } from '../session-manager.ts';
import type { ChassisOfInstance, InstanceOfPair } from './instance-of-pair.ts';
import type { LedgerReader } from './merged-streams.ts';
import type { ChassisOfPairDependencies } from './options.ts';

/** A session manager instance of a chassis of a pair, in this thread or in one of its own. */
export interface MemberOfPair
  extends Omit<
    Pick<InstanceOfPair, keyof InstanceOfPair>,
    'manager' | 'ledger' | 'epoch' | 'restart' | 'refill' | 'endRefill' | 'reconfigure'
  > {
  readonly ledger: LedgerReader;
}

/** Told how many sessions there are again and how many were lost, if there were any to be served. */
export type Filled = (sessions?: number, lost?: number) => void;

/** What becomes of the thread of an instance that has one. */
export interface MemberThread {
  /** It has ended, and what it had is lost. Returns whether its equal on the peer has everything that was promised. */
  ended(): boolean;
  /**
   * Another one has it, and takes its role.
   * @param asks as of `InstanceOfPair.refill`
   * @param filled told once when its packets may come, unless it ends before: a standby need not wait for its records
   */
  begun(asks: boolean, filled: Filled): void;
  /** As of `InstanceOfPair`. */
  endRefill(): void;
}

/** The instances of a chassis that are in other threads. */
export interface MembersApart {
  /** All of them as one. */
  readonly reader: ManagerReader;
  /** Those that can be seen from here after all. */
  readonly managers: readonly SessionManager[];
  readonly receive: PacketInput['receive'];
  clear(mac: MacAddress): void;
  reconfigure(samog: SamogConfig): void;
  /** What they send may leave; false from the moment of the call on. */
  serve(serves: boolean): void;
  /** The ports are open. */
  start(now: Instant): void;
  /** As of `InstanceGroup`. */
  holdAccounting(now: Instant): void;
  announceAccounting(now: Instant, once: boolean): void;
  releaseAccounting(now: Instant): void;
  member(index: number, chassis: ChassisOfInstance): MemberOfPair & MemberThread;
}

/** What a chassis of a pair is made with, wherever its instances are. */
export interface DependenciesWithMembers extends ChassisOfPairDependencies {
  /** The session manager instances, if they are not in this thread. */
  readonly apart?: MembersApart;
}
