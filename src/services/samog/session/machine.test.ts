import { describe, expect, it } from 'vitest';
import {
  accepted,
  authenticating,
  binding,
  configured,
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
  sampleEvents,
  sampleSessions,
  selecting,
  sessionId,
  start,
  ueAddress,
  wlcA,
  wlcB,
} from '../../../../tests/support/session-samples.ts';
import { find, tlv } from '../../../wire/bytes/tlv.ts';
import { dhcpOption } from '../../../wire/dhcpv4/options.ts';
import { bindingStatus } from '../../../wire/pmipv6/constants.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';
import { nextDeadline } from './deadline.ts';
import type { SessionEffect } from './effect.ts';
import { forwardingEntryOf } from './forwarding-entry.ts';
import { step } from './machine.ts';
import { type LiveSession, type Session, stateName } from './state.ts';

/** What was sent, as short words in order; counters and reports left out. */
function sent(effects: readonly SessionEffect[]): string[] {
  return effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'sendPba':
        return [`PBA ${effect.message.status} lifetime ${effect.message.lifetimeSeconds}`];
      case 'sendDhcpReply':
        return [`${find(effect.message.options, dhcpOption.messageType)} ${effect.message.yourAddress === ueAddress}`];
      case 'sendS2aPbu':
        return [`S2a PBU lifetime ${effect.message.lifetimeSeconds}`];
      case 'sendBri':
        return [`BRI ${effect.message.trigger}`];
      case 'count':
      case 'report':
        return [];
      default:
        return [effect.kind];
    }
  });
}

function counted(effects: readonly SessionEffect[], prefix: string): string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'count' && effect.counter.startsWith(prefix) ? [effect.counter.slice(prefix.length)] : [],
  );
}

function live(session: Session | undefined): LiveSession {
  if (session?.kind !== 'Live') throw new Error(`not live but ${session?.kind}`);
  return session;
}

const atRgB = { kind: 'eogre', peer: rgB, key: undefined, vlan: undefined } as const;
const dataAtRgB = { kind: 'dataTriggered', path: atRgB, sourceMatches: true } as const;

