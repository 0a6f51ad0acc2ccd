import { describe, expect, it } from 'vitest';
import { formatIp, type IpAddress, ipv4Of, parseIpv4 } from '../../../kernel/address.ts';
import type { RandomSource } from '../../../kernel/context.ts';
import { SeededRandom } from '../../../kernel/random.ts';
import { find, tlv } from '../../../wire/bytes/tlv.ts';
import { decodeMobility, type Heartbeat } from '../../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';
import type { SamogEvent } from '../events.ts';
import { type SamogCounter, samogCounters } from '../statistics.ts';
import { PeerMonitor, type PeerMonitorOptions } from './peer-monitor.ts';

/** Draws the middle of every range: the first request comes after 3 s, the others every 60 s. */
const even: RandomSource = { u32: () => 0x80000000, bytes: (length) => new Uint8Array(length) };

const lma = parseIpv4('192.0.2.20')!;
const other = parseIpv4('192.0.2.21')!;
const ownRestartCounter = 0xfffffffe;

/** A monitor with peers played by the test: what it sent and noticed, in order, and a clock that visits deadlines. */
class Bench {
  readonly script: string[] = [];
  readonly requests: Heartbeat[] = [];
  readonly answers: Heartbeat[] = [];
  readonly events: SamogEvent[] = [];
  readonly counters = samogCounters();
  readonly monitor: PeerMonitor;
  now = 0;

  constructor(options: Partial<PeerMonitorOptions> = {}, random: RandomSource = even) {
    const { port = 's2a-pmipv6' } = options;
    const note = (what: string) => (peer: IpAddress, now: number) => {
      this.script.push(`${Math.round(now)} ${what} ${formatIp(peer)}`);
    };
    this.monitor = new PeerMonitor(
      { intervalMs: 60_000, missing: 3, ownRestartCounter, ...options, port },
      {
        output: {
          send: (name, channel, peer, peerPort, bytes) => {
            expect([name, channel]).toEqual([port, 0]);
            const message = decodeMobility(bytes.slice());
            if (!message.ok || message.value.kind !== 'heartbeat') throw new Error('no heartbeat');
            const { response } = message.value;
            (response ? this.answers : this.requests).push(message.value);
            const at = Math.round(this.now);
            this.script.push(`${at} ${response ? 'answer' : 'request'} ${formatIp(peer)}:${peerPort}`);
          },
        },
        counters: this.counters,
        random,
        report: (event) => this.events.push(event),
        onRestarted: note('restarted'),
        onDown: note('down'),
        onUp: note('up'),
      },
    );
  }

  watch(peer: IpAddress = lma, peerPort = 5436): boolean {
    return this.monitor.watch(peer, peerPort, this.now);
  }

  until(end: number): this {
    for (let at = this.monitor.nextDeadline(); at <= end; at = this.monitor.nextDeadline()) {
      this.now = Math.max(this.now, at);
      this.monitor.advance(this.now);
    }
    this.now = end;
    return this;
  }

  receive(heartbeat: Partial<Heartbeat>, restartCounter?: number, peer: IpAddress = lma): this {
    const options = restartCounter === undefined ? [] : [tlv(mobilityOption.restartCounter, restartCounter)];
    const message = {
      kind: 'heartbeat',
      response: true,
      unsolicited: false,
      sequence: 0,
      options,
      ...heartbeat,
    } as const;
    this.monitor.received(peer, 5436, message, this.now);
    return this;
  }

  /** The peer answers the latest request. */
  answer(restartCounter?: number): this {
    return this.receive({ sequence: this.requests.at(-1)!.sequence }, restartCounter);
  }

  count(name: SamogCounter): number {
    return this.counters.get(name);
  }
}

