import { attachAll } from './attach-bench.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { ForwardProcess } from './forward-process.ts';
import { type PeersRig, startPeers, withGateway } from './load-rig.ts';
import { stampOf } from './peers-load.ts';
import type { BenchRow } from './report.ts';
import { WorkLoop } from './work-loop.ts';

const directions = ['up', 'down'] as const;
type Direction = (typeof directions)[number];

const lengths = [128, 1400] as const;
const ues = 64;
const packetsDefault = 200_000;
const warmUpDefault = 20_000;
const windowDefault = 256;

/**
 * The slow path through real sockets: packets of 128 and 1400 octets of UEs on EoGRE, uplink and downlink. Each row is
 * followed by that of a forwarder without any protocol in the gateway's place, and has its ratio to it.
 */
export async function dataBench(options: BenchOptions): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  let driver = '';
  for (const octets of lengths) {
    const forwarded = await withGateway('auto', ues, { ...options, octets }, async (rig) => {
      driver = rig.gateway.driver;
      await attachAll(rig, () => 'dhcp', 0, ues, { window: ues });
      return bothWays(rig, rig.gateway, 'data', octets, options);
    });
    const yardstick = await forwardRun(octets, options);
    forwarded.forEach((row, index) => {
      const bare = yardstick[index]!;
      const cpuRatio = bare.cpuMicroseconds! / row.cpuMicroseconds!;
      rows.push({ ...row, ratio: row.rate / bare.rate, cpuRatio }, bare);
    });
  }
  return { driver, rows };
}

async function forwardRun(octets: number, options: BenchOptions): Promise<BenchRow[]> {
  const rig = await startPeers(ues, octets);
  try {
    const forwarder = await ForwardProcess.start(rig.network);
    try {
      return await bothWays(rig, forwarder, 'forward', octets, options);
    } finally {
      await forwarder.stop();
    }
  } finally {
    await rig.sockets.close();
  }
}

async function bothWays(
  rig: PeersRig,
  underTest: UnderTest,
  what: string,
  octets: number,
  options: BenchOptions,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const direction of directions) {
    rows.push(await dataRun(rig, underTest, direction, `${what}-${direction}-${octets}`, options));
  }
  return rows;
}

interface UnderTest {
  sample(): Promise<{ readonly cpuMicroseconds: number }>;
}

async function dataRun(
  rig: PeersRig,
  underTest: UnderTest,
  direction: Direction,
  name: string,
  options: BenchOptions,
): Promise<BenchRow> {
  const window = options.window ?? windowDefault;
  const count = options.count ?? packetsDefault;
  const run = (pieces: number) => {
    const loop = new WorkLoop({
      what: 'packets',
      count: pieces,
      pace: { window },
      begin: (piece) => {
        if (direction === 'up') rig.peers.sendUplink(piece % ues, piece);
        else rig.peers.sendDownlink(piece % ues, piece);
      },
      flush: () => rig.sockets.flush(),
    });
    rig.events.uplink = (_ue, bytes) => loop.completed(stampOf(bytes));
    rig.events.downlink = (_ue, _site, bytes) => loop.completed(stampOf(bytes));
    return loop.run();
  };
  await run(options.warmUp ?? warmUpDefault);
  const before = await underTest.sample();
  const result = await run(count);
  const after = await underTest.sample();
  return {
    name,
    rate: result.rate,
    unit: 'packet/s',
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / count,
    p50Ms: result.latencies.percentile(0.5),
    p99Ms: result.latencies.percentile(0.99),
    count,
    window,
    failures: result.failures,
  };
}
