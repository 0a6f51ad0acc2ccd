import { SeededRandom } from '../kernel/random.ts';
import type { DeregistrationManner } from '../peers/wlc.ts';
import { faultless, type LinkFaults } from './network.ts';

/** How the operator of one virtual world has configured the gateway: what is worth varying. */
export interface VirtualConfig {
  readonly sessionsMax: number;
  readonly setupTimeoutMs: number;
  readonly handoverEnable: boolean;
  readonly guardTimeMs: number;
  readonly ratePerMinute: number;
  /** Whether the RGs have a profile: without it no DHCP-trigger profile exists. */
  readonly dhcpProfile: boolean;
  readonly sourcePorts: number;
  readonly outstandingMax: number;
  readonly radiusTimeoutMs: number;
  readonly s2aLifetimeSeconds: number;
  readonly bindingLifetimeSeconds: number;
  readonly deregistrationDelayMs: number;
  readonly revocationEnable: boolean;
  readonly leaseTimeSeconds: number;
  readonly offerTimeMs: number;
  readonly releaseGraceMs: number;
  readonly heartbeatMs: number;
  /** Whether the gateway keeps accounts, how often it says INTERIM, and for how long changes wait. */
  readonly accounting: boolean;
  readonly interimIntervalSeconds: number | undefined;
  readonly holdDownMs: number;
  /** Whether the WLCs' UEs are authenticated by RADIUS, and in how many rounds of EAP. */
  readonly radiusTrigger: boolean;
  readonly eapRounds: number;
  /** Whether there is a site whose access points give UEs addresses themselves, and begin sessions by their accounting. */
  readonly accountingTrigger: boolean;
  /** Whether AAA may change and end sessions. */
  readonly changes: boolean;
}

/** How often each thing that can happen to the world happens, relative to the others; 0 for never. */
export interface WorkloadWeights {
  readonly move: number;
  readonly race: number;
  readonly uplink: number;
  readonly downlink: number;
  readonly stop: number;
  readonly start: number;
  readonly releaseAndReturn: number;
  readonly lateDeregistration: number;
  readonly spoof: number;
  readonly hostile: number;
  readonly lmaRestart: number;
  readonly lmaSilence: number;
  readonly lmaRevocation: number;
  readonly aaaSilence: number;
  readonly clear: number;
  readonly clockSkew: number;
  readonly change: number;
  readonly disconnect: number;
}

/** Everything about one run; a function of its seed. */
export interface RunOptions {
  readonly seed: number;
  /** Steps of the first phase, in which things go wrong. */
  readonly steps: number;
  readonly ues: number;
  readonly lmas: number;
  readonly wlcs: number;
  readonly rgs: number;
  /** The prefix length of each LMA's pool: 30 has one address, 29 has five, 28 thirteen. */
  readonly poolLength: number;
  /** Mean time between two things that happen. */
  readonly paceMs: number;
  readonly faults: LinkFaults;
  /** When each WLC says that a UE has gone. */
  readonly deregistrations: readonly DeregistrationManner[];
  /** Whether WLCs heed revocations. */
  readonly silentOnRevocation: boolean;
  /** The part of the UEs that the AAA servers reject. */
  readonly rejected: number;
  /** Session manager instances of a chassis. */
  readonly instances: number;
  readonly config: VirtualConfig;
  readonly weights: WorkloadWeights;
}

/** Which faults of the links a run may have: `all`, or none but latency. */
export type FaultLevel = 'all' | 'none';

/**
 * Draws a run's options from its seed. Each fault and each story is left out of some runs altogether: what only shows
 * where something else does not happen is found too (swarm testing).
 */
export function runOptions(seed: number, stepsMax: number, level: FaultLevel): RunOptions {
  const random = new SeededRandom(seed);
  const between = (low: number, high: number) => low + random.below(high - low + 1);
  const ues = between(1, 12);
  const lmas = between(1, 2);
  return {
    seed,
    steps: Math.max(1, Math.floor(stepsMax * (0.25 + 0.75 * (random.u32() / 0x100000000)))),
    ues,
    lmas,
    wlcs: between(2, 3),
    rgs: 3,
    poolLength: random.pick([30, 29, 28, 26, 26, 26]),
    paceMs: random.pick([20, 100, 400, 2000]),
    faults: linkFaults(random, level),
    deregistrations: Array.from({ length: 3 }, () =>
      random.pick<DeregistrationManner>(['immediate', 'never', { lateMs: 1 + random.below(8000) }]),
    ),
    silentOnRevocation: random.chance(0.15),
    rejected: random.chance(0.3) ? 0.3 : 0,
    instances: 1,
    config: {
      ...virtualConfig(random, ues),
      ...accountingConfig(new SeededRandom(seed ^ 0x61636374)),
      ...radiusConfig(seed),
      accountingTrigger: new SeededRandom(seed ^ 0x73697465).chance(0.3),
      changes: areChanges(seed),
    },
    weights: { ...workloadWeights(random), ...changeWeights(seed) },
  };
}

