import { describe, expect, it } from 'vitest';
import { formatIp, macOf } from '../../src/kernel/address.ts';
import { acctSessionIdOf } from '../../src/services/samog/account-id.ts';
import type { Target } from '../../src/services/samog/intercept/target.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { tlv } from '../../src/wire/bytes/tlv.ts';
import { decodeIpv4 } from '../../src/wire/ipv4/ipv4.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { DeliveryDesk, targetOf, wallClockStart } from '../support/delivery-desk.ts';
import { testDigests } from '../support/digests.ts';
import { address, configOf, MemoryWorld, radiusConfigOf } from './memory-world.ts';

/** A world whose gateway delivers to a desk. */
function interceptedWorld(octetsMax?: number, config = configOf()): { world: MemoryWorld; desk: DeliveryDesk } {
  let now = () => 0;
  const desk = new DeliveryDesk(() => wallClockStart + now(), octetsMax);
  const world = new MemoryWorld(config, testDigests, undefined, undefined, desk.intercepts);
  now = () => world.now;
  return { world, desk };
}

function attach(world: MemoryWorld): void {
  world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
  world.run(1000);
}

describe('a target that is there before its session', () => {
  it('is intercepted from its first moment: events and both directions of content, each in its own order', () => {
    const { world, desk } = interceptedWorld();
    desk.intercepts.put(targetOf(), world.now);
    attach(world);
    for (let sequence = 0; sequence < 3; sequence += 1) world.ue.ping(address.host, sequence, world.now);
    world.run(100);
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(1000);
    expect(desk.events()).toEqual(['session-begin', 'handover']);
    const content = desk.delivered.filter(({ kind }) => kind === 'content');
    expect(content.filter(({ direction }) => direction === 'uplink').length).toBeGreaterThanOrEqual(3);
    expect(content.filter(({ direction }) => direction === 'downlink').length).toBeGreaterThanOrEqual(3);
    expect(content.map(({ sequence }) => sequence)).toEqual(content.map((_, index) => index));
    const events = desk.delivered.filter(({ kind }) => kind === 'event');
    expect(events.map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect(new Set(desk.delivered.map(({ correlation }) => correlation)).size).toBe(1);
    expect(desk.delivered[0]).toMatchObject({
      xid: targetOf().xid,
      matched: '<macAddress>02:00:5e:10:00:01</macAddress>',
      payload: { mode: 'campOn', apn: 'internet', access: { kind: 'pmipv6', peer: formatIp(address.wlc1) } },
    });
    expect(events[1]!.payload).toMatchObject({ previous: { kind: 'pmipv6' }, access: { kind: 'eogre' } });
  });

  it('has content as it is forwarded, addresses and all, with the TTL that leaves', () => {
    const { world, desk } = interceptedWorld();
    desk.intercepts.put(targetOf({ product: 'content' }), world.now);
    attach(world);
    world.ue.ping(address.host, 1, world.now);
    world.run(100);
    const [uplink] = desk.take().filter(({ direction }) => direction === 'uplink');
    const header = decodeIpv4(uplink!.packet);
    expect(header).toMatchObject({ ok: true, value: { destination: address.host, ttl: 63 } });
    expect(desk.events()).toEqual([]);
  });

  it('is told the end of its session, with the reason and what was used', () => {
    const { world, desk } = interceptedWorld();
    desk.intercepts.put(targetOf({ product: 'events' }), world.now);
    attach(world);
    world.ue.ping(address.host, 1, world.now);
    world.run(100);
    world.gateway.clear(world.ue.mac, 'operator', world.now);
    world.run(100);
    expect(desk.events()).toEqual(['session-begin', 'session-end']);
    const { payload } = desk.delivered.at(-1)!;
    expect(payload).toMatchObject({ reason: 'operator', counted: { uplinkPackets: 1, downlinkPackets: 1 } });
    expect(desk.intercepts.size).toBe(0);
    expect(desk.intercepts.states.all()).toEqual([]);
  });

  it('is told of an attach that comes to nothing', () => {
    const { world, desk } = interceptedWorld();
    desk.intercepts.put(targetOf(), world.now);
    world.aaa.policy = () => ({ kind: 'reject' });
    attach(world);
    expect(desk.events()).toContain('attach-failed');
  });
});

describe('a target that comes to a session that is up', () => {
  it('is intercepted from then on, and no more when it is withdrawn', () => {
    const { world, desk } = interceptedWorld();
    attach(world);
    world.ue.ping(address.host, 1, world.now);
    world.run(100);
    expect(desk.take()).toEqual([]);
    desk.intercepts.put(targetOf(), world.now);
    world.run(10);
    world.ue.ping(address.host, 2, world.now);
    world.run(100);
    expect(desk.events()).toEqual(['interception-begin']);
    expect(desk.delivered[0]!.payload).toMatchObject({
      mode: 'active',
      addresses: [expect.stringMatching(/^10\.45\./)],
    });
    expect(desk.delivered.filter(({ kind }) => kind === 'content')).toHaveLength(2);
    desk.intercepts.withdraw(targetOf().xid, world.now);
    world.run(10);
    world.ue.ping(address.host, 3, world.now);
    world.run(100);
    expect(desk.events()).toEqual(['interception-begin', 'interception-end']);
    expect(desk.delivered.filter(({ kind }) => kind === 'content')).toHaveLength(2);
    // Provisioned anew, its numbers go on.
    desk.intercepts.put(targetOf(), world.now);
    world.run(10);
    expect(desk.take().at(-1)).toMatchObject({ sequence: 2, payload: { event: 'interception-begin' } });
  });

  it.each<[string, Target['identity']]>([
    ['IMSI', { kind: 'imsi', value: '001010000000007' }],
    ['MSISDN, which AAA says as Chargeable-User-Identity', { kind: 'msisdn', value: '491700000001' }],
  ])('is found by its %s, before the session and during it', (_, identity) => {
    for (const isFirst of [true, false]) {
      const { world, desk } = interceptedWorld();
      const profile = { apn: 'internet', imsi: '001010000000007', chargeableUserIdentity: '+491700000001' };
      world.aaa.policy = () => ({ kind: 'accept', profile });
      if (isFirst) desk.intercepts.put(targetOf({ identity }), world.now);
      attach(world);
      if (!isFirst) desk.intercepts.put(targetOf({ identity }), world.now);
      world.run(10);
      expect(desk.events()).toEqual([isFirst ? 'session-begin' : 'interception-begin']);
    }
  });

  it.each([
    ['nai', (world: MemoryWorld) => ({ kind: 'nai', value: naiOf(world) }) as const],
    ['address', (world: MemoryWorld) => ({ kind: 'address', value: world.ue.address! }) as const],
  ])('is found by its %s', (_, identityOf) => {
    const { world, desk } = interceptedWorld();
    attach(world);
    desk.intercepts.put(targetOf({ identity: identityOf(world) }), world.now);
    world.run(10);
    expect(desk.events()).toEqual(['interception-begin']);
  });

  it('is intercepted in the time of its warrant only', () => {
    const { world, desk } = interceptedWorld();
    attach(world);
    const begins = wallClockStart + world.now + 5000;
    desk.intercepts.put(targetOf({ from: begins, until: begins + 5000 }), world.now);
    world.run(4000);
    expect(desk.events()).toEqual([]);
    world.run(2000);
    expect(desk.events()).toEqual(['interception-begin']);
    world.run(5000);
    expect(desk.events()).toEqual(['interception-begin', 'interception-end']);
    expect(desk.intercepts.targets.size).toBe(0);
  });

  it('does not concern others', () => {
    const { world, desk } = interceptedWorld();
    attach(world);
    desk.intercepts.put(targetOf({ identity: { kind: 'mac', value: macOf(0x02005e100099) } }), world.now);
    world.ue.ping(address.host, 1, world.now);
    world.run(100);
    expect(desk.take()).toEqual([]);
  });
});

describe('what becomes of a session', () => {
  it('is told: an authentication at another WLC and the move there, and a change by AAA', () => {
    const { world, desk } = interceptedWorld(undefined, radiusConfigOf());
    desk.intercepts.put(targetOf({ product: 'events' }), world.now);
    attach(world);
    world.ue.moveTo(world.wlc2, 'dhcp-request', world.now);
    world.run(3000);
    expect(desk.events()).toEqual(['session-begin', 'attached', 're-authentication', 'handover']);
    const session = world.gateway.registry.ofMac(world.ue.mac)!.session as LiveSession;
    const change = [
      tlv(radiusAttribute.acctSessionId, acctSessionIdOf(session.durable)),
      tlv(radiusAttribute.idleTimeout, 1000),
    ];
    world.authorization.change(change, world.now);
    world.run(100);
    expect(desk.events().at(-1)).toBe('authorization-changed');
  });

  it('is told when the UE gives its address back, and when it comes for it again', () => {
    const { world, desk } = interceptedWorld();
    desk.intercepts.put(targetOf({ product: 'events' }), world.now);
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(1000);
    world.ue.release(world.now);
    world.run(100);
    expect(desk.events()).toEqual(['session-begin', 'address-released']);
    world.run(120_000);
    expect(desk.events()).toEqual(['session-begin', 'address-released', 'session-end']);
  });

  it('is told as it was when the target was changed: another product, from then on', () => {
    const { world, desk } = interceptedWorld();
    desk.intercepts.put(targetOf({ product: 'events' }), world.now);
    attach(world);
    world.ue.ping(address.host, 1, world.now);
    world.run(100);
    desk.intercepts.put(targetOf({ product: 'content' }), world.now);
    world.run(10);
    world.ue.ping(address.host, 2, world.now);
    world.run(100);
    expect(desk.take().map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ['event', 0],
      ['content', 0],
      ['content', 1],
    ]);
  });
});

