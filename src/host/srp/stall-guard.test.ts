import { describe, expect, it } from 'vitest';
import { SharedMemory } from './shared-memory.ts';
import { pulseMs, StallGuard } from './stall-guard.ts';

const deadIntervalMs = 300;

/** A guard whose process runs, stands still, or has only one of its threads running. */
function guardFrom(start: number) {
  const memory = new SharedMemory();
  const told: { readonly forMs: number; readonly at: number }[] = [];
  const guard = new StallGuard(memory, deadIntervalMs, (forMs, at) => told.push({ forMs, at }));
  memory.linkAliveAt = start;
  guard.begin(start);
  let at = start;
  return {
    guard,
    memory,
    told,
    /** Both threads run for a while, or the main loop alone. */
    runs(forMs: number, link = true): void {
      const end = at + forMs;
      for (at += pulseMs; at <= end; at += pulseMs) {
        if (link) memory.linkAliveAt = at;
        guard.beat(at);
      }
      at = end;
    },
    /** Neither runs, and the main loop wakes first; or the link thread runs on. */
    stands(forMs: number, link = false): void {
      at += forMs;
      if (link) memory.linkAliveAt = at;
      guard.beat(at);
    },
  };
}

describe('the stall guard', () => {
  it('says nothing while both threads run, whatever the time', () => {
    const { runs, told } = guardFrom(1_000_000);
    runs(5000);
    expect(told).toEqual([]);
  });

  it('says nothing before the link thread has begun', () => {
    const guard = new StallGuard(new SharedMemory(), deadIntervalMs, () => expect.unreachable());
    guard.beat(10_000);
    guard.beat(20_000);
  });

  it.each([
    ['the process', false],
    ['the main loop alone', true],
  ])('tells once how long %s stood still', (_, link) => {
    const { runs, stands, told, guard } = guardFrom(0);
    runs(100);
    stands(400, link);
    runs(1000);
    expect(told).toEqual([{ forMs: 400, at: 500 }]);
    expect([guard.stalls, guard.worstStallMs]).toEqual([1, 400]);
  });

  it('says nothing of turns that take less than a third of the dead interval, and of one at once', () => {
    const { stands, told } = guardFrom(0);
    for (let turn = 0; turn < 20; turn += 1) stands(90, true);
    expect(told).toEqual([]);
    stands(100, true);
    expect(told).toHaveLength(1);
  });

  it('tells in parts how long the link thread does not run, and at the dead interval the whole', () => {
    const { runs, told } = guardFrom(0);
    runs(1000);
    runs(400, false);
    const times = told.map(({ forMs }) => forMs);
    expect(times).toEqual([100, 100, 300, 100]);
    runs(1000);
    expect(told).toHaveLength(times.length);
  });

  it('does not take the link thread for hung that slept as long as the main loop', () => {
    const { runs, stands, guard } = guardFrom(0);
    runs(1000);
    stands(60_000);
    expect(guard.linkSilentMs(61_000)).toBe(0);
    runs(500, false);
    expect(guard.linkSilentMs(61_500)).toBe(500);
  });

  it('shows the link thread that the main loop turns', () => {
    const { runs, memory } = guardFrom(0);
    const before = memory.mainPulse;
    runs(100);
    expect(memory.mainPulse).toBe(before + 5);
  });

  it('passes everything on, after the beat', () => {
    const { guard, told } = guardFrom(0);
    const calls: string[] = [];
    const core = guard.guarded({
      receive: () => calls.push(`receive after ${told.length}`),
      advance: () => calls.push(`advance after ${told.length}`),
      nextDeadline: () => 7,
    });
    core.advance(100);
    core.receive('aaa', 0, 1 as never, 1812, new Uint8Array(0), 200);
    expect([calls, core.nextDeadline()]).toEqual([['advance after 1', 'receive after 2'], 7]);
  });
});
