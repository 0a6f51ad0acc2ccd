import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../kernel/random.ts';
import { checkpoints } from '../catalogue/catalogue.ts';
import type { SenderMessage } from './replication-receiver.ts';
import type { SenderConfig } from './sender-config.ts';
import { encodeFact, StreamWorld } from './stream-for-tests.ts';

function newWorld(config: Partial<SenderConfig> = {}): StreamWorld {
  return new StreamWorld(new SeededRandom(1), config);
}

/** Connected, and synchronised with so many sessions. */
function readyWorld(sessions: number, config: Partial<SenderConfig> = {}): StreamWorld {
  const world = newWorld(config);
  for (let callId = 1; callId <= sessions; callId += 1) world.create(callId);
  world.connect();
  world.runUntil(world.now + 100);
  expect(world.sender.status(world.now)).toMatchObject({ state: 'ready', synchronised: true, dirty: false });
  return world;
}

/** What the sender says from now on. */
function listen(world: StreamWorld): SenderMessage[] {
  const heard: SenderMessage[] = [];
  const receive = world.receiver.receive.bind(world.receiver);
  world.receiver.receive = (message, now) => {
    heard.push(message);
    receive(message, now);
  };
  return heard;
}

const recordsOf = (messages: readonly SenderMessage[]) =>
  messages.flatMap((message) => (message.kind === 'streamBatch' ? message.records : []));

