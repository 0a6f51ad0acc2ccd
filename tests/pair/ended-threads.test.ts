import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { macOf } from '../../src/kernel/address.ts';
import { Ue } from '../../src/peers/ue.ts';
import { address } from '../scenarios/memory-world.ts';
import { PairWorld } from './pair-world.ts';

const instances = 3;
/** UEs of which each instance has some. */
const macs = [0x02005e100001, 0x02005e100002, 0x02005e100003, 0x02005e100004].map(macOf);
/** Whose thread ends: it watches the peers as well. */
const lost = 0;

beforeAll(() => {
  PairWorld.placement = 'apart';
});

afterAll(() => {
  PairWorld.placement = 'here';
});

/** A pair with the sessions of four UEs, and its standby READY. */
function attached(count = instances): { readonly pair: PairWorld; readonly ues: readonly Ue[] } {
  const pair = new PairWorld({}, { A: count, B: count });
  pair.world.run(1000);
  const ues = macs.map((mac, index) => {
    const ue = new Ue({ name: `ue${index}`, mac, correspondent: address.host }, pair.world.random);
    pair.world.timed.push(ue);
    ue.moveTo(index % 2 === 0 ? pair.world.rg1 : pair.world.wlc1, 'dhcp-discover', pair.world.now);
    return ue;
  });
  pair.world.run(1000);
  expect([pair.a.state, pair.b.isReady, pair.b.chassis.records]).toEqual(['ACTIVE', true, macs.length]);
  // Everybody knows the router's MAC address.
  expect(answered(pair, ues)).toEqual(everybody);
  pair.signalling.length = 0;
  return { pair, ues };
}

/** Which of the UEs have an answer to a ping. */
function answered(pair: PairWorld, ues: readonly Ue[]): string[] {
  const names: string[] = [];
  for (const ue of ues) {
    ue.listener = { echoReply: () => names.push(ue.name) };
    ue.ping(pair.world.host.address, 1, pair.world.now);
  }
  pair.world.run(50);
  return names.sort();
}

const everybody = ['ue0', 'ue1', 'ue2', 'ue3'];
const isOf = (index: number) => (_: unknown, ue: number) => (macs[ue]! % 0x100000000) % instances === index;
const others = everybody.filter((_, ue) => !isOf(lost)(_, ue));
const paths = (pair: PairWorld, ues: readonly Ue[]) => ues.map((ue) => pair.pathOf(ue));

/** The same sessions on the same paths, served by this chassis, the other READY; neither AAA nor the LMA was asked for anything. */
function expectWhole(pair: PairWorld, ues: readonly Ue[], before: unknown, active: 'A' | 'B'): void {
  expect([pair.active.name, paths(pair, ues)]).toEqual([active, before]);
  expect(answered(pair, ues)).toEqual(everybody);
  const standby = active === 'A' ? pair.b : pair.a;
  expect([standby.isReady, standby.chassis.records]).toEqual([true, macs.length]);
  expect(pair.saidAt('radius')).toEqual([]);
  expect(pair.saidAt('proxyBindingUpdate')).toEqual([]);
  expect([pair.unduly, pair.attachesAskedSince]).toEqual([[], 8]);
}

