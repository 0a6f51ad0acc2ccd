import { describe, expect, it } from 'vitest';
import { NackBudget } from './nack-budget.ts';

const config = { backOffMs: 100, backOffMaxMs: 400, fullsPerSecond: 10, burst: 2 };

describe('NackBudget', () => {
  it('answers a session at once, then with a back-off that doubles, and forgets after quiet', () => {
    const budget = new NackBudget({ ...config, burst: 100 });
    expect(budget.consider(1, 190, 0)).toBe('send');
    expect(budget.consider(1, 190, 10)).toBe('deferred');
    expect(budget.consider(1, 190, 20)).toBe('suppressed');
    expect(budget.takeDue(99)).toBeUndefined();
    expect(budget.nextDeadline()).toBe(100);
    expect(budget.takeDue(100)).toBe(1);
    expect(budget.consider(1, 190, 110)).toBe('deferred');
    expect(budget.takeDue(299)).toBeUndefined();
    expect(budget.takeDue(300)).toBe(1);
    // 400 ms of back-off and as many of quiet.
    expect(budget.takeDue(1100)).toBeUndefined();
    expect(budget.consider(1, 190, 1101)).toBe('send');
    expect(budget.consider(1, 190, 1102)).toBe('deferred');
    expect(budget.nextDeadline()).toBe(1201);
    expect(budget.counts).toEqual({ send: 2, deferred: 3, suppressed: 1, disabled: 0 });
  });

  it('spends one budget for all sessions, and none is forgotten', () => {
    const budget = new NackBudget(config);
    expect([1, 2, 3, 4].map((callId) => budget.consider(callId, 190, 0))).toEqual([
      'send',
      'send',
      'deferred',
      'deferred',
    ]);
    expect(budget.takeDue(0)).toBeUndefined();
    expect(budget.nextDeadline()).toBe(100);
    const taken: number[] = [];
    for (let now = budget.nextDeadline(); taken.length < 2; now = budget.nextDeadline()) {
      const callId = budget.takeDue(now);
      if (callId !== undefined) taken.push(callId, now);
    }
    expect(taken).toEqual([3, 100]);
    expect(budget.takeDue(200)).toBe(4);
  });

  it('does not answer a disabled CMD-ID, nor a session that has ended', () => {
    const budget = new NackBudget(config);
    budget.setEnabled(190, false);
    expect(budget.disabledCmdIds()).toEqual([190]);
    expect(budget.consider(1, 190, 0)).toBe('disabled');
    budget.setEnabled(190, true);
    expect(budget.consider(1, 190, 0)).toBe('send');
    expect(budget.consider(1, 190, 0)).toBe('deferred');
    budget.forget(1);
    expect(budget.takeDue(10_000)).toBeUndefined();
  });
});
