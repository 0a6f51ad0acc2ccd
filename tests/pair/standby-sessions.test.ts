import { describe, expect, it } from 'vitest';
import type { Accelerator } from '../../src/forwarding/accelerator.ts';
import { AcceleratedSessions } from '../../src/forwarding/fast-path/accelerated-sessions.ts';
import { FastPathTable } from '../../src/forwarding/fast-path/fast-path-table.ts';
import { limitsOctets, sessionOctets } from '../../src/forwarding/fast-path/layout.ts';
import { macOf } from '../../src/kernel/address.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import {
  type CheckpointContext,
  diff,
  fullCheckpoint,
  statisticsCheckpoint,
} from '../../src/services/samog/checkpoints/diff.ts';
import { noUsage, type SessionRecord } from '../../src/services/samog/checkpoints/saved-session.ts';
import type { EventSink } from '../../src/services/samog/events.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { ActiveSessions } from '../../src/sessmgr/pair/active-sessions.ts';
import { replicationDefaults } from '../../src/sessmgr/pair/options.ts';
import { revisionOf } from '../../src/sessmgr/pair/record-revision.ts';
import { StandbySessions } from '../../src/sessmgr/pair/standby-sessions.ts';
import { configOf } from '../scenarios/memory-world.ts';
import { testDigests } from '../support/digests.ts';
import { disconnecting, established, start } from '../support/session-samples.ts';

const options = { ...replicationDefaults, instance: 1 };
const session = established() as LiveSession;
const { id } = session.durable;

function contextOf(revision: number, baseRevision: number): CheckpointContext {
  return { now: start, revision, baseRevision, vmac: macOf(1), usageOf: () => undefined };
}

function micro(cmdId: number, payload: Uint8Array, revision: number) {
  return { cmdId, nameIndex: 0, callId: id, payload, revision };
}

function statistics(revision: number, baseRevision: number) {
  const usage = { ...noUsage, uplinkPackets: revision };
  return micro(
    command.statistics.cmdId,
    statisticsCheckpoint(session, usage, contextOf(revision, baseRevision)).payload,
    revision,
  );
}

function nobodyServed(
  change?: Parameters<typeof configOf>[0],
  report?: EventSink,
  accelerator?: Accelerator,
): ActiveSessions {
  const output = { send: () => {} };
  const random = new SeededRandom(1);
  const dependencies = {
    output,
    digests: testDigests,
    random,
    wallClock: () => 0,
    restartCounter: 1,
    ...(report && { report }),
    ...(accelerator && { accelerator }),
  };
  return new ActiveSessions(
    options,
    configOf(change),
    dependencies,
    () => start,
    () => {},
  );
}

/** The fast path of an instance, in memory of this process. */
function accelerated(): AcceleratedSessions {
  const placesMax = 8;
  const side = { mtu: 1500, greTransport: 'raw' } as const;
  const table = new FastPathTable(placesMax, {
    ...{ access: side, s2a: side, mssClamp: true, listNumberOf: () => undefined },
    isEogreClient: () => true,
    kernelTimeOf: (instant) => instant * 1e6,
  });
  return new AcceleratedSessions(table, {
    records: new DataView(new ArrayBuffer(placesMax * sessionOctets)),
    limits: new DataView(new ArrayBuffer(placesMax * limitsOctets)),
    writeNow: () => {},
    isForwarding: false,
    now: () => start,
    kernelTimeOf: (instant) => instant * 1e6,
    instantOf: (kernelTime) => kernelTime / 1e6,
  });
}

function standby(
  next = nobodyServed(),
  former: ConstructorParameters<typeof StandbySessions>[2] = [],
): StandbySessions {
  return new StandbySessions(
    options,
    next,
    former,
    () => start,
    () => {},
  );
}

