import { describe, expect, it } from 'vitest';
import { formatMac, macOf } from '../../src/kernel/address.ts';
import type { Datagram } from '../../src/peers/actor.ts';
import type { AuthorizationAnswer } from '../../src/peers/authorization-client.ts';
import { acctSessionIdOf } from '../../src/services/samog/account-id.ts';
import { resumeAll } from '../../src/services/samog/checkpoints/resume.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { searchesMax } from '../../src/sessmgr/radius/session-search.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { find, type Tlv, tlv } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { signAccountingRequest } from '../../src/wire/radius/authenticator.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { decodeRadius } from '../../src/wire/radius/packet.ts';
import { starentAttribute, threeGppAttribute, vendorTlv } from '../../src/wire/radius/vendor-attributes.ts';
import { testDigests } from '../support/digests.ts';
import { Standby } from '../support/standby-record.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

const a = radiusAttribute;
const secret = utf8Encode('a secret of the tests');
/** 80 kbit/s up, 160 down: 10,000 and 20,000 octets a second. */
const slower = vendorTlv(threeGppAttribute.negotiatedQosProfile, {
  qci: 8,
  priorityLevel: 9,
  mayPreempt: false,
  mayBePreempted: true,
  rates: { kind: 'aggregate', uplinkKbps: 80, downlinkKbps: 160 },
});
const noUplink = vendorTlv(starentAttribute.ipInAcl, 'nothing');

/** A UE at an RG, and everything that the gateway answers to AAA. */
class Scene {
  readonly standby = new Standby(configOf().cgwService.access.vmac);
  readonly world = new MemoryWorld(configOf(), testDigests, this.standby);
  readonly answers: AuthorizationAnswer[] = [];
  readonly replies: Datagram[] = [];
  dropsReplies = false;

  constructor(by: 'rg1' | 'wlc1' = 'rg1') {
    const { world } = this;
    world.drops = (datagram) => {
      if (datagram.protocol !== 'udp' || datagram.destination !== address.authorization) return false;
      this.replies.push({ ...datagram, bytes: datagram.bytes.slice() });
      return this.dropsReplies;
    };
    world.ue.moveTo(world[by], 'dhcp-discover', 0);
    world.run(200);
    expect(world.ue.dhcpState).toBe('Bound');
    this.standby.cmdIds.length = 0;
  }

  get session(): LiveSession {
    const session = this.world.gateway.registry.ofMac(this.world.ue.mac)?.session;
    if (session?.kind !== 'Live') throw new Error(`the session is ${session?.kind}`);
    return session;
  }

  /** The session has an IMSI and a Chargeable-User-Identity from now on. */
  named(): LiveSession['durable']['subscriber'] {
    const { registry } = this.world.gateway;
    const { durable, ...session } = this.session;
    const subscriber = { ...durable.subscriber, imsi: '001010123456789', chargeableUserIdentity: utf8Encode('cui') };
    registry.replace(registry.ofMac(durable.mac)!, { ...session, durable: { ...durable, subscriber } });
    return subscriber;
  }

  get account(): Tlv {
    return tlv(a.acctSessionId, acctSessionIdOf(this.session.durable));
  }

  change(...attributes: Tlv[]): AuthorizationAnswer | undefined {
    return this.#ask('change', attributes);
  }

  disconnect(...attributes: Tlv[]): AuthorizationAnswer | undefined {
    return this.#ask('disconnect', attributes);
  }

  /** A packet as it is, from the port of the client. */
  send(bytes: Uint8Array, source = address.authorization): void {
    const to = { destination: address.aaaSide, destinationPort: 3799 };
    this.world.send({ protocol: 'udp', source, sourcePort: 40_000, ...to, bytes });
    this.world.run(10);
  }

  /** Another gateway serves, with what checkpoints have told. */
  takeOver(): void {
    const next = this.world.newGateway();
    expect(next.adopt(resumeAll(this.standby.records.values(), this.world.now)).refused).toEqual([]);
    this.world.takeOver(next);
  }

  counted(prefix: string): Record<string, number> {
    const counted = Object.entries(this.world.counted()).filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(counted.map(([name, value]) => [name.slice(prefix.length), value]));
  }

  #ask(what: 'change' | 'disconnect', attributes: Tlv[]): AuthorizationAnswer | undefined {
    let answer: AuthorizationAnswer | undefined;
    this.world.authorization[what](attributes, this.world.now, (given) => {
      answer = given;
    });
    this.world.run(10);
    return answer;
  }
}

const nak = (errorCause: number) => ({ kind: 'nak', errorCause });
const ack = { kind: 'ack', errorCause: undefined };

