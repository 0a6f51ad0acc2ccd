import type { Ipv4Address } from '../../../kernel/address.ts';
import type { BenchOptions, BenchResult } from '../bench.ts';
import { medianOf } from '../icsr/judged-row.ts';
import type { BenchRow } from '../report.ts';
import { type AaaRig, withAaaRig } from './aaa-rig.ts';
import { processMicroseconds } from './process-time.ts';
import { RadsecproxyProcess, radsecproxyVersion } from './radsecproxy-process.ts';
import { type Dialogue, eapDialogue, interimDialogue } from './wlc-requests.ts';

const relaysDefault = 3000;
const roundsDefault = 5;
const windowDefault = 64;
/** Accounting-Requests are a tenth of the work of a conversation. */
const requestsPerRelay = 10;
/** Of the first round, which is not counted: all that is compiled while it runs is compiled then. */
const warmUpDefault = 2000;

/** Who is measured. */
interface UnderTest {
  readonly address: Ipv4Address;
  readonly pid: number;
}

/** One row in one round. */
interface Figures {
  readonly rate: number;
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
  /** The processors' time of the WLCs, and of the AAA server, for one piece. */
  readonly loadMicroseconds: number;
  readonly serverMicroseconds: number;
  /** How much of a processor each of the three had. */
  readonly busy: number;
  readonly loadBusy: number;
  readonly serverBusy: number;
}

interface Work {
  readonly dialogue: Dialogue;
  readonly count: number;
  /** The first of the UEs, and how many there are. */
  readonly firstUe: number;
  readonly ues: number;
}

/**
 * EAP conversations of ten round trips and Accounting-Requests through the gateway, and the same through radsecproxy, by
 * turns. `eap-relay` ends in a Reject: what a proxy does, and no more. `eap-attach` ends in an Accept with keys, which the
 * gateway gives only when it has set up a session with the LMA; radsecproxy passes it on. `accounting` is of sessions that
 * the gateway does not have, `accounting-of-session` of those that it has.
 */
export async function aaaBench(options: BenchOptions): Promise<BenchResult> {
  const rounds = options.rounds ?? roundsDefault;
  const count = options.count ?? relaysDefault;
  const figures = new Map<string, Figures[]>();
  const note = (name: string, row: Figures) => figures.set(name, [...(figures.get(name) ?? []), row]);
  const version = radsecproxyVersion();
  // Of each round its own: a session that is up already would be authenticated anew.
  const uesPerRound = 2 * Math.max(count, options.warmUp ?? warmUpDefault) + 1024;
  const ues = (rounds + 1) * uesPerRound;
  let driver = '';
  let faults = 0;
  await withAaaRig(ues, options, async (rig) => {
    driver = rig.gateway.driver;
    const proxy = version === undefined ? undefined : await RadsecproxyProcess.start(rig.network);
    try {
      for (let round = 0; round <= rounds; round += 1) {
        const isWarmUp = round === 0;
        const relays = isWarmUp ? (options.warmUp ?? warmUpDefault) : count;
        const firstUe = Math.ceil((round * uesPerRound) / rig.load.sockets) * rig.load.sockets;
        const rows = await measureRound(rig, proxy, { relays, firstUe }, options);
        if (!isWarmUp) for (const [name, row] of rows) note(name, row);
      }
      faults = (await rig.gateway.sample()).faults;
    } finally {
      await proxy?.stop();
    }
  });
  const rows = [...figures].map(([name, of]) => rowOf(name, of, { rounds, faults }));
  return { driver, rows: version === undefined ? [...rows, skipped] : withRatios(rows, version) };
}

const skipped: BenchRow = {
  name: 'radsecproxy',
  rate: 0,
  unit: 'relay/s',
  skipped: 'it is not installed: there is nothing to compare with',
};

const partners: Readonly<Record<string, string>> = {
  'eap-relay': 'eap-relay-radsecproxy',
  'eap-attach': 'eap-accept-radsecproxy',
  accounting: 'accounting-radsecproxy',
  'accounting-of-session': 'accounting-radsecproxy',
};

