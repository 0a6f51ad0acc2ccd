/** The script that measures a pair in a network namespace of its own, and prints the result of the benchmark as JSON. */
import { assertOwnNamespace } from '../../pair/own-namespace.ts';
import type { BenchResult } from '../bench.ts';
import { attachRows } from './attach-rows.ts';
import type { IcsrOptions } from './icsr-bench.ts';
import { interruptionRows } from './interruption-rows.ts';
import { PairRig } from './pair-rig.ts';
import { restartRows } from './restart-rows.ts';
import { synchronisationRows } from './synchronisation-rows.ts';

async function measure(options: IcsrOptions): Promise<BenchResult> {
  const { sessions, warmUp, count, synchronisedSessions } = options;
  const rig = await PairRig.make(Math.max(sessions, warmUp + 3 * count), options.profile);
  const rows = [
    ...(await interruptionRows(rig, options)),
    ...(await restartRows(rig, sessions)),
    ...(await attachRows(rig, options)),
    ...(await synchronisationRows(rig, synchronisedSessions)),
  ];
  await rig.close();
  return { driver: rig.driver, rows };
}

assertOwnNamespace();
// Whoever started this process has ended, and with it everybody who would read the result.
process.stdin.resume().once('close', () => process.exit(1));
const result = await measure(JSON.parse(process.argv[2]!) as IcsrOptions);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
