import { describe, expect, it } from 'vitest';
import { emptySource, moment } from '../../../tests/operations/view-source.ts';
import type { ThresholdConfig } from '../config/notifications-config.ts';
import { readSelector } from '../metrics/selector.ts';
import { Thresholds } from './thresholds.ts';

function threshold(metric: string, changes: Partial<ThresholdConfig> = {}): ThresholdConfig {
  const read = readSelector(metric);
  if (!read.ok) throw new Error(read.message);
  const above = { direction: 'above', limit: 10, clearAt: 5, forMs: 3000, severity: 'warning' } as const;
  return { name: 'limit', selector: read.selector, ...above, ...changes };
}

/** In which seconds the alarm stands, while a counter or a count of sessions has these values, one a second. */
function standing(config: ThresholdConfig, values: readonly number[], counter?: 'session.setup'): string {
  const source = emptySource();
  const thresholds = new Thresholds([config]);
  return values
    .map((value, second) => {
      if (counter !== undefined) source.manager.counters.add(counter, value - source.manager.counters.get(counter));
      else source.manager.registry.ofType.dhcp = value;
      const at = { ...moment, now: second * 1000 };
      return thresholds.look(source, at).length === 0 ? '.' : '!';
    })
    .join('');
}

const sessions = 'samog_sessions{access="eogre"}';

describe('a threshold', () => {
  it.each<[string, Partial<ThresholdConfig>, readonly number[], string]>([
    ['not before it has been beyond for long enough', {}, [11, 11, 11, 11, 11], '...!!'],
    ['not if it was back meanwhile', {}, [11, 11, 10, 11, 11, 11, 11], '......!'],
    ['until it is clearly back', {}, [11, 11, 11, 11, 9, 6, 5, 9], '...!!!..'],
    ['at once, if that is what it says', { forMs: 0, clearAt: 10 }, [10, 11, 10], '.!.'],
    ['below as well as above', { direction: 'below', limit: 2, clearAt: 4, forMs: 0 }, [2, 1, 3, 4, 2], '.!!..'],
  ])('stands %s', (_name, changes, values, expected) => {
    expect(standing(threshold(sessions, changes), values)).toBe(expected);
  });

  it('compares what a counter grows by in a second', () => {
    const growing = Array.from({ length: 40 }, (_, second) => (second < 20 ? second : 20 + (second - 20) * 100));
    const said = standing(threshold('samog_session_setup_total', { forMs: 0 }), growing, 'session.setup');
    // Over the last minute: ten seconds must have passed, and the growth must show in the average.
    expect(said).toMatch(/^\.{20,26}!+$/);
    const still = Array.from({ length: 30 }, () => 1_000_000);
    expect(standing(threshold('samog_session_setup_total', { forMs: 0 }), still, 'session.setup')).toBe('.'.repeat(30));
  });

  it('goes on counting where others are put beside it or taken away, and forgets what was compared with another limit', () => {
    const source = emptySource();
    source.manager.registry.ofType.dhcp = 20;
    const config = threshold(sessions);
    const other = threshold(sessions, { name: 'other', limit: 5, forMs: 0 });
    let thresholds = new Thresholds([config]);
    const look = (second: number) =>
      thresholds.look(source, { ...moment, now: second * 1000 }).map(({ about }) => about);
    look(0);
    thresholds = new Thresholds([other, threshold(sessions)], thresholds);
    expect(look(3)).toEqual(['other', 'limit']);
    thresholds = new Thresholds([threshold(sessions, { limit: 15 })], thresholds);
    expect(look(4)).toEqual([]);
    expect(look(7)).toEqual(['limit']);
  });

  it('follows a counter that begins anew', () => {
    const source = emptySource();
    const thresholds = new Thresholds([threshold('samog_session_setup_total', { forMs: 0 })]);
    const looks = Array.from({ length: 60 }, (_, second) => {
      source.manager.counters.add('session.setup', second === 30 ? -source.manager.counters.get('session.setup') : 5);
      return thresholds.look(source, { ...moment, now: second * 1000 }).length;
    });
    expect(Math.max(...looks)).toBe(0);
  });

  it('has an alarm for each series, and says which', () => {
    const source = emptySource();
    source.manager.registry.ofType.dhcp = 11;
    source.manager.registry.ofType.pmipv6 = 12;
    const thresholds = new Thresholds([threshold('samog_sessions', { forMs: 0, severity: 'critical' })]);
    expect(thresholds.look(source, moment)).toMatchObject([
      { about: 'limit pmip', meaning: 'samog_sessions{access="pmip"} is 12, above 10', severity: 'critical' },
      { about: 'limit eogre', meaning: 'samog_sessions{access="eogre"} is 11, above 10' },
    ]);
    const one = new Thresholds([threshold(sessions, { forMs: 0 })]);
    expect(one.look(source, moment)).toMatchObject([{ about: 'limit' }]);
  });
});

describe('a selector', () => {
  it.each([
    ['samog_session', 'did you mean samog_sessions?'],
    ['samog_sessions{acces="eogre"}', 'its labels: access'],
    ['samog_sessions{access=eogre}', 'write them as'],
    ['samog_sessions_max{access="eogre"}', 'it has no labels'],
    ['a b', 'write it as'],
    ['nothing_like_it_at_all_here', 'docs/reference/metrics.md'],
  ])('that is wrong says what to do: %s', (text, hint) => {
    expect(readSelector(text)).toMatchObject({ ok: false, hint: expect.stringContaining(hint) });
  });
});
