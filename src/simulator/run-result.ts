import type { PairTally, RunResult, Violation } from './result.ts';
import type { World } from './world.ts';

/** What came of a run: of one chassis, or with what two went through. */
export function runResult(world: World, violations: readonly Violation[], pair: PairTally | undefined): RunResult {
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
    pair,
  };
}