describe('the records of a standby', () => {
  it('take a session whole and by parts, and count from its newest revision', () => {
    const held = standby();
    expect(held.full(id, fullCheckpoint(session, contextOf(7, 7)).payload)).toBe('applied');
    expect(held.micro(id, statistics(9, 7))).toBe('applied');
    expect(held.micro(id, statistics(9, 7))).toBe('stale');
    const [[, record]] = [...held.records()] as [[number, SessionRecord]];
    expect(record).toMatchObject({ saved: { durable: session.durable, usage: { uplinkPackets: 9 } } });
    expect(revisionOf(record)).toBe(9);
    held.remove(id);
    expect(held.size).toBe(0);
  });

  it('refuse what they cannot apply, and stay as they were', () => {
    const held = standby();
    expect(held.full(id, Uint8Array.of(1, 2, 3))).toBe('malformed');
    expect(held.micro(id, statistics(9, 7))).toBe('unknown-session');
    held.full(id, fullCheckpoint(session, contextOf(7, 7)).payload);
    const before = [...held.records()];
    expect(held.micro(id, statistics(9, 8))).toBe('conflict');
    expect(held.micro(id, micro(command.statistics.cmdId, Uint8Array.of(1), 9))).toBe('malformed');
    expect(held.micro(id, { ...statistics(9, 7), cmdId: 999 })).toBe('unknown-command');
    expect([...held.records()]).toEqual(before);
  });

  it('know a delete by what it says', () => {
    const ending = disconnecting();
    const deleting = (after: typeof ending) =>
      diff(session, after, contextOf(2, 1), undefined).map(({ cmdId, payload }) => micro(cmdId, payload, 2));
    const told = [...deleting(ending), ...deleting({ ...ending, request: undefined } as typeof ending)];
    expect(told.map((record) => standby().isDelete(record))).toEqual([false, true]);
    expect(standby().isDelete(statistics(2, 1))).toBe(false);
  });
});

describe('the monitor of a standby', () => {
  const { durable, transient } = session;
  const told = (changed: Partial<typeof durable>, later = 0, report = true): string[] => {
    const events: string[] = [];
    const next = nobodyServed(
      undefined,
      report ? ({ name, text }) => void events.push(`${name} ${text()}`) : undefined,
    );
    const held = standby(next);
    held.full(id, fullCheckpoint(session, contextOf(1, 1)).payload);
    events.length = 0;
    const context = { ...contextOf(2, 2), now: start - later };
    held.full(id, fullCheckpoint({ kind: 'Live', durable: { ...durable, ...changed }, transient }, context).payload);
    return events;
  };

  it.each<[string, Partial<typeof durable>, number]>([
    ['as it was', {}, 0],
    ['as it was, after a while on its way', {}, 40],
  ])('is not told of a session that is repeated %s', (_, changed, later) => {
    expect(told(changed, later)).toEqual([]);
  });

  it.each<[string, Partial<typeof durable>]>([
    ['another name', { nai: 'other@example.net' }],
    ['another flow', { eogreFlow: !durable.eogreFlow }],
    ['another move', { moves: { ...durable.moves, count: durable.moves.count + 1 } }],
  ])('has the full checkpoint of a session that it knows, with %s', (_, changed) => {
    expect(told(changed)).toEqual(['checkpoint-received full checkpoint']);
    expect(told(changed, 0, false)).toEqual([]);
  });
});

