import { describe, expect, it } from 'vitest';
import { checkpoints } from '../../src/icsr/catalogue/catalogue.ts';
import { macOf } from '../../src/kernel/address.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import {
  type CheckpointContext,
  fullCheckpoint,
  statisticsCheckpoint,
} from '../../src/services/samog/checkpoints/diff.ts';
import { noUsage } from '../../src/services/samog/checkpoints/saved-session.ts';
import { type LiveSession, sessionId } from '../../src/services/samog/session/state.ts';
import { ActiveSessions } from '../../src/sessmgr/pair/active-sessions.ts';
import { replicationDefaults, type WakingOptions } from '../../src/sessmgr/pair/options.ts';
import { StandbySessions } from '../../src/sessmgr/pair/standby-sessions.ts';
import { configOf } from '../scenarios/memory-world.ts';
import { testDigests } from '../support/digests.ts';
import { established, start } from '../support/session-samples.ts';
import { PairWorld } from './pair-world.ts';

/** Nothing is made of a record before somebody looks for its session. */
const asleep: WakingOptions = { slice: 0, gapMs: 1000, atOnceMax: 0 };
const sample = established() as LiveSession;

/** Session `n`, of a UE of its own. */
function sessionOf(n: number, nai = `${n}@example.net`): LiveSession {
  const access = { kind: 'pmipv6', peer: sample.durable.s2a.peer, uplinkKey: 1000 + n, downlinkKey: 9 } as const;
  const durable = { ...sample.durable, id: n, mac: macOf(n), nai, access, binding: undefined, cleanups: [] };
  return { ...sample, durable: { ...durable, s2a: { ...sample.durable.s2a, downlinkKey: n } } };
}

function contextOf(revision: number): CheckpointContext {
  return { now: start, revision, baseRevision: 1, vmac: macOf(1), usageOf: () => undefined };
}

function standbyOf(waking: WakingOptions = asleep, change?: Parameters<typeof configOf>[0]) {
  const options = { ...replicationDefaults, instance: 1, waking };
  const random = new SeededRandom(1);
  const dependencies = {
    output: { send: () => {} },
    digests: testDigests,
    random,
    wallClock: () => 0,
    restartCounter: 1,
  };
  const sent: string[] = [];
  const next = new ActiveSessions(
    options,
    configOf(change),
    dependencies,
    () => start,
    ({ kind }) => sent.push(kind),
  );
  const held = new StandbySessions(
    options,
    next,
    [],
    () => start,
    () => {},
  );
  held.receiver.connected(start);
  return { next, held, sent };
}

/** All sessions come, one after the other; without an end if there are to be more. */
function synchronise(held: StandbySessions, sessions: readonly LiveSession[], isWhole = true): void {
  const epoch = held.receiver.status().epoch + 1;
  const scope = { instance: 1, epoch, sessions: sessions.length };
  const { receiver } = held;
  receiver.receive({ kind: 'resyncBegin', ...scope, reason: 'first-connection', sequence: 1, buckets: [] }, start);
  const records = sessions.map((session) => ({
    ...checkpoints.sessionFull.address,
    callId: sessionId(session),
    payload: fullCheckpoint(session, contextOf(1)).payload,
    revision: 1,
  }));
  receiver.receive({ kind: 'streamBatch', instance: 1, epoch, firstSequence: 2, records }, start);
  if (isWhole) receiver.receive({ kind: 'resyncEnd', ...scope, sequence: 2 + records.length }, start);
}

