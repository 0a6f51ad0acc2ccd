import { setImmediate as nextTurn } from 'node:timers/promises';
import { LoadProgram } from '../../../host/xdp/load-program.ts';
import type { BenchRow } from '../report.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { loadSpec } from './load-frames.ts';
import { type AttachOutcome, Newcomers } from './newcomers.ts';
import { send } from './offer.ts';
import { police } from './policer.ts';
import type { Rows } from './rows.ts';
import type { Testbed } from './testbed.ts';

export const newcomerNames = [
  'attach',
  'attach-flood',
  'attach-flood-policed',
  'attach-flood-policed-yielding',
] as const;
/** Attaches a second, far below what the gateway can do. */
const attachRate = 200;
const attachSeconds = 5;
/** How much of the flood is sent before others have their turn on the generator's processor. */
const floodSliceSeconds = 0.02;

/**
 * New UEs that become attached by DHCP behind another RG, while the slow path is flooded with packets of sessions that are there
 * already: by the same interface. A UE begins anew after a second.
 */
export async function newcomerRows(bench: Testbed, options: ForwardingOptions, rows: Rows): Promise<void> {
  if (!rows.wants(...newcomerNames)) return;
  const { sessions, floodRate, levelSeconds } = options;
  const count = Math.ceil(attachRate * attachSeconds * levelSeconds);
  const load = new LoadProgram(loadSpec('uplink', 64, sessions));
  bench.measure(load.passProgram);
  load.setPort(1, bench.index('gen0'));
  const newcomers = await Newcomers.start(load, sessions + 4 * count);
  let measurements = 0;
  const measured = async (name: string, flood: boolean): Promise<void> => {
    if (!rows.wants(name)) return;
    const first = sessions + measurements++ * count;
    const attached = newcomers.attach(first, count, attachRate);
    rows.push(rowOf(name, count, flood ? await flooded(load, floodRate, attached) : await attached));
  };
  try {
    await bench.loadedWhile(load, async () => {
      const [alone, flood, policed, yielding] = newcomerNames;
      await measured(alone, false);
      await measured(flood, true);
      const program = police(bench);
      await measured(policed, true);
      bench.serve('behind');
      await measured(yielding, true);
      bench.serve('alike');
      bench.measure(load.passProgram);
      program.close();
    });
  } finally {
    await newcomers.stop();
    load.close();
  }
}

/** Floods until something is over. */
async function flooded<Result>(load: LoadProgram, ratePerSecond: number, work: Promise<Result>): Promise<Result> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  while (!over) {
    send(load, { packets: ratePerSecond * floodSliceSeconds, secondsMost: floodSliceSeconds, ratePerSecond });
    await nextTurn();
  }
  return ended;
}

function rowOf(name: string, count: number, { failures: unattached, ...outcome }: AttachOutcome): BenchRow {
  return { name, unit: 'attaches/s', ...outcome, count, unattached };
}
