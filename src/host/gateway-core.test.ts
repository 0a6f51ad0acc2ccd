import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disconnecting, established, exampleConfig } from '../../tests/support/session-samples.ts';
import { parseIp } from '../kernel/address.ts';
import type { SamogEvent } from '../services/samog/events.ts';
import type { DisconnectingSession, LiveSession } from '../services/samog/session/state.ts';
import { now, wallClock } from './clock.ts';
import { hostDigests } from './digests.ts';
import { type InProcessCore, openCore } from './gateway-core.ts';
import { hostRandom } from './random.ts';
import { restartCounterAt } from './restart-counter.ts';

let directory: string;
let events: SamogEvent[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'samog-test-'));
  events = [];
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const dependencies = {
  output: { send: () => {} },
  digests: hostDigests(),
  random: hostRandom(),
  wallClock,
  report: (event: SamogEvent) => void events.push(event),
};

function openKept(count = 1): Promise<InProcessCore> {
  const recovery = { directory, flushIntervalMs: 10, accountingIntervalMs: 1000 };
  return openCore(
    { ...exampleConfig, recovery, sessionManagers: { ...exampleConfig.sessionManagers, count } },
    dependencies,
  );
}

const told = (name: string) => events.filter((event) => event.name === name).map(({ text }) => text());
const usage = { uplinkPackets: 3, uplinkOctets: 300, downlinkPackets: 1, downlinkOctets: 90, lastActivity: undefined };

/** Two sessions, as if they had been set up here. */
function fill(core: InProcessCore): void {
  const live = established() as LiveSession;
  const at = now();
  const s2a = { ...live.durable.s2a, refreshAt: at + 1e6, expiresAt: at + 2e6 };
  const durable = { ...live.durable, s2a, createdAt: at, expiresAt: at + 1e7, binding: undefined };
  const ending = disconnecting() as DisconnectingSession;
  core.group.adopt([
    { session: { ...live, durable }, usage },
    { session: { ...ending, id: ending.id + 1, mac: (ending.mac + 1) as typeof ending.mac }, usage },
  ]);
  core.group.members[0]!.counters.add('session.attempted', 2);
  expect(core.group.reader.registry.size).toBe(2);
}

const packet = ['access-gre', 0, parseIp('192.0.2.1')!, 0, new Uint8Array(4)] as const;

/** After this another session manager has the sessions, and the store is told of all of them. */
function breakManager(core: InProcessCore): void {
  core.group.members[0]!.receive = () => {
    throw new Error('a broken table');
  };
  const at = now();
  for (let fault = 0; fault < 3; fault += 1) expect(() => core.receive(...packet, at)).toThrow('a broken table');
}

describe('the Restart Counter', () => {
  it('is that of the sessions that were kept, and a greater one where none were', async () => {
    const counterOf = async (use: (core: InProcessCore) => void = () => {}): Promise<number> => {
      const core = await openKept();
      use(core);
      await core.stop();
      return core.recovery()!.restartCounter!;
    };
    const first = await counterOf();
    expect(first).toBeGreaterThanOrEqual(restartCounterAt(wallClock()) - 5);
    const second = await counterOf();
    expect(second).toBeGreaterThan(first);
    const third = await counterOf((core) => {
      fill(core);
      breakManager(core);
    });
    expect(third).toBeGreaterThan(second);
    expect(await counterOf()).toBe(third);
    expect(await counterOf((core) => expect(core.group.reader.registry.size).toBe(2))).toBe(third);
  });
});

