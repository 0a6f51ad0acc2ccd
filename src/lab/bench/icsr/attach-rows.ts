import { attachAll } from '../attach-bench.ts';
import { initialAccess } from '../handover-bench.ts';
import type { BenchRow } from '../report.ts';
import type { Pace, WorkResult } from '../work-loop.ts';
import type { ChassisProcess, ChassisSample } from './chassis-process.ts';
import type { IcsrOptions } from './icsr-bench.ts';
import { tickMs } from './inside-rows.ts';
import { judgedRow, medianOf } from './judged-row.ts';
import type { PairRig } from './pair-rig.ts';

export const attachNames = [
  'attach-alone',
  'attach-paired',
  'checkpoint-cost',
  'attach-paced-alone',
  'attach-paced-paired',
] as const;

/** What attaches cost a gateway that is alone, or the active of a pair. */
interface AttachFigures {
  readonly rate: number;
  readonly cpuMicroseconds: number;
  readonly mainThreadMicroseconds: number;
  /** Of the standby, all its threads; 0 without one. */
  readonly standbyCpuMicroseconds: number;
  readonly pacedRate: number;
  readonly pacedP50Ms: number;
  readonly pacedP99Ms: number;
  /** At the pace; zeros without a standby. */
  readonly acknowledgements: ChassisSample['acknowledgements'];
  readonly commitTimeouts: number;
  readonly failures: number;
}

/**
 * Attaches by DHCP and by PMIPv6 in turn, to a gateway without a peer and to the active of a pair with a READY standby, by
 * turns: as many as it takes, and so many a second.
 */
export async function attachRows(rig: PairRig, options: IcsrOptions): Promise<BenchRow[]> {
  const alone: AttachFigures[] = [];
  const paired: AttachFigures[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const lone = await rig.startAlone();
    alone.push(await attachFigures(rig, options, lone));
    await rig.end(lone);
    const { a, b } = await rig.startPair(0, 'patient');
    paired.push(await attachFigures(rig, options, a, b));
    await rig.end(b, a);
  }
  return [
    attachRow('attach-alone', alone, options),
    attachRow('attach-paired', paired, options),
    costRow(alone, paired),
    pacedRow('attach-paced-alone', alone, options),
    pacedRow('attach-paced-paired', paired, options),
  ];
}

async function attachFigures(
  rig: PairRig,
  options: IcsrOptions,
  chassis: ChassisProcess,
  standby?: ChassisProcess,
): Promise<AttachFigures> {
  const { warmUp, count, window, ratePerSecond } = options;
  const attach = (first: number, pieces: number, pace: Pace): Promise<WorkResult> =>
    attachAll(rig, initialAccess, first, pieces, pace);
  await attach(0, warmUp, { window });
  const before = await chassis.sample();
  const standbyBefore = await standby?.sample();
  const closed = await attach(warmUp, count, { window });
  const after = await chassis.sample(true);
  const standbyAfter = await standby?.sample();
  const paced = await attach(warmUp + count, count, { ratePerSecond, tickMs });
  const end = await chassis.sample(true);
  return {
    rate: closed.rate,
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / count,
    standbyCpuMicroseconds: ((standbyAfter?.cpuMicroseconds ?? 0) - (standbyBefore?.cpuMicroseconds ?? 0)) / count,
    mainThreadMicroseconds: (after.mainThreadMicroseconds - before.mainThreadMicroseconds) / count,
    pacedRate: paced.rate,
    pacedP50Ms: paced.latencies.percentile(0.5),
    pacedP99Ms: paced.latencies.percentile(0.99),
    acknowledgements: end.acknowledgements,
    commitTimeouts: end.commitTimeouts - after.commitTimeouts,
    failures: closed.failures + paced.failures + end.faults + (warmUp + 2 * count - end.sessions),
  };
}

function attachRow(name: string, rounds: readonly AttachFigures[], { count, window }: IcsrOptions): BenchRow {
  const median = (figure: (one: AttachFigures) => number): number => medianOf(rounds.map(figure));
  return {
    name,
    rate: Math.max(...rounds.map(({ rate }) => rate)),
    unit: 'attach/s',
    cpuMicroseconds: median(({ cpuMicroseconds }) => cpuMicroseconds),
    mainThreadMicroseconds: median(({ mainThreadMicroseconds }) => mainThreadMicroseconds),
    standbyCpuMicroseconds: median(({ standbyCpuMicroseconds }) => standbyCpuMicroseconds),
    count,
    window,
    rounds: rounds.length,
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
  };
}

/**
 * How many attaches fewer there are with a standby, in percent, each round by its own baseline. `rate` is by the CPU time
 * of the thread that serves: it is what bounds a gateway that has a machine of its own; `cpuRatio` is that of an attach, paired to
 * alone. `byRate` is as measured, with the standby and the load on the same processors; `rateRatio` is that of the rates.
 */
function costRow(alone: readonly AttachFigures[], paired: readonly AttachFigures[]): BenchRow {
  const fewer = (costOf: (figures: AttachFigures) => number): number[] =>
    paired.map((figures, round) => 100 * (1 - costOf(alone[round]!) / costOf(figures)));
  const times = (figureOf: (figures: AttachFigures) => number): number =>
    medianOf(paired.map((figures, round) => figureOf(figures) / figureOf(alone[round]!)));
  return {
    ...judgedRow(
      'checkpoint-cost',
      fewer(({ mainThreadMicroseconds }) => mainThreadMicroseconds),
    ),
    cpuRatio: times(({ mainThreadMicroseconds }) => mainThreadMicroseconds),
    rateRatio: times(({ rate }) => rate),
    byAllThreads: medianOf(fewer(({ cpuMicroseconds }) => cpuMicroseconds)),
    byRate: medianOf(fewer(({ rate }) => 1 / rate)),
  };
}

function pacedRow(name: string, rounds: readonly AttachFigures[], options: IcsrOptions): BenchRow {
  const median = (figure: (one: AttachFigures) => number): number => medianOf(rounds.map(figure));
  return {
    name,
    rate: median(({ pacedRate }) => pacedRate),
    unit: 'attach/s',
    p50Ms: median(({ pacedP50Ms }) => pacedP50Ms),
    p99Ms: median(({ pacedP99Ms }) => pacedP99Ms),
    acknowledgementP50Ms: median(({ acknowledgements }) => acknowledgements.p50Ms),
    acknowledgementP99Ms: median(({ acknowledgements }) => acknowledgements.p99Ms),
    ratePerSecond: options.ratePerSecond,
    count: options.count,
    commitTimeouts: rounds.reduce((sum, { commitTimeouts }) => sum + commitTimeouts, 0),
  };
}