function linkFaults(random: SeededRandom, level: FaultLevel): LinkFaults {
  const latencyMinMs = random.below(20);
  const latency = { latencyMinMs, latencyMaxMs: latencyMinMs + random.pick([0, 5, 50, 400]) };
  // Drawn in any case, so that the rest of the world is the same at either level.
  const some = (most: number) => (random.chance(0.5) ? (random.u32() / 0x100000000) * most : 0);
  const faults: LinkFaults = {
    ...latency,
    loss: some(0.3),
    burst: some(0.01),
    burstMsMax: 1 + random.below(5000),
    duplication: some(0.3),
    reordering: some(0.4),
    reorderingMsMax: 1 + random.below(random.pick([100, 3000])),
    corruption: some(0.05),
    clog: some(0.005),
    clogMsMax: 1 + random.below(10_000),
  };
  const calm = random.chance(0.2);
  return calm || level === 'none' ? { ...faultless, ...latency } : faults;
}

type AccountingKeys = 'accounting' | 'interimIntervalSeconds' | 'holdDownMs';

function accountingConfig(random: SeededRandom): Pick<VirtualConfig, AccountingKeys> {
  return {
    accounting: random.chance(0.6),
    interimIntervalSeconds: random.pick([undefined, 60, 60]),
    holdDownMs: random.pick([1000, 5000, 30_000]),
  };
}

type ChangeKeys = 'change' | 'disconnect';

function areChanges(seed: number): boolean {
  return new SeededRandom(seed ^ 0x636f6100).chance(0.5);
}

function changeWeights(seed: number): Pick<WorkloadWeights, ChangeKeys> {
  return areChanges(seed) ? { change: 12, disconnect: 2 } : { change: 0, disconnect: 0 };
}

type RadiusKeys = 'radiusTrigger' | 'eapRounds';

function radiusConfig(seed: number): Pick<VirtualConfig, RadiusKeys> {
  const random = new SeededRandom(seed ^ 0x65617000);
  return { radiusTrigger: random.chance(0.4), eapRounds: random.pick([1, 3, 8]) };
}

function virtualConfig(
  random: SeededRandom,
  ues: number,
): Omit<VirtualConfig, AccountingKeys | RadiusKeys | 'accountingTrigger' | 'changes'> {
  return {
    sessionsMax: random.chance(0.15) ? Math.max(1, ues - 2) : ues + 8,
    setupTimeoutMs: random.pick([3000, 10_000, 20_000]),
    handoverEnable: random.chance(0.9),
    guardTimeMs: random.pick([0, 200, 2000]),
    ratePerMinute: random.pick([1, 6, 100]),
    dhcpProfile: random.chance(0.9),
    sourcePorts: random.pick([1, 2]),
    outstandingMax: random.pick([1, 2, 8, 256]),
    radiusTimeoutMs: random.pick([300, 1000, 3000]),
    s2aLifetimeSeconds: random.pick([20, 60, 240]),
    bindingLifetimeSeconds: random.pick([20, 60, 240]),
    deregistrationDelayMs: random.pick([0, 1000, 10_000]),
    revocationEnable: random.chance(0.9),
    leaseTimeSeconds: random.pick([20, 60, 240]),
    offerTimeMs: random.pick([2000, 10_000]),
    releaseGraceMs: random.pick([0, 2000, 30_000]),
    heartbeatMs: random.pick([5000, 20_000]),
  };
}

function workloadWeights(random: SeededRandom): Omit<WorkloadWeights, ChangeKeys> {
  const weight = (usual: number, probability: number) => (random.chance(probability) ? usual : 0);
  return {
    move: weight(30, 0.9),
    race: weight(10, 0.6),
    uplink: weight(60, 0.9),
    downlink: weight(40, 0.9),
    stop: weight(5, 0.6),
    start: 8,
    releaseAndReturn: weight(4, 0.6),
    lateDeregistration: weight(4, 0.5),
    spoof: weight(6, 0.5),
    hostile: weight(6, 0.5),
    lmaRestart: weight(1, 0.3),
    lmaSilence: weight(1, 0.3),
    lmaRevocation: weight(2, 0.4),
    aaaSilence: weight(1, 0.3),
    clear: weight(2, 0.5),
    clockSkew: weight(2, 0.3),
  };
}
