import { expect, it } from 'vitest';
import { mergedLedger, mergedStreams } from './merged-streams.ts';
import { StreamLedger } from './stream-ledger.ts';

it('is the stream itself, and the ledger itself, where there is only one', () => {
  const ledger = new StreamLedger();
  const stream = {};
  expect([mergedLedger([ledger]) === ledger, mergedStreams([stream]) === stream]).toEqual([true, true]);
  expect(mergedStreams([{}, {}])).toEqual({});
});

it('adds what kinds of checkpoints have counted, those that only one ledger has met too', () => {
  const [one, other] = [new StreamLedger(), new StreamLedger()];
  one.checkpoints.kind(257, 0).sent = 3;
  other.checkpoints.kind(257, 0).sent = 4;
  other.checkpoints.kind(9999, 1).received = 5;
  const kinds = mergedLedger([one, other]).checkpoints.view();
  expect(kinds.find(({ cmdId }) => cmdId === 257)).toMatchObject({ sent: 7, received: 0 });
  expect(kinds.at(-1)).toMatchObject({ cmdId: 9999, nameIndex: 1, received: 5 });
  expect(kinds.map(({ cmdId }) => cmdId)).toEqual(kinds.map(({ cmdId }) => cmdId).toSorted((a, b) => a - b));
});

it('adds the times of acknowledgements', () => {
  const ledgers = [new StreamLedger(), new StreamLedger()];
  for (const [index, { checkpoints }] of ledgers.entries()) checkpoints.acknowledgementTimes.add(10 ** index);
  const counts = mergedLedger(ledgers).checkpoints.acknowledgementTimes.counts();
  expect(counts.total).toBe(2);
  expect(counts.percentileMs(1)).toBeGreaterThanOrEqual(10);
});
