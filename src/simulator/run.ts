import type { Digests } from '../kernel/context.ts';
import { never } from '../kernel/instant.ts';
import { AccountsChecker } from './checkers/accounts.ts';
import { boundsChecker } from './checkers/bounds.ts';
import { changesChecker } from './checkers/changes.ts';
import type { Checker } from './checkers/checker.ts';
import { countersChecker } from './checkers/counters.ts';
import { CrashesChecker } from './checkers/crashes.ts';
import { DeadlinesChecker } from './checkers/deadlines.ts';
import { forwardingChecker } from './checkers/forwarding.ts';
import { IdentityChecker } from './checkers/identity.ts';
import { PlacesChecker } from './checkers/places.ts';
import { registryChecker } from './checkers/registry.ts';
import { VisitsChecker } from './checkers/visits.ts';
import type { MakeGateway } from './gateway.ts';
import { settle } from './liveness.ts';
import { type FaultLevel, type RunOptions, runOptions } from './options.ts';
import { pairRunOptions } from './pair/options.ts';
import { simulatePairRun } from './pair/pair-run.ts';
import { added, type RunResult, type SimulationResult, type Violation } from './result.ts';
import { runResult } from './run-result.ts';
import { Workload } from './workload.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  /** The first run's seed; the others' follow by one. */
  readonly seed: number;
  readonly runs: number;
  /** The most steps a run takes before everything is made to go right again. */
  readonly stepsMax: number;
  readonly faults: FaultLevel;
  readonly digests: Digests;
  /** Session manager instances of each chassis; told by the seed if absent: 1, 2 or 3. */
  readonly instances?: number;
  /** Of the gateway: 1 unless told otherwise. With two, things go wrong with the chassis, too. */
  readonly chassis?: 1 | 2;
  /** Told after each run. */
  readonly onRun?: (result: RunResult) => void;
}

/** Runs so many virtual worlds, each made of its seed, and checks that what must hold holds at every step. */
export function simulate(options: SimulationOptions): SimulationResult {
  const { seed, runs, stepsMax, faults, digests, chassis = 1 } = options;
  const packets = { up: 0, down: 0 };
  let total: SimulationResult = {
    ...{ runs: 0, steps: 0, virtualMs: 0, violations: [], sessions: 0, handovers: 0 },
    ...{ packets, pair: undefined },
  };
  for (let next = seed; next < seed + runs; next += 1) {
    const instances = options.instances ?? 1 + (next % 3);
    const result =
      chassis === 1
        ? simulateRun({ ...runOptions(next, stepsMax, faults), instances }, digests)
        : simulatePairRun({ ...pairRunOptions(next, stepsMax, faults), instances }, digests);
    total = added(total, result);
    options.onRun?.(result);
  }
  return total;
}

/** The checkers of one world, fresh: some remember. */
function newCheckers(world: World, accounts: AccountsChecker): readonly Checker[] {
  return [
    registryChecker,
    forwardingChecker,
    countersChecker,
    boundsChecker,
    new DeadlinesChecker(),
    new IdentityChecker(),
    new PlacesChecker(),
    new CrashesChecker(),
    changesChecker,
    new VisitsChecker(world.aps),
    accounts,
  ];
}

/**
 * One run: safety while things go wrong, then liveness once they go right. It ends at the first step that violates.
 *
 * @param makeGateway what is under test, if it is not all in one thread
 */
export function simulateRun(options: RunOptions, digests: Digests, makeGateway?: MakeGateway): RunResult {
  const world = new World(options, digests, makeGateway);
  const workload = new Workload(world, world.random);
  world.add('workload', workload);
  const accounts = new AccountsChecker();
  const checkers = newCheckers(world, accounts);
  const violations: Violation[] = [];
  const say = (checker: string, messages: readonly string[]) => {
    for (const message of messages) {
      violations.push({ seed: options.seed, step: world.steps, at: world.now, checker, message });
    }
  };
  const step = (limit: number): boolean => {
    let went = false;
    try {
      went = world.step(limit);
    } catch (error) {
      say('exceptions', [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
    }
    const observed = world.observed();
    for (const checker of checkers) say(checker.name, checker.check(observed));
    say('accounts', world.accounting.takeWrong());
    say('traffic', world.traffic.take());
    say('time', world.wrong.splice(0));
    return went && violations.length === 0;
  };
  while (world.steps < options.steps && step(never));
  if (violations.length === 0) {
    workload.stop();
    world.calm();
    say('liveness', settle(world, step));
    if (violations.length === 0) say('accounts', accounts.checkBooks(world.accounting));
  }
  return runResult(world, violations, undefined);
}