describe('AAA changes a session', () => {
  it('at once, whole, and tells the standby before it is acknowledged', () => {
    const scene = new Scene();
    expect(scene.change(scene.account, slower, noUplink, tlv(a.idleTimeout, 300))).toEqual(ack);
    const entry = scene.world.gateway.flows.readBack(scene.session.durable.id);
    expect(entry?.police).toEqual({ uplink: 10_000, downlink: 20_000 });
    expect(entry?.filter?.uplink?.name).toBe('nothing');
    expect(scene.session.durable.subscriber.idleTimeoutSeconds).toBe(300);
    expect(scene.standby.cmdIds).toEqual([173, 83, 168, 167, 2]);
    expect(scene.counted('coa.')).toEqual({ received: 1, ack: 1 });
  });

  it.each<[string, (scene: Scene) => Tlv[]]>([
    ['Acct-Session-Id', (scene) => [scene.account]],
    ['Calling-Station-Id', ({ world }) => [tlv(a.callingStationId, formatMac(world.ue.mac, '-').toUpperCase())]],
    ['Framed-IP-Address', (scene) => [tlv(a.framedIpAddress, scene.session.durable.addresses[0]!.address as never)]],
    ['a User-Name alone', () => [tlv(a.userName, '02005e100001')]],
    ['an IMSI alone', (scene) => [vendorTlv(threeGppAttribute.imsi, scene.named().imsi!)]],
    ['a Chargeable-User-Identity', (scene) => [tlv(a.chargeableUserIdentity, scene.named().chargeableUserIdentity!)]],
    ['all of them, with the User-Name', (scene) => [scene.account, tlv(a.userName, '02005e100001')]],
  ])('found by %s', (_, identification) => {
    const scene = new Scene();
    expect(scene.change(...identification(scene), slower)).toEqual(ack);
    expect(scene.session.durable.ambr?.uplinkKbps).toBe(80);
  });

  it('found by a name that only it has, and by none that others have, too, or while very many are sought', () => {
    const scene = new Scene();
    const { registry } = scene.world.gateway;
    const { imsi } = scene.named();
    const byImsi = vendorTlv(threeGppAttribute.imsi, imsi!);
    const { durable, ...session } = scene.session;
    for (let index = 1; index <= 1000; index += 1) {
      const own = { id: 0x7000000 + index, mac: macOf(durable.mac + index), nai: `ue${index}@example` };
      const subscriber = { ...durable.subscriber, userName: undefined, imsi: index === 700 ? imsi : undefined };
      registry.add({ ...session, durable: { ...durable, ...own, subscriber } });
    }
    expect(scene.change(byImsi, slower)).toEqual(nak(508));
    expect(scene.change(byImsi, tlv(a.userName, formatMac(durable.mac, '')), slower)).toEqual(ack);
    const causes: (number | undefined)[] = [];
    for (let request = 0; request < searchesMax + 4; request += 1) {
      scene.world.authorization.change([tlv(a.userName, `nobody ${request}`), slower], scene.world.now, (given) => {
        causes.push(given.errorCause);
      });
    }
    scene.world.run(20);
    expect(causes.toSorted()).toEqual([...new Array(searchesMax).fill(503), 506, 506, 506, 506]);
  });

  it('found by an address that others have, too, if something else tells them apart', () => {
    const scene = new Scene();
    const { registry } = scene.world.gateway;
    const { durable, ...session } = scene.session;
    const framed = tlv(a.framedIpAddress, durable.addresses[0]!.address as never);
    const alsoThere = (index: number) => {
      const own = { id: 0x7000000 + index, mac: macOf(durable.mac + index), nai: `ue${index}@example` };
      const subscriber = { ...durable.subscriber, userName: undefined };
      registry.add({ ...session, durable: { ...durable, ...own, subscriber } });
    };
    alsoThere(1);
    expect(scene.change(framed, slower)).toEqual(nak(508));
    expect(scene.change(framed, tlv(a.userName, formatMac(durable.mac, '')), slower)).toEqual(ack);
    // Of very many not all are looked at.
    for (let index = 2; index <= 64; index += 1) alsoThere(index);
    expect(scene.change(framed, tlv(a.userName, 'nobody'), slower)).toEqual(nak(506));
  });

  it.each<[number, string, (scene: Scene) => Tlv[]]>([
    [402, 'an access point alone', () => [tlv(a.calledStationId, '198.51.100.1'), slower]],
    [503, 'a User-Name that nobody has', () => [tlv(a.userName, 'nobody'), slower]],
    [403, 'another NAS', (scene) => [scene.account, tlv(a.nasIdentifier, 'other'), slower]],
    [407, 'a list that is not configured', (scene) => [scene.account, slower, tlv(a.filterId, 'other')]],
    [401, 'an attribute that is not supported', (scene) => [scene.account, slower, tlv(a.framedMtu, 1400)]],
    [503, 'a session that is not there', () => [tlv(a.callingStationId, '02-00-5E-00-00-99'), slower]],
    [503, 'two that are not one', (scene) => [scene.account, tlv(a.userName, 'other'), slower]],
    [
      503,
      'an account of before',
      (scene) => [tlv(a.acctSessionId, `${acctSessionIdOf(scene.session.durable).slice(0, 8)}00000000`), slower],
    ],
  ])('or is refused with Error-Cause %i, and nothing has changed: %s', (cause, _, attributes) => {
    const scene = new Scene();
    const before = scene.session;
    expect(scene.change(...attributes(scene))).toEqual(nak(cause));
    expect(scene.session).toBe(before);
    expect(scene.standby.cmdIds).toEqual([]);
    expect(scene.counted('coa.')).toEqual({ received: 1, [`nak.${cause}`]: 1 });
  });

  it('gives Proxy-State back, and answers a repetition with the same octets and no effect', () => {
    const scene = new Scene();
    scene.dropsReplies = true;
    scene.change(scene.account, slower, tlv(a.proxyState, Uint8Array.of(1)), tlv(a.proxyState, Uint8Array.of(2)));
    scene.dropsReplies = false;
    scene.world.run(1000);
    expect(scene.replies).toHaveLength(2);
    expect(scene.replies[1]!.bytes).toEqual(scene.replies[0]!.bytes);
    const reply = decodeRadius(scene.replies[0]!.bytes);
    expect(reply.ok && reply.value.attributes.filter(({ type }) => type === 33).map(({ data }) => data[0])).toEqual([
      1, 2,
    ]);
    expect(scene.session.durable.reauthorization?.revision).toBe(1);
    expect(scene.counted('coa.')).toEqual({ received: 1, retransmitted: 1, ack: 1 });
  });

  it('that moves on to the next gateway, which answers what is repeated there without effect', () => {
    const scene = new Scene();
    scene.dropsReplies = true;
    scene.change(scene.account, slower, noUplink);
    scene.takeOver();
    scene.dropsReplies = false;
    scene.world.run(1000);
    expect(scene.world.authorization.counters.get('acks')).toBe(1);
    expect(scene.session.durable.reauthorization?.revision).toBe(1);
    const entry = scene.world.gateway.flows.readBack(scene.session.durable.id);
    expect(entry?.police).toEqual({ uplink: 10_000, downlink: 20_000 });
    expect(entry?.filter?.uplink?.permits(new Uint8Array(40), 0)).toBe(false);
    // Another request is another: its change is carried out.
    expect(scene.change(scene.account, tlv(a.sessionTimeout, 5))).toEqual(ack);
    scene.world.run(6000);
    expect(scene.counted('session.ended.')).toEqual({ 'session-timeout': 1 });
  });

  it('by being asked: the answer is what holds', () => {
    const scene = new Scene();
    scene.world.aaa.policy = () => ({ kind: 'accept', profile: { apn: 'internet', sessionTimeoutSeconds: 30 } });
    const state = tlv(a.state, Uint8Array.of(9));
    expect(scene.change(scene.account, tlv(a.serviceType, 17), state)).toEqual(nak(507));
    scene.world.run(10);
    expect(scene.session.durable.expiresAt).toBeLessThanOrEqual(scene.world.now + 30_000);
    expect(scene.standby.cmdIds).toEqual([173]);
  });
});

