import type { AlarmReader, StandingAlarm } from '../../src/operations/alarms/alarm.ts';
import { AlarmKeeper } from '../../src/operations/alarms/alarm-keeper.ts';
import { moment } from './view-source.ts';

const dead: StandingAlarm = {
  alarm: 'aaa-server-dead',
  severity: 'warning',
  about: 'aaa-1',
  meaning: 'the RADIUS server does not answer, and is passed over',
  seeAlso: 'show mrme-service',
  touches: { sessions: 0, what: 'no session, while another server answers' },
};
const down: StandingAlarm = {
  alarm: 'lma-down',
  severity: 'critical',
  about: '203.0.113.100',
  meaning: 'the LMA has missed its heartbeats',
  seeAlso: 'show cgw-service',
  touches: { sessions: 4, what: 'sessions that it anchors' },
};

/** One alarm that is over, one that somebody has taken on, and one that nobody has. */
export function sampleAlarms(): AlarmReader {
  const keeper = new AlarmKeeper();
  const ago = (seconds: number) => moment.now - seconds * 1000;
  keeper.look([{ ...dead, about: 'aaa-2' }], ago(900));
  keeper.acknowledge(1, 'bob', undefined, ago(890));
  keeper.look([], ago(600));
  keeper.look([dead], ago(252));
  keeper.look([dead, down], ago(30));
  keeper.acknowledge(2, 'alice', 'ticket 4711', ago(200));
  keeper.look([dead, down], ago(1));
  return keeper;
}
