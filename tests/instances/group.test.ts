import { describe, expect, it } from 'vitest';
import { macOf } from '../../src/kernel/address.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { sessionId, sessionMac } from '../../src/services/samog/session/state.ts';
import { InstanceGroup } from '../../src/sessmgr/instances/instance-group.ts';
import { SessionManager } from '../../src/sessmgr/session-manager.ts';
import { naiOf } from '../../src/sessmgr/session-registry.ts';
import { runOptions } from '../../src/simulator/options.ts';
import { World } from '../../src/simulator/world.ts';
import { tlv } from '../../src/wire/bytes/tlv.ts';
import { pmipv6Port, revocationFlag, revocationTrigger } from '../../src/wire/pmipv6/constants.ts';
import { encodeMobility } from '../../src/wire/pmipv6/message.ts';
import { mobilityOption } from '../../src/wire/pmipv6/options.ts';
import { configOf } from '../scenarios/memory-world.ts';
import { testDigests } from '../support/digests.ts';
import { dhcp, discover, establishedByDhcp } from '../support/session-samples.ts';

/** A calm world of six UEs, all of them served by so many instances. */
function served(instances: number, sessionsMax = 20, accounting = false): World {
  const options = runOptions(1, 100, 'none');
  const calm = { lmas: 1, wlcs: 2, ues: 6, poolLength: 26, rejected: 0, instances };
  const lasting = { s2aLifetimeSeconds: 240, bindingLifetimeSeconds: 240, leaseTimeSeconds: 240, heartbeatMs: 5000 };
  const config = {
    ...options.config,
    accounting,
    sessionsMax,
    dhcpProfile: true,
    outstandingMax: 8,
    setupTimeoutMs: 10_000,
  };
  const world = new World({ ...options, ...calm, config: { ...config, ...lasting } }, testDigests);
  world.subscribers.forEach((subscriber, index) => {
    subscriber.come(index < 3 ? world.rgs[0]! : world.wlcs[0]!, 'dhcp-discover', 0, 0);
  });
  while (world.step(8000));
  return world;
}

const nothing = { uplinkPackets: 0, uplinkOctets: 0, downlinkPackets: 0, downlinkOctets: 0 };
const sessionsOf = (world: World) =>
  world.managers.map(({ registry }) => [...registry.sessions()].map((p) => p.session));

describe('several instances of a service that ends', () => {
  it('tell AAA so once for all of them, and no record after it', () => {
    const world = served(3, 20, true);
    const { accounting } = world;
    const group = world.gateway.core as InstanceGroup;
    const before = accounting.services.length;
    const recordsOf = () => Array.from(accounting.accounts(), ({ records }) => records);
    const ends: boolean[] = [];
    group.endAccounting(world.now, () => ends.push(true));
    group.clearAll('operator', world.now);
    const records = recordsOf();
    const until = world.now + 20_000;
    while (world.step(until));
    // Each of the servers, which share their books.
    const { servers } = group.reader.aaa.status(world.now).accounting;
    expect([accounting.services.slice(before), ends]).toEqual([servers.map(() => 'off'), [true]]);
    expect(recordsOf()).toEqual(records);
  });
});

describe('the sessions of several instances', () => {
  it('are each where its MAC address and its identifier say', () => {
    const world = served(3);
    const perInstance = sessionsOf(world);
    expect(perInstance.map(({ length }) => length)).toEqual([2, 2, 2]);
    for (const [index, sessions] of perInstance.entries()) {
      for (const session of sessions) {
        expect([sessionId(session) % 3, (sessionMac(session) % 0x100000000) % 3]).toEqual([index, index]);
      }
    }
  });

  it('are found and counted as those of one', () => {
    const { manager, managers, subscribers } = served(3);
    expect(manager.registry.size).toBe(6);
    expect(manager.counters.get('session.setup')).toBe(6);
    expect(manager.counters.snapshot()['radius.access-accept.received']).toBe(6);
    expect([manager.registry.ofType, manager.registry.inState.Established, manager.flows.size]).toEqual([
      { pmipv6: 3, dhcp: 3, accounting: 0 },
      6,
      6,
    ]);
    for (const { ue } of subscribers) {
      const place = manager.registry.ofMac(ue.mac)!;
      expect([manager.registry.ofId(sessionId(place.session)), manager.registry.ofNai(naiOf(place.session)!)]).toEqual([
        place,
        place,
      ]);
      expect(manager.flows.readBack(sessionId(place.session))?.mac).toBe(ue.mac);
    }
    expect([...manager.registry.sessions()]).toHaveLength(6);
    const { servers } = manager.aaa.status(0).authentication;
    expect(servers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(6);
    expect(managers[1]!.aaa.status(0).authentication.servers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(2);
    expect(managers[1]!.s2a.monitor.status(0)).toEqual([]);
    expect(manager.s2a.monitor.status(0)).toHaveLength(1);
  });

  it('are as many as the chassis may have, wherever they are', () => {
    const { manager } = served(3, 4);
    expect([manager.registry.size, manager.counters.get('session.failed.session-limit') > 0]).toEqual([4, true]);
    expect(manager.registry.isFull).toBe(true);
  });
});

describe('what concerns all sessions of a peer', () => {
  it('is told to those of every instance when an LMA has restarted, and settled once', () => {
    const world = served(3);
    const [lma] = world.lmas;
    lma!.restart();
    const end = world.now + 12_000;
    while (world.step(end));
    expect(world.manager.counters.get('s2a.lma-restarted')).toBe(1);
    expect(world.managers[0]!.restartCounters.s2a).toEqual([[lma!.address, 2]]);
    expect(lma!.bindings()).toHaveLength(6);
    expect(world.manager.registry.size).toBe(6);
  });

  it('ends all of them when an LMA revokes all, with one answer', () => {
    const world = served(2);
    const [lma] = world.lmas;
    const bri = {
      kind: 'bindingRevocationIndication',
      trigger: revocationTrigger.perPeerPolicy,
      sequence: 7,
      flags: revocationFlag.proxyBinding | revocationFlag.global,
      options: [],
    } as const;
    world.gateway.core.receive('s2a-pmipv6', 0, lma!.address, pmipv6Port, encodeMobility(bri), world.now);
    for (let turn = 0; turn < 3; turn += 1) world.gateway.core.advance(world.now);
    expect(world.manager.counters.get('session.ended.lma-revocation')).toBe(6);
    expect(world.manager.counters.get('s2a.bra.sent')).toBe(1);
  });

  it('includes that it lives, whichever instance it speaks to', () => {
    const world = served(3);
    const monitor = world.managers[0]!.s2a.monitor;
    const heardAgo = () => monitor.status(world.now)[0]!.lastHeardAgeMs;
    world.now += 500;
    expect(heardAgo()).toBeGreaterThanOrEqual(500);
    const [other] = sessionsOf(world)[1]!;
    const pba = { kind: 'proxyBindingAcknowledgement', status: 0, flags: 0, sequence: 1, lifetimeSeconds: 4 } as const;
    const options = [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: naiOf(other!)! })];
    const bytes = encodeMobility({ ...pba, options });
    world.gateway.core.receive('s2a-pmipv6', 0, world.lmas[0]!.address, pmipv6Port, bytes, world.now);
    expect(heardAgo()).toBe(0);
  });
});

