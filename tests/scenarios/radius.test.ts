import { describe, expect, it } from 'vitest';
import { hostSeal } from '../../src/host/seal.ts';
import { parseIp } from '../../src/kernel/address.ts';
import { type AccessOutcome, RadiusNas } from '../../src/peers/radius-nas.ts';
import type { ArrivalManner } from '../../src/peers/ue.ts';
import type { Wlc } from '../../src/peers/wlc.ts';
import { resumeAll } from '../../src/services/samog/checkpoints/resume.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { tlv } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { signAccessRequest } from '../../src/wire/radius/authenticator.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { decodeRadius, encodeRadius } from '../../src/wire/radius/packet.ts';
import { testDigests } from '../support/digests.ts';
import { Standby } from '../support/standby-record.ts';
import { address, configOf, MemoryWorld, radiusConfigOf } from './memory-world.ts';

const wlcSecret = utf8Encode('a secret of the WLCs');

function sessionIn({ gateway, ue }: MemoryWorld): LiveSession | undefined {
  const session = gateway.registry.ofMac(ue.mac)?.session;
  return session?.kind === 'Live' ? session : undefined;
}

function attach(world: MemoryWorld, to: Wlc = world.wlc1, how: ArrivalManner = 'dhcp-discover'): void {
  world.ue.moveTo(to, how, world.now);
  world.run(1000);
}

function codeOf(bytes: Uint8Array): number | undefined {
  const packet = decodeRadius(bytes);
  return packet.ok ? packet.value.code : undefined;
}

describe('a UE whose WLC speaks RADIUS', () => {
  it('is accepted when its session is up, with the keys of AAA, and has an address by the PBU that follows', () => {
    const world = new MemoryWorld(radiusConfigOf());
    attach(world);
    expect(world.ue.dhcpState).toBe('Bound');
    expect(world.wlc1.counters.snapshot()).toMatchObject({ 'access.accepted': 1, 'access.keys-differ': 0, pba: 1 });
    const session = sessionIn(world)!;
    expect(session.durable).toMatchObject({
      sessionType: 'pmipv6',
      phase: { kind: 'Established' },
      radius: { nas: address.wlc1, nasIdentifier: 'wlc1', userName: '0001@wlan.example', eapType: 255 },
    });
    expect(world.counted()).toMatchObject({
      'session.setup': 1,
      'access-radius.access-request.received': 4,
      'access-radius.challenge.sent': 3,
      'access-radius.accept.sent': 1,
      'pbu.initial.accepted': 1,
    });
    expect(world.counted()['handoff.pmip-to-pmip.received']).toBeUndefined();
    const names = world.events.map(({ name }) => name);
    expect(names.indexOf('session-established')).toBeLessThan(names.indexOf('access-accept-relayed'));
  });

  it('has one session, and the same Accept again, if the first is lost', () => {
    const world = new MemoryWorld(radiusConfigOf());
    const accepts: string[] = [];
    world.drops = ({ source, destination, bytes }) => {
      if (source !== address.access || destination !== address.wlc1) return false;
      if (codeOf(bytes) !== radiusCode.accessAccept) return false;
      accepts.push(bytes.join());
      return accepts.length === 1;
    };
    attach(world);
    world.run(3000);
    expect(accepts.length).toBe(2);
    expect(accepts[1]).toBe(accepts[0]);
    expect(world.ue.dhcpState).toBe('Bound');
    expect(world.counted()).toMatchObject({ 'session.setup': 1, 'access-radius.access-request.retransmitted': 1 });
  });

  it('is rejected as AAA says, and has no session', () => {
    const world = new MemoryWorld(radiusConfigOf());
    world.aaa.policy = () => ({ kind: 'reject' });
    attach(world);
    expect(world.wlc1.counters.get('access.rejected')).toBe(1);
    expect(world.gateway.registry.size).toBe(0);
  });

  it('is rejected by the gateway if there can be no session', () => {
    const world = new MemoryWorld(radiusConfigOf());
    world.lma.down = true;
    attach(world);
    expect(world.gateway.registry.size).toBe(1);
    world.run(40_000);
    expect(world.counted()).toMatchObject({ 'session.failed.lma-timeout': 1, 'access-radius.reject.sent': 1 });
    expect(world.gateway.registry.size).toBe(0);
  });

  it('hears nothing if AAA is silent', () => {
    const world = new MemoryWorld(radiusConfigOf());
    world.aaa.policy = () => ({ kind: 'silent' });
    attach(world);
    world.run(20_000);
    expect(world.wlc1.counters.get('access.unanswered')).toBe(1);
    expect(world.counted()['access-radius.reject.sent']).toBeUndefined();
    expect(world.gateway.doors.authentication.conversations.size).toBe(0);
  });

  it('may have long EAP packets in pieces', () => {
    const world = new MemoryWorld(radiusConfigOf());
    world.aaa.eap!.requestOctets = 1390;
    attach(world);
    expect(world.ue.dhcpState).toBe('Bound');
    expect(world.counted()['relay.oversized']).toBeUndefined();
    world.aaa.eap!.requestOctets = 1396;
    attach(world, world.wlc2);
    expect(world.counted()['relay.oversized']).toBe(3);
  });

  it('that never comes for its address has its session ended', () => {
    const world = new MemoryWorld(radiusConfigOf());
    const nas = nasAt(world, address.wlc1);
    nas.authenticate(world.ue.mac, 'me', () => {}, world.now);
    world.run(100);
    expect(sessionIn(world)?.durable.phase.kind).toBe('Admitted');
    expect(sessionIn(world)?.durable.access).toBeUndefined();
    world.run(61_000);
    expect(world.gateway.registry.size).toBe(0);
    expect(world.counted()).toMatchObject({ 'session.ended.never-attached': 1, 's2a.pbu.deregistration.sent': 1 });
  });

  it('is refused a PBU without an authentication', () => {
    const world = new MemoryWorld(radiusConfigOf());
    const silent = new MemoryWorld(configOf());
    silent.takeOver(world.gateway);
    // The gateway's answers leave by the other world's wire: what counts is what it makes of the PBU.
    attach(silent);
    expect(world.gateway.registry.size).toBe(0);
    expect(world.counted()).toMatchObject({ 'pbu.initial.denied': 1 });
  });
});