describe('AAA disconnects a session', () => {
  it.each(['rg1', 'wlc1'] as const)('which ends it at %s and at the LMA', (by) => {
    const scene = new Scene(by);
    expect(scene.disconnect(scene.account)).toEqual(ack);
    scene.world.run(2000);
    expect(scene.world.gateway.registry.ofMac(scene.world.ue.mac)).toBeUndefined();
    expect(scene.world.lma.bindings()).toEqual([]);
    expect(scene.counted('session.ended.')).toEqual({ 'aaa-disconnect': 1 });
    expect(scene.counted('bri.')).toEqual(by === 'wlc1' ? { sent: 1 } : {});
    expect(scene.standby.cmdIds[0]).toBe(169);
    expect(scene.counted('disconnect.')).toEqual({ received: 1, ack: 1 });
  });

  it('and says 503 when it is gone, also on the next gateway', () => {
    const scene = new Scene();
    const { account } = scene;
    scene.dropsReplies = true;
    scene.disconnect(account);
    scene.takeOver();
    scene.dropsReplies = false;
    scene.world.run(1000);
    expect(scene.counted('disconnect.')).toEqual({ received: 1, 'nak.503': 1 });
    expect(scene.disconnect(account)).toEqual(nak(503));
  });

  it('with nothing but what identifies it', () => {
    const scene = new Scene();
    expect(scene.disconnect(scene.account, tlv(a.sessionTimeout, 0))).toEqual(nak(401));
    expect(scene.counted('session.ended.')).toEqual({});
  });
});

