import type { EventRow, EventsData } from '../../src/operations/views/events.ts';
import { events } from '../../src/operations/views/events.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import { emptySource } from '../operations/view-source.ts';
import { address, type MemoryWorld } from '../scenarios/memory-world.ts';

const sockets = [
  ['access-pmipv6', address.access, 5436],
  ['access-radius', address.access, 1812],
  ['s2a-pmipv6', address.s2a, 5436],
  ['aaa', address.aaaSide, 40_000],
  ['dynamic-authorization', address.aaaSide, 3799],
] as const;

/** The views of a world's gateway. */
export function sourceOfWorld(world: MemoryWorld): ViewSource {
  const base = emptySource();
  const [sample] = base.host().sockets;
  const host = () => ({
    ...base.host(),
    sockets: sockets.map(([port, local, number]) => ({
      ...{ ...sample!, port, channel: 0 },
      local: `${local >>> 24}.${(local >>> 16) & 255}.${(local >>> 8) & 255}.${local & 255}:${number}`,
    })),
  });
  return { ...base, manager: world.gateway, events: world.eventLog, host };
}

/** All events of a world's gateway, with their messages, as the API gives them. */
export function eventRowsOf(world: MemoryWorld): readonly EventRow[] {
  const at = { now: world.now, wallClock: 1_700_000_000_000 + world.now };
  const outcome = events.build(sourceOfWorld(world), at, { octets: '', limit: '250' });
  if (!outcome.ok) throw new Error(outcome.refusal.what);
  // As it comes through the API.
  return (JSON.parse(JSON.stringify(outcome.data)) as EventsData).events;
}
