import { FastPathProgram } from '../../../host/xdp/fast-path-program.ts';
import { bed, bedMac } from './load-frames.ts';
import type { Testbed } from './testbed.ts';

/** What a configuration has that says nothing of it. */
const puntsPerSecondInAll = 100_000;

/** Puts the fast path's program on in0, which knows no session, and lets no more up than that; to be closed. */
export function police(bench: Testbed): FastPathProgram {
  const program = new FastPathProgram({
    accessAddress: bed.access,
    s2aAddress: bed.s2a,
    vmac: bedMac.gateway,
    sessionsMax: 1,
    puntsPerSecond: 0,
    puntsPerSecondInAll,
  });
  program.forwardUntil(Number.POSITIVE_INFINITY);
  bench.measure(program.forwardProgram);
  return program;
}