describe('a UE whose access point speaks RADIUS, and EoGRE', () => {
  it('is accepted, then asks for its address by DHCP', () => {
    const world = new MemoryWorld(radiusConfigOf('eogre'));
    const outcomes: AccessOutcome[] = [];
    nasAt(world, address.rg1).authenticate(world.ue.mac, 'me', (outcome) => outcomes.push(outcome), world.now);
    world.run(100);
    expect(outcomes).toEqual([{ kind: 'accepted', nai: undefined, keysAgree: true }]);
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(100);
    expect(world.ue.dhcpState).toBe('Bound');
    expect(sessionIn(world)?.durable).toMatchObject({ sessionType: 'dhcp', phase: { kind: 'Established' } });
    expect(world.counted()).toMatchObject({ 'session.setup': 1, 'dhcp.offer': 1, 'dhcp.ack': 1 });
  });

  it('gets no address without being accepted', () => {
    const world = new MemoryWorld(radiusConfigOf('eogre'));
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(1000);
    expect(world.ue.address).toBeUndefined();
    expect(world.gateway.registry.size).toBe(0);
  });
});

describe('a UE that is authenticated again', () => {
  it('keeps session and address, and its times begin anew', () => {
    const world = new MemoryWorld(radiusConfigOf());
    world.aaa.policy = () => ({ kind: 'accept', profile: { sessionTimeoutSeconds: 100 } });
    attach(world);
    const before = sessionIn(world)!.durable;
    world.run(50_000);
    attach(world, world.wlc1, 'dhcp-request');
    const after = sessionIn(world)!.durable;
    expect(after.id).toBe(before.id);
    expect(after.addresses).toEqual(before.addresses);
    expect(after.expiresAt).toBeGreaterThan(before.expiresAt + 49_000);
    expect(world.counted()).toMatchObject({ 'session.reauthenticated': 1, 'session.setup': 1 });
  });

  it('at another WLC has moved there with its address', () => {
    const world = new MemoryWorld(radiusConfigOf());
    attach(world);
    const before = sessionIn(world)!.durable;
    attach(world, world.wlc2, 'dhcp-request');
    const after = sessionIn(world)!.durable;
    expect(after).toMatchObject({ id: before.id, radius: { nas: address.wlc2 }, access: { peer: address.wlc2 } });
    expect(world.counted()).toMatchObject({ 'handoff.pmip-to-pmip.accepted': 1, 'session.reauthenticated': 1 });
  });

  it('as another subscriber has another session, by the same Accept', () => {
    const world = new MemoryWorld(radiusConfigOf());
    attach(world);
    const before = sessionIn(world)!.durable;
    world.aaa.policy = () => ({ kind: 'accept', profile: { nai: 'other@example' } });
    attach(world, world.wlc1);
    const after = sessionIn(world)!.durable;
    expect(after.id).not.toBe(before.id);
    expect(after.nai).toBe('other@example');
    expect(world.wlc1.counters.get('access.accepted')).toBe(2);
    expect(world.counted()).toMatchObject({ 'session.ended.subscriber-changed': 1, 'session.setup': 2 });
  });

  it('and rejected loses its session at the WLC where it is, and at no other', () => {
    const world = new MemoryWorld(radiusConfigOf());
    attach(world);
    world.aaa.policy = () => ({ kind: 'reject' });
    const outcomes: string[] = [];
    const tell = ({ kind }: AccessOutcome) => outcomes.push(kind);
    nasAt(world, address.wlc2).authenticate(world.ue.mac, 'me', tell, world.now);
    world.run(100);
    expect(sessionIn(world)).toBeDefined();
    nasAt(world, address.wlc1, 1700).authenticate(world.ue.mac, 'me', tell, world.now);
    world.run(2000);
    expect(outcomes).toEqual(['rejected', 'rejected']);
    expect(world.counted()['session.ended.reauthentication-failed']).toBe(1);
  });
});

