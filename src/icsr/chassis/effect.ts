import type { ChassisState as ChassisStateName, SwitchoverReason } from '../../wire/srp/names.ts';
import type { Alarm } from './alarm.ts';
import type { PeerHello } from './hello.ts';
import type { Condition } from './readiness.ts';
import type { PromotionStage, TransitionReason } from './state.ts';
import type { ChassisCounter } from './statistics.ts';

/** What the chassis asks of the world: imperatives, as data, to be done in order. */
export type ChassisEffect =
  /** Store the highest term durably; what follows may leave only when that is done. */
  | { readonly kind: 'storeTerm'; readonly term: number }
  | { readonly kind: 'sendHello'; readonly hello: PeerHello }
  /** Run a stage of the promotion and report `promotionStageDone` or `promotionStageFailed`. A later one supersedes it. */
  | { readonly kind: 'startPromotion'; readonly stage: PromotionStage; readonly term: number }
  /** Announce and serve now what is committed; the unfinished stage goes on, and nothing unknown is answered until it ends. */
  | { readonly kind: 'serveEarly'; readonly unfinished: PromotionStage }
  /** Close the ports and give the service addresses up, before anything else is done. Sessions stay as they are; a hold ends. */
  | { readonly kind: 'stopServing'; readonly reason: TransitionReason }
  /** A hand-over has come to nothing: take the service addresses again, announce them, and open the ports. */
  | { readonly kind: 'resumeServing'; readonly reason: TransitionReason }
  /** Announce the service addresses again: another chassis has announced them meanwhile. */
  | { readonly kind: 'announceAgain' }
  /** Send nothing until `releaseServing`: the peer may serve, and we are about to hear of it. */
  | { readonly kind: 'holdServing' }
  | { readonly kind: 'releaseServing' }
  /** Park all timers, make records of the sessions, and abandon a promotion that still runs. */
  | { readonly kind: 'beginStandby' }
  | { readonly kind: 'requestHandover'; readonly cause: SwitchoverReason }
  | { readonly kind: 'acceptHandover' }
  | { readonly kind: 'refuseHandover' }
  /** Flush every stream and mark its end: what follows the last record of this chassis. */
  | { readonly kind: 'sendBarrier' }
  | { readonly kind: 'dropConnection'; readonly reason: 'not-authenticated' | 'own-hello' }
  | { readonly kind: 'raiseAlarm'; readonly alarm: Alarm; readonly detail: string }
  | { readonly kind: 'clearAlarm'; readonly alarm: Alarm }
  | { readonly kind: 'report'; readonly report: ChassisReport }
  /** By one where nothing else is said. */
  | { readonly kind: 'count'; readonly counter: ChassisCounter; readonly by?: number };

/** What goes to the event log. */
export type ChassisReport =
  | {
      readonly name: 'transition';
      readonly from: ChassisStateName;
      readonly to: ChassisStateName;
      readonly reason: TransitionReason;
      readonly term: number;
    }
  | { readonly name: 'term-raised'; readonly term: number; readonly over: number }
  | { readonly name: 'lineage-begun'; readonly lineage: number }
  /** The sessions of a lineage give place to those of another: as many as were served at that moment. */
  | { readonly name: 'lineage-abandoned'; readonly lineage: number; readonly for: number; readonly sessions: number }
  | { readonly name: 'switchover-refused'; readonly failed: readonly Condition[] }
  | { readonly name: 'promotion-stage-failed'; readonly stage: PromotionStage; readonly reason: string }
  | { readonly name: 'connection'; readonly up: boolean; readonly reason: string };

/** Collects the effects of one step, in order. */
export class Emit {
  /** In the order in which they are to be done. */
  readonly effects: ChassisEffect[] = [];

  push(effect: ChassisEffect): void {
    this.effects.push(effect);
  }

  count(counter: ChassisCounter, by = 1): void {
    this.effects.push(by === 1 ? { kind: 'count', counter } : { kind: 'count', counter, by });
  }

  report(report: ChassisReport): void {
    this.effects.push({ kind: 'report', report });
  }
}
