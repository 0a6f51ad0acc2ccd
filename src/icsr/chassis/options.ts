import type { MacAddress } from '../../kernel/address.ts';
import type { ChassisMode } from '../../wire/srp/names.ts';

/** What the operator decides about the pair (`service-redundancy-protocol`). All times in milliseconds. */
export interface ChassisOptions {
  /** One chassis of a pair is primary, the other backup: it decides whose terms are odd, and who begins. */
  readonly mode: ChassisMode;
  /** 1..255; lower wins. */
  readonly priority: number;
  /** Different on the two chassis; lower wins. */
  readonly tiebreaker: MacAddress;
  /** At least 100. */
  readonly helloIntervalMs: number;
  /** Silence after which the peer is taken for dead; at least three hello intervals. */
  readonly deadIntervalMs: number;
  /** How long after the start the dead interval begins to run: the peer may be starting too. */
  readonly delayIntervalMs: number;
  /** How much longer a chassis that was started alone waits for a peer whose call recovery store may be the newer one. */
  readonly olderStoreLimitMs: number;
  /** How long PENDING_ACTIVE may last. */
  readonly promotionLimitMs: number;
  /** How long a chassis that hands over waits for its peer to serve. */
  readonly handoverLimitMs: number;
  /** How long a chassis may fill its records before it is a standby that is not ready. */
  readonly resynchronisationLimitMs: number;
  /** How long a planned switchover waits until what has been asked of AAA is answered; the machine itself does not wait. */
  readonly settleLimitMs: number;
  /** How long the standby waits for the last records of a peer that hands over. */
  readonly barrierLimitMs: number;
  /** Difference of the wall clocks from which an alarm is raised. */
  readonly clockSkewWarnMs: number;
  /** Difference of the wall clocks from which a switchover is refused. */
  readonly clockSkewRefuseMs: number;
  /** After a switchover: a monitor that fails in this time acts only after the damping period. */
  readonly guardPeriodMs: number;
  readonly dampingPeriodMs: number;
  /** The highest operating route modifier, 2..32. */
  readonly routeModifierThreshold: number;
}

/** The defaults; mode and tiebreaker have none that would be right on both chassis. */
export const chassisDefaults: Omit<ChassisOptions, 'mode' | 'tiebreaker'> = {
  priority: 125,
  helloIntervalMs: 100,
  deadIntervalMs: 300,
  delayIntervalMs: 2_000,
  olderStoreLimitMs: 30_000,
  promotionLimitMs: 30_000,
  handoverLimitMs: 10_000,
  resynchronisationLimitMs: 300_000,
  settleLimitMs: 500,
  barrierLimitMs: 5_000,
  clockSkewWarnMs: 30_000,
  clockSkewRefuseMs: 60_000,
  guardPeriodMs: 60_000,
  dampingPeriodMs: 60_000,
  routeModifierThreshold: 16,
};

/** What is wrong with the options, a sentence each; empty if nothing is. */
export function chassisOptionProblems(options: ChassisOptions): readonly string[] {
  const { helloIntervalMs, deadIntervalMs, barrierLimitMs, handoverLimitMs } = options;
  const rules: readonly [boolean, string][] = [
    [whole(options.priority, 1, 255), 'priority is 1..255'],
    [helloIntervalMs >= 100, 'the hello interval is at least 100 ms'],
    [deadIntervalMs >= 3 * helloIntervalMs, 'the dead interval is at least three hello intervals'],
    [options.delayIntervalMs >= 0, 'the delay interval is not negative'],
    [options.olderStoreLimitMs >= 0, 'the limit for an older store is not negative'],
    [options.promotionLimitMs > 0, 'the promotion limit is positive'],
    [handoverLimitMs > barrierLimitMs, 'the hand-over limit is longer than the barrier limit'],
    [options.settleLimitMs >= 0, 'the settle limit is not negative'],
    [barrierLimitMs > 0, 'the barrier limit is positive'],
    [options.resynchronisationLimitMs > 0, 'the resynchronisation limit is positive'],
    [options.clockSkewRefuseMs >= options.clockSkewWarnMs, 'the clock skew refused is not below the one warned of'],
    [options.guardPeriodMs >= 0 && options.dampingPeriodMs >= 0, 'guard and damping period are not negative'],
    [whole(options.routeModifierThreshold, 2, 32), 'the route modifier threshold is 2..32'],
  ];
  return rules.filter(([holds]) => !holds).map(([, sentence]) => sentence);
}

function whole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
