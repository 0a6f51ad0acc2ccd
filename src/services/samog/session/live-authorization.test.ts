import { describe, expect, it } from 'vitest';
import { counted, live, sent } from '../../../../tests/support/session-observations.ts';
import {
  accepted,
  coa,
  contextAt,
  established,
  exampleConfig,
  play,
  start,
} from '../../../../tests/support/session-samples.ts';
import { never } from '../../../kernel/instant.ts';
import { noGrants } from '../grants.ts';
import type { SubscriberProfile } from '../subscriber.ts';
import { nextDeadline } from './deadline.ts';
import type { SessionEvent } from './event.ts';
import type { LiveSession } from './state.ts';

const { subscriber } = established().durable;
const profile = (changes: Partial<SubscriberProfile> = {}): SubscriberProfile => ({
  ...subscriber,
  grants: noGrants,
  ...changes,
});
const answered = (changes: Partial<SubscriberProfile> = {}): SessionEvent => ({
  kind: 'authenticationEnded',
  outcome: { kind: 'accepted', profile: profile(changes) },
});
const rejected: SessionEvent = { kind: 'authenticationEnded', outcome: { kind: 'rejected', replyMessage: undefined } };
const silent: SessionEvent = { kind: 'authenticationEnded', outcome: { kind: 'timeout' } };
const wanted: SessionEvent = { kind: 'reauthorizationWanted', state: Uint8Array.of(7) };
const deadline: SessionEvent = { kind: 'deadlineReached' };
const changed = (session: LiveSession, event: SessionEvent, now = start) =>
  live(play(session, [event], contextAt(now)).session).durable;

describe('a CoA', () => {
  it('changes all that it names, and what it was is remembered', () => {
    const durable = changed(established(), coa(), start + 5000);
    expect(durable).toEqual({
      ...established().durable,
      subscriber: { ...subscriber, sessionTimeoutSeconds: 600, idleTimeoutSeconds: 60 },
      accessLists: { uplink: 'no-mail-relay', downlink: undefined },
      ambr: { uplinkKbps: 1000, downlinkKbps: 2000, source: 'change' },
      bearer: { qci: 8, priorityLevel: 9, mayPreempt: true, mayBePreempted: false, rates: undefined, source: 'change' },
      expiresAt: start + 605_000,
      reauthorization: {
        revision: 1,
        answered: expect.objectContaining({ port: 40_000, identifier: 9 }),
      },
    });
  });

  it('leaves what it does not name', () => {
    const before = live(play(established(), [coa()]).session);
    const nothing = { subscriber: {}, accessLists: {}, ambr: undefined, bearer: undefined };
    expect(changed(before, coa(nothing, 10))).toEqual({
      ...before.durable,
      reauthorization: { revision: 2, answered: expect.objectContaining({ identifier: 10 }) },
    });
    const lists = { ...nothing, accessLists: { downlink: 'walled-garden' } };
    expect(changed(before, coa(lists)).accessLists).toEqual({ uplink: 'no-mail-relay', downlink: 'walled-garden' });
  });

  it('ends a limit by a timeout that is none', () => {
    const before = live(play(established(), [coa()]).session);
    const without = coa({ subscriber: { sessionTimeoutSeconds: undefined, idleTimeoutSeconds: undefined } });
    const after = live(play(before, [without]).session);
    expect(after.durable.expiresAt).toBe(never);
    expect(after.transient.idleCheckAt).toBe(never);
  });

  it('has its timeouts enforced', () => {
    const busy = contextAt(start, { packetsOf: () => 50 });
    const session = live(play(established(), [coa()], busy).session);
    expect(nextDeadline(session)).toBe(start + 60_000);
    const idle = play(session, [deadline], contextAt(start + 60_000, { packetsOf: () => 50 }));
    expect(counted(idle.effects, 'session.ended.')).toEqual(['idle-timeout']);
    const over = play(session, [deadline], contextAt(start + 600_000, { packetsOf: () => 51 }));
    expect(counted(over.effects, 'session.ended.')).toEqual(['session-timeout']);
  });
});

