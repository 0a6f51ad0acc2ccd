import { describe, expect, it } from 'vitest';
import { never } from '../../kernel/instant.ts';
import type { StreamRecord } from '../../wire/srp/messages.ts';
import { checkpoints } from '../catalogue/catalogue.ts';
import { CallRecoveryRecords, callRecoveryDefaults } from './call-recovery-records.ts';
import {
  type ApplyResult,
  type ReceiverMessage,
  type RecordApplier,
  ReplicationReceiver,
  receiverDefaults,
} from './replication-receiver.ts';

const payload = new Uint8Array([1, 2, 3]);
const of = (address: { cmdId: number; nameIndex: number }, callId: number, revision: number): StreamRecord => ({
  cmdId: address.cmdId,
  nameIndex: address.nameIndex,
  callId,
  revision,
  payload,
});
const full = (callId: number, revision: number) => of(checkpoints.sessionFull.address, callId, revision);
const micro = (callId: number, revision: number) => of(checkpoints.accessSwitch.address, callId, revision);
const removal = (callId: number) => of(checkpoints.invalidateCrr.address, callId, 0);
const deletePdn = (callId: number, revision: number) => of(checkpoints.deletePdn.address, callId, revision);

function newReceiver(result: ApplyResult = 'applied', recordsMax = 10) {
  const calls: string[] = [];
  const sent: ReceiverMessage[] = [];
  const note = (call: string): ApplyResult => {
    calls.push(call);
    return result;
  };
  const applier: RecordApplier = {
    full: (callId, _, revision) => note(`full ${callId} ${revision}`),
    micro: (callId, { revision }) => note(`micro ${callId} ${revision}`),
    remove: (callId, bytes) => void note(`remove ${callId}${bytes === undefined ? ' unnamed' : ''}`),
    instanceLevel: ({ cmdId, nameIndex }) => note(`instance ${cmdId}/${nameIndex}`),
    isDelete: ({ cmdId }) => cmdId === checkpoints.deletePdn.address.cmdId,
  };
  const records = new CallRecoveryRecords({ ...callRecoveryDefaults, recordsMax });
  const receiver = new ReplicationReceiver(
    { ...receiverDefaults, instance: 1, tombstonesMax: 2 },
    { records, applier, send: (message) => sent.push(message) },
  );
  receiver.connected(0);
  const begin = (epoch: number, sequence: number, buckets: number[] = []) =>
    receiver.receive(
      { kind: 'resyncBegin', instance: 1, epoch, sequence, buckets, sessions: 0, reason: 'first-connection' },
      0,
    );
  const end = (epoch: number, sequence: number) =>
    receiver.receive({ kind: 'resyncEnd', instance: 1, epoch, sequence, sessions: 0 }, 0);
  const batch = (epoch: number, firstSequence: number, ...batched: StreamRecord[]) =>
    receiver.receive({ kind: 'streamBatch', instance: 1, epoch, firstSequence, records: batched }, 0);
  begin(1, 1);
  sent.length = 0;
  return { receiver, records, calls, sent, begin, end, batch };
}

