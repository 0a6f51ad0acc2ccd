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
import { NetworkOperator } from './network-operator.ts';
import type { BenchRow } from './report.ts';

const sessionsDefault = 100_000;
const asksDefault = 40;
const windowDefault = 64;
/** No request may take the event loop away from the packets for longer. */
const turnGoalMs = 5;

/** Sends a request and waits for its answer; false if none came. */
type Ask = () => Promise<boolean>;

/**
 * What operators' requests cost the gateway that answers them, with many sessions up: for each kind of request how long the
 * event loop was away at worst, because that is how long a packet waits, and how long the operator waited. `idle` is the
 * same without any request, so that what is not the requests' doing can be told apart; so does `awayRunMs`, without what
 * other processes had the processor for, and `awayOwnMs`, without collections of garbage besides.
 *
 * Every view is asked, in its most expensive form, and what is no view: `explain`, health and metrics; and over the network, by
 * TLS, what a browser begins with.
 */
export async function operatorBench(options: BenchOptions): Promise<BenchResult> {
  const sessions = options.sessions ?? sessionsDefault;
  const count = options.count ?? asksDefault;
  const only = new RegExp(options.only ?? '');
  const folder = mkdtempSync(join(tmpdir(), 'samog-bench-'));
  const socket = join(folder, 'gateway.sock');
  let driver = '';
  try {
    const operator = await NetworkOperator.in(folder);
    const management = { socket, network: operator.files };
    const rows = await withGateway('auto', sessions, { ...options, management }, async (rig) => {
      driver = rig.gateway.driver;
      const setup = await attachAll(rig, initialAccess, 0, sessions, { window: options.window ?? windowDefault });
      const measured: BenchRow[] = [await measure(rig, 'idle', idle, count)];
      const requests = [
        ...asksAtSocket(new ManagementClient(socket), sessions),
        ...asksByNetwork(operator, rig.gateway.managementPort!),
      ].filter(([name]) => only.test(name));
      const progress = new Progress('requests', requests.length);
      for (const [name, ask] of requests) {
        measured.push(await measure(rig, name, ask, count));
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

const subscribersPath = '/v1/show/subscribers/samog-only';

/** Every view in its most expensive form, and what is no view. */
function asksAtSocket(client: ManagementClient, sessions: number): [name: string, ask: Ask][] {
  const mac = formatMac(macOfUe(Math.floor(sessions / 2)));
  const events = '/v1/show/events';
  const monitor = '/v1/show/monitor';
  const ofNothing = { filter: 'text=nowhere name!=x age<1d' };
  const asked: [name: string, path: string, query?: Readonly<Record<string, string>>][] = [
    ['health', '/v1/health'],
    ['metrics', '/metrics'],
    ['explain subscriber', '/v1/explain/subscriber', { mac }],
    ['subscribers count', subscribersPath, { count: '' }],
    ['subscribers limit 50', subscribersPath, { limit: '50' }],
    ['subscribers limit 500', subscribersPath, { limit: '500' }],
    ['subscribers full limit 50', subscribersPath, { limit: '50', full: '' }],
    ['subscribers mac', subscribersPath, { mac, full: '' }],
    ['events limit 500', events, { limit: '500' }],
    ['events octets limit 250', events, { limit: '250', octets: '' }],
    ['events filter of nothing', events, ofNothing],
    ['monitor filter of nothing', monitor, ofNothing],
    ['monitor limit 250', monitor, { limit: '250' }],
    ['ladder', '/v1/show/ladder', { mac }],
  ];
  for (const { words } of views) {
    if (!['subscribers', 'events', 'ladder'].includes(words[0]!))
      asked.push([words.join(' '), `/v1/show/${words.join('/')}`]);
  }
  return asked.map(([name, path, query = {}]) => [
    name,
    // A refusal is an answer too: a chassis that is alone has no pair to tell of.
    async () => (await client.ask({ method: 'GET', path }, { query })).kind !== 'timeout',
  ]);
}

/** What a browser asks first: the handshake of TLS, the console, a list, and a log-in. */
function asksByNetwork(operator: NetworkOperator, port: number): [name: string, ask: Ask][] {
  const get = (path: string) => async () => (await operator.get(port, path)) === 200;
  return [
    ['network: health', get('/v1/health')],
    ['network: console', get('/console/console.js')],
    ['network: subscribers limit 500', get(`${subscribersPath}?limit=500`)],
    ['network: log-in', async () => (await operator.logIn(port)) === 200],
  ];
}

async function idle(): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return true;
}

/** Asks one after the other. */
async function measure({ gateway }: LoadRig, name: string, ask: Ask, count: number): Promise<BenchRow> {
  const latencies = new Latencies(count);
  const turns = new Latencies(count);
  const longest = { wallMs: 0, runMs: 0, ownMs: 0 };
  let failures = 0;
  for (let asked = 0; asked < count; asked++) {
    await gateway.watchTurns();
    const at = performance.now();
    if (!(await ask())) failures++;
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