describe('what is not a valid request changes nothing and has no answer', () => {
  const now = 1_700_000_000;
  const request = (
    scene: Scene,
    { code = radiusCode.disconnectRequest as number, key = secret, at = now as number | null } = {},
  ) =>
    signAccountingRequest(
      {
        code,
        identifier: 7,
        authenticator: new Uint8Array(16),
        attributes: [scene.account, ...(at === null ? [] : [tlv(a.eventTimestamp, at)])],
      },
      key,
      testDigests,
    );

  it.each<[string, (scene: Scene) => Uint8Array, number]>([
    ['unknown-client', request, address.aaa],
    ['bad-authenticator', (scene) => request(scene, { key: utf8Encode('wrong') }), address.authorization],
    ['bad-authenticator', (scene) => request(scene).fill(0x55, -4), address.authorization],
    ['malformed', (scene) => request(scene).subarray(0, 30), address.authorization],
    ['malformed', (scene) => request(scene, { code: radiusCode.accountingRequest }), address.authorization],
    ['malformed', () => new Uint8Array(0), address.authorization],
    ['stale', (scene) => request(scene, { at: now - 301 }), address.authorization],
    ['stale', (scene) => request(scene, { at: now + 400 }), address.authorization],
    ['no-event-timestamp', (scene) => request(scene, { at: null }), address.authorization],
  ])('%s: %#', (why, packetOf, source) => {
    const scene = new Scene();
    scene.send(packetOf(scene), source as never);
    expect(scene.replies).toEqual([]);
    expect(scene.session.kind).toBe('Live');
    expect(scene.counted('dynamic-authorization.discarded.')).toEqual({ [why]: 1 });
    expect(scene.counted('disconnect.')).toEqual({});
  });

  it('without Message-Authenticator, although all else is right', () => {
    const scene = new Scene();
    const bytes = new Uint8Array(20 + 18 + 6);
    bytes.set([radiusCode.disconnectRequest, 7, 0, bytes.length]);
    bytes.set([44, 18, ...utf8Encode(acctSessionIdOf(scene.session.durable))], 20);
    bytes.set([55, 6, 0x65, 0x53, 0xf1, 0x00], 38);
    const signed = new Uint8Array([...bytes, ...secret]);
    bytes.set(testDigests.md5(signed), 4);
    scene.send(bytes);
    expect(scene.counted('dynamic-authorization.discarded.')).toEqual({ 'no-message-authenticator': 1 });
    expect(scene.session.kind).toBe('Live');
  });

  it('any prefix and any octet that is another', () => {
    const scene = new Scene();
    const whole = request(scene);
    let sent = 0;
    for (let length = 0; length < whole.length; length += 3) {
      scene.send(whole.subarray(0, length));
      sent += 1;
    }
    for (let at = 0; at < whole.length; at += 5) {
      const damaged = whole.slice();
      damaged[at]! ^= 0x41;
      scene.send(damaged);
      sent += 1;
    }
    const discarded = Object.values(scene.counted('dynamic-authorization.discarded.')).reduce(
      (sum, count) => sum + count,
      0,
    );
    expect(discarded).toBe(sent);
    expect(scene.session.kind).toBe('Live');
    scene.send(whole);
    expect(
      find(
        (decodeRadius(scene.replies[0]!.bytes) as never as { value: { attributes: Tlv[] } }).value.attributes,
        a.errorCause,
      ),
    ).toBeUndefined();
    expect(scene.counted('disconnect.')).toEqual({ received: 1, ack: 1 });
  });

  it('a flood beyond the rate of its client', () => {
    const scene = new Scene();
    const bytes = request(scene, { key: utf8Encode('wrong') });
    const { world } = scene;
    for (let each = 0; each < 1500; each += 1) {
      world.gateway.receive('dynamic-authorization', 0, address.authorization, 1, bytes, world.now);
    }
    expect(scene.counted('dynamic-authorization.discarded.')).toEqual({ 'bad-authenticator': 1000, rate: 500 });
  });
});