describe('several tasks on one session', () => {
  it('have each their own numbers and product', () => {
    const { world, desk } = interceptedWorld();
    const other = '11111111-2222-3333-4444-555555555555';
    desk.intercepts.put(targetOf(), world.now);
    desk.intercepts.put(targetOf({ xid: other, product: 'events' }), world.now);
    attach(world);
    world.ue.ping(address.host, 1, world.now);
    world.run(100);
    const of = (xid: string) => desk.take().filter((each) => each.xid === xid);
    expect(of(targetOf().xid).map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ['event', 0],
      ['content', 0],
      ['content', 1],
    ]);
    expect(of(other).map(({ kind, sequence }) => [kind, sequence])).toEqual([['event', 0]]);
  });
});

describe('a delivery function that takes nothing', () => {
  it('costs the subscriber nothing, and learns what it has missed', () => {
    const { world, desk } = interceptedWorld(2000);
    desk.intercepts.put(targetOf(), world.now);
    attach(world);
    for (let sequence = 0; sequence < 50; sequence += 1) {
      world.ue.ping(address.host, sequence, world.now);
      world.run(10);
    }
    expect(world.gateway.forwardingCounters.get('uplink.packets')).toBe(50);
    const before = desk.take().length;
    world.run(2000);
    const told = desk.take().at(-1)!;
    expect(told.payload['event']).toBe('records-lost');
    const { lost } = told.payload as unknown as { lost: { content: number } };
    expect(lost.content).toBe(100 - (before - 1));
    world.ue.ping(address.host, 99, world.now);
    world.run(100);
    // The numbers of what was lost are missing: no other PDU has them.
    expect(desk.take().at(-1)).toMatchObject({ kind: 'content', sequence: 101 });
  });
});

function naiOf(world: MemoryWorld): string {
  const session = world.gateway.registry.ofMac(world.ue.mac)?.session;
  return session?.kind === 'Live' ? session.durable.nai : '';
}
