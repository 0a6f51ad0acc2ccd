import { describe, expect, it } from 'vitest';
import type { Ladder } from '../operations/ladder/ladder.ts';
import { amountText, rateText, shareText } from './format.ts';
import { matchOf } from './match-profile.ts';
import { layOut } from './parts/ladder-layout.ts';
import { windowOf } from './row-window.ts';
import { countOf, emptyList, extended, keptMax } from './subscriber-list.ts';

describe('the window of a long list', () => {
  it.each([
    [0, 0, { first: 0, end: 0, before: 0, after: 0 }],
    [5, 0, { first: 0, end: 5, before: 0, after: 0 }],
    [1000, 0, { first: 0, end: 20, before: 0, after: 9800 }],
    [1000, 5000, { first: 490, end: 520, before: 4900, after: 4800 }],
    [1000, 9900, { first: 980, end: 1000, before: 9800, after: 0 }],
    [10, 9900, { first: 0, end: 10, before: 0, after: 0 }],
  ])('of %d rows, %d pixels down', (rows, scrolled, expected) => {
    expect(windowOf(rows, 10, scrolled, 100)).toEqual(expected);
  });
});

describe('the list of subscribers', () => {
  const page = (rows: number, nextCursor: string | null) => ({
    ...{ total: 1_000_000, full: false, standbyRecords: false, searched: null, nextCursor },
    subscribers: Array.from({ length: rows }, () => ({ mac: '02:00:5e:00:00:01' }) as never),
  });

  it('keeps no more rows than a browser has room for', () => {
    let list = emptyList;
    for (let pages = 0; pages < 12; pages += 1) list = extended(list, page(500, `c${pages}`));
    expect(list).toMatchObject({ dropped: 6000 - keptMax, nextCursor: 'c11' });
    expect(list.rows).toHaveLength(keptMax);
  });

  it('counts exactly, or says what has been found so far', () => {
    const list = extended(emptyList, page(3, 'c1'));
    expect(countOf(list, false)).toEqual({ count: 1_000_000, isExact: true });
    expect(countOf(list, true)).toEqual({ count: 3, isExact: false });
    expect(countOf(extended(list, page(1, null)), true)).toEqual({ count: 4, isExact: true });
  });
});

describe('the profile of an access node', () => {
  const profile = (name: string, ...clients: string[]) => ({ name, clients }) as never;
  const profiles = [profile('wide', '10.0.0.0/8'), profile('narrow', '10.9.0.0/16', '2001:db8::/32')];

  it.each([
    ['10.9.4.1', 'narrow'],
    ['10.8.4.1', 'wide'],
    ['2001:db8::7', 'narrow'],
    ['192.0.2.1', undefined],
    ['nonsense', undefined],
  ])('of %s is %s', (address, name) => {
    expect(matchOf(profiles, address)?.profile.name).toBe(name);
  });
});

describe('the ladder', () => {
  it('has room for what its rungs say, and leaves out what is in brackets', () => {
    const rung = {
      number: 1,
      from: 0,
      to: 1,
      kind: 'message',
      times: 2,
      text: 'PBU sequence 7 [Mobile Node Identifier a]',
    };
    const decision = { ...rung, number: 2, from: 1, to: 1, kind: 'decision', text: 'x'.repeat(80) };
    const columns = [
      { party: 'wlc', address: '192.0.2.7' },
      { party: 'samog', address: null },
    ];
    const layout = layOut({ columns, rungs: [rung, decision] } as unknown as Ladder);
    expect(layout.rungs.map(({ label }) => label)).toEqual(['PBU sequence 7 (×2)', `◆ ${'x'.repeat(49)}…`]);
    expect(layout.columnX).toHaveLength(2);
    expect(layout.width).toBeGreaterThan(layout.columnX[1]! + 52 * 7);
    expect(layout.rungs[1]!.y).toBeGreaterThan(layout.rungs[0]!.y);
  });
});

describe('numbers', () => {
  it.each([
    [amountText(1, 'session'), '1 session'],
    [amountText(1200, 'session'), '1,200 sessions'],
    [rateText(12.34), '12.3'],
    [rateText(1_234_567), '1.2M'],
    [shareText(1, 3), '33.3 %'],
    [shareText(99_999, 100_000), '99.9 %'],
    [shareText(0, 0), '–'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});