describe('the records of a synchronisation', () => {
  it('are kept as they came, and made sessions by and by when it is over', () => {
    const { next, held } = standbyOf({ slice: 2, gapMs: 10, atOnceMax: 0 });
    synchronise(
      held,
      [1, 2, 3].map((n) => sessionOf(n)),
      false,
    );
    expect([held.size, held.isWarm, held.holds(2), next.manager.registry.size]).toEqual([3, true, true, 0]);
    held.advance(start);
    expect(next.manager.registry.size).toBe(0);
    held.receiver.receive({ kind: 'resyncEnd', instance: 1, epoch: 1, sessions: 3, sequence: 5 }, start);
    held.advance(start);
    expect([held.size, next.manager.registry.size, held.nextDeadline()]).toEqual([3, 2, start + 10]);
    held.advance(start + 9);
    expect(next.manager.registry.size).toBe(2);
    held.advance(start + 10);
    expect([held.size, next.manager.registry.size]).toEqual([3, 3]);
    expect(next.manager.registry.ofId(3)?.session).toMatchObject({ durable: sessionOf(3).durable });
    expect(next.differing()).toEqual([]);
  });

  it('are refused at once if they cannot be read', () => {
    const { held } = standbyOf();
    synchronise(held, [], false);
    expect(held.full(1, Uint8Array.of(1, 2, 3))).toBe('malformed');
    expect(held.size).toBe(0);
  });

  it('take changes, go, and give way as others do', () => {
    const { next, held } = standbyOf();
    synchronise(
      held,
      [1, 2, 3, 4].map((n) => sessionOf(n)),
    );
    const { payload } = statisticsCheckpoint(sessionOf(1), { ...noUsage, uplinkPackets: 9 }, contextOf(2));
    expect(held.micro(1, { cmdId: command.statistics.cmdId, nameIndex: 0, callId: 1, payload, revision: 2 })).toBe(
      'applied',
    );
    held.remove(2);
    held.full(3, fullCheckpoint(sessionOf(3, 'other@example.net'), contextOf(2)).payload);
    // The UE of 4 has attached anew, and the end of its former session has not been told yet.
    const again = { ...sessionOf(5), durable: { ...sessionOf(5).durable, mac: macOf(4) } };
    held.full(5, fullCheckpoint(again, contextOf(1)).payload);
    held.advance(start);
    const { registry, flows } = next.manager;
    expect([...registry.sessions()].map(({ session }) => sessionId(session))).toEqual([1, 3, 5]);
    expect(flows.usage(1)).toMatchObject({ uplinkPackets: 9 });
    expect([held.size, held.holds(2), held.holds(4)]).toEqual([4, false, true]);
    held.remove(4);
    expect([held.size, registry.size]).toEqual([3, 3]);
  });

  it('are sent again as they are then, and go if they are not', () => {
    const { held } = standbyOf();
    synchronise(
      held,
      [1, 2].map((n) => sessionOf(n)),
    );
    synchronise(held, [sessionOf(2, 'other@example.net')]);
    const records = [...held.records()];
    expect(records.map(([id]) => id)).toEqual([2]);
    expect(records[0]![1]).toMatchObject({ saved: { durable: { nai: 'other@example.net' } } });
  });
});

