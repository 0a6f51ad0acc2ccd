import { Progress } from '../../../host/progress.ts';
import type { BenchRow } from '../report.ts';
import type { Outcome } from './offer.ts';

/**
 * What came out, as a row.
 *
 * @param rows those before it; among them the bare redirect of packets of the same length, which it is compared with
 */
export function rowOf(
  name: string,
  { arrived, sent, came, ...outcome }: Outcome,
  rows: readonly BenchRow[] = [],
): BenchRow {
  const row = { name, rate: arrived, unit: 'packets/s', ...outcome };
  const octets = /^[^0-9]*([0-9]+)/.exec(name)?.[1];
  const bare = rows.find((other) => other.name === `bare-redirect-${octets}`);
  if (bare === undefined) return row;
  return { ...row, ofBare: row.rate / bare.rate, ofBareByCpu: bare.cpuMicroseconds! / row.cpuMicroseconds };
}

/** With the numbers of sessions and packets that nothing is said of. */
const rowsUsually = 51;

/** The rows so far; how many there are is told while all are measured. */
export class Rows {
  readonly all: BenchRow[] = [];
  readonly #progress: Progress | undefined;
  readonly #only: RegExp;

  /** @param only what is in the names of the rows that are wanted, a regular expression; all if left out */
  constructor(only = '') {
    this.#only = new RegExp(only);
    this.#progress = only === '' ? new Progress('rows', rowsUsually) : undefined;
  }

  /** Whether one of them is to be measured. */
  wants(...names: readonly string[]): boolean {
    return names.some((name) => this.#only.test(name));
  }

  /** Measures a row, if it is wanted. */
  measure(name: string, row: () => BenchRow): void {
    if (this.wants(name)) this.push(row());
  }

  push(...rows: readonly BenchRow[]): void {
    this.all.push(...rows);
    this.#progress?.reached(this.all.length, this.all.at(-1)?.name);
  }

  end(): void {
    this.#progress?.end();
  }
}
