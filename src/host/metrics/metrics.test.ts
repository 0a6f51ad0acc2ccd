import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { pairSource } from '../../../tests/operations/pair-source.ts';
import { busySource, moment, withManager } from '../../../tests/operations/view-source.ts';
import { bulkstatVariables } from '../../operations/bulkstats/catalogue.ts';
import { bulkstatLines } from '../../operations/bulkstats/lines.ts';
import { allCounters, placeOf } from '../../operations/metrics/counter-metrics.ts';
import { bulkstats } from '../../operations/views/bulkstats.ts';
import { forwarding } from '../../operations/views/forwarding.ts';
import { samogServiceStatistics } from '../../operations/views/samog-service-statistics.ts';
import type { ViewSource } from '../../operations/views/view.ts';
import { managementApp } from '../management/app.ts';
import { doorOf } from '../management/door.ts';
import { StartError } from '../start-error.ts';
import { BulkstatsWriter } from './bulkstats-writer.ts';
import { Exposition } from './exposition.ts';
import { startMetricsListener } from './metrics-listener.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The values of an exposition by series, labels in the order of their names. */
function seriesIn(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)!;
      return [`${name}{${labels.split(',').sort().join(',')}}`, Number(value)];
    }),
  );
}

function seriesName(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .sort()
    .join(',')}}`;
}

/** A gateway of which every counter has another value. */
function countedSource(): ViewSource {
  const source = pairSource('active');
  const { counters, forwardingCounters } = busySource().manager;
  counters.clear();
  forwardingCounters.clear();
  for (const [index, name] of counters.names.entries()) counters.add(name, 2 ** 32 + 1000 + index);
  for (const [index, name] of forwardingCounters.names.entries()) forwardingCounters.add(name, 5000 + index);
  return withManager(source, { counters, forwardingCounters });
}

describe('what is counted', () => {
  it('is the same in show, in bulk statistics and for Prometheus', async () => {
    const source = countedSource();
    const scraped = seriesIn(await new Exposition(source, '1.2.3').text());
    const names = allCounters.map(({ list, name }) => (list === 'pair' ? `srp.${name}` : name));
    const format = names.map((name) => `%${name}%`).join(',');
    const options = { directory: folder, intervalMs: 1000, filesMax: 1 };
    const written = bulkstatLines({ ...options, schemas: [{ name: 'all', format }] }, source, moment)[0]!.split(',');
    const different = allCounters.filter((counter, index) => {
      const { name, labels } = placeOf(counter);
      const value = counter.read(source);
      return scraped.get(seriesName(name, labels)) !== value || Number(written[index]) !== value;
    });
    expect(different).toEqual([]);

    const shown = samogServiceStatistics.build(source, moment, {});
    if (!shown.ok) throw new Error('refused');
    const rest = forwarding.build(source, moment, { summary: '', drops: '' });
    if (!rest.ok) throw new Error('refused');
    const text = [...samogServiceStatistics.render(shown.data), ...forwarding.render(rest.data)].join('\n');
    for (const { list, name, read } of allCounters) {
      if (list === 'service' || list === 'data path') {
        expect(`${name}: ${text.includes(String(read(source)))}`).toBe(`${name}: true`);
      }
    }
    const seeds = bulkstats.build(source, moment, {});
    if (!seeds.ok) throw new Error('refused');
    const seedFormat = bulkstatVariables.map(({ name }) => `%${name}%`).join(',');
    const seedLine = bulkstatLines({ ...options, schemas: [{ name: 'seed', format: seedFormat }] }, source, moment)[0]!;
    expect(seedLine).toBe(seeds.data.variables.map(({ value }) => value).join(','));
    expect(seeds.data.variables.every(({ value }) => value < 2 ** 32)).toBe(true);
  });

  it('is read anew at each scrape', async () => {
    const source = busySource();
    const exposition = new Exposition(source, '1.2.3');
    const setUp = async () => seriesIn(await exposition.text()).get('samog_session_setup_total{}')!;
    const before = await setUp();
    source.manager.counters.add('session.setup', 7);
    expect([await setUp(), await setUp()]).toEqual([before + 7, before + 7]);
  });

  it('is of one moment in a scrape, whatever happens while its text is made, and of its own in another', async () => {
    const source = busySource();
    const { counters } = source.manager;
    const exposition = new Exposition(source, '1.2.3');
    const first = exposition.text();
    const second = exposition.text();
    // The first has been read by then, and is being written.
    await new Promise((resolve) => setImmediate(resolve));
    for (const name of counters.names) counters.add(name, 1_000_000);
    const before = seriesIn(await first);
    const after = seriesIn(await second);
    const differing = [...before].filter(([series, value]) => value !== after.get(series));
    expect(differing.length).toBeGreaterThanOrEqual(counters.names.length);
    for (const [series, value] of differing) {
      if (series.startsWith('samog_') && series.includes('_total')) {
        expect([series, after.get(series)]).toEqual([series, value + 1_000_000]);
      }
    }
  });
});

describe('/metrics', () => {
  const exposition = async () => new Exposition(busySource(), '1.2.3');

  it('is at the management socket, and nowhere where nobody gave it', async () => {
    const door = doorOf({ name: 'prometheus', roles: ['view'], via: 'token', from: '127.0.0.1' });
    const managed = { source: busySource(), clear: () => false, clearAll: () => 0 };
    const response = await managementApp({ managed, door, exposition }).request('/metrics');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    expect(await response.text()).toContain('samog_build_info{version="1.2.3"} 1');
    expect((await managementApp({ managed, door }).request('/metrics')).status).toBe(404);
  });

  it('is all that there is at a port of its own', async () => {
    const listener = await startMetricsListener({ address: '127.0.0.1', port: 0 }, exposition);
    const url = `http://${listener.local}`;
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('samog_sessions{access="eogre"}');
    for (const path of ['/', '/v1/health', '/v1/show/sockets', '/metrics/..%2fv1/health']) {
      expect((await fetch(`${url}${path}`)).status).toBe(404);
    }
    expect((await fetch(`${url}/v1/clear/subscribers`, { method: 'POST', body: '{"all": true}' })).status).toBe(404);
    const port = Number(listener.local.split(':')[1]);
    await expect(startMetricsListener({ address: '127.0.0.1', port }, exposition)).rejects.toThrow(StartError);
    await listener.stop();
    await expect(fetch(`${url}/metrics`)).rejects.toThrow();
  });
});