describe('the stream', () => {
  it('begins with the identifier maps, then each session whole, and says when that is all', () => {
    const world = newWorld();
    const heard = listen(world);
    for (const callId of [1, 2]) expect(world.create(callId)).toBe(0);
    world.connect();
    world.runUntil(50);
    expect(heard.map(({ kind }) => kind)).toEqual(['resyncBegin', 'streamBatch', 'streamBatch', 'resyncEnd']);
    expect(heard[0]).toMatchObject({ reason: 'first-connection', sessions: 2, epoch: 1, buckets: [] });
    expect(recordsOf(heard)).toMatchObject([
      { callId: 0, ...checkpoints.serviceIdMapping.address },
      { callId: 1, cmdId: 256 },
      { callId: 2, cmdId: 256 },
    ]);
    expect(heard.at(-1)).toMatchObject({ sessions: 2 });
    const attempts = { attempts: 2, successes: 1, lastAttemptAgeMs: expect.any(Number) };
    expect(world.sender.checkpointsOf(1, 60)?.full).toMatchObject(attempts);
  });

  it('sends a batch at once while few are on their way, and else when it is full, one of them is acknowledged, or it is old', () => {
    const world = readyWorld(1, { batchRecords: 4, batchesInFlight: 2, batchDelayMs: 3 });
    const heard = listen(world);
    const start = world.now;
    for (let count = 0; count < 6; count += 1) world.change(1);
    world.runUntil(start + 5);
    expect(heard.map((message) => recordsOf([message]).length)).toEqual([4, 2]);
    for (let batches = 0; batches < 2; batches += 1) {
      world.change(1);
      expect(world.sender.nextDeadline()).toBe(world.now);
      world.sender.advance(world.now);
    }
    world.change(1);
    expect(world.sender.nextDeadline()).toBe(world.now + 3);
    const { epoch, lastSequence: last } = world.sender.status(world.now);
    const acknowledged = { kind: 'streamAck', instance: 1, epoch, sequence: last - 2, nacks: 0, gap: false } as const;
    world.sender.receive(acknowledged, world.now);
    expect(world.sender.nextDeadline()).toBe(world.now);
  });

  it('sends events that are told whole before the turn ends, once there are enough, while few batches are on their way', () => {
    const world = readyWorld(1, { awaitedRecords: 3, batchesInFlight: 2 });
    const heard = listen(world);
    const start = world.now;
    for (let count = 0; count < 12; count += 1) world.change(1);
    world.sender.flush(world.now);
    world.runUntil(start + 5);
    expect(heard.map((message) => recordsOf([message]).length)).toEqual([3, 3, 6]);
  });

  it('continues the epoch after a short break, with the instance records again', () => {
    const world = readyWorld(2);
    world.disconnect();
    const heard = listen(world);
    world.change(1);
    world.remove(2);
    world.connect();
    world.runUntil(world.now + 20);
    expect(recordsOf(heard).map(({ cmdId }) => cmdId === 0 || cmdId)).toEqual([expect.any(Number), 1, true]);
    expect(world.sender.status(world.now)).toMatchObject({ epoch: 1, continued: 1, synchronised: true, lagRecords: 0 });
    expect(world.records.size).toBe(1);
  });

  it.each([
    ['records', { backlogRecords: 4 }],
    ['octets', { backlogOctets: 400 }],
  ])('becomes a marked resynchronisation when the backlog overruns its %s', (_, bound) => {
    const world = readyWorld(2, bound);
    world.disconnect();
    for (let count = 0; count < 10; count += 1) world.change(1);
    expect(world.sender.status(world.now)).toMatchObject({ dirty: true, lagRecords: 0 });
    world.connect();
    world.runUntil(world.now + 50);
    const resyncs = { 'first-connection': 1, 'backlog-overrun': 1 };
    expect(world.sender.status(world.now)).toMatchObject({ epoch: 2, resyncs, synchronised: true, dirty: false });
    expect(world.resumed(1)).toEqual(world.standby.sessions.get(1));
  });

  it('begins anew for a receiver that names what cannot be', () => {
    const world = readyWorld(1);
    const { epoch, lastSequence } = world.sender.status(world.now);
    world.disconnect();
    world.sender.connected(world.now);
    const open = {
      kind: 'streamOpen',
      instance: 1,
      epoch,
      lastAppliedSequence: lastSequence + 1,
      nacks: 0,
      refill: false,
    } as const;
    world.sender.receive(open, world.now);
    expect(world.sender.status(world.now)).toMatchObject({ state: 'beginning', epoch: epoch + 1, continued: 0 });
  });

  it('begins anew for a peer that has become a standby anew on the same connection', () => {
    const world = readyWorld(3);
    const heard = listen(world);
    const { epoch } = world.sender.status(world.now);
    const open = {
      kind: 'streamOpen',
      instance: 1,
      epoch: 0,
      lastAppliedSequence: 0,
      nacks: 0,
      refill: false,
    } as const;
    world.sender.receive(open, world.now);
    world.runUntil(world.now + 100);
    expect(heard[0]).toMatchObject({ kind: 'resyncBegin', epoch: epoch + 1, sessions: 3 });
    expect(world.sender.status(world.now)).toMatchObject({ state: 'ready', synchronised: true, dirty: false });
  });

  it('sends a micro-checkpoint of a session that the epoch has not carried as a full one', () => {
    const world = newWorld({ bulkRecords: 1, bulkTickMs: 10 });
    for (let callId = 1; callId <= 20; callId += 1) world.create(callId);
    world.connect();
    world.runUntil(15);
    const heard = listen(world);
    expect(world.change(20)).toBeGreaterThan(0);
    world.runUntil(17);
    expect(recordsOf(heard)).toMatchObject([{ callId: 20, cmdId: 256, revision: 2 }]);
    world.runUntil(500);
    expect(recordsOf(heard).filter(({ callId }) => callId === 20)).toHaveLength(1);
  });

  it('sends the sessions of a resynchronisation in full batches, and what is said beside them at once', () => {
    const world = newWorld({ bulkRecords: 3, bulkTickMs: 1, batchRecords: 4, batchDelayMs: 50 });
    for (let callId = 1; callId <= 30; callId += 1) world.create(callId);
    world.connect();
    const heard = listen(world);
    world.runUntil(100);
    const sizes = heard.flatMap((message) => (message.kind === 'streamBatch' ? message.records.length : []));
    // The instance's records first; what the last batch lacks leaves with the end.
    expect(sizes.slice(1)).toEqual([4, 4, 4, 4, 4, 4, 4, 2]);
    const again = newWorld({ bulkRecords: 3, bulkTickMs: 5, batchRecords: 4, batchDelayMs: 50 });
    for (let callId = 1; callId <= 300; callId += 1) again.create(callId);
    again.connect();
    again.runUntil(20);
    again.change(300);
    expect(again.sender.nextDeadline()).toBe(again.now);
  });

  it('sends no part of a batch of a resynchronisation in the middle of a turn: nobody waits for it', () => {
    const world = newWorld({ bulkRecords: 3, bulkTickMs: 5, batchRecords: 4, batchDelayMs: 50, awaitedRecords: 1 });
    for (let callId = 1; callId <= 30; callId += 1) world.create(callId);
    world.connect();
    const heard = listen(world);
    for (let ms = 1; ms <= 100; ms += 1) {
      world.runUntil(ms);
      world.sender.told(world.now);
    }
    const sizes = heard.flatMap((message) => (message.kind === 'streamBatch' ? message.records.length : []));
    expect(sizes.slice(1)).toEqual([4, 4, 4, 4, 4, 4, 4, 2]);
  });

  it('does not let a resynchronisation delay live records', () => {
    const world = newWorld({ bulkRecords: 10, bulkTickMs: 5, bulkWindow: 20 });
    for (let callId = 1; callId <= 1000; callId += 1) world.create(callId);
    world.connect();
    world.runUntil(20);
    expect(world.sender.status(world.now).resynchronising).toBe(true);
    const before = world.now;
    let acknowledgedAt = Number.NaN;
    const onResult = (_: unknown, now: number) => {
      acknowledgedAt = now;
    };
    world.sender.whenAcknowledged({ callId: 1, sequence: world.change(1), deadline: before + 1000, onResult });
    world.runUntil(before + 50);
    expect(acknowledgedAt - before).toBeLessThan(5);
    expect(world.sender.status(world.now).resynchronising).toBe(true);
  });
});

