import type { ChassisContext } from './context.ts';
import type { Chassis } from './state.ts';

/** What not even `force` overrides: without these there is nobody to take over. */
const indispensable = [
  'this-chassis-active',
  'connected',
  'authenticated',
  'hello-heard',
  'version-common',
  'modes-differ',
] as const;

/** What a switchover by a monitor needs beyond the indispensable: a peer that does better, at once. */
const automatic = [...indispensable, 'peer-standby', 'peer-ready', 'instances-ready', 'peer-monitors-healthy'] as const;

/** What a planned switchover needs, in the order in which it is shown. */
export const conditionNames = [...automatic, 'configuration-equal', 'clock-skew', 'guard-period'] as const;
export type ConditionName = (typeof conditionNames)[number];

/** One line of `srp validate-switchover`. */
export interface Condition {
  readonly condition: ConditionName;
  readonly passed: boolean;
  readonly detail: string;
}

/** How a switchover comes about: asked for, asked for with `force`, or by a monitor. */
export type SwitchoverManner = 'planned' | 'forced' | 'automatic';

/** The conditions that stand in the way of a switchover; empty if it may begin. */
export function obstacles(chassis: Chassis, context: ChassisContext, manner: SwitchoverManner): readonly Condition[] {
  const failed = validateSwitchover(chassis, context).filter(({ passed }) => !passed);
  if (manner === 'planned') return failed;
  const needed: readonly ConditionName[] = manner === 'forced' ? indispensable : automatic;
  return failed.filter(({ condition }) => needed.includes(condition));
}

/** Every condition of a planned switchover, passed or not: `srp validate-switchover`. */
export function validateSwitchover(chassis: Chassis, context: ChassisContext): readonly Condition[] {
  const { state } = chassis;
  const condition = (name: ConditionName, passed: boolean, detail: string): Condition => ({
    condition: name,
    passed,
    detail,
  });
  return [
    condition('this-chassis-active', state.kind === 'ACTIVE', `this chassis is ${state.kind}`),
    ...linkConditions(chassis, context, condition),
    ...peerConditions(chassis, context, condition),
    configurationCondition(chassis, context),
    guardCondition(chassis, context),
  ];
}

/**
 * Whether the peer is a standby for certain, and for some time to come: it has heard a hello of this chassis so lately that
 * its dead interval is not half over. What it says of itself alone may be old news.
 */
export function isSurelyStandby({ peer }: Chassis, { now, options }: ChassisContext): boolean {
  const { hello } = peer;
  if (hello?.state !== 'STANDBY' || hello.heardSaidAt === undefined) return false;
  return now < hello.heardSaidAt + options.deadIntervalMs / 2;
}

type MakeCondition = (name: ConditionName, passed: boolean, detail: string) => Condition;

function linkConditions({ peer }: Chassis, context: ChassisContext, condition: MakeCondition): readonly Condition[] {
  const { link, hello, heardAt, silent } = peer;
  const up = link.kind === 'up';
  const ago = heardAt === undefined ? 'no hello was heard' : `last hello ${Math.round(context.now - heardAt)} ms ago`;
  return [
    condition('connected', up, up ? 'connected' : `not connected: ${link.reason}`),
    condition(
      'authenticated',
      up && link.authenticated,
      up && link.authenticated ? 'authenticated' : 'not authenticated',
    ),
    condition('hello-heard', hello !== undefined && !silent, ago),
    condition(
      'version-common',
      up && link.version !== undefined,
      up && link.version !== undefined ? `version ${link.version}` : 'no common version',
    ),
    condition(
      'modes-differ',
      hello !== undefined && hello.mode !== context.options.mode,
      `this chassis is ${context.options.mode}, the peer ${hello?.mode ?? 'unknown'}`,
    ),
  ];
}

function peerConditions(chassis: Chassis, context: ChassisContext, condition: MakeCondition): readonly Condition[] {
  const { hello, clockSkewMs } = chassis.peer;
  const { instances, peerInstancesReady } = chassis.synchronisation;
  return [
    condition('peer-standby', hello?.state === 'STANDBY', `the peer is ${hello?.state ?? 'unknown'}`),
    condition(
      'peer-ready',
      hello?.ready === true,
      hello?.ready === true ? 'the peer is READY' : 'the peer is not READY',
    ),
    condition(
      'instances-ready',
      peerInstancesReady >= instances,
      `${peerInstancesReady} of ${instances} session manager instances are ready on the peer`,
    ),
    condition(
      'peer-monitors-healthy',
      hello?.monitorsHealthy === true,
      hello?.monitorsHealthy === true ? 'all of them' : 'a monitor has failed on the peer',
    ),
    condition(
      'clock-skew',
      Math.abs(clockSkewMs) < context.options.clockSkewRefuseMs,
      `the peer's clock differs by ${Math.round(clockSkewMs)} ms`,
    ),
  ];
}

function configurationCondition(chassis: Chassis, context: ChassisContext): Condition {
  const { status, differences } = validateConfiguration(chassis, context);
  return {
    condition: 'configuration-equal',
    passed: status === 'equal',
    detail: differences.length === 0 ? status : `${status}: ${differences.join('; ')}`,
  };
}

function guardCondition({ lastSwitchoverAt }: Chassis, { now, options }: ChassisContext): Condition {
  const left = lastSwitchoverAt === undefined ? 0 : lastSwitchoverAt + options.guardPeriodMs - now;
  return {
    condition: 'guard-period',
    passed: left <= 0,
    detail: left <= 0 ? 'no switchover in the guard period' : `the guard period ends in ${Math.ceil(left)} ms`,
  };
}

/** The answer to `srp validate-configuration`. */
export interface ConfigurationValidation {
  readonly status: 'equal' | 'different' | 'not compared';
  readonly differences: readonly string[];
}

/** By the comparison of the texts, which names the lines that differ; where there was none, by the digests. */
export function validateConfiguration(
  { configuration, peer }: Chassis,
  context: ChassisContext,
): ConfigurationValidation {
  if (configuration?.equal === false) return { status: 'different', differences: configuration.differences };
  if (peer.hello === undefined) return { status: 'not compared', differences: [] };
  const equal = sameDigest(peer.hello.configurationDigest, context.configurationDigest);
  return { status: equal ? 'equal' : 'different', differences: [] };
}

/** Whether two configurations are the same by their digests; an empty digest says nothing, and differs from all others. */
export function sameDigest(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((octet, index) => octet === right[index]);
}

/** Whether this chassis could take over without losing a session: what its hello says. */
export function isReadyStandby(chassis: Chassis): boolean {
  return chassis.state.kind === 'STANDBY' && chassis.synchronisation.ready;
}
