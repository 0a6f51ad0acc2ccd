import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Exposition } from '../../src/host/metrics/exposition.ts';
import { metrics } from '../../src/operations/metrics/registry.ts';
import { dashboards } from '../../tools/dashboards.ts';
import { requireTool } from '../support/require-tool.ts';
import { pairSource } from './pair-source.ts';
import { busySource } from './view-source.ts';

const rulesFile = fileURLToPath(new URL('../../deploy/prometheus/samog-alerts.yaml', import.meta.url));
const handbook = readFileSync(new URL('../../docs/operations/alerts.md', import.meta.url), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** A series as promtool writes it, a value each 30 s: `0x4` is 0 five times, `0+60x4` rises by 60 each time. */
type Series = readonly [series: string, values: string];

/** When an alert fires, and when it has cleared: labels beside `severity` of the first. */
interface Story {
  readonly series: readonly Series[];
  readonly fires: string;
  readonly clears: string;
  readonly labels: Readonly<Record<string, string>>;
}

const a = 'instance="gw-a"';
const stories: Readonly<Record<string, Story>> = {
  SamogDown: {
    series: [[`up{job="samog",${a}}`, '1x4 0x9 1x20']],
    fires: '5m',
    clears: '10m',
    labels: { job: 'samog', instance: 'gw-a' },
  },
  SamogRestarted: {
    series: [[`samog_uptime_seconds{${a}}`, '9000x4 0+30x40']],
    fires: '4m',
    clears: '12m',
    labels: { instance: 'gw-a' },
  },
  SamogRadiusServerDead: {
    series: [
      [`samog_radius_server_up{${a},server="aaa-1"}`, '1x4 0x9 1x20'],
      [`samog_radius_server_up{${a},server="aaa-2"}`, '1x40'],
    ],
    fires: '5m',
    clears: '10m',
    labels: { instance: 'gw-a', server: 'aaa-1' },
  },
  SamogAccountingServerDead: {
    series: [
      [`samog_accounting_server_up{${a},server="aaa-1"}`, '1x4 0x9 1x20'],
      [`samog_radius_server_up{${a},server="aaa-1"}`, '1x40'],
    ],
    fires: '5m',
    clears: '10m',
    labels: { instance: 'gw-a', server: 'aaa-1' },
  },
  SamogNoRadiusServer: {
    series: [
      [`samog_radius_server_up{${a},server="aaa-1"}`, '0x40'],
      [`samog_radius_server_up{${a},server="aaa-2"}`, '1x4 0x9 1x20'],
    ],
    fires: '4m',
    clears: '10m',
    labels: { instance: 'gw-a' },
  },
  SamogLmaDown: {
    series: [[`samog_lma_up{${a},server="203.0.113.100"}`, '1x4 0x9 1x20']],
    fires: '5m',
    clears: '10m',
    labels: { instance: 'gw-a', server: '203.0.113.100' },
  },
  SamogSetupsFailing: {
    series: [
      [`samog_session_attempted_total{${a}}`, '0+100x80'],
      [`samog_session_failed_total{${a},reason="aaa-reject"}`, '0x4 0+20x29 600x60'],
      [`samog_session_failed_total{${a},reason="lma-timeout"}`, '0x90'],
    ],
    fires: '15m',
    clears: '35m',
    labels: { instance: 'gw-a' },
  },
  SamogHandoversDenied: {
    series: [
      [`samog_handoff_received_total{${a},kind="pmip-to-eogre"}`, '0+100x80'],
      [`samog_handoff_denied_total{${a},kind="pmip-to-eogre"}`, '0x4 0+20x29 600x60'],
    ],
    fires: '15m',
    clears: '35m',
    labels: { instance: 'gw-a' },
  },
  SamogSessionsNearLimit: {
    series: [
      [`samog_sessions{${a},access="pmip"}`, '400x40 100x40'],
      [`samog_sessions{${a},access="eogre"}`, '550x80'],
      [`samog_sessions_max{${a}}`, '1000x80'],
    ],
    fires: '10m',
    clears: '25m',
    labels: { instance: 'gw-a' },
  },
  SamogKernelDrops: {
    series: [[`samog_socket_dropped_packets_total{${a},port="access-gre"}`, '0x4 0+60x29 1800x60']],
    fires: '15m',
    clears: '35m',
    labels: { instance: 'gw-a', port: 'access-gre' },
  },
  SamogUnknownClients: {
    series: [
      [`samog_dropped_packets_total{${a},direction="uplink",reason="unknown-client"}`, '0x4 0+60x29 1800x60'],
      [`samog_dropped_packets_total{${a},direction="uplink",reason="malformed"}`, '0+600x90'],
    ],
    fires: '15m',
    clears: '35m',
    labels: { instance: 'gw-a', direction: 'uplink', reason: 'unknown-client' },
  },
  SamogFault: {
    series: [
      [`samog_faults_total{${a}}`, '0x90'],
      [`samog_session_crashed_total{${a}}`, '0x9 1x80'],
    ],
    fires: '8m',
    clears: '30m',
    labels: { instance: 'gw-a' },
  },
  SamogSwitchover: {
    series: [
      [`samog_srp_switchovers_total{${a},reason="dead-interval"}`, '0x9 1x80'],
      [`samog_srp_switchovers_total{${a},reason="manual"}`, '3x90'],
    ],
    fires: '8m',
    clears: '20m',
    labels: { instance: 'gw-a' },
  },
  SamogPairAlarm: {
    series: [
      [`samog_alarm{${a},reason="peer-silent"}`, '0x4 1x9 0x40'],
      [`samog_alarm{${a},reason="clock-skew"}`, '0x60'],
    ],
    fires: '5m',
    clears: '10m',
    labels: { instance: 'gw-a', reason: 'peer-silent' },
  },
  SamogUnprotected: {
    series: [[`samog_srp_unprotected_sessions{${a}}`, '0x4 12x20 0x40']],
    fires: '9m',
    clears: '15m',
    labels: { instance: 'gw-a' },
  },
  SamogTwoServe: {
    series: [
      [`samog_srp_serving{job="samog",${a}}`, '1x60'],
      ['samog_srp_serving{job="samog",instance="gw-b"}', '0x4 1x9 0x40'],
    ],
    fires: '5m',
    clears: '10m',
    labels: { job: 'samog' },
  },
  SamogRecoveryFailing: {
    series: [[`samog_recovery_failing{${a}}`, '0x4 1x9 0x40']],
    fires: '5m',
    clears: '10m',
    labels: { instance: 'gw-a' },
  },
};

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function promtool(args: readonly string[], input = ''): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', input });
  return { code: status, said: stdout + stderr };
}

