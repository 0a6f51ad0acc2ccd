import { describe, expect, it } from 'vitest';
import { chassisDefaults } from '../../src/icsr/chassis/options.ts';
import { macOf } from '../../src/kernel/address.ts';
import { Ue } from '../../src/peers/ue.ts';
import { address } from '../scenarios/memory-world.ts';
import { PairWorld } from './pair-world.ts';

/** UEs of which each of three instances has some. */
const macs = [0x02005e100001, 0x02005e100002, 0x02005e100003, 0x02005e100004].map(macOf);

/** A pair of so many instances each, its active with the sessions of four UEs, and its standby READY. */
function attached(instances: number): { readonly pair: PairWorld; readonly ues: readonly Ue[] } {
  const pair = new PairWorld({}, { A: instances, B: instances });
  pair.world.run(1000);
  const ues = macs.map((mac, index) => {
    const ue = new Ue({ name: `ue${index}`, mac, correspondent: address.host }, pair.world.random);
    pair.world.timed.push(ue);
    ue.moveTo(index % 2 === 0 ? pair.world.rg1 : pair.world.wlc1, 'dhcp-discover', pair.world.now);
    return ue;
  });
  pair.world.run(500);
  expect(ues.map(({ dhcpState }) => dhcpState)).toEqual(['Bound', 'Bound', 'Bound', 'Bound']);
  return { pair, ues };
}

const idsOf = ({ active }: PairWorld) =>
  [...active.chassis.manager.registry.sessions()].map(({ session }) =>
    session.kind === 'Live' ? session.durable.id : 0,
  );

describe.each([2, 3])('a pair of %s instances each', (instances) => {
  it('has a stream for each, and is READY when all are', () => {
    const { pair } = attached(instances);
    const { a, b } = pair;
    const streams = a.chassis.perInstance(a.clock(pair.world.now)).map(({ stream }) => stream);
    expect(streams.map(({ sender }) => [sender?.state, sender?.synchronised])).toEqual(
      streams.map(() => ['ready', true]),
    );
    expect(streams).toHaveLength(instances);
    expect(streams.reduce((sum, { sender }) => sum + sender!.sessions, 0)).toBe(4);
    expect(streams.every(({ sender }) => sender!.sessions > 0)).toBe(true);
    expect(a.chassis.chassis.synchronisation).toMatchObject({ peerInstancesReady: instances, instances });
    expect([b.isReady, b.chassis.records]).toEqual([true, 4]);
    const merged = a.chassis.replication(a.clock(pair.world.now)).sender;
    expect(merged).toMatchObject({ state: 'ready', synchronised: true, sessions: 4, lagRecords: 0 });
    expect(a.chassis.counts()['stream.unknown-instance']).toBe(0);
  });

  it('restarts one of them in either role, with its sessions, and nobody is asked again', () => {
    const { pair, ues } = attached(instances);
    const paths = () => ues.map((ue) => pair.pathOf(ue));
    const before = paths();
    pair.signalling.length = 0;
    for (const [restarted, other] of [
      [pair.a, pair.b],
      [pair.b, pair.a],
    ] as const) {
      for (let index = 0; index < instances; index += 1) {
        const former = [...restarted.chassis.managers];
        expect(restarted.chassis.restartInstance(index, restarted.clock(pair.world.now))).toBe(0);
        expect(restarted.chassis.managers.map((manager, each) => manager !== former[each])).toEqual(
          former.map((_, each) => each === index),
        );
        expect(paths()).toEqual(before);
        expect(pair.a.chassis.chassis.synchronisation.peerInstancesReady).toBe(
          restarted === pair.a ? instances - 1 : instances,
        );
        pair.world.run(1000);
        expect([pair.active, pair.b.isReady, pair.b.chassis.records]).toEqual([pair.a, true, ues.length]);
        expect(pair.a.chassis.chassis.synchronisation.peerInstancesReady).toBe(instances);
      }
      expect(other.state).toBe(restarted === pair.a ? 'STANDBY' : 'ACTIVE');
    }
    pair.kill(pair.a);
    pair.world.run(1000);
    expect([pair.active, paths()]).toEqual([pair.b, before]);
    expect([pair.saidAt('radius'), pair.saidAt('proxyBindingUpdate'), pair.unduly]).toEqual([[], [], []]);
  });

  it('goes on with every session when the active is killed, and nobody is asked again', () => {
    const { pair, ues } = attached(instances);
    const before = idsOf(pair).sort();
    pair.signalling.length = 0;
    pair.kill(pair.a);
    pair.world.run(3000);
    expect([pair.active.name, idsOf(pair).sort()]).toEqual(['B', before]);
    expect(pair.saidAt('radius')).toEqual([]);
    const answered: string[] = [];
    for (const ue of ues) {
      ue.listener = { echoReply: () => answered.push(ue.name) };
      ue.ping(pair.world.host.address, 1, pair.world.now);
    }
    pair.world.run(50);
    expect(answered.sort()).toEqual(['ue0', 'ue1', 'ue2', 'ue3']);
    for (const [index, manager] of pair.b.chassis.managers.entries()) {
      for (const { session } of manager.registry.sessions()) {
        expect(session.kind === 'Live' ? session.durable.id % instances : undefined).toBe(index);
      }
    }
  });

  it('switches over both ways as planned, with the end of every stream in the barrier', () => {
    const { pair } = attached(instances);
    const before = idsOf(pair).sort();
    for (const next of ['B', 'A', 'B']) {
      pair.switchOver();
      pair.world.run(1000);
      expect([pair.active.name, idsOf(pair).sort()]).toEqual([next, before]);
    }
    const [promotion] = pair.b.chassis.journal.promotions;
    expect(promotion).toMatchObject({ reason: 'manual', records: 4, sessions: 4, refused: 0, end: 'serving' });
    expect(pair.unduly).toEqual([]);
  });

  it('waits with a reply for the stream of its own instance', () => {
    const { pair, ues } = attached(instances);
    pair.delayMs.B = 20;
    pair.signalling.length = 0;
    const begun = pair.world.now;
    ues[1]!.moveTo(pair.world.wlc2, 'dhcp-request', begun);
    pair.world.run(200);
    const [pba] = pair.saidAt('proxyBindingAcknowledgement');
    expect(pba! - begun).toBeGreaterThan(20);
  });

  it('compares every stream in an audit', () => {
    const { pair } = attached(instances);
    const { a } = pair;
    const before = a.chassis.counts()['audit.answered'];
    expect(a.chassis.initiateAudit(a.clock(pair.world.now))).toBe(true);
    pair.world.run(100);
    expect(a.chassis.counts()['audit.answered'] - before).toBe(instances);
    expect(a.chassis.replication(a.clock(pair.world.now)).sender?.lastAudit?.bucketsDiffered).toBe(0);
  });

  it('tells NACKs of every stream off by one word', () => {
    const { pair } = attached(instances);
    const { chassis } = pair.a;
    const ledgers = chassis.perInstance(0).map(({ ledger }) => ledger);
    chassis.ledger.setNackEnabled(257, false);
    expect(ledgers.map((ledger) => ledger.disabledNackCmdIds())).toEqual(new Array(instances).fill([257]));
    const sent = chassis.ledger.checkpoints.view().find(({ name }) => name === 'FULL CHECKPOINT')?.sent ?? 0;
    const each = ledgers.map(
      ({ checkpoints }) => checkpoints.view().find(({ name }) => name === 'FULL CHECKPOINT')?.sent ?? 0,
    );
    expect(sent).toBe(each.reduce((sum, count) => sum + count, 0));
    expect(chassis.ledger.checkpoints.acknowledgementTimes.counts().total).toBeGreaterThan(0);
  });
});

