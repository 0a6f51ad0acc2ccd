import { z } from 'zod';
import { alarmSeverities } from '../alarms/alarm-catalogue.ts';
import { compared, optional, required, section, setting } from './settings.ts';
import { decimal, metricSelector, milliseconds, name, oneOf } from './values.ts';

const threshold = section('A limit on a metric; beyond it the alarm `threshold-crossed` stands.', {
  name: required(name(), 'What the alarm is about.'),
  metric: required(
    metricSelector(),
    'A metric of docs/reference/metrics.md, with labels if only some of its series are meant: `samog_sessions{access="eogre"}`. Each ' +
      'series has an alarm of its own. Of a counter its growth in a second is compared, over the last minute.',
  ),
  above: optional(decimal(), 'the limit is `below`', 'Beyond is more than this.'),
  'clear-below': optional(decimal(), 'at `above`', 'The alarm is over at this and below; not more than `above`.'),
  below: optional(decimal(), 'the limit is `above`', 'Beyond is less than this.'),
  'clear-above': optional(decimal(), 'at `below`', 'The alarm is over at this and above; not less than `below`.'),
  for: setting(milliseconds('0s', '24h'), '30s', 'The alarm is raised when it has been beyond for so long.'),
  severity: setting(oneOf(...alarmSeverities), 'warning', '`critical`: UEs are refused, or would be lost.'),
});

export const thresholdsSchema = compared(
  'own',
  z.array(threshold).max(64).prefault([]).describe('Limits on metrics, each of which raises and clears alarms.'),
);
