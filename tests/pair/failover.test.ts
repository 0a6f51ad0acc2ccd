import { describe, expect, it } from 'vitest';
import { chassisDefaults } from '../../src/icsr/chassis/options.ts';
import type { ArrivalManner } from '../../src/peers/ue.ts';
import { replicationDefaults } from '../../src/sessmgr/pair/options.ts';
import { decodeArp } from '../../src/wire/arp/arp.ts';
import { ethernetHeaderLength, etherType, etherTypeAt } from '../../src/wire/ethernet/ethernet.ts';
import { PairWorld } from './pair-world.ts';

/** From the last hello heard: up to a hello interval more than from the death. */
const outageMaxMs = chassisDefaults.deadIntervalMs + 2;

/** Nobody was asked again, and nobody spoke who does not serve. */
function expectSilentTakeover(pair: PairWorld): void {
  expect(pair.saidAt('radius')).toEqual([]);
  expect(pair.saidAt('proxyBindingUpdate')).toEqual([]);
  expect(pair.attachesAskedSince).toBe(0);
  expect(pair.world.ue.addressHistory).toHaveLength(1);
  expect(pair.unduly).toEqual([]);
}

describe('a pair', () => {
  it('finds its roles, and the standby becomes READY', () => {
    const { world, a, b } = new PairWorld();
    world.run(1000);
    expect([a.state, b.state, b.isReady]).toEqual(['ACTIVE', 'STANDBY', true]);
    expect([a.storedTerm, b.storedTerm]).toEqual([1, 1]);
  });

  it('keeps a record of each session on the standby, which answers nothing', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a, b } = pair;
    expect(a.chassis.validateSwitchover(a.clock(world.now)).filter(({ passed }) => !passed)).toEqual([]);
    expect(b.chassis.records).toBe(1);
    world.owner = b;
    world.ue.discover(world.now);
    world.run(100);
    expect(b.chassis.counters.get('packets.not-served')).toBeGreaterThan(0);
    expect(pair.unduly).toEqual([]);
  });
});

describe('the active is killed', () => {
  it.each(['wlc1', 'rg1'] as const)('and the session at %s goes on', (by) => {
    const pair = PairWorld.attached(by);
    const { world, a, b } = pair;
    const traffic = pair.traffic();
    world.run(1500);
    const { path } = pair;
    const killedAt = world.now;
    pair.kill(a);
    world.runUntil(killedAt + chassisDefaults.deadIntervalMs - chassisDefaults.helloIntervalMs - 1);
    expect(b.state).toBe('STANDBY');
    world.runUntil(killedAt + outageMaxMs);
    expect(b.state).toBe('ACTIVE');
    expect(pair.path).toEqual(path);
    const servedAt = world.now;
    world.run(2000);
    const end = world.now;
    world.run(50);
    expect(traffic.loss(servedAt, end)).toMatchObject({ uplinkLost: 0, downlinkLost: 0 });
    expect(traffic.loss(killedAt, end).interruptionMs).toBeLessThan(outageMaxMs + 10);
    expectSilentTakeover(pair);
  });

  it('right after a handover by data: the new path is kept', () => {
    const pair = PairWorld.attached('wlc1');
    const { world, a, b } = pair;
    pair.traffic();
    world.run(100);
    world.ue.moveTo(world.rg1, 'data', world.now, 20);
    world.run(8);
    const { path } = pair;
    expect(path?.access).toMatchObject({ kind: 'eogre' });
    pair.kill(a);
    world.run(400);
    expect(pair.active).toBe(b);
    expect(pair.path).toEqual(path);
    expectSilentTakeover(pair);
  });

  it.each([
    ['rg1', 'dhcp-discover'],
    ['rg1', 'dhcp-request'],
  ] as const)('within a handover to %s by %s: the UE asks again, and keeps its address', (to, how: ArrivalManner) => {
    const pair = PairWorld.attached('wlc1');
    const { world, a, b } = pair;
    const address = world.ue.address;
    world.ue.moveTo(world[to], how, world.now);
    // The UE's message is at the gateway, and its answer on the way to a UE that has not said REQUEST or heard ACK.
    world.run(1.5);
    pair.kill(a);
    world.run(10_000);
    expect(pair.active).toBe(b);
    expect([world.ue.dhcpState, world.ue.address]).toEqual(['Bound', address]);
    expect(pair.path?.access).toMatchObject({ kind: 'eogre' });
    expect(pair.saidAt('radius')).toEqual([]);
    expect(pair.unduly).toEqual([]);
  });

  it('comes back as the standby, is filled, and takes the role when asked', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a, b } = pair;
    pair.kill(a);
    world.run(500);
    pair.restart(a);
    world.run(1500);
    expect([a.state, b.state, a.isReady, a.chassis.records]).toEqual(['STANDBY', 'ACTIVE', true, 1]);
    const { path } = pair;
    pair.switchOver();
    world.run(100);
    expect([a.state, b.state]).toEqual(['ACTIVE', 'STANDBY']);
    expect(pair.path).toEqual(path);
    expect(a.storedTerm).toBeGreaterThan(b.storedTerm - 1);
    world.run(2000);
    expect(b.isReady).toBe(true);
    expectSilentTakeover(pair);
  });
});