describe('checkpoints in their time', () => {
  it('sends each session whole once in the interval, spread over it', () => {
    const world = readyWorld(60, { fullCheckpointIntervalMs: 60_000, auditIntervalMs: 1e9 });
    const heard = listen(world);
    world.runUntil(world.now + 30_000);
    const half = recordsOf(heard).filter(({ cmdId }) => cmdId === 256);
    expect(half.length).toBeGreaterThanOrEqual(29);
    expect(half.length).toBeLessThanOrEqual(31);
    world.runUntil(world.now + 31_000);
    const all = recordsOf(heard).filter(({ cmdId }) => cmdId === 256);
    expect(new Set(all.map(({ callId }) => callId)).size).toBe(60);
  });

  it('sends the instance level at its interval', () => {
    const world = readyWorld(0, { instanceLevelIntervalMs: 1000, auditIntervalMs: 1e9 });
    const heard = listen(world);
    world.runUntil(3500);
    expect(recordsOf(heard)).toHaveLength(3);
    const sequence = world.sender.instanceLevel(checkpoints.apnIdMapping.address, encodeFact(1), world.now);
    expect(sequence).toBe(world.sender.status(world.now).lastSequence);
  });

  it('sends no session below the minimum age', () => {
    const world = readyWorld(0, { minimumCallAgeMs: 1000 });
    const heard = listen(world);
    expect(world.create(1)).toBe(0);
    expect(world.change(1)).toBe(0);
    world.sender.present(2, world.now - 990);
    world.active.sessions.set(2, { revision: 3, facts: [1, 2, 3], since: 0 });
    world.runUntil(world.now + 500);
    expect(recordsOf(heard)).toMatchObject([{ callId: 2 }]);
    world.runUntil(world.now + 600);
    expect(recordsOf(heard)).toMatchObject([{ callId: 2 }, { callId: 1, revision: 2 }]);
  });
});