describe('what a record does', () => {
  const cases: [string, StreamRecord[], string[], ApplyResult | 'alreadyGone' | undefined][] = [
    ['a full checkpoint makes a record', [full(7, 1)], ['full 7 1'], undefined],
    ['a newer micro-checkpoint applies', [full(7, 1), micro(7, 2)], ['full 7 1', 'micro 7 2'], undefined],
    ['R1: an equal one does nothing', [full(7, 1), micro(7, 2), micro(7, 2)], ['full 7 1', 'micro 7 2'], 'stale'],
    ['R1: an older one does nothing', [full(7, 5), micro(7, 4)], ['full 7 5'], 'stale'],
    ['R1: an older full checkpoint does nothing', [full(7, 5), full(7, 4)], ['full 7 5'], 'stale'],
    ['R3: an update of an unknown session is refused', [micro(7, 2)], [], 'unknown-session'],
    ['R3: a delete of an unknown session is not', [removal(7)], [], 'alreadyGone'],
    ['R3a: nor is a micro-checkpoint that deletes', [deletePdn(7, 2)], [], 'alreadyGone'],
    ['R6: a late update does not revive', [full(7, 1), removal(7), micro(7, 2)], ['full 7 1', 'remove 7'], 'stale'],
    [
      'R6: a full checkpoint does',
      [full(7, 1), removal(7), full(7, 1), micro(7, 2)],
      ['full 7 1', 'remove 7', 'full 7 1', 'micro 7 2'],
      undefined,
    ],
    ['instance level', [of(checkpoints.apnIdMapping.address, 0, 0)], ['instance'], undefined],
  ];
  it.each(cases)('%s', (_, batched, expectedCalls, outcome) => {
    const { receiver, calls, sent, batch } = newReceiver();
    batch(1, 2, ...batched);
    expect(calls.map((call) => (call.startsWith('instance') ? 'instance' : call))).toEqual(expectedCalls);
    const last = batched.at(-1)!;
    expect(receiver.statistics.kind(last.cmdId, last.nameIndex)[outcome ?? 'applied']).toBeGreaterThan(0);
    const nacks = sent.filter(({ kind }) => kind === 'streamNack');
    expect(nacks).toHaveLength(outcome === 'unknown-session' ? 1 : 0);
  });

  it.each(['malformed', 'conflict', 'unknown-object', 'unresolved-name'] as const)('refuses what is %s', (reason) => {
    const { receiver, records, sent, batch } = newReceiver(reason);
    batch(1, 2, full(7, 1), removal(8));
    expect(records.size).toBe(0);
    expect(sent).toMatchObject([{ kind: 'streamNack', reason, callId: 7, cmdId: 256, sequence: 2, serial: 1 }]);
    receiver.advance(5);
    expect(sent.at(-1)).toMatchObject({ kind: 'streamAck', sequence: 3, nacks: 1, gap: false });
  });

  it('does not tell of a refusal whose CMD-ID is disabled, and counts it', () => {
    const { receiver, sent, batch } = newReceiver('malformed');
    receiver.setNackEnabled(1000, false);
    receiver.setNackEnabled(256, false);
    expect(receiver.status().disabledNackCmdIds).toEqual([256, 1000]);
    batch(1, 2, full(7, 1));
    receiver.advance(5);
    expect(sent).toMatchObject([{ kind: 'streamAck', sequence: 2, nacks: 0 }]);
    expect(receiver.statistics.kind(256, 0)).toMatchObject({ malformed: 1, withheld: 1 });
    receiver.setNackEnabled(256, true);
    batch(1, 3, full(7, 1));
    expect(sent.at(-1)).toMatchObject({ kind: 'streamNack', serial: 1 });
    expect(receiver.statistics.kind(256, 0)).toMatchObject({ malformed: 2, withheld: 1 });
  });

  it('R4: a delete of an unknown object is none to refuse', () => {
    const { receiver, records, sent, batch } = newReceiver('unknown-object');
    records.putFull(7, payload.length, 1, 1);
    batch(1, 2, deletePdn(7, 2));
    expect(sent).toEqual([]);
    expect(receiver.statistics.view().find(({ cmdId }) => cmdId === 169)).toMatchObject({
      name: 'SESS_UCHKPT_CMD_CGW_DELETE_PDN',
      alreadyGone: 1,
    });
  });

  it('refuses what there is no room for, and keeps what it has', () => {
    const { records, sent, batch } = newReceiver('applied', 1);
    batch(1, 2, full(7, 1), full(8, 1), full(7, 2));
    expect(sent).toMatchObject([{ kind: 'streamNack', callId: 8, reason: 'no-resources' }]);
    expect(records.revision(records.find(7)!)).toBe(2);
  });

  it('remembers a bounded number of deleted sessions', () => {
    const { receiver, batch } = newReceiver();
    batch(1, 2, removal(1), removal(2), removal(3), micro(1, 2), micro(3, 2));
    expect(receiver.status().tombstones).toBe(2);
    expect(receiver.statistics.kind(257, 0)).toMatchObject({ 'unknown-session': 1, stale: 1 });
  });
});

