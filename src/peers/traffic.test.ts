import { describe, expect, it } from 'vitest';
import { measuredNumber, measuredPayload, PacketLedger } from './traffic.ts';

/** A packet every 10 ms from 0 on, which takes 1 ms unless it is lost. */
function ledgerOf(count: number, lost: readonly number[]): PacketLedger {
  const ledger = new PacketLedger();
  for (let number = 0; number < count; number += 1) {
    expect(ledger.send(number * 10)).toBe(number);
    if (!lost.includes(number)) ledger.arrive(number, number * 10 + 1);
  }
  return ledger;
}

describe('PacketLedger', () => {
  it.each([
    ['nothing lost', [], 0, 100, 0, 10],
    ['two lost in a row', [4, 5], 0, 100, 2, 30],
    ['two lost apart', [3, 6], 0, 100, 2, 20],
    ['lost before the window', [1], 50, 100, 0, 10],
    ['lost at the window’s beginning: the gap reaches into it', [4, 5], 55, 100, 0, 30],
    ['all lost from one on', [8, 9, 10], 0, 100, 3, 29],
    ['all lost', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 20, 100, 9, 80],
  ] as const)('%s', (_, lost, from, to, expectedLost, gap) => {
    const ledger = ledgerOf(11, lost);
    expect(ledger.lost(from, to)).toBe(expectedLost);
    expect(ledger.longestGap(from, to)).toBe(gap);
    expect(ledger.longestSenderPause(from, to)).toBe(10);
  });

  it('counts a packet once, however often it arrives, and none that was never sent', () => {
    const ledger = ledgerOf(2, []);
    ledger.arrive(1, 50);
    ledger.arrive(9, 50);
    expect([ledger.sent, ledger.arrived, ledger.duplicates, ledger.lost()]).toEqual([2, 2, 1, 0]);
  });
});

describe('measured packets', () => {
  it('carry their number, which others have not', () => {
    expect(measuredNumber(measuredPayload(123456))).toBe(123456);
    expect(measuredNumber(new Uint8Array(64))).toBeUndefined();
    expect(measuredNumber(measuredPayload(1).subarray(0, 7))).toBeUndefined();
  });
});
