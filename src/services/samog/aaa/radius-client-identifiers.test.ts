import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RadiusClientBench, sessionOf } from '../../../../tests/support/radius-client-bench.ts';
import { SeededRandom } from '../../../kernel/random.ts';
import { serverA, serverB } from './wire-for-tests.ts';

describe('identifiers', () => {
  it('go round the channels in runs of 32', () => {
    const bench = new RadiusClientBench([serverA], { sourcePorts: 3 });
    for (let session = 0; session < 98; session += 1) bench.authenticate(session);
    const slots = bench.script.map((line) => line.split(' ')[2]);
    expect([0, 1, 31, 32, 63, 64, 95, 96, 97].map((index) => slots[index])).toEqual([
      ...['0/0', '0/1', '0/31'],
      ...['1/0', '1/31'],
      ...['2/0', '2/31'],
      ...['0/32', '0/33'],
    ]);
  });

  it('are used again after all others', () => {
    const bench = new RadiusClientBench();
    for (let session = 0; session < 256; session += 1) {
      bench.authenticate(session);
      bench.answer(bench.sent.at(-1)!);
    }
    bench.authenticate(1000);
    expect(new Set(bench.sent.slice(0, 256).map(({ packet }) => packet.identifier)).size).toBe(256);
    expect(bench.sent[256]!.packet.identifier).toBe(0);
  });

  it('have only the deadline of the request that has them now', () => {
    const bench = new RadiusClientBench();
    for (let session = 0; session < 256; session += 1) {
      bench.authenticate(session);
      bench.answer(bench.sent.at(-1)!);
    }
    bench.until(500).authenticate(1000);
    bench.until(1600);
    expect(bench.script.slice(256)).toEqual(['500 192.0.2.10 0/0 1000', '1500 192.0.2.10 0/0 1000']);
  });

  it('are 256 to a channel, after which requests wait in line and then are refused', () => {
    const bench = new RadiusClientBench([serverA], { sourcePorts: 2 });
    const answers = Array.from({ length: 1030 }, (_, session) => bench.authenticate(session));
    expect(answers.filter((answer) => answer === 'sent')).toHaveLength(512);
    expect(answers.slice(512, 1024)).toEqual(Array(512).fill('queued'));
    expect(answers.slice(1024)).toEqual(Array(6).fill('refused'));
    expect(bench.count('radius.refused.queue-full')).toBe(6);
    expect(bench.servers.authentication.status(0)).toMatchObject({ waiting: 512, servers: [{ outstanding: 512 }] });

    bench.answer(bench.sent[300]!);
    const next = bench.sent.at(-1)!;
    expect(sessionOf(next.packet)).toBe(512);
    expect([next.channel, next.packet.identifier]).toEqual([
      bench.sent[300]!.channel,
      bench.sent[300]!.packet.identifier,
    ]);
  });

  it('are free after a cancellation, for whoever waits', () => {
    const bench = new RadiusClientBench([serverA], { outstandingMax: 2 });
    for (const session of [1, 2, 3, 4]) bench.authenticate(session);
    bench.client.cancel(3);
    bench.client.cancel(1);
    expect(bench.authenticate(5)).toBe('queued');
    bench.until(0);
    expect(bench.script.slice(2)).toEqual(['0 192.0.2.10 0/2 4']);
    bench.answer(bench.sent[0]!);
    expect(bench.count('radius.discarded.late')).toBe(1);
    bench.client.cancel(99);
    expect(bench.outcomes).toEqual([]);
  });

  it('belong to the latest request of a session', () => {
    const bench = new RadiusClientBench();
    bench.authenticate(1);
    bench.authenticate(1);
    bench.answer(bench.sent[0]!);
    bench.answer(bench.sent[1]!);
    expect(bench.outcomes).toEqual(['0 1 accepted']);
  });
});

/** What may happen to a client, for the property below. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('authenticate' as const), session: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), session: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(4000) }) },
);

it('ends every request that is neither refused, cancelled nor replaced exactly once, and leaks no identifier', () => {
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 200 }),
      fc.integer({ min: 1, max: 6 }),
      (happenings, outstandingMax) => {
        const bench = new RadiusClientBench([serverA, serverB], {
          outstandingMax,
          sourcePorts: 2,
          random: new SeededRandom(1),
        });
        const open = new Set<number>();
        let ended = 0;
        bench.onOutcome = (session) => {
          expect(open.delete(session)).toBe(true);
          ended += 1;
        };
        for (const event of happenings) {
          if (event.kind === 'authenticate') {
            open.delete(event.session);
            if (bench.authenticate(event.session) !== 'refused') open.add(event.session);
          } else if (event.kind === 'cancel') {
            open.delete(event.session);
            bench.client.cancel(event.session);
          } else if (event.kind === 'wait') bench.until(bench.now + event.ms);
          else if (bench.sent.length > 0) bench.answer(bench.sent[event.pick % bench.sent.length]!);
          const { servers, waiting } = bench.servers.authentication.status(bench.now);
          expect(servers.every(({ outstanding }) => outstanding <= outstandingMax)).toBe(true);
          expect(servers[0]!.outstanding + servers[1]!.outstanding + waiting).toBe(open.size);
        }
        bench.until(bench.now + 1_000_000);
        expect(open.size).toBe(0);
        expect(bench.outcomes).toHaveLength(ended);
        expect(bench.servers.authentication.status(bench.now)).toMatchObject({
          waiting: 0,
          servers: [{ outstanding: 0 }, { outstanding: 0 }],
        });
      },
    ),
    { numRuns: 200 },
  );
});
