import type { PacketInput, Timed } from '../../kernel/port.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { StreamPosition } from '../../wire/srp/messages.ts';
import type { MemberLook, ToMember } from '../pair/member-messages.ts';
import type { SessionManager } from '../session-manager.ts';
import type { Answers } from './instance-messages.ts';

/** What an instance is besides its half of the conversation with the chassis, on a chassis of a pair. */
export interface InstanceCore extends PacketInput, Timed {
  /** Another object once it has begun anew. */
  readonly manager: SessionManager;
  /** Whether its sessions are to be on disk. */
  readonly isKept: boolean;
  take(message: ToMember): void;
  /** As of `InstanceOfPair`. */
  reconfigure(config: SamogConfig): void;
  /**
   * As of `InstanceOfPair`; says what was recovered if nobody has sent records.
   * @param restartCounter of the service, if so
   */
  commit(restartCounter: number): Answers['commit'];
  /** As of `InstanceOfPair`. */
  readBack(): number;
  finish(): StreamPosition | undefined;
  /** @param ids of the sessions that are shown */
  look(ids: readonly number[]): MemberLook;
  /** Sends what has come together for the chassis. */
  flush(): void;
}
