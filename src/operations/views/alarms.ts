import { type StandingAlarm, standingAlarms } from '../alarms/standing-alarms.ts';
import { tableLines } from './format.ts';
import { shown, type View } from './view.ts';

export interface AlarmsData {
  readonly alarms: readonly StandingAlarm[];
}

export const alarms: View<AlarmsData> = {
  words: ['alarms'],
  summary: 'what is wrong now, and which command tells more',
  role: 'view',
  options: [],
  build: (source, at) => shown({ alarms: standingAlarms(source, at) }),
  render: ({ alarms: standing }) => [
    ...(standing.length === 0
      ? []
      : tableLines(
          ['Alarm', 'Severity', 'About', 'See Also', 'Meaning'],
          standing.map(({ alarm, severity, about, seeAlso, meaning }) => [alarm, severity, about, seeAlso, meaning]),
        )),
    `Alarms: ${standing.length} standing`,
  ],
};