/** Has promtool tell the story of a rule: silent at the start, firing, and silent again. */
function told(alert: string, story: Story, from = rulesFile): { readonly code: number | null; readonly said: string } {
  const test = {
    rule_files: [from],
    evaluation_interval: '10s',
    tests: [
      {
        interval: '30s',
        input_series: story.series.map(([series, values]) => ({ series, values })),
        alert_rule_test: [
          { eval_time: '30s', alertname: alert, exp_alerts: [] },
          {
            eval_time: story.fires,
            alertname: alert,
            exp_alerts: [
              {
                exp_labels: { severity: rules.find((rule) => rule.alert === alert)!.labels.severity, ...story.labels },
              },
            ],
          },
          { eval_time: story.clears, alertname: alert, exp_alerts: [] },
        ],
      },
    ],
  };
  const file = join(folder, `${alert}.yaml`);
  writeFileSync(file, stringify(test));
  return promtool(['test', 'rules', file]);
}

describe.skipIf(!requireTool('promtool'))('Prometheus', () => {
  it.each([
    ['a chassis that is alone', busySource()],
    ['one of a pair', pairSource('active')],
  ])('finds nothing wrong with the metrics of %s', async (_name, source) => {
    const text = await new Exposition(source, '1.2.3').text();
    expect(promtool(['check', 'metrics'], text)).toEqual({ code: 0, said: '' });
  });

  it('reads the rules', () => {
    expect(promtool(['check', 'rules', rulesFile])).toMatchObject({ code: 0 });
  });

  it.each(rules.map(({ alert }) => alert))('sees %s fire, and clear', (alert) => {
    // What a summary says is made of values: expected alerts have none, and promtool would compare them.
    const bare = {
      groups: groups.map((group) => ({ ...group, rules: group.rules.map(({ annotations: _, ...rule }) => rule) })),
    };
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, stringify(bare));
    expect(told(alert, stories[alert]!, file)).toMatchObject({ code: 0 });
  });

  it.each(dashboards)('reads every expression of the dashboard $title', ({ uid, panels }) => {
    const asked = panels.flatMap(({ queries }) => queries.map(([expr]) => expr.replaceAll('$__rate_interval', '5m')));
    const file = join(folder, `${uid}.yaml`);
    const recorded = asked.map((expr, index) => ({ record: `recorded:${index}`, expr }));
    writeFileSync(file, stringify({ groups: [{ name: uid, rules: recorded }] }));
    expect(promtool(['check', 'rules', '--lint=none', file])).toMatchObject({ code: 0 });
  });

  it('would notice a rule that never fires', () => {
    const file = join(folder, 'blind.yaml');
    const blind = { name: 'blind', rules: [{ alert: 'SamogDown', expr: 'up == 7', labels: { severity: 'critical' } }] };
    writeFileSync(file, stringify({ groups: [blind] }));
    expect(told('SamogDown', stories['SamogDown']!, file).code).not.toBe(0);
  });
});

const ofTheProcess = ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'samog_build_info'];
const known = new Set(['up', ...ofTheProcess, ...metrics.map(({ name }) => name)]);
const namesIn = (expr: string): readonly string[] => expr.match(/\b(?:samog_\w+|process_\w+|up)\b/g) ?? [];

describe('the dashboards', () => {
  it.each(dashboards.flatMap(({ title, panels }) => panels.map((panel) => ({ dashboard: title, ...panel }))))(
    '$dashboard, $title: is made of metrics that there are, with labels that they have',
    ({ queries, description }) => {
      expect(description).not.toBe('');
      for (const [expr, legend] of queries) {
        const names = namesIn(expr);
        expect(names.length).toBeGreaterThan(0);
        expect(names.filter((name) => !known.has(name))).toEqual([]);
        const labels = metrics.filter(({ name }) => names.includes(name)).flatMap((metric) => metric.labels);
        const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
        expect(shown.filter((label) => label !== 'instance' && !(labels as string[]).includes(label))).toEqual([]);
      }
    },
  );
});

describe('the alert rules', () => {
  it.each(rules)(
    '$alert is made of metrics that there are, and has a section to act by',
    ({ alert, expr, annotations }) => {
      expect(namesIn(expr).filter((name) => !known.has(name))).toEqual([]);
      expect(annotations.runbook).toBe(`docs/operations/alerts.md#${alert.toLowerCase()}`);
      expect(annotations.summary).not.toBe('');
      expect(handbook).toContain(`\n## ${alert}\n`);
    },
  );

  it('have a story each, and no section too many', () => {
    const names = rules.map(({ alert }) => alert);
    expect(Object.keys(stories)).toEqual(names);
    expect([...handbook.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(names);
    expect(names.length).toBeGreaterThanOrEqual(14);
  });
});
