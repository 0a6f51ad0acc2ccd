import type { Digests } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { differences } from '../checkers/pair/tables.ts';
import { settle } from '../liveness.ts';
import type { RunResult, Violation } from '../result.ts';
import { runResult } from '../run-result.ts';
import { Workload } from '../workload.ts';
import { World } from '../world.ts';
import type { PairRunOptions } from './options.ts';
import { PairChecks } from './pair-checks.ts';
import { PairFaults } from './pair-faults.ts';
import type { PairGateway } from './pair-gateway.ts';
import { pairGateway } from './pair-gateway.ts';

/** How long two chassis that nothing goes wrong with may take, beside their own intervals and limits. */
const convergenceGraceMs = 3000;

/**
 * One run with two chassis: safety while things go wrong, then everything has to come right. It ends at the first step
 * that violates.
 */
export function simulatePairRun(options: PairRunOptions, digests: Digests): RunResult {
  const world = new World(options, digests, pairGateway(options.pair));
  const gateway = world.gateway as PairGateway;
  const violations: Violation[] = [];
  const say = (checker: string, messages: readonly string[]) => {
    for (const message of messages) {
      violations.push({ seed: options.seed, step: world.steps, at: world.now, checker, message });
    }
  };
  const faults = new PairFaults(world, gateway, options.pair, world.random);
  const workload = new Workload(world, world.random);
  const checks = new PairChecks(world, gateway, options.pair, say);
  gateway.watch = {
    sends: (...packet) => checks.sends(...packet),
    stores: (...term) => checks.stores(...term),
    notes: (...notice) => checks.notes(...notice),
    caughtUp: () => checks.caughtUp(),
    instanceEnded: (node) => checks.instanceEnded(node),
    ended: (node) => {
      checks.ended(node);
      faults.ended(node);
    },
  };
  for (const subscriber of world.subscribers) {
    workload.later(world.random.below(options.pair.faultsEndAt / 3), (now) => workload.come(subscriber, now));
  }
  world.add('faults', faults);
  world.add('workload', workload);
  const step = (limit: Instant): boolean => {
    let went = false;
    try {
      went = world.step(limit);
      checks.check();
    } catch (error) {
      say('exceptions', [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
    }
    const forced = faults.tookOverByForce();
    if (forced !== undefined) {
      checks.promises.forcedUpon(checks.view(forced));
      checks.accounts.isWhole = false;
    }
    say('traffic', world.traffic.take());
    say('time', world.wrong.splice(0));
    return went && violations.length === 0;
  };
  while (world.steps < options.steps && step(options.pair.faultsEndAt));
  if (violations.length === 0) {
    workload.stop();
    faults.stop();
    world.calm();
    say('convergence', converge(world, checks, options, step));
  }
  if (violations.length === 0) say('liveness', settle(world, step, 'undisturbed'));
  if (violations.length === 0) say('convergence', notConverged(checks));
  if (violations.length === 0) say('accounts', checks.accounts.checkBooks(world.accounting));
  const { made: promised, takenOver } = checks.promises;
  return runResult(world, violations, { promotions: checks.promotions, promised, takenOver, faults: faults.happened });
}

/** Lets the two find their roles. Returns what is not as it should be when they have had the time for it. */
function converge(
  world: World,
  checks: PairChecks,
  { pair: { chassis } }: PairRunOptions,
  step: (limit: Instant) => boolean,
): readonly string[] {
  const { deadIntervalMs, delayIntervalMs, handoverLimitMs, resynchronisationLimitMs, promotionLimitMs } = chassis;
  const starting = delayIntervalMs + 2 * deadIntervalMs;
  const end = world.now + starting + handoverLimitMs + resynchronisationLimitMs + promotionLimitMs + convergenceGraceMs;
  while (world.now < end) {
    const look = world.now + deadIntervalMs;
    while (step(look));
    if (world.now < look) return [];
    if (notConverged(checks).length === 0) return [];
  }
  return notConverged(checks);
}

/** One serves, the other could, and both have the same sessions. */
function notConverged(checks: PairChecks): readonly string[] {
  const observed = checks.observed();
  if (observed === undefined) return ['a chassis was never started'];
  const [a, b] = observed.chassis;
  const [active, standby] = a.serves ? [a, b] : [b, a];
  const sender = active.sender();
  const states = `${a.name} is ${a.machine.state.kind}, ${b.name} ${b.machine.state.kind}`;
  if (!active.serves || standby.serves || active.machine.state.kind !== 'ACTIVE') return [states];
  if (!standby.isReady) return [`${states} and not READY`];
  if (sender?.synchronised !== true || sender.state !== 'ready') return [`${states}; the stream is ${sender?.state}`];
  if (sender.lagRecords > 0) return [];
  return [...differences(active, standby, observed.now), ...checks.promises.checkServed(active)];
}
