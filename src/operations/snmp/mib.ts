import type { AlarmChange } from '../alarms/alarm.ts';
import type { MetricSelector } from '../config/notifications-config.ts';

/**
 * Below `netSnmpPlaypen` (NET-SNMP-MIB), which is set aside for what has no number of its own: the project has none with IANA
 * yet. All others are relative to this.
 */
export const samogOid = '1.3.6.1.4.1.8072.9999.9999.5213';

export type ObjectSyntax = 'DisplayString' | 'Gauge32' | 'Unsigned32' | 'Counter64' | 'Severity';

/** What a notification carries. Only there: none of these can be read. */
export interface NotificationObject {
  readonly name: string;
  readonly number: number;
  readonly syntax: ObjectSyntax;
  readonly description: string;
}

function carried(name: string, number: number, syntax: ObjectSyntax, description: string): NotificationObject {
  return { name, number, syntax, description };
}

/** Below `samogOid`.2. */
export const notificationObjects = {
  chassis: carried('samogNotifyChassis', 1, 'DisplayString', 'The chassis that tells of it (chassis.name).'),
  time: carried('samogNotifyTime', 2, 'DisplayString', 'When it happened: RFC 3339 in UTC.'),
  alarmNumber: carried(
    'samogAlarmNumber',
    3,
    'Unsigned32',
    'The number of the alarm, counted from 1 since the start of the gateway.',
  ),
  alarmName: carried('samogAlarmName', 4, 'DisplayString', 'Which alarm of docs/reference/events.md it is.'),
  alarmSeverity: carried('samogAlarmSeverity', 5, 'Severity', 'critical: UEs are refused, or would be lost.'),
  alarmAbout: carried(
    'samogAlarmAbout',
    6,
    'DisplayString',
    'What the alarm is about, such as a server; empty for the chassis as a whole.',
  ),
  alarmMeaning: carried('samogAlarmMeaning', 7, 'DisplayString', 'What it means, in words.'),
  alarmSeeAlso: carried('samogAlarmSeeAlso', 8, 'DisplayString', 'The command that tells more.'),
  acknowledgedBy: carried(
    'samogAlarmAcknowledgedBy',
    9,
    'DisplayString',
    'Who has taken it on; empty while nobody has.',
  ),
  eventName: carried('samogEventName', 10, 'DisplayString', 'Which event of docs/reference/events.md it is.'),
  eventText: carried('samogEventText', 11, 'DisplayString', 'What happened, in words.'),
} as const;
export type NotificationObjectName = keyof typeof notificationObjects;

export interface NotificationKind {
  readonly name: string;
  readonly number: number;
  readonly objects: readonly NotificationObjectName[];
  readonly description: string;
}

const alarmObjects: readonly NotificationObjectName[] = [
  'chassis',
  'time',
  'alarmNumber',
  'alarmName',
  'alarmSeverity',
  'alarmAbout',
  'alarmMeaning',
  'alarmSeeAlso',
  'acknowledgedBy',
];

/** Below `samogOid`.0. */
export const notificationKinds: Readonly<Record<AlarmChange['kind'] | 'transition' | 'event', NotificationKind>> = {
  raised: {
    name: 'samogAlarmRaised',
    number: 1,
    objects: alarmObjects,
    description: 'Something is wrong from now on, until samogAlarmCleared has the same number.',
  },
  cleared: { name: 'samogAlarmCleared', number: 2, objects: alarmObjects, description: 'An alarm is over.' },
  changed: {
    name: 'samogAlarmChanged',
    number: 3,
    objects: alarmObjects,
    description: 'An alarm has another severity.',
  },
  acknowledged: {
    name: 'samogAlarmAcknowledged',
    number: 4,
    objects: alarmObjects,
    description: 'Somebody has taken an alarm on; it stands all the same.',
  },
  transition: {
    name: 'samogChassisTransition',
    number: 5,
    objects: ['chassis', 'time', 'eventText'],
    description:
      'A chassis of a pair went into another state: the text says from which to which, why, and with which term.',
  },
  event: {
    name: 'samogEvent',
    number: 6,
    objects: ['chassis', 'time', 'eventName', 'eventText'],
    description: 'An event of the severity that the configuration asks for.',
  },
};

