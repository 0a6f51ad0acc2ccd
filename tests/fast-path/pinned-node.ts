import { findInterface } from '../../src/host/addresses/network-interface.ts';
import { attach } from '../../src/host/xdp/attachment.ts';
import { FastPathProgram } from '../../src/host/xdp/fast-path-program.ts';
import { gatewayInterfaces } from './peers.ts';
import { atRg, fastPathConfig, newTable, session } from './served-session.ts';

/**
 * A gateway that leaves its fast path in the kernel: it has everything pinned in the folder it is told, says "ready", and does
 * nothing any more until it is killed.
 */
const pinFolder = process.argv[2]!;
const program = new FastPathProgram({ ...fastPathConfig, pinFolder });
const table = newTable();
// Places in front of the session's, which others have left.
for (const sessionId of [1, 2]) {
  const other = session(atRg);
  table.program({ ...other, sessionId, s2a: { ...other.s2a, downlinkKey: sessionId } }, 0);
}
table.program(session(atRg), 0);
for (const sessionId of [1, 2]) table.remove(sessionId, 0);
program.apply(table);
attach(program.forwardProgram, gatewayInterfaces, pinFolder);
for (const name of gatewayInterfaces) program.addPort(findInterface(name)!.index);
program.forwardUntil(Number.POSITIVE_INFINITY);
process.stdout.write('ready\n');
setInterval(() => {}, 1000);
