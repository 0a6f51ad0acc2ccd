import { hostDigests } from '../host/digests.ts';
import { Progress } from '../host/progress.ts';
import type { FaultLevel } from '../simulator/options.ts';
import type { SimulationResult } from '../simulator/result.ts';
import { simulate } from '../simulator/run.ts';

export interface SimulateCommand {
  /** The first run's seed; the others' follow by one. */
  readonly seed: number;
  readonly runs: number;
  /** The most steps of a run's first phase; 3000 unless told otherwise. */
  readonly steps?: number;
  /** `all` unless told otherwise. */
  readonly faults?: FaultLevel;
  /** Of the gateway; two if `faults` is told, and otherwise one. */
  readonly chassis?: 1 | 2;
  readonly json?: boolean;
}

const stepsDefault = 3000;

/** Runs the simulator and prints what it found. Returns the exit code: 1 if anything was violated. */
export async function simulateCommand(options: SimulateCommand): Promise<number> {
  const startedAt = performance.now();
  const progress = new Progress('runs', options.runs);
  let done = 0;
  let violated = 0;
  const chassis = options.chassis ?? (options.faults === undefined ? 1 : 2);
  const result = simulate({
    seed: options.seed,
    chassis,
    runs: options.runs,
    stepsMax: options.steps ?? stepsDefault,
    faults: options.faults ?? 'all',
    digests: hostDigests(),
    onRun: ({ violations }) => {
      done += 1;
      if (violations.length > 0) violated += 1;
      progress.reached(done, `${violated} with violations`);
    },
  });
  progress.end();
  const failedSeeds = [...new Set(result.violations.map(({ seed }) => seed))];
  if (options.json === true) {
    const { runs, steps, violations, ...rest } = result;
    const report = { seed: options.seed, chassis, runs, steps, violations, failedSeeds, ...rest };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    process.stdout.write(
      `${textOf(result, failedSeeds, { ...options, chassis }, performance.now() - startedAt).join('\n')}\n`,
    );
  }
  return failedSeeds.length === 0 ? 0 : 1;
}

function textOf(
  result: SimulationResult,
  failedSeeds: readonly number[],
  options: SimulateCommand & { readonly chassis: 1 | 2 },
  tookMs: number,
): string[] {
  const { runs, steps, virtualMs, sessions, handovers, packets, violations, pair } = result;
  const steppedBy = options.steps === undefined ? '' : ` --steps ${options.steps}`;
  const faults = `${options.faults === 'none' ? ' --faults none' : ''} --chassis ${options.chassis}`;
  return [
    `${runs} runs from seed ${options.seed}, ${steps} steps, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours in ${(tookMs / 1000).toFixed(1)} s`,
    `${sessions} sessions, ${handovers} handovers, ${packets.up} packets up and ${packets.down} down delivered`,
    ...(pair === undefined
      ? []
      : [`${pair.promotions} promotions; ${pair.promised} sessions promised, ${pair.takenOver} taken over`]),
    ...violations.map(
      ({ seed, step, at, checker, message }) =>
        `seed ${seed} step ${step} at ${at.toFixed(0)} ms: ${checker}: ${message}`,
    ),
    violations.length === 0 ? 'no violations' : `${violations.length} violations in ${failedSeeds.length} runs`,
    ...failedSeeds.slice(0, 10).map((seed) => `again: ./samog simulate --seed ${seed} --runs 1${steppedBy}${faults}`),
  ];
}
