import { attachAll } from './attach-bench.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { type LoadRig, withGateway } from './load-rig.ts';
import { memoryRow } from './memory-bench.ts';
import type { BenchRow } from './report.ts';
import { WorkLoop, type WorkOptions } from './work-loop.ts';

const sessionsDefault = 100_000;
const handoversMax = 50_000;
const windowDefault = 64;
const ratePerSecondDefault = 5000;

/**
 * Handovers of sessions that are up, alternating over all of them: from PMIPv6 to EoGRE by a data packet, from EoGRE to
 * PMIPv6 by a PBU. `handover` is a closed loop, `handover-paced` keeps a schedule; `memory` is about a million sessions.
 *
 * A handover succeeds when the trigger's own effect is seen (the UE's packet at the LMA, the PBA at the WLC), which is
 * what the latency measures, and then a downlink packet comes out at the new access node.
 */
export async function handoverBench(options: BenchOptions): Promise<BenchResult> {
  const sessions = options.sessions ?? sessionsDefault;
  // No session is moved twice: within the guard time its data would not switch it back.
  const count = Math.min(options.count ?? handoversMax, Math.floor(sessions / 2));
  const pacedCount = Math.floor(count / 2);
  const warmUp = Math.min(options.warmUp ?? 5000, sessions - count - pacedCount);
  const window = options.window ?? windowDefault;
  const ratePerSecond = options.ratePerSecond ?? ratePerSecondDefault;
  let driver = '';
  const rows = await withGateway('auto', sessions, options, async (rig) => {
    driver = rig.gateway.driver;
    const setup = await attachAll(rig, initialAccess, 0, sessions, { window });
    await handOver(rig, 'warm-up', 0, warmUp, { window });
    const closed = await handOver(rig, 'handover', warmUp, count, { window });
    const paced = await handOver(rig, 'handover-paced', warmUp + count, pacedCount, { ratePerSecond });
    const state = { sessions: (await rig.gateway.sample()).sessions, setupFailures: setup.failures };
    return [
      { ...closed, window, ...state },
      { ...paced, ratePerSecond, ...state },
    ];
  });
  return { driver, rows: [...rows, await memoryRow(options)] };
}

/** Half of the UEs begin on PMIPv6 and half on EoGRE, by turns. */
export function initialAccess(ue: number): 'dhcp' | 'pmip' {
  return ue % 2 === 0 ? 'pmip' : 'dhcp';
}

/** Hands over UEs `first` to `first + count - 1`, each from where it began. */
async function handOver(
  rig: LoadRig,
  name: string,
  first: number,
  count: number,
  pace: WorkOptions['pace'],
): Promise<BenchRow> {
  const { peers, events, gateway, sockets } = rig;
  const before = await gateway.sample(true);
  const lostBefore = sockets.lost();
  const loop = new WorkLoop({
    what: 'handovers',
    count,
    pace,
    begin: (piece) => {
      const ue = first + piece;
      if (initialAccess(ue) === 'pmip') peers.sendUplink(ue);
      else peers.bind(ue);
    },
    flush: () => sockets.flush(),
  });
  const switched = (ue: number): void => {
    loop.measured(ue - first);
    peers.sendDownlink(ue);
  };
  events.uplink = switched;
  events.attached = switched;
  events.refused = (ue) => loop.failed(ue - first);
  events.downlink = (ue, site) => {
    if (site === (initialAccess(ue) === 'pmip' ? 'rg' : 'wlc-gre')) loop.completed(ue - first);
    else loop.failed(ue - first);
  };
  const result = await loop.run();
  const after = await gateway.sample(true);
  return {
    name,
    rate: result.rate,
    unit: 'handover/s',
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / count,
    p50Ms: result.latencies.percentile(0.5),
    p99Ms: result.latencies.percentile(0.99),
    switchP50Ms: after.switchP50Ms,
    switchP99Ms: after.switchP99Ms,
    count,
    failures: result.failures + (count - after.switches),
    faults: after.faults,
    packetsLost: after.packetsLost - before.packetsLost + sockets.lost() - lostBefore,
    stallWorstMs: after.stallWorstMs,
  };
}
