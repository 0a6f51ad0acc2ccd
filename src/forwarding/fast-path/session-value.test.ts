import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of, macOf } from '../../kernel/address.ts';
import type { FastAccessPath, FastSession } from './fast-session.ts';
import { sessionAt, sessionOctets, sessionValueOctets } from './layout.ts';
import { hasSession, readFastSession, replaceSession, writeFastSession } from './session-value.ts';

const u32 = fc.nat(0xffffffff);
const address = u32.map(ipv4Of);
const innerMtu = fc.integer({ min: 68, max: 0xffff });
const path: fc.Arbitrary<FastAccessPath | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({
    kind: fc.constant('eogre' as const),
    peer: address,
    key: fc.option(u32, { nil: undefined }),
    vlan: fc.option(fc.integer({ min: 1, max: 4094 }), { nil: undefined }),
    innerMtu,
  }),
  fc.record({ kind: fc.constant('pmipv6' as const), peer: address, key: u32, vlan: fc.constant(undefined), innerMtu }),
);
const session: fc.Arbitrary<FastSession> = fc.record({
  id: fc.integer({ min: 1, max: 0xffffffff }),
  mac: fc.maxSafeNat().map((number) => macOf(number % 2 ** 48)),
  address,
  router: address,
  access: path,
  previous: path,
  previousUntil: fc.maxSafeNat(),
  lma: address,
  lmaKey: u32,
  lmaInnerMtu: innerMtu,
  mssMax: fc.nat(0xffff),
  limited: fc.boolean(),
  uplinkList: fc.nat(255),
  downlinkList: fc.nat(255),
  heldBack: fc.boolean(),
  untold: fc.boolean(),
});

const values = new DataView(new ArrayBuffer(3 * sessionOctets));

describe('a session as a value of the map', () => {
  it('is read as it was written, and touches nothing beside it', () => {
    fc.assert(
      fc.property(session, (written) => {
        new Uint8Array(values.buffer).fill(0xff);
        writeFastSession(values, sessionOctets, written);
        expect(readFastSession(values, sessionOctets)).toEqual(written);
        expect(new Uint8Array(values.buffer, 0, sessionOctets).every((octet) => octet === 0xff)).toBe(true);
        expect(new Uint8Array(values.buffer, 2 * sessionOctets).every((octet) => octet === 0xff)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is none where all octets are zero', () => {
    expect(readFastSession(new DataView(new ArrayBuffer(sessionOctets)), 0)).toBeUndefined();
  });

  const [example] = fc.sample(session, { numRuns: 1, seed: 1 });
  it.each([
    [Number.POSITIVE_INFINITY, 2 ** 64],
    [-1, 0],
    [1.5, 1],
    [2 ** 40 + 3, 2 ** 40 + 3],
  ])('has the time %d as %d', (time, read) => {
    writeFastSession(values, 0, { ...example!, previousUntil: time });
    expect(readFastSession(values, 0)!.previousUntil).toBe(read);
  });
});

describe('a session in the kernel memory', () => {
  const places = 3;
  const words = new Int32Array((places * sessionOctets) / 4);
  const value = new Uint8Array(sessionValueOctets).map((_, index) => index + 1);
  value.fill(0, 0, sessionAt.id);

  it('is replaced with a version that is even again, and its usage and its neighbours stay', () => {
    words.fill(-1);
    words[sessionOctets / 4] = 8;
    replaceSession(words, 1, value);
    expect(words[sessionOctets / 4]).toBe(10);
    const octets = new Uint8Array(words.buffer);
    const at = sessionOctets;
    expect(octets.slice(at + sessionAt.id, at + sessionValueOctets)).toEqual(value.slice(sessionAt.id));
    const beside = [...octets.slice(0, at), ...octets.slice(at + sessionValueOctets)];
    expect(beside.every((octet) => octet === 0xff)).toBe(true);
    expect(hasSession(words, 1, value)).toBe(true);
    expect(
      hasSession(
        words,
        1,
        value.map((octet, at) => (at === sessionAt.mss_max ? octet + 1 : octet)),
      ),
    ).toBe(false);
  });

  it('is not as it is to be where somebody stopped in the middle, and is once it was replaced', () => {
    replaceSession(words, 1, value);
    words[sessionOctets / 4]! += 1;
    expect(hasSession(words, 1, value)).toBe(false);
    replaceSession(words, 1, value);
    expect(hasSession(words, 1, value)).toBe(true);
    expect(words[sessionOctets / 4]! & 1).toBe(0);
  });
});
