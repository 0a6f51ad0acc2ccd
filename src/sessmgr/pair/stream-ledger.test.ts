import { describe, expect, it } from 'vitest';
import { CallRecoveryRecords, callRecoveryDefaults } from '../../icsr/replication/call-recovery-records.ts';
import {
  type RecordApplier,
  ReplicationReceiver,
  receiverDefaults,
} from '../../icsr/replication/replication-receiver.ts';
import { ReplicationSender } from '../../icsr/replication/replication-sender.ts';
import { senderDefaults } from '../../icsr/replication/sender-config.ts';
import { StreamLedger } from './stream-ledger.ts';

function newSender({ checkpoints: statistics }: StreamLedger): ReplicationSender {
  const source = { encode: () => undefined, instanceRecords: () => [] };
  return new ReplicationSender({ ...senderDefaults, instance: 1 }, { source, send: () => {}, statistics });
}

const applier: RecordApplier = {
  full: () => 'malformed',
  micro: () => 'malformed',
  remove: () => {},
  instanceLevel: () => 'applied',
  isDelete: () => false,
};

function newReceiver({ checkpoints: statistics }: StreamLedger): ReplicationReceiver {
  const records = new CallRecoveryRecords(callRecoveryDefaults);
  return new ReplicationReceiver(
    { ...receiverDefaults, instance: 1 },
    { records, applier, send: () => {}, statistics },
  );
}

/** Has it begin an epoch and refuse one full checkpoint. */
function refuseOne(receiver: ReplicationReceiver): void {
  receiver.connected(0);
  const begin = { kind: 'resyncBegin', instance: 1, epoch: 1, sequence: 1, buckets: [], sessions: 0 } as const;
  receiver.receive({ ...begin, reason: 'other' }, 0);
  const record = { cmdId: 256, nameIndex: 0, callId: 7, revision: 1, payload: Uint8Array.of(1) };
  receiver.receive({ kind: 'streamBatch', instance: 1, epoch: 1, firstSequence: 2, records: [record] }, 0);
  // A gap.
  receiver.receive({ kind: 'streamBatch', instance: 1, epoch: 1, firstSequence: 9, records: [record] }, 0);
}

describe('the ledger of the streams', () => {
  it('counts on from one role to the next', () => {
    const ledger = new StreamLedger();
    const sender = newSender(ledger);
    ledger.sends(sender);
    sender.full(1, Uint8Array.of(1), 1, 0);
    sender.whenAcknowledged({ callId: 1, sequence: 0, deadline: 1, onResult: () => {} });
    expect(ledger.counts()).toMatchObject({ 'commit.disconnected': 1, 'stream.gap': 0 });
    for (const receiver of [newReceiver(ledger), newReceiver(ledger)]) {
      ledger.receives(receiver);
      refuseOne(receiver);
      // Told twice, it counts once.
      ledger.receives(receiver);
    }
    expect(ledger.counts()).toMatchObject({ 'commit.disconnected': 1, 'stream.gap': 2 });
    expect(ledger.checkpoints.kind(256, 0)).toMatchObject({ attempts: 1, failed: 1, received: 2, malformed: 2 });
  });

  it('keeps a switch for NACKs through every role', () => {
    const ledger = new StreamLedger();
    ledger.setNackEnabled(256, false);
    ledger.setNackEnabled(190, false);
    ledger.setNackEnabled(1, false);
    const receiver = newReceiver(ledger);
    ledger.receives(receiver);
    refuseOne(receiver);
    expect(ledger.checkpoints.kind(256, 0)).toMatchObject({ malformed: 1, withheld: 1 });
    ledger.setNackEnabled(1, true);
    expect(receiver.status().disabledNackCmdIds).toEqual([190, 256]);
    const sender = newSender(ledger);
    ledger.sends(sender);
    expect(sender.status(0).disabledNackCmdIds).toEqual([190, 256]);
    ledger.setNackEnabled(256, true);
    expect(sender.status(0).disabledNackCmdIds).toEqual([190]);
    expect(ledger.disabledNackCmdIds()).toEqual([190]);
  });
});
