import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { handoffStatisticsOf, seedHandoffLines } from '../../src/operations/views/handoff-statistics.ts';
import { viewOf, views } from '../../src/operations/views/registry.ts';
import { samogServiceStatisticsOf } from '../../src/operations/views/samog-service-statistics.ts';
import { type View, type ViewArguments, type ViewSource, viewed } from '../../src/operations/views/view.ts';
import { handoffKinds, samogCounters } from '../../src/services/samog/statistics.ts';
import { expectGolden, goldens } from './golden.ts';
import { pairSource } from './pair-source.ts';
import { sampleAlarms } from './sample-alarms.ts';
import { sampleNotifications } from './sample-notifications.ts';
import { addSession, busySource, emptySource, macOfText, moment, movedSession } from './view-source.ts';

function dataOf(view: View, source: ViewSource, args: ViewArguments = {}): unknown {
  const outcome = view.build(source, moment, args);
  if (!outcome.ok) throw new Error(outcome.refusal.what);
  return outcome.data;
}

function textOf(view: View, source: ViewSource, args: ViewArguments = {}): string {
  return `${view.render(dataOf(view, source, args)).join('\n')}\n`;
}

/** A gateway in the middle of its life: one of a pair for what is about pairs. */
function sourceFor({ words }: Pick<View, 'words'>): ViewSource {
  if (words[0] === 'notifications') return { ...busySource(), notifications: sampleNotifications };
  if (words[0] === 'alarms') return { ...busySource(), alarms: sampleAlarms() };
  return words[0] === 'srp' || words[0] === 'session' ? pairSource('active') : busySource();
}

const cases: readonly (readonly [string, string, ViewArguments])[] = [
  ...views.map(({ words }) => [words.join('-'), words.join('/'), {}] as const),
  [
    'session-subsystem-facility-sessmgr-debug-info',
    'session/subsystem/facility/sessmgr',
    { instance: '1', 'debug-info': '' },
  ],
  ['srp-micro-checkpoint-statistics-debug-info', 'srp/micro-checkpoint/statistics', { 'debug-info': '' }],
  ['srp-checkpoint-statistics-verbose', 'srp/checkpoint/statistics', { active: '', verbose: '' }],
  ['subscribers-samog-only-full', 'subscribers/samog-only', { full: '' }],
  ['subscribers-samog-only-mac', 'subscribers/samog-only', { mac: '0200.5e11.2290' }],
  ['subscribers-samog-only-count', 'subscribers/samog-only', { count: '' }],
  ['subscribers-samog-only-filter', 'subscribers/samog-only', { filter: 'state=established moves>2' }],
  ['forwarding-session', 'forwarding', { session: '02:00:5e:11:22:90' }],
  ['forwarding-drops', 'forwarding', { drops: '' }],
  ['forwarding-mtu', 'forwarding', { mtu: '' }],
  ['softgre-peers-filter', 'softgre/peers', { filter: 'age>1d' }],
  ['events-mac', 'events', { mac: '02-00-5e-11-22-33' }],
  ['events-filter', 'events', { filter: 'kind=decision text="path"' }],
  ['monitor-filter', 'monitor', { filter: 'state=denied,ended' }],
];

describe('every view', () => {
  it.each(cases)('%s: its text is as agreed, and made of its JSON alone', async (name, path, args) => {
    const view = viewOf(path)!;
    const source = sourceFor(view);
    const outcome = await viewed(view, source, () => moment, args);
    if (!outcome.ok) throw new Error(outcome.refusal.what);
    const { data } = outcome;
    expectGolden(`show-${name}.txt`, `${view.render(data).join('\n')}\n`);
    const throughJson: unknown = JSON.parse(JSON.stringify(data));
    expect(throughJson).toEqual(data);
    expect(view.render(throughJson)).toEqual(view.render(data));
  });

  it.each(views)('$words has a text on a gateway without sessions', (view) => {
    const source = sourceFor(view).redundancy === undefined ? emptySource() : pairSource('init');
    expect(view.render(dataOf(view, source)).length).toBeGreaterThan(0);
  });

  it.each(views)('$words names its JSON in camelCase, says what it is for, and clashes with no other', (view) => {
    const names: string[] = [];
    JSON.stringify(dataOf(view, sourceFor(view)), (key, value: unknown) => {
      names.push(key);
      return value;
    });
    // Errors are counted by their errno name, everything else in camelCase.
    expect(names.filter((name) => !/^[a-z][a-zA-Z0-9]*$|^\d*$|^E[A-Z]+$/.test(name))).toEqual([]);
    expect(view.summary).not.toBe('');
    expect(view.words.every((word) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(word))).toBe(true);
    expect(views.filter(({ words }) => words.join('/') === view.words.join('/'))).toHaveLength(1);
  });
});

