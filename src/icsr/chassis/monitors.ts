import type { SwitchoverReason } from '../../wire/srp/names.ts';
import type { ChassisContext } from './context.ts';
import { failureActsAt } from './deadline.ts';
import type { Emit } from './effect.ts';
import { obstacles } from './readiness.ts';
import type { Chassis, MonitorKind } from './state.ts';
import { handOver } from './transition.ts';

/** Notes what a monitor says; the time of a failure is when it was first told. */
export function monitorChanged(
  chassis: Chassis,
  name: string,
  kind: MonitorKind,
  healthy: boolean,
  { now }: ChassisContext,
): Chassis {
  const known = chassis.monitors.find((monitor) => monitor.name === name);
  if (known?.healthy === healthy && known.kind === kind) return chassis;
  const others = chassis.monitors.filter((monitor) => monitor !== known);
  return { ...chassis, monitors: [...others, { name, kind, healthy, since: now }] };
}

/** ACTIVE hands over if a monitor's failure acts and the peer can do better; otherwise nothing changes. */
export function handOverIfCaused(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  const { state } = chassis;
  if (state.kind !== 'ACTIVE') return chassis;
  const cause = state.unfinished === undefined ? causeOf(chassis, context) : undefined;
  if (cause !== undefined && obstacles(chassis, context, 'automatic').length === 0) {
    return handOver(chassis, cause, context, emit);
  }
  return { ...chassis, state: { ...state, causesSeenAt: context.now } };
}

/** As `handOverIfCaused`, with an effect of serving for a chassis that goes on serving. */
export function whileStillActive(
  chassis: Chassis,
  effect: 'announceAgain' | 'releaseServing',
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const next = handOverIfCaused(chassis, context, emit);
  if (next.state.kind === 'ACTIVE') emit.push({ kind: effect });
  return next;
}

function causeOf(chassis: Chassis, { now, options }: ChassisContext): SwitchoverReason | undefined {
  for (const monitor of chassis.monitors) {
    if (monitor.kind === 'bfd' || (monitor.kind === 'aaa-probe' && chassis.aaaLatched)) continue;
    if (failureActsAt(chassis, monitor, options) <= now) return monitor.kind;
  }
  return undefined;
}