describe('two chassis with another number of instances', () => {
  it.each([
    [2, 1],
    [1, 2],
    [3, 2],
  ])('%s and %s never take a part for the whole: the standby is not READY, and no stream is used', (A, B) => {
    const pair = new PairWorld({}, { A, B });
    pair.world.run(1000);
    pair.world.ue.moveTo(pair.world.rg1, 'dhcp-discover', pair.world.now);
    pair.world.run(3000);
    expect([pair.active.name, pair.b.state, pair.b.isReady]).toEqual(['A', 'PENDING_STANDBY', false]);
    expect(pair.b.chassis.records).toBe(0);
    const used = [pair.a, pair.b].map(({ chassis }) => chassis.counters.get('stream.other-count'));
    expect(used.some((count) => count > 0)).toBe(true);
    expect(pair.world.ue.dhcpState).toBe('Bound');
  });
});

/** From now on nothing of this instance's stream arrives at B as what it is. */
function loseStream(pair: PairWorld, instance: number): void {
  pair.says.A = (message) =>
    'instance' in message && message.instance === instance ? { ...message, instance: 9 } : message;
}

describe('a standby', () => {
  it('is not READY while one of its instances is not', () => {
    const pair = new PairWorld({}, { A: 2, B: 2 });
    loseStream(pair, 2);
    pair.world.run(3000);
    const streams = pair.b.chassis.perInstance(pair.b.clock(pair.world.now)).map(({ stream }) => stream);
    expect(streams.map(({ receiver }) => receiver?.synchronised)).toEqual([true, false]);
    expect([pair.active.name, pair.b.isReady]).toEqual(['A', false]);
    expect(pair.a.chassis.chassis.synchronisation.peerInstancesReady).toBe(1);
  });

  it.each([1, 2])('that is handed the role waits for the end of stream %s too, up to the limit', (instance) => {
    const { pair, ues } = attached(2);
    loseStream(pair, instance);
    // A change on each stream: what is lost of one does not come until the limit.
    for (const ue of ues) ue.moveTo(pair.world.rg2, 'dhcp-request', pair.world.now);
    pair.world.run(5);
    const begun = pair.world.now;
    pair.switchOver(true);
    pair.world.run(chassisDefaults.barrierLimitMs / 2);
    expect(pair.b.state).toBe('STANDBY');
    pair.world.run(chassisDefaults.barrierLimitMs);
    expect([pair.active.name, pair.announcements.at(-1)]).toEqual(['B', 'B']);
    expect(pair.world.now - begun).toBeLessThan(2 * chassisDefaults.barrierLimitMs);
  });
});

it('messages of the stream of an instance that there is not are counted', () => {
  const pair = new PairWorld({}, { A: 2, B: 2 });
  pair.says.B = (message) => (message.kind === 'streamAck' ? { ...message, instance: 9 } : message);
  pair.world.run(3000);
  expect(pair.a.chassis.counters.get('stream.unknown-instance')).toBeGreaterThan(0);
  expect([pair.a.state, pair.a.chassis.chassis.synchronisation.peerInstancesReady]).toEqual(['ACTIVE', 0]);
});
