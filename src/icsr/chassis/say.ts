import type { Alarm } from './alarm.ts';
import type { ChassisContext } from './context.ts';
import type { Emit } from './effect.ts';
import type { PeerHello } from './hello.ts';
import { toldLineage } from './lineage.ts';
import { isReadyStandby } from './readiness.ts';
import { type Chassis, monitorsHealthy } from './state.ts';

/** What the chassis says of itself now. */
export function helloOf(chassis: Chassis, context: ChassisContext): PeerHello {
  const { state } = chassis;
  const { mode, priority, tiebreaker } = context.options;
  return {
    term: chassis.term.highest,
    state: state.kind,
    mode,
    priority,
    routeModifier: chassis.routeModifier,
    tiebreaker,
    ready: isReadyStandby(chassis),
    handingOver: state.kind === 'PENDING_STANDBY' && state.purpose === 'handingOver' ? state.cause : undefined,
    wallClock: context.wallClock,
    configurationDigest: context.configurationDigest,
    sessions: context.sessions,
    monitorsHealthy: monitorsHealthy(chassis),
    lineage: toldLineage(chassis.lineage, context.now),
    instances: chassis.synchronisation.instances,
    saidAt: context.now,
    heardSaidAt: chassis.peer.hello?.saidAt,
    store: chassis.store,
  };
}

/** Sends a hello, if there is somebody to send it to, and sets the time of the next. */
export function sayHello(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  if (chassis.peer.link.kind === 'up' && chassis.peer.link.authenticated) {
    emit.push({ kind: 'sendHello', hello: helloOf(chassis, context) });
    emit.count('hello.sent');
  }
  return { ...chassis, helloDueAt: context.now + context.options.helloIntervalMs };
}

/** Raises or clears an alarm; says nothing if it stands so already. */
export function setAlarm(chassis: Chassis, alarm: Alarm, raised: boolean, detail: string, emit: Emit): Chassis {
  if (chassis.alarms.includes(alarm) === raised) return chassis;
  emit.push(raised ? { kind: 'raiseAlarm', alarm, detail } : { kind: 'clearAlarm', alarm });
  return {
    ...chassis,
    alarms: raised ? [...chassis.alarms, alarm] : chassis.alarms.filter((standing) => standing !== alarm),
  };
}