describe('a thread of the active that ends', () => {
  it('has its sessions again from its equal, and the others serve on meanwhile', () => {
    const { pair, ues } = attached();
    const before = paths(pair, ues);
    const { begin } = pair.endThread(pair.a, lost);
    expect(answered(pair, ues)).toEqual(others);
    expect(pair.a.chassis.chassis.synchronisation.peerInstancesReady).toBe(instances - 1);
    const { sender } = pair.a.chassis.replication(pair.a.clock(pair.world.now));
    expect(sender).toMatchObject({ state: 'disconnected', synchronised: false });
    begin();
    pair.world.run(20);
    expect(answered(pair, ues)).toEqual(everybody);
    pair.world.run(2000);
    expectWhole(pair, ues, before, 'A');
    expect(pair.a.chassis.chassis.history.map(({ to }) => to)).toEqual(['PENDING_ACTIVE', 'ACTIVE']);
  });

  it('has what was promised a moment ago, before anything was on disk', () => {
    const { pair, ues } = attached();
    const ue = ues.find((_, index) => isOf(lost)(_, index))!;
    ue.moveTo(pair.world.rg2, 'data', pair.world.now);
    ue.ping(pair.world.host.address, 7, pair.world.now);
    pair.world.run(8);
    const before = paths(pair, ues);
    pair.endThread(pair.a, lost).begin();
    pair.world.run(500);
    expect(pair.pathOf(ue)?.access).toMatchObject({ peer: address.rg2 });
    expectWhole(pair, ues, before, 'A');
  });

  it('leaves a stream behind that the standby takes over from', () => {
    const { pair, ues } = attached();
    const before = paths(pair, ues);
    pair.endThread(pair.a, lost).begin();
    pair.world.run(1000);
    pair.kill(pair.a);
    pair.world.run(1000);
    expect([pair.active.name, paths(pair, ues)]).toEqual(['B', before]);
    expect(answered(pair, ues)).toEqual(everybody);
  });

  it('has its sessions as they are on disk where there is no peer', () => {
    const { pair, ues } = attached();
    const before = paths(pair, ues);
    pair.kill(pair.b);
    pair.world.run(1000);
    pair.endThread(pair.a, lost).begin();
    pair.world.run(50);
    expect([pair.active.name, paths(pair, ues)]).toEqual(['A', before]);
    expect(answered(pair, ues)).toEqual(everybody);
    pair.restart(pair.b);
    pair.world.run(3000);
    expectWhole(pair, ues, before, 'A');
  });

  it('has them from the disk when the peer dies while it gives them back', () => {
    const { pair, ues } = attached();
    const before = paths(pair, ues);
    const { begin } = pair.endThread(pair.a, lost);
    begin();
    pair.kill(pair.b);
    pair.world.run(100);
    expect([pair.active.name, paths(pair, ues)]).toEqual(['A', before]);
    expect(answered(pair, ues)).toEqual(everybody);
  });

  it.each<[string, (pair: PairWorld) => void]>([
    ['that does not come back in time', (pair) => void pair.endThread(pair.a, lost)],
    ['again and again', (pair) => void pair.endThread(pair.a, lost, true)],
    [
      'beside a peer that gives nothing back',
      (pair) => {
        pair.says.A = (message) => (message.kind === 'streamOpen' ? { ...message, refill: false } : message);
        pair.endThread(pair.a, lost).begin();
      },
    ],
  ])('has the peer take the role: %s', (_, fails) => {
    const { pair, ues } = attached();
    const before = paths(pair, ues);
    fails(pair);
    pair.world.run(3000);
    expect([pair.active.name, paths(pair, ues)]).toEqual(['B', before]);
    expect(answered(pair, ues)).toEqual(everybody);
    expect(pair.b.chassis.counts()['switchover.session-manager']).toBe(1);
    expect(pair.saidAt('radius')).toEqual([]);
  });

  it('has the peer take the role without waiting for the end of its stream, be it the only one', () => {
    const { pair, ues } = attached(1);
    const before = paths(pair, ues);
    pair.endThread(pair.a, 0, true);
    pair.world.run(300);
    expect([pair.active.name, paths(pair, ues)]).toEqual(['B', before]);
    expect(answered(pair, ues)).toEqual(everybody);
  });

  it("comes back as a standby's when the role has gone meanwhile", () => {
    const { pair, ues } = attached();
    const before = paths(pair, ues);
    const { begin } = pair.endThread(pair.a, lost, true);
    pair.world.run(500);
    begin();
    pair.world.run(3000);
    expectWhole(pair, ues, before, 'B');
  });
});

describe('a thread of the standby that ends', () => {
  it('is sent all again, and the others go on', () => {
    const { pair, ues } = attached();
    const before = paths(pair, ues);
    const { begin } = pair.endThread(pair.b, lost);
    expect([pair.b.state, pair.b.isReady]).toEqual(['STANDBY', false]);
    begin();
    pair.world.run(1000);
    expectWhole(pair, ues, before, 'A');
    pair.switchOver();
    pair.world.run(1000);
    expectWhole(pair, ues, before, 'B');
  });

  it('has what is on disk, if the active dies before', () => {
    const { pair, ues } = attached();
    const before = paths(pair, ues);
    pair.endThread(pair.b, lost).begin();
    pair.kill(pair.a);
    pair.world.run(1000);
    expect([pair.active.name, paths(pair, ues)]).toEqual(['B', before]);
    expect(answered(pair, ues)).toEqual(everybody);
  });
});
