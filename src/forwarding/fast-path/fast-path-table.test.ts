import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MacAddress, macOf } from '../../kernel/address.ts';
import type { ForwardingEntry } from '../entry.ts';
import { eogre, lma, otherMac, rg1, rg2, ueEntry, ueMac, wlc1 } from '../packets-for-tests.ts';
import { type FastPathChanges, FastPathTable, placeRest } from './fast-path-table.ts';
import type { FastPathRules, FastSession } from './fast-session.ts';
import { sessionAt, sessionOctets } from './layout.ts';
import { readFastSession } from './session-value.ts';

const side = { mtu: 1500, greTransport: 'raw' } as const;
const rules: FastPathRules = {
  access: side,
  s2a: side,
  mssClamp: true,
  listNumberOf: () => undefined,
  isEogreClient: (peer) => peer !== wlc1,
  kernelTimeOf: (instant) => instant,
};

/** The session with an identifier, which is its key on S2a too. */
function sessionOf(id: number, changes: Partial<ForwardingEntry> = {}): ForwardingEntry {
  return ueEntry({
    sessionId: id,
    mac: macOf(0x02005e000000 + id),
    s2a: { peer: lma, uplinkKey: 12, downlinkKey: id },
    ...changes,
  });
}

/** The kernel's maps, as the changes make them. */
class Maps {
  readonly sessions = new Map<number, FastSession>();
  readonly ids = new Map<number, number>();
  readonly macs = new Map<MacAddress, number>();

  carryOut(table: FastPathTable): FastPathChanges {
    const changes = table.takeChanges();
    for (const id of changes.deletedIds) this.ids.delete(id);
    for (const mac of changes.deletedMacs) this.macs.delete(mac);
    for (const place of changes.writtenPlaces) {
      const session = readFastSession(new DataView(table.valueOf(place).slice().buffer), 0);
      if (session === undefined) this.sessions.delete(place);
      else this.sessions.set(place, session);
    }
    for (const [id, place] of changes.ids) this.ids.set(id, place);
    for (const [mac, place] of changes.macs) this.macs.set(mac, place);
    return changes;
  }
}