describe('repair', () => {
  it.each([
    ['conflict', 1],
    ['unknown-command', 0],
  ] as const)('answers a NACK of the instance level for a %s with %i rounds of its records', (result, rounds) => {
    const world = readyWorld(0);
    const heard = listen(world);
    world.standby.instanceResults.push(result);
    const { cmdId, nameIndex } = checkpoints.apnIdMapping.address;
    world.sender.instanceLevel({ cmdId, nameIndex }, encodeFact(1), world.now);
    world.runUntil(world.now + 5000);
    const again = recordsOf(heard).filter(({ callId }) => callId === 0);
    expect(again.length > 1 ? 1 : 0).toBe(rounds);
    expect(world.sender.statistics.kind(cmdId, nameIndex).nacked).toBe(1);
  });

  it('answers a NACK with the session whole, unless its CMD-ID is disabled', () => {
    const world = readyWorld(1);
    const heard = listen(world);
    world.standby.refusals = 1;
    world.change(1);
    world.runUntil(world.now + 1.2);
    world.standby.refusals = 0;
    world.runUntil(world.now + 20);
    expect(recordsOf(heard).map(({ cmdId }) => cmdId)).toEqual([expect.any(Number), 256]);
    const { cmdId, nameIndex } = recordsOf(heard)[0]!;
    expect(world.sender.statistics.kind(cmdId, nameIndex)).toMatchObject({ nacked: 1, acknowledged: 0, sent: 1 });
    for (const { cmdId } of [checkpoints.accessSwitch, checkpoints.sessionStatistics, checkpoints.reauthentication]) {
      world.sender.setNackEnabled(cmdId!, false);
    }
    world.standby.refusals = 1;
    world.change(1);
    world.runUntil(world.now + 2000);
    expect(world.sender.nackCounts()).toMatchObject({ send: 1, disabled: 1 });
  });

  it('finds by the next comparison what a standby without NACKs did not take', () => {
    const world = readyWorld(20, { auditIntervalMs: 1000, fullCheckpointIntervalMs: 1e9 });
    for (const { address } of [checkpoints.accessSwitch, checkpoints.sessionStatistics, checkpoints.reauthentication]) {
      world.receiver.setNackEnabled(address.cmdId, false);
    }
    world.standby.refusals = 1;
    world.change(5);
    world.runUntil(world.now + 20);
    world.standby.refusals = 0;
    expect(world.resumed(5)!.facts).not.toEqual(world.active.sessions.get(5)!.facts);
    expect(world.sender.audit(world.now)).toBe(true);
    const asked = world.now;
    world.runUntil(world.now + 20);
    expect(world.resumed(5)!.facts).toEqual(world.active.sessions.get(5)!.facts);
    const { lastAudit } = world.sender.status(world.now);
    expect(lastAudit?.bucketsDiffered).toBe(1);
    expect(lastAudit!.at).toBeGreaterThan(asked);
    expect(world.receiver.status().lastAudit?.bucketsDiffered).toBe(1);
    expect(world.sender.nackCounts()).toEqual({ send: 0, deferred: 0, suppressed: 0, disabled: 0 });
  });

  it('finds and repairs what differs, and leaves the other buckets alone', () => {
    const world = readyWorld(100, { auditIntervalMs: 1000, fullCheckpointIntervalMs: 1e9, buckets: 16 });
    // A memory fault on the standby, a session lost, and one that never was.
    const row = world.records.find(5)!;
    world.records.putMicro(row, 257, 0, 4, 99);
    world.standby.sessions.get(5)!.facts.fill(1);
    world.records.remove(6);
    world.records.putFull(1000, 4, 1, 0);
    world.standby.sessions.set(1000, { revision: 1, facts: [] });
    const heard = listen(world);
    world.runUntil(world.now + 1500);
    expect(world.sender.status(world.now)).toMatchObject({ bucketsDiffered: 3, dirty: false });
    expect([...world.records.callIds()].sort((a, b) => a - b)).toEqual([...world.active.sessions.keys()]);
    expect(world.resumed(5)).toMatchObject({ revision: 1, facts: world.active.sessions.get(5)!.facts });
    const repaired = new Set(recordsOf(heard).map(({ callId }) => callId % 16));
    expect([...repaired].sort((a, b) => a - b)).toEqual([5, 6, 8]);
    world.runUntil(world.now + 1000);
    expect(world.sender.status(world.now)).toMatchObject({ audits: 2, bucketsDiffered: 3 });
  });

  it('says that a session has ended of which the service knows nothing more', () => {
    const world = readyWorld(2);
    world.active.sessions.delete(1);
    world.crashReceiver();
    world.connect();
    world.runUntil(world.now + 50);
    expect([...world.records.callIds()]).toEqual([2]);
    expect(world.sender.status(world.now).sessions).toBe(1);
  });
});

