import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryWorld } from '../../../tests/scenarios/memory-world.ts';
import { disconnecting, established, released, start } from '../../../tests/support/session-samples.ts';
import type { SessionUsage } from '../../forwarding/accelerator.ts';
import { macOf } from '../../kernel/address.ts';
import { encodeFull } from '../../services/samog/checkpoints/full-checkpoint.ts';
import { noUsage, savedOf } from '../../services/samog/checkpoints/saved-session.ts';
import type { DisconnectingSession, LiveSession } from '../../services/samog/session/state.ts';
import { adoptStored, readStored } from './recover.ts';
import type { StoredSession } from './recovery-store.ts';
import { salvage } from './salvage.ts';
import { countersOf, restoreCounters } from './service-counters.ts';

const writtenAt = 1_700_000_000_000;
const live = established() as LiveSession;
const { id } = live.durable;
/** By another clock than that of the process that wrote. */
const later = { now: 77_000, wallClock: writtenAt + 5000 };

function rowOf(
  session: LiveSession | DisconnectingSession,
  usage: SessionUsage = noUsage,
  row: Partial<StoredSession> = {},
): StoredSession {
  const payload = encodeFull(savedOf(session, usage), 3, start);
  const callId = session.kind === 'Live' ? session.durable.id : session.id;
  return { callId, revision: 3, payload, writtenAt, usage: undefined, ...row };
}

function withIdleTimeout(): LiveSession {
  const subscriber = { ...live.durable.subscriber, idleTimeoutSeconds: 60 };
  return { ...live, durable: { ...live.durable, subscriber } };
}

const readOne = (row: StoredSession, at = later) => {
  const { saved } = readStored([row], at).records[0]!;
  if (saved.kind !== 'Live') throw new Error('it is not live');
  return saved;
};

describe('the deadlines of a stored session', () => {
  it('are where they were, by the time that has passed on the system clock', () => {
    const { expiresAt, refreshAt } = live.durable.s2a;
    const { s2a } = readOne(rowOf(live)).durable;
    expect(s2a.expiresAt - later.now).toBe(expiresAt - start - 5000);
    expect(s2a.refreshAt - later.now).toBe(refreshAt - start - 5000);
  });

  it('count from now where the system clock went back', () => {
    const { s2a } = readOne(rowOf(live), { ...later, wallClock: writtenAt - 86_400_000 }).durable;
    expect(s2a.expiresAt - later.now).toBe(live.durable.s2a.expiresAt - start);
  });

  it('may have gone by', () => {
    const { s2a } = readOne(rowOf(live), { ...later, wallClock: writtenAt + 86_400_000 }).durable;
    expect(s2a.expiresAt).toBeLessThan(later.now);
  });
});

describe('what a UE has used', () => {
  const before = { uplinkPackets: 5, uplinkOctets: 500, downlinkPackets: 5, downlinkOctets: 700, lastActivity: start };
  const counts = { uplinkPackets: 9, uplinkOctets: 900, downlinkPackets: 6, downlinkOctets: 800 };

  it('is the greater of what the checkpoint and its own row say', () => {
    const lastActivityAt = writtenAt + 3000;
    const usage = { ...counts, lastActivityAt };
    expect(readOne(rowOf(live, before, { usage })).usage).toEqual({ ...counts, lastActivity: later.now - 2000 });
    const less = { ...counts, uplinkPackets: 1, lastActivityAt };
    expect(readOne(rowOf(live, before, { usage: less })).usage).toMatchObject({
      uplinkPackets: 5,
      downlinkOctets: 700,
    });
    expect(readOne(rowOf(live, before)).usage).toMatchObject({ lastActivity: later.now - 5000 });
  });

  it('tells when Idle-Timeout ends the session', () => {
    const session = withIdleTimeout();
    expect(readOne(rowOf(session, before)).idleAt).toBe(later.now + 55_000);
    const usage = { ...counts, lastActivityAt: writtenAt + 3000 };
    expect(readOne(rowOf(session, before, { usage })).idleAt).toBe(later.now + 58_000);
  });
});

