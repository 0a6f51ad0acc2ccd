/**
 * Somebody who would like to be a chassis of a pair. Its argument is an `ImpostorPlan`; it dials on and on, and takes
 * `ImpostorCommand`s, of which each is answered by an `ImpostorStatus`.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostRandom } from '../../src/host/random.ts';
import { SrpLink } from '../../src/host/srp/srp-link.ts';
import { parseIpv4 } from '../../src/kernel/address.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { srpPort } from './chassis.ts';
import type { ImpostorCommand, ImpostorPlan, ImpostorStatus } from './impostor-plan.ts';
import { answerCommands } from './json-process.ts';

const garbageOctets = 4000;

const plan = JSON.parse(process.argv[2]!) as ImpostorPlan;
let accepted = 0;
const link = new SrpLink({
  chassisId: plan.name,
  peerChassisId: undefined,
  sharedKey: utf8Encode(plan.sharedKey),
  compressions: new Map(),
  bind: { address: parseIpv4(plan.address)!, port: srpPort },
  peer: { address: parseIpv4(plan.target)!, port: srpPort },
  helloIntervalMs: 100,
  deadIntervalMs: 300,
});
await link.start({
  linkUp: () => {
    accepted += 1;
  },
  linkHeard: () => {},
  linkDown: () => {},
  stalled: () => {},
});

answerCommands<ImpostorCommand>(
  async (command) => {
    if (command.kind === 'garbage') await Promise.all(Array.from({ length: command.connections }, sendGarbage));
    return { accepted, dialled: link.statistics().counters['connections.dialled'] } satisfies ImpostorStatus;
  },
  () => process.exit(),
);

/** Random octets, and waits a little for what becomes of them. */
async function sendGarbage(): Promise<void> {
  const socket = connect({ host: plan.target, port: srpPort, localAddress: plan.address });
  socket.on('error', () => {});
  socket.write(hostRandom().bytes(garbageOctets));
  await sleep(100);
  socket.destroy();
}
