import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { never } from '../../src/kernel/instant.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import { decodeFull, encodeFull } from '../../src/services/samog/checkpoints/full-checkpoint.ts';
import type { StreamRecord } from '../../src/wire/srp/messages.ts';
import { type PairNode, PairWorld } from './pair-world.ts';

/** A number of a session, by its place among them, that becomes another one. */
interface Change {
  readonly at: number;
  readonly to: number;
}

const extremes = [0, 1, 0xff, 0xffff, 2 ** 31, 0xffffffff, 2 ** 48 - 1, 2 ** 52, 2 ** 53 - 1, never, -never];
const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat({ max: 500 }), to: fc.constantFrom(...extremes) });
const revision = fc.option(fc.constantFrom(0, 2 ** 31 - 1, 2 ** 31, 0xffffffff), { nil: undefined, freq: 4 });

function changed<T>(value: T, changes: readonly Change[]): T {
  let numbers = 0;
  const visit = (part: unknown, numberAt: (at: number, number: number) => number): unknown => {
    if (typeof part === 'number') return numberAt(numbers++, part);
    if (part === null || typeof part !== 'object' || part instanceof Uint8Array) return part;
    if (Array.isArray(part)) return part.map((inner) => visit(inner, numberAt));
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, visit(inner, numberAt)]));
  };
  visit(value, (_, number) => number);
  const places = new Map(changes.map(({ at, to }) => [at % numbers, to]));
  numbers = 0;
  return visit(value, (at, number) => places.get(at) ?? number) as T;
}

/** What is said of a whole session, with other numbers in it; as it was where they cannot be said. */
function untrue(
  record: StreamRecord,
  changes: readonly Change[],
  under: number | undefined,
  node: PairNode,
  now: number,
) {
  if (record.cmdId !== command.session.cmdId) return record;
  const read = decodeFull(record.payload, node.clock(now));
  if (!read.ok) return record;
  try {
    const payload = encodeFull(changed(read.value.saved, changes), under ?? record.revision, node.clock(now));
    return { ...record, revision: under ?? record.revision, payload };
  } catch {
    return record;
  }
}

describe('a peer whose sessions make no sense', () => {
  it('leaves a chassis that serves, and a pair that is one again', () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 3 }),
        revision,
        fc.constantFrom('rg1' as const, 'wlc1' as const),
        (changes, under, by) => {
          const pair = new PairWorld();
          const { a, b, world } = pair;
          pair.says.A = (message) => {
            if (message.kind !== 'streamBatch') return message;
            return { ...message, records: message.records.map((it) => untrue(it, changes, under, a, world.now)) };
          };
          world.run(1000);
          world.ue.moveTo(world[by], 'dhcp-discover', world.now);
          world.run(1500);
          pair.kill(a);
          delete pair.says.A;
          world.run(5000);
          expect(b.state).toBe('ACTIVE');
          // What b has been told it tells in turn, and counts on from there.
          pair.restart(a);
          world.run(20_000);
          expect([b.state, b.chassis.manager.crashes, a.isReady]).toEqual(['ACTIVE', [], true]);
          pair.switchOver();
          world.run(5000);
          expect([a.state, a.chassis.manager.crashes, b.state]).toEqual(['ACTIVE', [], 'STANDBY']);
        },
      ),
      // What fails takes long: a smaller example would take longer than a test may.
      { numRuns: 30, endOnFailure: true },
    );
  });
});
