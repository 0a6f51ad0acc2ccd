import { describe, expect, it } from 'vitest';
import { ipv4Of, macOf } from '../kernel/address.ts';
import type { AccessPath, ForwardingEntry } from './entry.ts';
import { AccessList } from './filter.ts';
import { FlowTable, type UsageFollower } from './flow-table.ts';

const rg: AccessPath = { kind: 'eogre', peer: ipv4Of(0xc0000201), key: undefined, vlan: undefined };
const wlc = (peer: number, uplinkKey: number): AccessPath => ({
  kind: 'pmipv6',
  peer: ipv4Of(peer),
  uplinkKey,
  downlinkKey: uplinkKey + 500,
});

function entryOf(sessionId: number, changes: Partial<ForwardingEntry> = {}): ForwardingEntry {
  return {
    sessionId,
    mac: macOf(0x02005e000000 + sessionId),
    addresses: [{ address: ipv4Of(0x0a000000 + sessionId), prefixLength: 24, router: ipv4Of(0x0a0000fe) }],
    access: rg,
    previous: undefined,
    previousUntil: 0,
    eogreFlow: true,
    s2a: { peer: ipv4Of(0xc6336401), uplinkKey: 9, downlinkKey: 1000 + sessionId },
    police: undefined,
    filter: undefined,
    ...changes,
  };
}

