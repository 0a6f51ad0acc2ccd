import type { AlarmRecord, AlarmTouches, StandingAlarm } from '../alarms/alarm.ts';
import { type AlarmName, type AlarmSeverity, alarmKind, alarmRunbook } from '../alarms/alarm-catalogue.ts';
import { standingAlarms } from '../alarms/standing-alarms.ts';
import { integerArgument } from './arguments.ts';
import { ageSeconds, durationText, tableLines, timeOf } from './format.ts';
import { type Moment, shown, type View, type ViewSource } from './view.ts';

/** An alarm as it is shown. */
export interface AlarmData {
  /** By which it is acknowledged; null where nobody keeps alarms. */
  readonly number: number | null;
  readonly alarm: AlarmName;
  readonly severity: AlarmSeverity;
  readonly about: string | null;
  readonly meaning: string;
  readonly seeAlso: string;
  /** Where the documentation tells what to do. */
  readonly runbook: string;
  /** What to do, as it stands there. */
  readonly advice: string;
  readonly touches: AlarmTouches;
  readonly raised: string | null;
  readonly ageSeconds: number | null;
  /** Null while nobody has. */
  readonly acknowledged: {
    readonly by: string;
    readonly time: string | null;
    readonly ageSeconds: number | null;
    readonly note: string | null;
  } | null;
}

export interface AlarmsData {
  readonly alarms: readonly AlarmData[];
}

export interface AlarmHistoryData {
  /** Latest first. */
  readonly alarms: readonly (AlarmData & {
    readonly cleared: string | null;
    readonly clearedAgeSeconds: number | null;
  })[];
  /** Raised since the start, those that stand included. */
  readonly total: number;
}

const limitDefault = 50;
const limitMax = 1000;

function unkept(standing: StandingAlarm): AlarmData {
  const runbook = alarmRunbook(standing.alarm);
  const { advice } = alarmKind(standing.alarm);
  return { number: null, ...standing, runbook, advice, raised: null, ageSeconds: null, acknowledged: null };
}

/** A kept alarm as data; times in RFC 3339. */
export function alarmData(record: AlarmRecord, at: Moment): AlarmData {
  const { number, alarm, severity, about, meaning, seeAlso, touches, raisedAt, acknowledgement } = record;
  return {
    ...{ number, alarm, severity, about, meaning, seeAlso, runbook: alarmRunbook(alarm), touches },
    advice: alarmKind(alarm).advice,
    raised: timeOf(raisedAt, at),
    ageSeconds: ageSeconds(raisedAt, at),
    acknowledged:
      acknowledgement === undefined
        ? null
        : {
            by: acknowledgement.by,
            time: timeOf(acknowledgement.at, at),
            ageSeconds: ageSeconds(acknowledgement.at, at),
            note: acknowledgement.note ?? null,
          },
  };
}

/** Alarms that stand: as the gateway keeps them, or as they are where nobody does. */
export function alarmsNow(source: ViewSource, at: Moment): readonly AlarmData[] {
  if (source.alarms === undefined) return standingAlarms(source, at).map(unkept);
  return source.alarms.standing().map((record) => alarmData(record, at));
}

function rowOf({ number, severity, alarm, about, ageSeconds: age, acknowledged, seeAlso, meaning }: AlarmData) {
  const since = age === null ? null : durationText(age);
  return [number, severity, alarm, about, since, acknowledged?.by ?? null, seeAlso, meaning] as const;
}

export const alarms: View<AlarmsData> = {
  words: ['alarms'],
  summary: 'what is wrong now, and which command tells more',
  role: 'view',
  options: [],
  build: (source, at) => shown({ alarms: alarmsNow(source, at) }),
  render: ({ alarms: standing }) => [
    ...(standing.length === 0
      ? []
      : tableLines(
          ['No', 'Severity', 'Alarm', 'About', 'For', 'Taken By', 'See Also', 'Meaning'],
          standing.map(rowOf),
        )),
    `Alarms: ${standing.length} standing`,
  ],
};

export const alarmHistory: View<AlarmHistoryData> = {
  words: ['alarms', 'history'],
  summary: 'the alarms that are over, latest first',
  role: 'view',
  options: [{ name: 'limit', value: 'N', description: `the last N, 1 to ${limitMax}; ${limitDefault} if left out` }],
  build: (source, at, args) => {
    const limit = integerArgument('limit', args['limit'] ?? String(limitDefault), 1, limitMax);
    if (!limit.ok) return limit;
    const records = source.alarms?.cleared(limit.value) ?? [];
    return shown({
      alarms: records.map((record) => ({
        ...alarmData(record, at),
        cleared: timeOf(record.clearedAt ?? Number.NaN, at),
        clearedAgeSeconds: ageSeconds(record.clearedAt, at),
      })),
      total: source.alarms?.total ?? 0,
    });
  },
  render: ({ alarms: over, total }) => [
    ...(over.length === 0
      ? []
      : tableLines(
          ['No', 'Severity', 'Alarm', 'About', 'Raised', 'Cleared', 'Taken By', 'Note', 'Meaning'],
          over.map(({ number, severity, alarm, about, raised, cleared, acknowledged, meaning }) => {
            const taken = [acknowledged?.by ?? null, acknowledged?.note ?? null];
            return [number, severity, alarm, about, raised, cleared, ...taken, meaning];
          }),
        )),
    `Alarms: ${over.length} shown, ${total} raised since the start`,
  ],
};
