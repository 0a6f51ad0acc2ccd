import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { never } from '../../kernel/instant.ts';
import { DeadlineLines } from './deadline-lines.ts';

interface Item {
  readonly deadline: number;
  isOver: boolean;
}

function linesOf(...deadlines: readonly number[]) {
  const lines = new DeadlineLines<Item>();
  const items = deadlines.map((deadline) => ({ deadline, isOver: false }));
  for (const item of items) lines.push(item);
  return { lines, items };
}

describe('who waits in lines', () => {
  it.each([
    { deadlines: [], first: never },
    { deadlines: [5, 7, 9], first: 5 },
    { deadlines: [60, 5, 61, 6], first: 5 },
    { deadlines: [9, 7, 5], first: 5 },
  ])('is due in the order of $deadlines, whatever line it stands in', ({ deadlines, first }) => {
    const { lines } = linesOf(...deadlines);
    expect(lines.peek()).toBe(first);
    const popped = deadlines.map(() => lines.popDue(100)?.deadline);
    expect(popped).toEqual(deadlines.toSorted((one, other) => one - other));
    expect([lines.popDue(never), lines.peek()]).toEqual([undefined, never]);
  });

  it('is not due before its deadline', () => {
    const { lines, items } = linesOf(5);
    expect([lines.popDue(4.9), lines.popDue(5)]).toEqual([undefined, items[0]]);
  });

  it('is passed over when it is over, first or in between', () => {
    const { lines, items } = linesOf(5, 6, 7);
    items[0]!.isOver = true;
    expect(lines.peek()).toBe(6);
    items[1]!.isOver = true;
    expect([lines.popDue(10), lines.popDue(10)]).toEqual([items[2], undefined]);
  });

  it('does what a list that is searched each time does', () => {
    const limits = fc.constantFrom(50, 60_000, 20);
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), limit: limits }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(70) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const lines = new DeadlineLines<Item>();
        let waiting: Item[] = [];
        let now = 0;
        for (const taken of steps) {
          if (taken.kind === 'push') {
            const item = { deadline: now + taken.limit, isOver: false };
            lines.push(item);
            waiting.push(item);
          } else if (taken.kind === 'end' && waiting.length > 0) {
            waiting.splice(taken.which % waiting.length, 1)[0]!.isOver = true;
          } else if (taken.kind === 'pass') {
            now += taken.ms;
            const due = waiting.filter(({ deadline }) => deadline <= now).map(({ deadline }) => deadline);
            waiting = waiting.filter(({ deadline }) => deadline > now);
            const popped = [];
            for (let item = lines.popDue(now); item !== undefined; item = lines.popDue(now)) popped.push(item.deadline);
            expect(popped).toEqual(due.toSorted((one, other) => one - other));
          }
          expect(lines.peek()).toBe(Math.min(never, ...waiting.map(({ deadline }) => deadline)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays right over many more than are given back at once', () => {
    const lines = new DeadlineLines<Item>();
    for (let at = 0; at < 20_000; at += 1) {
      const item = { deadline: at + 50, isOver: false };
      lines.push(item);
      expect(lines.peek()).toBe(Math.max(0, at - 10) + 50);
      if (at >= 10) expect(lines.popDue(at + 40)?.deadline).toBe(at + 40);
    }
  });
});
