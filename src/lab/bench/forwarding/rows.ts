import { Progress } from '../../../host/progress.ts';
import { medianOf } from '../icsr/judged-row.ts';
import type { BenchRow } from '../report.ts';
import type { Outcome } from './offer.ts';

/** The row of the bare redirect that rows of packets of this length are compared with. */
export function limitOf(octets: number): string {
  return `bare-redirect-${octets}`;
}

/** A row beside that of the bare redirect, if there is one among them. */
export function besideBare(row: BenchRow, octets: number, rows: readonly BenchRow[]): BenchRow {
  const bare = rows.find(({ name }) => name === limitOf(octets));
  if (bare === undefined) return row;
  return { ...row, ofBare: row.rate / bare.rate, ofBareByCpu: bare.cpuMicroseconds! / row.cpuMicroseconds! };
}

/** One round of a row. */
export interface Sample extends Outcome {
  /** For how long the thread that serves the interface waited for its processor. */
  readonly waitedMs?: number;
  /** Packets that are missing, by where they were lost. */
  readonly lost?: Readonly<Record<'lostBefore' | 'lostByProgram' | 'lostBehind', number>>;
}

/**
 * The medians of a row's rounds, and all packets that were lost.
 *
 * @param limit the same rounds of what it is compared with, each with its own; without it nothing is compared
 */
export function rowOfRounds(name: string, samples: readonly Sample[], limit?: readonly Sample[]): BenchRow {
  const median = (figure: (sample: Sample, round: number) => number): number => medianOf(samples.map(figure));
  const lost = samples.flatMap((sample) => (sample.lost === undefined ? [] : [sample.lost]));
  const lostAt = (where: keyof NonNullable<Sample['lost']>): number => lost.reduce((sum, each) => sum + each[where], 0);
  return {
    name,
    rate: median(({ arrived }) => arrived),
    unit: 'packets/s',
    best: Math.max(...samples.map(({ arrived }) => arrived)),
    worst: Math.min(...samples.map(({ arrived }) => arrived)),
    rounds: samples.length,
    offered: median(({ offered }) => offered),
    lossPercent: median(({ lossPercent }) => lossPercent),
    leastLossPercent: Math.min(...samples.map(({ lossPercent }) => lossPercent)),
    cpuMicroseconds: median(({ cpuMicroseconds }) => cpuMicroseconds),
    perCore: median(({ perCore }) => perCore),
    ...(limit === undefined
      ? {}
      : {
          ofBare: median(({ arrived }, round) => arrived / limit[round]!.arrived),
          ofBareByCpu: median(({ cpuMicroseconds }, round) => limit[round]!.cpuMicroseconds / cpuMicroseconds),
        }),
    ...(samples[0]?.waitedMs === undefined ? {} : { waitedMs: median(({ waitedMs }) => waitedMs!) }),
    ...(lost.length === 0
      ? {}
      : { lostBefore: lostAt('lostBefore'), lostByProgram: lostAt('lostByProgram'), lostBehind: lostAt('lostBehind') }),
  };
}

/** With the numbers of sessions and packets that nothing is said of; and those that are measured in rounds. */
const rowsUsually = 51;
const rowsInRounds = 36;

/** The rows so far; how many there are is told while all are measured. */
export class Rows {
  readonly all: BenchRow[] = [];
  readonly #progress: Progress | undefined;
  readonly #only: RegExp;

  #steps = 0;

  /** @param only what is in the names of the rows that are wanted, a regular expression; all if left out */
  constructor(rounds: number, only = '') {
    this.#only = new RegExp(only);
    this.#progress = only === '' ? new Progress('measurements', rowsUsually + rounds * rowsInRounds) : undefined;
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
    for (const { name } of rows) this.sampled(name);
  }

  /** A row has been measured once more. */
  sampled(name: string): void {
    this.#steps += 1;
    this.#progress?.reached(this.#steps, name);
  }

  end(): void {
    this.#progress?.end();
  }
}