describe('a request of a peer', () => {
  it.each([
    ['s2a-pmipv6', 's2a.heartbeat.received', 's2a.heartbeat.answered'],
    ['access-pmipv6', 'heartbeat.access.received', 'heartbeat.access.answered'],
  ] as const)(
    'on %s is answered with its sequence number and our Restart Counter, watched or not',
    (port, received, answered) => {
      const bench = new Bench({ port });
      bench.monitor.received(
        other,
        40000,
        { kind: 'heartbeat', response: false, unsolicited: false, sequence: 0xdeadbeef, options: [] },
        0,
      );
      expect(bench.script).toEqual(['0 answer 192.0.2.21:40000']);
      expect(bench.answers[0]).toMatchObject({ response: true, unsolicited: false, sequence: 0xdeadbeef });
      expect(find(bench.answers[0]!.options, mobilityOption.restartCounter)).toBe(ownRestartCounter);
      expect([bench.count(received), bench.count(answered)]).toEqual([1, 1]);
      expect(bench.events).toMatchObject([
        { name: 'heartbeat-sent', peer: other, party: port === 's2a-pmipv6' ? 'lma' : 'wlc' },
      ]);
    },
  );
});

describe('a watched peer', () => {
  it('is asked at every interval, each time with the next sequence number', () => {
    const bench = new Bench();
    expect(bench.watch()).toBe(true);
    bench.until(3000).answer().until(63_000).answer().until(130_000);
    expect(bench.script).toEqual([3, 63, 123].map((second) => `${second}000 request 192.0.2.20:5436`));
    const [first, second, third] = bench.requests.map(({ sequence }) => sequence);
    expect([second! - first!, third! - second!]).toEqual([1, 1]);
    expect(bench.requests.every(({ response, unsolicited }) => !response && !unsolicited)).toBe(true);
  });

  it('is down after the requests allowed to go unanswered, and up when it answers again', () => {
    const bench = new Bench();
    bench.watch();
    bench.until(3000).answer();
    expect(bench.monitor.status(4000)).toEqual([
      { peer: lma, state: 'up', missed: 0, restartCounter: undefined, lastHeardAgeMs: 1000 },
    ]);
    bench.until(303_000);
    expect(bench.script.filter((line) => !line.includes('request'))).toEqual(['243000 down 192.0.2.20']);
    expect(bench.monitor.status(303_000)).toMatchObject([{ state: 'down', missed: 4 }]);
    bench.answer();
    expect(bench.script.at(-1)).toBe('303000 up 192.0.2.20');
    expect(bench.count('s2a.heartbeat.missed')).toBe(4);
    expect(bench.count('s2a.heartbeat.sent')).toBe(6);
  });

  it('is down only after so many in a row', () => {
    const bench = new Bench();
    bench.watch();
    for (const minutes of [2, 5, 8]) bench.until(3000 + minutes * 60_000).answer();
    expect(bench.count('s2a.heartbeat.missed')).toBe(6);
    expect(bench.script.filter((line) => line.includes('down'))).toEqual([]);
  });

  it('is down although it never answered', () => {
    const bench = new Bench({ missing: 1 });
    bench.watch();
    expect(bench.monitor.status(0)).toMatchObject([{ state: 'unknown', lastHeardAgeMs: undefined }]);
    expect(bench.until(63_000).script.at(-1)).toBe('63000 down 192.0.2.20');
  });

  it('is not down while anything valid comes from it', () => {
    const bench = new Bench({ missing: 1 });
    bench.watch();
    for (let minute = 0; minute < 10; minute += 1) {
      bench.until(minute * 60_000 + 10_000);
      bench.monitor.heardFrom(lma, bench.now);
    }
    expect(bench.script.filter((line) => line.includes('down'))).toEqual([]);
    expect(bench.count('s2a.heartbeat.missed')).toBe(0);
  });

  it('is not heard by a response to another request', () => {
    const bench = new Bench();
    bench.watch();
    bench.until(3000);
    const { sequence } = bench.requests[0]!;
    bench.receive({ sequence: sequence + 1 }, 5);
    bench.until(63_000).receive({ sequence }, 6);
    expect(bench.count('s2a.heartbeat.unmatched')).toBe(2);
    expect(bench.monitor.status(63_000)).toMatchObject([{ state: 'unknown', missed: 1, restartCounter: undefined }]);
  });

  it('is asked at its latest port, and no more once it is not watched', () => {
    const bench = new Bench();
    bench.watch();
    bench.watch(lma, 6000);
    bench.until(3000);
    bench.monitor.unwatch(lma);
    expect(bench.until(600_000).script).toEqual(['3000 request 192.0.2.20:6000']);
    expect(bench.monitor.status(0)).toEqual([]);
  });

  it('is asked once an interval after it is watched anew', () => {
    const bench = new Bench();
    bench.watch();
    bench.until(1000);
    bench.monitor.unwatch(lma);
    bench.watch();
    expect(bench.until(60_000).script).toEqual(['4000 request 192.0.2.20:5436']);
  });

  it('is not asked where the interval is 0', () => {
    const bench = new Bench({ intervalMs: 0 });
    bench.watch();
    expect(bench.until(600_000).script).toEqual([]);
    expect(bench.monitor.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is one of so many at most', () => {
    const bench = new Bench({ peersMax: 1 });
    expect([bench.watch(), bench.watch(other), bench.watch()]).toEqual([true, false, true]);
    bench.receive({ sequence: 1 }, 5, other);
    expect(bench.count('s2a.heartbeat.unmatched')).toBe(1);
  });
});

it('spreads the requests to peers that came together', () => {
  const bench = new Bench({}, new SeededRandom(7));
  for (let index = 0; index < 100; index += 1) bench.watch(ipv4Of(lma + index));
  bench.until(66_000 * 2);
  const times = new Map<string, number[]>();
  for (const line of bench.script) {
    const [at = '', what, peer = ''] = line.split(' ');
    if (what === 'request') times.set(peer, [...(times.get(peer) ?? []), Number(at)]);
  }
  const first = [...times.values()].map(([at = -1]) => at);
  const gaps = [...times.values()].map(([a = 0, b = 0]) => b - a);
  expect(times.size).toBe(100);
  expect(Math.max(...first)).toBeLessThanOrEqual(6000);
  expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(4000);
  expect([Math.min(...gaps) >= 53_999, Math.max(...gaps) <= 66_001]).toEqual([true, true]);
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(8000);
});

describe('a restart of the peer', () => {
  const restarts = (bench: Bench) => bench.script.filter((line) => line.includes('restarted')).length;

  it('is told once by a counter that differs from the last, whichever way', () => {
    const bench = new Bench();
    bench.watch();
    const counters = [5, 5, 6, 6, 6, 2, undefined, 2];
    const seen = counters.map((counter, index) => {
      bench.until(3000 + index * 60_000).answer(counter);
      return restarts(bench);
    });
    expect(seen).toEqual([0, 0, 1, 1, 1, 2, 2, 2]);
    expect(bench.count('s2a.lma-restarted')).toBe(2);
    expect(bench.monitor.status(bench.now)).toMatchObject([{ restartCounter: 2 }]);
  });

  it('is told by an unsolicited response, repeated or not, whatever its sequence number', () => {
    const bench = new Bench({ port: 'access-pmipv6' });
    const unsolicited = { unsolicited: true, sequence: 77 };
    bench.receive(unsolicited, 9).receive(unsolicited, 9);
    expect(restarts(bench)).toBe(1);
    bench.receive(unsolicited, 10);
    expect(restarts(bench)).toBe(2);
    expect(bench.count('heartbeat.access.restarted')).toBe(2);
    expect(bench.answers).toEqual([]);
  });

  it('is not told by an unsolicited response without a counter', () => {
    const bench = new Bench();
    bench.watch();
    bench.receive({ unsolicited: true });
    expect(bench.script).toEqual([]);
    expect(bench.monitor.status(0)).toMatchObject([{ state: 'up' }]);
  });

  it('is told by the counter in a request too', () => {
    const bench = new Bench();
    bench.receive({ response: false }, 1).receive({ response: false }, 2);
    expect(restarts(bench)).toBe(1);
  });

  it('is told of a peer that was not watched for a while', () => {
    const bench = new Bench();
    bench.watch();
    bench.until(3000).answer(1);
    bench.monitor.unwatch(lma);
    bench.watch();
    bench.until(60_000).answer(2);
    expect(restarts(bench)).toBe(1);
  });

  it('is remembered of so many peers at most', () => {
    const bench = new Bench({ peersMax: 2 });
    for (const peer of [1, 2, 3]) bench.receive({ response: false }, 1, ipv4Of(peer));
    for (const peer of [1, 3]) bench.receive({ response: false }, 2, ipv4Of(peer));
    expect(bench.script.filter((line) => line.includes('restarted'))).toEqual(['0 restarted 0.0.0.3']);
  });
});
