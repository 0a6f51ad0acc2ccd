import { describe, expect, it } from 'vitest';
import type { SubscriberDetail } from '../../operations/views/subscriber.ts';
import { countProblems, lostSessions, type PairAccount } from './pair-account.ts';

type SessionSample = Pick<SubscriberDetail, 'mac' | 'callId' | 'address'>;

function account(
  counts: Partial<Record<'counted' | 'sent' | 'arrived', number>>,
  ...sessions: SessionSample[]
): PairAccount {
  const { counted = 0, sent = 0, arrived = 0 } = counts;
  return {
    sessions: new Map(sessions.map((session) => [session.mac, session as SubscriberDetail])),
    counted: { uplink: counted, downlink: 500 },
    sent: { uplink: sent, downlink: 500 },
    arrived: { uplink: arrived, downlink: 500 },
  };
}

const mine = { mac: '02:00:5e:10:00:01', callId: '00000001', address: '10.45.0.2' };
const other = { mac: '02:00:5e:10:00:02', callId: '00000002', address: '10.45.0.3' };

describe('sessions are lost', () => {
  it.each([
    ['that are there no more', [other], [mine.mac]],
    ['that are other calls of the same UE', [{ ...mine, callId: '00000009' }, other], [mine.mac]],
    ['that have other addresses', [mine, { ...other, address: '10.45.0.9' }], [other.mac]],
  ])('%s', (_what, after, lost) => {
    expect(lostSessions(account({}, mine, other), account({}, ...after))).toEqual(lost);
  });

  it('but not those that are as they were, and others are not missed', () => {
    expect(lostSessions(account({}, mine), account({}, other, mine))).toEqual([]);
  });
});

describe('what is counted', () => {
  const before = account({ counted: 100, sent: 120, arrived: 90 });

  it.each([
    ['grows by what was sent', { counted: 200, sent: 220, arrived: 190 }, 0],
    ['may leave out what was lost', { counted: 170, sent: 220, arrived: 160 }, 0],
    ['may leave out so much besides', { counted: 150, sent: 220, arrived: 190 }, 50],
  ])('%s', (_what, counts, uncounted) => {
    expect(countProblems(before, account(counts), uncounted)).toEqual([]);
  });

  it.each([
    [
      'must not fall',
      { counted: 90, sent: 220, arrived: 190 },
      'uplink octets counted grew by -10: they must never fall',
    ],
    ['is no more than was sent', { counted: 201, sent: 220, arrived: 190 }, 'and only 100 were sent'],
    ['is no less than arrived', { counted: 149, sent: 220, arrived: 190 }, 'no more than 50 may go uncounted'],
  ])('%s', (_what, counts, problem) => {
    const problems = countProblems(before, account(counts), 50);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});
