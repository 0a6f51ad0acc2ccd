import { FastPathProgram } from '../../../host/xdp/fast-path-program.ts';
import { LoadProgram, type LoadSpec } from '../../../host/xdp/load-program.ts';
import type { BenchRow } from '../report.ts';
import { bestOutcome, offerFor } from './best-rate.ts';
import { packetOctets } from './fast-rows.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { bed, bedMac, loadSpec } from './load-frames.ts';
import type { Outcome } from './offer.ts';
import { rowOf } from './rows.ts';
import { SlowGateway } from './slow-gateway.ts';
import type { Testbed } from './testbed.ts';

const directions = ['uplink', 'downlink'] as const;

/**
 * The slow path of the gateway itself, on raw sockets, with an XDP program that passes everything: at the load it forwards the most
 * of, and, small packets, at far more than that.
 */
export async function slowRows(
  bench: Testbed,
  options: ForwardingOptions,
  before: readonly BenchRow[],
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const gateway = await SlowGateway.start(bed, options.sessions);
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
            before,
            true,
          ),
        );
      }
    }
    const { sessions, faults } = await gateway.sample();
    rows[0] = { ...rows[0]!, failures: options.sessions - sessions + faults };
  } finally {
    await gateway.stop();
  }
  return rows;
}

/** The same with the fast path's program, which knows none of the sessions, and lets so much up as it does by itself. */
function offerPoliced(bench: Testbed, load: LoadProgram, worker: number, rate: number, seconds: number): Outcome {
  const program = new FastPathProgram({
    accessAddress: bed.access,
    s2aAddress: bed.s2a,
    vmac: bedMac.gateway,
    sessionsMax: 1,
    puntsPerSecond: 0,
  });
  program.forwardUntil(Number.POSITIVE_INFINITY);
  bench.measure(program.forwardProgram);
  try {
    return offerFor(bench, load, worker, rate, seconds);
  } finally {
    bench.measure(load.passProgram);
    program.close();
  }
}

/**
 * What a process forwards at best and, small packets, what is left of that when it is flooded.
 *
 * @param policed whether also behind the fast path's program
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
      const defended = offerPoliced(bench, load, worker, floodRate, levelSeconds);
      return [row, flood, { ...rowOf(`${name}-flood-policed`, defended), ofBest: defended.arrived / best.arrived }];
    });
  } finally {
    load.close();
  }
}
