import type { IdentifierMaps } from '../../icsr/instance/identifier-maps.ts';
import type { PeerInstance } from '../../icsr/instance/instance-records.ts';
import type { ReplicationCounter } from '../../icsr/replication/counters.ts';
import type { ReceiverMessage, SenderMessage } from '../../icsr/replication/replication-receiver.ts';
import type { KindView, SessionCheckpoints } from '../../icsr/replication/statistics.ts';
import type { StreamPosition } from '../../wire/srp/messages.ts';
import type { StreamStatus } from './merged-streams.ts';
import type { PairCounter } from './pair-counters.ts';

/** What a chassis of a pair tells a session manager instance that is in another thread: the methods of `MemberOfPair`. */
export type ToMember =
  /** As `ChassisOfInstance` would say it, and whether records are taken. Goes before whatever depends on it. */
  | {
      readonly kind: 'chassis';
      readonly isLinked: boolean;
      readonly highestTerm: number;
      readonly reads: boolean;
    }
  | {
      readonly kind:
        | 'beginStandby'
        | 'connected'
        | 'disconnected'
        | 'settle'
        | 'goOn'
        | 'keepPromises'
        | 'audit'
        | 'endRefill';
    }
  /** As `beginStandby`, with the rows that it was sent: it takes the place of another. */
  | { readonly kind: 'standbyAgain' }
  /** As of `InstanceOfPair`; what was kept are the rows that it was sent. `restartCounter` is the service's. */
  | { readonly kind: 'refill'; readonly asks: boolean; readonly after: number; readonly restartCounter: number }
  | { readonly kind: 'answerCame'; readonly message: ReceiverMessage }
  | { readonly kind: 'recordsCame'; readonly term: number; readonly message: SenderMessage; readonly reads: boolean }
  | { readonly kind: 'endsAt'; readonly positions: readonly StreamPosition[] }
  | { readonly kind: 'nack'; readonly cmdId: number; readonly enabled: boolean };

/** What the instance tells its chassis: the methods of `ChassisOfInstance`. */
export type FromMember =
  | { readonly kind: 'synchronised' | 'peerReady'; readonly is: boolean }
  | { readonly kind: 'barrierReached' | 'settled' }
  | { readonly kind: 'refilled'; readonly sessions: number; readonly refused: number }
  | { readonly kind: 'send'; readonly message: SenderMessage | ReceiverMessage }
  | { readonly kind: 'count'; readonly counter: PairCounter; readonly by: number };

/** What an instance of a chassis of a pair shows beside what every instance does. */
export interface MemberLook {
  readonly stream: StreamStatus;
  readonly counts: Readonly<Record<ReplicationCounter, number>>;
  readonly kinds: readonly KindView[];
  /** As of `LatencyCounts`. */
  readonly acknowledgements: Float64Array;
  readonly identifiers: { readonly own: IdentifierMaps; readonly peer: PeerInstance | undefined };
  /** Of the sessions that were found, by their identifiers. */
  readonly checkpoints: readonly (readonly [number, SessionCheckpoints])[];
}
