import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macOf } from '../../src/kernel/address.ts';
import { ordinalMax } from '../../src/wire/checkpoint/codec.ts';
import { decodeMessage, encodeMessage, messageType } from '../../src/wire/srp/message-codec.ts';
import type { SrpMessage, SrpMessageOf } from '../../src/wire/srp/messages.ts';
import {
  chassisStates,
  nackReasons,
  resyncReasons,
  switchoverPhases,
  switchoverReasons,
} from '../../src/wire/srp/names.ts';
import { type PairNode, PairWorld } from './pair-world.ts';

/**
 * A peer that has the key and makes no sense: broken, or of a release with a bug. What it says is well-formed, near what
 * the stream is at, and in no order.
 */
function anyMessage(callId: number, epoch: number, payloads: readonly Uint8Array[]): fc.Arbitrary<SrpMessage> {
  const far = fc.oneof(fc.constantFrom(ordinalMax, ordinalMax - 1), fc.maxSafeNat());
  const near = fc.oneof(fc.constant(epoch), fc.nat({ max: 3 }), far);
  const sequence = fc.oneof(fc.nat({ max: 40 }), far);
  const instance = fc.constantFrom(1, 1, 1, 0, 2);
  const call = fc.constantFrom(callId, callId, 0, 7);
  const named = <T extends string>(table: Readonly<Record<T, number>>) =>
    fc.constantFrom(...(Object.keys(table) as T[]));
  const cmdId = fc.constantFrom(0, 1, 2, 4, 169, 190, 201, 256, 257, 258, 259, 260, 261, 262, 4000);
  const payload = fc.oneof(
    fc.constantFrom(...payloads),
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.constantFrom(...payloads), fc.nat(), fc.nat({ max: 255 })).map(([octets, at, value]) => {
      const damaged = octets.slice();
      damaged[at % damaged.length] = value;
      return damaged;
    }),
  );
  const record = fc.record({
    cmdId,
    nameIndex: fc.nat({ max: 5 }),
    callId: call,
    payload,
    revision: fc.nat({ max: 9 }),
  });
  const buckets = fc.array(fc.nat({ max: 20 }), { maxLength: 3 });
  const position = fc.record({ instance, epoch: near, sequence });
  const kind = <K extends SrpMessage['kind']>(name: K) => fc.constant(name);
  return fc.oneof(
    fc.record({
      kind: kind('streamBatch'),
      instance,
      epoch: near,
      firstSequence: sequence,
      records: fc.array(record, { maxLength: 4 }),
    }),
    fc.record({
      kind: kind('resyncBegin'),
      instance,
      epoch: near,
      sessions: fc.nat(),
      reason: named(resyncReasons),
      sequence,
      buckets,
    }),
    fc.record({ kind: kind('resyncEnd'), instance, epoch: near, sessions: fc.nat(), sequence }),
    fc.record({
      kind: kind('streamOpen'),
      instance,
      epoch: near,
      lastAppliedSequence: sequence,
      nacks: fc.nat(),
      refill: fc.boolean(),
    }),
    fc.record({ kind: kind('streamAck'), instance, epoch: near, sequence, nacks: fc.nat(), gap: fc.boolean() }),
    fc.record({
      kind: kind('streamNack'),
      instance,
      epoch: near,
      callId: call,
      cmdId,
      nameIndex: fc.nat({ max: 5 }),
      reason: named(nackReasons),
      sequence,
      serial: fc.nat({ max: 9 }),
    }),
    fc.record({
      kind: kind('digest'),
      instance,
      epoch: near,
      sequence,
      buckets: fc.array(fc.record({ index: fc.nat({ max: 20 }), high: fc.nat(), low: fc.nat(), count: fc.nat() }), {
        maxLength: 3,
      }),
    }),
    fc.record({ kind: kind('digestMismatch'), instance, epoch: near, sequence, buckets }),
    fc.record({
      kind: kind('switchover'),
      phase: named(switchoverPhases),
      reason: named(switchoverReasons),
      force: fc.boolean(),
      conditions: fc.constant([]),
      positions: fc.array(position, { maxLength: 2 }),
    }),
    fc.record({
      kind: kind('configuration'),
      digest: fc.uint8Array({ maxLength: 4 }),
      lines: fc.array(fc.string(), { maxLength: 3 }),
      answerWanted: fc.boolean(),
    }),
  );
}

/** A hello under a term that is so much above the highest. Its lineage, if its number is 0, is that of the pair. */
interface RaisedHello {
  readonly raised: number;
  readonly message: SrpMessageOf<'hello'>;
}

