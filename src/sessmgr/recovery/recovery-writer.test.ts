import { describe, expect, it } from 'vitest';
import { configOf, MemoryWorld } from '../../../tests/scenarios/memory-world.ts';
import { MemoryRecoveryStore } from '../../../tests/support/memory-recovery-store.ts';
import { disconnecting, established, start } from '../../../tests/support/session-samples.ts';
import { ipv4Of, macOf } from '../../kernel/address.ts';
import { noUsage } from '../../services/samog/checkpoints/saved-session.ts';
import type { LiveSession } from '../../services/samog/session/state.ts';
import type { SessionManager } from '../session-manager.ts';
import { RecoveryWriter } from './recovery-writer.ts';

const options = { flushIntervalMs: 50, accountingIntervalMs: 4000 };
const wallClockStart = 1_700_000_000_000;

function sessionOf(index: number): LiveSession {
  const session = established() as LiveSession;
  const { durable } = session;
  const addresses = [{ ...durable.addresses[0]!, address: ipv4Of(0x0a000000 + index) }];
  const own = { id: 1000 + index, mac: macOf(0x02005e000000 + index), nai: `ue${index}@example` };
  return { ...session, durable: { ...durable, ...own, addresses, s2a: { ...durable.s2a, downlinkKey: own.id } } };
}

class Bench {
  now = start;
  readonly store = new MemoryRecoveryStore();
  readonly writer = new RecoveryWriter(options, this.store, () => wallClockStart + this.now - start);
  readonly manager: SessionManager;

  constructor(sessions: number) {
    const large = configOf((config) => ({ ...config, samogService: { ...config.samogService, sessionsMax: 100_000 } }));
    this.manager = new MemoryWorld(large).newGateway();
    const all = Array.from({ length: sessions }, (_, index) => ({ session: sessionOf(index), usage: noUsage }));
    expect(this.manager.adopt(all).adopted).toBe(sessions);
  }

  static attached(sessions: number): Bench {
    const bench = new Bench(sessions);
    bench.writer.attach(bench.manager, bench.now);
    return bench;
  }

  run(forMs: number): void {
    const end = this.now + forMs;
    for (let next = this.writer.nextDeadline(); next <= end; next = this.writer.nextDeadline()) {
      expect(next).toBeGreaterThanOrEqual(this.now);
      this.now = next;
      this.writer.advance(this.now);
    }
    this.now = end;
  }

  change(index: number): void {
    const session = this.manager.registry.ofId(1000 + index)!.session;
    this.writer.changed(session, session, this.now);
  }

  end(index: number): void {
    const { session } = this.manager.registry.ofId(1000 + index)!;
    this.manager.release(1000 + index);
    this.writer.changed(session, undefined, this.now);
  }

  get writtenSessions(): number[][] {
    return this.store.batches.map(({ sessions }) => sessions.map(({ callId }) => callId));
  }
}

describe('what has changed', () => {
  it('is written once, after the flush interval, however often it changed', () => {
    const bench = Bench.attached(2);
    bench.run(1000);
    expect(bench.writtenSessions).toEqual([[1000, 1001]]);
    bench.change(1);
    bench.run(20);
    bench.change(1);
    bench.change(0);
    bench.run(29);
    expect(bench.store.batches).toHaveLength(1);
    bench.run(1);
    expect(bench.writtenSessions[1]).toEqual([1001, 1000]);
    expect(bench.store.batches[1]!.sessions.map(({ revision }) => revision)).toEqual([2, 2]);
    bench.run(3000);
    expect(bench.store.batches).toHaveLength(2);
  });

  it('does not include sessions in setup', () => {
    const bench = Bench.attached(0);
    const setup = { kind: 'Authenticating', id: 5 } as never;
    bench.writer.changed(undefined, setup, bench.now);
    bench.writer.changed(setup, undefined, bench.now);
    bench.run(1000);
    expect(bench.store.batches).toEqual([]);
    expect(bench.writer.statistics()).toMatchObject({ sessions: 0, waiting: 0 });
  });

  it('includes what a session that has ended still owes', () => {
    const bench = Bench.attached(0);
    const session = disconnecting();
    if (session.kind !== 'Disconnecting') throw new Error('the sample is not what it says');
    bench.manager.adopt([{ session, usage: noUsage }]);
    bench.writer.changed(undefined, session, bench.now);
    bench.run(50);
    expect(bench.writtenSessions).toEqual([[session.id]]);
  });

  it('is deleted if the store may have it, and only then', () => {
    const bench = Bench.attached(2);
    bench.run(100);
    bench.end(0);
    bench.run(100);
    expect(bench.store.batches.map(({ over }) => over)).toEqual([[], [1000]]);
    bench.change(1);
    bench.end(1);
    bench.run(100);
    expect(bench.store.batches[2]).toMatchObject({ over: [1001], sessions: [] });
    expect(bench.store.rows()).toEqual([]);
    bench.manager.adopt([{ session: sessionOf(5), usage: noUsage }]);
    bench.change(5);
    bench.end(5);
    bench.run(100);
    expect(bench.store.batches).toHaveLength(3);
  });

  it('is written whole under an identifier that was used before', () => {
    const bench = Bench.attached(1);
    bench.run(100);
    bench.end(0);
    bench.manager.adopt([{ session: sessionOf(0), usage: noUsage }]);
    bench.change(0);
    bench.run(100);
    expect(bench.store.batches[1]).toMatchObject({ over: [1000], sessions: [{ callId: 1000, revision: 1 }] });
    expect(bench.store.rows()).toHaveLength(1);
  });

  it('is written in slices with pauses between', () => {
    const bench = Bench.attached(350);
    bench.run(50);
    expect(bench.store.batches.map(({ sessions }) => sessions.length)).toEqual([100]);
    expect(bench.writer.nextDeadline()).toBe(bench.now + 3);
    bench.run(9);
    expect(bench.store.batches.map(({ sessions }) => sessions.length)).toEqual([100, 100, 100, 50]);
    expect(bench.store.rows()).toHaveLength(350);
  });

  it('stays marked while the store takes nothing', () => {
    const bench = Bench.attached(3);
    bench.store.isReady = false;
    bench.run(10_000);
    expect(bench.store.batches).toEqual([]);
    expect(bench.writer.statistics().waiting).toBe(3);
    bench.end(1);
    bench.store.isReady = true;
    bench.run(50);
    expect(bench.writtenSessions).toEqual([[1000, 1002]]);
  });

  it('is written again, all of it, when the store has lost it', () => {
    const bench = Bench.attached(3);
    bench.run(100);
    bench.end(2);
    bench.writer.emptied(bench.now);
    bench.run(100);
    expect(bench.store.batches[1]!).toMatchObject({ over: [], sessions: [{ callId: 1000 }, { callId: 1001 }] });
  });

  it('costs only itself where it cannot be written', () => {
    const bench = Bench.attached(3);
    const place = bench.manager.registry.ofId(1001)!;
    const { durable } = place.session as LiveSession;
    place.session = { ...sessionOf(1), durable: { ...durable, moves: { ...durable.moves, count: -1 } } };
    bench.run(100);
    expect(bench.writtenSessions).toEqual([[1000, 1002]]);
    expect(bench.writer.statistics()).toMatchObject({ unwritable: 1, waiting: 0 });
  });
});

