import { describe, expect, it } from 'vitest';
import { atRgB, counted, dataAtRgB, live, sent } from '../../../../tests/support/session-observations.ts';
import {
  accepted,
  assigned,
  authenticating,
  binding,
  configured,
  contextAt,
  dhcp,
  discover,
  established,
  establishedByDhcp,
  initReboot,
  ip,
  outstanding,
  pbu,
  play,
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
import { find } from '../../../wire/bytes/tlv.ts';
import { bindingStatus } from '../../../wire/pmipv6/constants.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';
import { nextDeadline } from './deadline.ts';
import { step } from './machine.ts';
import { type Session, stateName } from './state.ts';

const acknowledgedByLma = (before: Session | undefined) =>
  ({ kind: 's2aAcknowledged', sequence: outstanding(before), answer: assigned }) as const;

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

  it('takes back at the LMA what it asked for when the MAG or the operator withdraws', () => {
    for (const [event, reason] of [
      [{ kind: 'pbuReceived', update: pbu({ lifetimeSeconds: 0, sequence: 101 }) }, 'mag-deregistration'],
      [{ kind: 'cleared', reason: 'operator' }, 'operator'],
    ] as const) {
      const begun = binding();
      const { session, effects } = play(begun, [event]);
      expect(sent(effects)).toContain('S2a PBU lifetime 0');
      expect(session).toMatchObject({ kind: 'Disconnecting', reason });
      // The LMA's answer to the PBU before is late, and changes nothing.
      const late = { kind: 's2aAcknowledged', sequence: outstanding(begun), answer: assigned } as const;
      expect(play(session!, [late]).session).toBe(session);
      const done = {
        kind: 's2aAcknowledged',
        sequence: outstanding(session),
        answer: { kind: 'deregistered' },
      } as const;
      expect(play(session!, [done]).session).toBeUndefined();
    }
    expect(play(authenticating(), [{ kind: 'cleared', reason: 'operator' }]).session).toBeUndefined();
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

  it('counts a DISCOVER that a REQUEST of the same client overtakes in the queue as superseded', () => {
    const begun = authenticating({ kind: 'dhcp', dhcp: dhcp(discover) });
    const raced = play(begun, [
      { kind: 'dhcpReceived', dhcp: dhcp(discover, rgB) },
      { kind: 'dhcpReceived', dhcp: dhcp(initReboot, rgB) },
    ]);
    expect(counted(raced.effects, 'handoff.')).toEqual([
      'dhcp-to-dhcp.received',
      'dhcp-to-dhcp.denied',
      'denied.superseded',
      'eogre-to-eogre-request.received',
    ]);
    const served = play(raced.session!, [accepted, acknowledgedByLma]);
    expect(counted(served.effects, 'handoff.')).toEqual(['eogre-to-eogre-request.accepted']);
  });

  it('denies a queued REQUEST that turns out to be for another server', () => {
    const other = { ...selecting, serverIdentifier: ip('10.9.9.9') };
    const raced = play(authenticating(), [{ kind: 'dhcpReceived', dhcp: dhcp(other) }]);
    expect(counted(raced.effects, 'handoff.')).toEqual(['pmip-to-eogre.received']);
    const { session, effects } = play(raced.session!, [accepted, acknowledgedByLma]);
    expect(counted(effects, 'handoff.')).toEqual(['pmip-to-eogre.denied', 'denied.bad-request']);
    expect(live(session).durable.access?.kind).toBe('pmipv6');
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
    expect(live(session).durable.access?.kind).toBe('eogre');
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

  it('by plain data: keeps the UE as long as the lease that its MAG may have given it', () => {
    const before = established();
    const binding = { ...before.durable.binding!, lifetimeSeconds: 20_000 };
    const longer = { ...before, durable: { ...before.durable, binding } };
    expect(live(play(longer, [dataAtRgB]).session).durable.lease?.expiresAt).toBe(start + 20_000_000);
    const shorter = { ...before, durable: { ...before.durable, binding: { ...binding, lifetimeSeconds: 600 } } };
    expect(live(play(shorter, [dataAtRgB]).session).durable.lease?.expiresAt).toBe(start + 3_600_000);
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
    expect(live(session).durable.access?.peer).toBe(rgA);
    const nextMinute = play(session!, [dataAtRgB], { ...rate, now: start + 60_000 });
    expect(live(nextMinute.session).durable.access?.peer).toBe(rgB);
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
