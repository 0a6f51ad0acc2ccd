import type { Problem } from '../config/problem.ts';
import type { SettingChange } from './change.ts';
import type { ConfigurationVersion } from './reader.ts';

/** A commit that goes back by itself unless it is confirmed in time. */
export interface UnconfirmedCommit {
  readonly who: string;
  readonly at: string;
  readonly until: string;
  readonly secondsLeft: number;
  readonly comment: string | null;
}

/** A commit that waits for its time. */
export interface ScheduledCommit {
  readonly who: string;
  readonly at: string;
  readonly secondsLeft: number;
  readonly comment: string | null;
}

/** The last commit that was taken back. */
export interface RolledBackCommit {
  readonly who: string;
  readonly at: string;
  /** Why: nobody confirmed it in time, somebody cancelled it, or the gateway was started again. */
  readonly because: 'not-confirmed' | 'cancelled' | 'restarted';
}

/** `show configuration` without the configuration: how things stand with it. */
export interface ConfigurationStatus {
  readonly file: string;
  /** The present one. */
  readonly version: ConfigurationVersion;
  readonly unconfirmed: UnconfirmedCommit | null;
  readonly scheduled: ScheduledCommit | null;
  /** Null if none was since the start. */
  readonly rolledBack: RolledBackCommit | null;
  /** Paths of settings that are committed, and wait for the next start. */
  readonly awaitsRestart: readonly string[];
  /** The file was changed beside the gateway, which has not taken that. */
  readonly isEditedBeside: boolean;
  readonly candidates: readonly {
    readonly who: string;
    /** When it was changed last. */
    readonly at: string;
    /** It was begun of a configuration that is not the present one any more. */
    readonly isOutdated: boolean;
  }[];
}

export interface ConfigurationHistory {
  /** The present one first. */
  readonly versions: readonly ConfigurationVersion[];
  /** So many former ones are kept. */
  readonly keptMax: number;
}

export interface ConfigurationText {
  readonly version: ConfigurationVersion;
  /** With `(hidden)` for each secret. */
  readonly text: string;
}

/** What somebody is preparing. Secrets are `(hidden)`. */
export interface CandidateAnswer {
  readonly who: string;
  /** Of the configuration that it was begun of. */
  readonly basedOn: number;
  /** Another one is in force by now: `configure refresh` brings the candidate up to it. */
  readonly isOutdated: boolean;
  readonly text: string;
  /** What it changes of the configuration that is in force. */
  readonly changes: readonly SettingChange[];
}

export interface CompareAnswer {
  /** Of the configuration that is compared with; it counts as the former. */
  readonly from: number;
  readonly changes: readonly SettingChange[];
}

/** What of a candidate waits for the next start. */
export interface AtRestart {
  readonly paths: readonly string[];
  /** Of settings that usually need none. */
  readonly reasons: readonly string[];
  /** What a restart would do, as `ends 12 sessions`. */
  readonly disturbs: string;
}

export interface CheckAnswer {
  readonly ok: boolean;
  /** All of them, in the order of the candidate. */
  readonly problems: readonly Problem[];
  readonly changes: readonly SettingChange[];
  readonly atRestart: AtRestart | null;
}

export interface CommitAnswer extends CheckAnswer {
  /** False for refusals. */
  readonly ok: boolean;
  /**
   * `committed`; `scheduled`, for `commitAt`: nothing has changed yet; `awaits-confirmation`: in force until `confirmBy`; `confirmed`; `unchanged`: there is nothing to do. The rest are
   * refusals: `invalid`, for its problems; `needs-restart`, for what cannot be taken now; then nothing has changed.
   */
  readonly outcome:
    | 'committed'
    | 'scheduled'
    | 'awaits-confirmation'
    | 'confirmed'
    | 'unchanged'
    | 'invalid'
    | 'needs-restart';
  /** Of the configuration that is in force. */
  readonly version: number;
  readonly confirmBy: string | null;
  readonly commitAt: string | null;
  /** The peer has to have the same, and does not get it by itself. */
  readonly isOfPair: boolean;
}
