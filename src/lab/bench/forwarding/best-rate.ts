import type { LoadProgram } from '../../../host/xdp/load-program.ts';
import { type Offer, type Outcome, offer, send } from './offer.ts';
import type { Testbed } from './testbed.ts';

/** What a worker that can be drowned is offered: the first packets a second, and how much more each time. */
const firstRate = 20_000;
const growth = 1.6;
const rateMost = 2_000_000;
/** How much of the time of each of them goes by before anything is counted. */
const warmUpShare = 0.25;
/** It is over when so little of the best comes out, so many times in a row. */
const pastTheBest = 0.9;
const pastTimes = 2;

/**
 * What comes out of a process at the load that it forwards the most of. Offered more, it may well forward less: what it
 * has no time for takes time, too.
 *
 * @returns that load in packets a second, and what came of it
 */
export function bestOutcome(
  bench: Testbed,
  load: LoadProgram,
  worker: number,
  secondsEach: number,
): { readonly rate: number; readonly best: Outcome } {
  let rate = firstRate;
  let best: Outcome | undefined;
  let past = 0;
  for (let ratePerSecond = firstRate; ratePerSecond <= rateMost && past < pastTimes; ratePerSecond *= growth) {
    const outcome = offerFor(bench, load, worker, ratePerSecond, secondsEach);
    past = best !== undefined && outcome.arrived < pastTheBest * best.arrived ? past + 1 : 0;
    if (best === undefined || outcome.arrived > best.arrived) [rate, best] = [ratePerSecond, outcome];
  }
  return { rate, best: best! };
}

/** Offers packets at a rate for so long, however many the generator finds time for, after a while that is not counted. */
export function offerFor(
  bench: Testbed,
  load: LoadProgram,
  worker: number,
  ratePerSecond: number,
  seconds: number,
): Outcome {
  const during = (secondsMost: number): Offer => ({
    packets: ratePerSecond * secondsMost,
    secondsMost,
    ratePerSecond,
    worker,
  });
  send(load, during(seconds * warmUpShare));
  return offer(bench, load, during(seconds));
}
