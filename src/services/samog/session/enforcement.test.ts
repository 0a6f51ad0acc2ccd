import { describe, expect, it } from 'vitest';
import { counted, live, sent } from '../../../../tests/support/session-observations.ts';
import {
  accepted,
  assigned,
  authenticating,
  contextAt,
  outstanding,
  play,
} from '../../../../tests/support/session-samples.ts';
import { type Grants, noGrants } from '../grants.ts';
import { packetFilterOf, policeRatesOf } from './enforcement.ts';
import type { SessionEvent } from './event.ts';
import { forwardingChanged, forwardingEntryOf } from './forwarding-entry.ts';

const bearer = { qci: 8, priorityLevel: 9, mayPreempt: true, mayBePreempted: false, source: 'accept' } as const;
const ambr = { uplinkKbps: 1000, downlinkKbps: 8000, source: 'accept' } as const;
const rates = { uplinkKbps: 64, downlinkKbps: 0, uplinkGuaranteedKbps: 64, downlinkGuaranteedKbps: 0 };
const { accessLists } = contextAt();

function acceptedWith(grants: Partial<Grants>): SessionEvent {
  if (accepted.kind !== 'authenticationEnded' || accepted.outcome.kind !== 'accepted') throw new Error('not accepted');
  const { profile } = accepted.outcome;
  return {
    kind: 'authenticationEnded',
    outcome: { kind: 'accepted', profile: { ...profile, grants: { ...noGrants, ...grants } } },
  };
}

const establishedWith = (grants: Partial<Grants>) =>
  live(
    play(authenticating(), [
      acceptedWith(grants),
      (session) => ({ kind: 's2aAcknowledged', sequence: outstanding(session), answer: assigned }),
    ]).session,
  );

describe('a session is held to', () => {
  it.each<[string, Partial<Grants>, ReturnType<typeof policeRatesOf>]>([
    ['nothing, where nothing is granted', {}, undefined],
    ['nothing by a bearer without rates', { bearer: { ...bearer, rates: undefined } }, undefined],
    ['the APN-AMBR', { ambr }, { uplink: 125_000, downlink: 1_000_000 }],
    [
      'the APN-AMBR, one way where it has none the other',
      { ambr: { ...ambr, downlinkKbps: 0 } },
      { uplink: 125_000, downlink: undefined },
    ],
    ['its bearer’s rates first', { ambr, bearer: { ...bearer, rates } }, { uplink: 8000, downlink: 1_000_000 }],
  ])('%s', (_, grants, expected) => {
    expect(policeRatesOf({ ...noGrants, ...grants })).toEqual(expected);
    expect(forwardingEntryOf(establishedWith(grants), accessLists)?.police).toEqual(expected);
  });

  it('the lists that it names, one for all sessions', () => {
    const session = establishedWith({ accessLists: { uplink: 'no-mail-relay', downlink: undefined } });
    const filter = forwardingEntryOf(session, accessLists)?.filter;
    expect(filter?.uplink).toBe(accessLists.get('no-mail-relay'));
    expect(filter?.downlink).toBeUndefined();
    expect(packetFilterOf(undefined, accessLists)).toBeUndefined();
  });

  it('a list that lets nothing pass, where it names one that is not there', () => {
    const filter = packetFilterOf({ uplink: 'of another chassis', downlink: undefined }, accessLists);
    expect(filter?.uplink?.permits(new Uint8Array(40), 0)).toBe(false);
  });
});

it('an attach is refused where AAA names a list that is not configured', () => {
  const { session, effects } = play(authenticating(), [
    acceptedWith({ accessLists: { uplink: 'other', downlink: 'other' } }),
  ]);
  expect(session).toBeUndefined();
  expect(counted(effects, 'session.failed.')).toEqual(['access-list-unknown']);
  expect(sent(effects).at(-1)).toMatch(/^PBA 1/);
});

it('a change of any grant is a change of what is forwarded', () => {
  const session = establishedWith({ ambr });
  const changed = (grants: Partial<Grants>) =>
    forwardingChanged(session, { ...session, durable: { ...session.durable, ...grants } });
  expect(changed({})).toBe(false);
  expect(changed({ ambr: { ...ambr } })).toBe(true);
  expect(changed({ bearer: { ...bearer, rates } })).toBe(true);
  expect(changed({ accessLists: { uplink: 'no-mail-relay', downlink: undefined } })).toBe(true);
});
