import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionUsage } from '../accelerator.ts';
import type { ForwardingEntry } from '../entry.ts';
import { FlowTable } from '../flow-table.ts';
import { eogre, lma, rg2, ueEntry, wlc1 } from '../packets-for-tests.ts';
import { AcceleratedSessions } from './accelerated-sessions.ts';
import { FastPathTable, placeRest } from './fast-path-table.ts';
import type { FastPathRules } from './fast-session.ts';
import { directionUsageAt, limitsAt, limitsOctets, noLimit, sessionAt, sessionOctets, usageAt } from './layout.ts';
import { readFastSession, replaceSession } from './session-value.ts';

const placesMax = 8;
const side = { mtu: 1500, greTransport: 'raw' } as const;
const rules: FastPathRules = {
  access: side,
  s2a: side,
  mssClamp: true,
  listNumberOf: () => undefined,
  isEogreClient: (peer) => peer !== wlc1,
  kernelTimeOf: (instant) => instant * 1e6,
};
const limited = { police: { uplink: 2 ** 32, downlink: undefined } } as const;

function entryOf(id: number, changes: Partial<ForwardingEntry> = {}): ForwardingEntry {
  return ueEntry({ sessionId: id, s2a: { peer: lma, uplinkKey: 12, downlinkKey: id }, ...changes });
}

/** A kernel that has what was written, and counts as the program does: for a session that it finds in a place. */
class Kernel {
  readonly limits = new DataView(new ArrayBuffer(placesMax * limitsOctets));
  readonly records = new DataView(new ArrayBuffer(placesMax * sessionOctets));
  readonly table = new FastPathTable(placesMax, rules);
  readonly sessions = new AcceleratedSessions(this.table, {
    records: this.records,
    limits: this.limits,
    writeNow: (place) => this.write(place),
    isForwarding: true,
    now: () => this.now,
    kernelTimeOf: (instant) => instant * 1e6,
    instantOf: (kernelTime) => kernelTime / 1e6,
  });
  now = 0;

  write(place: number): void {
    replaceSession(new Int32Array(this.records.buffer), place, this.table.valueOf(place));
  }

  /** At the end of a turn. */
  settle(): void {
    for (const place of this.table.takeChanges().writtenPlaces) this.write(place);
  }

  /** Whether it forwards a packet of the session's uplink, which it counts then. */
  forwards(id: number, octets: number): boolean {
    for (let place = 0; place < placesMax; place += 1) {
      const session = readFastSession(this.records, place * sessionOctets);
      if (session?.id !== id || session.heldBack) continue;
      const at = place * sessionOctets + sessionAt.usage + usageAt.uplink;
      for (const [field, by] of [
        [directionUsageAt.packets, 1],
        [directionUsageAt.octets, octets],
      ] as const) {
        this.records.setUint32(at + field, this.records.getUint32(at + field, true) + by, true);
      }
      this.records.setBigUint64(at + directionUsageAt.last, BigInt(this.now * 1e6), true);
      return true;
    }
    return false;
  }
}

function used(uplinkPackets: number, uplinkOctets: number, lastActivity?: number): SessionUsage {
  return { uplinkPackets, uplinkOctets, downlinkPackets: 0, downlinkOctets: 0, lastActivity };
}

