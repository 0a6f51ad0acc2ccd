import { describe, expect, it } from 'vitest';
import { disconnecting, established } from '../../../tests/support/session-samples.ts';
import { macOf } from '../../kernel/address.ts';
import type { LiveSession } from '../../services/samog/session/state.ts';
import { BoundAlone } from './bound-alone.ts';

const session = established() as LiveSession;
const { durable } = session;
const withS2a = (change: Partial<LiveSession['durable']['s2a']>): LiveSession => ({
  ...session,
  durable: { ...durable, s2a: { ...durable.s2a, ...change } },
});
const { mac } = durable;

describe('UEs that are bound alone', () => {
  it.each([
    ['has come', undefined, session, [mac]],
    ['is leaving', session, disconnecting(), [mac]],
    ['has another key at the LMA', session, withS2a({ uplinkKey: 1 }), [mac]],
    ['is refreshed', session, withS2a({ sequence: 9, refreshAt: 1, expiresAt: 2 }), []],
    ['stays as it is', session, { ...session }, []],
  ] as const)('are those of which a session %s', (_, before, after, expected) => {
    const alone = new BoundAlone();
    alone.changed(before, after);
    expect([alone.take(), alone.take()]).toEqual([expected, []]);
  });

  it('are given as many at a time as are wanted', () => {
    const alone = new BoundAlone();
    alone.add([1, 2, 3, 4, 5].map(macOf));
    alone.acknowledged(0, 9);
    alone.add([6, 7].map(macOf));
    const taken: number[][] = [];
    while (!alone.isEmpty) taken.push(alone.take(3).map(Number));
    expect(taken).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  it.each([
    ['all is acknowledged', [[5, 5]], []],
    ['something later is not acknowledged', [[4, 5]], [mac]],
    [
      'what there was then is not acknowledged',
      [
        [4, 5],
        [4, 7],
      ],
      [mac],
    ],
    [
      'what there was then is acknowledged',
      [
        [4, 5],
        [5, 7],
      ],
      [],
    ],
  ] as const)('are forgotten with acknowledgements: %s', (_, acknowledgements, expected) => {
    const alone = new BoundAlone();
    alone.changed(undefined, session);
    for (const [sequence, last] of acknowledgements) alone.acknowledged(sequence, last);
    expect(alone.take()).toEqual(expected);
  });
});