describe('what UEs have used', () => {
  const used = { uplinkPackets: 1, uplinkOctets: 100, downlinkPackets: 2, downlinkOctets: 200, lastActivity: start };

  it('is written within the accounting interval, where it has changed, with the counters', () => {
    const bench = Bench.attached(250);
    bench.manager.counters.add('session.attempted', 7);
    bench.run(60);
    bench.manager.flows.restoreUsage(1007, used);
    bench.manager.flows.restoreUsage(1200, { ...used, lastActivity: undefined });
    bench.run(9000);
    const usage = bench.store.batches.flatMap((batch) => batch.usage);
    const { lastActivity: _, ...counts } = used;
    expect(usage).toEqual([
      { callId: 1007, ...counts, lastActivityAt: wallClockStart },
      { callId: 1200, ...counts, lastActivityAt: undefined },
    ]);
    expect([...bench.store.counters]).toEqual([['samog:session.attempted', 7]]);
  });

  it('goes with the session that is written anyway', () => {
    const bench = Bench.attached(1);
    bench.manager.flows.restoreUsage(1000, used);
    bench.run(9000);
    expect(bench.store.batches.flatMap((batch) => batch.usage)).toEqual([]);
  });

  it('is looked at in small parts', () => {
    const bench = Bench.attached(1000);
    bench.run(4000);
    for (let index = 0; index < 1000; index += 1) bench.manager.flows.restoreUsage(1000 + index, used);
    bench.store.batches.length = 0;
    bench.run(8000);
    const sizes = bench.store.batches.map(({ usage }) => usage.length);
    expect(Math.max(...sizes)).toBe(10);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1000);
  });
});

describe('the end', () => {
  it('writes all there is at once, ready or not', () => {
    const bench = Bench.attached(1200);
    bench.run(50);
    bench.store.isReady = false;
    bench.end(3);
    bench.manager.flows.restoreUsage(1000, { ...noUsage, uplinkPackets: 9, uplinkOctets: 900 });
    bench.manager.forwardingCounters.add('uplink.packets', 9);
    bench.writer.finish(bench.now);
    expect(bench.store.rows()).toHaveLength(1199);
    expect(bench.store.rows().find(({ callId }) => callId === 1000)?.usage).toMatchObject({ uplinkPackets: 9 });
    expect(bench.store.counters.get('forwarding:uplink.packets')).toBe(9);
    expect(bench.writer.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('what the store has from before', () => {
  it('is not written again, and deleted if no session is of it', () => {
    const bench = new Bench(2);
    for (const id of [1000, 1001, 7]) bench.writer.has(id, 4);
    bench.writer.attach(bench.manager, bench.now);
    bench.run(10_000);
    expect(bench.store.batches.map(({ over, sessions, usage }) => [over, sessions, usage])).toEqual([[[7], [], []]]);
    bench.change(0);
    bench.run(50);
    expect(bench.store.batches[1]!.sessions[0]).toMatchObject({ callId: 1000, revision: 5 });
  });

  it('is what another session manager goes on with', () => {
    const bench = Bench.attached(3);
    bench.run(100);
    const next = new Bench(2).manager;
    next.adopt([{ session: sessionOf(9), usage: noUsage }]);
    bench.writer.attach(next, bench.now);
    bench.run(100);
    expect(bench.store.batches[1]).toMatchObject({ over: [1002], sessions: [{ callId: 1009 }] });
  });
});
