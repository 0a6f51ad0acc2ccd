/** What of the configuration is to be seen in alarms; the rest is in `ConfigurationStatus`. */
export interface ConfigurationReader {
  status(): {
    readonly unconfirmed: { readonly who: string; readonly until: string } | null;
    readonly awaitsRestart: readonly string[];
  };
}
