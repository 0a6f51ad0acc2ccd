import { attachAll } from '../attach-bench.ts';
import { initialAccess } from '../handover-bench.ts';
import type { BenchRow } from '../report.ts';
import type { Pace, WorkResult } from '../work-loop.ts';
import type { ChassisProcess, ChassisSample, InsideResult } from './chassis-process.ts';
import type { IcsrOptions } from './icsr-bench.ts';
import { judgedRow, medianOf } from './judged-row.ts';
import type { PairRig } from './pair-rig.ts';
import { type ThreadTimes, timesEach } from './thread-times.ts';

/** The load sends once in so long: it leaves its processor to the chassis in between. */
const tickMs = 1;
/** The parts of the pace at which the processors have some time, and much. */
const slower = { moderate: 2 / 5, atEase: 1 / 10 } as const;
/** A gateway that runs for long has compiled what it needs; until then V8's own threads take a fifth of two processors. */
const insideWarmUps = 4;
/** Of the pace, that is kept at least; the rest is the time that the last attaches take. */
const keptPart = 0.95;

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

interface SlowerFigures {
  readonly rate: number;
  readonly acknowledgements: ChassisSample['acknowledgements'];
}

/** How soon a standby acknowledges what an active says that has everybody around it in its own process. */
interface InsideFigures {
  readonly paced: InsideResult;
  /** At the pace, and at parts of it. */
  readonly acknowledgements: ChassisSample['acknowledgements'];
  readonly slower: Readonly<Record<keyof typeof slower, SlowerFigures>>;
  /** Of an attach: the active with its load, and the standby, all threads. */
  readonly cpuMicroseconds: number;
  readonly standbyCpuMicroseconds: number;
  /** The same by sort of thread. */
  readonly threads: ThreadTimes;
  readonly standbyThreads: ThreadTimes;
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
  const inside: InsideFigures[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const lone = await rig.startAlone();
    alone.push(await attachFigures(rig, options, lone));
    await rig.end(lone);
    const { a, b } = await rig.startPair(0, 'patient');
    paired.push(await attachFigures(rig, options, a, b));
    await rig.end(b, a);
    inside.push(await insideFigures(rig, options));
  }
  return [
    attachRow('attach-alone', alone, options),
    attachRow('attach-paired', paired, options),
    costRow(alone, paired),
    pacedRow('attach-paced-alone', alone, options),
    pacedRow('attach-paced-paired', paired, options),
    insideRow(inside, options),
    acknowledgementRow(inside, options),
    slowerRow('acknowledgement-moderate', 'moderate', inside, options),
    slowerRow('acknowledgement-at-ease', 'atEase', inside, options),
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

/** The same pace without sockets and processes for the load, which leave two processors no room for the pair itself. */
async function insideFigures(rig: PairRig, options: IcsrOptions): Promise<InsideFigures> {
  const { count, window, ratePerSecond } = options;
  const warmUp = insideWarmUps * options.warmUp;
  const parts = { moderate: Math.ceil(count * slower.moderate), atEase: Math.ceil(count * slower.atEase) };
  const all = warmUp + count + parts.moderate + parts.atEase;
  const { a, b } = await rig.startPair(0, 'patient', all);
  const warm = await a.attachInside(0, warmUp, { window });
  const before = await a.sample(true);
  const standbyBefore = await b.sample(true);
  const paced = await a.attachInside(warmUp, count, { ratePerSecond, tickMs });
  const after = await a.sample(true);
  const standbyAfter = await b.sample();
  const attachSlower = (first: number, part: keyof typeof slower): Promise<InsideResult> =>
    a.attachInside(first, parts[part], { ratePerSecond: ratePerSecond * slower[part], tickMs });
  const moderate = await attachSlower(warmUp + count, 'moderate');
  const afterModerate = await a.sample(true);
  const eased = await attachSlower(warmUp + count + parts.moderate, 'atEase');
  const end = await a.sample();
  await rig.end(b, a);
  return {
    paced,
    acknowledgements: after.acknowledgements,
    slower: {
      moderate: { rate: moderate.rate, acknowledgements: afterModerate.acknowledgements },
      atEase: { rate: eased.rate, acknowledgements: end.acknowledgements },
    },
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / count,
    standbyCpuMicroseconds: (standbyAfter.cpuMicroseconds - standbyBefore.cpuMicroseconds) / count,
    threads: timesEach(before.threads, after.threads, count),
    standbyThreads: timesEach(standbyBefore.threads, standbyAfter.threads, count),
    commitTimeouts: end.commitTimeouts - before.commitTimeouts,
    failures: warm.failures + paced.failures + moderate.failures + eased.failures + end.faults + (all - end.sessions),
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

function insideRow(rounds: readonly InsideFigures[], { ratePerSecond, count }: IcsrOptions): BenchRow {
  const median = (figure: (one: InsideFigures) => number): number => medianOf(rounds.map(figure));
  return {
    name: 'attach-paced-inside',
    rate: median(({ paced }) => paced.rate),
    unit: 'attach/s',
    p50Ms: median(({ paced }) => paced.p50Ms),
    p99Ms: median(({ paced }) => paced.p99Ms),
    cpuMicroseconds: median(({ cpuMicroseconds }) => cpuMicroseconds),
    standbyCpuMicroseconds: median(({ standbyCpuMicroseconds }) => standbyCpuMicroseconds),
    loadMicroseconds: median(({ paced }) => paced.loadMicroseconds),
    mainThreadMicroseconds: median(({ threads }) => threads.main),
    linkThreadMicroseconds: median(({ threads }) => threads.link),
    storeThreadMicroseconds: median(({ threads }) => threads.store),
    helperThreadsMicroseconds: median(({ threads }) => threads.helper),
    standbyMainThreadMicroseconds: median(({ standbyThreads }) => standbyThreads.main),
    standbyLinkThreadMicroseconds: median(({ standbyThreads }) => standbyThreads.link),
    standbyStoreThreadMicroseconds: median(({ standbyThreads }) => standbyThreads.store),
    standbyHelperThreadsMicroseconds: median(({ standbyThreads }) => standbyThreads.helper),
    processorsAtPace: median((one) => ((one.cpuMicroseconds + one.standbyCpuMicroseconds) * ratePerSecond) / 1e6),
    ratePerSecond,
    count,
    commitTimeouts: rounds.reduce((sum, { commitTimeouts }) => sum + commitTimeouts, 0),
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
  };
}

function acknowledgementRow(rounds: readonly InsideFigures[], { ratePerSecond }: IcsrOptions): BenchRow {
  const times = rounds.map(({ acknowledgements }) => acknowledgements);
  const judged = judgedRow(
    'acknowledgement-p99',
    times.map(({ p99Ms }) => p99Ms),
  );
  // A pace that was not kept says nothing of the time that it would take.
  const isKept = medianOf(rounds.map(({ paced }) => paced.rate)) >= keptPart * ratePerSecond;
  return { ...judged, met: isKept ? judged['met']! : 'no', ...figuresOf(times), ratePerSecond };
}

/** No goal, but what the goal's figure would be on processors that are not full. */
function slowerRow(
  name: string,
  part: keyof typeof slower,
  rounds: readonly InsideFigures[],
  { ratePerSecond }: IcsrOptions,
): BenchRow {
  const figures = rounds.map((round) => round.slower[part]);
  const times = figuresOf(figures.map(({ acknowledgements }) => acknowledgements));
  return {
    name,
    rate: times.p99Ms,
    unit: 'ms',
    ...times,
    keptRate: medianOf(figures.map(({ rate }) => rate)),
    ratePerSecond: ratePerSecond * slower[part],
  };
}

function figuresOf(times: readonly ChassisSample['acknowledgements'][]) {
  return {
    p50Ms: medianOf(times.map(({ p50Ms }) => p50Ms)),
    p99Ms: medianOf(times.map(({ p99Ms }) => p99Ms)),
    checkpoints: times.reduce((sum, { count }) => sum + count, 0),
  };
}
