/**
 * A process that holds service addresses as a chassis of a pair does. Its argument is an `AddressPlan`; it takes
 * `AddressCommand`s. If it cannot start it prints the problems and ends with exit code 3.
 */
import { openServiceAddresses } from '../../src/host/addresses/open-service-addresses.ts';
import { openDriver } from '../../src/host/sockets/open-driver.ts';
import { StartError } from '../../src/host/start-error.ts';
import type { AddressCommand, AddressPlan, AddressStatus } from './address-plan.ts';
import { answerCommands } from './json-process.ts';

const { addresses, uid, neighbour, routeHook } = JSON.parse(process.argv[2]!) as AddressPlan;
if (uid !== undefined) process.setuid!(uid);
let lostReports = 0;
const service = await openServiceAddresses(addresses, {
  ...(routeHook === undefined ? {} : { routeHook }),
  onLost: () => {
    lostReports += 1;
  },
}).catch((error: unknown) => {
  if (!(error instanceof StartError)) throw error;
  process.stdout.write(`${JSON.stringify(error.problems)}\n`, () => process.exit(3));
  return undefined;
});

if (service !== undefined) {
  const { driver } = await openDriver('batched');
  // Bound before the address is here, as the gateway's are on a standby.
  const first = addresses[0]!;
  const socket = await driver.open({ transport: 'udp', address: first.address, port: 7000, floating: true }, () => {});
  const status = (): AddressStatus => ({ ...service.statistics(), lostReports, sent: socket.statistics().packetsSent });

  answerCommands<AddressCommand>(
    async (command) => {
      if (command.kind === 'take') service.take();
      else if (command.kind === 'release') service.release();
      else if (command.kind === 'watch') service.watch(command.limitMs);
      else if (command.kind === 'route') service.routeChanged(command.role, command.routeModifier);
      else if (command.kind === 'close') await service.close();
      else if (command.kind === 'send') {
        socket.send(neighbour, 7000, Uint8Array.of(1));
        driver.flush();
      }
      return status();
    },
    () => process.exit(),
  );
}