describe('the sessions of a standby', () => {
  const record = (revision: number): SessionRecord => ({
    saved: { kind: 'Live', durable: session.durable, request: undefined, usage: noUsage, idleAt: undefined },
    baseRevision: revision,
    newer: undefined,
  });

  it('follow the records, and go with them', () => {
    const next = nobodyServed();
    const held = standby(next);
    held.full(id, fullCheckpoint(session, contextOf(7, 7)).payload);
    expect([next.manager.registry.size, held.nextDeadline()]).toEqual([0, Number.NEGATIVE_INFINITY]);
    held.advance(start);
    expect(next.manager.registry.ofId(id)?.session).toMatchObject({ durable: session.durable });
    expect(next.differing()).toEqual([]);
    held.micro(id, statistics(9, 7));
    held.advance(start);
    expect(next.manager.flows.usage(id)).toMatchObject({ uplinkPackets: 9 });
    expect(held.nextDeadline()).toBeGreaterThan(start);
    held.remove(id);
    expect([next.manager.registry.size, next.manager.flows.size]).toEqual([0, 0]);
  });

  it('are all that is forwarded, as soon as the peer has sent all that it has', () => {
    const accelerator = accelerated();
    const before = standby(nobodyServed(undefined, undefined, accelerator));
    const { durable } = session;
    const keys = { access: { ...durable.access, uplinkKey: id + 1 }, s2a: { ...durable.s2a, downlinkKey: id + 1 } };
    const second = { ...session, durable: { ...durable, ...keys, id: id + 1, mac: macOf(0x02005e000777) } };
    for (const each of [session, second as LiveSession]) {
      before.full(each.durable.id, fullCheckpoint(each, contextOf(7, 7)).payload);
    }
    before.advance(start);
    expect([...accelerator.table.ids.keys()]).toEqual([id, id + 1]);

    const after = standby(nobodyServed(undefined, undefined, accelerator));
    after.receiver.connected(start);
    after.receiver.receive(
      { kind: 'resyncBegin', instance: 1, epoch: 2, sequence: 1, sessions: 1, reason: 'other', buckets: [] },
      start,
    );
    after.full(id, fullCheckpoint(session, contextOf(9, 9)).payload);
    after.advance(start);
    expect([...accelerator.table.ids.keys()]).toEqual([id, id + 1]);
    after.receiver.receive({ kind: 'resyncEnd', instance: 1, epoch: 2, sequence: 2, sessions: 1 }, start);
    after.advance(start);
    expect([...accelerator.table.ids.keys()]).toEqual([id]);
  });

  it('whose bindings this chassis has changed are named to the peer, some at a time, once all are here', () => {
    const named: number[] = [];
    const send: ConstructorParameters<typeof StandbySessions>[4] = (message) => {
      if (message.kind === 'streamNack' && message.reason === 'bound-alone') named.push(message.callId);
    };
    const held = new StandbySessions(options, nobodyServed(), [], () => start, send);
    const count = 60;
    const sessions = Array.from({ length: count }, (_, index) => {
      const { durable } = session;
      const keys = {
        access: { ...durable.access, uplinkKey: id + index },
        s2a: { ...durable.s2a, downlinkKey: id + index },
      };
      return {
        ...session,
        durable: { ...durable, ...keys, id: id + index, mac: macOf(0x02005e000700 + index) },
      } as LiveSession;
    });
    held.boundAlone.add(sessions.map(({ durable }) => durable.mac));
    held.receiver.connected(start);
    const begin = { instance: 1, epoch: 2, sequence: 1, sessions: count, reason: 'other', buckets: [] } as const;
    held.receiver.receive({ kind: 'resyncBegin', ...begin }, start);
    for (const each of sessions) held.full(each.durable.id, fullCheckpoint(each, contextOf(9, 9)).payload);
    while (held.nextDeadline() <= start) held.advance(start);
    expect(named).toEqual([]);
    held.receiver.receive({ kind: 'resyncEnd', instance: 1, epoch: 2, sequence: 2, sessions: count }, start);
    const after: number[] = [];
    for (let now = start; now < start + 30; now += 1) {
      held.advance(now);
      after.push(named.length);
    }
    expect([after[0], after[5], after[10], after.at(-1)]).toEqual([25, 50, 60, 60]);
    expect(named.toSorted()).toEqual(sessions.map(({ durable }) => durable.id));
    expect(held.nextDeadline()).toBeGreaterThan(start + 30);
  });

  it('have revisions above those of the records they came from', () => {
    const next = nobodyServed();
    expect(standby(next, [[id, record(41)]]).promote(start).unplaced).toEqual([]);
    expect(next.differing()).toEqual([]);
    expect(next.encode(id)?.revision).toBe(42);
    next.manager.flows.remove(id);
    expect(next.differing()).toEqual([id]);
  });

  it('are what the chassis had before, unless the peer has said otherwise', () => {
    const next = nobodyServed();
    const held = standby(next, [[id, record(41)]]);
    held.full(id, fullCheckpoint(session, contextOf(50, 50)).payload);
    expect([held.size, held.promote(start).unplaced]).toEqual([1, []]);
    expect(next.encode(id)?.revision).toBe(51);
    const gone = standby(next, [[id, record(41)]]);
    gone.remove(id);
    gone.promote(start);
    expect([gone.size, next.manager.registry.size]).toEqual([0, 0]);
  });

  it('take the place of an earlier one of their UE, of whose end nobody has told yet', () => {
    const next = nobodyServed();
    const held = standby(next, [[id + 2, record(41)]]);
    const later = { ...session, durable: { ...session.durable, id: id + 1 } };
    held.full(id, fullCheckpoint(session, contextOf(7, 7)).payload);
    held.advance(start);
    held.full(id + 1, fullCheckpoint(later, contextOf(7, 7)).payload);
    expect(held.promote(start).unplaced).toEqual([]);
    const { registry, flows } = next.manager;
    expect([registry.size, flows.size, registry.hasId(id + 1)]).toEqual([1, 1, true]);
    held.remove(id);
    expect(registry.size).toBe(1);
  });

  it('that find no place are named, and the promotion ends', () => {
    const next = nobodyServed((config) => ({ ...config, samogService: { ...config.samogService, sessionsMax: 1 } }));
    const held = standby(next);
    const second = { ...session, durable: { ...session.durable, id: id + 1, mac: macOf(77) } };
    held.full(id, fullCheckpoint(session, contextOf(7, 7)).payload);
    held.full(id + 1, fullCheckpoint(second, contextOf(7, 7)).payload);
    held.advance(start);
    expect(next.manager.registry.size).toBe(1);
    expect(held.promote(start).unplaced).toEqual([id + 1]);
    held.remove(id);
    expect([held.promote(start).unplaced, next.manager.registry.hasId(id + 1)]).toEqual([[], true]);
  });
});
