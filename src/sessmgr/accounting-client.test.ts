import { beforeEach, describe, expect, it } from 'vitest';
import { accounted, accounting, owedBy, play } from '../../tests/support/session-samples.ts';
import { type MacAddress, macOf } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { GroupOutcome, GroupRequest } from '../services/samog/aaa/server-group.ts';
import type { SessionEvent } from '../services/samog/session/event.ts';
import { step } from '../services/samog/session/machine.ts';
import type { LiveSession, Session } from '../services/samog/session/state.ts';
import { samogCounters } from '../services/samog/statistics.ts';
import { find } from '../wire/bytes/tlv.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { AccountingClient } from './accounting-client.ts';
import type { OutputCommit } from './effect-interpreter.ts';
import type { SessionPlace } from './session-registry.ts';
import { SessionRegistry } from './session-registry.ts';

interface Sent {
  readonly at: Instant;
  readonly id: number;
  readonly status: number | undefined;
  readonly delay: number | undefined;
  end(kind: 'answered' | 'unanswered'): void;
}

/** A client with sessions, and in place of the servers a list of what was sent to them. */
class Bench {
  now = 1_000_000;
  readonly sent: Sent[] = [];
  readonly events: string[] = [];
  readonly counters = samogCounters();
  readonly registry = new SessionRegistry(100_000);
  readonly client: AccountingClient;
  takes = true;
  isHeld = false;

  constructor(commit?: OutputCommit) {
    const { config } = accounting();
    const instance = {
      config,
      registry: this.registry,
      dispatch: (place: SessionPlace, event: SessionEvent) => this.take(place, event),
    };
    this.client = new AccountingClient({
      isHeld: () => this.isHeld,
      instance,
      servers: { send: (request, onOutcome, now) => this.#send(request, onOutcome, now) },
      counters: this.counters,
      wallClock: () => this.now,
      report: ({ name }) => this.events.push(name),
      commit,
    });
  }

  add(id: number, session: Session = sessionOf(id)): SessionPlace {
    const place = this.registry.add(session);
    this.client.follow(id, session);
    return place;
  }

  take(place: SessionPlace, event: SessionEvent): void {
    const { state } = step(place.session, event, accounting(this.now));
    const id = place.session.kind === 'Live' ? place.session.durable.id : place.session.id;
    if (state === undefined) this.registry.remove(place);
    else this.registry.replace(place, state);
    this.client.follow(id, state);
  }

  /** Lets time pass, stopping at every deadline on the way. */
  until(end: Instant): this {
    for (let turns = 0; this.client.nextDeadline() <= end; turns += 1) {
      if (turns > 10_000) throw new Error('it does not come to rest');
      this.now = Math.max(this.now, this.client.nextDeadline());
      this.client.advance(this.now);
    }
    this.now = end;
    return this;
  }

  get script(): string[] {
    return this.sent.map(({ at, id, status, delay }) => `${at - 1_000_000} ${id} status ${status} delay ${delay}`);
  }

  #send(request: GroupRequest, onOutcome: (outcome: GroupOutcome, now: Instant) => void, now: Instant) {
    if (!this.takes) return undefined;
    const attributes = request.attributes({ requestAuthenticator: new Uint8Array(16), secret: new Uint8Array(1) });
    this.sent.push({
      at: now,
      id: request.about!.sessionId!,
      status: find(attributes, radiusAttribute.acctStatusType),
      delay: find(attributes, radiusAttribute.acctDelayTime),
      end: (kind) => onOutcome({ kind } as GroupOutcome, this.now),
    });
    return { waits: false };
  }
}