describe('show samog-service statistics', () => {
  const seedBlock = readFileSync(new URL('seed-handoff-statistics.txt', goldens), 'utf8');

  it('ends with the Handoff Statistics of the seed, character for character', () => {
    expect(textOf(viewOf('samog-service/statistics')!, emptySource()).endsWith(`\n${seedBlock}`)).toBe(true);
  });

  const inProgress = Object.fromEntries(handoffKinds.map((kind) => [kind, 0])) as Record<
    (typeof handoffKinds)[number],
    number
  >;

  it.each([7, 42, 4_294_967_295, 9_876_543_210])('keeps the columns of the seed for a count of %d', (count) => {
    const counters = samogCounters();
    for (const kind of handoffKinds) {
      for (const result of ['received', 'accepted', 'denied'] as const)
        counters.add(`handoff.${kind}.${result}`, count);
    }
    const lines = seedHandoffLines(handoffStatisticsOf(counters, inProgress));
    const wanted = seedBlock
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ {0,9}0(?= |$)/g, (zero) => String(count).padStart(zero.length)));
    expect(lines).toEqual(wanted);
    expect(lines.filter((line) => line.includes('Received')).every((line) => line.length === 70)).toBe(true);
    expect(lines.filter((line) => line.includes('Denied')).every((line) => line.length === 28)).toBe(true);
  });

  it('shows, with show forwarding, every counter there is', () => {
    const counts = (of: ViewSource): string =>
      textOf(viewOf('samog-service/statistics')!, of) + textOf(viewOf('forwarding')!, of, { summary: '', drops: '' });
    const source = busySource();
    source.manager.counters.clear();
    source.manager.forwardingCounters.clear();
    const hidden = [...source.manager.counters.names, ...source.manager.forwardingCounters.names].filter((name) => {
      const before = counts(source);
      const counters = source.manager.counters.names.includes(name as never)
        ? source.manager.counters
        : source.manager.forwardingCounters;
      counters.add(name as never, 5);
      const shows = counts(source) !== before;
      counters.add(name as never, -5);
      return !shows;
    });
    expect(hidden).toEqual([]);
  });

  it('has 80 columns at most', () => {
    const lines = textOf(viewOf('samog-service/statistics')!, busySource()).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('attributes every disconnect to one party', () => {
    const { disconnected } = samogServiceStatisticsOf(busySource().manager).mrme;
    const { total, ...parties } = disconnected;
    expect(Object.values(parties).reduce((sum, count) => sum + count, 0)).toBe(total);
  });
});

