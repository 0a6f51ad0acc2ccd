import { attachAll } from './attach-bench.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { withGateway } from './load-rig.ts';
import type { BenchRow } from './report.ts';

const warmUpCount = 5000;
const attachCount = 20_000;
/** Enough for two instances to be busy at the same time. */
const windowDefault = 128;

const layouts = [
  { name: 'in-process', count: 1, placement: 'in-process' },
  { name: 'two-in-process', count: 2, placement: 'in-process' },
  { name: 'one-thread', count: 1, placement: 'threads' },
  { name: 'two-threads', count: 2, placement: 'threads' },
] as const;

/**
 * What session manager instances in threads of their own bring and cost: full attaches of both kinds through real sockets, of
 * a gateway with each layout in turn. `coresBusy` says how many cores the gateway had work for: what the peers need is
 * beside it, so that on a machine with few cores the rate says less than the CPU time does.
 */
export async function instancesBench(options: BenchOptions): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  let driver = '';
  for (const kind of ['dhcp', 'pmip'] as const) {
    for (const layout of layouts) {
      const measured = await attachRun(kind, layout, options);
      driver = measured.driver;
      rows.push(measured.row);
    }
  }
  return { driver, rows };
}

async function attachRun(
  kind: 'dhcp' | 'pmip',
  { name, count: instances, placement }: (typeof layouts)[number],
  options: BenchOptions,
): Promise<{ readonly driver: string; readonly row: BenchRow }> {
  const count = options.count ?? attachCount;
  const warmUp = options.warmUp ?? warmUpCount;
  const window = options.window ?? windowDefault;
  const blocks = `session-managers: { count: ${instances}, placement: ${placement} }`;
  return withGateway('auto', warmUp + count, { ...options, blocks }, async (rig) => {
    await attachAll(rig, () => kind, 0, warmUp, { window });
    const before = await rig.gateway.sample();
    const begun = performance.now();
    const result = await attachAll(rig, () => kind, warmUp, count, { window });
    const tookMs = performance.now() - begun;
    const after = await rig.gateway.sample();
    const cpuMicroseconds = after.cpuMicroseconds - before.cpuMicroseconds;
    const row: BenchRow = {
      name: `${kind}-attach-${name}`,
      rate: result.rate,
      unit: 'attach/s',
      cpuMicroseconds: cpuMicroseconds / count,
      p50Ms: result.latencies.percentile(0.5),
      p99Ms: result.latencies.percentile(0.99),
      coresBusy: cpuMicroseconds / 1000 / tookMs,
      count,
      window,
      failures: result.failures + (warmUp + count - after.sessions),
      faults: after.faults,
      packetsLost: after.packetsLost + rig.sockets.lost(),
    };
    return { driver: rig.gateway.driver, row };
  });
}
