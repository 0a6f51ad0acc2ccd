import type { BenchRow } from '../report.ts';
import type { ChassisProcess, ChassisSample, InsideResult } from './chassis-process.ts';
import type { Echo, RoundTrips } from './echo.ts';
import type { IcsrOptions } from './icsr-bench.ts';
import { judgedRow, medianOf } from './judged-row.ts';
import type { PairRig } from './pair-rig.ts';
import { type ThreadSort, type ThreadTimes, timesEach } from './thread-times.ts';

/** The load sends once in so long: it leaves its processor to the chassis in between. */
export const tickMs = 1;
/** A gateway that runs for long has compiled what it needs; until then V8's own threads take a fifth of two processors. */
const warmUps = 4;
/** Of the pace, that is kept at least; the rest is the time that the last attaches take. */
const keptPart = 0.95;

/** The parts of the pace: all of it, and where the processors have some time, and much. */
const phases = {
  full: { part: 1, acknowledgement: 'acknowledgement-p99', echo: 'echo-p99' },
  moderate: { part: 2 / 5, acknowledgement: 'acknowledgement-moderate', echo: 'echo-moderate' },
  atEase: { part: 1 / 10, acknowledgement: 'acknowledgement-at-ease', echo: 'echo-at-ease' },
} as const;
type Phase = keyof typeof phases;
const phaseNames = Object.keys(phases) as Phase[];

export const insideNames = [
  'attach-paced-inside',
  ...phaseNames.flatMap((name) => [phases[name].acknowledgement, phases[name].echo]),
];

/** Of a chassis, in milliseconds of each second: what an acknowledgement may have had to wait for. */
interface Waits {
  /** Threads that could run, for a processor. */
  readonly threads: ThreadTimes;
  /** The thread that serves, for V8 to collect garbage; what that itself waited for a processor is in both. */
  readonly collector: number;
  /** The longest collection. */
  readonly longestCollectionMs: number;
}

/** A pace at an active that has everybody around it in its own process, with its standby and a bare echo beside. */
interface PhaseFigures {
  readonly result: InsideResult;
  /** How soon the standby acknowledged. */
  readonly acknowledgements: ChassisSample['acknowledgements'];
  readonly echo: RoundTrips;
  readonly active: Waits;
  readonly standby: Waits;
  /** Of an attach: the active with its load, and the standby, all threads. */
  readonly cpuMicroseconds: number;
  readonly standbyCpuMicroseconds: number;
  /** The same by sort of thread. */
  readonly threads: ThreadTimes;
  readonly standbyThreads: ThreadTimes;
}

interface InsideFigures {
  readonly phases: Readonly<Record<Phase, PhaseFigures>>;
  readonly commitTimeouts: number;
  readonly failures: number;
}

/** The paces without sockets and processes for the load, which leave two processors no room for the pair itself. */
async function insideFigures(rig: PairRig, options: IcsrOptions): Promise<InsideFigures> {
  const { count, window } = options;
  const warmUp = warmUps * options.warmUp;
  const all = warmUp + phaseNames.reduce((sum, name) => sum + countOf(name, count), 0);
  const { a, b } = await rig.startPair(0, 'patient', all);
  const warm = await a.attachInside(0, warmUp, { window });
  const echo = await rig.startEcho();
  const { commitTimeouts } = await a.sample();
  const done: Partial<Record<Phase, PhaseFigures>> = {};
  let begun = warmUp;
  for (const name of phaseNames) {
    done[name] = await phaseFigures({ a, b, echo }, name, begun, options);
    begun += countOf(name, count);
  }
  const end = await a.sample();
  echo.end();
  await rig.end(b, a);
  const figures = done as Record<Phase, PhaseFigures>;
  const failed = phaseNames.reduce((sum, name) => sum + figures[name].result.failures, warm.failures);
  return {
    phases: figures,
    commitTimeouts: end.commitTimeouts - commitTimeouts,
    failures: failed + end.faults + (all - end.sessions),
  };
}

function countOf(name: Phase, count: number): number {
  return Math.ceil(count * phases[name].part);
}

async function phaseFigures(
  { a, b, echo }: { readonly a: ChassisProcess; readonly b: ChassisProcess; readonly echo: Echo },
  name: Phase,
  first: number,
  options: IcsrOptions,
): Promise<PhaseFigures> {
  const count = countOf(name, options.count);
  const [before, standbyBefore] = [await a.sample(true), await b.sample(true)];
  await echo.times();
  const result = await a.attachInside(first, count, {
    ratePerSecond: options.ratePerSecond * phases[name].part,
    tickMs,
  });
  const echoed = await echo.times();
  const [after, standbyAfter] = [await a.sample(), await b.sample()];
  const seconds = (count - result.failures) / result.rate;
  return {
    result,
    acknowledgements: after.acknowledgements,
    echo: echoed,
    active: waitsOf(before, after, seconds),
    standby: waitsOf(standbyBefore, standbyAfter, seconds),
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / count,
    standbyCpuMicroseconds: (standbyAfter.cpuMicroseconds - standbyBefore.cpuMicroseconds) / count,
    threads: timesEach(before.threads.ran, after.threads.ran, count),
    standbyThreads: timesEach(standbyBefore.threads.ran, standbyAfter.threads.ran, count),
  };
}

