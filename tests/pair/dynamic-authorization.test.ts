import { describe, expect, it } from 'vitest';
import { acctSessionIdOf } from '../../src/services/samog/account-id.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { type Tlv, tlv } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { threeGppAttribute, vendorTlv } from '../../src/wire/radius/vendor-attributes.ts';
import { address } from '../scenarios/memory-world.ts';
import { PairWorld } from './pair-world.ts';

/** 80 kbit/s each way: 10,000 octets a second. */
const slower = vendorTlv(threeGppAttribute.negotiatedQosProfile, {
  qci: 8,
  priorityLevel: 9,
  mayPreempt: false,
  mayBePreempted: true,
  rates: { kind: 'aggregate', uplinkKbps: 80, downlinkKbps: 80 },
});
const police = { uplink: 10_000, downlink: 10_000 };

function sessionOf(pair: PairWorld): LiveSession {
  const { session } = pair;
  if (session?.kind !== 'Live') throw new Error(`the session is ${session?.kind}`);
  return session;
}

const accountOf = (pair: PairWorld): Tlv =>
  tlv(radiusAttribute.acctSessionId, acctSessionIdOf(sessionOf(pair).durable));
const entryOf = (pair: PairWorld) => pair.active.chassis.sessions?.flows.readBack(sessionOf(pair).durable.id);

/** What AAA has heard. */
function heard({ world }: PairWorld): Record<string, number> {
  const { sent: _, ...counted } = world.authorization.counters.snapshot();
  return Object.fromEntries(Object.entries(counted).filter(([, value]) => value !== 0));
}

/** A pair whose UE is at an RG, and whose AAA asks something of its session. */
function asked(what: 'change' | 'disconnect', ...attributes: Tlv[]): PairWorld {
  const pair = PairWorld.attached('rg1');
  pair.world.run(1000);
  pair.world.authorization[what]([accountOf(pair), ...attributes], pair.world.now);
  return pair;
}

describe('right after a CoA', () => {
  it.each(['killed', 'switched over'] as const)('the active is %s: what was acknowledged holds', (how) => {
    const pair = asked('change', slower, tlv(radiusAttribute.filterId, 'nothing'));
    const { world, a, b } = pair;
    while (heard(pair)['acks'] !== 1) world.run(0.25);
    if (how === 'killed') pair.kill(a);
    else pair.switchOver();
    world.run(2000);
    expect(pair.active).toBe(b);
    const entry = entryOf(pair);
    expect(entry?.police).toEqual(police);
    expect([entry?.filter?.uplink?.name, entry?.filter?.downlink?.name]).toEqual(['nothing', 'nothing']);
    expect(sessionOf(pair).durable.reauthorization?.revision).toBe(1);
    expect(heard(pair)).toEqual({ acks: 1 });
    expect(pair.unduly).toEqual([]);
    // What was denied stays denied on its traffic.
    const traffic = pair.traffic();
    world.run(200);
    expect([traffic.uplink.arrived, traffic.downlink.arrived]).toEqual([0, 0]);
    expect(b.chassis.sessions?.forwardingCounters.get('uplink.dropped.filtered')).toBeGreaterThan(0);
  });

  it('the active is killed before its ACK arrives: the repetition is acknowledged by the other, and done once', () => {
    const pair = asked('change', slower);
    const { world, a, b } = pair;
    pair.drops = ({ destination }) => destination === address.authorization && a.isAlive;
    while (entryOf(pair)?.police === undefined) world.run(0.25);
    world.run(5);
    pair.kill(a);
    world.run(4000);
    expect(pair.active).toBe(b);
    expect(heard(pair)['acks']).toBe(1);
    expect(entryOf(pair)?.police).toEqual(police);
    expect(sessionOf(pair).durable.reauthorization?.revision).toBe(1);
  });

  it('before it reaches anybody: the other chassis carries the repetition out', () => {
    const pair = asked('change', slower);
    pair.kill(pair.a);
    pair.world.run(4000);
    expect(pair.active).toBe(pair.b);
    expect(heard(pair)['acks']).toBe(1);
    expect(entryOf(pair)?.police).toEqual(police);
  });

  it('a new Session-Timeout ends the session where it is served then, when it was to end', () => {
    const pair = asked('change', tlv(radiusAttribute.sessionTimeout, 5));
    const { world, a, b } = pair;
    const askedAt = world.now;
    while (heard(pair)['acks'] !== 1) world.run(0.25);
    pair.kill(a);
    world.runUntil(askedAt + 4900);
    expect(sessionOf(pair).kind).toBe('Live');
    world.runUntil(askedAt + 5100);
    expect(b.chassis.sessions?.counters.get('session.ended.session-timeout')).toBe(1);
  });
});