describe('setting up', () => {
  it('authenticates, binds and answers a PBU', () => {
    const { session, effects } = play({ kind: 'pbu', update: pbu() }, [
      accepted,
      (before) => ({
        kind: 's2aAcknowledged',
        sequence: outstanding(before),
        answer: {
          kind: 'accepted',
          lifetimeSeconds: 600,
          address: ueAddress,
          prefixLength: 24,
          router: ip('10.0.0.1'),
          uplinkKey: 5,
        },
      }),
    ]);
    expect(sent(effects)).toEqual(['authenticate', 'S2a PBU lifetime 3600', 'PBA 0 lifetime 600']);
    expect(live(session).durable).toMatchObject({ sessionType: 'pmipv6', eogreFlow: true, s2a: { uplinkKey: 5 } });
    const pba = effects.find((effect) => effect.kind === 'sendPba')!;
    expect(find(pba.message.options, mobilityOption.greKey)).toEqual({ key: sessionId });
    expect(find(pba.message.options, mobilityOption.ipv4HomeAddressReply)?.address).toBe(ueAddress);
    expect(pba.commit).toBe('after-checkpoint');
  });

  it('answers a DISCOVER with the address of the LMA, and ACKs its REQUEST', () => {
    const session = establishedByDhcp();
    expect(session.durable).toMatchObject({
      sessionType: 'dhcp',
      lease: { state: 'bound', expiresAt: start + 3_600_000 },
    });
  });

  it('starts no second authentication for a repeated DISCOVER or PBU', () => {
    const dhcpTrigger = { kind: 'dhcp', dhcp: dhcp(discover) } as const;
    for (const [session, event] of [
      [authenticating(dhcpTrigger), { kind: 'dhcpReceived', dhcp: dhcp(discover) }],
      [binding(dhcpTrigger), { kind: 'dhcpReceived', dhcp: dhcp(discover, rgA, [], 8) }],
      [authenticating(), { kind: 'pbuReceived', update: pbu() }],
      [binding(), { kind: 'pbuReceived', update: pbu({ sequence: 101, timestamp: start + 1 }) }],
    ] as const) {
      expect(sent(play(session, [event]).effects)).toEqual([]);
    }
  });

  it.each([
    ['aaa-reject', { kind: 'rejected', replyMessage: undefined }, bindingStatus.administrativelyProhibited],
    ['aaa-timeout', { kind: 'timeout' }, bindingStatus.insufficientResources],
  ] as const)('tells the MAG of %s and leaves a DISCOVER unanswered', (why, outcome, status) => {
    const ended = play(authenticating(), [{ kind: 'authenticationEnded', outcome }]);
    expect(ended.session).toBeUndefined();
    expect(sent(ended.effects)).toContain(`PBA ${status} lifetime 0`);
    expect(counted(ended.effects, 'session.failed.')).toEqual([why]);
    const silent = play(authenticating({ kind: 'dhcp', dhcp: dhcp(discover) }), [
      { kind: 'authenticationEnded', outcome },
    ]);
    expect(sent(silent.effects)).not.toContain('offer');
    expect(sent(silent.effects).filter((what) => what.startsWith('nak'))).toEqual([]);
  });

  it('passes a full pool on as insufficient resources', () => {
    const ended = play(binding(), [
      (session) => ({
        kind: 's2aAcknowledged',
        sequence: outstanding(session),
        answer: { kind: 'denied', status: bindingStatus.insufficientResources, text: '' },
      }),
    ]);
    expect(sent(ended.effects)).toEqual([`PBA ${bindingStatus.insufficientResources} lifetime 0`]);
  });

  it('repeats the PBU to a silent LMA after 1 s, 2 s, 4 s with new sequence numbers, and gives up at the setup timeout', () => {
    let session: Session | undefined = binding();
    const gaps: number[] = [];
    const sequences = new Set([outstanding(session)]);
    for (let now = start; session !== undefined; ) {
      const next = nextDeadline(session);
      gaps.push((next - now) / 1000);
      now = next;
      const taken = step(session, { kind: 'deadlineReached' }, contextAt(now));
      session = taken.state;
      if (session !== undefined) sequences.add(outstanding(session));
      else expect(sent(taken.effects)).toEqual([`PBA ${bindingStatus.insufficientResources} lifetime 0`]);
    }
    expect(gaps).toEqual([1, 2, 4, 8, 15]);
    expect(sequences.size).toBe(5);
  });

  it('accepts the answer to an earlier transmission of the same PBU', () => {
    const first = binding();
    const sequence = outstanding(first);
    const again = play(first, [{ kind: 'deadlineReached' }], contextAt(start + 1000)).session!;
    expect(outstanding(again)).not.toBe(sequence);
    const answer = {
      kind: 'accepted',
      lifetimeSeconds: 600,
      address: ueAddress,
      prefixLength: 24,
      router: ip('10.0.0.1'),
      uplinkKey: 5,
    } as const;
    expect(play(again, [{ kind: 's2aAcknowledged', sequence, answer }]).session?.kind).toBe('Live');
  });

  it('serves a trigger that raced as the handover it is, once the session is up', () => {
    const raced = play(authenticating(), [{ kind: 'dhcpReceived', dhcp: dhcp(discover) }]);
    expect(counted(raced.effects, 'handoff.')).toEqual(['pmip-to-eogre.received']);
    const { session, effects } = play(raced.session!, [
      accepted,
      (before) => ({
        kind: 's2aAcknowledged',
        sequence: outstanding(before),
        answer: {
          kind: 'accepted',
          lifetimeSeconds: 600,
          address: ueAddress,
          prefixLength: 24,
          router: ip('10.0.0.1'),
          uplinkKey: 5,
        },
      }),
    ]);
    expect(sent(effects)).toEqual(['S2a PBU lifetime 3600', 'PBA 0 lifetime 600', 'offer true']);
    expect(counted(effects, 'handoff.')).toEqual(['pmip-to-eogre.accepted']);
    expect(live(session).durable.access).toEqual(dhcp(discover).path);
  });

  it('denies a trigger that waited for a session which was never set up', () => {
    const raced = play(authenticating(), [{ kind: 'dhcpReceived', dhcp: dhcp(discover) }]).session!;
    const { effects } = play(raced, [{ kind: 'authenticationEnded', outcome: { kind: 'timeout' } }]);
    expect(counted(effects, 'handoff.')).toEqual(['pmip-to-eogre.denied', 'denied.session-ended']);
  });

  it('answers NAK where the LMA has another address than the client insists on, and keeps that one for it', () => {
    const other = { kind: 'init-reboot', requestedAddress: ip('10.0.0.99') } as const;
    const session = established({ kind: 'dhcp', dhcp: dhcp(other) });
    expect(session.durable.lease?.state).toBe('offered');
    expect(sent(play(session, [{ kind: 'dhcpReceived', dhcp: dhcp(discover) }]).effects)).toEqual(['offer true']);
  });
});

