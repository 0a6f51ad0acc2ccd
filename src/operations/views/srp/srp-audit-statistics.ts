import type { AuditResult } from '../../../icsr/replication/statistics.ts';
import { ageSeconds, timeOf } from '../format.ts';
import { type Moment, shown, type View } from '../view.ts';
import { pairOf } from './pair-of.ts';
import { srpLines, srpTime } from './words.ts';

export interface SrpAuditStatisticsData {
  readonly intervalSeconds: number;
  /** As the active: comparisons that the standby has answered. */
  readonly answered: number;
  /** As the standby: comparisons made, and those passed over because the stream was elsewhere. */
  readonly compared: number;
  readonly passedOver: number;
  /** On either side: buckets that were not the same, and resynchronisations of such buckets. */
  readonly bucketsDiffered: number;
  readonly repairs: number;
  /** As the standby: records that a resynchronisation did not name, and that were removed. */
  readonly recordsRemoved: number;
  /** In the present role; null if there was none in it. */
  readonly last: {
    readonly at: string | null;
    readonly atSeconds: number | null;
    readonly bucketsDiffered: number;
  } | null;
  /** As the active: buckets are being sent again. Null as the standby. */
  readonly repairing: boolean | null;
}

export const srpAuditStatistics: View<SrpAuditStatisticsData> = {
  words: ['srp', 'audit-statistics'],
  summary: 'comparisons of the two chassis, and what they found',
  role: 'view',
  options: [],
  build(source, at) {
    const found = pairOf(source);
    if (!found.ok) return found;
    const { pair, config } = found.value;
    const counts = pair.counts();
    const { sender, receiver } = pair.replication(at.now);
    return shown({
      intervalSeconds: config.checkpoints.auditIntervalMs / 1000,
      answered: counts['audit.answered'],
      compared: counts['audit.compared'],
      passedOver: counts['audit.passed-over'],
      bucketsDiffered: counts['audit.buckets-differed'],
      repairs: counts['resynchronisation.audit'],
      recordsRemoved: counts['audit.swept'],
      last: lastOf(sender?.lastAudit ?? receiver?.lastAudit, at),
      repairing: sender === undefined ? null : sender.dirty,
    });
  },
  render: (data) =>
    srpLines([
      ['Audit Interval', `${data.intervalSeconds} s`],
      ['Audits Answered by the Standby', data.answered],
      ['Audits Made as Standby', data.compared],
      ['Audits Passed Over as Standby', data.passedOver],
      ['Buckets Found Different', data.bucketsDiffered],
      ['Buckets Being Repaired', data.repairing === null ? 'n/a' : data.repairing ? 'Yes' : 'No'],
      ['Resynchronisations for Audits', data.repairs],
      ['Records Removed as Standby', data.recordsRemoved],
      ['Last Audit', data.last === null ? 'None' : srpTime(data.last.at, data.last.atSeconds)],
      ['Last Audit Buckets Different', data.last?.bucketsDiffered ?? 'None'],
    ]),
};

function lastOf(audit: AuditResult | undefined, at: Moment): SrpAuditStatisticsData['last'] {
  if (audit === undefined) return null;
  return { at: timeOf(audit.at, at), atSeconds: ageSeconds(audit.at, at), bucketsDiffered: audit.bucketsDiffered };
}
