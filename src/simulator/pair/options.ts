import { type ChassisOptions, chassisDefaults } from '../../icsr/chassis/options.ts';
import type { Instant } from '../../kernel/instant.ts';
import { SeededRandom } from '../../kernel/random.ts';
import type { MembersApart } from '../../sessmgr/pair/member-of-pair.ts';
import {
  type ChassisOfPairDependencies,
  type ChassisOfPairOptions,
  type ReplicationOptions,
  replicationDefaults,
} from '../../sessmgr/pair/options.ts';
import { type FaultLevel, type RunOptions, runOptions } from '../options.ts';

/** What can happen to a chassis or to the link between two; how often each does, relative to the others, 0 for never. */
export interface ChassisFaultWeights {
  /** The process ends, and is started again later; its disk stays. */
  readonly crash: number;
  /** Both, one after the other; the one that ended earlier is started first, and an operator may not want to wait for the other. */
  readonly crashBoth: number;
  /** It ends between two things that it does: at any time, or within its next promotion. */
  readonly crashInside: number;
  readonly crashInPromotion: number;
  /** The one that serves ends within milliseconds of a UE's handover. */
  readonly crashAtHandover: number;
  /** The process stands still, and finds all that came meanwhile. */
  readonly pause: number;
  readonly cut: number;
  /** Only one direction of the link. */
  readonly cutOneWay: number;
  readonly reset: number;
  /** One end gives the connection up; the other hears of it only if it can. */
  readonly giveUp: number;
  readonly garble: number;
  /** Octets of one direction arrive late. */
  readonly slow: number;
  readonly clockStep: number;
  readonly switchover: number;
  readonly forcedSwitchover: number;
  readonly monitor: number;
  /** A session manager instance is begun anew: by an operator, or as its thread ends where it has one. */
  readonly restart: number;
}

/** Instances that may end alone. */
export interface EndingInstances {
  /** What an instance had is lost; returns how many sessions it had. */
  end(index: number): number;
  /** Another one is there in its place. */
  begin(index: number): void;
}

/** The virtual pair: what the operator has configured on both chassis, and what happens to them. */
export interface PairOptions {
  /** Of both, but for mode and tiebreaker. */
  readonly chassis: Omit<ChassisOptions, 'mode' | 'tiebreaker'>;
  readonly replication: ReplicationOptions;
  /** How far a chassis's monotonic clock is ahead of the world's at the start, and how much faster it runs. */
  readonly clocks: readonly { readonly offsetMs: number; readonly rate: number; readonly skewMs: number }[];
  /** The most by which a step moves a wall clock. */
  readonly clockStepMsMax: number;
  /** One way between the chassis. */
  readonly linkMs: number;
  /** The most that passes from an announcement until the last neighbour has heard it. */
  readonly announceMsMax: number;
  /** How long after the other the second chassis is started. */
  readonly startsLaterMs: number;
  /** When the last fault is over, and the mean time between two. */
  readonly faultsEndAt: number;
  readonly paceMs: number;
  readonly weights: ChassisFaultWeights;
  /** Puts the session manager instances of a chassis apart from it; they are beside it if absent. */
  readonly apart?: (
    options: ChassisOfPairOptions,
    dependencies: ChassisOfPairDependencies,
    clock: () => Instant,
  ) => MembersApart & Partial<EndingInstances>;
}

export interface PairRunOptions extends RunOptions {
  readonly pair: PairOptions;
}

/** UEs of a virtual pair: few, so that runs are short. */
const uesMax = 5;