describe('sessions that were given to so many instances, dealt out to another number', () => {
  it('go by their MAC address, are found by their keys, and their identifiers are not drawn again', () => {
    const config = configOf();
    const managers: SessionManager[] = [];
    const group: InstanceGroup = new InstanceGroup(2, config, () => managers);
    // What instance 0 draws next is what the stray has, and then something else.
    const drawn = [6, 8];
    const random = { u32: () => drawn.shift() ?? 1, bytes: (length: number) => new Uint8Array(length) };
    for (const index of [0, 1]) {
      const own = group.dependenciesOf(index, { output: { send: () => {} } });
      const others = { digests: testDigests, random, wallClock: () => 0, restartCounter: 1 };
      managers.push(new SessionManager(config, { ...own, ...others }));
    }
    const usage = { ...nothing, lastActivity: undefined };
    const sample = establishedByDhcp();
    const stray = { ...sample, durable: { ...sample.durable, id: 6, mac: macOf(0x02005e000001) } };
    expect(group.adopt([{ session: stray, usage: usage }])).toEqual({ adopted: 1, refused: [] });
    expect(group.adopt([{ session: stray, usage: usage }]).refused).toHaveLength(1);
    expect(managers.map(({ registry }) => registry.size)).toEqual([0, 1]);
    const packet = Uint8Array.of(0x20, 0, 8, 0, 0, 0, 0, 6);
    expect(group.instanceOf('s2a-gre', 0, sample.durable.s2a.peer, packet)).toBe(1);
    managers[0]!.trigger(macOf(0x02005e000002), { kind: 'dhcp', dhcp: dhcp(discover) }, 0);
    expect([...managers[0]!.registry.sessions()].map(({ session }) => sessionId(session))).toEqual([8]);
    group.release(6);
    expect(group.instanceOf('s2a-gre', 0, sample.durable.s2a.peer, packet)).toBe(0);
    expect(group.clear(macOf(0x02005e000002), 'operator', 0)).toBe(true);
    expect(group.clearAll('operator', 0)).toBe(group.reader.registry.size);
  });
});

it('a connection to an AAA server is that of the instance whose channel it has', () => {
  const config = configOf((alone) => {
    const { mrmeService } = alone;
    const servers = mrmeService.radius.servers.map((server) => ({
      ...server,
      tls: { name: undefined },
      acctPort: 1812,
    }));
    const bind = { ...mrmeService.bind, sourcePorts: 2 };
    return { ...alone, mrmeService: { ...mrmeService, bind, radius: { ...mrmeService.radius, servers } } };
  });
  const { address, port } = config.mrmeService.radius.servers[0]!;
  const managers: SessionManager[] = [];
  const group: InstanceGroup = new InstanceGroup(2, config, () => managers);
  const random = new SeededRandom(1);
  for (const index of [0, 1]) {
    const own = group.dependenciesOf(index, { output: { send: () => {} } });
    managers.push(
      new SessionManager(config, { ...own, digests: testDigests, random, wallClock: () => 0, restartCounter: 1 }),
    );
  }
  const states = () => managers.map(({ aaa }) => aaa.status(0).authentication.servers[0]!.state);
  group.linkChanged(2, address, port, false, 0);
  expect(states()).toEqual(['up', 'dead']);
  group.linkChanged(0, address, port, false, 0);
  group.linkChanged(2, address, port, true, 0);
  expect(states()).toEqual(['dead', 'up']);
});
