import { describe, expect, it } from 'vitest';
import { testDigests } from '../../../../tests/support/digests.ts';
import { formatIp, type IpAddress } from '../../../kernel/address.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { samogCounters } from '../statistics.ts';
import { RadiusServer, type RadiusServerOptions } from './radius-server.ts';
import { type GroupRequest, ServerGroup, type Ticket } from './server-group.ts';
import { Transmitter } from './transmitter.ts';
import { evenRandom, type SentPacket, secret, serverA, serverB, serverC, TestWire } from './wire-for-tests.ts';

interface TestServer extends Partial<RadiusServerOptions> {
  readonly address: IpAddress;
  readonly outstandingMax?: number;
}

class Bench {
  readonly wire = new TestWire(testDigests);
  readonly counters = samogCounters();
  readonly outcomes: string[] = [];
  readonly life: string[] = [];
  readonly transmitter: Transmitter;
  readonly servers: readonly RadiusServer[];
  readonly group: ServerGroup;

  constructor(servers: readonly TestServer[], waitingMax = 100) {
    this.transmitter = new Transmitter('aaa', 'aaa', {
      output: this.wire,
      digests: testDigests,
      random: evenRandom(),
      counters: this.counters,
      heard: (endpoint, now) => this.servers.find((server) => server.endpoint === endpoint)?.heard(now),
    });
    this.servers = servers.map(({ address, outstandingMax = 256, ...options }) => {
      const at = {
        address,
        port: 1812,
        secret,
        firstChannel: 0,
        channels: 1,
        outstandingMax,
        transport: 'udp' as const,
      };
      const defaults = { name: formatIp(address), priority: 0, weight: 1, deadTimeMs: 60_000 };
      return new RadiusServer({ ...defaults, ...options }, this.transmitter.add(at), {
        died: ({ options: { name } }, now) => this.life.push(`${now} ${name} died`),
        revived: ({ options: { name } }, now) => this.life.push(`${now} ${name} revived`),
      });
    });
    const repetition = { initialMs: 1000, maxMs: 1000, transmissions: 2, durationMs: Number.POSITIVE_INFINITY };
    this.group = new ServerGroup(this.servers, this.transmitter, this.counters, { repetition, waitingMax });
  }

  send(hash: string, request: Partial<GroupRequest> = {}): Ticket | undefined {
    const asked = {
      code: radiusCode.accessRequest,
      urgency: 'new' as const,
      attributes: () => [],
      ...request,
      hash: () => hash,
    };
    return this.group.send(
      asked,
      (outcome, now) => {
        const from = outcome.kind === 'answered' ? ` by ${outcome.server}` : '';
        this.outcomes.push(`${now} ${hash} ${outcome.kind}${from}`);
      },
      this.wire.now,
    );
  }

  answer(sent: SentPacket): void {
    const bytes = this.wire.answerTo(sent, radiusCode.accessAccept);
    this.transmitter.receive(sent.channel, sent.server, sent.serverPort, bytes, this.wire.now);
  }

  until(end: number): this {
    this.wire.until(end, {
      advance: (now) => {
        this.transmitter.advance(now);
        this.group.advance(now);
      },
      nextDeadline: () => Math.min(this.transmitter.nextDeadline(), this.group.nextDeadline()),
    });
    return this;
  }

  /** Where everything was sent, by the last octet of the address. */
  get places(): number[] {
    return this.wire.sent.map(({ server }) => (server as number) & 0xff);
  }
}

/** Calling-Station-Ids of 1000 UEs. */
const keys = Array.from({ length: 1000 }, (_, index) => `02-00-5E-00-00-${index.toString(16).padStart(4, '0')}`);

