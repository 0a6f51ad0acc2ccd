import type { BenchRow } from './report.ts';

/** What a benchmark may be told; each has its own defaults, and leaves alone what means nothing to it. */
export interface BenchOptions {
  /** Pieces of the measured work. */
  readonly count?: number;
  /** Pieces done before, unmeasured. */
  readonly warmUp?: number;
  /** Pieces outstanding at a time, in closed loops. */
  readonly window?: number;
  /** Sessions that are up meanwhile. */
  readonly sessions?: number;
  /** Sessions of which the memory is measured, or that a standby is sent. */
  readonly memorySessions?: number;
  /** Pieces begun per second, in open loops. */
  readonly ratePerSecond?: number;
  /** How often what varies is measured. */
  readonly rounds?: number;
  /** A regular expression: rows of `forwarding` and `icsr` whose names it does not match are not measured. */
  readonly only?: string;
  /** Where to leave a CPU profile of the gateway under test. */
  readonly profile?: string;
}

export interface BenchResult {
  readonly driver: string;
  readonly rows: readonly BenchRow[];
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>;
