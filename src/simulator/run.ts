import type { Digests } from '../kernel/context.ts';
import { never } from '../kernel/instant.ts';
import { boundsChecker } from './checkers/bounds.ts';
import type { Checker } from './checkers/checker.ts';
import { countersChecker } from './checkers/counters.ts';
import { CrashesChecker } from './checkers/crashes.ts';
import { DeadlinesChecker } from './checkers/deadlines.ts';
import { forwardingChecker } from './checkers/forwarding.ts';
import { IdentityChecker } from './checkers/identity.ts';
import { PlacesChecker } from './checkers/places.ts';
import { registryChecker } from './checkers/registry.ts';
import { settle } from './liveness.ts';
import { type FaultLevel, type RunOptions, runOptions } from './options.ts';
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
  /** Told after each run. */
  readonly onRun?: (result: RunResult) => void;
}

export interface Violation {
  readonly seed: number;
  readonly step: number;
  /** Milliseconds of virtual time. */
  readonly at: number;
  readonly checker: string;
  readonly message: string;
}

export interface RunResult {
  readonly seed: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly violations: readonly Violation[];
  /** Of everything that happened: the same for the same seed. */
  readonly traceHash: number;
  readonly sessions: number;
  readonly handovers: number;
  readonly packets: { readonly up: number; readonly down: number };
}

export interface SimulationResult {
  readonly runs: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly violations: readonly Violation[];
  readonly sessions: number;
  readonly handovers: number;
  readonly packets: { readonly up: number; readonly down: number };
}

/** Runs so many virtual worlds, each made of its seed, and checks that what must hold holds at every step. */
export function simulate(options: SimulationOptions): SimulationResult {
  const total = { runs: 0, steps: 0, virtualMs: 0, sessions: 0, handovers: 0, up: 0, down: 0 };
  const violations: Violation[] = [];
  for (let run = 0; run < options.runs; run += 1) {
    const result = simulateRun(runOptions(options.seed + run, options.stepsMax, options.faults), options.digests);
    total.runs += 1;
    total.steps += result.steps;
    total.virtualMs += result.virtualMs;
    total.sessions += result.sessions;
    total.handovers += result.handovers;
    total.up += result.packets.up;
    total.down += result.packets.down;
    violations.push(...result.violations);
    options.onRun?.(result);
  }
  const { runs, steps, virtualMs, sessions, handovers, up, down } = total;
  return { runs, steps, virtualMs, violations, sessions, handovers, packets: { up, down } };
}

/** The checkers of one world, fresh: some remember. */
function newCheckers(): readonly Checker[] {
  return [
    registryChecker,
    forwardingChecker,
    countersChecker,
    boundsChecker,
    new DeadlinesChecker(),
    new IdentityChecker(),
    new PlacesChecker(),
    new CrashesChecker(),
  ];
}

/** One run: safety while things go wrong, then liveness once they go right. It ends at the first step that violates. */
export function simulateRun(options: RunOptions, digests: Digests): RunResult {
  const world = new World(options, digests);
  const workload = new Workload(world, world.random);
  world.add('workload', workload);
  const checkers = newCheckers();
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
    say('traffic', world.traffic.take());
    say('time', world.wrong.splice(0));
    return went && violations.length === 0;
  };
  while (world.steps < options.steps && step(never));
  if (violations.length === 0) {
    workload.stop();
    world.calm();
    say('liveness', settle(world, step));
  }
  return resultOf(world, violations);
}

function resultOf(world: World, violations: readonly Violation[]): RunResult {
  const { counters } = world.manager;
  const handovers = counters.names
    .filter((name) => name.startsWith('handoff.') && name.endsWith('.accepted'))
    .reduce((sum, name) => sum + counters.get(name), 0);
  return {
    seed: world.options.seed,
    steps: world.steps,
    virtualMs: world.now,
    violations,
    traceHash: world.trace.value,
    sessions: counters.get('session.setup'),
    handovers,
    packets: world.traffic.delivered,
  };
}
