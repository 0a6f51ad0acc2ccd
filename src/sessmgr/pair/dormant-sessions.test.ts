import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { established, start } from '../../../tests/support/session-samples.ts';
import { type MacAddress, macOf } from '../../kernel/address.ts';
import { encodeFull } from '../../services/samog/checkpoints/full-checkpoint.ts';
import { noUsage } from '../../services/samog/checkpoints/saved-session.ts';
import type { DurableSession, LiveSession } from '../../services/samog/session/state.ts';
import { DormantSessions } from './dormant-sessions.ts';

const sample = (established() as LiveSession).durable;

function durableOf(id: number, mac: MacAddress, nai = `${id}@example.net`): DurableSession {
  const access = { kind: 'pmipv6', peer: sample.s2a.peer, uplinkKey: id + 1000, downlinkKey: 5 } as const;
  return { ...sample, id, mac, nai, access, s2a: { ...sample.s2a, downlinkKey: id } };
}

function payloadOf(durable: DurableSession, revision = 1): Uint8Array {
  return encodeFull({ kind: 'Live', durable, request: undefined, usage: noUsage, idleAt: undefined }, revision, start);
}

function put(dormant: DormantSessions, durable: DurableSession, revision?: number): boolean {
  return dormant.put(durable, payloadOf(durable, revision), start);
}

describe('dormant sessions', () => {
  it('are found by every key, and had as they came', () => {
    const dormant = new DormantSessions();
    const durable = durableOf(7, macOf(70), 'subscriber@example.net');
    const previous = { kind: 'pmipv6', peer: sample.s2a.peer, uplinkKey: 99, downlinkKey: 5 } as const;
    const moved = { ...durable, moves: { ...durable.moves, previous } };
    expect(put(dormant, moved, 3)).toBe(true);
    const found = () => [
      dormant.has(7),
      dormant.idOfMac(macOf(70)),
      dormant.idOfDownlinkKey(7),
      dormant.idOfUplinkKey(1007),
      dormant.idOfUplinkKey(99),
      dormant.idOfNai('subscriber@example.net'),
    ];
    expect(found()).toEqual([true, 7, 7, 7, 7, 7]);
    expect([dormant.idOfMac(macOf(71)), dormant.idOfUplinkKey(0), dormant.idOfNai('other@example.net')]).toEqual(
      new Array(3).fill(undefined),
    );
    expect(dormant.record(7)).toMatchObject({ saved: { durable: moved }, baseRevision: 3 });
    expect(dormant.size).toBe(1);
    expect(dormant.take(7)).toMatchObject({ saved: { durable: moved } });
    expect(found()).toEqual([false, ...new Array(5).fill(undefined)]);
    expect([dormant.size, dormant.take(7), dormant.next()]).toEqual([0, undefined, undefined]);
  });

  it('are found by keys that are their identifiers, or those of others', () => {
    const dormant = new DormantSessions();
    const pmipv6 = (uplinkKey: number) =>
      ({ kind: 'pmipv6', peer: sample.s2a.peer, uplinkKey, downlinkKey: 5 }) as const;
    const { moves, s2a } = sample;
    // 7 has the key that is its identifier, and had 8; 8 has the key 9, and had its own.
    put(dormant, { ...durableOf(7, macOf(7)), access: pmipv6(7), moves: { ...moves, previous: pmipv6(8) } });
    const other = { ...durableOf(8, macOf(8)), access: pmipv6(9), moves: { ...moves, previous: pmipv6(8) } };
    put(dormant, { ...other, s2a: { ...s2a, downlinkKey: 7000 } });
    expect([7, 8, 9].map((key) => dormant.idOfUplinkKey(key))).toEqual([7, 7, 8]);
    expect([7, 8, 7000].map((key) => dormant.idOfDownlinkKey(key))).toEqual([7, undefined, 8]);
    dormant.delete(7);
    expect([7, 8, 9].map((key) => dormant.idOfUplinkKey(key))).toEqual([undefined, 8, 8]);
    expect(dormant.idOfDownlinkKey(7)).toBeUndefined();
    dormant.delete(8);
    expect([8, 9].map((key) => dormant.idOfUplinkKey(key))).toEqual([undefined, undefined]);
  });

  it('are one of each UE and each NAI', () => {
    const dormant = new DormantSessions();
    put(dormant, durableOf(1, macOf(1), 'a@example.net'));
    expect(put(dormant, durableOf(2, macOf(1)))).toBe(false);
    expect(put(dormant, durableOf(2, macOf(2), 'a@example.net'))).toBe(false);
    expect(put(dormant, durableOf(1, macOf(2), 'a@example.net'))).toBe(true);
    expect([dormant.size, dormant.idOfMac(macOf(1)), dormant.idOfMac(macOf(2))]).toEqual([1, undefined, 1]);
  });

  it('have their deadlines from when they came', () => {
    const dormant = new DormantSessions();
    const durable = durableOf(1, macOf(1));
    dormant.put(durable, payloadOf(durable), start + 500);
    expect(dormant.record(1)).toMatchObject({ saved: { durable: { expiresAt: durable.expiresAt + 500 } } });
  });

  it('are what a map would hold, whatever comes and goes, and all of them have their turn', () => {
    const change = fc.record({ id: fc.integer({ min: 1, max: 12 }), what: fc.constantFrom('put', 'take', 'delete') });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const dormant = new DormantSessions();
        const expected = new Map<number, number>();
        for (const [revision, { id, what }] of changes.entries()) {
          if (what === 'put') {
            expect(put(dormant, durableOf(id, macOf(id)), revision)).toBe(true);
            expected.set(id, revision);
          } else {
            if (what === 'take') expect(dormant.take(id)?.baseRevision).toBe(expected.get(id));
            else dormant.delete(id);
            expected.delete(id);
          }
        }
        expect(new Map(Array.from(dormant.records(), ([id, { baseRevision }]) => [id, baseRevision]))).toEqual(
          expected,
        );
        const turns = Array.from(expected, () => dormant.next());
        expect(new Set(turns)).toEqual(new Set(expected.keys()));
        for (const id of expected.keys()) expect(dormant.idOfUplinkKey(id + 1000)).toBe(id);
      }),
      { numRuns: 60 },
    );
  });
});
