import { describe, expect, it } from 'vitest';
import { macOf } from '../../src/kernel/address.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import {
  type CheckpointContext,
  diff,
  fullCheckpoint,
  statisticsCheckpoint,
} from '../../src/services/samog/checkpoints/diff.ts';
import { noUsage } from '../../src/services/samog/checkpoints/saved-session.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { ActiveSessions } from '../../src/sessmgr/pair/active-sessions.ts';
import { replicationDefaults } from '../../src/sessmgr/pair/options.ts';
import { revisionOf, StandbySessions } from '../../src/sessmgr/pair/standby-sessions.ts';
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

function standby(): StandbySessions {
  return new StandbySessions(
    options,
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
    const [record] = [...held.records()];
    expect(record).toMatchObject({ saved: { durable: session.durable, usage: { uplinkPackets: 9 } } });
    expect(revisionOf(record!)).toBe(9);
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

describe('the sessions of the active', () => {
  it('have revisions above those of the records they came from', () => {
    const held = standby();
    held.keep(
      id,
      { kind: 'Live', durable: session.durable, request: undefined, usage: noUsage, idleAt: undefined },
      41,
    );
    const active = new ActiveSessions(
      options,
      configOf(),
      {
        output: { send: () => {} },
        digests: testDigests,
        random: new SeededRandom(1),
        wallClock: () => 0,
        restartCounter: 1,
      },
      () => start,
      () => {},
    );
    expect(active.adopt(held.records(), start)).toBe(0);
    expect(active.differing()).toEqual([]);
    expect(active.encode(id)?.revision).toBe(42);
    active.manager.flows.remove(id);
    expect(active.differing()).toEqual([id]);
  });
});