/** What can be read: of the chassis, or the sum of the series of a metric. */
export interface Scalar {
  readonly name: string;
  readonly number: number;
  readonly syntax: 'DisplayString' | 'Gauge32' | 'Counter64';
  readonly of: 'chassis' | 'role' | MetricSelector;
  readonly description: string;
}

const series = (metric: string, labels: MetricSelector['labels'] = {}): MetricSelector => ({ metric, labels });

/** Below `samogOid`.1. A number is never given to something else. */
export const scalars: readonly Scalar[] = (
  [
    ['samogChassisName', 'DisplayString', 'chassis', 'The name of the chassis.'],
    [
      'samogChassisRole',
      'DisplayString',
      'role',
      'What it is in its pair, such as Active; Alone for one without a peer.',
    ],
    ['samogUptimeSeconds', 'Gauge32', series('samog_uptime_seconds'), 'Seconds since the gateway started.'],
    ['samogSessionsPmip', 'Gauge32', series('samog_sessions', { access: 'pmip' }), 'Sessions on PMIPv6.'],
    ['samogSessionsEogre', 'Gauge32', series('samog_sessions', { access: 'eogre' }), 'Sessions on EoGRE.'],
    ['samogSessionsMax', 'Gauge32', series('samog_sessions_max'), 'Sessions that there may be.'],
    ['samogSessionsSetUp', 'Counter64', series('samog_session_setup_total'), 'Sessions set up.'],
    ['samogSessionsFailed', 'Counter64', series('samog_session_failed_total'), 'Sessions not set up, for all reasons.'],
    [
      'samogHandoversReceived',
      'Counter64',
      series('samog_handoff_received_total'),
      'Handovers asked for, of all kinds.',
    ],
    [
      'samogHandoversAccepted',
      'Counter64',
      series('samog_handoff_accepted_total'),
      'Handovers accepted, of all kinds.',
    ],
    ['samogHandoversDenied', 'Counter64', series('samog_handoff_denied_total'), 'Handovers denied, of all kinds.'],
    [
      'samogRadiusServersUp',
      'Gauge32',
      series('samog_radius_server_up'),
      'RADIUS servers that are not taken for dead.',
    ],
    [
      'samogRadiusTimeouts',
      'Counter64',
      series('samog_radius_timeout_total'),
      'Requests that no server answered in time.',
    ],
    ['samogLmasUp', 'Gauge32', series('samog_lma_up'), 'LMAs that have not missed their heartbeats.'],
    [
      'samogPacketsDropped',
      'Counter64',
      series('samog_dropped_packets_total'),
      'Packets of UEs dropped, for all reasons.',
    ],
    ['samogFaults', 'Counter64', series('samog_faults_total'), 'Faults of the gateway itself that were contained.'],
    ['samogStandingAlarms', 'Gauge32', series('samog_standing_alarms'), 'Alarms that stand.'],
    [
      'samogUnacknowledgedAlarms',
      'Gauge32',
      series('samog_unacknowledged_alarms'),
      'Those that nobody has acknowledged.',
    ],
    [
      'samogStandbyReady',
      'Gauge32',
      series('samog_srp_standby_ready'),
      'Of a pair: 1 while the standby holds all sessions.',
    ],
    [
      'samogUnprotectedSessions',
      'Gauge32',
      series('samog_srp_unprotected_sessions'),
      'Of the active chassis of a pair: sessions that a switchover now would lose in part.',
    ],
  ] as const
).map(([name, syntax, of, description], index) => ({ name, number: index + 1, syntax, of, description }));