describe('FlowTable', () => {
  it('finds an entry by each of its keys, and by none once it is removed', () => {
    const table = new FlowTable(10);
    const entry = entryOf(1, { access: wlc(1, 77), previous: wlc(2, 78) });
    expect(table.program(entry)).toBe(true);
    expect(table.program(entry)).toBe(true);
    const slots = () => [
      table.slotOfSession(1),
      table.slotOfMac(entry.mac),
      table.slotOfUplinkKey(77),
      table.slotOfUplinkKey(78),
      table.slotOfDownlinkKey(1001),
    ];
    for (const slot of slots()) expect(table.entryAt(slot)).toBe(entry);
    expect(table.readBack(1)).toBe(entry);
    expect(table.size).toBe(1);
    table.remove(1);
    table.remove(1);
    expect(slots()).toEqual([-1, -1, -1, -1, -1]);
    expect(table.readBack(1)).toBeUndefined();
    expect(table.size).toBe(0);
  });

  it('drops the keys that a new entry of the session no longer has', () => {
    const table = new FlowTable(10);
    table.program(entryOf(1, { access: wlc(1, 77) }));
    table.program(entryOf(1, { s2a: { peer: ipv4Of(1), uplinkKey: 9, downlinkKey: 5 } }));
    expect(table.slotOfUplinkKey(77)).toBe(-1);
    expect(table.slotOfDownlinkKey(1001)).toBe(-1);
    expect(table.slotOfDownlinkKey(5)).toBe(table.slotOfSession(1));
  });

  it('goes on counting from the usage that is restored, and from none where none is', () => {
    const table = new FlowTable(10);
    const usage = { uplinkPackets: 4, uplinkOctets: 2 ** 40, downlinkPackets: 7, downlinkOctets: 9, lastActivity: 5 };
    table.restoreUsage(1, usage);
    table.program(entryOf(1));
    table.program(entryOf(2));
    table.restoreUsage(1, usage);
    table.restoreUsage(2, { ...usage, lastActivity: undefined });
    expect(table.usage(2)).toEqual({ ...usage, lastActivity: undefined });
    table.countUplink(table.slotOfSession(1), 100, 8);
    expect(table.usage(1)).toEqual({ ...usage, uplinkPackets: 5, uplinkOctets: 2 ** 40 + 100, lastActivity: 8 });
    expect(table.usage(3)).toBeUndefined();
  });

  it('keeps a key that the current and the previous path share', () => {
    const table = new FlowTable(10);
    table.program(entryOf(1, { access: wlc(1, 77) }));
    table.program(entryOf(1, { access: wlc(2, 77), previous: wlc(1, 77) }));
    table.program(entryOf(1, { access: wlc(2, 77) }));
    expect(table.slotOfUplinkKey(77)).toBe(table.slotOfSession(1));
  });

  it('leaves a key alone that another session has taken over', () => {
    const table = new FlowTable(10);
    const mac = macOf(5);
    table.program(entryOf(1, { mac }));
    table.program(entryOf(2, { mac }));
    table.remove(1);
    expect(table.slotOfMac(mac)).toBe(table.slotOfSession(2));
  });

  it('refuses a session beyond its bound, but never a change of one it has', () => {
    const table = new FlowTable(2);
    expect([1, 2, 3].map((id) => table.program(entryOf(id)))).toEqual([true, true, false]);
    expect(table.program(entryOf(2, { eogreFlow: false }))).toBe(true);
    expect(table.readBack(3)).toBeUndefined();
    table.remove(1);
    expect(table.program(entryOf(3))).toBe(true);
  });

  it('visits the sessions that have moved packets since, a part of the table at a time', () => {
    const table = new FlowTable(10);
    for (const id of [1, 2, 3]) table.program(entryOf(id));
    const visited = (from = 0, slots = table.slots) => {
      const ids: number[] = [];
      return [table.visitUsed('standby', from, slots, (id) => ids.push(id)), ids];
    };
    expect(visited()).toEqual([0, []]);
    for (const id of [1, 3]) table.countUplink(table.slotOfSession(id), 100, 5);
    expect(visited(0, 2)).toEqual([2, [1]]);
    expect(visited(2, 2)).toEqual([0, [3]]);
    expect(visited()).toEqual([0, []]);
    table.countDownlink(table.slotOfSession(3), 100, 6);
    expect(visited()).toEqual([0, [3]]);
    table.restoreUsage(2, {
      uplinkPackets: 4,
      uplinkOctets: 9,
      downlinkPackets: 1,
      downlinkOctets: 9,
      lastActivity: 5,
    });
    expect(visited()).toEqual([0, []]);
    // Another session in the place of one that had moved as many.
    table.remove(1);
    table.program(entryOf(4));
    table.countUplink(table.slotOfSession(4), 100, 7);
    expect(visited()).toEqual([0, [4]]);
  });

  it('shows each follower what it has not seen, and the store also what was restored', () => {
    const table = new FlowTable(10);
    for (const id of [1, 2]) table.program(entryOf(id));
    table.countUplink(table.slotOfSession(1), 100, 5);
    const used = { uplinkPackets: 4, uplinkOctets: 9, downlinkPackets: 1, downlinkOctets: 9, lastActivity: 5 };
    table.restoreUsage(2, used);
    const visited = (follower: UsageFollower) => {
      const ids: number[] = [];
      table.visitUsed(follower, 0, table.slots, (id) => ids.push(id));
      return ids;
    };
    expect([visited('store'), visited('store'), visited('standby')]).toEqual([[1, 2], [], [1]]);
  });

  it('keeps usage across a handover and starts anew after removal', () => {
    const table = new FlowTable(2);
    table.program(entryOf(1));
    expect(table.usage(1)).toMatchObject({ uplinkPackets: 0, lastActivity: undefined });
    table.countUplink(table.slotOfSession(1), 100, 5);
    table.countDownlink(table.slotOfSession(1), 1400, 7);
    table.program(entryOf(1, { access: wlc(1, 77), previous: rg }));
    table.countUplink(table.slotOfSession(1), 60, 9);
    expect(table.usage(1)).toEqual({
      uplinkPackets: 2,
      uplinkOctets: 160,
      downlinkPackets: 1,
      downlinkOctets: 1400,
      lastActivity: 9,
    });
    table.remove(1);
    expect(table.usage(1)).toBeUndefined();
    table.program(entryOf(2));
    expect(table.usage(2)).toMatchObject({ uplinkPackets: 0, uplinkOctets: 0, downlinkOctets: 0 });
  });

  it('keeps each session to its own usage while the slab grows', () => {
    const table = new FlowTable(1000);
    for (let id = 0; id < 1000; id += 1) {
      table.program(entryOf(id));
      table.countUplink(table.slotOfSession(id), id, id);
    }
    for (let id = 0; id < 1000; id += 1) expect(table.usage(id)?.uplinkOctets).toBe(id);
  });

  it('reconciles to the desired entries and says what it did', () => {
    const table = new FlowTable(3);
    for (const id of [1, 2, 3]) table.program(entryOf(id));
    table.countUplink(table.slotOfSession(2), 10, 1);
    const desired = [entryOf(2, { eogreFlow: false }), entryOf(3), entryOf(4), entryOf(5)];
    expect(table.reconcile(desired)).toEqual({ added: 1, changed: 1, removed: 1, refused: 1 });
    expect(table.readBack(1)).toBeUndefined();
    expect(table.readBack(2)?.eogreFlow).toBe(false);
    expect(table.readBack(4)).toBe(desired[2]);
    expect(table.usage(2)?.uplinkPackets).toBe(1);
    expect(table.reconcile(desired.slice(0, 3))).toEqual({ added: 0, changed: 0, removed: 0, refused: 0 });
    expect(table.reconcile([])).toEqual({ added: 0, changed: 0, removed: 3, refused: 0 });
    expect(table.size).toBe(0);
  });

  it('takes note of every part of an entry when it reconciles', () => {
    const other = ipv4Of(0x0b000001);
    const base = entryOf(1);
    const changes: Partial<ForwardingEntry>[] = [
      { mac: macOf(1) },
      { addresses: [] },
      { addresses: [{ ...base.addresses[0]!, address: other }] },
      { addresses: [{ ...base.addresses[0]!, router: other }] },
      { addresses: [{ ...base.addresses[0]!, prefixLength: 16 }] },
      { access: undefined },
      { access: wlc(1, 77) },
      { previous: rg },
      { previousUntil: 99 },
      { eogreFlow: false },
      { s2a: { ...base.s2a, peer: other } },
      { s2a: { ...base.s2a, uplinkKey: 1 } },
      { s2a: { ...base.s2a, downlinkKey: 1 } },
      { police: { uplink: 1, downlink: undefined } },
      { police: { uplink: undefined, downlink: 1 } },
      { filter: { uplink: new AccessList('list', []), downlink: undefined } },
      { filter: { uplink: undefined, downlink: new AccessList('list', []) } },
    ];
    for (const change of changes) {
      const table = new FlowTable(1);
      table.program(base);
      expect(table.reconcile([entryOf(1, change)]), JSON.stringify(change)).toMatchObject({ changed: 1 });
    }
  });
});
