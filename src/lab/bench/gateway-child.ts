/** The gateway under test, as `samog run` starts it, in a process of its own: asked by its parent, `GatewayProcess`. */
import { now } from '../../host/clock.ts';
import { type Gateway, gatewayLog, startGateway } from '../../host/gateway.ts';
import { ManagementAccess } from '../../host/management/access.ts';
import { rehearse, startManagementServer } from '../../host/management/server.ts';
import { startManagementListener } from '../../host/management/tcp-server.ts';
import { Exposition } from '../../host/metrics/exposition.ts';
import type { ExpositionSource } from '../../host/metrics/metrics-listener.ts';
import { openDriver } from '../../host/sockets/open-driver.ts';
import { shownBy } from '../../operations/views/view.ts';
import type { SessionManager } from '../../sessmgr/session-manager.ts';
import type { BenchManagement, GatewayAnswer, GatewayRequest, GatewaySample } from './gateway-process.ts';
import { Latencies } from './latencies.ts';
import { benchConfig } from './network.ts';
import { TurnProbe } from './turn-probe.ts';

const switchSamplesMax = 1_000_000;

/** Measures, around a session manager, how long after a packet was received the path it switched was programmed. */
function watchSwitches(manager: SessionManager): Latencies {
  const latencies = new Latencies(switchSamplesMax);
  const { counters } = manager;
  const switches = (): number =>
    counters.get('handoff.pmip-to-eogre.accepted') + counters.get('handoff.eogre-to-pmip.accepted');
  const receive = manager.receive.bind(manager);
  manager.receive = (port, channel, peer, peerPort, bytes, at) => {
    const before = switches();
    receive(port, channel, peer, peerPort, bytes, at);
    // The instant is that of the system call that brought the packet: waiting behind others of its batch counts.
    if (switches() !== before) latencies.add(now() - at);
  };
  return latencies;
}

/** The API at its socket and at a port, as `samog run` has it. */
async function serveManagement(
  gateway: Gateway,
  access: ManagementAccess,
  where: BenchManagement | undefined,
  exposition: ExpositionSource,
): Promise<{ readonly port: number; stop(): Promise<void> } | undefined> {
  if (where === undefined) return undefined;
  const { certificate, key, users } = where.network;
  access.userList = access.usersOf(users);
  const atSocket = await startManagementServer(where.socket, gateway, { access, exposition });
  const tcp = { address: '127.0.0.1', port: 0, certificate, key };
  const atPort = await startManagementListener(tcp, gateway, { access, exposition });
  await rehearse(atSocket);
  return {
    port: atPort.port,
    stop: async () => {
      await atPort.stop();
      await atSocket.stop();
    },
  };
}

async function main(): Promise<void> {
  const answer = (message: GatewayAnswer): void => void process.send!(message);
  const request = await new Promise<GatewayRequest>((resolve) => process.once('message', resolve as () => void));
  if (request.kind !== 'start') throw new Error('the first request is to start');
  const config = benchConfig(request.network, request.parts);
  const { driver } = await openDriver(request.driver);
  const access = new ManagementAccess(undefined);
  const gateway = await startGateway(config, { driver, log: gatewayLog(config), access });
  const { source, managers } = gateway;
  const exposition = new Exposition(source, 'bench');
  const management = await serveManagement(gateway, access, request.management, async () => exposition);
  const turns = new TurnProbe();
  // Session managers in threads of their own cannot be watched from here.
  const latencies = managers[0] === undefined ? new Latencies(1) : watchSwitches(managers[0]);

  const sample = (): GatewaySample => {
    const { user, system } = process.cpuUsage();
    const { manager } = source;
    const { faults, sockets, stall } = source.host();
    return {
      cpuMicroseconds: user + system,
      sessions: manager.registry.size,
      faults: faults + manager.crashes.length,
      packetsLost: sockets.reduce((sum, socket) => sum + (socket.kernelDrops ?? 0) + socket.sendsRefused, 0),
      radiusDiscarded: manager.counters.names
        .filter((name) => /^(access-radius|dynamic-authorization)\.discarded\./.test(name))
        .reduce((sum, name) => sum + manager.counters.get(name), 0),
      stallWorstMs: stall.worstMs,
      residentOctets: process.memoryUsage().rss,
      switches: latencies.count,
      switchP50Ms: latencies.percentile(0.5),
      switchP99Ms: latencies.percentile(0.99),
    };
  };
  process.on('message', async (message: GatewayRequest) => {
    if (message.kind === 'sample') {
      answer({ kind: 'sample', sample: await shownBy(source, {}, sample) });
      if (message.clear) latencies.clear();
    } else if (message.kind === 'watch-turns') {
      turns.start();
      answer({ kind: 'watching' });
    } else if (message.kind === 'longest-turns') {
      answer({ kind: 'longest-turns', longest: await turns.stop() });
    } else if (message.kind === 'stop') {
      await management?.stop();
      await gateway.stop();
      await driver.close();
      turns.close();
      process.disconnect();
    }
  });
  answer({ kind: 'ready', driver: driver.name, managementPort: management?.port });
}

await main();
