import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataAtRgB } from '../../../../tests/support/session-observations.ts';
import {
  deregistered,
  disconnecting,
  established,
  establishedByDhcp,
  play,
  released,
  start,
} from '../../../../tests/support/session-samples.ts';
import { ipv4Of, parseIpv6 } from '../../../kernel/address.ts';
import { never } from '../../../kernel/instant.ts';
import { text } from '../../../wire/checkpoint/codec.ts';
import { payloadOf } from '../../../wire/checkpoint/payload.ts';
import { field, recordOf } from '../../../wire/checkpoint/record.ts';
import { unionOf, variant } from '../../../wire/checkpoint/union.ts';
import type { DisconnectingSession, LiveSession } from '../session/state.ts';
import { durableFields } from './fields.ts';
import { decodeFull, encodeFull, namesOfFull } from './full-checkpoint.ts';
import { encodeAt } from './instant-codec.ts';
import { noUsage, type SavedLive, type SavedSession, savedOf } from './saved-session.ts';

const ip6 = (address: string) => parseIpv6(address)!;

/** What a UE has used: numbers of a busy session. */
const usage = {
  uplinkPackets: 1_234_567,
  uplinkOctets: 98_765_432_100,
  downlinkPackets: 2_345_678,
  downlinkOctets: 3_210_987_654_321,
  lastActivity: start - 250,
};

const save = (session: LiveSession | DisconnectingSession) => savedOf(session, usage);
const moved = () => play(established(), [dataAtRgB]).session as LiveSession;

/** Every field that may be absent is present, and every address is IPv6. */
function everything(): SavedLive {
  const { durable } = moved();
  const peer = ip6('2001:db8::1');
  return {
    kind: 'Live',
    durable: {
      ...durable,
      subscriber: {
        nai: 'ué@example',
        apn: 'internet',
        lma: ip6('2001:db8::100'),
        homeAddress: ipv4Of(0x0a000007),
        sessionTimeoutSeconds: 86_400,
        idleTimeoutSeconds: 0,
        classes: [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(253).fill(0xff)],
        chargeableUserIdentity: new Uint8Array(0),
        imsi: '001010123456789',
        userName: 'us',
        interimIntervalSeconds: 600,
        terminationAction: 'ask',
        state: Uint8Array.of(7, 0),
      },
      accessLists: { uplink: 'no-mail-relay', downlink: undefined },
      ambr: { uplinkKbps: 1000, downlinkKbps: 4_294_967_295, source: 'change' },
      bearer: {
        qci: 1,
        priorityLevel: 15,
        mayPreempt: true,
        mayBePreempted: false,
        rates: { uplinkKbps: 2 ** 40 - 1, downlinkKbps: 0, uplinkGuaranteedKbps: 1, downlinkGuaranteedKbps: 2 },
        source: 'accept',
      },
      addresses: [
        { address: ip6('2001:db8:1::7'), prefixLength: 64, router: ip6('fe80::1') },
        { address: ipv4Of(0x0a000007), prefixLength: 0, router: ipv4Of(0) },
      ],
      access: { kind: 'eogre', peer, key: 0, vlan: 4094 },
      s2a: { ...durable.s2a, peer, uplinkKey: 0xffffffff },
      binding: {
        mag: peer,
        magPort: 65_535,
        nai: 'a@b',
        sequence: 0xffff,
        timestamp: 1_700_000_000_000 + 1 / 65.536,
        lifetimeSeconds: 262_140,
        expiresAt: never,
      },
      lease: { state: 'offered', expiresAt: start + 1, relayInformation: Uint8Array.of(1, 2, 0, 0) },
      moves: { ...durable.moves, previous: durable.access, lastTimestamp: start },
      cleanups: [{ mag: peer, magPort: 1, nai: 'x', trigger: 7, sequence: 9, attempt: 2, nextAt: start - 5 }],
      phase: { kind: 'Deregistered', until: start + 9_999 },
      expiresAt: start + 1_000_000,
      reauthorization: {
        revision: 3,
        answered: { client: peer, port: 65_535, identifier: 255, authenticator: new Uint8Array(16).fill(0xfe) },
      },
    },
    request: { purpose: 'refresh', firstSequence: 65_535, sequence: 1, attempt: 3, retryAt: start + 4000 },
    usage,
    idleAt: start + 60_000,
  };
}

const samples: readonly (readonly [string, () => SavedSession])[] = [
  ['Established by PMIPv6', () => save(established())],
  ['Established by EoGRE', () => save(establishedByDhcp())],
  ['moved by its data', () => save(moved())],
  ['Released', () => save(released())],
  ['Deregistered', () => save(deregistered())],
  ['Disconnecting', () => save(disconnecting() as DisconnectingSession)],
  ['everything there is, IPv6', everything],
];

