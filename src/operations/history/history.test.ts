import { describe, expect, it } from 'vitest';
import { busySource } from '../../../tests/operations/view-source.ts';
import { history as historyView } from '../views/history.ts';
import { GatewayHistory } from './history.ts';
import { ratesOver, topDenials } from './rates.ts';
import { sampleOf } from './series.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A gateway that sets up a session every five seconds and refuses one a minute, for so long. */
function lived(forMs: number) {
  const source = { ...busySource(), history: new GatewayHistory() };
  const { counters } = source.manager;
  for (let now = 0; now <= forMs; now += 5000) {
    counters.add('session.setup');
    if (now % minuteMs === 0) counters.add('session.failed.aaa-reject');
    source.history.add(sampleOf(source, { now, wallClock: now }));
  }
  return { source, at: { now: forMs, wallClock: forMs } };
}

describe('the history of a gateway', () => {
  it('knows the rates of the last minute and of the same a day ago', () => {
    const { source } = lived(25 * hourMs);
    expect(ratesOver(source.history, minuteMs)).toMatchObject({ attached: 0.2, sessions: 4 });
    expect(ratesOver(source.history, minuteMs, 24 * hourMs)).toMatchObject({ attached: 0.2 });
    expect(ratesOver(source.history, minuteMs, 26 * hourMs)).toBeUndefined();
  });

  it.each([
    [0, undefined],
    [5000, 0.2],
    [30_000, 0.2],
  ])('tells of a gateway that started %d ms ago what there is', (forMs, attached) => {
    expect(ratesOver(lived(forMs).source.history, minuteMs)?.attached).toBe(attached);
    expect(ratesOver(lived(forMs).source.history, minuteMs, 24 * hourMs)).toBeUndefined();
  });

  it('takes a count that went back for one that has begun anew', () => {
    const { source } = lived(hourMs);
    const fresh = { ...busySource(), history: source.history };
    source.history.add(sampleOf(fresh, { now: hourMs + 5000, wallClock: 0 }));
    expect(ratesOver(source.history, minuteMs)?.attached).toBe(0);
  });

  it('names the most frequent refusals of a while, and none that there was not', () => {
    const { source } = lived(3 * hourMs);
    expect(topDenials(source.history, hourMs, 5)).toEqual([{ what: 'attach', reason: 'aaa-reject', count: 60 }]);
    expect(topDenials(new GatewayHistory(), hourMs, 5)).toEqual([]);
  });

  it.each([
    ['10m', 120, 0.2],
    ['1h', 120, 0.2],
    ['24h', 120, 0.2],
  ])('shows %s in %d points', (span, points, attached) => {
    const { source, at } = lived(25 * hourMs);
    const outcome = historyView.build(source, at, { span });
    if (!outcome.ok) throw new Error(outcome.refusal.what);
    expect(outcome.data.times).toHaveLength(points);
    const series = outcome.data.series.find(({ name }) => name === 'attached')!;
    expect(new Set(series.values.map((value) => Math.round(value * 10) / 10))).toEqual(new Set([attached]));
  });

  it('refuses a span that there is not', () => {
    const { source, at } = lived(0);
    expect(historyView.build(source, at, { span: '1y' })).toMatchObject({ ok: false });
    expect(historyView.build(source, at, { span: 'constructor' })).toMatchObject({ ok: false });
  });
});
