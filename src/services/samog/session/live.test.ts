import { describe, expect, it } from 'vitest';
import { atRgB, counted, dataAtRgB, live, sent } from '../../../../tests/support/session-observations.ts';
import {
  assigned,
  authenticating,
  contextAt,
  deregistered,
  dhcp,
  disconnecting,
  discover,
  established,
  establishedByDhcp,
  initReboot,
  ip,
  outstanding,
  pbu,
  play,
  released,
  rgA,
  rgB,
  selecting,
  start,
  ueAddress,
  wlcA,
  wlcB,
} from '../../../../tests/support/session-samples.ts';
import { find, tlv } from '../../../wire/bytes/tlv.ts';
import { dhcpOption } from '../../../wire/dhcpv4/options.ts';
import { bindingStatus } from '../../../wire/pmipv6/constants.ts';
import { noGrants } from '../grants.ts';
import { nextDeadline } from './deadline.ts';
import type { SessionEffect } from './effect.ts';
import { forwardingEntryOf } from './forwarding-entry.ts';
import { type LiveSession, type Session, stateName } from './state.ts';

describe('the LMA role', () => {
  it('answers a repeated PBU with the same grant', () => {
    const { session, effects } = play(established(), [{ kind: 'pbuReceived', update: pbu() }]);
    expect(sent(effects)).toEqual(['PBA 0 lifetime 3600']);
    expect(counted(effects, 'pbu.')).toContain('retransmitted');
    expect(live(session).durable.moves.count).toBe(0);
  });

  it('refuses a timestamp below the last accepted, from any MAG', () => {
    for (const mag of [wlcA, wlcB]) {
      const update = pbu({ mag, sequence: 99, timestamp: start - 1 });
      const { session, effects } = play(established(), [{ kind: 'pbuReceived', update }]);
      expect(sent(effects)).toEqual([`PBA ${bindingStatus.timestampLowerThanPreviouslyAccepted} lifetime 0`]);
      expect(live(session).durable.access?.peer).toBe(wlcA);
    }
  });

  it('a PBU that was overtaken by a handover to EoGRE does not take the session back', () => {
    const away = play(established(), [dataAtRgB]).session!;
    const { session, effects } = play(away, [{ kind: 'pbuReceived', update: pbu() }]);
    expect(sent(effects)).toEqual([`PBA ${bindingStatus.timestampLowerThanPreviouslyAccepted} lifetime 0`]);
    expect(live(session).durable.access?.kind).toBe('eogre');
  });

  it('orders by sequence number where there are no timestamps, modulo 65536', () => {
    const without = established({ kind: 'pbu', update: pbu({ sequence: 65535, timestamp: undefined }) });
    const newer = play(without, [{ kind: 'pbuReceived', update: pbu({ sequence: 3, timestamp: undefined }) }]);
    expect(sent(newer.effects)).toEqual(['PBA 0 lifetime 3600']);
    const older = play(newer.session!, [
      { kind: 'pbuReceived', update: pbu({ sequence: 65534, timestamp: undefined }) },
    ]);
    expect(sent(older.effects)).toEqual([`PBA ${bindingStatus.sequenceNumberOutOfWindow} lifetime 0`]);
    const pba = older.effects.find((effect) => effect.kind === 'sendPba')!;
    expect(pba.message.sequence).toBe(3);
  });

  it('keeps the session for 10 s after its MAG deregistered it, forwards nothing, then ends it', () => {
    const session = deregistered();
    expect(forwardingEntryOf(session, new Map())?.access).toBeUndefined();
    expect(nextDeadline(session)).toBe(start + 10_000);
    const ended = play(session, [{ kind: 'deadlineReached' }], contextAt(start + 10_000));
    expect(sent(ended.effects)).toEqual(['S2a PBU lifetime 0']);
    expect(counted(ended.effects, 'session.ended.')).toEqual(['mag-deregistration']);
  });

  it.each([
    ['PBU of another MAG', { kind: 'pbuReceived', update: pbu({ mag: wlcB, sequence: 1, timestamp: start + 9 }) }],
    ['DISCOVER', { kind: 'dhcpReceived', dhcp: dhcp(discover) }],
    ['data', dataAtRgB],
  ] as const)(
    'a UE that turns up by %s during the delay keeps its session, and its old MAG hears nothing',
    (_name, event) => {
      const { session } = play(deregistered(), [event]);
      expect(live(session).durable).toMatchObject({ phase: { kind: 'Established' }, cleanups: [] });
    },
  );

  it('answers a deregistration from a MAG that no longer holds the session and deletes nothing', () => {
    const away = live(play(established(), [dataAtRgB]).session);
    const late = pbu({ sequence: 120, timestamp: start + 5, lifetimeSeconds: 0 });
    const { session, effects } = play(away, [{ kind: 'pbuReceived', update: late }]);
    expect(sent(effects)).toEqual(['PBA 0 lifetime 0']);
    expect(live(session).durable).toMatchObject({ access: atRgB, phase: { kind: 'Established' }, cleanups: [] });
  });
});

