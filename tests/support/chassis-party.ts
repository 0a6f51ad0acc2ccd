import { type ChassisOptions, chassisDefaults } from '../../src/icsr/chassis/options.ts';
import type { Chassis } from '../../src/icsr/chassis/state.ts';
import { nothingStored, type StoreStanding } from '../../src/icsr/chassis/store-standing.ts';
import { macOf } from '../../src/kernel/address.ts';
import type { SeededRandom } from '../../src/kernel/random.ts';

const limits = {
  ...chassisDefaults,
  delayIntervalMs: 500,
  olderStoreLimitMs: 1_500,
  promotionLimitMs: 1_000,
  handoverLimitMs: 1_500,
  resynchronisationLimitMs: 2_000,
  barrierLimitMs: 500,
  guardPeriodMs: 800,
  dampingPeriodMs: 600,
  clockSkewWarnMs: 1_000,
  clockSkewRefuseMs: 5_000,
};

/** One of two chassis machines: its process, its disk, its clock, and what is known of it. */
export interface Party {
  readonly name: 'A' | 'B';
  readonly options: ChassisOptions;
  /** Undefined while its process does not run. */
  chassis: Chassis | undefined;
  /** What its disk holds. */
  storedTerm: number;
  storedStanding: StoreStanding;
  startedAt: number;
  /** Nobody starts it by itself for so long. */
  staysDownUntil: number;
  /** Counts its processes: what was meant for a former one is dropped. */
  life: number;
  /** From which life of its peer it has its records. */
  filledFrom: number;
  /** The lineage of which it has all sessions. */
  holdsWhole: number | undefined;
  linkUp: boolean;
  /** Does not run; what happens meanwhile waits. */
  isStalled: boolean;
  stalledUntil: number;
  stalledFrom: number;
  waiting: (() => void)[];
  clockOffsetMs: number;
  portsOpen: boolean;
  stageMs: number;
  stageFails: number;
  /** When it was last given a hello, and how long it has not run since. */
  heardAt: number;
  stalledSinceMs: number;
}

/** One that has not been started, with options, a disk and a clock of its own. */
export function newParty(name: 'A' | 'B', random: SeededRandom): Party {
  return {
    name,
    options: {
      ...limits,
      mode: name === 'A' ? 'primary' : 'backup',
      tiebreaker: macOf(name === 'A' ? 1 : 2),
      priority: 120 + random.below(3),
    },
    chassis: undefined,
    storedTerm: random.chance(0.3) ? random.below(9) : 0,
    storedStanding: nothingStored,
    staysDownUntil: 0,
    startedAt: 0,
    life: 0,
    filledFrom: 0,
    holdsWhole: undefined,
    linkUp: false,
    isStalled: false,
    stalledUntil: 0,
    stalledFrom: 0,
    waiting: [],
    clockOffsetMs: random.pick([0, 0, 2_000, 9_000, -9_000]),
    portsOpen: false,
    stageMs: random.pick([1, 20, 100, 400]),
    stageFails: random.pick([0, 0, 0.1]),
    heardAt: 0,
    stalledSinceMs: 0,
  };
}
