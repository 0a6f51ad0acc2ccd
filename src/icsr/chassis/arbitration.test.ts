import { describe, expect, it } from 'vitest';
import { macOf } from '../../kernel/address.ts';
import { arbitrate, type Candidate, nextTerm } from './arbitration.ts';
import { initialRouteModifier, routeModifierOnLeaving, routeModifierOnTaking } from './route-modifier.ts';

const middle: Candidate = {
  ready: false,
  sessions: 0,
  store: { term: 5, as: 'standby' },
  monitorsHealthy: false,
  routeModifier: 5,
  priority: 5,
  tiebreaker: macOf(5),
};

describe('arbitration', () => {
  it.each([
    ['records', { ready: true, routeModifier: 9, priority: 9 }],
    ['records', { sessions: 1, routeModifier: 9, priority: 9 }],
    ['store', { store: { term: 6, as: 'standby' }, routeModifier: 9 }],
    ['store', { store: { term: 5, as: 'alone' }, routeModifier: 9 }],
    ['store', { store: { term: 5, as: 'active' }, routeModifier: 9 }],
    ['monitors', { monitorsHealthy: true, routeModifier: 9, priority: 9 }],
    ['route-modifier', { routeModifier: 4, priority: 9, tiebreaker: macOf(9) }],
    ['priority', { priority: 4, tiebreaker: macOf(9) }],
    ['tiebreaker', { tiebreaker: macOf(4) }],
  ] as const)('by %s, and both sides agree', (by, better) => {
    expect(arbitrate({ ...middle, ...better }, middle)).toEqual({ won: true, by });
    expect(arbitrate(middle, { ...middle, ...better })).toEqual({ won: false, by });
  });
});

describe('arbitration without the stores', () => {
  it('does not ask for stores while there are sessions in memory', () => {
    const later = { ...middle, sessions: 1, store: { term: 6, as: 'active' }, routeModifier: 9 } as const;
    expect(arbitrate(later, { ...middle, sessions: 1 })).toEqual({ won: false, by: 'route-modifier' });
  });

  it('does not ask for what that one does not tell', () => {
    const later = { ...middle, store: { term: 6, as: 'active' }, routeModifier: 9 } as const;
    expect(arbitrate(later, { ...middle, store: undefined })).toEqual({ won: false, by: 'route-modifier' });
    expect(arbitrate({ ...middle, store: undefined }, later)).toEqual({ won: true, by: 'route-modifier' });
  });
});

describe('terms', () => {
  it('of the two chassis are never the same, and rise', () => {
    for (let highest = 0; highest < 10; highest += 1) {
      const [odd, even] = [nextTerm(highest, 'primary'), nextTerm(highest, 'backup')];
      expect([odd % 2, even % 2]).toEqual([1, 0]);
      expect(Math.min(odd, even)).toBe(highest + 1);
      expect(Math.max(odd, even)).toBe(highest + 2);
    }
  });
});

describe('the route modifier', () => {
  it('is at first above all operating values, and lower on the primary', () => {
    expect([initialRouteModifier('primary', 16), initialRouteModifier('backup', 16)]).toEqual([17, 18]);
  });

  it('is lower on the active one through any number of switchovers', () => {
    let [active, standby] = [1, 18];
    for (let round = 0; round < 100; round += 1) {
      const left = routeModifierOnLeaving(active, standby, 16);
      const taken = routeModifierOnTaking(standby, left, true, 16);
      expect(taken).toBeLessThan(left);
      expect(left).toBeLessThanOrEqual(16);
      [active, standby] = [taken, left];
    }
  });

  it('is higher on a chassis that takes over behind a cut link', () => {
    expect(routeModifierOnTaking(18, 1, false, 16)).toBe(2);
    expect(routeModifierOnTaking(4, 3, false, 16)).toBe(4);
    expect(routeModifierOnTaking(17, undefined, false, 16)).toBe(1);
  });
});