describe('handover', () => {
  it('PMIPv6 to EoGRE by DISCOVER: switches before the OFFER, keeps the address, then revokes', () => {
    const before = established();
    const offered = play(before, [{ kind: 'dhcpReceived', dhcp: dhcp(discover) }]);
    expect(sent(offered.effects)).toEqual(['offer true']);
    expect(counted(offered.effects, 'handoff.')).toEqual(['pmip-to-eogre.received', 'pmip-to-eogre.accepted']);
    const moved = live(offered.session);
    expect(moved.durable).toMatchObject({
      id: before.durable.id,
      sessionType: 'dhcp',
      addresses: before.durable.addresses,
    });
    expect(moved.durable.moves.previous).toEqual(before.durable.access);
    const acked = live(play(moved, [{ kind: 'dhcpReceived', dhcp: dhcp(selecting) }]).session);
    const briAt = nextDeadline(acked);
    expect(briAt).toBe(start + 200);
    const revoked = play(acked, [{ kind: 'deadlineReached' }], contextAt(briAt));
    expect(sent(revoked.effects)).toEqual(['BRI 2']);
    const { sequence } = live(revoked.session).durable.cleanups[0]!;
    const clean = play(revoked.session!, [{ kind: 'revocationAcknowledged', mag: wlcA, sequence, status: 0 }]);
    expect(live(clean.session).durable.cleanups).toEqual([]);
  });

  it('sends the BRI again after 1 s, waits 2 s more, and the session lives on without a BRA', () => {
    let session = live(play(established(), [dataAtRgB]).session);
    const at: number[] = [];
    while (session.durable.cleanups.length > 0) {
      const now = nextDeadline(session);
      const taken = play(session, [{ kind: 'deadlineReached' }], contextAt(now));
      at.push(now - start, ...sent(taken.effects).map(() => -1));
      session = live(taken.session);
    }
    expect(at).toEqual([200, -1, 1200, -1, 3200]);
    expect(stateName(session)).toBe('Established');
  });

  it.each([
    ['init-reboot', initReboot],
    ['renewing or rebinding', { kind: 'extending', clientAddress: ueAddress }],
    ['selecting', selecting],
  ] as const)('PMIPv6 to EoGRE by REQUEST (%s): ACK with the same address', (_name, intent) => {
    const { session, effects } = play(established(), [{ kind: 'dhcpReceived', dhcp: dhcp(intent) }]);
    expect(sent(effects)).toEqual(['ack true']);
    expect(live(session).durable.access.kind).toBe('eogre');
  });

  it('by plain data: switches, announces the router, and the old lease question does not arise', () => {
    const { session, effects } = play(established(), [dataAtRgB]);
    expect(sent(effects)).toEqual(['announceRouter']);
    expect(live(session).durable).toMatchObject({ access: atRgB, sessionType: 'dhcp', lease: { state: 'bound' } });
  });

  it('EoGRE to PMIPv6 by PBU: PBA with the same address, nothing to revoke', () => {
    const { session, effects } = play(establishedByDhcp(), [{ kind: 'pbuReceived', update: pbu() }]);
    expect(sent(effects)).toEqual(['PBA 0 lifetime 3600']);
    expect(counted(effects, 'handoff.')).toEqual(['eogre-to-pmip.received', 'eogre-to-pmip.accepted']);
    expect(live(session).durable).toMatchObject({ sessionType: 'pmipv6', cleanups: [], lease: undefined });
  });

  it('PMIPv6 to PMIPv6: the old MAG is revoked, the new one answered', () => {
    const update = pbu({ mag: wlcB, sequence: 1, timestamp: start + 1 });
    const { session, effects } = play(established(), [{ kind: 'pbuReceived', update }]);
    expect(counted(effects, 'handoff.')).toEqual(['pmip-to-pmip.received', 'pmip-to-pmip.accepted']);
    expect(live(session).durable.cleanups.map(({ mag }) => mag)).toEqual([wlcA]);
  });

  it('a UE that comes back to a MAG is not revoked there', () => {
    const away = live(play(established(), [dataAtRgB]).session);
    const back = play(away, [{ kind: 'pbuReceived', update: pbu({ sequence: 102, timestamp: start + 2 }) }]);
    expect(live(back.session).durable.cleanups).toEqual([]);
  });

  it('denies without a DHCP-trigger profile, and the session is untouched', () => {
    const without = contextAt(start, { hasDhcpTriggerProfile: false });
    const session = established(undefined, without);
    for (const event of [dataAtRgB, { kind: 'dhcpReceived', dhcp: dhcp(discover) }] as const) {
      const { session: after, effects } = play(session, [event], without);
      expect(after).toBe(session);
      expect(sent(effects)).toEqual([]);
      expect(counted(effects, 'handoff.')).toEqual([
        'pmip-to-eogre.received',
        'pmip-to-eogre.denied',
        'denied.no-dhcp-twan-profile',
      ]);
    }
  });

  it('denies data with a source address that is not the session’s', () => {
    const session = established();
    const { session: after, effects } = play(session, [{ ...dataAtRgB, sourceMatches: false }]);
    expect(after).toBe(session);
    expect(counted(effects, 'handoff.denied.')).toEqual(['spoofed']);
  });

  it('denies more data-triggered switches than the rate in a minute, and allows them in the next', () => {
    const rate = configured(start, (config) => ({
      ...config,
      samogService: { ...config.samogService, handover: { ...config.samogService.handover, ratePerMinute: 2 } },
    }));
    const atRgA = { ...dataAtRgB, path: { ...atRgB, peer: rgA } };
    const { session, effects } = play(established(undefined, rate), [dataAtRgB, atRgA, dataAtRgB], rate);
    expect(counted(effects, 'handoff.denied.')).toEqual(['handover-rate']);
    expect(live(session).durable.access.peer).toBe(rgA);
    const nextMinute = play(session!, [dataAtRgB], { ...rate, now: start + 60_000 });
    expect(live(nextMinute.session).durable.access.peer).toBe(rgB);
  });

  it('between access types only where handover is enabled; within one type always', () => {
    const off = configured(start, (config) => ({
      ...config,
      samogService: { ...config.samogService, handover: { ...config.samogService.handover, enable: false } },
    }));
    const denied = play(established(undefined, off), [dataAtRgB], off);
    expect(counted(denied.effects, 'handoff.denied.')).toEqual(['disabled']);
    const refused = play(establishedByDhcp(off), [{ kind: 'pbuReceived', update: pbu() }], off);
    expect(sent(refused.effects)).toEqual([`PBA ${bindingStatus.administrativelyProhibited} lifetime 0`]);
    expect(counted(play(establishedByDhcp(off), [dataAtRgB], off).effects, 'handoff.denied.')).toEqual([]);
  });

  it('a REQUEST for another address is refused and moves nothing', () => {
    const session = established();
    const wrong = { kind: 'init-reboot', requestedAddress: ip('10.0.0.99') } as const;
    const { session: after, effects } = play(session, [{ kind: 'dhcpReceived', dhcp: dhcp(wrong) }]);
    expect(after).toBe(session);
    expect(sent(effects)).toEqual(['nak false']);
    expect(counted(effects, 'handoff.denied.')).toEqual(['address-mismatch']);
  });

  it('never needs the LMA: no access switch sends anything on S2a', () => {
    const update = pbu({ mag: wlcB, sequence: 1, timestamp: start + 1 });
    for (const event of [
      dataAtRgB,
      { kind: 'dhcpReceived', dhcp: dhcp(discover) },
      { kind: 'pbuReceived', update },
    ] as const) {
      expect(sent(play(established(), [event]).effects).filter((what) => what.startsWith('S2a'))).toEqual([]);
    }
  });
});

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
      expect(live(session).durable.access.peer).toBe(wlcA);
    }
  });

  it('a PBU that was overtaken by a handover to EoGRE does not take the session back', () => {
    const away = play(established(), [dataAtRgB]).session!;
    const { session, effects } = play(away, [{ kind: 'pbuReceived', update: pbu() }]);
    expect(sent(effects)).toEqual([`PBA ${bindingStatus.timestampLowerThanPreviouslyAccepted} lifetime 0`]);
    expect(live(session).durable.access.kind).toBe('eogre');
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
    expect(forwardingEntryOf(session)?.access).toBeUndefined();
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
    expect(forwardingEntryOf(session)?.access).toBeUndefined();
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
    }
    const revoked = play(establishedByDhcp(), [{ kind: 's2aRevoked' }]);
    expect(revoked.session).toBeUndefined();
    const same = { kind: 'accepted', address: ueAddress, ...granted } as const;
    const kept = play(refreshing, [{ kind: 's2aAcknowledged', sequence, answer: same }]).session;
    expect(live(kept).durable.s2a.uplinkKey).toBe(5);
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
    const profile = { ...session.durable.subscriber, sessionTimeoutSeconds, idleTimeoutSeconds };
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

describe('every state', () => {
  it('is what its sample says', () => {
    for (const { name, state, make } of sampleSessions) expect(stateName(make()), name).toBe(state);
  });

  it('answers every event without a fault, keeps the session’s identity, and leaves the session given as it was', () => {
    for (const sample of sampleSessions) {
      for (const { name, event } of sampleEvents) {
        const session = sample.make();
        const copy = structuredClone(session);
        const taken = step(session, typeof event === 'function' ? event(session) : event, contextAt());
        expect(session, `${sample.name}: ${name}`).toEqual(copy);
        const next = taken.state;
        if (next !== undefined) expect(next.kind === 'Live' ? next.durable.id : next.id).toBe(sessionId);
      }
    }
  });

  it('never counts a handover accepted or denied that it did not count received', () => {
    for (const sample of sampleSessions) {
      for (const { name, event } of sampleEvents) {
        const session = sample.make();
        const taken = step(session, typeof event === 'function' ? event(session) : event, contextAt());
        const moves = counted(taken.effects, 'handoff.').filter((counter) => !counter.startsWith('denied.'));
        const ends = moves.filter((counter) => !counter.endsWith('.received')).length;
        const waits = taken.state !== undefined && 'queued' in taken.state && taken.state.queued?.handoff ? 1 : 0;
        expect(moves.length - ends, `${sample.name}: ${name}`).toBe(ends + waits);
      }
    }
  });
});
