import { attach } from '../../src/host/xdp/attachment.ts';
import { FastPathProgram } from '../../src/host/xdp/fast-path-program.ts';
import { ipv4Of, macOf } from '../../src/kernel/address.ts';

/** Has the interface it is told run a program that passes everything, says "ready", and does so until it is ended. */
const device = process.argv[2]!;
const nobody = ipv4Of(0);
const program = new FastPathProgram({
  accessAddress: nobody,
  s2aAddress: nobody,
  vmac: macOf(0),
  sessionsMax: 1,
  puntsPerSecond: 0,
});
attach(program.passProgram, [device]);
process.stdout.write('ready\n');
setInterval(() => {}, 60_000);
