import { describe, expect, it } from 'vitest';
import { macOf, parseIpv4, parseIpv6 } from '../../../kernel/address.ts';
import type { Seal } from '../../../kernel/context.ts';
import { toHex, utf8Encode } from '../../../wire/bytes/text.ts';
import {
  decodeEntries,
  decodeStates,
  encodeEntries,
  encodeStates,
  fitting,
  type InterceptionState,
  openPadded,
  sealPadded,
} from './checkpoint.ts';
import type { TargetIdentity } from './target.ts';
import type { TargetEntry } from './target-table.ts';

const identities: readonly TargetIdentity[] = [
  { kind: 'imsi', value: '001010000000001' },
  { kind: 'msisdn', value: '491700000001' },
  { kind: 'nai', value: 'anna@example.net' },
  { kind: 'mac', value: macOf(0x02005e100001) },
  { kind: 'address', value: parseIpv4('10.45.0.2')! },
  { kind: 'address', value: parseIpv6('2001:db8::1')! },
];
const entries: readonly TargetEntry[] = [
  ...identities.map((identity, index): TargetEntry => {
    const xid = `0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f${index}`;
    const target = { xid, identity, product: 'both', delivery: 'mf', from: 0, until: 2e12 } as const;
    return { xid, revision: index + 1, until: 2e12, target };
  }),
  { xid: '00000000-0000-0000-0000-000000000000', revision: 9, until: 5, target: undefined },
];
const states: readonly InterceptionState[] = [
  {
    sessionId: 0xdeadbeef,
    bornSecond: 1_700_000_000,
    xid: entries[0]!.xid,
    mode: 'active',
    events: 4096,
    content: 2 ** 33,
    isExact: true,
    isOver: false,
  },
];

/** Turns every octet around. */
const seal: Seal = {
  seal: (clear) => clear.map((octet) => octet ^ 0xff),
  open: (sealed) => sealed.map((octet) => octet ^ 0xff),
};

describe('what chassis tell each other of intercepts', () => {
  it('is read as it was written', () => {
    expect(decodeEntries(encodeEntries(entries).slice())).toEqual(entries);
    expect(decodeStates(encodeStates(states).slice())).toEqual(states);
    expect(decodeEntries(Uint8Array.of(1, 2))).toBeUndefined();
    expect(decodeStates(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0))).toBeUndefined();
  });

  it('has one length, sealed, and nothing to read', () => {
    const sealed = sealPadded(seal, encodeEntries(entries), 2000)!;
    expect(sealed).toHaveLength(sealPadded(seal, encodeEntries([]), 2000)!.length);
    expect(toHex(sealed)).not.toContain(toHex(utf8Encode('anna')));
    expect(decodeEntries(openPadded(seal, sealed)!)).toEqual(entries);
    expect(sealPadded(seal, new Uint8Array(2001), 2000)).toBeUndefined();
    expect(openPadded(seal, seal.seal(Uint8Array.of(0, 0, 0, 9, 1)))).toBeUndefined();
  });

  it('is cut into records that hold it', () => {
    for (const capacity of [50, 200, 400, 2000]) {
      const count = fitting(entries, encodeEntries, capacity);
      expect(encodeEntries(entries.slice(0, count)).length).toBeLessThanOrEqual(Math.max(capacity, 9));
    }
    expect(fitting(entries, encodeEntries, 2000)).toBe(entries.length);
  });
});
