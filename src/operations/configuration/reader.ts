/** A commit that goes back by itself unless somebody confirms it. */
export interface AwaitedConfirmation {
  readonly who: string;
  readonly until: string;
  readonly secondsLeft: number;
}

/** How long there is to confirm, in words: minutes, rounded up, and seconds in the last one. */
export function timeToConfirm({ secondsLeft }: Pick<AwaitedConfirmation, 'secondsLeft'>): string {
  return secondsLeft > 60 ? `${Math.ceil(secondsLeft / 60)} min` : `${secondsLeft} s`;
}

/** A configuration that was in force, or is. */
export interface ConfigurationVersion {
  /** Counts up with each commit. */
  readonly number: number;
  /** How many commits ago: 0 is the present one. What `rollback` takes. */
  readonly back: number;
  /** `committed` through the gateway; `edited`: the file was changed beside it; `found`: how the first one came about is not known. */
  readonly kind: 'committed' | 'edited' | 'found';
  /** Null where nobody is known. */
  readonly who: string | null;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly comment: string | null;
}

/** What of the configuration is to be seen in alarms, prompts and at the top of every page; the rest is in `ConfigurationStatus`. */
export interface ConfigurationReader {
  status(): {
    readonly unconfirmed: AwaitedConfirmation | null;
    readonly awaitsRestart: readonly string[];
  };
  /** What is and was in force, the present one first. */
  history(): { readonly versions: readonly ConfigurationVersion[] };
}
