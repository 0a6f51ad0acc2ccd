import { LoadProgram, type LoadSpec } from '../../../host/xdp/load-program.ts';
import type { BenchRow } from '../report.ts';
import { bestOutcome, offerFor } from './best-rate.ts';
import { packetOctets } from './fast-rows.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { bed, furtherRg, loadSpec } from './load-frames.ts';
import { newcomerRows } from './newcomer-rows.ts';
import { police } from './policer.ts';
import { type Rows, rowOf } from './rows.ts';
import { SlowGateway } from './slow-gateway.ts';
import type { Testbed } from './testbed.ts';

/** What rows are called of floods that meet the policer, by how the interface is served. */
const defences = { alike: 'flood-policed', behind: 'flood-policed-yielding' } as const;
const directions = ['uplink', 'downlink'] as const;

/**
 * The slow path of the gateway itself, on raw sockets, with an XDP program that passes everything: at the load it forwards the most
 * of, and, small packets, at far more than that.
 */
export async function slowRows(bench: Testbed, options: ForwardingOptions, rows: Rows): Promise<void> {
  const first = rows.all.length;
  const gateway = await SlowGateway.start(bed, [furtherRg], options.sessions);
  try {
    bench.adopt(gateway.pid);
    for (const octets of packetOctets) {
      for (const direction of directions) {
        const name = `slow-${direction}-${octets}-${options.sessions}`;
        rows.push(
          ...processRows(
            bench,
            name,
            loadSpec(direction, octets, options.sessions),
            gateway.pid,
            options,
            rows.all,
            true,
          ),
        );
      }
    }
    const { sessions, faults } = await gateway.sample();
    rows.all[first] = { ...rows.all[first]!, failures: options.sessions - sessions + faults };
    await newcomerRows(bench, options, rows);
  } finally {
    await gateway.stop();
  }
}

/**
 * What a process forwards at best and, small packets, what is left of that when it is flooded.
 *
 * @param policed whether also behind the fast path's program, and with the thread that serves the interface leaving most of the processor to the process
 */
export function processRows(
  bench: Testbed,
  name: string,
  spec: LoadSpec,
  worker: number,
  { floodRate, levelSeconds }: ForwardingOptions,
  before: readonly BenchRow[],
  policed = false,
): BenchRow[] {
  const load = new LoadProgram(spec);
  bench.measure(load.passProgram);
  try {
    return bench.loaded(load, () => {
      const best = bestOutcome(bench, load, worker, levelSeconds);
      const row = rowOf(name, best, before);
      if (!name.includes(`-${packetOctets[0]}-`)) return [row];
      const flooded = offerFor(bench, load, worker, floodRate, levelSeconds);
      const flood = { ...rowOf(`${name}-flood`, flooded), ofBest: flooded.arrived / best.arrived };
      if (!policed) return [row, flood];
      const program = police(bench);
      const defended = (['alike', 'behind'] as const).map((how) => {
        bench.serve(how);
        const outcome = offerFor(bench, load, worker, floodRate, levelSeconds);
        return { ...rowOf(`${name}-${defences[how]}`, outcome), ofBest: outcome.arrived / best.arrived };
      });
      bench.serve('alike');
      program.close();
      return [row, flood, ...defended];
    });
  } finally {
    load.close();
  }
}
