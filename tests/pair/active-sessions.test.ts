import { expect, it } from 'vitest';
import type { ReceiverMessage, SenderMessage } from '../../src/icsr/replication/replication-receiver.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import { noUsage } from '../../src/services/samog/checkpoints/saved-session.ts';
import type { BearerGrant } from '../../src/services/samog/grants.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { ActiveSessions } from '../../src/sessmgr/pair/active-sessions.ts';
import { replicationDefaults } from '../../src/sessmgr/pair/options.ts';
import { StandbySessions } from '../../src/sessmgr/pair/standby-sessions.ts';
import { configOf } from '../scenarios/memory-world.ts';
import { testDigests } from '../support/digests.ts';
import { established, establishedByDhcp, start } from '../support/session-samples.ts';

const options = { ...replicationDefaults, instance: 1 };
const session = established() as LiveSession;
const { id } = session.durable;

/** An active with one session that it has taken over, and a standby that hears it when `pump` says so. */
class Stream {
  now = start;
  readonly #down: SenderMessage[] = [];
  readonly #up: ReceiverMessage[] = [];
  readonly active: ActiveSessions;
  readonly #next: () => ActiveSessions;
  standby: StandbySessions;
  /** CMD-IDs of what has come. */
  readonly cmdIds: number[] = [];

  constructor(bearer?: BearerGrant) {
    const output = { send: () => {} };
    const random = new SeededRandom(1);
    const dependencies = { output, digests: testDigests, random, wallClock: () => 0, restartCounter: 1 };
    const clock = () => this.now;
    this.active = new ActiveSessions(options, configOf(), dependencies, clock, (message) => this.#down.push(message));
    this.#next = () => new ActiveSessions(options, configOf(), dependencies, clock, () => {});
    this.standby = this.#newStandby();
    const durable = { ...session.durable, bearer };
    const saved = { kind: 'Live', durable, request: undefined, usage: noUsage, idleAt: undefined } as const;
    this.active.hold(id, { saved, baseRevision: 1, newer: undefined }, start);
  }

  /** A standby that has nothing; the epoch has begun, and no session been sent in it. */
  connectNew(): void {
    this.standby = this.#newStandby();
    this.active.connected(this.now);
    this.standby.receiver.connected(this.now);
    this.pump();
    expect(this.active.sender.status(this.now)).toMatchObject({ state: 'ready', synchronised: false });
    this.cmdIds.length = 0;
  }

  pump(): void {
    while (this.#down.length + this.#up.length > 0) {
      for (const message of this.#up.splice(0)) this.active.receive(message, this.now);
      for (const message of this.#down.splice(0)) {
        if (message.kind === 'streamBatch') this.cmdIds.push(...message.records.map(({ cmdId }) => cmdId));
        this.standby.receiver.receive(message, this.now);
      }
    }
  }

  /** Lets time pass, for all that waits. */
  run(forMs: number): void {
    for (const end = this.now + forMs; this.now < end; this.now += 0.5) {
      this.active.advance(this.now);
      this.standby.receiver.advance(this.now);
      this.pump();
    }
  }

  promise(): { sent: boolean } {
    const reply = { sent: false };
    this.active.afterCheckpoint(id, this.now, () => {
      reply.sent = true;
    });
    return reply;
  }

  #newStandby(): StandbySessions {
    return new StandbySessions(
      options,
      this.#next(),
      [],
      () => this.now,
      (message) => this.#up.push(message),
    );
  }
}

it('a promise waits for the epoch in which it is made, whatever was acknowledged before', () => {
  const stream = new Stream();
  for (let connection = 0; connection < 2; connection += 1) {
    stream.connectNew();
    const reply = stream.promise();
    expect(reply.sent).toBe(false);
    stream.run(5);
    expect([reply.sent, stream.standby.size]).toEqual([true, 1]);
    // What has been acknowledged is not sent again.
    expect(stream.promise().sent).toBe(true);
    stream.active.disconnected(stream.now);
  }
  expect(stream.promise().sent).toBe(true);
});

it('a session that the epoch has not carried is sent whole in place of all that has changed of it', () => {
  const stream = new Stream();
  stream.connectNew();
  const { durable } = session;
  const changed: LiveSession = {
    ...session,
    durable: {
      ...durable,
      lease: (establishedByDhcp() as LiveSession).durable.lease,
      s2a: { ...durable.s2a, sequence: 77 },
    },
  };
  const { registry } = stream.active.manager;
  const place = registry.ofId(id)!;
  const change = (before: LiveSession, after: LiveSession) => {
    registry.replace(place, after);
    stream.active.changed(before, after, stream.now, undefined);
    stream.active.sender.flush(stream.now);
    stream.pump();
  };
  change(place.session as LiveSession, changed);
  expect(stream.cmdIds).toEqual([command.session.cmdId]);
  change(changed, { ...changed, durable: { ...changed.durable, s2a: { ...durable.s2a, sequence: 78 } } });
  expect(stream.cmdIds.slice(1)).toEqual([command.s2aBinding.cmdId]);
  expect([...stream.standby.records()]).toMatchObject([[id, { saved: { durable: { s2a: { sequence: 78 } } } }]]);
});

it.each([
  ['for voice', 1, [4, 258, 4]],
  ['for video', 2, [4, 258, 4]],
  ['for signalling of IMS', 5, [4, 258, 4]],
  ['of another kind', 9, [258, 258, 258]],
  ['of no QoS', undefined, [258, 258, 258]],
] as const)('what a session with a bearer %s has used is told by 4 or 258', (_, qci, expected) => {
  const bearer = { qci: qci!, priorityLevel: 8, mayPreempt: false, mayBePreempted: false, rates: undefined };
  const stream = new Stream(qci === undefined ? undefined : { ...bearer, source: 'accept' });
  stream.connectNew();
  stream.run(20);
  const { flows } = stream.active.manager;
  const used = (act: () => void): number => {
    stream.cmdIds.length = 0;
    flows.countUplink(flows.slotOfSession(id), 1000, stream.now);
    act();
    stream.pump();
    expect(stream.cmdIds).toHaveLength(1);
    return stream.cmdIds[0]!;
  };
  const afterAWhile = () => stream.run(1100);
  const told = [used(afterAWhile), used(afterAWhile), used(() => stream.active.finish(stream.now))];
  expect(told).toEqual(expected);
  const usage = { uplinkPackets: 3, uplinkOctets: 3000 };
  expect([...stream.standby.records()]).toMatchObject([[id, { saved: { usage } }]]);
  stream.run(5);
  stream.now += 18_000;
  stream.run(5);
  expect(used(afterAWhile)).toBe(expected[0]);
});

it('what many events of a long turn have changed leaves before the turn ends', () => {
  const stream = new Stream();
  stream.connectNew();
  stream.run(20);
  stream.cmdIds.length = 0;
  const place = stream.active.manager.registry.ofId(id)!;
  for (let sequence = 100; sequence < 140; sequence += 1) {
    const before = place.session as LiveSession;
    const { durable } = before;
    const after = { ...before, durable: { ...durable, s2a: { ...durable.s2a, sequence } } };
    stream.active.manager.registry.replace(place, after);
    stream.active.changed(before, after, stream.now, undefined);
  }
  stream.pump();
  expect(stream.cmdIds).toHaveLength(32);
  stream.active.sender.flush(stream.now);
  stream.pump();
  expect(stream.cmdIds).toHaveLength(40);
});
