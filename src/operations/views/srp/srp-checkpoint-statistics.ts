import { checkpointByAddress, checkpoints } from '../../../icsr/catalogue/catalogue.ts';
import type { KindView } from '../../../icsr/replication/statistics.ts';
import { type NackReason, nackReasons } from '../../../wire/srp/names.ts';
import { fieldLines, pairLines, tableLines, wideColumns } from '../format.ts';
import { shown, type View } from '../view.ts';
import { type InstanceRow, instanceRows } from './instances.ts';
import { pairOf } from './pair-of.ts';

/** What has become of checkpoints that this chassis made. */
type Sent = {
  readonly attempts: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly nacksReceived: number;
};

/** What has become of checkpoints that came. */
type Received = {
  readonly received: number;
  readonly applied: number;
  readonly stale: number;
  readonly alreadyGone: number;
  readonly failed: number;
  readonly nacksSent: number;
  readonly nacksWithheld: number;
};

const sorts = ['full', 'micro', 'instance'] as const;
type Sort = (typeof sorts)[number];

export interface SrpCheckpointStatisticsData {
  readonly sessmgrs: number;
  readonly activeConnected: number;
  readonly standbyConnected: number;
  readonly pendingActive: number;
  readonly records: number;
  /** Sessions where this chassis serves, records where it holds them: the same on both chassis of a pair at rest. */
  readonly allocatedCalls: number;
  readonly unprotectedCalls: number;
  /** Null if only the other role was asked for. */
  readonly active: Readonly<Record<Sort, Sent>> | null;
  readonly standby: Readonly<Record<Sort, Received>> | null;
  /** Null unless `verbose`. */
  readonly instances: readonly InstanceRow[] | null;
}

export const srpCheckpointStatistics: View<SrpCheckpointStatisticsData> = {
  words: ['srp', 'checkpoint', 'statistics'],
  summary: 'session managers, call recovery records and checkpoints',
  role: 'view',
  options: [
    { name: 'active', description: 'only what this chassis has counted as the active' },
    { name: 'standby', description: 'only what it has counted as the standby' },
    { name: 'verbose', description: 'and a line for each session manager instance' },
  ],
  build(source, at, args) {
    const found = pairOf(source);
    if (!found.ok) return found;
    const { pair } = found.value;
    const both = 'active' in args === 'standby' in args;
    const rows = instanceRows(found.value, source.managers ?? [source.manager], at.now);
    const inState = (state: InstanceRow['state']) => rows.filter((row) => row.state === state).length;
    const kinds = pair.ledger.checkpoints.view();
    return shown({
      sessmgrs: rows.length,
      activeConnected: inState('Active-Connected'),
      standbyConnected: inState('Standby-Connected'),
      pendingActive: inState('Pending-Active'),
      records: pair.records,
      allocatedCalls: rows.reduce((sum, { calls, records }) => sum + calls + records, 0),
      unprotectedCalls: rows.reduce((sum, { unprotected }) => sum + unprotected, 0),
      active: both || 'active' in args ? bySort(kinds, sentOf, noneSent) : null,
      standby: both || 'standby' in args ? bySort(kinds, receivedOf, noneReceived) : null,
      instances: 'verbose' in args ? rows : null,
    });
  },
  render: (data) => [
    ...fieldLines(
      [
        ['Number of Sessmgrs', data.sessmgrs],
        ['Sessmgrs in Active-Connected state', data.activeConnected],
        ['Sessmgrs in Standby-Connected state', data.standbyConnected],
        ['Sessmgrs in Pending-Active state', data.pendingActive],
        ['Current Call Recovery Records (CRRs)', data.records],
        ['Current allocated calls', data.allocatedCalls],
        ['Current pre-allocated calls', 0],
        ['Current unprotected calls', data.unprotectedCalls],
      ],
      0,
      44,
    ),
    ...(data.active === null ? [] : sorts.flatMap((sort) => sentLines(sort, data.active![sort]))),
    ...(data.standby === null ? [] : sorts.flatMap((sort) => receivedLines(sort, data.standby![sort]))),
    ...(data.instances === null ? [] : instanceLines(data.instances)),
  ],
};