describe('files of bulk statistics', () => {
  const schemas = [
    { name: 'a', format: 'a,%host%,%session.attempted%' },
    { name: 'b', format: 'b,%date%' },
  ];

  it('have a line for each schema, and the oldest make room', async () => {
    const directory = join(folder, 'new', 'bulkstats');
    const writer = new BulkstatsWriter({ directory, intervalMs: 3_600_000, filesMax: 2, schemas }, busySource());
    await writer.write();
    const [name] = readdirSync(directory);
    expect(name).toMatch(/^samog-1-\d{8}-\d{6}\.csv$/);
    expect(readFileSync(join(directory, name!), 'utf8')).toMatch(/^a,samog-1,\d+\nb,\d{8}\n$/);
    for (const old of ['samog-1-20200101-000000.csv', 'samog-1-20200102-000000.csv']) {
      writeFileSync(join(directory, old), '');
    }
    await writer.write();
    expect(readdirSync(directory).filter((file) => file.includes('20200101'))).toEqual([]);
    expect(readdirSync(directory)).toHaveLength(2);
    await writer.stop();
  });

  it('that cannot be written are told of once, and when they can be again', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
    const directory = join(folder, 'blocked');
    writeFileSync(directory, 'a file');
    const writer = new BulkstatsWriter({ directory, intervalMs: 1000, filesMax: 2, schemas }, busySource(), log);
    await writer.write();
    await writer.write();
    rmSync(directory);
    await writer.write();
    await writer.write();
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'bulkstats-not-written',
      'bulkstats-written',
    ]);
  });
});