describe('AAA that wants to be asked', () => {
  it('is asked with its State, and what it says is in force', () => {
    const asked = play(established(), [coa(), wanted]);
    expect(asked.effects).toContainEqual({ kind: 'reauthorize', state: Uint8Array.of(7), authorizeOnly: true });
    const ambr = { uplinkKbps: 5, downlinkKbps: 6, source: 'accept' } as const;
    const after = live(
      play(asked.session!, [answered({ sessionTimeoutSeconds: 30, grants: { ...noGrants, ambr } })]).session,
    );
    expect(after.durable).toMatchObject({
      ambr,
      bearer: undefined,
      accessLists: undefined,
      expiresAt: start + 30_000,
      reauthorization: { revision: 2, answered: undefined },
    });
    expect(after.durable.subscriber).not.toHaveProperty('grants');
    expect(after.transient.isReauthorizing).toBe(false);
  });

  it.each([
    ['rejects', rejected, ['reauthentication-failed']],
    ['is silent', silent, []],
    [
      'names an unknown list',
      answered({ grants: { ...noGrants, accessLists: { uplink: 'x', downlink: undefined } } }),
      ['reauthentication-failed'],
    ],
    ['names another APN', answered({ apn: 'corporate' }), ['reauthorised']],
    ['names another LMA', answered({ lma: exampleConfig.cgwService.s2a.lmas[1]! }), ['reauthorised']],
    ['names the LMA that it is at', answered({ lma: exampleConfig.cgwService.s2a.lmas[0]! }), []],
  ] as const)('and %s ends the session so: %#', (_, event, reasons) => {
    const asked = play(established(), [wanted]).session!;
    expect(counted(play(asked, [event]).effects, 'session.ended.')).toEqual(reasons);
  });

  it('is not heard when nothing was asked', () => {
    const session = established();
    for (const event of [rejected, silent, answered({ sessionTimeoutSeconds: 1 }), accepted]) {
      expect(play(session, [event])).toEqual({ session, effects: [] });
    }
  });
});

describe('Termination-Action RADIUS-Request', () => {
  const state = Uint8Array.of(1, 2);
  const asking = () => {
    const session = live(play(established(), [coa({ subscriber: { sessionTimeoutSeconds: 600 } })]).session);
    const { durable } = session;
    return {
      ...session,
      durable: { ...durable, subscriber: { ...durable.subscriber, terminationAction: 'ask' as const, state } },
    };
  };
  const atEnd = contextAt(start + 600_000);

  it('asks with the State of the Accept when Session-Timeout ends', () => {
    const asked = play(asking(), [deadline], atEnd);
    expect(asked.effects).toEqual([{ kind: 'reauthorize', state, authorizeOnly: false }]);
    const renewed = live(play(asked.session!, [answered({ sessionTimeoutSeconds: 600 })], atEnd).session);
    expect(renewed.durable.expiresAt).toBe(start + 1_200_000);
    expect(counted(play(asked.session!, [rejected], atEnd).effects, 'session.ended.')).toEqual([
      'reauthentication-failed',
    ]);
  });

  it('leaves a UE that a WLC authenticates the time of an attach', () => {
    const session = asking();
    const radius = {
      nas: exampleConfig.cgwService.access.address,
      nasIdentifier: undefined,
      acctSessionId: undefined,
      callingStationId: '02-00-5E-11-22-33',
      calledStationId: undefined,
      userName: 'user@example',
      eapType: 13,
      accessType: 'pmip' as const,
    };
    const waiting = play({ ...session, durable: { ...session.durable, radius } }, [deadline], atEnd);
    expect(waiting.effects).toEqual([]);
    expect(live(waiting.session).durable.expiresAt).toBe(start + 630_000);
    const ended = play(waiting.session!, [deadline], contextAt(start + 630_000));
    expect(counted(ended.effects, 'session.ended.')).toEqual(['session-timeout']);
  });

  it('keeps the session while no server answers, and asks each minute', () => {
    const asked = play(asking(), [deadline], atEnd);
    // Not again while the question is on its way.
    const waiting = play(asked.session!, [deadline], contextAt(start + 660_000));
    expect(sent(waiting.effects)).toEqual([]);
    const again = play(waiting.session!, [silent, deadline], contextAt(start + 720_000));
    expect(sent(again.effects)).toEqual(['reauthorize']);
    expect(live(again.session).durable.expiresAt).toBe(start + 780_000);
  });
});