describe('the active stands still', () => {
  it('for longer than the dead interval: it wakes, answers nothing, and gives way', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a, b } = pair;
    a.isAlive = false;
    world.run(1000);
    expect(b.state).toBe('ACTIVE');
    a.isAlive = true;
    a.chassis.stalled(1000, a.clock(world.now));
    expect([a.state, a.chassis.serves]).toEqual(['ACTIVE', false]);
    // The neighbours may believe the former one still.
    world.owner = a;
    world.ue.discover(world.now);
    world.run(5);
    expect(a.chassis.counters.get('packets.not-served')).toBeGreaterThan(0);
    world.owner = b;
    world.run(2000);
    expect([a.state, a.isReady, pair.active]).toEqual(['STANDBY', true, b]);
    expect(world.ue.addressHistory).toHaveLength(1);
    expect(pair.unduly).toEqual([]);
  });

  it('for less: it goes on', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a } = pair;
    a.chassis.stalled(150, a.clock(world.now));
    expect(a.chassis.serves).toBe(true);
    expect(pair.active).toBe(a);
  });
});

describe('a planned switchover', () => {
  it('goes both ways under traffic, with a few packets lost at most', () => {
    const pair = PairWorld.attached('wlc1');
    const { world, a, b } = pair;
    const traffic = pair.traffic();
    world.run(500);
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const) {
      const start = world.now;
      const used = from.chassis.sessions!.flows.usage(pair.session!.kind === 'Live' ? pair.session!.durable.id : 0)!;
      pair.switchOver();
      world.run(1000);
      expect([from.state, to.state, from.isReady]).toEqual(['STANDBY', 'ACTIVE', true]);
      const end = world.now;
      world.run(50);
      const { uplinkLost, downlinkLost } = traffic.loss(start, end);
      expect(uplinkLost).toBeLessThanOrEqual(3);
      expect(downlinkLost).toBeLessThanOrEqual(3);
      const after = to.chassis.sessions!.flows.usage(pair.session!.kind === 'Live' ? pair.session!.durable.id : 0)!;
      expect(after.uplinkPackets).toBeGreaterThan(used.uplinkPackets + 900);
    }
    expectSilentTakeover(pair);
  });

  it('takes along what every UE has used', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a, b } = pair;
    const traffic = pair.traffic();
    world.run(205);
    traffic.stop();
    world.run(5);
    const { sessionId } = pair.path!;
    const { lastActivity: _, ...used } = a.chassis.sessions!.flows.usage(sessionId)!;
    pair.switchOver();
    world.run(10);
    expect(pair.active).toBe(b);
    expect(b.chassis.sessions!.flows.usage(sessionId)).toMatchObject(used);
  });

  it('to a standby that dies is taken back: the service addresses are announced again', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a, b } = pair;
    const { path } = pair;
    pair.announcements.length = 0;
    pair.switchOver();
    pair.kill(b);
    world.run(chassisDefaults.deadIntervalMs + 10);
    expect(pair.active).toBe(a);
    expect(a.chassis.chassis.state.reason).toBe('peer-did-not-take-over');
    expect(pair.announcements).toEqual(['A']);
    expect(pair.path).toEqual(path);
    expect(pair.unduly).toEqual([]);
  });

  it('whose new active dies at once goes back to what the former one has kept', () => {
    const pair = PairWorld.attached('wlc1');
    const { world, a, b } = pair;
    const { path } = pair;
    pair.switchOver();
    while (b.state !== 'ACTIVE' || a.state !== 'STANDBY') world.run(0.1);
    pair.kill(b);
    expect(a.isReady).toBe(false);
    world.run(outageMaxMs);
    expect(pair.active).toBe(a);
    expect(pair.path).toEqual(path);
    expectSilentTakeover(pair);
  });

  it('is refused without a READY standby, and then nothing changes', () => {
    const pair = PairWorld.attached('rg1');
    pair.kill(pair.b);
    pair.switchOver();
    pair.world.run(100);
    expect(pair.a.state).toBe('ACTIVE');
    expect(pair.a.chassis.counters.get('switchover.refused')).toBe(1);
  });
});

