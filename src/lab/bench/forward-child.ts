/**
 * The least that can be done with a packet: what comes to the gateway's access side goes to the LMA as it is, and what
 * comes to its S2a side goes to the first RG. The yardstick of `bench data`, with the gateway's driver and sockets.
 */
import { openDriver } from '../../host/sockets/open-driver.ts';
import type { ForwarderAnswer, ForwarderRequest } from './forward-process.ts';

const { driver } = await openDriver('auto');

process.on('message', async (request: ForwarderRequest) => {
  const answer = (message: ForwarderAnswer): void => void process.send!(message);
  if (request.kind === 'stop') {
    await driver.close();
    process.disconnect();
    return;
  }
  if (request.kind === 'start') {
    const { access, s2a, lma, rgs } = request.network;
    const up = await driver.open({ transport: 'gre-over-udp', address: access }, (_peer, _port, bytes) => {
      down.send(lma, 0, bytes);
    });
    const down = await driver.open({ transport: 'gre-over-udp', address: s2a }, (_peer, _port, bytes) => {
      up.send(rgs[0]!, 0, bytes);
    });
  }
  const { user, system } = process.cpuUsage();
  answer({ cpuMicroseconds: user + system });
});
