import type { DriverChoice } from '../../host/sockets/open-driver.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { type PeersRig, withGateway } from './load-rig.ts';
import type { BenchRow } from './report.ts';
import { type Pace, WorkLoop, type WorkResult } from './work-loop.ts';

const warmUpCount = 5000;
const attachCount = 30_000;
const windowDefault = 64;

/**
 * Full attaches through real sockets. `dhcp-attach`: DISCOVER, Access-Request and Accept, PBU and PBA, OFFER, REQUEST, ACK.
 * `pmip-attach`: PBU, Access-Request and Accept, PBU and PBA toward the LMA, PBA. Each again with node:dgram.
 */
export async function attachBench(options: BenchOptions): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  let name = '';
  for (const kind of ['dhcp', 'pmip'] as const) {
    const batched = await attachRun(kind, 'auto', options);
    name = batched.driver;
    const portable = await attachRun(kind, 'dgram', options);
    rows.push(
      { ...batched.row, ratio: batched.row.rate / portable.row.rate },
      { ...portable.row, name: `${kind}-attach-dgram` },
    );
  }
  return { driver: name, rows };
}

async function attachRun(
  kind: 'dhcp' | 'pmip',
  driver: DriverChoice,
  options: BenchOptions,
): Promise<{ driver: string; row: BenchRow }> {
  const count = options.count ?? attachCount;
  const warmUp = options.warmUp ?? warmUpCount;
  const window = options.window ?? windowDefault;
  return withGateway(driver, warmUp + count, options, async (rig) => {
    await attachAll(rig, () => kind, 0, warmUp, { window });
    const before = await rig.gateway.sample();
    const result = await attachAll(rig, () => kind, warmUp, count, { window });
    const after = await rig.gateway.sample();
    const row: BenchRow = {
      name: `${kind}-attach`,
      rate: result.rate,
      unit: 'attach/s',
      cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / count,
      p50Ms: result.latencies.percentile(0.5),
      p99Ms: result.latencies.percentile(0.99),
      count,
      window,
      failures: result.failures + (warmUp + count - after.sessions),
      faults: after.faults,
      packetsLost: after.packetsLost + rig.sockets.lost(),
    };
    return { driver: rig.gateway.driver, row };
  });
}

/** Attaches UEs `first` to `first + count - 1`, each as `kindOf` says. */
export async function attachAll(
  rig: PeersRig,
  kindOf: (ue: number) => 'dhcp' | 'pmip',
  first: number,
  count: number,
  pace: Pace,
): Promise<WorkResult> {
  const { peers, events } = rig;
  const loop = new WorkLoop({
    what: 'attaches',
    count,
    pace,
    begin: (piece) => (kindOf(first + piece) === 'dhcp' ? peers.discover(first + piece) : peers.bind(first + piece)),
    flush: () => rig.sockets.flush(),
  });
  events.attached = (ue) => loop.completed(ue - first);
  events.refused = (ue) => loop.failed(ue - first);
  return loop.run();
}