describe('the DHCP server', () => {
  it('keeps a released address for the grace time: DISCOVER gives it again', () => {
    const session = released();
    expect(stateName(session)).toBe('Released');
    expect(forwardingEntryOf(session, new Map())?.access).toBeUndefined();
    const again = play(session, [{ kind: 'dhcpReceived', dhcp: dhcp(discover, rgB) }]);
    expect(sent(again.effects)).toEqual(['offer true']);
    expect(live(again.session).durable.addresses[0]?.address).toBe(ueAddress);
    const ended = play(session, [{ kind: 'deadlineReached' }], contextAt(start + 60_000));
    expect(counted(ended.effects, 'session.ended.')).toEqual(['ue-release']);
  });

  it('ends a session whose offer was never taken up, and one whose lease ran out', () => {
    const offered = established({ kind: 'dhcp', dhcp: dhcp(discover) });
    expect(nextDeadline(offered)).toBe(start + 60_000);
    const bound = establishedByDhcp();
    const ended = play(bound, [{ kind: 'deadlineReached' }], contextAt(start + 3_600_000));
    expect(ended.session?.kind).not.toBe('Live');
  });

  it('ignores a REQUEST that chose another server, and a RELEASE from elsewhere', () => {
    const other = { ...selecting, serverIdentifier: ip('10.9.9.9') };
    const away = { kind: 'release', clientAddress: ueAddress } as const;
    for (const request of [dhcp(other), dhcp(away, rgB)]) {
      const { session, effects } = play(establishedByDhcp(), [{ kind: 'dhcpReceived', dhcp: request }]);
      expect(sent(effects)).toEqual([]);
      expect(stateName(session!)).toBe('Established');
    }
  });

  it('ends a session whose address the UE declines, and answers an INFORM without a lease', () => {
    const declined = play(establishedByDhcp(), [
      { kind: 'dhcpReceived', dhcp: dhcp({ kind: 'decline', requestedAddress: ueAddress }) },
    ]);
    expect(counted(declined.effects, 'session.ended.')).toEqual(['address-declined']);
    const informed = play(establishedByDhcp(), [
      { kind: 'dhcpReceived', dhcp: dhcp({ kind: 'inform', clientAddress: ueAddress }) },
    ]);
    const ack = informed.effects.find((effect) => effect.kind === 'sendDhcpReply')!;
    expect(find(ack.message.options, dhcpOption.leaseTime)).toBeUndefined();
    expect(ack.destination).toBe(ueAddress);
  });

  it('keeps option 82 of the UE and gives it back, also when a renewal comes without it', () => {
    const line = tlv(dhcpOption.relayAgentInformation, [{ type: 1, data: Uint8Array.of(9) }]);
    const { session, effects } = play(establishedByDhcp(), [
      { kind: 'dhcpReceived', dhcp: dhcp(selecting, rgA, [line]) },
      { kind: 'dhcpReceived', dhcp: dhcp({ kind: 'extending', clientAddress: ueAddress }) },
    ]);
    expect(live(session).durable.lease?.relayInformation).toEqual(line.data);
    const replies = effects.filter((effect) => effect.kind === 'sendDhcpReply');
    expect(replies.map(({ message }) => message.options.some(({ type }) => type === 82))).toEqual([true, false]);
  });

  it('leases no longer than the LMA binds the address', () => {
    const session = establishedByDhcp();
    const short = {
      ...session,
      durable: { ...session.durable, s2a: { ...session.durable.s2a, lifetimeSeconds: 600 } },
    };
    const { effects } = play(short, [{ kind: 'dhcpReceived', dhcp: dhcp(initReboot) }]);
    const { options } = effects.find((effect) => effect.kind === 'sendDhcpReply')!.message;
    expect(find(options, dhcpOption.leaseTime)).toBe(600);
  });

  it('asks for no renewal at once, however short the lease', () => {
    const session = establishedByDhcp();
    const ending = { ...session, durable: { ...session.durable, expiresAt: start + 1500 } };
    const { effects } = play(ending, [{ kind: 'dhcpReceived', dhcp: dhcp(initReboot) }], contextAt(start));
    const { options } = effects.find((effect) => effect.kind === 'sendDhcpReply')!.message;
    expect(find(options, dhcpOption.leaseTime)).toBe(1);
    expect(find(options, dhcpOption.renewalTime)).toBe(1);
    expect(find(options, dhcpOption.rebindingTime)).toBe(1);
  });

  it('gives T1 and T2 in order, the mask, the router, and the server identifier', () => {
    const { effects } = play(establishedByDhcp(), [{ kind: 'dhcpReceived', dhcp: dhcp(initReboot) }]);
    const { options } = effects.find((effect) => effect.kind === 'sendDhcpReply')!.message;
    expect(find(options, dhcpOption.renewalTime)).toBe(1800);
    expect(find(options, dhcpOption.rebindingTime)).toBe(3150);
    expect(find(options, dhcpOption.subnetMask)).toBe(ip('255.255.255.0'));
    expect(find(options, dhcpOption.router)).toEqual([ip('10.0.0.1')]);
    expect(find(options, dhcpOption.serverIdentifier)).toBe(ip('10.0.0.1'));
  });
});

