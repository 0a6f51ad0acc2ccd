import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../kernel/random.ts';
import { StreamWorld } from './stream-for-tests.ts';

/** What a run must never show; each is a reason to fail with the seed. */
class Checker {
  readonly #world: StreamWorld;
  /** Revisions that the standby has acknowledged, by session; forgotten with the standby's memory. */
  readonly #promised = new Map<number, number>();

  constructor(world: StreamWorld) {
    this.#world = world;
  }

  /** Asks for the acknowledgement of what a session is now. */
  promise(callId: number, sequence: number): void {
    const { active, sender, now } = this.#world;
    const session = active.sessions.get(callId)!;
    const { revision } = session;
    const acknowledged = () => {
      this.#promised.set(callId, Math.max(revision, this.#promised.get(callId) ?? 0));
      this.check();
    };
    const result = sender.whenAcknowledged({
      callId,
      sequence,
      deadline: now + 50,
      onResult: (ending) => {
        if (ending === 'acknowledged' && active.sessions.get(callId) === session) acknowledged();
      },
    });
    if (result === 'acknowledged') acknowledged();
  }

  removed(callId: number): void {
    this.#promised.delete(callId);
  }

  receiverCrashed(): void {
    this.#promised.clear();
  }

  check(): void {
    const { sender, config, now, records } = this.#world;
    for (const [callId, revision] of this.#promised) {
      const held = records.find(callId);
      if (held === undefined || records.revision(held) < revision) {
        throw new Error(`at ${now} session ${callId} was acknowledged at revision ${revision} and is not held`);
      }
    }
    const status = sender.status(now);
    if (status.lagRecords > config.backlogRecords || status.backlogOctets > config.backlogOctets) {
      throw new Error(`at ${now} the backlog has ${status.lagRecords} records, ${status.backlogOctets} octets`);
    }
  }

  /** Whatever is held is what the active had at that revision: nothing half applied, nothing mixed. */
  checkContent(): void {
    const { active, standby, records, now } = this.#world;
    if (standby.sessions.size !== records.size) throw new Error(`at ${now} service and records hold other sessions`);
    for (const callId of records.callIds()) {
      if (standby.incomplete.has(callId)) continue;
      const resumed = this.#world.resumed(callId)!;
      for (const held of [resumed, standby.sessions.get(callId)!]) {
        if (!active.wasOnce(callId, held)) throw new Error(`at ${now} session ${callId} holds ${JSON.stringify(held)}`);
      }
    }
  }

