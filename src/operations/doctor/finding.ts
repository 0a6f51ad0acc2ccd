/** `fault`: the gateway cannot work so; `warning`: it can, and something will be lost or slow; `unknown`: not found out. */
export type Verdict = 'ok' | 'warning' | 'fault' | 'unknown';

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly found: string;
  /** What to do; null if nothing. */
  readonly advice: string | null;
}
