import type { Chassis } from '../../../icsr/chassis/state.ts';
import type { SenderStatus } from '../../../icsr/replication/sender-config.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { LiveSession } from '../../../services/samog/session/state.ts';
import type { ManagerReader } from '../../../sessmgr/manager-reader.ts';
import type { SessionManager } from '../../../sessmgr/session-manager.ts';

/** One chassis of a pair as the checkers see it. A process that has ended is seen as its memory was then. */
export interface ChassisObserved {
  readonly name: string;
  /** Counts the starts of its process. */
  readonly life: number;
  readonly isAlive: boolean;
  /** Alive, and not standing still. */
  readonly isRunning: boolean;
  /** When its process went on last after it stood still. */
  readonly resumedAt: Instant;
  /** Its ports are open. */
  readonly serves: boolean;
  /** A standby that could take over without losing a session. */
  readonly isReady: boolean;
  /** In this life an operator has had it serve before it had waited for its peer. */
  readonly isToldAlone: boolean;
  readonly machine: Chassis;
  /** As its disk has it. */
  readonly storedTerm: number;
  /** The sessions it serves, or would. */
  readonly manager: ManagerReader;
  /** The instances that have them. */
  readonly managers: readonly SessionManager[];
  /** The stream to its standby, if it is active. */
  sender(): SenderStatus | undefined;
  /** Whether it serves a session, or has a record of it, whatever phase the session is in. */
  holds(sessionId: number): boolean;
  /** What its clock shows when the world's shows `now`. */
  clock(now: Instant): Instant;
}

/** What the checkers of a pair may look at. */
export interface PairObserved {
  readonly now: Instant;
  readonly chassis: readonly [ChassisObserved, ChassisObserved];
  /** Octets pass both ways between the two, on one connection, as fast as they usually do. */
  readonly linkIsWhole: boolean;
}

/** States something that always holds of a pair. Returns what does not, in words; it may remember what it saw before. */
export interface PairChecker {
  readonly name: string;
  check(observed: PairObserved): readonly string[];
}

/** The session of an identifier, if it is up there. */
export function liveAt({ manager }: Pick<ChassisObserved, 'manager'>, sessionId: number): LiveSession | undefined {
  const session = manager.registry.ofId(sessionId)?.session;
  return session?.kind === 'Live' ? session : undefined;
}