/** What a chassis says of itself, any of which may be untrue. */
const anyHello: fc.Arbitrary<RaisedHello> = fc.record({
  raised: fc.nat({ max: 3 }),
  message: fc.record({
    kind: fc.constant('hello' as const),
    state: fc.constantFrom(...(Object.keys(chassisStates) as (keyof typeof chassisStates)[])),
    mode: fc.constantFrom('primary' as const, 'backup' as const),
    priority: fc.constantFrom(0, 1, 125, 0xffffffff),
    routeModifier: fc.constantFrom(0, 1, 10, 0xffffffff),
    tiebreaker: fc.constantFrom(1, 2, 7).map(macOf),
    ready: fc.boolean(),
    handingOver: fc.option(fc.constantFrom('manual' as const, 'other' as const), { nil: undefined, freq: 1 }),
    wallClock: fc.constantFrom(0, -1e300, 1e300),
    configurationDigest: fc.uint8Array({ maxLength: 2 }),
    sessions: fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER),
    monitorsHealthy: fc.boolean(),
    number: fc.nat(),
    lineage: fc.option(
      fc.record({ id: fc.constantFrom(0, 0, 1), ageMs: fc.constantFrom(0, ordinalMax, Number.MAX_SAFE_INTEGER) }),
      { nil: undefined },
    ),
    instances: fc.constantFrom(undefined, 0, 1, 2, 0xffffffff),
    saidAt: fc.constantFrom(undefined, 0, 1e300, -1e300),
    heardSaidAt: fc.constantFrom(undefined, 0, 1e300),
    store: fc.constantFrom(undefined, { term: 0, as: 'alone' as const }, { term: 0xffffffff, as: 'standby' as const }),
  }),
});

/** A pair with a session, what has been said of it, and where the stream is. */
function prepared() {
  const pair = new PairWorld();
  const payloads: Uint8Array[] = [];
  let epoch = 0;
  pair.says.A = (message) => {
    if (message.kind !== 'streamBatch') return message;
    epoch = message.epoch;
    payloads.push(...message.records.map(({ payload }) => payload.slice()));
    return message;
  };
  pair.world.run(1000);
  pair.world.ue.moveTo(pair.world.rg1, 'dhcp-discover', pair.world.now);
  pair.world.run(1500);
  const [id] = [...pair.a.chassis.manager.registry.sessions()].map(({ session }) =>
    session.kind === 'Live' ? session.durable.id : 0,
  );
  return { pair, payloads: payloads.filter(({ length }) => length > 0), epoch, id: id! };
}

/** Says what can be read: a connection with anything else is over, and has tests of its own. */
function tell(pair: PairWorld, node: PairNode, messages: readonly SrpMessage[]): void {
  for (const said of messages) {
    const heard = decodeMessage(messageType(said.kind), encodeMessage(said));
    if (!heard.ok) continue;
    const { highest: term } = node.chassis.chassis.term;
    node.chassis.linkHeard({ term, message: heard.value }, node.clock(pair.world.now));
    pair.world.run(1);
  }
}

/** As `tell`. */
function tellUnder(pair: PairWorld, node: PairNode, hellos: readonly RaisedHello[]): void {
  const lineageId = pair.a.chassis.chassis.lineage!.id;
  for (const { raised, message } of hellos) {
    const lineage = message.lineage && { ...message.lineage, id: message.lineage.id || lineageId };
    const heard = decodeMessage(messageType(message.kind), encodeMessage({ ...message, lineage }));
    if (!heard.ok) continue;
    const term = node.chassis.chassis.term.highest + raised;
    node.chassis.linkHeard({ term, message: heard.value }, node.clock(pair.world.now));
    pair.world.run(1);
  }
}

const { payloads, epoch, id } = prepared();
const messages = fc.array(anyMessage(id, epoch, payloads), { maxLength: 12 });

describe('a peer that makes no sense', () => {
  it('costs the active none of its sessions', () => {
    fc.assert(
      fc.property(messages, (said) => {
        const { pair } = prepared();
        const { path, a } = pair;
        // A hand-over is asked for by the peer only when it is the active: that is another test's.
        tell(
          pair,
          a,
          said.filter((message) => message.kind !== 'switchover'),
        );
        expect([a.state, pair.active, pair.path]).toEqual(['ACTIVE', a, path]);
        expect(a.chassis.manager.crashes).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves the standby whole sessions or none, and silent', () => {
    fc.assert(
      fc.property(messages, (said) => {
        const { pair } = prepared();
        const { b } = pair;
        tell(
          pair,
          b,
          said.filter((message): message is Exclude<SrpMessage, SrpMessageOf<'switchover'>> => {
            return message.kind !== 'switchover';
          }),
        );
        pair.kill(pair.a);
        pair.world.run(500);
        expect(b.state).toBe('ACTIVE');
        const { registry, flows } = b.chassis.manager;
        for (const { session } of registry.sessions()) {
          if (session.kind === 'Live') expect(flows.readBack(session.durable.id)).toBeDefined();
        }
        expect(pair.unduly).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('that asks for what it likes of switchovers leaves one chassis that serves', () => {
    fc.assert(
      fc.property(messages, fc.boolean(), (said, toActive) => {
        const { pair } = prepared();
        tell(pair, toActive ? pair.a : pair.b, said);
        pair.world.run(30_000);
        const serving = [pair.a, pair.b].filter(({ chassis }) => chassis.serves);
        expect(serving).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });

  it('that says of itself what it likes leaves one chassis that serves, and takes on what the other has', () => {
    fc.assert(
      fc.property(fc.array(anyHello, { minLength: 1, maxLength: 6 }), fc.boolean(), (said, toActive) => {
        const { pair } = prepared();
        tellUnder(pair, toActive ? pair.a : pair.b, said);
        pair.world.run(30_000);
        const ready = [pair.a, pair.b].filter(({ isReady }) => isReady);
        const serving = [pair.a, pair.b].filter(({ chassis }) => chassis.serves);
        expect([serving.length, ready.length]).toEqual([1, 1]);
      }),
      { numRuns: 40 },
    );
  });
});