describe('output commit', () => {
  function wait(world: StreamWorld, callId: number, sequence: number) {
    const results: string[] = [];
    const deadline = world.now + 50;
    const known = world.sender.whenAcknowledged({
      callId,
      sequence,
      deadline,
      onResult: (result) => results.push(result),
    });
    return { results, known };
  }

  it('ends with the acknowledgement', () => {
    const world = readyWorld(1);
    const sequence = world.change(1);
    const { results, known } = wait(world, 1, sequence);
    expect(known).toBe('waiting');
    world.runUntil(world.now + 5);
    expect(results).toEqual(['acknowledged']);
    expect(wait(world, 1, sequence).known).toBe('acknowledged');
    expect(world.sender.status(world.now)).toMatchObject({ unprotectedSessions: 0, waiting: 0 });
  });

  it('ends at the limit, and the session is unprotected until the record is acknowledged', () => {
    const world = readyWorld(1);
    world.setFaults({ loss: 1, duplication: 0, delayMaxMs: 0 });
    const { results } = wait(world, 1, world.change(1));
    world.runUntil(world.now + 51);
    expect(results).toEqual(['timeout']);
    expect(world.sender.status(world.now)).toMatchObject({ unprotectedSessions: 1, waiting: 0 });
    world.setFaults({ loss: 0, duplication: 0, delayMaxMs: 0 });
    world.runUntil(world.now + 2000);
    expect(world.sender.status(world.now).unprotectedSessions).toBe(0);
    expect(world.sender.commitCounts()).toEqual({ acknowledged: 0, timeout: 1, disconnected: 0 });
  });

  it('ends with the connection, and waits for nobody without one', () => {
    const world = readyWorld(2);
    const { results } = wait(world, 1, world.change(1));
    world.disconnect();
    expect(results).toEqual(['disconnected']);
    expect(wait(world, 2, world.change(2)).known).toBe('disconnected');
    expect(world.sender.status(world.now).unprotectedSessions).toBe(2);
    world.connect();
    world.runUntil(world.now + 20);
    expect(world.sender.status(world.now).unprotectedSessions).toBe(0);
  });

  it('leaves a session unprotected until the new epoch has carried it', () => {
    const world = readyWorld(20, { bulkRecords: 1, bulkTickMs: 4 });
    world.crashReceiver();
    wait(world, 20, world.change(20));
    world.connect();
    world.runUntil(world.now + 20);
    expect(world.records.size).toBeGreaterThan(1);
    expect(world.sender.status(world.now).unprotectedSessions).toBe(1);
    world.runUntil(world.now + 200);
    expect(world.sender.status(world.now).unprotectedSessions).toBe(0);
  });

  it('does not take a refused record for acknowledged', () => {
    const world = readyWorld(1);
    world.standby.refusals = 1;
    const { results } = wait(world, 1, world.change(1));
    world.runUntil(world.now + 40);
    expect(results).toEqual([]);
    expect(world.sender.status(world.now).lagRecords).toBe(0);
    world.runUntil(world.now + 20);
    expect(results).toEqual(['timeout']);
    world.standby.refusals = 0;
    world.runUntil(world.now + 5000);
    expect(world.sender.status(world.now).unprotectedSessions).toBe(0);
    expect(world.resumed(1)).toMatchObject({ revision: 2 });
  });
});
