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

/** What of the configuration is to be seen in alarms, prompts and at the top of every page; the rest is in `ConfigurationStatus`. */
export interface ConfigurationReader {
  status(): {
    readonly unconfirmed: AwaitedConfirmation | null;
    readonly awaitsRestart: readonly string[];
  };
}
