/** The script that measures a pair in a network namespace of its own, and prints the result of the benchmark as JSON. */
import { assertOwnNamespace } from '../../pair/own-namespace.ts';
import type { BenchResult } from '../bench.ts';
import type { BenchRow } from '../report.ts';
import { attachNames, attachRows } from './attach-rows.ts';
import type { IcsrOptions } from './icsr-bench.ts';
import { insideNames, insideRows } from './inside-rows.ts';
import { interruptionNames, interruptionRows } from './interruption-rows.ts';
import { PairRig } from './pair-rig.ts';
import { restartNames, restartRows } from './restart-rows.ts';
import { synchronisationNames, synchronisationRows } from './synchronisation-rows.ts';

/** Rows that are measured together. */
interface Part {
  readonly names: readonly string[];
  rows(): Promise<BenchRow[]>;
}

async function measure(options: IcsrOptions): Promise<BenchResult> {
  const { sessions, warmUp, count, synchronisedSessions } = options;
  const only = new RegExp(options.only ?? '');
  const rig = await PairRig.make(Math.max(sessions, warmUp + 3 * count), options.profile);
  const parts: readonly Part[] = [
    { names: interruptionNames, rows: () => interruptionRows(rig, options) },
    { names: restartNames(sessions), rows: () => restartRows(rig, sessions) },
    { names: attachNames, rows: () => attachRows(rig, options) },
    { names: insideNames, rows: () => insideRows(rig, options) },
    { names: synchronisationNames, rows: () => synchronisationRows(rig, synchronisedSessions) },
  ];
  const rows: BenchRow[] = [];
  for (const part of parts.filter(({ names }) => names.some((name) => only.test(name))))
    rows.push(...(await part.rows()));
  await rig.close();
  return { driver: rig.driver, rows: rows.filter(({ name }) => only.test(name)) };
}

assertOwnNamespace();
// Whoever started this process has ended, and with it everybody who would read the result.
process.stdin.resume().once('close', () => process.exit(1));
const result = await measure(JSON.parse(process.argv[2]!) as IcsrOptions);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