describe('another chassis, with what checkpoints alone have told it,', () => {
  const seal = hostSeal(utf8Encode('shared by both'), 'answers');

  function pair() {
    const standby = new Standby(configOf().cgwService.access.vmac);
    const world = new MemoryWorld(radiusConfigOf(), testDigests, standby, seal);
    const takeOver = () => {
      const other = world.newGateway();
      other.adopt(resumeAll(standby.records.values(), world.now));
      world.takeOver(other);
    };
    return { world, takeOver };
  }

  it('goes on with a challenge that a live session has not answered', () => {
    const { world, takeOver } = pair();
    attach(world);
    const { id } = sessionIn(world)!.durable;
    let challenges = 0;
    world.drops = ({ source, destination, bytes }) => {
      if (source !== address.access || codeOf(bytes) !== radiusCode.accessChallenge) return false;
      if (destination === address.wlc2) challenges += 1;
      return false;
    };
    world.ue.moveTo(world.wlc2, 'dhcp-request', world.now);
    while (challenges < 2) world.run(1);
    expect(sessionIn(world)!.durable.challenge?.rounds).toBe(2);
    takeOver();
    world.run(1000);
    expect(world.wlc2.counters.snapshot()).toMatchObject({
      'access.accepted': 1,
      'access.keys-differ': 0,
      'access.unanswered': 0,
    });
    expect(world.wlc2.nas!.counters.get('access-request.retransmitted')).toBe(0);
    expect(sessionIn(world)!.durable).toMatchObject({ id, radius: { nas: address.wlc2 }, challenge: undefined });
    expect(world.ue.dhcpState).toBe('Bound');
  });

  it('gives the same Accept to a request that comes again', () => {
    const { world, takeOver } = pair();
    const accepts: string[] = [];
    world.drops = ({ source, destination, bytes }) => {
      if (source !== address.access || destination !== address.wlc1) return false;
      if (codeOf(bytes) !== radiusCode.accessAccept) return false;
      accepts.push(bytes.join());
      return accepts.length === 1;
    };
    world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
    while (accepts.length === 0) world.run(1);
    takeOver();
    world.run(4000);
    expect(accepts).toEqual([accepts[0], accepts[0]]);
    expect(world.ue.dhcpState).toBe('Bound');
    expect(sessionIn(world)!.durable.phase.kind).toBe('Established');
  });

  it('has no Accept and no challenge left when their time is over', () => {
    const { world, takeOver } = pair();
    attach(world);
    expect(sessionIn(world)!.durable.reply).toBeDefined();
    world.run(31_000);
    expect(sessionIn(world)!.durable.reply).toBeUndefined();
    takeOver();
    expect(sessionIn(world)!.durable.reply).toBeUndefined();
  });
});