describe('right after a Disconnect', () => {
  it.each(['acknowledged', 'unheard'] as const)('that was %s the active is killed: the session is gone', (how) => {
    const pair = asked('disconnect');
    const { world, a, b } = pair;
    if (how === 'unheard') pair.drops = ({ destination }) => destination === address.authorization && a.isAlive;
    world.run(20);
    pair.kill(a);
    world.run(5000);
    expect(pair.active).toBe(b);
    expect(pair.session).toBeUndefined();
    expect(world.lma.bindings()).toEqual([]);
    expect(heard(pair)).toMatchObject(how === 'acknowledged' ? { acks: 1 } : { naks: 1 });
    expect(pair.unduly).toEqual([]);
  });
});

describe('a CoA that names an access list which the standby does not have', () => {
  it('is refused by it, and the session told whole: nothing passes there until it has the list', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a, b } = pair;
    const { id } = sessionOf(pair).durable;
    const { cmdId } = command.accessLists;
    const configured = (accessLists: SamogConfig['accessLists']) => {
      const samog = { ...pair.samog, accessLists };
      b.chassis.reconfigure({ samog, configurationDigest: Uint8Array.of(1) }, b.clock(world.now));
    };
    const unresolved = () => [a, b].map(({ chassis }) => chassis.manager.flows.unresolved);
    configured([]);
    world.run(1000);
    world.authorization.change([accountOf(pair), tlv(radiusAttribute.filterId, 'nothing')], world.now);
    world.run(1000);
    expect(heard(pair)).toEqual({ acks: 1 });
    const told = b.chassis.ledger.checkpoints.view().find((kind) => kind.cmdId === cmdId);
    expect(told).toMatchObject({ 'unresolved-name': 1, applied: 0 });
    expect(a.chassis.counts()['nack.answered']).toBe(1);
    expect(b.chassis.manager.registry.ofId(id)?.session).toMatchObject({
      durable: { accessLists: { uplink: 'nothing', downlink: 'nothing' } },
    });
    expect(unresolved()).toEqual([0, 1]);
    // Asked once more of another session fact, it refuses nothing: what it holds is whole.
    world.authorization.change([accountOf(pair), slower], world.now);
    world.run(1000);
    expect(a.chassis.counts()['nack.answered']).toBe(1);
    pair.switchOver();
    world.run(1000);
    expect(pair.active).toBe(b);
    const traffic = pair.traffic();
    world.run(200);
    expect([traffic.uplink.arrived, traffic.downlink.arrived]).toEqual([0, 0]);
    configured([{ name: 'nothing', rules: [] }]);
    world.run(10);
    expect(unresolved()).toEqual([0, 0]);
  });
});

describe('a CoA that waited for a chassis that stood still', () => {
  it('is not carried out once one that has begun anew has refused it', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a, b } = pair;
    pair.kill(b);
    // Its lineage is the older one, beyond the tolerance.
    world.run(11_000);
    const account = accountOf(pair);
    const { id } = sessionOf(pair).durable;
    const sleptAt = world.now;
    a.isAlive = false;
    let waiting: Uint8Array | undefined;
    pair.drops = ({ source, bytes }) => {
      if (source === address.authorization) waiting ??= bytes.slice();
      return false;
    };
    pair.restart(b);
    world.run(4000);
    expect(pair.active).toBe(b);
    world.authorization.change([account, slower], world.now);
    world.run(100);
    expect(heard(pair)).toEqual({ naks: 1 });
    // It finds what came meanwhile, before it can hear of the other.
    a.isAlive = true;
    a.chassis.stalled(world.now - sleptAt, a.clock(world.now));
    a.receive('dynamic-authorization', 0, address.authorization, 40_000, waiting!, world.now);
    pair.reset();
    world.run(2000);
    expect(pair.active).toBe(a);
    expect(a.chassis.sessions?.flows.readBack(id)).toMatchObject({ sessionId: id });
    expect(entryOf(pair)?.police).toBeUndefined();
    expect(heard(pair)).toEqual({ naks: 1 });
  });
});
