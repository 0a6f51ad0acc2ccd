import type { Alarm } from '../../icsr/chassis/alarm.ts';

/** What each alarm means; what to do about it is in docs/operations/troubleshooting.md. */
export const alarmSentences: Readonly<Record<Alarm, string>> = {
  'peer-silent': 'the peer has said no hello for the dead interval',
  'clock-skew': 'the clocks of the two chassis are far apart',
  'configuration-differs': 'the two chassis are not configured alike',
  'same-mode': 'both chassis are primary, or both backup',
  'promotion-slow': 'this chassis serves, and its promotion is not over',
  'promotion-failed': 'a stage of the last promotion failed',
  'standby-not-ready': 'the standby does not hold all sessions',
  'older-store': 'this chassis is started alone, and its peer may have the newer sessions',
};