describe('the S2a binding', () => {
  it('is refreshed before it expires and ends the session if nobody answers', () => {
    let session: Session | undefined = established();
    let pbus = 0;
    let now = start;
    while (session?.kind === 'Live') {
      // The MAG keeps its own binding alive, so that only S2a is in question.
      session = { ...session, durable: { ...session.durable, binding: undefined } };
      now = nextDeadline(session);
      const taken = play(session, [{ kind: 'deadlineReached' }], contextAt(now));
      pbus += sent(taken.effects).length;
      session = taken.session;
      if (session?.kind !== 'Live') expect(counted(taken.effects, 'session.ended.')).toEqual(['lma-unreachable']);
    }
    expect(now).toBe(start + 3_600_000);
    expect(pbus).toBeGreaterThan(5);
  });

  it('ends the session if the LMA gives another address, refuses, or revokes', () => {
    const refreshing = play(established(), [{ kind: 'lmaRestarted' }]).session!;
    const sequence = outstanding(refreshing);
    const granted = { lifetimeSeconds: 600, prefixLength: 24, router: ip('10.0.0.1'), uplinkKey: 5 };
    const other = { kind: 'accepted', address: ip('10.0.0.8'), ...granted } as const;
    for (const answer of [other, { kind: 'denied', status: 130, text: '' }] as const) {
      const { session, effects } = play(refreshing, [{ kind: 's2aAcknowledged', sequence, answer }]);
      expect(session?.kind).toBe('Disconnecting');
      expect(counted(effects, 'session.ended.')).toEqual(['lma-rejected-refresh']);
      expect(sent(effects)).toContain('S2a PBU lifetime 0');
    }
    const revoked = play(establishedByDhcp(), [{ kind: 's2aRevoked' }]);
    expect(revoked.session).toBeUndefined();
    const same = { kind: 'accepted', address: ueAddress, ...granted } as const;
    const kept = play(refreshing, [{ kind: 's2aAcknowledged', sequence, answer: same }]).session;
    expect(live(kept).durable.s2a.uplinkKey).toBe(5);
  });

  it('is deregistered with a number that no answer to a refresh still under way can have', () => {
    const refreshing = play(established(), [{ kind: 'lmaRestarted' }]).session!;
    const sequence = outstanding(refreshing);
    const ending = play(refreshing, [{ kind: 'cleared', reason: 'operator' }]).session!;
    const { session, effects } = play(ending, [{ kind: 's2aAcknowledged', sequence, answer: assigned }]);
    expect(counted(effects, 's2a.pba.')).toEqual(['unmatched']);
    expect(session).toBe(ending);
  });

  it('is deregistered a bounded number of times, and a UE that comes back meanwhile starts anew after it', () => {
    const waiting = play(disconnecting(), [{ kind: 'dhcpReceived', dhcp: dhcp(discover) }]).session!;
    let session: Session | undefined = waiting;
    const effects: SessionEffect[] = [];
    while (session !== undefined) {
      const taken = play(session, [{ kind: 'deadlineReached' }], contextAt(nextDeadline(session)));
      effects.push(...taken.effects);
      session = taken.session;
    }
    expect(sent(effects).filter((what) => what.startsWith('S2a')).length).toBe(5);
    expect(sent(effects).at(-1)).toBe('restart');
  });
});

describe('timeouts of the subscriber', () => {
  const withTimeouts = (sessionTimeoutSeconds?: number, idleTimeoutSeconds?: number): LiveSession => {
    const session = established();
    const profile = { ...session.durable.subscriber, grants: noGrants, sessionTimeoutSeconds, idleTimeoutSeconds };
    const outcome = { kind: 'accepted', profile } as const;
    return live(
      play(authenticating(), [
        { kind: 'authenticationEnded', outcome },
        (before) => ({
          kind: 's2aAcknowledged',
          sequence: outstanding(before),
          answer: {
            kind: 'accepted',
            lifetimeSeconds: 3600,
            address: ueAddress,
            prefixLength: 24,
            router: ip('10.0.0.1'),
            uplinkKey: 5,
          },
        }),
      ]).session,
    );
  };

  it('Session-Timeout ends the session and revokes it at its MAG', () => {
    const ended = play(withTimeouts(30), [{ kind: 'deadlineReached' }], contextAt(start + 30_000));
    expect(counted(ended.effects, 'session.ended.')).toEqual(['session-timeout']);
    const told = play(ended.session!, [{ kind: 'deadlineReached' }], contextAt(start + 30_000));
    expect(sent(told.effects)).toEqual(['BRI 1']);
  });

  it('Idle-Timeout ends it only if no packet passed', () => {
    const session = withTimeouts(undefined, 20);
    const busy = play(session, [{ kind: 'deadlineReached' }], contextAt(start + 20_000, { packetsOf: () => 3 }));
    expect(live(busy.session).transient).toMatchObject({ idlePackets: 3, idleCheckAt: start + 40_000 });
    const idle = play(busy.session!, [{ kind: 'deadlineReached' }], contextAt(start + 40_000, { packetsOf: () => 3 }));
    expect(counted(idle.effects, 'session.ended.')).toEqual(['idle-timeout']);
  });
});