describe('a promotion', () => {
  const promoted = (...sessions: readonly LiveSession[]) => {
    const standby = standbyOf();
    synchronise(standby.held, sessions);
    const { unplaced, dormant } = standby.held.promote(start);
    standby.next.holdDormant(dormant);
    return { ...standby, unplaced, ...standby.next.manager };
  };

  it('makes nothing of dormant sessions, which count all the same', () => {
    const { registry, next, unplaced } = promoted(sessionOf(1), sessionOf(2));
    expect([unplaced, registry.size, registry.hasId(2), registry.hasId(3)]).toEqual([[], 2, true, false]);
    expect([[...registry.sessions()].length, next.differing()]).toEqual([0, []]);
    expect([...next.records()].map(([id]) => id)).toEqual([1, 2]);
    expect(registry.size).toBe(2);
  });

  it.each<[string, (of: ActiveSessions['manager']) => unknown]>([
    ['its identifier', ({ registry }) => registry.ofId(2)],
    ['its MAC address', ({ registry }) => registry.ofMac(macOf(2))],
    ['its NAI', ({ registry }) => registry.ofNai('2@example.net')],
    ['a frame of its UE', ({ flows }) => flows.slotOfMac(macOf(2))],
    ['the key of its MAG', ({ flows }) => flows.slotOfUplinkKey(1002)],
    ['the key of its LMA', ({ flows }) => flows.slotOfDownlinkKey(2)],
  ])('makes a session when it is looked for by %s', (_, lookFor) => {
    const { next, registry, flows } = promoted(sessionOf(1), sessionOf(2), sessionOf(3));
    lookFor(next.manager);
    const [place, ...others] = [...registry.sessions()];
    expect([sessionId(place!.session), others, registry.size]).toEqual([2, [], 3]);
    expect(flows.readBack(2)).toMatchObject({ mac: macOf(2) });
    expect([registry.ofNai('nobody@example.net'), flows.slotOfUplinkKey(7)]).toEqual([undefined, -1]);
  });

  it('has everyone told what concerns everyone', () => {
    const { registry } = promoted(sessionOf(1), sessionOf(2), sessionOf(3));
    registry.ofId(2);
    expect(Array.from(registry.everyone(), ({ session }) => sessionId(session))).toEqual([2, 1, 3]);
  });

  it('makes all of them by and by, and tells a standby when it has', () => {
    const { next, held, sent } = standbyOf({ slice: 1, gapMs: 10, atOnceMax: 0 });
    synchronise(held, [sessionOf(1), sessionOf(2)]);
    next.holdDormant(held.promote(start).dormant);
    next.connected(start);
    const open = {
      kind: 'streamOpen',
      instance: 1,
      epoch: 0,
      lastAppliedSequence: 0,
      nacks: 0,
      refill: false,
    } as const;
    next.receive(open, start);
    next.advance(start);
    expect([next.sender.state, next.nextDeadline(), next.manager.registry.size]).toEqual([
      'disconnected',
      start + 10,
      2,
    ]);
    next.advance(start + 10);
    expect([next.sender.state, [...next.manager.registry.sessions()].length]).toEqual(['connected', 2]);
    next.receive(open, start + 10);
    expect(sent).toEqual(['resyncBegin']);
    expect(next.sender.status(start).sessions).toBe(2);
  });

  it.each<[string, Partial<WakingOptions>, number, boolean]>([
    ['are few', { atOnceMax: 10 }, 10, true],
    ['have no room', {}, 1, true],
    ['are not all there are', {}, 10, false],
  ])('makes all of them at once where they %s', (_, waking, sessionsMax, isWhole) => {
    const { next, held } = standbyOf({ ...asleep, ...waking }, (config) => {
      return { ...config, samogService: { ...config.samogService, sessionsMax } };
    });
    synchronise(held, [sessionOf(1), sessionOf(2)], isWhole);
    const { unplaced, dormant } = held.promote(start);
    expect([dormant.size, next.manager.registry.size, unplaced.length]).toEqual([
      0,
      Math.min(2, sessionsMax),
      2 - Math.min(2, sessionsMax),
    ]);
  });
});

describe('a standby that has just been synchronised', () => {
  it.each(['wlc1', 'rg1'] as const)('takes over the session at %s with its next packet', (by) => {
    const pair = PairWorld.attached(by);
    const { world, a, b } = pair;
    const { path } = pair;
    pair.replication = { waking: asleep };
    pair.kill(b);
    pair.restart(b);
    world.run(3000);
    expect([b.isReady, b.chassis.records, b.chassis.manager.registry.size]).toEqual([true, 1, 0]);
    pair.kill(a);
    world.run(400);
    expect(pair.active).toBe(b);
    const { registry } = b.chassis.manager;
    expect([registry.size, [...registry.sessions()].length]).toEqual([1, 0]);
    const traffic = pair.traffic();
    world.run(100);
    expect([...registry.sessions()]).toHaveLength(1);
    const end = world.now;
    world.run(50);
    expect(traffic.loss(0, end)).toMatchObject({ uplinkLost: 0, downlinkLost: 0 });
    expect(pair.path).toEqual(path);
    expect([pair.attachesAskedSince, pair.saidAt('radius'), pair.unduly]).toEqual([0, [], []]);
    pair.restart(a);
    world.run(3000);
    expect([a.isReady, a.chassis.records]).toEqual([true, 1]);
  });
});
