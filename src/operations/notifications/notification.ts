import { formatIp, formatMac } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import type { AlarmChange } from '../alarms/alarm.ts';
import { type AlarmName, type AlarmSeverity, alarmRunbook } from '../alarms/alarm-catalogue.ts';
import { eventKinds } from '../catalogue/event-catalogue.ts';
import { type EventSeverity, type EventThreshold, eventSeverities } from '../catalogue/event-kind.ts';
import { timeOf } from '../views/format.ts';
import type { Moment } from '../views/view.ts';

interface Common {
  /** RFC 3339 in UTC. */
  readonly time: string;
  readonly chassis: string;
}

/** An alarm that has come, gone, changed, or been acknowledged. */
export interface AlarmNotification extends Common {
  readonly kind: 'alarm';
  readonly change: AlarmChange['kind'];
  readonly number: number;
  readonly alarm: AlarmName;
  readonly severity: AlarmSeverity;
  readonly about: string | null;
  readonly meaning: string;
  readonly seeAlso: string;
  readonly runbook: string;
  readonly touches: AlarmChange['record']['touches'];
  readonly raised: string | null;
  readonly acknowledged: { readonly by: string; readonly note: string | null } | null;
}

/** An event of the catalogue. */
export interface EventNotification extends Common {
  readonly kind: 'event';
  readonly name: SamogEvent['name'];
  readonly severity: EventSeverity;
  readonly mac: string | null;
  readonly peer: string | null;
  readonly party: SamogEvent['party'];
  readonly text: string;
}

/** What is told to others as it happens; plain data. */
export type Notification = AlarmNotification | EventNotification;

/** What others are told of a change of an alarm; `chassis` is the name of this one. */
export function alarmNotification(chassis: string, { kind, record }: AlarmChange, at: Moment): AlarmNotification {
  const { number, alarm, severity, about, meaning, seeAlso, touches, raisedAt, acknowledgement } = record;
  return {
    kind: 'alarm',
    time: new Date(Math.round(at.wallClock)).toISOString(),
    chassis,
    change: kind,
    ...{ number, alarm, severity, about, meaning, seeAlso, runbook: alarmRunbook(alarm), touches },
    raised: timeOf(raisedAt, at),
    acknowledged: acknowledgement === undefined ? null : { by: acknowledgement.by, note: acknowledgement.note ?? null },
  };
}

/** What others are told of an event that was at `at`; `now` is what the clocks show, for its time of day. */
export function eventNotification(chassis: string, event: SamogEvent, at: Instant, now: Moment): EventNotification {
  return {
    kind: 'event',
    time: timeOf(at, now)!,
    chassis,
    name: event.name,
    severity: eventKinds[event.name].severity,
    mac: event.mac === undefined ? null : formatMac(event.mac),
    peer: event.peer === undefined ? null : formatIp(event.peer),
    party: event.party,
    text: event.text(),
  };
}

/** What alarms tell already. */
const toldAsAlarms: ReadonlySet<string> = new Set([
  'alarm-raised',
  'alarm-changed',
  'alarm-cleared',
  'alarm-acknowledged',
]);

/** Whether an event is one for somebody who wants those from a severity on. */
export function isWanted(name: SamogEvent['name'], from: EventThreshold): boolean {
  if (toldAsAlarms.has(name)) return false;
  if (name === 'chassis-transition') return true;
  return from !== 'none' && eventSeverities.indexOf(eventKinds[name].severity) <= eventSeverities.indexOf(from);
}