describe('whoever speaks RADIUS to the gateway', () => {
  const authenticator = new Uint8Array(16).fill(1);
  const identity = Uint8Array.of(2, 1, 0, 7, 1, 0x6d, 0x65);
  const attributes = [
    tlv(radiusAttribute.callingStationId, '02-00-5E-10-00-01'),
    { type: radiusAttribute.eapMessage.type, data: identity },
  ];
  const packet = { code: radiusCode.accessRequest, identifier: 1, authenticator, attributes };
  const signed = signAccessRequest(packet, wlcSecret, testDigests);
  const cases: readonly (readonly [string, string, Uint8Array, string])[] = [
    ['is no client', '203.0.113.7', signed, 'unknown-client'],
    ['is a client that has no such profile', '192.0.2.10', signed, 'wrong-profile'],
    ['has another secret', '192.0.2.10', signAccessRequest(packet, utf8Encode('x'), testDigests), 'bad-authenticator'],
    ['signs nothing', '192.0.2.10', encodeRadius(packet), 'no-message-authenticator'],
    ['sends half a packet', '192.0.2.10', signed.subarray(0, 30), 'malformed'],
    [
      'names no UE',
      '192.0.2.10',
      signAccessRequest({ ...packet, attributes: attributes.slice(1) }, wlcSecret, testDigests),
      'malformed',
    ],
    [
      'has nothing to relay',
      '192.0.2.10',
      signAccessRequest({ ...packet, attributes: attributes.slice(0, 1) }, wlcSecret, testDigests),
      'malformed',
    ],
    [
      'answers what nobody asks',
      '192.0.2.10',
      signAccessRequest({ ...packet, code: radiusCode.accessAccept }, wlcSecret, testDigests),
      'malformed',
    ],
  ];
  it.each(cases)('and %s is counted and not answered', (_what, peer, bytes, why) => {
    const config = radiusConfigOf();
    const { mrmeService } = config;
    const wrong = mrmeService.twanProfiles.map((profile) => ({ ...profile, sessionTrigger: 'pmipv6' as const }));
    const world = new MemoryWorld(
      why === 'wrong-profile' ? { ...config, mrmeService: { ...mrmeService, twanProfiles: wrong } } : config,
    );
    let sent = 0;
    world.drops = ({ source }) => {
      if (source === address.access) sent += 1;
      return false;
    };
    world.gateway.receive('access-radius', 0, parseIp(peer)!, 1645, bytes, 0);
    world.run(100);
    expect(world.counted()).toEqual({ [`access-radius.discarded.${why}`]: 1, ...heartbeats(world) });
    expect([sent, world.gateway.registry.size]).toEqual([0, 0]);
  });

  it('and only asks whether it lives is answered at once', () => {
    const world = new MemoryWorld(radiusConfigOf());
    const answers: (number | undefined)[] = [];
    world.drops = ({ source, bytes }) => {
      if (source === address.access) answers.push(codeOf(bytes));
      return false;
    };
    const status = { ...packet, code: radiusCode.statusServer, attributes: [] };
    const bytes = signAccessRequest(status, wlcSecret, testDigests);
    world.gateway.receive('access-radius', 0, address.wlc1, 1645, bytes, 0);
    expect(answers).toEqual([radiusCode.accessAccept]);
  });

  it('and floods is held to its rate', () => {
    const world = new MemoryWorld(radiusConfigOf());
    for (let count = 0; count < 1500; count += 1) {
      world.gateway.receive('access-radius', 0, address.wlc1, 1645, signed.subarray(0, 30), 0);
    }
    expect(world.counted()).toMatchObject({
      'access-radius.discarded.malformed': 1000,
      'access-radius.discarded.rate': 500,
    });
  });

  it('and says anything at all is never more than counted', () => {
    const world = new MemoryWorld(radiusConfigOf());
    for (let at = 0; at < signed.length; at += 1) {
      for (const value of [0, 1, 79, 255]) {
        const changed = signed.slice();
        changed[at] = value;
        world.gateway.receive('access-radius', 0, address.wlc1, 1645, changed, at * 1000);
      }
    }
    expect(world.gateway.registry.size).toBe(0);
  });
});

/** What the gateway says to the LMA at its start. */
function heartbeats(world: MemoryWorld): Record<string, number> {
  return Object.fromEntries(Object.entries(world.counted()).filter(([name]) => name.startsWith('s2a.')));
}

/** A RADIUS client at an address of the world, beside whoever is there. */
function nasAt(world: MemoryWorld, at: (typeof address)['wlc1'], port = 1699): RadiusNas {
  const options = { address: at, gateway: address.access, secret: wlcSecret, name: 'nas', port };
  const nas = new RadiusNas(options, world, world.random, testDigests);
  world.listen(at, port, (datagram) => nas.receive(datagram, world.now));
  world.timed.push(nas);
  return nas;
}
