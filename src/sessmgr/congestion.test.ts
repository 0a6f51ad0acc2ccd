import { describe, expect, it } from 'vitest';
import type { SamogEvent } from '../services/samog/events.ts';
import { samogCounters } from '../services/samog/statistics.ts';
import { Congestion } from './congestion.ts';

class Bench {
  readonly counters = samogCounters();
  readonly events: SamogEvent[] = [];
  sessions = 0;
  requests = 0;
  readonly congestion: Congestion;

  constructor(config: { sessionsPercent: number; requestsPercent: number } | undefined) {
    this.congestion = new Congestion(config, {
      counters: this.counters,
      report: (event) => this.events.push(event),
      sessions: () => ({ inUse: this.sessions, most: 1000 }),
      requests: () => ({ inUse: this.requests, most: 200 }),
    });
  }

  /** For each load, whether a new UE is refused. */
  at(what: 'sessions' | 'requests', loads: readonly number[]): boolean[] {
    return loads.map((load) => {
      this[what] = load;
      return this.congestion.refuses(0);
    });
  }

  get names(): string[] {
    return this.events.map(({ name, text }) => `${name}: ${text()}`);
  }
}

describe('congestion', () => {
  it('of requests refuses new UEs from the threshold on, until they are well below it', () => {
    const bench = new Bench({ sessionsPercent: 100, requestsPercent: 90 });
    const loads = [0, 179, 180, 500, 179, 170, 169, 179, 180];
    expect(bench.at('requests', loads)).toEqual([false, false, true, true, true, true, false, false, true]);
    expect(bench.counters.get('congestion.applied')).toBe(5);
    expect(bench.names).toEqual([
      'congestion-entered: new UEs are refused: 180 requests to AAA servers',
      'congestion-cleared: new UEs are served again',
      'congestion-entered: new UEs are refused: 180 requests to AAA servers',
    ]);
  });

  it('of sessions refuses them from the threshold on, and leaves the limit itself to whoever counts it', () => {
    const bench = new Bench({ sessionsPercent: 80, requestsPercent: 90 });
    expect(bench.at('sessions', [799, 800, 999, 1000, 799])).toEqual([false, true, true, false, false]);
    const all = new Bench({ sessionsPercent: 100, requestsPercent: 90 });
    expect(all.at('sessions', [999, 1000])).toEqual([false, false]);
  });

  it('is nothing where it is not configured', () => {
    const bench = new Bench(undefined);
    expect(bench.at('requests', [200])).toEqual([false]);
    expect([bench.counters.get('congestion.applied'), bench.names]).toEqual([0, []]);
  });
});
