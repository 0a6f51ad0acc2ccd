import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagementClient } from '../../host/management/client.ts';
import { Progress } from '../../host/progress.ts';
import { formatMac } from '../../kernel/address.ts';
import { views } from '../../operations/views/registry.ts';
import { attachAll } from './attach-bench.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { initialAccess } from './handover-bench.ts';
import { Latencies } from './latencies.ts';
import { type LoadRig, withGateway } from './load-rig.ts';
import { macOfUe } from './network.ts';
import type { BenchRow } from './report.ts';

const sessionsDefault = 100_000;
const asksDefault = 40;
const windowDefault = 64;
/** No request may take the event loop away from the packets for longer. */
const turnGoalMs = 5;

/** A request as an operator sends it: its path and its options. */
interface Ask {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * What operators' requests cost the gateway that answers them, with many sessions up: for each kind of request how long the
 * event loop was away at worst, because that is how long a packet waits, and how long the operator waited. `idle` is the
 * same without any request, so that what is not the requests' doing can be told apart; so does `awayRunMs`, without what
 * other processes had the processor for, and `awayOwnMs`, without collections of garbage besides.
 *
 * Every view is asked, in its most expensive form, and what is no view: `explain`, health and metrics.
 */
export async function operatorBench(options: BenchOptions): Promise<BenchResult> {
  const sessions = options.sessions ?? sessionsDefault;
  const count = options.count ?? asksDefault;
  const folder = mkdtempSync(join(tmpdir(), 'samog-bench-'));
  const socket = join(folder, 'gateway.sock');
  let driver = '';
  try {
    const rows = await withGateway('auto', sessions, { ...options, socket }, async (rig) => {
      driver = rig.gateway.driver;
      const setup = await attachAll(rig, initialAccess, 0, sessions, { window: options.window ?? windowDefault });
      const client = new ManagementClient(socket);
      const measured: BenchRow[] = [await measure(rig, client, 'idle', undefined, count)];
      const requests = asks(sessions);
      const progress = new Progress('requests', requests.length);
      for (const [name, ask] of requests) {
        measured.push(await measure(rig, client, name, ask, count));
        progress.reached(measured.length - 1, name);
      }
      progress.end();
      const state = { sessions: (await rig.gateway.sample()).sessions, setupFailures: setup.failures };
      return measured.map((row) => ({ ...row, ...state }));
    });
    return { driver, rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function asks(sessions: number): [name: string, ask: Ask][] {
  const mac = formatMac(macOfUe(Math.floor(sessions / 2)));
  const subscribers = '/v1/show/subscribers/samog-only';
  return [
    ['health', { path: '/v1/health' }],
    ['metrics', { path: '/metrics' }],
    ['explain subscriber', { path: '/v1/explain/subscriber', query: { mac } }],
    ['subscribers count', { path: subscribers, query: { count: '' } }],
    ['subscribers limit 50', { path: subscribers, query: { limit: '50' } }],
    ['subscribers limit 500', { path: subscribers, query: { limit: '500' } }],
    ['subscribers full limit 50', { path: subscribers, query: { limit: '50', full: '' } }],
    ['subscribers mac', { path: subscribers, query: { mac, full: '' } }],
    ['events limit 500', { path: '/v1/show/events', query: { limit: '500' } }],
    ['events octets limit 250', { path: '/v1/show/events', query: { limit: '250', octets: '' } }],
    ['events filter of nothing', { path: '/v1/show/events', query: { filter: 'text=nowhere name!=x age<1d' } }],
    ['monitor filter of nothing', { path: '/v1/show/monitor', query: { filter: 'text=nowhere name!=x age<1d' } }],
    ['monitor limit 250', { path: '/v1/show/monitor', query: { limit: '250' } }],
    ['ladder', { path: '/v1/show/ladder', query: { mac } }],
    ...views
      .filter(({ words }) => !['subscribers', 'events', 'ladder'].includes(words[0]!))
      .map(({ words }): [string, Ask] => [words.join(' '), { path: `/v1/show/${words.join('/')}` }]),
  ];
}

/** Asks one after the other; a refusal is an answer too, for a chassis that is alone has no pair to tell of. */
async function measure(
  { gateway }: LoadRig,
  client: ManagementClient,
  name: string,
  ask: Ask | undefined,
  count: number,
): Promise<BenchRow> {
  const latencies = new Latencies(count);
  const turns = new Latencies(count);
  const longest = { wallMs: 0, runMs: 0, ownMs: 0 };
  let failures = 0;
  for (let asked = 0; asked < count; asked++) {
    await gateway.watchTurns();
    const at = performance.now();
    if (ask === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    else if ((await client.ask({ method: 'GET', path: ask.path }, { query: ask.query ?? {} })).kind === 'timeout')
      failures++;
    latencies.add(performance.now() - at);
    const { wallMs, runMs, ownMs } = await gateway.longestTurns();
    turns.add(wallMs);
    longest.wallMs = Math.max(longest.wallMs, wallMs);
    longest.runMs = Math.max(longest.runMs, runMs);
    longest.ownMs = Math.max(longest.ownMs, ownMs);
  }
  return {
    name,
    rate: longest.wallMs,
    unit: 'ms away',
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    awayP50Ms: turns.percentile(0.5),
    awayRunMs: longest.runMs,
    awayOwnMs: longest.ownMs,
    goal: turnGoalMs,
    met: longest.wallMs < turnGoalMs ? 'yes' : 'no',
    failures,
  };
}