describe('a cut link', () => {
  it('makes two that serve; when it heals, the later term stays and the other is filled', () => {
    const pair = PairWorld.attached('wlc1');
    const { world, a, b } = pair;
    pair.cut();
    world.run(1000);
    expect([a.state, b.state]).toEqual(['ACTIVE', 'ACTIVE']);
    expect(a.storedTerm).toBeLessThan(b.storedTerm);
    pair.heal();
    world.run(1000);
    expect([a.state, b.state, a.isReady, a.chassis.records]).toEqual(['STANDBY', 'ACTIVE', true, 1]);
    expect(world.owner).toBe(b);
    expectSilentTakeover(pair);
  });

  it('behind which the later term has died leaves the earlier one, which raises its own', () => {
    const pair = PairWorld.attached('wlc1');
    const { world, a, b } = pair;
    pair.cut();
    world.run(1000);
    world.owner = a;
    pair.kill(b);
    world.run(100);
    pair.heal();
    pair.restart(b);
    world.run(1500);
    expect([a.state, b.state, b.isReady, b.chassis.records]).toEqual(['ACTIVE', 'STANDBY', true, 1]);
    expect([a.storedTerm, b.storedTerm]).toEqual([3, 3]);
  });

  it('behind which the LMA heard the one that yields: the other registers again what that has changed, and nothing else', () => {
    const pair = PairWorld.attached('rg1');
    const { world, a, b } = pair;
    const { path } = pair;
    const binding = world.lma.bindings()[0]!;
    pair.cut();
    world.run(1000);
    world.owner = a;
    a.chassis.instances.clear(world.ue.mac, a.clock(world.now));
    world.run(200);
    expect(world.lma.bindings()).toEqual([]);
    world.owner = b;
    pair.heal();
    world.run(1000);
    expect([a.state, b.state, a.isReady]).toEqual(['STANDBY', 'ACTIVE', true]);
    const { address, downlinkKey } = binding;
    expect(world.lma.bindings()).toMatchObject([{ address, downlinkKey }]);
    const { uplinkKey } = world.lma.bindings()[0]!;
    expect(pair.path).toEqual({ ...path, s2a: { ...path!.s2a, uplinkKey } });
    const asked = world.lma.counters.get('pbu');
    for (const state of ['cut', 'heal'] as const) {
      pair[state]();
      world.run(1500);
    }
    expect([pair.active, world.lma.counters.get('pbu')]).toEqual([a, asked]);
  });

  it('that is short leaves the roles as they are, and the stream goes on where it was', () => {
    const pair = PairWorld.attached('wlc1');
    const { world, a, b } = pair;
    const { epoch } = b.chassis.replication(0).receiver!;
    pair.reset();
    world.run(200);
    expect([a.state, b.state, b.isReady]).toEqual(['ACTIVE', 'STANDBY', true]);
    expect(b.chassis.replication(0).receiver).toMatchObject({ epoch, sessions: 1 });
  });
});

