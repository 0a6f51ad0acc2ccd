import type { SwitchoverReason } from '../../wire/srp/names.ts';
import type { PeerHello } from './hello.ts';
import type { MonitorKind, PromotionStage } from './state.ts';

/**
 * What can happen to a chassis: facts, in the past tense. Of connections, in their order: the end of a former one is
 * reported before the next begins, or not at all.
 */
export type ChassisEvent =
  | { readonly kind: 'connected'; readonly authenticated: boolean; readonly version: number | undefined }
  | { readonly kind: 'disconnected'; readonly reason: string }
  | { readonly kind: 'helloHeard'; readonly hello: PeerHello }
  /** The peer, which stops serving, asks this chassis to take over. */
  | { readonly kind: 'handoverRequested'; readonly cause: SwitchoverReason }
  /** The peer's answer to our own request. */
  | { readonly kind: 'handoverAnswered'; readonly accepted: boolean }
  /** The last record of a peer that hands over has been applied. */
  | { readonly kind: 'switchoverBarrierReached' }
  /** `nextDeadline` has come: the hello, the dead interval, a limit. */
  | { readonly kind: 'deadlineReached' }
  | { readonly kind: 'promotionStageDone'; readonly stage: PromotionStage }
  | { readonly kind: 'promotionStageFailed'; readonly stage: PromotionStage; readonly reason: string }
  /** As a standby: every instance holds all that its equal had, and its stream has caught up. */
  | { readonly kind: 'synchronised' }
  /** As a standby: a gap could not be replayed, and a table is being sent again. */
  | { readonly kind: 'resynchronisationBegan' }
  /** As the active: how many instances have a caught-up equal. */
  | { readonly kind: 'peerReadyChanged'; readonly instancesReady: number; readonly instances: number }
  | {
      readonly kind: 'monitorChanged';
      readonly name: string;
      readonly monitor: MonitorKind;
      readonly healthy: boolean;
    }
  | {
      readonly kind: 'switchoverRequested';
      readonly cause: 'manual' | 'upgrade' | 'shutdown' | 'session-manager';
      readonly force: boolean;
    }
  | { readonly kind: 'aaaFlagReset' }
  /** An operator knows that the peer, which may have the newer sessions, will not come. */
  | { readonly kind: 'aloneRequested' }
  | {
      readonly kind: 'configurationCompared';
      readonly equal: boolean;
      readonly differences: readonly string[];
    }
  /** This process did not run for so long: silence in that time says nothing of the peer. */
  | { readonly kind: 'stalled'; readonly forMs: number };