/** Draws the options of a run with two chassis from its seed; what is not the pair's own is drawn as with one chassis. */
export function pairRunOptions(seed: number, stepsMax: number, level: FaultLevel): PairRunOptions {
  const base = runOptions(seed, stepsMax, level);
  const random = new SeededRandom(seed ^ 0x2c1b3c6d);
  const ues = 1 + (base.ues % uesMax);
  const harsh = random.chance(0.4);
  const lifetime = () => random.pick([20, 60]);
  return {
    ...base,
    ues,
    lmas: Math.min(base.lmas, ues),
    paceMs: Math.max(base.paceMs, 100),
    // In most runs what goes wrong is the chassis: their promises are then put to the test undisturbed.
    faults: harsh ? base.faults : runOptions(seed, stepsMax, 'none').faults,
    weights: harsh ? base.weights : { ...base.weights, lmaRestart: 0, lmaSilence: 0, aaaSilence: 0, hostile: 0 },
    config: {
      ...base.config,
      sessionsMax: ues + 4,
      s2aLifetimeSeconds: lifetime(),
      bindingLifetimeSeconds: lifetime(),
      leaseTimeSeconds: lifetime(),
      deregistrationDelayMs: Math.min(base.config.deregistrationDelayMs, 1000),
      releaseGraceMs: Math.min(base.config.releaseGraceMs, 2000),
      heartbeatMs: 20_000,
    },
    pair: pairOptions(random, level),
  };
}

function pairOptions(random: SeededRandom, level: FaultLevel): PairOptions {
  const helloIntervalMs = random.pick([100, 200, 500]);
  const deadIntervalMs = helloIntervalMs * random.pick([3, 4]);
  const paceMs = deadIntervalMs * random.pick([1, 3, 8]);
  const faults = level === 'none' ? 0 : 3 + random.below(12);
  return {
    chassis: {
      ...chassisDefaults,
      helloIntervalMs,
      deadIntervalMs,
      delayIntervalMs: random.pick([deadIntervalMs, 2000]),
      olderStoreLimitMs: 3 * deadIntervalMs,
      promotionLimitMs: 3000,
      handoverLimitMs: random.pick([1500, 5000]),
      barrierLimitMs: random.pick([300, 1000]),
      resynchronisationLimitMs: 5000,
      guardPeriodMs: random.pick([0, 0, 3000]),
      dampingPeriodMs: random.pick([0, 1000]),
      routeModifierThreshold: random.pick([2, 4, 16]),
    },
    replication: replication(random),
    clocks: [clock(random), clock(random)],
    clockStepMsMax: random.pick([50, 3000]),
    linkMs: random.pick([0.3, 2, 10]),
    announceMsMax: random.pick([2, 50, 800]),
    startsLaterMs: random.pick([0, 50, 5000]),
    faultsEndAt: 6000 + faults * paceMs,
    paceMs,
    weights: weights(random, level),
  };
}

/** Clocks of a chassis that runs for long: far from each other, and not equally fast. */
function clock(random: SeededRandom): PairOptions['clocks'][number] {
  const drift = random.pick([0, 20, -50, 400, -400]);
  return { offsetMs: random.below(100_000_000), rate: 1 + drift / 1_000_000, skewMs: random.below(2000) - 1000 };
}

function replication(random: SeededRandom): ReplicationOptions {
  return {
    ...replicationDefaults,
    instance: 1,
    buckets: 16,
    // A backlog that a short outage overruns, too.
    backlogRecords: random.pick([8, 64, 1000]),
    bulkRecords: random.pick([1, 512]),
    bulkTickMs: random.pick([1, 40]),
    batchRecords: random.pick([2, 256]),
    batchesInFlight: random.pick([1, 4]),
    awaitedRecords: random.pick([1, 16]),
    auditIntervalMs: random.pick([1500, 6000]),
    commitLimitMs: random.pick([20, 50, 200]),
    statisticsIntervalMs: random.pick([5000, 20_000]),
    retransmitMs: 300,
    retransmitMaxMs: 2000,
    waking: { slice: 1, gapMs: random.pick([1, 100]), atOnceMax: random.pick([0, 1000]) },
  };
}

function weights(random: SeededRandom, level: FaultLevel): ChassisFaultWeights {
  const weight = (usual: number) => (random.chance(0.6) && level === 'all' ? usual : 0);
  return {
    crash: weight(6),
    crashInside: weight(4),
    crashInPromotion: weight(4),
    crashAtHandover: weight(4),
    pause: weight(5),
    cut: weight(5),
    cutOneWay: weight(4),
    reset: weight(4),
    giveUp: weight(3),
    garble: weight(3),
    slow: weight(4),
    clockStep: weight(2),
    switchover: weight(8),
    forcedSwitchover: weight(2),
    monitor: weight(4),
    restart: weight(3),
    crashBoth: weight(4),
  };
}
