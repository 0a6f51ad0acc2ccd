import { describe, expect, it } from 'vitest';
import { configOf } from '../../tests/scenarios/memory-world.ts';
import type { Instant } from '../kernel/instant.ts';
import type { GroupOutcome, GroupRequest, ServerGroupStatus, Ticket } from '../services/samog/aaa/server-group.ts';
import { samogCounters } from '../services/samog/statistics.ts';
import { find } from '../wire/bytes/tlv.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { ServiceAccounting } from './service-accounting.ts';

const zeroHop = { secret: new Uint8Array(1), requestAuthenticator: new Uint8Array(16) };

/** In place of servers a list of what was sent to them. */
class Bench {
  now = 1_000_000;
  readonly sent: string[] = [];
  readonly waiting = new Map<string, (outcome: GroupOutcome, now: Instant) => void>();
  readonly counters = samogCounters();
  readonly settledAt: Instant[] = [];
  readonly service: ServiceAccounting;

  constructor(own = true, names: readonly string[] = ['aaa-1', 'aaa-2']) {
    const { mrmeService } = configOf();
    this.service = new ServiceAccounting({
      config: () => ({ ...mrmeService, accounting: { ...mrmeService.accounting, own } }),
      servers: {
        send: (request, onOutcome) => this.#send(request, onOutcome),
        cancel: (ticket) => this.waiting.delete((ticket as unknown as { name: string }).name),
        status: () => ({ servers: names.map((name) => ({ name })), waiting: 0 }) as unknown as ServerGroupStatus,
      },
      counters: this.counters,
      wallClock: () => this.now,
      settled: (now) => {
        this.settledAt.push(now);
        this.service.release(now);
      },
    });
  }

  until(end: Instant): this {
    while (this.service.nextDeadline() <= end) {
      this.now = Math.max(this.now, this.service.nextDeadline());
      this.service.advance(this.now);
    }
    this.now = end;
    return this;
  }

  answer(name: string, kind: GroupOutcome['kind'] = 'answered'): void {
    const onOutcome = this.waiting.get(name)!;
    this.waiting.delete(name);
    onOutcome({ kind, packet: undefined, hop: zeroHop, server: name } as unknown as GroupOutcome, this.now);
  }

  #send(request: GroupRequest, onOutcome: (outcome: GroupOutcome, now: Instant) => void): Ticket {
    const name = request.server!;
    const attributes = request.attributes(zeroHop);
    const fields = [radiusAttribute.acctStatusType, radiusAttribute.eventTimestamp, radiusAttribute.acctDelayTime];
    this.sent.push(`${name}: ${fields.map((field) => find(attributes, field)).join(' ')}`);
    this.waiting.set(name, onOutcome);
    return { waits: false, name } as Ticket;
  }
}

describe('a service that begins without sessions', () => {
  it('tells each server once, and keeps records back until all have answered', () => {
    const bench = new Bench();
    bench.service.hold(bench.now);
    bench.service.begin(bench.now);
    bench.service.begin(bench.now);
    expect(bench.sent).toEqual(['aaa-1: 7 1000 0', 'aaa-2: 7 1000 0']);
    bench.until(1_002_000).answer('aaa-2');
    expect(bench.service.isHolding).toBe(true);
    bench.until(1_003_000).answer('aaa-1');
    expect([bench.service.isHolding, bench.settledAt]).toEqual([false, [1_003_000]]);
    expect(bench.service.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(bench.counters.get('accounting.on.acknowledged')).toBe(2);
  });

  it('waits 10 s for one that is silent, and sends it nothing more', () => {
    const bench = new Bench();
    bench.service.hold(bench.now);
    bench.service.begin(bench.now);
    bench.answer('aaa-1');
    bench.until(1_009_999);
    expect(bench.service.isHolding).toBe(true);
    bench.until(1_010_000);
    expect([bench.service.isHolding, bench.settledAt.length, bench.waiting.size]).toEqual([false, 1, 0]);
    expect(bench.counters.get('accounting.on.given-up')).toBe(1);
  });

  it('is not repeated where another chassis may have taken over by then', () => {
    const bench = new Bench();
    bench.service.hold(bench.now);
    bench.service.begin(bench.now, true);
    const { timeoutMs } = configOf().mrmeService.radius;
    bench.until(bench.now + timeoutMs * 0.8 - 1);
    expect([bench.service.isHolding, bench.waiting.size]).toEqual([true, 2]);
    bench.until(bench.now + 1);
    expect([bench.service.isHolding, bench.waiting.size]).toEqual([false, 0]);
  });

  it('goes on at once when a server is found dead', () => {
    const bench = new Bench(true, ['aaa-1']);
    bench.service.hold(bench.now);
    bench.service.begin(bench.now);
    bench.until(1_004_000).answer('aaa-1', 'unanswered');
    expect([bench.service.isHolding, bench.settledAt]).toEqual([false, [1_004_000]]);
  });

  it('says nothing when it is too late: records have left', () => {
    const bench = new Bench();
    bench.service.hold(bench.now);
    bench.until(1_010_000).service.begin(bench.now);
    expect([bench.sent, bench.service.isHolding]).toEqual([[], false]);
  });

  it('says and holds nothing where it keeps no accounts', () => {
    const bench = new Bench(false);
    bench.service.hold(bench.now);
    bench.service.begin(bench.now);
    bench.service.end(bench.now, (now) => bench.settledAt.push(now));
    expect([bench.sent, bench.service.isHolding, bench.settledAt]).toEqual([[], false, [1_000_000]]);
  });
});

describe('a service that ends', () => {
  it.each([
    ['all have answered', true, 1_000_300],
    ['a second is over', false, 1_001_000],
  ])('waits until %s, and lets no record go after it', (_, answers, at) => {
    const bench = new Bench();
    bench.service.end(bench.now, (now) => bench.settledAt.push(now));
    expect(bench.sent).toEqual(['aaa-1: 8 1000 0', 'aaa-2: 8 1000 0']);
    bench.answer('aaa-1');
    bench.until(1_000_300);
    if (answers) bench.answer('aaa-2');
    bench.until(1_100_000);
    expect(bench.settledAt).toEqual([at]);
    expect(bench.service.isHolding).toBe(true);
  });

  it('gives up an Accounting-On that is on its way', () => {
    const bench = new Bench(true, ['aaa-1']);
    bench.service.hold(bench.now);
    bench.service.begin(bench.now);
    bench.service.end(bench.now, () => {});
    expect(bench.sent).toEqual(['aaa-1: 7 1000 0', 'aaa-1: 8 1000 0']);
    expect(bench.counters.get('accounting.on.given-up')).toBe(1);
  });
});
