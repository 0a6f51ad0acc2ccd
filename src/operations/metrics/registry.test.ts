import { describe, expect, it } from 'vitest';
import { pairSource } from '../../../tests/operations/pair-source.ts';
import { sampleNotifications } from '../../../tests/operations/sample-notifications.ts';
import { busySource, emptySource, exampleConfig, moment } from '../../../tests/operations/view-source.ts';
import { ipv4Of } from '../../kernel/address.ts';
import type { ViewSource } from '../views/view.ts';
import { allCounters, placeOf } from './counter-metrics.ts';
import { type Labels, labelNames } from './metric.ts';
import { metrics } from './registry.ts';

function copies<Item>(of: Item, count: number, change: (index: number) => Partial<Item>): Item[] {
  return Array.from({ length: count }, (_, index) => ({ ...of, ...change(index) }));
}

/** As many as a configuration may have, with the probes of AAA servers and the routes among the monitors. */
const most = { servers: 31, monitors: 64, sinks: 24 };

/** A chassis of a pair with as many servers, receivers and monitors as a configuration may have, and very many LMAs. */
function fullSource(): ViewSource {
  const { mrmeService, cgwService, ...config } = exampleConfig();
  const { radius } = mrmeService;
  const servers = copies(radius.servers[0]!, most.servers, (index) => ({
    name: `aaa-${index}`,
    address: ipv4Of(index + 1),
  }));
  const lmas = Array.from({ length: 2000 }, (_, index) => ipv4Of(0x0a000000 + index));
  const { redundancy } = pairSource('active');
  const monitors = copies(redundancy!.monitors()[0]!, most.monitors, (index) => ({ name: `monitor-${index}` }));
  const sinks = copies(sampleNotifications.sinks()[0]!, most.sinks, (index) => ({ name: `sink-${index}` }));
  return {
    ...emptySource({
      ...config,
      mrmeService: { ...mrmeService, radius: { ...radius, servers } },
      cgwService: { ...cgwService, s2a: { ...cgwService.s2a, lmas } },
    }),
    redundancy: Object.create(redundancy!, { monitors: { value: () => monitors } }) as ViewSource['redundancy'],
    notifications: { ...sampleNotifications, sinks: () => sinks },
  };
}

const sources = {
  full: fullSource(),
  alone: busySource(),
  active: pairSource('active'),
  standby: pairSource('standby'),
  init: pairSource('init'),
};

const seriesOf = (name: string, labels: Labels): string =>
  `${name} ${JSON.stringify(Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1)))}`;

describe('the registry of metrics', () => {
  it.each(metrics)('$name is named, typed and explained as Prometheus has it', ({ name, type, help, labels }) => {
    expect(name).toMatch(/^samog(_[a-z0-9]+)+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).toMatch(/^[A-Z1].{9,}[.)]$/);
    expect(help).not.toContain('\n');
    expect(labels.filter((label) => !labelNames.includes(label))).toEqual([]);
    expect(metrics.filter((other) => other.name === name)).toHaveLength(1);
  });

  it.each(Object.entries(sources))('has no series twice, and few of them: %s', (_role, source) => {
    const series = metrics.flatMap(({ name, labels, samples }) =>
      samples(source, moment).map((sample) => {
        expect(Object.keys(sample.labels).sort()).toEqual([...labels].sort());
        expect(Number.isFinite(sample.value)).toBe(true);
        return seriesOf(name, sample.labels);
      }),
    );
    expect(new Set(series).size).toBe(series.length);
    // Of 5,000 that a chassis may have, with room for what is still to be counted.
    expect(series.length).toBeLessThan(3000);
    expect(series.join('\n')).not.toMatch(/02:00:5e|100\.64|001010/);
  });

  it.each([
    ['samog_radius_server_up', most.servers],
    ['samog_radius_server_outstanding', most.servers],
    ['samog_radius_server_requests_total', most.servers],
    ['samog_radius_server_timeouts_total', most.servers],
    ['samog_accounting_server_up', most.servers],
    ['samog_accounting_server_outstanding', most.servers],
    ['samog_accounting_server_requests_total', most.servers],
    ['samog_accounting_server_timeouts_total', most.servers],
    ['samog_lma_up', 1000],
    ['samog_srp_monitor_up', most.monitors],
    ['samog_notifications_dropped_total', most.sinks],
  ])('has %s of all that may be configured', (name, count) => {
    const { samples } = metrics.find((metric) => metric.name === name)!;
    const servers = samples(sources.full, moment).map(({ labels }) => labels.server);
    expect(new Set(servers).size).toBe(count);
  });

  it('has every counter once, with a sentence', () => {
    const places = allCounters.map((counter) => placeOf(counter));
    const series = places.map(({ name, labels }) => seriesOf(name, labels));
    expect(new Set(series).size).toBe(allCounters.length);
    expect(places.filter(({ help }) => help.startsWith('Counter '))).toEqual([]);
    expect(placeOf({ list: 'service', name: 'handoff.pmip-to-eogre.denied' })).toMatchObject({
      name: 'samog_handoff_denied_total',
      labels: { kind: 'pmip-to-eogre' },
    });
    expect(placeOf({ list: 'pair', name: 'switchover.refused' })).toMatchObject({
      name: 'samog_srp_switchover_refused_total',
      labels: {},
    });
    expect(placeOf({ list: 'service', name: 'not.there' }).help).toBe('Counter not.there.');
  });

  it('tells of a pair only where there is one', () => {
    const ofPair = (source: ViewSource): number =>
      metrics.filter(({ name }) => /_srp_|_alarm$/.test(name)).flatMap(({ samples }) => samples(source, moment)).length;
    expect(ofPair(sources.alone)).toBe(0);
    expect(ofPair(sources.active)).toBeGreaterThan(100);
  });
});