describe('the place in the stream', () => {
  it('applies once what comes twice, and nothing across a gap', () => {
    const { receiver, calls, sent, batch } = newReceiver();
    batch(1, 2, full(1, 1), full(2, 1));
    batch(1, 2, full(1, 1), full(2, 1), full(3, 1));
    batch(1, 6, full(5, 1));
    batch(1, 7, full(6, 1));
    expect(calls).toEqual(['full 1 1', 'full 2 1', 'full 3 1']);
    // Asked for once.
    expect(sent).toMatchObject([{ kind: 'streamAck', sequence: 4, gap: true }]);
    expect(receiver.status().faults).toMatchObject({ duplicates: 2, gaps: 2 });
  });

  it('acknowledges once for what came together', () => {
    const { receiver, sent, batch } = newReceiver();
    batch(1, 2, full(1, 1));
    batch(1, 3, full(2, 1));
    expect(receiver.nextDeadline()).toBe(0);
    receiver.advance(0);
    expect(sent).toMatchObject([{ kind: 'streamAck', epoch: 1, sequence: 3, nacks: 0, gap: false }]);
    expect(receiver.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('names what it has on a new connection, until it is heard', () => {
    const { receiver, sent, batch } = newReceiver();
    batch(1, 2, full(1, 1));
    receiver.disconnected();
    batch(1, 3, full(2, 1));
    receiver.connected(10);
    expect(sent.at(-1)).toMatchObject({ kind: 'streamOpen', epoch: 1, lastAppliedSequence: 2, nacks: 0 });
    receiver.advance(1010);
    expect(sent.filter(({ kind }) => kind === 'streamOpen')).toHaveLength(2);
    batch(1, 3);
    receiver.advance(5000);
    expect(sent.filter(({ kind }) => kind === 'streamOpen')).toHaveLength(2);
  });

  it('asks on while only what is left of another stream comes', () => {
    const { receiver, sent, batch } = newReceiver();
    receiver.connected(0);
    batch(3, 5, full(7, 1));
    sent.length = 0;
    receiver.advance(receiverDefaults.openRetryMs);
    expect(sent.map(({ kind }) => kind)).toEqual(['streamOpen']);
    batch(1, 2, full(7, 1));
    sent.length = 0;
    receiver.advance(3 * receiverDefaults.openRetryMs);
    expect(sent.map(({ kind }) => kind)).not.toContain('streamOpen');
  });

  it('asks again when its equal has asked, and so sends nothing any more', () => {
    const { receiver, sent, batch } = newReceiver();
    const { openRetryMs } = receiverDefaults;
    const asked = () => sent.filter(({ kind }) => kind === 'streamOpen').length;
    receiver.deserted(10);
    receiver.deserted(500);
    expect(receiver.nextDeadline()).toBe(10 + openRetryMs);
    receiver.advance(10 + openRetryMs);
    expect(asked()).toBe(1);
    batch(1, 2, full(7, 1));
    receiver.advance(5 * openRetryMs);
    expect(asked()).toBe(1);
    receiver.disconnected();
    receiver.deserted(6 * openRetryMs);
    expect(receiver.nextDeadline()).toBe(never);
  });

  it('follows a newer epoch from its beginning, and no older one', () => {
    const { receiver, records, sent, begin, batch } = newReceiver();
    batch(1, 2, full(1, 9));
    batch(3, 51, full(2, 1));
    expect(sent.at(-1)).toMatchObject({ kind: 'streamAck', epoch: 1, sequence: 2, gap: true });
    begin(3, 50);
    batch(1, 3, full(3, 1));
    batch(3, 51, full(1, 4));
    expect(receiver.status()).toMatchObject({ epoch: 3, appliedSequence: 51, synchronised: false });
    // Less than it had: but that is what the active goes on from.
    expect(records.revision(records.find(1)!)).toBe(4);
  });
});

describe('a resynchronisation', () => {
  it('removes at its end what it did not name', () => {
    const { receiver, records, calls, begin, end, batch } = newReceiver();
    batch(1, 2, full(1, 1), full(2, 1), full(3, 1));
    end(1, 5);
    expect(receiver.status()).toMatchObject({ synchronised: true, sessions: 3, swept: 0 });
    begin(2, 10);
    batch(2, 11, full(2, 1));
    expect([...records.callIds()]).toEqual([1, 2, 3]);
    end(2, 12);
    expect([...records.callIds()]).toEqual([2]);
    expect(calls.slice(-2)).toEqual(['remove 1 unnamed', 'remove 3 unnamed']);
  });

  it('of some buckets leaves the others alone', () => {
    const { records, begin, end, batch } = newReceiver();
    batch(1, 2, full(1, 1), full(1025, 1), full(2, 1));
    end(1, 5);
    begin(1, 6, [1]);
    batch(1, 7, full(1025, 1));
    end(1, 8);
    expect([...records.callIds()].sort()).toEqual([1025, 2]);
  });

  it('keeps what it named although the checkpoint was refused', () => {
    const { records, begin, end, batch } = newReceiver('malformed');
    records.putFull(1, payload.length, 1, 0);
    begin(2, 10);
    batch(2, 11, full(1, 2));
    end(2, 12);
    expect(records.revision(records.find(1)!)).toBe(1);
  });

  it('compares digests at their very place only', () => {
    const { receiver, records, sent, end, batch } = newReceiver();
    batch(1, 2, full(1, 1), full(2, 1));
    end(1, 4);
    const buckets = records.digests.snapshot();
    const digest = (sequence: number) =>
      receiver.receive({ kind: 'digest', instance: 1, epoch: 1, sequence, buckets: buckets.slice(0, 1) }, 0);
    digest(3);
    expect(receiver.status().faults.digestsPassedOver).toBe(1);
    digest(4);
    expect(sent.at(-1)).toMatchObject({ kind: 'digestMismatch', buckets: [2], sequence: 4 });
  });
});
