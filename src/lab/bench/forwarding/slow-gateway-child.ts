/** A gateway with sessions, as `samog run` starts it, in a process of its own: asked by its parent, `SlowGateway`. */
import { now } from '../../../host/clock.ts';
import { gatewayLog, startGateway } from '../../../host/gateway.ts';
import { openDriver } from '../../../host/sockets/open-driver.ts';
import { filledSessions } from '../icsr/filled-sessions.ts';
import { benchConfig } from '../network.ts';
import type { SlowGatewayAnswer, SlowGatewayRequest } from './slow-gateway.ts';

const answer = (message: SlowGatewayAnswer): void => void process.send!(message);
const request = await new Promise<SlowGatewayRequest>((resolve) => process.once('message', resolve as () => void));
if (request.kind !== 'start') throw new Error('the first request is to start');
const { network, further, sessions } = request;
const config = benchConfig({ ...network, rgs: [...network.rgs, ...further] }, { greTransport: 'raw' });
const { driver } = await openDriver('auto');
const gateway = await startGateway(config, { driver, log: gatewayLog(config) });
const { refused } = gateway.managers[0]!.adopt(filledSessions(network, sessions, now(), 'dhcp'));
if (refused.length > 0) throw new Error(`${refused.length} sessions found no room`);
process.on('message', async (message: SlowGatewayRequest) => {
  if (message.kind === 'sample') {
    const { faults, sockets } = gateway.runtime.statistics();
    answer({
      kind: 'sample',
      sample: {
        sessions: gateway.manager.registry.size,
        faults: faults + gateway.manager.crashes.length,
        kernelDrops: sockets.reduce((sum, { kernelDrops }) => sum + (kernelDrops ?? 0), 0),
        sendsRefused: sockets.reduce((sum, { sendsRefused }) => sum + sendsRefused, 0),
      },
    });
  } else if (message.kind === 'stop') {
    await gateway.stop();
    await driver.close();
    process.disconnect();
  }
});
// It must not outlive its parent.
process.on('disconnect', () => process.exit());
answer({ kind: 'ready' });
