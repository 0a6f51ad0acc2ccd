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
/** The just-in-time compiler is done with the relay after some thousands. */
const warmUpDefault = 6000;
const roundsDefault = 3;
const windowDefault = 64;
const floodPerSecond = 100_000;
/** Packets a second that a client may send: of four WLCs 3,200 attaches, more than two processors carry; a flood is twelve times that. */
const clientRate = 8000;
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

/** A flood, and what stood beside it: `flood-elsewhere` before it and after it, their mean. */
interface Measured {
  readonly under: Figures;
  readonly beside: Pick<Figures, 'rate' | 'cpuMicroseconds'>;
}

/**
 * Attaches by EAP, a closed loop, while somebody sends 100,000 hostile packets a second. `flood-elsewhere` is the control: the
 * same flood goes to a port of nobody's, so that its sender has of the processors what it has in the other rows. It is taken
 * before each flood and after it, at half the length, and how much the attach rate falls is by the mean of these two.
 */
export async function floodBench(options: BenchOptions): Promise<BenchResult> {
  const rounds = options.rounds ?? roundsDefault;
  const count = options.count ?? attachesDefault;
  const warmUp = options.warmUp ?? warmUpDefault;
  const controlCount = Math.ceil(count / 2);
  const none: Figures[] = [];
  const controls: Figures[] = [];
  const floods = new Map<string, Measured[]>();
  let driver = '';
  let faults = 0;
  // Five attaches of `count` in a round, five controls of half of it; sockets have to come out even.
  const uesMax = warmUp + rounds * 5 * (count + controlCount) + 100 * (rounds + 1);
  await withAaaRig(uesMax, { ...options, radiusRate: clientRate }, async (rig) => {
    driver = rig.gateway.driver;
    const flood = new FloodProcess();
    let nextUe = 0;
    const attach = async (pieces: number, hostility?: Hostility) => {
      const firstUe = nextUe;
      nextUe += Math.ceil(pieces / rig.load.sockets) * rig.load.sockets;
      return attachUnder(rig, hostility && { flood, hostility }, { firstUe, count: pieces }, options);
    };
    try {
      const elsewhere = nobodysPort(rig);
      await attach(warmUp);
      for (let round = 0; round < rounds; round += 1) {
        none.push(await attach(count));
        let before = await attach(controlCount, elsewhere);
        controls.push(before);
        for (const hostility of hostilities(rig)) {
          const under = await attach(count, hostility);
          const after = await attach(controlCount, elsewhere);
          controls.push(after);
          const measured = { under, beside: meanOf(before, after) };
          floods.set(hostility.name, [...(floods.get(hostility.name) ?? []), measured]);
          before = after;
        }
      }
    } finally {
      await flood.leave();
    }
    faults = (await rig.gateway.sample()).faults;
  });
  const rows = [
    { ...rowOf('flood-none', none), faults },
    { ...rowOf('flood-elsewhere', controls), ...flooded(controls), faults },
    ...[...floods].map(([name, measured]) => ({ ...judgedRowOf(name, measured), faults })),
  ];
  return { driver, rows };
}

function meanOf(before: Figures, after: Figures): Measured['beside'] {
  return {
    rate: (before.rate + after.rate) / 2,
    cpuMicroseconds: (before.cpuMicroseconds + after.cpuMicroseconds) / 2,
  };
}

/** Where the control's flood goes. */
function nobodysPort({ network }: AaaRig): Hostility {
  return {
    name: 'flood-elsewhere',
    source: network.strangers,
    target: network.proxy,
    port: radiusPort.authentication,
    packets: wronglySigned(network.hostileWlc),
  };
}

function hostilities({ network }: AaaRig): readonly Hostility[] {
  const { access, aaa, strangers, hostileWlc } = network;
  const toDoor = { target: access, port: radiusPort.authentication };
  const signed = wronglySigned(hostileWlc);
  return [
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
  hostile: { readonly flood: FloodProcess; readonly hostility: Hostility } | undefined,
  { firstUe, count }: { readonly firstUe: number; readonly count: number },
  options: BenchOptions,
): Promise<Figures> {
  const ratePerSecond = options.ratePerSecond ?? floodPerSecond;
  const before = await rig.gateway.sample();
  const floodBefore = hostile && processMicroseconds(hostile.flood.pid);
  await hostile?.flood.start({ ...hostile.hostility, ratePerSecond });
  let own = 0;
  const result = await rig.load.run({
    dialogue: eapDialogue('accept'),
    target: rig.network.access,
    count,
    pace: { window: options.window ?? windowDefault },
    ueOf: (piece) => firstUe + piece,
    repeatAfterMs,
    began: () => {
      own = -processMicroseconds(rig.gateway.pid);
    },
    ended: () => {
      own += processMicroseconds(rig.gateway.pid);
    },
  });
  const floodTime = hostile && processMicroseconds(hostile.flood.pid) - floodBefore!;
  const { sent, elapsedMs } = (await hostile?.flood.stop()) ?? { sent: 0, elapsedMs: 1 };
  const after = await rig.gateway.sample();
  return {
    rate: result.rate,
    cpuMicroseconds: own / count,
    p99Ms: result.latencies.percentile(0.99),
    failures: result.failures,
    repeated: result.repeated,
    offered: (sent / elapsedMs) * 1000,
    floodBusy: (floodTime ?? 0) / (elapsedMs * 1000),
    discarded: after.radiusDiscarded - before.radiusDiscarded,
  };
}

function rowOf(name: string, rows: readonly Figures[]): BenchRow {
  return {
    name,
    rate: medianOf(rows.map(({ rate }) => rate)),
    unit: 'attach/s',
    cpuMicroseconds: medianOf(rows.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    p99Ms: medianOf(rows.map(({ p99Ms }) => p99Ms)),
    discarded: medianOf(rows.map(({ discarded }) => discarded)),
    repeated: medianOf(rows.map(({ repeated }) => repeated)),
    failures: rows.reduce((sum, { failures }) => sum + failures, 0),
  };
}

function flooded(rows: readonly Figures[]): Pick<Figures, 'offered' | 'floodBusy'> {
  return {
    offered: medianOf(rows.map(({ offered }) => offered)),
    floodBusy: medianOf(rows.map(({ floodBusy }) => floodBusy)),
  };
}

/** With how much the flood cost: of the attach rate, and how much more CPU time each attach took. */
function judgedRowOf(name: string, measured: readonly Measured[]): BenchRow {
  const under = measured.map((one) => one.under);
  const fallPercent = medianOf(measured.map(({ under, beside }) => 100 * (1 - under.rate / beside.rate)));
  const cpuPercent = medianOf(
    measured.map(({ under, beside }) => 100 * (under.cpuMicroseconds / beside.cpuMicroseconds - 1)),
  );
  return {
    ...rowOf(name, under),
    ...flooded(under),
    fallPercent,
    cpuPercent,
    goal: fallGoalPercent,
    met: fallPercent < fallGoalPercent ? 'yes' : 'no',
  };
}