describe('sessions that something faster forwards for', () => {
  it('have used what both paths have forwarded', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(placesMax, kernel.sessions);
    flows.program(entryOf(1));
    flows.countUplink(flows.slotOfSession(1), 100, 5);
    kernel.settle();
    kernel.now = 7;
    kernel.forwards(1, 50);
    expect(flows.usage(1)).toEqual(used(2, 150, 7));
    flows.countDownlink(flows.slotOfSession(1), 30, 9);
    expect(flows.usage(1)).toEqual({ ...used(2, 150, 9), downlinkPackets: 1, downlinkOctets: 30 });
  });

  it('take their usage along when they are held back, and when they are no more', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(placesMax, kernel.sessions);
    flows.program(entryOf(1));
    kernel.settle();
    kernel.forwards(1, 50);
    flows.program(entryOf(1, limited));
    // Not at the end of the turn: what is read now is all.
    expect(kernel.forwards(1, 50)).toBe(false);
    flows.countUplink(flows.slotOfSession(1), 10, 0);
    expect(flows.usage(1)).toMatchObject({ uplinkPackets: 2, uplinkOctets: 60 });
    flows.program(entryOf(1));
    kernel.settle();
    kernel.forwards(1, 1);
    expect(flows.usage(1)).toMatchObject({ uplinkPackets: 3, uplinkOctets: 61 });
    flows.program(entryOf(1, { access: eogre(wlc1) }));
    expect(flows.usage(1)).toMatchObject({ uplinkPackets: 3, uplinkOctets: 61 });
  });

  it('are left to the slow path, which alone can copy, while their packets are copied; nothing shows it', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(placesMax, kernel.sessions);
    flows.program(entryOf(1));
    kernel.settle();
    kernel.forwards(1, 50);
    const shown = () => [flows.readBack(1), kernel.table.size, kernel.sessions.whyNot(flows.readBack(1)!)];
    const before = shown();
    flows.setTapped(1, true);
    expect(kernel.forwards(1, 50)).toBe(false);
    expect(shown()).toEqual(before);
    expect(flows.usage(1)).toMatchObject({ uplinkPackets: 1, uplinkOctets: 50 });
    expect(flows.ensure(flows.readBack(1)!)).toBe(true);
    // Whatever else changes of the session.
    flows.program(entryOf(1, { access: eogre(rg2) }));
    kernel.settle();
    expect(kernel.forwards(1, 50)).toBe(false);
    flows.setTapped(1, false);
    kernel.settle();
    expect(kernel.forwards(1, 50)).toBe(true);
    expect(flows.usage(1)).toMatchObject({ uplinkPackets: 2, uplinkOctets: 100 });
    flows.setTapped(1, true);
    flows.remove(1);
    flows.program(entryOf(2));
    expect(flows.isTapped(flows.slotOfSession(2))).toBe(false);
  });

  it('are forwarded no more once their final usage was read', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(placesMax, kernel.sessions);
    flows.program(entryOf(1));
    kernel.settle();
    kernel.forwards(1, 50);
    expect(flows.finalUsage(1)).toMatchObject({ uplinkPackets: 1, uplinkOctets: 50 });
    expect(kernel.forwards(1, 50)).toBe(false);
    flows.remove(1);
    kernel.settle();
    expect(kernel.table.size).toBe(0);
  });

  it('begin at nothing in a place that another one has left', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(placesMax, kernel.sessions);
    for (let id = 1; id <= placesMax; id += 1) flows.program(entryOf(id));
    kernel.settle();
    kernel.forwards(3, 50);
    flows.remove(3);
    kernel.now = placeRest;
    flows.program(entryOf(9));
    expect(flows.usage(9)).toEqual(used(0, 0));
  });

  it('go on from what was used elsewhere, and never back', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(placesMax, kernel.sessions);
    flows.program(entryOf(1));
    flows.restoreUsage(1, used(10, 1000, 4));
    expect(flows.usage(1)).toEqual(used(10, 1000, 4));
    flows.restoreUsage(1, used(9, 900, 4));
    expect(flows.usage(1)).toEqual(used(10, 1000, 4));
  });

  it('have used what was forwarded while nobody was there to count', () => {
    const kernel = new Kernel();
    new FlowTable(placesMax, kernel.sessions).program(entryOf(1));
    kernel.settle();
    kernel.forwards(1, 50);
    const heir = new FlowTable(placesMax, kernel.sessions);
    kernel.forwards(1, 50);
    // What is kept elsewhere is older.
    heir.program(entryOf(1, { access: eogre(rg2) }));
    heir.restoreUsage(1, used(1, 50, 0));
    expect(heir.usage(1)).toMatchObject({ uplinkPackets: 2, uplinkOctets: 100 });
    expect(kernel.sessions.removeStale()).toBe(0);
  });

  it('are removed if the next flow table has them no more', () => {
    const kernel = new Kernel();
    new FlowTable(placesMax, kernel.sessions).program(entryOf(1));
    kernel.settle();
    new FlowTable(placesMax, kernel.sessions).program(entryOf(2));
    expect(kernel.forwards(1, 50)).toBe(true);
    expect(kernel.sessions.removeStale()).toBe(1);
    kernel.settle();
    expect(kernel.forwards(1, 50)).toBe(false);
  });

  it('are visited when the kernel has counted', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(placesMax, kernel.sessions);
    for (const id of [1, 2]) flows.program(entryOf(id));
    kernel.settle();
    const visited: number[] = [];
    const visit = () => flows.visitUsed('store', 0, flows.slots, (id) => visited.push(id));
    kernel.forwards(2, 50);
    visit();
    visit();
    expect(visited).toEqual([2]);
  });

  it('say why nothing is forwarded', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(2 * placesMax, kernel.sessions);
    for (let id = 1; id <= placesMax + 1; id += 1) flows.program(entryOf(id));
    expect(kernel.sessions.whyNot(entryOf(1))).toBeUndefined();
    expect(kernel.sessions.whyNot(entryOf(placesMax + 1))).toBe('no-place');
    expect(kernel.sessions.whyNot(entryOf(2, limited))).toBe('rate');
  });

  it('have their limits beside them before they are told of, and by one write', () => {
    const kernel = new Kernel();
    const flows = new FlowTable(placesMax, kernel.sessions);
    const entry = entryOf(1, { police: { uplink: 1000, downlink: undefined } });
    flows.program(entry);
    const at = kernel.table.placeOf(1)! * limitsOctets;
    expect(kernel.limits.getUint32(at + limitsAt.uplink, true)).toBe(1000);
    expect(kernel.limits.getUint32(at + limitsAt.downlink, true)).toBe(noLimit);
    kernel.settle();
    expect(flows.ensure(entry)).toBe(true);
    kernel.limits.setUint32(at + limitsAt.uplink, 7, true);
    expect(flows.ensure(entry)).toBe(false);
    expect(kernel.limits.getUint32(at + limitsAt.uplink, true)).toBe(1000);
  });

  it('never lose or double a packet, whatever becomes of them', () => {
    const step = fc.record({
      id: fc.integer({ min: 1, max: 3 }),
      action: fc.constantFrom('fast', 'held', 'unknown', 'remove', 'settle', 'packet', 'packet', 'packet'),
      pause: fc.constantFrom(0, placeRest),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const kernel = new Kernel();
        const flows = new FlowTable(placesMax, kernel.sessions);
        const moved = new Map<number, number>();
        for (const { id, action, pause } of steps) {
          kernel.now += pause;
          if (pause > 0) kernel.settle();
          if (action === 'fast') flows.program(entryOf(id));
          else if (action === 'held') flows.program(entryOf(id, limited));
          else if (action === 'unknown') flows.program(entryOf(id, { access: eogre(wlc1) }));
          else if (action === 'settle') kernel.settle();
          else if (action === 'remove') {
            expect(flows.finalUsage(id)?.uplinkPackets).toBe(moved.get(id));
            flows.remove(id);
            moved.delete(id);
          } else if (moved.has(id) && !kernel.forwards(id, 10)) {
            flows.countUplink(flows.slotOfSession(id), 10, kernel.now);
            moved.set(id, moved.get(id)! + 1);
          } else if (moved.has(id)) moved.set(id, moved.get(id)! + 1);
          if (flows.usage(id) !== undefined && !moved.has(id)) moved.set(id, 0);
        }
        for (const [id, packets] of moved) {
          expect(flows.usage(id)).toMatchObject({ uplinkPackets: packets, uplinkOctets: packets * 10 });
        }
      }),
      { numRuns: 500 },
    );
  });
});
