import type { KindView } from '../../../icsr/replication/statistics.ts';
import type { RedundancyCounter } from '../../../sessmgr/pair/pair-counters.ts';
import { type NackReason, nackReasons } from '../../../wire/srp/names.ts';
import { camelCase, labelOf, pairLines, tableLines, wideColumns } from '../format.ts';
import { shown, type View } from '../view.ts';
import { pairOf } from './pair-of.ts';
import { refusedOf } from './srp-checkpoint-statistics.ts';

interface KindRow {
  readonly cmdId: number;
  readonly nameIndex: number;
  readonly name: string;
  readonly attempts: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly nacksReceived: number;
  readonly received: number;
  readonly applied: number;
  readonly stale: number;
  readonly alreadyGone: number;
  readonly refused: number;
  readonly nacksWithheld: number;
}

const debugCounters = [
  'nack.answered',
  'nack.deferred',
  'nack.suppressed',
  'nack.not-answered',
  'commit.acknowledged',
  'commit.timeout',
  'commit.disconnected',
  'stream.retransmitted',
  'stream.gap',
  'stream.duplicate',
] as const satisfies readonly RedundancyCounter[];

export interface SrpMicroCheckpointStatisticsData {
  /** Those that this chassis can send, and all that it has met. */
  readonly checkpoints: readonly KindRow[];
  readonly disabledNackCmdIds: readonly number[];
  /** Null unless `debug-info`. */
  readonly debugInfo: {
    readonly refusals: readonly {
      readonly cmdId: number;
      readonly name: string;
      readonly reason: string;
      readonly count: number;
    }[];
    readonly counters: Readonly<Record<string, number>>;
  } | null;
}

export const srpMicroCheckpointStatistics: View<SrpMicroCheckpointStatisticsData> = {
  words: ['srp', 'micro-checkpoint', 'statistics'],
  summary: 'checkpoints sent, received and refused, by CMD-ID',
  role: 'view',
  options: [{ name: 'debug-info', description: 'and why they were refused, and what became of NACKs and promises' }],
  build(source, _at, args) {
    const found = pairOf(source);
    if (!found.ok) return found;
    const { ledger } = found.value.pair;
    const kinds = ledger.checkpoints.view();
    const counts = found.value.pair.counts();
    const counters = Object.fromEntries(debugCounters.map((name) => [camelCase(name), counts[name]]));
    return shown({
      checkpoints: kinds.map(rowOf),
      disabledNackCmdIds: ledger.disabledNackCmdIds(),
      debugInfo: 'debug-info' in args ? { refusals: kinds.flatMap(refusalsOf), counters } : null,
    });
  },
  render: ({ checkpoints, disabledNackCmdIds, debugInfo }) => [
    ...tableLines(
      [
        'CMD-ID',
        'Checkpoint',
        'Attempts',
        'Sent',
        'Acked',
        'Failed',
        'NACKs',
        'Received',
        'Applied',
        'Stale',
        'Gone',
        'Refused',
        'Withheld',
      ],
      checkpoints.map((row) => [
        row.cmdId || null,
        row.name,
        row.attempts,
        row.sent,
        row.acknowledged,
        row.failed,
        row.nacksReceived,
        row.received,
        row.applied,
        row.stale,
        row.alreadyGone,
        row.refused,
        row.nacksWithheld,
      ]),
    ),
    `NACK disabled for: ${disabledNackCmdIds.join(', ') || 'none'}`,
    ...(debugInfo === null
      ? []
      : [
          'Refusals by reason:',
          ...tableLines(
            ['  CMD-ID', 'Checkpoint', 'Reason', 'Count'],
            debugInfo.refusals.map(({ cmdId, name, reason, count }) => [`  ${cmdId}`, name, reason, count]),
          ),
          'NACKs, promises and streams:',
          ...pairLines(
            wideColumns,
            Object.entries(debugInfo.counters).map(([name, count]) => [labelOf(name), count]),
          ),
        ]),
  ],
};

function rowOf(kind: KindView): KindRow {
  const { cmdId, nameIndex, name, attempts, sent, acknowledged, failed, received, applied, stale, alreadyGone } = kind;
  const active = { attempts, sent, acknowledged, failed, nacksReceived: kind.nacked };
  const standby = { received, applied, stale, alreadyGone, refused: refusedOf(kind), nacksWithheld: kind.withheld };
  return { cmdId, nameIndex, name, ...active, ...standby };
}

function refusalsOf(kind: KindView) {
  const { cmdId, name } = kind;
  return (Object.keys(nackReasons) as NackReason[])
    .filter((reason) => kind[reason] > 0)
    .map((reason) => ({ cmdId, name, reason, count: kind[reason] }));
}