async function measureRound(
  rig: AaaRig,
  proxy: RadsecproxyProcess | undefined,
  { relays, firstUe }: { readonly relays: number; readonly firstUe: number },
  options: BenchOptions,
): Promise<[string, Figures][]> {
  const gateway: UnderTest = { address: rig.network.access, pid: rig.gateway.pid };
  const other = proxy === undefined ? undefined : { address: rig.network.proxy, pid: proxy.pid };
  const strangers = firstUe + Math.ceil(relays / rig.load.sockets) * rig.load.sockets;
  const of = (dialogue: Dialogue, first: number, count = relays): Work => {
    return { dialogue, count, firstUe: first, ues: relays };
  };
  const rejected = of(eapDialogue('reject'), strangers);
  const accepted = of(eapDialogue('accept'), firstUe);
  const interims = relays * requestsPerRelay;
  const plan: [string, UnderTest | undefined, Work][] = [
    ['eap-relay', gateway, rejected],
    ['eap-relay-radsecproxy', other, rejected],
    ['eap-attach', gateway, accepted],
    ['eap-accept-radsecproxy', other, accepted],
    ['accounting', gateway, of(interimDialogue, strangers, interims)],
    ['accounting-radsecproxy', other, of(interimDialogue, strangers, interims)],
    ['accounting-of-session', gateway, of(interimDialogue, firstUe, interims)],
  ];
  const rows: [string, Figures][] = [];
  for (const [name, underTest, work] of plan) {
    if (underTest !== undefined) rows.push([name, await measure(rig, underTest, work, options)]);
  }
  return rows;
}

async function measure(rig: AaaRig, underTest: UnderTest, work: Work, options: BenchOptions): Promise<Figures> {
  const { count, dialogue, firstUe, ues } = work;
  const window = options.window ?? windowDefault;
  const wrongBefore = (await rig.aaa.sample()).failures;
  const lostBefore = rig.load.lost();
  const times = () => [processMicroseconds(underTest.pid), processMicroseconds(rig.aaa.pid)] as const;
  let [own, server] = times();
  const result = await rig.load.run({
    dialogue,
    target: underTest.address,
    count,
    pace: options.ratePerSecond === undefined ? { window } : { ratePerSecond: options.ratePerSecond, tickMs: 1 },
    ueOf: (piece) => firstUe + (piece % ues),
    began: () => {
      [own, server] = times();
    },
    ended: () => {
      const [ownAfter, serverAfter] = times();
      own = ownAfter - own;
      server = serverAfter - server;
    },
  });
  const wrong = (await rig.aaa.sample()).failures - wrongBefore;
  const perPiece = (microseconds: number) => microseconds / count;
  const share = (microseconds: number) => microseconds / (result.elapsedMs * 1000);
  return {
    rate: result.rate,
    cpuMicroseconds: perPiece(own),
    p50Ms: result.latencies.percentile(0.5),
    p99Ms: result.latencies.percentile(0.99),
    failures: result.failures + wrong + rig.load.lost() - lostBefore,
    loadMicroseconds: perPiece(result.cpuMicroseconds),
    serverMicroseconds: perPiece(server),
    busy: share(own),
    loadBusy: share(result.cpuMicroseconds),
    serverBusy: share(server),
  };
}

/** The medians of a row's rounds. */
function rowOf(
  name: string,
  rows: readonly Figures[],
  { rounds, faults }: { readonly rounds: number; readonly faults: number },
): BenchRow {
  const median = (figure: keyof Figures) => medianOf(rows.map((row) => row[figure]));
  const rates = rows.map(({ rate }) => rate);
  return {
    name,
    rate: median('rate'),
    unit: name.startsWith('eap') ? 'relay/s' : 'request/s',
    cpuMicroseconds: median('cpuMicroseconds'),
    p50Ms: median('p50Ms'),
    p99Ms: median('p99Ms'),
    best: Math.max(...rates),
    worst: Math.min(...rates),
    busy: median('busy'),
    loadBusy: median('loadBusy'),
    serverBusy: median('serverBusy'),
    loadMicroseconds: median('loadMicroseconds'),
    serverMicroseconds: median('serverMicroseconds'),
    failures: rows.reduce((sum, { failures }) => sum + failures, 0),
    rounds,
    ...(name.endsWith('radsecproxy') ? {} : { faults }),
  };
}

/** With how the gateway compares: by rate, and by the processors' time; above 1 it is ahead. */
function withRatios(rows: readonly BenchRow[], version: string): BenchRow[] {
  return rows.map((row) => {
    const partner = rows.find(({ name }) => name === partners[row.name]);
    if (partner === undefined) return { ...row, version };
    return { ...row, ratio: row.rate / partner.rate, cpuRatio: partner.cpuMicroseconds! / row.cpuMicroseconds! };
  });
}