describe('output commit', () => {
  /** When the PBA leaves to a UE that attaches, from the attachment on; acknowledgements come so late. */
  function pbaAfter(delayMs: number): { readonly sentAfterMs: number; readonly pair: PairWorld } {
    const pair = new PairWorld();
    pair.world.run(1000);
    pair.delayMs.A = delayMs;
    const start = pair.world.now;
    pair.world.ue.moveTo(pair.world.wlc1, 'dhcp-discover', start);
    pair.world.run(250);
    const [first] = pair.saidAt('proxyBindingAcknowledgement');
    return { sentAfterMs: first! - start, pair };
  }

  const atOnce = pbaAfter(0).sentAfterMs;

  it('sends a PBA when the standby has acknowledged, not before', () => {
    const { sentAfterMs, pair } = pbaAfter(20);
    expect(sentAfterMs - atOnce).toBeCloseTo(20, 0);
    expect(pair.a.chassis.replication(pair.a.clock(pair.world.now)).sender?.unprotectedSessions).toBe(0);
  });

  it('sends it at the commit limit, and counts the session unprotected', () => {
    const { sentAfterMs, pair } = pbaAfter(5000);
    expect(sentAfterMs - atOnce).toBeGreaterThan(replicationDefaults.commitLimitMs - 10);
    expect(sentAfterMs - atOnce).toBeLessThanOrEqual(replicationDefaults.commitLimitMs);
    expect(pair.a.chassis.replication(pair.a.clock(pair.world.now)).sender?.unprotectedSessions).toBe(1);
  });

  it('announces the router to a UE that has moved by data when the standby has its new path', () => {
    const pair = PairWorld.attached('wlc1');
    const { world } = pair;
    world.run(100);
    pair.delayMs.A = 20;
    const start = world.now;
    const heardAfterMs: number[] = [];
    world.ue.listener = {
      frame: (direction, accessPoint, frame, at) => {
        if (direction !== 'down' || accessPoint !== 'rg1') return;
        if (etherTypeAt(frame, 0, ethernetHeaderLength) !== etherType.arp) return;
        const message = decodeArp(frame, ethernetHeaderLength);
        // The UE has asked for its router as well; that answer says nothing of where the UE is.
        if (message.ok && message.value.senderAddress === message.value.targetAddress) heardAfterMs.push(at - start);
      },
    };
    world.ue.moveTo(world.rg1, 'data', start, 20);
    world.run(100);
    expect(heardAfterMs).toHaveLength(1);
    expect(heardAfterMs[0]).toBeGreaterThan(20);
    expect(heardAfterMs[0]).toBeLessThan(replicationDefaults.commitLimitMs);
  });

  it('keeps its promises before it hands the role over', () => {
    const pair = new PairWorld();
    const { world, a, b } = pair;
    world.run(1000);
    pair.delayMs.A = 40;
    world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
    world.run(atOnce + 20);
    expect(pair.saidAt('proxyBindingAcknowledgement')).toEqual([]);
    pair.switchOver();
    expect(pair.saidAt('proxyBindingAcknowledgement')).toHaveLength(1);
    world.run(1000);
    expect([b.state, a.chassis.counters.get('packets.withheld')]).toEqual(['ACTIVE', 0]);
    expect(pair.attachesAsked).toBeGreaterThan(0);
    expect(world.ue.address).toBeDefined();
    expect(pair.unduly).toEqual([]);
  });

  it('waits for nobody without a standby', () => {
    const pair = new PairWorld();
    pair.world.run(1000);
    pair.kill(pair.b);
    const start = pair.world.now;
    pair.world.ue.moveTo(pair.world.wlc1, 'dhcp-discover', start);
    pair.world.run(100);
    expect(pair.saidAt('proxyBindingAcknowledgement')[0]! - start).toBeLessThanOrEqual(atOnce);
  });
});
