import { expect, it } from 'vitest';
import { hostDigests } from '../host/digests.ts';
import { playAaaOutage } from './aaa-outage.ts';

it('a minute without AAA under load costs no session and no record', () => {
  const result = playAaaOutage(hostDigests());
  expect(result.failures).toEqual([]);
  expect(result).toMatchObject({ passed: true, recordsLost: 0, newcomers: 10, newcomersServed: 10 });
  expect(result.sessionsKept).toBe(result.sessionsBefore - result.sessionsEnded);
  // It would say nothing if nothing had happened.
  expect(result.owingMost).toBeGreaterThan(30);
  expect(result.handoversDuring).toBeGreaterThan(20);
  expect(result.packets.up).toBeGreaterThan(3000);
}, 60_000);