describe('the table of the fast path', () => {
  it('makes a handover one write of one place', () => {
    const table = new FastPathTable(10, rules);
    table.program(sessionOf(1), 0);
    table.program(sessionOf(2), 0);
    expect(table.takeChanges()).toMatchObject({ writtenPlaces: [1, 2] });
    table.program(sessionOf(2, { access: eogre(rg2), previous: eogre(rg1), previousUntil: 50 }), 0);
    expect(table.takeChanges()).toEqual({
      deletedIds: [],
      deletedMacs: [],
      writtenPlaces: [2],
      ids: new Map(),
      macs: new Map(),
    });
  });

  it('does nothing for an entry that it has already', () => {
    const table = new FastPathTable(10, rules);
    table.program(sessionOf(1), 0);
    table.takeChanges();
    table.program(sessionOf(1), 0);
    expect(table.changed).toBe(false);
  });

  it('lets go of a session that cannot be accelerated any more, and says why', () => {
    const table = new FastPathTable(10, rules);
    expect(table.program(sessionOf(1), 0)).toBeUndefined();
    expect(table.program(sessionOf(1, { access: eogre(wlc1) }), 0)).toBe('not-a-client');
    expect(table.size).toBe(0);
  });

  it('gives a place to nobody else until it has rested', () => {
    const table = new FastPathTable(1, rules);
    table.program(sessionOf(1), 0);
    expect(table.program(sessionOf(2), 0)).toBe('no-place');
    table.remove(1, 500);
    expect(table.program(sessionOf(2), 500 + placeRest - 1)).toBe('no-place');
    expect(table.program(sessionOf(2), 500 + placeRest)).toBeUndefined();
    expect(table.placeOf(2)).toBe(0);
    expect(table.takeChanges()).toMatchObject({ deletedIds: [1], writtenPlaces: [0], ids: new Map([[2, 0]]) });
  });

  it('leaves a MAC address to the session that claimed it last', () => {
    const table = new FastPathTable(10, rules);
    const maps = new Maps();
    table.program(sessionOf(1, { mac: ueMac }), 0);
    table.program(sessionOf(2, { mac: ueMac }), 0);
    table.remove(1, 0);
    maps.carryOut(table);
    expect(maps.macs).toEqual(new Map([[ueMac, table.placeOf(2)]]));
    table.program(sessionOf(2, { mac: otherMac }), 0);
    maps.carryOut(table);
    expect(maps.macs).toEqual(new Map([[otherMac, table.placeOf(2)]]));
  });

  it('knows a session that is held back, so that its packets go up for that alone', () => {
    const table = new FastPathTable(10, rules);
    const maps = new Maps();
    const limited = sessionOf(1, { police: { uplink: 2 ** 32, downlink: undefined } });
    expect([table.program(limited, 0), table.wouldLeave(limited)]).toEqual(['rate', 'rate']);
    maps.carryOut(table);
    expect(maps.sessions.get(maps.ids.get(1)!)).toMatchObject({ heldBack: true });
    expect(table.program(sessionOf(1), 0)).toBeUndefined();
    maps.carryOut(table);
    expect(maps.sessions.get(maps.ids.get(1)!)).toMatchObject({ heldBack: false });
  });

  it('removes what was programmed in former generations alone', () => {
    const table = new FastPathTable(10, rules);
    for (const id of [1, 2, 3]) table.program(sessionOf(id), 0);
    table.beginGeneration();
    table.program(sessionOf(2), 0);
    table.program(sessionOf(4), 0);
    expect(table.removeStale(0)).toBe(2);
    expect([...table.ids.keys()]).toEqual([2, 4]);
    expect(table.removeStale(0)).toBe(0);
  });

  it('has its own places, wherever they begin', () => {
    const table = new FastPathTable(3, rules, 100);
    const places = [1, 2, 3].map((id) => {
      table.program(sessionOf(id), 0);
      return table.placeOf(id)!;
    });
    expect(places).toEqual([100, 101, 102]);
    expect(table.program(sessionOf(4), 0)).toBe('no-place');
    expect([table.idAt(101), table.macAt(101), table.idAt(99), table.idAt(103)]).toEqual([2, sessionOf(2).mac, 0, 0]);
    table.remove(2, 0);
    expect([table.idAt(101), table.macAt(101)]).toEqual([0, undefined]);
  });

  it('gives a session the place that its identifier names, and another one if that is taken or resting', () => {
    const table = new FastPathTable(8, rules, 8, 2);
    // Of two instances the second one draws odd identifiers.
    for (const id of [3, 5, 3 + 16, 5 + 16]) table.program(sessionOf(id), 0);
    expect([3, 5].map((id) => table.placeOf(id))).toEqual([9, 10]);
    expect(table.placeOf(19)).not.toBe(9);
    expect([13, 3 + 32, 4].map((id) => table.isHomeFree(id, 0))).toEqual([true, false, false]);
    table.remove(3, 100);
    expect([99, 100 + placeRest].map((now) => table.isHomeFree(3, now))).toEqual([false, true]);
    expect(new Set(table.ids.values()).size).toBe(table.size);
  });

  it('grows with its sessions', () => {
    const table = new FastPathTable(1000, rules);
    const maps = new Maps();
    for (let id = 1; id <= 1000; id += 1) table.program(sessionOf(id), 0);
    maps.carryOut(table);
    expect([table.size, maps.sessions.size, maps.ids.size, maps.macs.size]).toEqual([1000, 1000, 1000, 1000]);
    expect(maps.sessions.get(maps.ids.get(777)!)).toMatchObject({ id: 777 });
  });

  it('keeps the maps as the sessions are, whatever the order of changes', () => {
    const step = fc.record({
      id: fc.integer({ min: 1, max: 6 }),
      mac: fc.constantFrom(undefined, ueMac),
      remove: fc.boolean(),
      carryOut: fc.boolean(),
      pause: fc.constantFrom(0, 400, placeRest),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = new FastPathTable(4, rules);
        const maps = new Maps();
        const wanted = new Map<number, MacAddress>();
        let now = 0;
        for (const { id, mac, remove, carryOut, pause } of steps) {
          now += pause;
          const entry = sessionOf(id, mac === undefined ? {} : { mac });
          if (remove) {
            table.remove(id, now);
            wanted.delete(id);
          } else if (table.program(entry, now) === undefined) wanted.set(id, entry.mac);
          if (carryOut) maps.carryOut(table);
        }
        maps.carryOut(table);
        expect([...maps.ids.keys()].sort()).toEqual([...wanted.keys()].sort());
        expect(maps.sessions.size).toBe(wanted.size);
        for (const [id, place] of maps.ids) expect(maps.sessions.get(place)).toMatchObject({ id, mac: wanted.get(id) });
        for (const [mac, place] of maps.macs) expect(maps.sessions.get(place)).toMatchObject({ mac });
        const heir = new FastPathTable(4, rules);
        const held = new Uint8Array(4 * sessionOctets);
        for (let place = 0; place < 4; place += 1) held.set(table.valueOf(place), place * sessionOctets);
        heir.adopt(new DataView(held.buffer));
        expect(new Map(heir.ids)).toEqual(maps.ids);
        expect(heir.changed).toBe(false);
        // One that was being written is written anew.
        const halfway = maps.ids.size === 0 ? undefined : maps.ids.values().next().value!;
        if (halfway !== undefined) {
          held[halfway * sessionOctets + sessionAt.version] = 7;
          const another = new FastPathTable(4, rules);
          another.adopt(new DataView(held.buffer));
          expect(another.takeChanges().writtenPlaces).toEqual([halfway]);
        }
        // What it goes on with meets nobody else's place, and finds those that were free.
        for (let id = 11; heir.size < 4; id += 1) expect(heir.program(sessionOf(id), now + placeRest)).toBeUndefined();
        expect(new Set(heir.ids.values()).size).toBe(4);
        // Of several sessions with one MAC address the last has it, if it is still there.
        for (const [id, mac] of wanted) if (mac !== ueMac) expect(maps.macs.get(mac)).toBe(maps.ids.get(id));
      }),
      { numRuns: 500 },
    );
  });
});