describe('show subscribers samog-only', () => {
  const view = viewOf('subscribers/samog-only')!;

  function manySessions(count: number): ReturnType<typeof emptySource> {
    const source = emptySource();
    for (let index = 1; index <= count; index += 1) {
      const mac = macOfText(`02005e${index.toString(16).padStart(6, '0')}`);
      addSession(source, movedSession(index, mac, index % 100 === 0 ? {} : { sessionType: 'dhcp' }));
    }
    return source;
  }

  interface Page {
    readonly total: number;
    readonly subscribers: readonly { readonly mac: string }[] | null;
    readonly nextCursor: string | null;
  }

  function pagesOf(source: ViewSource, args: ViewArguments): Page[] {
    const pages: Page[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = dataOf(view, source, cursor === '' ? args : { ...args, cursor }) as Page;
      pages.push(page);
      cursor = page.nextCursor;
    }
    return pages;
  }

  it('pages through all of them, each once, and never more than a page at a time', () => {
    const pages = pagesOf(manySessions(523), { limit: '100' });
    const macs = pages.flatMap((page) => page.subscribers!.map(({ mac }) => mac));
    expect(pages.map((page) => page.subscribers!.length)).toEqual([100, 100, 100, 100, 100, 23]);
    expect(new Set(macs).size).toBe(523);
  });

  it('gives 50 of them unless asked for more, and the number of all without looking at any', () => {
    const source = manySessions(60);
    expect((dataOf(view, source) as Page).subscribers).toHaveLength(50);
    expect(dataOf(view, source, { count: '' })).toEqual({
      total: 60,
      full: false,
      standbyRecords: false,
      subscribers: null,
      searched: null,
      nextCursor: null,
    });
  });

  it('finds those of a profile, an LMA, an APN and an IMSI', () => {
    const found = (args: ViewArguments) => (dataOf(view, busySource(), args) as Page).subscribers!.length;
    const [eogre, pmip] = ['residential', 'wlc'];
    expect([{ profile: eogre }, { profile: pmip }, { profile: eogre, filter: 'moves>9' }].map(found)).toEqual([
      2, 1, 0,
    ]);
    const filters = [
      `profile=${eogre}`,
      'lma=203.0.113.0/24',
      'lma!=203.0.113.0/24',
      'apn=internet',
      'imsi=*6789',
      '001010123456789',
    ];
    expect(filters.map((filter) => found({ filter }))).toEqual([2, 4, 0, 3, 3, 3]);
  });

  it('bounds the work of a filter that matches nobody', () => {
    const pages = pagesOf(manySessions(12_000), { access: 'pmip' });
    expect(pages.map((page) => page.subscribers!.length)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('goes on with sessions that come and go while it is paged through', () => {
    const source = manySessions(120);
    const first = dataOf(view, source) as Page;
    source.manager.registry.remove(source.manager.registry.ofId(60)!);
    addSession(source, movedSession(999, macOfText('020000000999')));
    const rest = pagesOf(source, { cursor: first.nextCursor! });
    const macs = rest.flatMap((page) => page.subscribers!.map(({ mac }) => mac));
    expect(macs).not.toContain('02:00:5e:00:00:3c');
    expect(macs).toContain('02:00:00:00:09:99');
  });

  it.each([
    [{ mac: 'nonsense' }, 'bad-argument'],
    [{ mac: '02:00:5e:ff:ff:ff' }, 'not-found'],
    [{ limit: '0' }, 'bad-argument'],
    [{ limit: '501' }, 'bad-argument'],
    [{ limit: '1e2' }, 'bad-argument'],
    [{ access: 'toString' }, 'bad-argument'],
    [{ profile: 'toString' }, 'not-found'],
    [{ filter: 'sate=x' }, 'bad-argument'],
    [{ profile: 'wlc', count: '' }, 'bad-argument'],
    [{ cursor: 'c0' }, 'not-found'],
  ] as const)('refuses %j', (args, code) => {
    expect(view.build(emptySource(), moment, args)).toMatchObject({ ok: false, refusal: { code } });
  });

  it('lets a cursor serve once', () => {
    const source = manySessions(120);
    const cursor = (dataOf(view, source) as Page).nextCursor!;
    dataOf(view, source, { cursor });
    expect(view.build(source, moment, { cursor })).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
  });
});

describe('secrets', () => {
  it.each(views)('are not in $words', (view) => {
    const source = sourceFor(view);
    const shownText = JSON.stringify(dataOf(view, source)) + textOf(view, source);
    for (const { secret } of source.config.mrmeService.radius.servers) expect(shownText).not.toContain(secret);
    if (source.redundancy !== undefined) expect(shownText).not.toContain(source.redundancy.config.sharedKey);
  });
});