describe('a session manager that is broken', () => {
  it('is replaced by one that has its sessions', async () => {
    const core = await openKept();
    fill(core);
    const broken = core.group.members[0]!;
    const { counters } = broken;
    broken.receive = () => {
      throw new Error('a broken table');
    };
    const at = now();
    for (const fault of [1, 2]) expect(() => core.receive(...packet, at + fault)).toThrow('a broken table');
    expect(core.group.reader).toBe(broken);
    expect(() => core.receive(...packet, at + 3)).toThrow('a broken table');
    const next = core.group.members[0]!;
    expect(next).not.toBe(broken);
    expect(next.counters).toBe(counters);
    const [live, ending] = [...next.registry.sessions()].map(({ session }) => session);
    expect([live?.kind, ending?.kind]).toEqual(['Live', 'Disconnecting']);
    expect(next.flows.usage((live as LiveSession).durable.id)).toEqual(usage);
    core.receive(...packet, at + 4);
    expect(core.recovery()).toMatchObject({ managerRestarts: 1 });
    expect(told('session-manager-restarted')).toEqual([
      'session manager instance 1 was restarted after 3 faults: it has 2 sessions again, and has lost 0',
    ]);
    next.advance = () => {
      throw new Error('broken again');
    };
    next.nextDeadline = () => 0;
    for (let fault = 0; fault < 5; fault += 1) expect(() => core.advance(at + 100 + fault)).toThrow('broken again');
    expect(core.group.reader).toBe(next);
    for (let fault = 0; fault < 3; fault += 1) expect(() => core.advance(at + 61_000 + fault)).toThrow('broken again');
    expect(core.group.reader).not.toBe(next);
    await core.stop();
    const again = await openKept();
    expect(again.group.reader.registry.size).toBe(2);
    expect(told('sessions-recovered')).toHaveLength(1);
    await again.stop();
  });

  it.each([1, 2])('is not needed for an operator to restart instance %s of two', async (place) => {
    const core = await openKept(2);
    fill(core);
    const former = [...core.group.members];
    expect(core.sessions.restart(place)).toEqual({ ok: true, sessions: 1, lost: 0 });
    expect(core.group.members.map((manager, index) => manager === former[index])).toEqual([place === 2, place === 1]);
    expect(core.group.members.map(({ registry }) => registry.size)).toEqual([1, 1]);
    expect(told('session-manager-restarted')).toEqual([
      `session manager instance ${place} was restarted by an operator: it has 1 sessions again, and has lost 0`,
    ]);
    expect(core.sessions.restart(3)).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
    await core.stop();
    const again = await openKept(2);
    expect(again.group.reader.registry.size).toBe(2);
    await again.stop();
  });

  it('is not what has a fault now and then', async () => {
    const core = await openKept();
    const manager = core.group.members[0]!;
    manager.receive = () => {
      throw new Error('now and then');
    };
    const at = now();
    for (let fault = 0; fault < 10; fault += 1) {
      expect(() => core.receive(...packet, at + fault * 6000)).toThrow('now and then');
    }
    expect(core.group.reader).toBe(manager);
    await core.stop();
  });
});

describe('several session managers on one disk', () => {
  it('have each its sessions again after a restart, and as many of them may be another number', async () => {
    const two = await openKept(2);
    fill(two);
    expect(two.group.members.map(({ registry }) => registry.size)).toEqual([1, 1]);
    breakManager(two);
    await two.stop();
    const three = await openKept(3);
    expect(three.group.reader.registry.size).toBe(2);
    expect(three.group.reader.counters.get('session.attempted')).toBe(2);
    await three.stop();
    const one = await openKept(1);
    expect(one.group.members[0]!.registry.size).toBe(2);
    await one.stop();
  });

  it('lose nothing when one of them breaks, and the others serve on', async () => {
    const core = await openKept(2);
    fill(core);
    const [first, second] = core.group.members;
    second!.nextDeadline = () => 0;
    second!.advance = () => {
      throw new Error('broken');
    };
    const at = now();
    for (let fault = 0; fault < 3; fault += 1) expect(() => core.advance(at + fault)).toThrow('broken');
    expect(core.group.members[0]).toBe(first);
    expect(core.group.members[1]).not.toBe(second);
    expect(core.group.members.map(({ registry }) => registry.size)).toEqual([1, 1]);
    expect(told('session-manager-restarted')).toEqual([
      'session manager instance 2 was restarted after 3 faults: it has 1 sessions again, and has lost 0',
    ]);
    await core.stop();
    const again = await openKept(2);
    expect(again.group.reader.registry.size).toBe(2);
    await again.stop();
  });
});
