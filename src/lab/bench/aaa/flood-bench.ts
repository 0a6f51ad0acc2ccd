import type { Ipv4Address } from '../../../kernel/address.ts';
import { radiusPort } from '../../../wire/radius/constants.ts';
import type { BenchOptions, BenchResult } from '../bench.ts';
import { medianOf } from '../icsr/judged-row.ts';
import type { BenchRow } from '../report.ts';
import { type AaaRig, withAaaRig } from './aaa-rig.ts';
import { FloodProcess } from './flood-process.ts';
import { forgedDisconnects, mutated, wronglySigned } from './hostile-packets.ts';
import { processMicroseconds } from './process-time.ts';
import { eapDialogue } from './wlc-requests.ts';

const attachesDefault = 5000;
const warmUpDefault = 1500;
const roundsDefault = 3;
const windowDefault = 64;
const floodPerSecond = 100_000;
/** What a client may send here: more than a WLC of the benchmark does, far less than a flood. */
const clientRate = 2500;
const fallGoalPercent = 20;
/** When a WLC repeats a request, in milliseconds. */
const repeatAfterMs = 1000;

interface Hostility {
  readonly name: string;
  readonly source: Ipv4Address;
  readonly target: Ipv4Address;
  readonly port: number;
  readonly packets: readonly Uint8Array[];
}

interface Figures {
  readonly rate: number;
  readonly cpuMicroseconds: number;
  readonly p99Ms: number;
  readonly failures: number;
  readonly repeated: number;
  readonly offered: number;
  readonly floodBusy: number;
  readonly discarded: number;
}

/**
 * Attaches by EAP, a closed loop, while somebody sends 100,000 hostile packets a second. `flood-elsewhere` is the control: the
 * same flood goes to a port of nobody's, so that its sender has of the processors what it has in the other rows. How much the
 * attach rate falls is by that row, in the same round.
 */
export async function floodBench(options: BenchOptions): Promise<BenchResult> {
  const rounds = options.rounds ?? roundsDefault;
  const count = options.count ?? attachesDefault;
  const warmUp = options.warmUp ?? warmUpDefault;
  const figures = new Map<string, Figures[]>();
  let driver = '';
  let faults = 0;
  const rows = 6;
  await withAaaRig(warmUp + (rounds * rows + 1) * (count + 8), { ...options, radiusRate: clientRate }, async (rig) => {
    driver = rig.gateway.driver;
    let nextUe = 0;
    const attach = async (pieces: number, hostility?: Hostility) => {
      const firstUe = nextUe;
      nextUe += Math.ceil(pieces / rig.load.sockets) * rig.load.sockets;
      return attachUnder(rig, hostility, { firstUe, count: pieces }, options);
    };
    await attach(warmUp);
    for (let round = 0; round < rounds; round += 1) {
      for (const hostility of [undefined, ...hostilities(rig)]) {
        const name = hostility?.name ?? 'flood-none';
        figures.set(name, [...(figures.get(name) ?? []), await attach(count, hostility)]);
      }
    }
    faults = (await rig.gateway.sample()).faults;
  });
  const control = figures.get('flood-elsewhere')!;
  return { driver, rows: [...figures].map(([name, of]) => rowOf(name, of, control, faults)) };
}

function hostilities({ network }: AaaRig): readonly Hostility[] {
  const { access, aaa, strangers, hostileWlc } = network;
  const toDoor = { target: access, port: radiusPort.authentication };
  const signed = wronglySigned(hostileWlc);
  return [
    {
      name: 'flood-elsewhere',
      source: strangers,
      target: network.proxy,
      port: radiusPort.authentication,
      packets: signed,
    },
    { name: 'flood-stranger', source: strangers, ...toDoor, packets: signed },
    { name: 'flood-wrong-secret', source: hostileWlc, ...toDoor, packets: signed },
    { name: 'flood-mutations', source: hostileWlc, ...toDoor, packets: mutated(hostileWlc) },
    {
      name: 'flood-disconnects',
      source: strangers,
      target: aaa,
      port: radiusPort.dynamicAuthorization,
      packets: forgedDisconnects(),
    },
  ];
}

async function attachUnder(
  rig: AaaRig,
  hostility: Hostility | undefined,
  { firstUe, count }: { readonly firstUe: number; readonly count: number },
  options: BenchOptions,
): Promise<Figures> {
  const ratePerSecond = options.ratePerSecond ?? floodPerSecond;
  const before = await rig.gateway.sample();
  const flood = hostility === undefined ? undefined : await FloodProcess.start({ ...hostility, ratePerSecond });
  const ownBefore = processMicroseconds(rig.gateway.pid);
  let offered = 0;
  let floodBusy = 0;
  try {
    const result = await rig.load.run({
      dialogue: eapDialogue('accept'),
      target: rig.network.access,
      count,
      pace: { window: options.window ?? windowDefault },
      ueOf: (piece) => firstUe + piece,
      repeatAfterMs,
    });
    const own = processMicroseconds(rig.gateway.pid) - ownBefore;
    if (flood !== undefined) {
      const floodTime = processMicroseconds(flood.pid);
      const { sent, elapsedMs } = await flood.stop();
      offered = (sent / elapsedMs) * 1000;
      floodBusy = floodTime / (elapsedMs * 1000);
    }
    const after = await rig.gateway.sample();
    return {
      rate: result.rate,
      cpuMicroseconds: own / count,
      p99Ms: result.latencies.percentile(0.99),
      failures: result.failures,
      repeated: result.repeated,
      offered,
      floodBusy,
      discarded: after.radiusDiscarded - before.radiusDiscarded,
    };
  } catch (error) {
    await flood?.stop();
    throw error;
  }
}

function rowOf(name: string, rows: readonly Figures[], control: readonly Figures[], faults: number): BenchRow {
  const median = (figure: keyof Figures) => medianOf(rows.map((row) => row[figure]));
  const fall = medianOf(rows.map(({ rate }, round) => 100 * (1 - rate / control[round]!.rate)));
  const isJudged = name !== 'flood-none' && name !== 'flood-elsewhere';
  return {
    name,
    rate: median('rate'),
    unit: 'attach/s',
    cpuMicroseconds: median('cpuMicroseconds'),
    p99Ms: median('p99Ms'),
    ...(name === 'flood-none' ? {} : { offered: median('offered'), floodBusy: median('floodBusy') }),
    ...(isJudged ? { fallPercent: fall, goal: fallGoalPercent, met: fall < fallGoalPercent ? 'yes' : 'no' } : {}),
    discarded: median('discarded'),
    repeated: median('repeated'),
    failures: rows.reduce((sum, { failures }) => sum + failures, 0),
    faults,
  };
}