function waitsOf(before: ChassisSample, after: ChassisSample, seconds: number): Waits {
  return {
    threads: timesEach(before.threads.waited, after.threads.waited, 1000 * seconds),
    collector: (after.collections.allMs - before.collections.allMs) / seconds,
    longestCollectionMs: after.collections.longestMs,
  };
}

/** `attach-paced-inside`, and how soon the standby acknowledged and the echo came at each pace. */
export async function insideRows(rig: PairRig, options: IcsrOptions): Promise<BenchRow[]> {
  const rounds: InsideFigures[] = [];
  for (let round = 0; round < options.rounds; round += 1) rounds.push(await insideFigures(rig, options));
  return [
    insideRow(rounds, options),
    ...phaseNames.flatMap((name) => {
      const figures = rounds.map((round) => round.phases[name]);
      const ratePerSecond = options.ratePerSecond * phases[name].part;
      return [acknowledgementRow(name, figures, ratePerSecond), echoRow(name, figures, ratePerSecond)];
    }),
  ];
}

function insideRow(rounds: readonly InsideFigures[], { ratePerSecond, count }: IcsrOptions): BenchRow {
  const median = (figure: (one: PhaseFigures) => number): number =>
    medianOf(rounds.map((round) => figure(round.phases.full)));
  return {
    name: 'attach-paced-inside',
    rate: median(({ result }) => result.rate),
    unit: 'attach/s',
    p50Ms: median(({ result }) => result.p50Ms),
    p99Ms: median(({ result }) => result.p99Ms),
    cpuMicroseconds: median(({ cpuMicroseconds }) => cpuMicroseconds),
    standbyCpuMicroseconds: median(({ standbyCpuMicroseconds }) => standbyCpuMicroseconds),
    loadMicroseconds: median(({ result }) => result.loadMicroseconds),
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

/** Only the full pace has a goal; the others show what its figure would be on processors that are not full. */
function acknowledgementRow(name: Phase, figures: readonly PhaseFigures[], ratePerSecond: number): BenchRow {
  const median = (figure: (one: PhaseFigures) => number): number => medianOf(figures.map(figure));
  const p99Ms = median(({ acknowledgements }) => acknowledgements.p99Ms);
  const keptRate = median(({ result }) => result.rate);
  const row = {
    rate: p99Ms,
    unit: 'ms',
    ...(name === 'full' ? judgedAtPace(figures, keptRate >= keptPart * ratePerSecond) : {}),
    name: phases[name].acknowledgement,
    p50Ms: median(({ acknowledgements }) => acknowledgements.p50Ms),
    p99Ms,
    p50OfEcho: median(({ acknowledgements, echo }) => acknowledgements.p50Ms / echo.p50Ms),
    p99OfEcho: median(({ acknowledgements, echo }) => acknowledgements.p99Ms / echo.p99Ms),
    checkpoints: figures.reduce((sum, { acknowledgements }) => sum + acknowledgements.count, 0),
    keptRate,
    ratePerSecond,
  };
  return { ...row, ...waitFigures('active', figures), ...waitFigures('standby', figures) };
}

/** A pace that was not kept says nothing of the time that it would take. */
function judgedAtPace(figures: readonly PhaseFigures[], isKept: boolean): Partial<BenchRow> {
  const judged = judgedRow(
    phases.full.acknowledgement,
    figures.map(({ acknowledgements }) => acknowledgements.p99Ms),
  );
  return isKept ? judged : { ...judged, met: 'no' };
}

/** In milliseconds of each second, but for the longest collection. */
function waitFigures(which: 'active' | 'standby', figures: readonly PhaseFigures[]): Record<string, number> {
  const median = (figure: (waits: Waits) => number): number => medianOf(figures.map((one) => figure(one[which])));
  const thread = (sort: ThreadSort): number => median(({ threads }) => threads[sort]);
  return {
    [`${which}MainWaitedMs`]: thread('main'),
    [`${which}LinkWaitedMs`]: thread('link'),
    [`${which}CollectorMs`]: median(({ collector }) => collector),
    [`${which}LongestCollectionMs`]: median(({ longestCollectionMs }) => longestCollectionMs),
  };
}

function echoRow(name: Phase, figures: readonly PhaseFigures[], ratePerSecond: number): BenchRow {
  const median = (figure: (times: RoundTrips) => number): number => medianOf(figures.map(({ echo }) => figure(echo)));
  const p99Ms = median((times) => times.p99Ms);
  return {
    name: phases[name].echo,
    rate: p99Ms,
    unit: 'ms',
    p50Ms: median((times) => times.p50Ms),
    p99Ms,
    roundTrips: figures.reduce((sum, { echo }) => sum + echo.count, 0),
    ratePerSecond,
  };
}
