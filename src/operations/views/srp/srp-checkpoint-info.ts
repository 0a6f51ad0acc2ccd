import { tableLines } from '../format.ts';
import { shown, type View } from '../view.ts';
import { type CheckpointRow, checkpointRows, producerText } from './checkpoint-rows.ts';
import { pairOf } from './pair-of.ts';
import { yesNo } from './words.ts';

export interface SrpCheckpointInfoData {
  readonly checkpoints: readonly CheckpointRow[];
  /** CMD-IDs of which no refusal is told. */
  readonly disabledNackCmdIds: readonly number[];
}

export const srpCheckpointInfo: View<SrpCheckpointInfoData> = {
  words: ['srp', 'checkpoint', 'info'],
  summary: 'every checkpoint of the catalogue: when it is sent, and who produces it',
  role: 'view',
  options: [],
  build(source) {
    const found = pairOf(source);
    if (!found.ok) return found;
    const disabledNackCmdIds = found.value.pair.ledger.disabledNackCmdIds();
    return shown({ checkpoints: checkpointRows(disabledNackCmdIds), disabledNackCmdIds });
  },
  render: ({ checkpoints, disabledNackCmdIds }) => [
    ...tableLines(
      [
        'CMD-ID',
        'Checkpoint',
        'Type',
        'Category',
        'Time Based',
        'Event Based',
        'Frequency',
        'Accounting',
        'Delta/Cumulative',
        'NACK',
        'Produced By',
        'Related CLI Command',
      ],
      checkpoints.map((row) => [
        row.cmdId,
        row.name,
        row.kind,
        row.category,
        flag(row.timeBased),
        flag(row.eventBased),
        row.frequency,
        flag(row.accounting),
        row.deltaOrCumulative,
        row.nack,
        producerText(row),
        row.relatedCli,
      ]),
    ),
    `Checkpoints: ${checkpoints.length}, NACK disabled for: ${disabledNackCmdIds.join(', ') || 'none'}`,
  ],
};

function flag(value: boolean | null): string | null {
  return value === null ? null : yesNo(value);
}
