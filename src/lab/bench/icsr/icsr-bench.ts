import { once } from 'node:events';
import { namespaceWay, spawnInNamespace } from '../../pair/own-namespace.ts';
import type { BenchOptions, BenchResult } from '../bench.ts';
import type { BenchRow } from '../report.ts';
import { goals } from './judged-row.ts';

const script = new URL('./icsr-main.ts', import.meta.url);

/** What is measured, and how much of it. */
export interface IcsrOptions {
  /** Sessions of the pair whose role changes. */
  readonly sessions: number;
  /** Sessions that a new standby is sent. */
  readonly synchronisedSessions: number;
  readonly warmUp: number;
  readonly count: number;
  readonly window: number;
  readonly ratePerSecond: number;
  readonly rounds: number;
  readonly profile: string | undefined;
  /** Which rows, by their names; all if left out. */
  readonly only?: string;
}

/**
 * A pair of chassis: how long a change of role interrupts UEs' packets, how soon a standby is READY, and what checkpoints
 * cost. Needs network namespaces, between which the service addresses move; without them its rows say why they are empty.
 *
 * @throws Error if the process that measures ends without a result; what it complains of is on standard error
 */
export async function icsrBench(options: BenchOptions): Promise<BenchResult> {
  const way = namespaceWay();
  if (!way.ok) return { driver: 'none', rows: skippedRows(`${way.what}: ${way.hint}`) };
  const measured: IcsrOptions = {
    sessions: options.sessions ?? 100_000,
    synchronisedSessions: options.memorySessions ?? 1_000_000,
    warmUp: options.warmUp ?? 5000,
    count: options.count ?? 15_000,
    window: options.window ?? 128,
    ratePerSecond: options.ratePerSecond ?? 5000,
    rounds: options.rounds ?? 3,
    profile: options.profile,
    ...(options.only === undefined ? {} : { only: options.only }),
  };
  const child = spawnInNamespace(way.command, script, [JSON.stringify(measured)]);
  let printed = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (exitCode !== 0) throw new Error(`the process that measures ended without a result (${exitCode ?? signal})`);
  return JSON.parse(printed) as BenchResult;
}

function skippedRows(skipped: string): BenchRow[] {
  return Object.entries(goals).map(([name, { unit, below }]) => ({ name, rate: 0, unit, goal: below, skipped }));
}
