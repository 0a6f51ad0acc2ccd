import { LoadProgram, type LoadSpec } from '../../../host/xdp/load-program.ts';
import { medianOf } from '../icsr/judged-row.ts';
import type { BenchRow } from '../report.ts';
import { bestOutcome, offerFor } from './best-rate.ts';
import { directions, packetOctets } from './fast-rows.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { bed, furtherRg, loadSpec } from './load-frames.ts';
import { newcomerNames, newcomerRows } from './newcomer-rows.ts';
import type { Outcome } from './offer.ts';
import { police } from './policer.ts';
import { besideBare, type Rows, rowOfRounds } from './rows.ts';
import { SlowGateway } from './slow-gateway.ts';
import type { Testbed } from './testbed.ts';

/**
 * What is done to a process by a flood, as its rows are called: with nothing in front, and with the policer, by how the interface
 * is served.
 */
const floods = { flood: undefined, 'flood-policed': 'alike', 'flood-policed-yielding': 'behind' } as const;
export type Flood = keyof typeof floods;
const allFloods = Object.keys(floods) as Flood[];

/**
 * The slow path of the gateway itself, on raw sockets, with an XDP program that passes everything: at the load it forwards the most
 * of, and, small packets, at far more than that.
 */
export async function slowRows(bench: Testbed, options: ForwardingOptions, rows: Rows): Promise<void> {
  const works = worksOf('slow', packetOctets, options.sessions, allFloods);
  const wanted = works.filter((work) => rows.wants(...namesOf(work)));
  if (wanted.length === 0 && !rows.wants(...newcomerNames)) return;
  const first = rows.all.length;
  const gateway = await SlowGateway.start(bed, [furtherRg], options.sessions);
  try {
    bench.adopt(gateway.pid);
    for (const work of wanted) processRows(bench, work, gateway.pid, options, rows);
    const { sessions, faults } = await gateway.sample();
    const row = rows.all[first];
    if (row !== undefined) rows.all[first] = { ...row, failures: options.sessions - sessions + faults };
    await newcomerRows(bench, options, rows);
  } finally {
    await gateway.stop();
  }
}

/** Packets that a process is offered: those it forwards the most of, and floods. */
export interface Work {
  readonly name: string;
  readonly octets: number;
  readonly spec: LoadSpec;
  readonly floods: readonly Flood[];
}

/** Both ways, of these lengths; floods of the smallest alone. */
export function worksOf(what: string, lengths: readonly number[], sessions: number, floods: readonly Flood[]): Work[] {
  return lengths.flatMap((octets) =>
    directions.map((direction) => ({
      name: `${what}-${direction}-${octets}-${sessions}`,
      octets,
      spec: loadSpec(direction, octets, sessions),
      floods: octets === packetOctets[0] ? floods : [],
    })),
  );
}

/** What the rows of a work are called. */
export function namesOf({ name, floods }: Work): string[] {
  return [name, ...floods.map((flood) => `${name}-${flood}`)];
}

/**
 * What a process forwards at best, and what is left of that when it is flooded: `ofBest`, in rounds of the best and all floods.
 *
 * @param further what else the rows say
 */
export function processRows(
  bench: Testbed,
  { name, octets, spec, floods: wanted }: Work,
  worker: number,
  { floodRate, levelSeconds, rounds }: ForwardingOptions,
  rows: Rows,
  further: Readonly<Record<string, string>> = {},
): void {
  const load = new LoadProgram(spec);
  bench.measure(load.passProgram);
  const floods = wanted
    .map((flood) => ({ flood, called: `${name}-${flood}` }))
    .filter(({ called }) => rows.wants(called));
  const offered = (rate: number): Outcome => offerFor(bench, load, worker, rate, levelSeconds);
  try {
    bench.loaded(load, () => {
      const { rate, best } = bestOutcome(bench, load, worker, levelSeconds);
      const limit: Outcome[] = floods.length === 0 ? [best] : [];
      const left = new Map(floods.map(({ called }) => [called, [] as Outcome[]]));
      for (let round = 0; floods.length > 0 && round < rounds; round += 1) {
        limit.push(offered(rate));
        rows.sampled(name);
        for (const { flood, called } of floods) {
          left.get(called)!.push(defended(bench, load, flood, () => offered(floodRate)));
          rows.sampled(called);
        }
      }
      const row = (called: string, outcomes: readonly Outcome[]): BenchRow =>
        besideBare({ ...rowOfRounds(called, outcomes), ...further }, octets, rows.all);
      rows.measure(name, () => row(name, limit));
      for (const [called, outcomes] of left) {
        const ofBest = medianOf(outcomes.map(({ arrived }, round) => arrived / limit[round]!.arrived));
        rows.push({ ...row(called, outcomes), ofBest });
      }
    });
  } finally {
    load.close();
  }
}

/** Does something with the interface served, and the policer in front of it, as the flood's name says. */
function defended<Result>(bench: Testbed, load: LoadProgram, flood: Flood, work: () => Result): Result {
  const how = floods[flood];
  if (how === undefined) return work();
  const program = police(bench);
  bench.serve(how);
  try {
    return work();
  } finally {
    bench.serve('alike');
    bench.measure(load.passProgram);
    program.close();
  }
}
