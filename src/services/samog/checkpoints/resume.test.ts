import { describe, expect, it } from 'vitest';
import { disconnecting, established, play, start } from '../../../../tests/support/session-samples.ts';
import { never } from '../../../kernel/instant.ts';
import { nextDeadline } from '../session/deadline.ts';
import type { DisconnectingSession, LiveSession } from '../session/state.ts';
import { resume, resumeAll } from './resume.ts';
import { noUsage, type SavedSession, savedOf } from './saved-session.ts';

const recordOf = (saved: SavedSession) => ({ saved, baseRevision: 1, newer: undefined });
const usage = { ...noUsage, uplinkPackets: 20, downlinkPackets: 3, lastActivity: start };

function withIdleTimeout(idleTimeoutSeconds: number): LiveSession {
  const session = established();
  const subscriber = { ...session.durable.subscriber, idleTimeoutSeconds };
  return { ...session, durable: { ...session.durable, subscriber } };
}

describe('a resumed session', () => {
  it('has the durable state and the usage that were saved', () => {
    const session = established();
    const resumed = resume(recordOf(savedOf(session, usage)), start + 500);
    expect(resumed).toEqual({
      session: {
        ...session,
        transient: { request: undefined, idleCheckAt: never, idlePackets: 23, isReauthorizing: false },
      },
      usage,
    });
  });

  it('goes on waiting for the acknowledgement of a refresh', () => {
    const session = play(established(), [{ kind: 'lmaRestarted' }]).session as LiveSession;
    const resumed = resume(recordOf(savedOf(session, undefined)), start + 500);
    expect(resumed.session).toEqual(session);
    expect(nextDeadline(resumed.session)).toBe(nextDeadline(session));
  });

  it('that has ended owes what it owed, and no trigger waits', () => {
    const session = disconnecting() as DisconnectingSession;
    expect(session.request).toBeDefined();
    expect(session.cleanups).toHaveLength(1);
    const [resumed] = resumeAll([recordOf(savedOf(session, undefined))], start + 500);
    expect(resumed).toEqual({ session, usage: noUsage });
  });

  it.each([
    ['at its last packet plus the timeout', 60, 30_000, start + 60_000],
    ['not at once, where the last report may be older than the last packet', 60, 55_000, start + 65_000],
    ['nor where its timeout is shorter than a report is old', 5, 20_000, start + 25_000],
  ])('is found idle %s', (_, timeoutSeconds, resumedAfterMs, at) => {
    const record = recordOf(savedOf(withIdleTimeout(timeoutSeconds), usage));
    const { session } = resume(record, start + resumedAfterMs);
    expect((session as LiveSession).transient.idleCheckAt).toBe(at);
  });
});
