import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketDigests, stampAfterMicro, stampOfFull } from './anti-entropy.ts';
import { CallRecoveryRecords } from './call-recovery-records.ts';

const limits = { recordsMax: 4, octetsMax: 1_000_000, buckets: 3 };

interface Model {
  revision: number;
  fullRevision: number;
  octets: number;
  stamp: number;
  readonly micros: Map<number, { revision: number; octets: number }>;
}

const cmdIds = [172, 173, 174];
const nameIndexes = [0, 5];
const kinds = cmdIds.flatMap((cmdId) => nameIndexes.map((nameIndex) => [cmdId, nameIndex] as const));
const change = fc.record({
  callId: fc.integer({ min: 1, max: 4 }),
  what: fc.constantFrom('full', 'micro', 'micro', 'remove'),
  cmdId: fc.constantFrom(...cmdIds),
  nameIndex: fc.constantFrom(...nameIndexes),
  octets: fc.integer({ min: 0, max: 5000 }),
});

describe('CallRecoveryRecords', () => {
  it('holds what a plain model holds, with the digests of a table made anew', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const records = new CallRecoveryRecords(limits);
        const models = new Map<number, Model>();
        changes.forEach(({ callId, what, cmdId, nameIndex, octets }, index) => {
          const revision = index + 1;
          const model = models.get(callId);
          if (what === 'remove') {
            records.remove(callId);
            models.delete(callId);
          } else if (what === 'full') {
            records.putFull(callId, octets, revision, 1);
            const stamp = stampOfFull(revision);
            models.set(callId, { revision, fullRevision: revision, octets, stamp, micros: new Map() });
          } else if (model !== undefined) {
            const row = records.find(callId)!;
            expect(records.revisionOf(row, cmdId, nameIndex)).toBeLessThan(revision);
            records.putMicro(row, cmdId, nameIndex, octets, revision);
            model.micros.set(cmdId * 8 + nameIndex, { revision, octets });
            model.revision = revision;
            model.stamp = stampAfterMicro(model.stamp, revision);
          }
        });
        const digests = new BucketDigests(limits.buckets);
        expect(records.size).toBe(models.size);
        let all = 0;
        for (const [callId, { stamp, revision, fullRevision, octets, micros }] of models) {
          digests.add(callId, stamp);
          const row = records.find(callId)!;
          expect(records.revision(row)).toBe(revision);
          all += octets;
          for (const [cmdId, nameIndex] of kinds) {
            const micro = micros.get(cmdId * 8 + nameIndex);
            expect(records.revisionOf(row, cmdId, nameIndex)).toBe(micro?.revision ?? fullRevision);
            all += micro?.octets ?? 0;
          }
        }
        expect(records.octets).toBe(all);
        expect(records.digests.snapshot()).toEqual(digests.snapshot());
        for (const callId of models.keys()) records.remove(callId);
        expect([records.size, records.octets, records.digests.snapshot()]).toEqual([0, 0, []]);
      }),
      { numRuns: 100 },
    );
  });

  it('is bounded in records and in octets', () => {
    const records = new CallRecoveryRecords({ ...limits, octetsMax: 128 });
    records.putFull(1, 64, 1, 1);
    expect([records.octets, records.hasRoom(64, true), records.hasRoom(65, true)]).toEqual([64, true, false]);
    for (const callId of [2, 3, 4]) records.putFull(callId, 0, 1, 1);
    expect([records.size, records.hasRoom(1, true), records.hasRoom(1, false)]).toEqual([4, false, true]);
    records.clear();
    expect([records.size, records.octets, records.hasRoom(128, true), records.find(1)]).toEqual([
      0,
      0,
      true,
      undefined,
    ]);
  });

  it('counts the checkpoints of a session, with the age of the last', () => {
    const records = new CallRecoveryRecords(limits);
    const row = records.putFull(1, 3, 1, 1);
    records.count(row, 'full', true, 100);
    records.count(row, 'full', false, 150);
    expect(records.checkpointsOf(1, 160)).toEqual({
      full: { attempts: 2, successes: 1, lastAttemptAgeMs: 10, lastSuccessAgeMs: 60 },
      micro: { attempts: 0, successes: 0, lastAttemptAgeMs: undefined, lastSuccessAgeMs: undefined },
    });
    expect(records.checkpointsOf(2, 160)).toBeUndefined();
  });
});

describe('BucketDigests', () => {
  it('depend on what is in the table and not on the order, and differ where it differs', () => {
    const pair = fc.tuple(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 50 }), (pairs) => {
        const [one, other] = [new BucketDigests(8), new BucketDigests(8)];
        for (const [callId, stamp] of pairs) one.add(callId, stamp);
        for (const [callId, stamp] of pairs.toReversed()) other.add(callId, stamp);
        expect(one.differing(other.snapshot())).toEqual([]);
        const [callId, stamp] = pairs[0]!;
        other.remove(callId, stamp);
        expect(one.differing(other.snapshot())).toEqual([one.bucketOf(callId)]);
        other.add(callId, (stamp + 1) >>> 0);
        expect(one.differing(other.snapshot())).toEqual([one.bucketOf(callId)]);
      }),
      { numRuns: 100 },
    );
  });

  it('show a micro-checkpoint that was left out although a newer one came', () => {
    const all = stampAfterMicro(stampAfterMicro(stampOfFull(1), 2), 3);
    expect(stampAfterMicro(stampOfFull(1), 3)).not.toBe(all);
  });
});
