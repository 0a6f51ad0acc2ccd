import type { Instant } from '../../kernel/instant.ts';
import type { AlarmName, AlarmSeverity } from './alarm-catalogue.ts';

/** What an alarm is about, and whom it touches. */
export interface AlarmTouches {
  /** How many sessions it touches now; null where that cannot be told without walking all. */
  readonly sessions: number | null;
  /** Who or what that is, in words. */
  readonly what: string;
}

/** Something that is wrong now. It stands as long as it is so, and then is gone by itself. */
export interface StandingAlarm {
  readonly alarm: AlarmName;
  readonly severity: AlarmSeverity;
  /** What it is about, such as a server; null if it is the chassis as a whole. */
  readonly about: string | null;
  readonly meaning: string;
  /** The command that tells more. */
  readonly seeAlso: string;
  readonly touches: AlarmTouches;
}

/** Who has taken an alarm on, and when. */
export interface Acknowledgement {
  readonly by: string;
  readonly at: Instant;
  readonly note: string | undefined;
}

/** An acknowledgement of a run before this one, of an alarm that stood when that ended. */
export interface FormerAcknowledgement extends Acknowledgement, Pick<StandingAlarm, 'alarm' | 'severity' | 'about'> {}

/** One time that an alarm was raised. */
export interface AlarmRecord extends StandingAlarm {
  /** Counted from 1 since the start of the gateway. */
  readonly number: number;
  readonly raisedAt: Instant;
  /** Undefined while it stands. */
  readonly clearedAt: Instant | undefined;
  readonly acknowledgement: Acknowledgement | undefined;
}

/** What became of an alarm; `changed`: its severity is another. */
export interface AlarmChange {
  readonly kind: 'raised' | 'changed' | 'cleared' | 'acknowledged';
  readonly record: AlarmRecord;
}

/** What is shown of alarms. */
export interface AlarmReader {
  /** Those that stand, oldest first. */
  standing(): readonly AlarmRecord[];
  /** Those that were cleared last, latest first. */
  cleared(limit: number): readonly AlarmRecord[];
  /** Alarms raised since the start. */
  readonly total: number;
}