  /** Nothing waits to be sent or repaired, and both hold the same. */
  checkConverged(): void {
    const { active, records, sender, receiver, now } = this.#world;
    const status = sender.status(now);
    expect(status).toMatchObject({ state: 'ready', synchronised: true, dirty: false, lagRecords: 0, waiting: 0 });
    expect(status).toMatchObject({ unprotectedSessions: 0, sessions: active.sessions.size });
    expect(receiver.status()).toMatchObject({ synchronised: true, appliedSequence: status.acknowledgedSequence });
    const revisions = (entries: Iterable<[number, number]>) => [...entries].sort(([a], [b]) => a - b);
    const own = [...active.sessions].map(([callId, { revision }]): [number, number] => [callId, revision]);
    const held = [...records.entries()].map(([callId, row]): [number, number] => [callId, records.revision(row)]);
    expect(revisions(held)).toEqual(revisions(own));
    expect(this.#world.standby.incomplete).toEqual(new Set());
    this.checkContent();
  }
}

/** A random life of both chassis, from the seed alone. */
function run(seed: number): { resyncs: number; refusals: number; acknowledged: number; continued: number } {
  const random = new SeededRandom(seed);
  const world = new StreamWorld(random, {
    backlogRecords: random.pick([8, 64, 4096]),
    batchRecords: random.pick([1, 4, 256]),
    batchesInFlight: random.pick([1, 2, 4]),
    awaitedRecords: random.pick([1, 3, 16]),
    bulkRecords: random.pick([1, 4, 512]),
    bulkWindow: random.pick([4, 2048]),
    retransmitMs: 20,
    retransmitMaxMs: 100,
    auditIntervalMs: 200,
    fullCheckpointIntervalMs: 10_000,
    minimumCallAgeMs: random.pick([0, 0, 0, 30]),
    nacks: { backOffMs: 10, backOffMaxMs: 100, fullsPerSecond: 1000, burst: 4 },
  });
  const checker = new Checker(world);
  const totals = { resyncs: 0, refusals: 0, acknowledged: 0, continued: 0 };
  const account = () => {
    totals.acknowledged += world.sender.commitCounts().acknowledged;
    const { resyncs, continued } = world.sender.status(world.now);
    totals.resyncs += Object.values(resyncs).reduce((sum, count) => sum + count, 0);
    totals.continued += continued;
    totals.refusals += world.sender.nackCounts().send;
  };
  const disturb = {
    faults: () => {
      world.setFaults({
        loss: random.pick([0, 0.02, 0.3]),
        duplication: random.pick([0, 0.2]),
        delayMaxMs: random.pick([0, 0, 5]),
      });
      world.standby.refusals = random.pick([0, 0, 0.1]);
    },
    link: () => (world.isConnected ? world.disconnect() : world.connect()),
    receiver: () => {
      world.crashReceiver();
      checker.receiverCrashed();
    },
    sender: () => {
      account();
      world.crashSender();
    },
  };
  world.connect();
  for (let step = 0; step < 150; step += 1) {
    const callIds = [...world.active.sessions.keys()];
    const roll = random.below(100);
    if (roll < 20 && callIds.length < 30) {
      // Few numbers, so that some are used again.
      const callId = 1 + random.below(60);
      if (!world.active.sessions.has(callId)) checker.promise(callId, world.create(callId));
    } else if (roll < 75 && callIds.length > 0) {
      const callId = random.pick(callIds);
      for (let count = random.pick([1, 1, 1, 20]); count > 0; count -= 1) checker.promise(callId, world.change(callId));
    } else if (roll < 80 && callIds.length > 0) {
      const callId = random.pick(callIds);
      checker.removed(callId);
      world.remove(callId);
    } else if (roll < 90) {
      disturb[random.pick(['faults', 'faults', 'link', 'link', 'link', 'receiver', 'sender'] as const)]();
    }
    world.runUntil(world.now + random.pick([0, 0.5, 3, 30]), () => checker.check());
    if (step % 5 === 0) checker.checkContent();
  }
  world.setFaults({ loss: 0, duplication: 0, delayMaxMs: 0 });
  world.standby.refusals = 0;
  world.connect();
  world.runUntil(world.now + 2000);
  // The periodic full checkpoints go on: look between two of them.
  for (let ms = 0; ms < 100 && world.sender.status(world.now).lagRecords > 0; ms += 1) world.runUntil(world.now + 1);
  checker.checkConverged();
  account();
  return totals;
}

describe('a stream between two chassis that fail', () => {
  it('loses nothing that was acknowledged, holds only what was, and converges', () => {
    const totals = { resyncs: 0, refusals: 0, acknowledged: 0, continued: 0 };
    for (let seed = 1; seed <= 1000; seed += 1) {
      try {
        const { resyncs, refusals, acknowledged, continued } = run(seed);
        totals.resyncs += resyncs;
        totals.refusals += refusals;
        totals.acknowledged += acknowledged;
        totals.continued += continued;
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    // The runs have to reach what they are about.
    expect(totals.resyncs).toBeGreaterThan(1000);
    expect(totals.refusals).toBeGreaterThan(1000);
    expect(totals.acknowledged).toBeGreaterThan(10_000);
    expect(totals.continued).toBeGreaterThan(500);
  }, 120_000);
});