const reasons = Object.keys(nackReasons) as NackReason[];

/** Refused by the service or for want of room. */
export function refusedOf(kind: KindView): number {
  return reasons.reduce((sum, reason) => sum + kind[reason], 0);
}

function sentOf({ attempts, sent, acknowledged, failed, nacked }: KindView): Sent {
  return { attempts, sent, acknowledged, failed, nacksReceived: nacked };
}

function receivedOf(kind: KindView): Received {
  const { received, applied, stale, alreadyGone, withheld } = kind;
  const failed = refusedOf(kind);
  return { received, applied, stale, alreadyGone, failed, nacksSent: failed - withheld, nacksWithheld: withheld };
}

const fullCmdId = checkpoints.sessionFull.address.cmdId;

/** A session's full checkpoint, one of its micro-checkpoints, or what belongs to the instance and to no session. */
export function sortOf({ cmdId, nameIndex }: KindView): Sort {
  if (cmdId === fullCmdId) return 'full';
  return checkpointByAddress(cmdId, nameIndex)?.kind === 'macro' ? 'instance' : 'micro';
}

const noneSent: Sent = { attempts: 0, sent: 0, acknowledged: 0, failed: 0, nacksReceived: 0 };
const noneReceived: Received = {
  received: 0,
  applied: 0,
  stale: 0,
  alreadyGone: 0,
  failed: 0,
  nacksSent: 0,
  nacksWithheld: 0,
};

/** Sums over the kinds of each sort. */
function bySort<Counts extends Readonly<Record<string, number>>>(
  kinds: readonly KindView[],
  countsOf: (kind: KindView) => Counts,
  none: Counts,
): Record<Sort, Counts> {
  const sumOf = (sort: Sort): Counts =>
    kinds
      .filter((kind) => sortOf(kind) === sort)
      .map(countsOf)
      .reduce(sumOfBoth, none);
  return { full: sumOf('full'), micro: sumOf('micro'), instance: sumOf('instance') };
}

function sumOfBoth<Counts extends Readonly<Record<string, number>>>(left: Counts, right: Counts): Counts {
  return Object.fromEntries(Object.entries(left).map(([name, count]) => [name, count + right[name]!])) as Counts;
}

const sortTitles = {
  full: 'Full Checkpoints',
  micro: 'Micro-Checkpoints',
  instance: 'Instance Level Checkpoints',
} as const;

function sentLines(sort: Sort, counts: Sent): string[] {
  return [
    `${sortTitles[sort]} as Active:`,
    ...pairLines(wideColumns, [
      ['Attempted', counts.attempts],
      ['Sent', counts.sent],
      ['Acknowledged', counts.acknowledged],
      ['Failed', counts.failed],
      ['NACKs received', counts.nacksReceived],
    ]),
  ];
}

function receivedLines(sort: Sort, counts: Received): string[] {
  return [
    `${sortTitles[sort]} as Standby:`,
    ...pairLines(wideColumns, [
      ['Received', counts.received],
      ['Applied', counts.applied],
      ['Stale', counts.stale],
      ['Already gone', counts.alreadyGone],
      ['Failed', counts.failed],
      ['NACKs sent', counts.nacksSent],
      ['NACKs withheld', counts.nacksWithheld],
    ]),
  ];
}

function instanceLines(rows: readonly InstanceRow[]): string[] {
  return tableLines(
    ['smgr inst', 'state', 'peer conn', 'calls', 'CRRs', 'unprotected', 'epoch', 'sequence', 'acked', 'lag', 'lag ms'],
    rows.map((row) => [
      row.instance,
      row.state,
      row.peerConnection,
      row.calls,
      row.records,
      row.unprotected,
      row.epoch,
      row.sequence,
      row.acknowledged,
      row.lagRecords,
      row.lagMs,
    ]),
  );
}