function shares(bench: Bench): Map<number, number> {
  const counts = new Map<number, number>();
  for (const place of bench.places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return counts;
}

describe('the choice among servers of one priority', () => {
  it.each([
    ['even', [1, 1, 1], [1 / 3, 1 / 3, 1 / 3]],
    ['by weight', [1, 2, 5], [1 / 8, 2 / 8, 5 / 8]],
  ])('is %s', (_name, weights, expected) => {
    const places = [serverA, serverB, serverC];
    const bench = new Bench(places.map((address, index) => ({ address, weight: weights[index]! })));
    for (const key of keys) {
      bench.send(key);
      bench.answer(bench.wire.sent.at(-1)!);
    }
    const counts = shares(bench);
    for (const [index, share] of expected.entries()) {
      const count = counts.get(10 + index) ?? 0;
      // Four standard deviations of a fair draw: beyond it the draw is not fair.
      const deviation = Math.sqrt(1000 * share * (1 - share));
      expect(Math.abs(count - 1000 * share)).toBeLessThan(4 * deviation);
    }
  });

  it('is the same for whoever chooses, whatever the order of the file, and moves only the keys of a server that dies', () => {
    const first = new Bench([{ address: serverA }, { address: serverB }, { address: serverC }]);
    const second = new Bench([{ address: serverC }, { address: serverA }, { address: serverB }]);
    const without = new Bench([{ address: serverA }, { address: serverC }]);
    for (const key of keys.slice(0, 200)) for (const bench of [first, second, without]) bench.send(key);
    expect(second.places).toEqual(first.places);
    const moved = without.places.filter((place, index) => place !== first.places[index]);
    expect(moved.length).toBe(first.places.filter((place) => place === 11).length);
    expect(new Set(moved)).toEqual(new Set([10, 12]));
  });

  it('is among others for a while, where one has no room', () => {
    const bench = new Bench([{ address: serverA, weight: 1000, outstandingMax: 2 }, { address: serverB }]);
    for (const key of ['k1', 'k2', 'k3']) bench.send(key);
    expect(bench.places).toEqual([10, 10, 11]);
  });
});

describe('priority', () => {
  const servers = [
    { address: serverA, priority: 5 },
    { address: serverB, priority: 9, weight: 1000 },
  ];

  it('keeps the backup out while one before it lives', () => {
    const bench = new Bench(servers);
    for (const key of keys.slice(0, 50)) bench.send(key);
    expect(new Set(bench.places)).toEqual(new Set([10]));
  });

  it('takes the backup when the other is dead, and goes back when it is heard', () => {
    const bench = new Bench(servers);
    bench.send('k1');
    bench.until(2000).send('k2');
    bench.answer(bench.wire.sent[0]!);
    bench.send('k3');
    expect(bench.places).toEqual([10, 10, 11, 11, 10]);
    expect(bench.life).toEqual(['2000 192.0.2.10 died', '2000 192.0.2.10 revived']);
  });
});

describe('a request that only one server can answer', () => {
  const both = [{ address: serverA }, { address: serverB }];

  it('goes there whatever its hash, and nowhere else when it is silent', () => {
    const bench = new Bench(both);
    for (const key of keys.slice(0, 20)) bench.send(key, { server: '192.0.2.11' });
    bench.until(10_000);
    expect(new Set(bench.places)).toEqual(new Set([11]));
    expect(bench.outcomes.every((outcome) => outcome.endsWith('unanswered'))).toBe(true);
  });

  it('goes by its hash if the server is not configured any more', () => {
    const bench = new Bench(both);
    bench.send('k', { server: 'of yesterday' });
    bench.send('k');
    expect(bench.places[0]).toBe(bench.places[1]);
  });

  it('waits for it without holding up others', () => {
    const bench = new Bench([{ address: serverA, outstandingMax: 1 }, { address: serverB }]);
    bench.send('k1', { server: '192.0.2.10' });
    expect(bench.send('k2', { server: '192.0.2.10' })).toMatchObject({ waits: true });
    expect(bench.send('k3')).toMatchObject({ waits: false });
    expect(bench.places).toEqual([10, 11]);
    bench.answer(bench.wire.sent[0]!);
    expect(bench.places).toEqual([10, 11, 10]);
  });
});

describe('requests that wait', () => {
  it('do not wait behind one that failed over to a busy server', () => {
    const bench = new Bench([
      { address: serverA, priority: 0, outstandingMax: 1, deadTimeMs: 0 },
      { address: serverB, priority: 1, outstandingMax: 1 },
    ]);
    bench.send('first');
    bench.until(1500).send('to B', { server: '192.0.2.11' });
    for (const key of ['behind 1', 'behind 2']) expect(bench.send(key)).toMatchObject({ waits: true });
    // The first gives up on A and may only go to B, which is busy; those who wait already may go to A.
    bench.until(2000);
    expect(bench.group.status(2000).waiting).toBe(2);
    expect(bench.places).toEqual([10, 10, 11, 10]);
    bench.answer(bench.wire.sent.at(-1)!);
    expect(bench.outcomes).toEqual(['2000 behind 1 answered by 192.0.2.10']);
    expect(bench.places).toEqual([10, 10, 11, 10, 10]);
  });

  it('go on by urgency, then in order', () => {
    const bench = new Bench([{ address: serverA, outstandingMax: 1 }]);
    bench.send('now');
    for (const key of ['new 1', 'new 2']) bench.send(key);
    for (const key of ['on 1', 'on 2']) bench.send(key, { urgency: 'continuing' });
    for (let index = 0; index < 5; index += 1) bench.answer(bench.wire.sent.at(-1)!);
    expect(bench.outcomes.map((outcome) => outcome.split(' ').slice(1, -3).join(' '))).toEqual([
      ...['now', 'on 1', 'on 2', 'new 1', 'new 2'],
    ]);
  });

  it('are no more than may, and none is lost or kept by a cancellation', () => {
    const bench = new Bench([{ address: serverA, outstandingMax: 1 }], 2);
    const tickets = ['k1', 'k2', 'k3', 'k4'].map((key) => bench.send(key));
    expect(tickets.map((ticket) => ticket?.waits)).toEqual([false, true, true, undefined]);
    expect(bench.counters.get('radius.refused.queue-full')).toBe(1);
    bench.group.cancel(tickets[1]!);
    bench.group.cancel(tickets[0]!);
    bench.group.cancel(tickets[0]!);
    bench.until(0);
    expect(bench.wire.sent).toHaveLength(2);
    bench.answer(bench.wire.sent[1]!);
    expect(bench.outcomes).toEqual(['0 k3 answered by 192.0.2.10']);
    expect(bench.group.status(0)).toMatchObject({ waiting: 0, servers: [{ outstanding: 0 }] });
  });

  it('while the group is held are as many more as would have gone, and go when it is not', () => {
    const bench = new Bench([{ address: serverA, outstandingMax: 2 }], 1);
    bench.send('before');
    bench.group.hold(true, 0);
    expect(bench.group.isQuiet(0)).toBe(false);
    expect(['k1', 'k2', 'k3'].map((key) => bench.send(key)?.waits)).toEqual([true, true, undefined]);
    bench.answer(bench.wire.sent[0]!);
    expect(bench.group.isQuiet(0)).toBe(true);
    expect(bench.send('k4')?.waits).toBe(true);
    expect(bench.wire.sent).toHaveLength(1);
    bench.group.hold(false, 0);
    expect(bench.wire.sent).toHaveLength(3);
    expect(bench.group.status(0)).toMatchObject({ waiting: 1, servers: [{ outstanding: 2 }] });
  });
});

describe('a server', () => {
  it('that is never passed over is asked at once again', () => {
    const bench = new Bench([
      { address: serverA, priority: 0, deadTimeMs: 0 },
      { address: serverB, priority: 1 },
    ]);
    bench.send('k1');
    bench.until(2000).send('k2');
    expect(bench.places).toEqual([10, 10, 11, 10]);
    expect(bench.life).toEqual([]);
  });

  it('dies once, although it is tried in vain after its dead time', () => {
    const bench = new Bench([
      { address: serverA, priority: 0, deadTimeMs: 5000 },
      { address: serverB, priority: 1 },
    ]);
    for (let index = 0; index < 5; index += 1) {
      bench.send('k');
      bench.until(bench.wire.now + 7000);
    }
    expect(bench.life.filter((line) => line.includes('.10'))).toEqual(['2000 192.0.2.10 died']);
  });
});