describe('a full checkpoint', () => {
  it.each(samples)('of a session %s is read as it was written', (_, sample) => {
    const saved = sample();
    const read = decodeFull(encodeFull(saved, 41, start), start);
    expect(read).toEqual({ ok: true, value: { saved, baseRevision: 41, newer: undefined, unknownFields: 0 } });
  });

  it.each(samples)('of a session %s tells by what the session is found, if it is live', (_, sample) => {
    const saved = sample();
    const read = namesOfFull(encodeFull(saved, 41, start));
    if (saved.kind !== 'Live') return expect(read).toEqual({ ok: true, value: undefined });
    const { id, mac, nai, addresses, access, moves, s2a } = saved.durable;
    const { previous } = moves;
    const { downlinkKey } = s2a;
    const names = { id, mac, nai, addresses, access, moves: { previous }, s2a: { downlinkKey } };
    return expect(read).toEqual({ ok: true, value: names });
  });

  it('moves deadlines to the clock of the reader', () => {
    const ahead = 123_456_789;
    const saved = save(deregistered()) as SavedLive;
    const read = decodeFull(encodeFull(saved, 1, start), start + ahead);
    const { durable, usage: used } = (read.ok ? read.value.saved : undefined) as SavedLive;
    expect(durable.phase).toEqual({ kind: 'Deregistered', until: start + ahead + 10_000 });
    expect(durable.s2a.expiresAt).toBe(saved.durable.s2a.expiresAt + ahead);
    expect(durable.createdAt).toBe(saved.durable.createdAt + ahead);
    expect(durable.expiresAt).toBe(never);
    expect(durable.moves.dataWindowStart).toBe(Number.NEGATIVE_INFINITY);
    expect(used.lastActivity).toBe(start + ahead - 250);
  });

  it('rounds a fraction of a millisecond', () => {
    const saved = save(established()) as SavedLive;
    const read = decodeFull(encodeFull(saved, 1, start + 0.25), start + 0.25);
    const { durable } = (read.ok ? read.value.saved : undefined) as SavedLive;
    expect(Math.abs(durable.s2a.expiresAt - saved.durable.s2a.expiresAt)).toBeLessThanOrEqual(0.5);
  });

  it('of a typical session has fewer than 300 octets', () => {
    const sizes = samples.slice(0, 6).map(([, sample]) => encodeFull(sample(), 1, start).length);
    expect(Math.max(...sizes)).toBeLessThan(300);
  });
});

describe('between releases', () => {
  const future = field(60, text);

  it('what a later one added is skipped and counted, and the rest is read', () => {
    const later = payloadOf(
      2,
      recordOf({
        session: field(
          1,
          unionOf('kind', {
            Live: variant(1, recordOf({ durable: field(1, recordOf({ ...durableFields, future })), future })),
          }),
        ),
        future,
      }),
    );
    const { durable } = moved();
    const session = { kind: 'Live', durable: { ...durable, future: 'one' }, future: 'two' } as const;
    const bytes = encodeAt(start, later, { session, future: 'three' }, { baseRevision: 3, revision: 3 });
    expect(decodeFull(bytes, start)).toEqual({
      ok: true,
      value: {
        saved: { kind: 'Live', durable, request: undefined, usage: noUsage, idleAt: undefined },
        baseRevision: 3,
        newer: undefined,
        unknownFields: 3,
      },
    });
  });

  it('what an earlier one lacked takes its value for absence', () => {
    const { subscriber, lease, cleanups, eogreFlow, createdAt, ...former } = durableFields;
    const earlier = payloadOf(
      1,
      recordOf({
        session: field(1, unionOf('kind', { Live: variant(1, recordOf({ durable: field(1, recordOf(former)) })) })),
      }),
    );
    const { durable } = establishedByDhcp();
    const value = { session: { kind: 'Live', durable } } as const;
    const read = decodeFull(encodeAt(start, earlier, value, { baseRevision: 1, revision: 1 }), start);
    expect(read).toMatchObject({
      ok: true,
      value: { unknownFields: 0, saved: { durable: { id: durable.id, lease: undefined, cleanups: [] } } },
    });
  });
});

describe('bad input', () => {
  const whole = encodeFull(everything(), 1, start);

  it('is refused wherever the payload is cut', () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeFull(whole.subarray(0, length), start).ok, `${length} octets`).toBe(false);
    }
  });

  it('never throws, and what is read of it can be written', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, octet) => {
        const bytes = whole.slice();
        bytes[at] = octet;
        const read = decodeFull(bytes, start);
        if (read.ok) encodeFull(read.value.saved, 1, start);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a session without an address', () => {
    const saved = save(established()) as SavedLive;
    const bytes = encodeFull({ ...saved, durable: { ...saved.durable, addresses: [] } }, 1, start);
    expect(decodeFull(bytes, start)).toMatchObject({ ok: false, reason: 'bad-value' });
    expect(namesOfFull(bytes)).toMatchObject({ ok: false, reason: 'bad-value' });
  });

  it('is refused by who reads the names alone as by who reads all', () => {
    const verdict = (bytes: Uint8Array) => {
      const [all, names] = [decodeFull(bytes, start), namesOfFull(bytes)];
      return [all.ok ? 'read' : all, names.ok ? 'read' : names];
    };
    for (let length = 0; length < whole.length; length += 1) {
      const [all, names] = verdict(whole.subarray(0, length));
      expect(names, `${length} octets`).toEqual(all);
    }
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, octet) => {
        const bytes = whole.slice();
        bytes[at] = octet;
        const [all, names] = verdict(bytes);
        expect(names).toEqual(all);
      }),
      { numRuns: 500 },
    );
  });
});
