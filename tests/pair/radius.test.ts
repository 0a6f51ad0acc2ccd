import { describe, expect, it } from 'vitest';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { address, radiusConfigOf } from '../scenarios/memory-world.ts';
import { PairWorld } from './pair-world.ts';

function sessionOf(pair: PairWorld): LiveSession | undefined {
  return pair.session?.kind === 'Live' ? pair.session : undefined;
}

/** The codes of what the gateway has said to a WLC, in order; counted as it leaves. */
function answersTo(pair: PairWorld, wlc: 'wlc1' | 'wlc2'): number[] {
  const codes: number[] = [];
  pair.drops = ({ source, destination, destinationPort, bytes }) => {
    const port = pair.world[wlc].nas!.port;
    if (source === address.access && destination === address[wlc] && destinationPort === port) codes.push(bytes[0]!);
    return false;
  };
  return codes;
}

function unattached(): PairWorld {
  const pair = new PairWorld({}, undefined, radiusConfigOf());
  pair.world.run(1000);
  return pair;
}

const endings = ['killed', 'switched over'] as const;

function end(pair: PairWorld, how: (typeof endings)[number]): void {
  if (how === 'killed') pair.kill(pair.a);
  else pair.switchOver();
}

describe('an Access-Accept', () => {
  it('leaves when the standby has the session', () => {
    const pair = unattached();
    const codes = answersTo(pair, 'wlc1');
    pair.delayMs.B = 5;
    pair.world.ue.moveTo(pair.world.wlc1, 'dhcp-discover', pair.world.now);
    let recordedAt = 0;
    while (codes.at(-1) !== radiusCode.accessAccept) {
      pair.world.run(0.25);
      if (recordedAt === 0 && pair.b.chassis.records > 0) recordedAt = pair.world.now;
    }
    expect(recordedAt).toBeGreaterThan(0);
  });

  it.each(endings)('is followed by a PBU that finds its session, if the active is %s', (how) => {
    const pair = unattached();
    const codes = answersTo(pair, 'wlc1');
    pair.world.ue.moveTo(pair.world.wlc1, 'dhcp-discover', pair.world.now);
    while (codes.at(-1) !== radiusCode.accessAccept) pair.world.run(0.25);
    const { id } = sessionOf(pair)!.durable;
    end(pair, how);
    pair.world.run(6000);
    expect(pair.active).toBe(pair.b);
    expect(sessionOf(pair)?.durable).toMatchObject({ id, phase: { kind: 'Established' } });
    expect(pair.world.ue.dhcpState).toBe('Bound');
    expect(pair.world.wlc1.counters.snapshot()).toMatchObject({ 'access.accepted': 1, 'access.keys-differ': 0 });
  });
});

describe('a challenge that a live session has not answered', () => {
  it.each(endings)('is answered to the other chassis, if the active is %s', (how) => {
    const pair = PairWorld.attached('wlc1', radiusConfigOf());
    const { id, addresses } = sessionOf(pair)!.durable;
    const codes = answersTo(pair, 'wlc2');
    pair.world.ue.moveTo(pair.world.wlc2, 'dhcp-request', pair.world.now);
    while (codes.length < 2) pair.world.run(0.25);
    expect(codes).toEqual([radiusCode.accessChallenge, radiusCode.accessChallenge]);
    end(pair, how);
    pair.world.run(8000);
    expect(pair.active).toBe(pair.b);
    const { durable } = sessionOf(pair)!;
    expect(durable).toMatchObject({ id, addresses, challenge: undefined, radius: { nas: address.wlc2 } });
    expect(pair.world.wlc2.counters.snapshot()).toMatchObject({ 'access.accepted': 1, 'access.unanswered': 0 });
    expect(pair.world.ue.dhcpState).toBe('Bound');
    // The identity, one Response for each of three challenges: nobody began anew.
    expect(pair.world.wlc2.nas!.counters.get('access-request')).toBe(4);
    expect(pair.unduly).toEqual([]);
  });
});

describe('a re-authentication', () => {
  it.each(endings)('holds, with its times, if the active is %s right after it', (how) => {
    const pair = PairWorld.attached('wlc1', radiusConfigOf());
    pair.world.aaa.policy = () => ({ kind: 'accept', profile: { sessionTimeoutSeconds: 60 } });
    const codes = answersTo(pair, 'wlc1');
    let accepted = false;
    const { nas } = pair.world.wlc1;
    nas!.authenticate(pair.world.ue.mac, 'me', ({ kind }) => (accepted = kind === 'accepted'), pair.world.now);
    while (codes.at(-1) !== radiusCode.accessAccept) pair.world.run(0.25);
    end(pair, how);
    pair.world.run(6000);
    expect(accepted).toBe(true);
    const { durable } = sessionOf(pair)!;
    const remaining = durable.expiresAt - pair.b.clock(pair.world.now);
    expect(remaining).toBeGreaterThan(50_000);
    expect(remaining).toBeLessThan(56_000);
    expect(durable.radius?.userName).toBe('me');
  });
});
