import type { Alarm } from '../icsr/chassis/alarm.ts';
import type { ChassisReport } from '../icsr/chassis/effect.ts';
import { unreachable } from '../kernel/unreachable.ts';
import type { EventSink } from '../services/samog/events.ts';
import type { Notice } from '../sessmgr/pair/options.ts';
import { tellEvent } from './gateway-event.ts';
import type { LinkEvent } from './srp/thread-messages.ts';

/** What the chassis machine has to say. */
export function tellNotice(report: EventSink | undefined, notice: Notice): void {
  switch (notice.kind) {
    case 'raiseAlarm':
      return tellEvent(report, 'alarm-raised', `${alarmName(notice.alarm)}: ${notice.detail}`);
    case 'clearAlarm':
      return tellEvent(report, 'alarm-cleared', alarmName(notice.alarm));
    case 'report':
      return tellEvent(report, `chassis-${notice.report.name}`, reportText(notice.report));
    default:
      return unreachable(notice);
  }
}

/** What the link thread has to say; it says the same thing not too often, and how often it has not. */
export function tellLink(report: EventSink | undefined, event: LinkEvent): void {
  const from = event.name === 'refused' ? ` from ${event.address}` : '';
  const more = event.suppressed === 0 ? '' : ` (and ${event.suppressed} times more)`;
  tellEvent(report, `srp-${event.name}`, `${event.reason}${from}${more}`);
}

function alarmName(alarm: Alarm): string {
  return `alarm ${alarm}`;
}

function reportText(report: ChassisReport): string {
  switch (report.name) {
    case 'transition':
      return `${report.from} to ${report.to}: ${report.reason}, term ${report.term}`;
    case 'term-raised':
      return `term ${report.term}, over ${report.over}`;
    case 'switchover-refused':
      return `the switchover was refused: ${report.failed.map(({ condition }) => condition).join(', ')}`;
    case 'promotion-stage-failed':
      return `the stage ${report.stage} of the promotion failed: ${report.reason}`;
    case 'connection':
      return `the connection to the peer is ${report.up ? 'up' : 'down'}: ${report.reason}`;
    case 'lineage-begun':
      return `a line of sessions begins: ${report.lineage}`;
    case 'lineage-abandoned':
      return `the line of sessions ${report.lineage} gives way to the older ${report.for}: ${report.sessions} sessions`;
    default:
      return unreachable(report);
  }
}
