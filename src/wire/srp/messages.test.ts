import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { type MacAddress, macOf } from '../../kernel/address.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { ordinalMax } from '../checkpoint/codec.ts';
import { describeMessage } from './describe.ts';
import { decodeMessage, encodeMessage, isMessageType, messageType } from './message-codec.ts';
import { type SrpMessage, type SrpMessageKind, srpMessages } from './messages.ts';
import { alarmSeverities, chassisStates, nackReasons, resyncReasons, storeRoles, switchoverReasons } from './names.ts';
import { srpVectors } from './vectors.ts';

const kinds = Object.keys(srpMessages) as SrpMessageKind[];

describe('SRP messages', () => {
  it.each(srpVectors)('$name: octets and value', ({ hex, value }) => {
    expect(toHex(encodeMessage(value!))).toBe(hex);
    expect(decodeMessage(messageType(value!.kind), fromHex(hex))).toEqual({ ok: true, value });
  });

  it('has a vector of each kind', () => {
    expect(new Set(srpVectors.map(({ name }) => name))).toEqual(new Set(kinds));
  });

  it.each(kinds)('%s: every prefix and mutation is harmless', (kind) => {
    const own = srpVectors.filter(({ name }) => name === kind);
    const check = (message: SrpMessage) => [encodeMessage(message), describeMessage(message)];
    assertRobust((octets) => decodeMessage(messageType(kind), octets), own, check);
  });

  it('refuses a type that it does not know', () => {
    expect(isMessageType(0)).toBe(false);
    expect(isMessageType(200)).toBe(false);
    expect(decodeMessage(200, new Uint8Array(0))).toEqual({ ok: false, reason: 'unsupported', offset: 0 });
  });

  it("takes a newer peer's reason for `other`, and refuses a state that it does not know", () => {
    expect(decodeMessage(messageType('goodbye'), Uint8Array.of(0x04, 99))).toEqual({
      ok: true,
      value: { kind: 'goodbye', reason: 'other' },
    });
    const hello = srpVectors.find(({ name }) => name === 'hello')!;
    const octets = fromHex(hello.hex);
    octets[1] = 99;
    expect(decodeMessage(messageType('hello'), octets)).toMatchObject({ ok: false, reason: 'unsupported' });
  });

  it('describes in one line, without secrets and payloads', () => {
    for (const { value } of srpVectors) {
      const line = describeMessage(value!);
      expect(line.startsWith(value!.kind)).toBe(true);
      expect(line).not.toContain('\n');
    }
    expect(describeMessage(srpVectors.find(({ name }) => name === 'hello')!.value!)).toBe(
      'hello #4711 PENDING_STANDBY primary route-modifier 3 priority 125 tiebreaker 02:00:5e:00:00:01' +
        ' sessions 100000 ready monitors-failed handing-over aaa-probe lineage 7 for 3600000 ms store 5 as standby',
    );
  });
});

const count = fc.maxSafeNat();
const place = fc.oneof(
  fc.constant(ordinalMax),
  fc.maxSafeNat().map((value) => value % ordinalMax),
);
const word = fc.integer({ min: 0, max: 0xffffffff });
const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const octets = (maxLength: number) => fc.uint8Array({ maxLength });
const nameOf = <T extends string>(table: Readonly<Record<T, number>>) =>
  fc.constantFrom(...(Object.keys(table) as T[]));
const kind = <K extends SrpMessageKind>(name: K) => fc.constant(name);

const anyMessage: fc.Arbitrary<SrpMessage> = fc.oneof(
  fc.record({
    kind: kind('hello'),
    state: nameOf(chassisStates),
    mode: fc.constantFrom('primary' as const, 'backup' as const),
    priority: word,
    routeModifier: word,
    tiebreaker: fc.integer({ min: 0, max: 0xffffffffffff }).map((value): MacAddress => macOf(value)),
    ready: fc.boolean(),
    handingOver: fc.option(nameOf(switchoverReasons), { nil: undefined }),
    wallClock: real,
    configurationDigest: octets(32),
    sessions: count,
    monitorsHealthy: fc.boolean(),
    number: place,
    lineage: fc.option(fc.record({ id: word, ageMs: place }), { nil: undefined }),
    instances: fc.option(word, { nil: undefined }),
    saidAt: fc.option(real, { nil: undefined }),
    heardSaidAt: fc.option(real, { nil: undefined }),
    store: fc.option(fc.record({ term: word, as: nameOf(storeRoles) }), { nil: undefined }),
  }),
  fc.record({
    kind: kind('streamBatch'),
    instance: word,
    epoch: place,
    firstSequence: place,
    records: fc.array(fc.record({ cmdId: word, nameIndex: word, callId: word, payload: octets(300), revision: word }), {
      maxLength: 5,
    }),
  }),
  fc.record({
    kind: kind('streamNack'),
    instance: word,
    epoch: place,
    callId: word,
    cmdId: word,
    nameIndex: word,
    reason: nameOf(nackReasons),
    sequence: place,
    serial: place,
  }),
  fc.record({
    kind: kind('resyncBegin'),
    instance: word,
    epoch: place,
    sessions: count,
    reason: nameOf(resyncReasons),
    sequence: place,
    buckets: fc.array(word),
  }),
  fc.record({
    kind: kind('configuration'),
    digest: octets(32),
    lines: fc.array(fc.string({ unit: 'grapheme' })),
    answerWanted: fc.boolean(),
  }),
  fc.record({
    kind: kind('acknowledgements'),
    taken: fc.array(
      fc.record({
        alarm: fc.string(),
        about: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
        severity: nameOf(alarmSeverities),
        by: fc.string(),
        wallClock: real,
        note: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
      }),
      { maxLength: 5 },
    ),
  }),
);

describe('any SRP message', () => {
  it('of a place that cannot be counted on from is refused', () => {
    const open = {
      kind: 'streamOpen',
      instance: 1,
      epoch: 0,
      lastAppliedSequence: 0,
      nacks: 0,
      refill: false,
    } as const;
    for (const field of ['epoch', 'lastAppliedSequence', 'nacks'] as const) {
      const read = (value: number) =>
        decodeMessage(messageType('streamOpen'), encodeMessage({ ...open, [field]: value }));
      expect(read(ordinalMax)).toMatchObject({ ok: true, value: { [field]: ordinalMax } });
      expect(read(ordinalMax + 1)).toMatchObject({ ok: false, reason: 'bad-value' });
    }
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMessage(messageType(message.kind), encodeMessage(message))).toEqual({ ok: true, value: message });
      }),
      { numRuns: 200 },
    );
  });
});