function sessionOf(id: number): LiveSession {
  const session = accounted();
  const mac = macOf(0x02005e000000 + id) as MacAddress;
  return { ...session, durable: { ...session.durable, id, mac } };
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('what sessions owe', () => {
  it('goes out in order, one record of a session at a time', () => {
    const place = bench.add(1);
    bench.add(2);
    bench.until(1_000_010);
    expect(bench.script).toEqual(['0 1 status 1 delay 0', '0 2 status 1 delay 0']);
    bench.take(place, { kind: 'cleared', reason: 'operator' });
    bench.until(1_003_000);
    expect(bench.sent).toHaveLength(2);
    bench.sent[0]!.end('answered');
    bench.until(1_003_000);
    expect(bench.script[2]).toBe('3000 1 status 2 delay 3');
    expect(bench.client.status(bench.now)).toEqual({ owing: 2, underway: 2, pausedForMs: 0 });
    bench.sent[1]!.end('answered');
    bench.sent[2]!.end('answered');
    expect(bench.client.status(bench.now)).toEqual({ owing: 0, underway: 0, pausedForMs: 0 });
    expect(bench.client.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is sent again without end, one at a time while no server answers, and all when one does', () => {
    for (const id of [1, 2, 3]) bench.add(id);
    bench.until(1_000_000);
    expect(bench.sent).toHaveLength(3);
    for (let trial = 0, next = 0; trial < 8; trial += 1) {
      for (const { end } of bench.sent.slice(next)) end('unanswered');
      next = bench.sent.length;
      bench.until(bench.now + 60_000);
      expect(bench.sent.length - next).toBe(1);
    }
    expect(bench.counters.get('accounting.start.repeated')).toBe(10);
    // The trials went round the sessions, each told how long ago it was.
    expect(new Set(bench.sent.slice(3).map(({ id }) => id))).toEqual(new Set([1, 2, 3]));
    expect(bench.sent.at(-1)!.delay).toBeGreaterThan(100);
    bench.sent.at(-1)!.end('answered');
    const before = bench.sent.length;
    bench.until(bench.now);
    expect(bench.sent.length - before).toBe(2);
  });

  it('waits no longer than 16 s between two trials', () => {
    bench.add(1);
    const gaps: number[] = [];
    for (let trial = 0; trial < 8; trial += 1) {
      bench.until(bench.now + 20_000);
      gaps.push(bench.sent.at(-1)!.at - (bench.sent.at(-2)?.at ?? bench.sent.at(-1)!.at));
      bench.now = bench.sent.at(-1)!.at;
      bench.sent.at(-1)!.end('unanswered');
    }
    expect(gaps).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 16_000, 16_000]);
  });

  it('holds nobody else up where one record alone is not answered', () => {
    bench.add(1);
    bench.add(2);
    bench.until(1_000_000);
    bench.now += 10;
    bench.sent[1]!.end('answered');
    bench.sent[0]!.end('unanswered');
    bench.add(3);
    bench.until(bench.now + 100);
    expect(bench.sent.map(({ id }) => id)).toEqual([1, 2, 3]);
    bench.until(bench.now + 16_000);
    expect(bench.sent.map(({ id }) => id)).toEqual([1, 2, 3, 1]);
  });

  it('is tried again where too many requests wait already', () => {
    bench.takes = false;
    bench.add(1);
    bench.until(1_000_500);
    bench.takes = true;
    bench.until(1_001_500);
    expect(bench.script).toEqual(['1000 1 status 1 delay 1']);
  });

  it('is forgotten with its session', () => {
    bench.add(1);
    bench.client.follow(1, undefined);
    expect(bench.client.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    const place = bench.add(2);
    bench.until(1_000_000);
    bench.registry.remove(place);
    bench.client.follow(2, undefined);
    bench.sent[0]!.end('unanswered');
    expect(bench.client.status(bench.now).owing).toBe(0);
  });

  it('raises an alarm when nothing was acknowledged for an hour, once', () => {
    bench.add(1);
    for (const afterMs of [0, 3_600_000, 60_000, 60_000]) {
      bench.until(bench.now + afterMs);
      bench.sent.at(-1)!.end('unanswered');
    }
    expect(bench.events).toEqual(['accounting-owed']);
  });
});

describe('with a standby, a record', () => {
  const waiting: ((now: Instant) => void)[] = [];
  const commit: OutputCommit = {
    afterCheckpoint: () => expect.unreachable(),
    whenKnown: (_id, _now, send) => waiting.push(send),
  };
  beforeEach(() => {
    waiting.length = 0;
    bench = new Bench(commit);
  });

  it('leaves when the standby has it', () => {
    bench.add(1);
    bench.until(1_005_000);
    expect(bench.sent).toEqual([]);
    waiting[0]!(bench.now);
    expect(bench.script).toEqual(['5000 1 status 1 delay 5']);
  });

  it('that was superseded meanwhile gives way to the newer one, which waits for itself', () => {
    const place = bench.add(1);
    const acknowledged = play(place.session, [{ kind: 'recordAcknowledged', record: owedBy(place.session)!.record }]);
    bench.until(1_000_000);
    bench.registry.replace(place, acknowledged.session!);
    bench.take(place, { kind: 'cleared', reason: 'operator' });
    waiting[0]!(bench.now);
    expect(bench.sent).toEqual([]);
    bench.until(1_001_000);
    waiting[1]!(bench.now);
    expect(bench.script).toEqual(['1000 1 status 2 delay 1']);
  });
});