describe('a row', () => {
  it.each([
    ['truncated', { payload: new Uint8Array(3) }],
    ['wrong-identifier', { callId: id + 1 }],
    ['bad-version', { payload: new Uint8Array(64) }],
  ] as const)('is refused as %s, and no other with it', (reason, damage) => {
    const { records, refused } = readStored([rowOf(live, noUsage, damage), rowOf(live)], later);
    expect(records).toHaveLength(1);
    expect([...refused]).toEqual([[reason, 1]]);
  });

  it('is refused where there is no room for its session', () => {
    const gateway = new MemoryWorld().newGateway();
    const twice = readStored([rowOf(live), rowOf(live)], later);
    expect(adoptStored(gateway, twice, later.now)).toBe(1);
    expect([...twice.refused]).toEqual([['no-room', 1]]);
  });

  it('that a fault meets leaves nothing behind', () => {
    const gateway = new MemoryWorld().newGateway();
    const ended = disconnecting() as DisconnectingSession;
    const stored = readStored([rowOf(live), rowOf({ ...ended, id: id + 1, mac: macOf(5) })], later);
    const { restoreUsage } = gateway.flows;
    gateway.flows.restoreUsage = (which, usage) => {
      if (which === id) throw new Error('a fault');
      restoreUsage.call(gateway.flows, which, usage);
    };
    expect(adoptStored(gateway, stored, later.now)).toBe(1);
    expect([...stored.refused]).toEqual([['fault', 1]]);
    expect([gateway.registry.size, gateway.flows.size]).toEqual([1, 0]);
  });

  it('is refused or served, whatever has become of it', () => {
    const samples = [live, released() as LiveSession, disconnecting() as DisconnectingSession].map((one) => rowOf(one));
    const damage = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    const one = fc.record({ which: fc.nat(2), damage, length: fc.option(fc.nat(400)) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), (all) => {
        const rows = all.map(({ which, damage: changes, length }) => {
          const row = samples[which]!;
          const payload = row.payload.slice(0, length ?? row.payload.length);
          for (const [at, octet] of changes) if (at < payload.length) payload[at] = octet;
          return { ...row, payload };
        });
        const gateway = new MemoryWorld().newGateway();
        const stored = readStored(rows, later);
        const adopted = adoptStored(gateway, stored, later.now);
        const refused = Array.from(stored.refused.values()).reduce((sum, count) => sum + count, 0);
        expect(adopted + refused).toBe(rows.length);
        expect(gateway.registry.size).toBe(adopted);
        expect(gateway.flows.size).toBeLessThanOrEqual(adopted);
        gateway.advance(later.now + 1000);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a failed session manager still holds', () => {
  it('is had without the session that makes no sense', () => {
    const gateway = new MemoryWorld().newGateway();
    const other = { ...live, durable: { ...live.durable, id: id + 1, mac: macOf(5) } };
    gateway.adopt([
      { session: live, usage: noUsage },
      { session: other, usage: { ...noUsage, uplinkPackets: 3 } },
    ]);
    const place = gateway.registry.ofId(id)!;
    place.session = { ...live, durable: { ...live.durable, addresses: [] } };
    const { records, refused } = salvage(gateway, start);
    expect([...refused]).toEqual([['bad-value', 1]]);
    expect(records.map(({ saved }) => saved)).toEqual([savedOf(other, gateway.flows.usage(id + 1))]);
  });

  it('is had as far as its table can be read', () => {
    const gateway = new MemoryWorld().newGateway();
    gateway.adopt([{ session: live, usage: noUsage }]);
    const [place] = [...gateway.registry.sessions()];
    gateway.registry.everyone = function* () {
      yield place!;
      throw new Error('a broken table');
    };
    const { records, refused } = salvage(gateway, start);
    expect([records.length, [...refused]]).toEqual([1, [['fault', 1]]]);
  });
});

describe('counters', () => {
  it('go on from where they were, and those that nobody knows are left out', () => {
    const before = new MemoryWorld().newGateway();
    before.counters.add('session.attempted', 3);
    before.forwardingCounters.add('uplink.octets', 2 ** 40);
    const after = new MemoryWorld().newGateway();
    after.counters.add('session.attempted');
    const odd: [string, number][] = [
      ['samog:no-such', 1],
      ['session.attempted', 1],
      ['samog:session.attempted', -1],
      ['samog:session.attempted', Number.NaN],
    ];
    expect(restoreCounters(after, [...countersOf(before), ...odd])).toBe(4);
    expect(after.counters.get('session.attempted')).toBe(4);
    expect(after.forwardingCounters.get('uplink.octets')).toBe(2 ** 40);
  });
});
