import { once } from 'node:events';
import { namespaceWay, spawnInNamespace } from '../../pair/own-namespace.ts';
import type { BenchOptions, BenchResult } from '../bench.ts';

const script = new URL('./forwarding-main.ts', import.meta.url);

/** How much is measured. */
export interface ForwardingOptions {
  /** How often a row is measured, others between. */
  readonly rounds: number;
  /** Packets of a row in each round. */
  readonly count: number;
  /** Packets before, unmeasured. */
  readonly warmUp: number;
  /** Sessions of the rows with many of them. */
  readonly sessions: number;
  /** Sessions of the rows with the most of them. */
  readonly sessionsMost: number;
  /** Packets a second that flood a process. */
  readonly floodRate: number;
  /** How long a process is offered packets at one rate. */
  readonly levelSeconds: number;
  /** Which rows, by their names; all if left out. */
  readonly only?: string;
}

const roundsDefault = 3;
const packetsDefault = 1_000_000;
const levelSecondsDefault = 0.4;

/**
 * The fast path on veth interfaces with native XDP, beside a program that only redirects. Needs root, libbpf1, two processors and a
 * network namespace; without them its one row says why it is empty.
 *
 * @throws Error if the process that measures ends without a result; what it complains of is on standard error
 */
export async function forwardingBench(options: BenchOptions): Promise<BenchResult> {
  const way = namespaceWay();
  const isRoot = process.getuid?.() === 0;
  if (!way.ok || !isRoot) {
    const skipped = way.ok ? 'BPF programs are loaded by root only' : `${way.what}: ${way.hint}`;
    return { driver: 'xdp', rows: [{ name: 'bare-redirect', rate: 0, unit: 'packets/s', skipped }] };
  }
  const measured: ForwardingOptions = {
    rounds: options.rounds ?? roundsDefault,
    count: options.count ?? packetsDefault,
    warmUp: options.warmUp ?? 300_000,
    sessions: options.sessions ?? 65_536,
    sessionsMost: options.memorySessions ?? 1_000_000,
    floodRate: options.ratePerSecond ?? 2_000_000,
    ...(options.only === undefined ? {} : { only: options.only }),
    levelSeconds: levelSecondsDefault * Math.min(1, (options.count ?? packetsDefault) / packetsDefault),
  };
  const child = spawnInNamespace(way.command, script, [JSON.stringify(measured)]);
  let printed = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (exitCode !== 0) throw new Error(`the process that measures ended without a result (${exitCode ?? signal})`);
  return JSON.parse(printed) as BenchResult;
}
