/** The gateway under test, in a process of its own: started and asked by its parent, `GatewayProcess`. */
import { now, wallClock } from '../../host/clock.ts';
import { hostDigests } from '../../host/digests.ts';
import { hostRandom } from '../../host/random.ts';
import { type PortBinding, Runtime } from '../../host/runtime.ts';
import { openDriver } from '../../host/sockets/open-driver.ts';
import type { Ipv4Address } from '../../kernel/address.ts';
import type { PacketInput, Timed } from '../../kernel/port.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import { SessionManager } from '../../sessmgr/session-manager.ts';
import { pmipv6Port } from '../../wire/pmipv6/constants.ts';
import type { GatewayAnswer, GatewayRequest, GatewaySample } from './gateway-process.ts';
import { Latencies } from './latencies.ts';
import { benchConfig } from './network.ts';

const switchSamplesMax = 1_000_000;

/** Measures, around the core, how long after a packet was received the path it switched was programmed. */
class SwitchWatch implements PacketInput, Timed {
  readonly latencies = new Latencies(switchSamplesMax);
  readonly #manager: SessionManager;

  constructor(manager: SessionManager) {
    this.#manager = manager;
  }

  receive(...packet: Parameters<PacketInput['receive']>): void {
    const before = this.#switches();
    this.#manager.receive(...packet);
    // The instant is that of the system call that brought the packet: waiting behind others of its batch counts.
    if (this.#switches() !== before) this.latencies.add(now() - packet[5]);
  }

  advance(at: number): void {
    this.#manager.advance(at);
  }

  nextDeadline(): number {
    return this.#manager.nextDeadline();
  }

  #switches(): number {
    const { counters } = this.#manager;
    return counters.get('handoff.pmip-to-eogre.accepted') + counters.get('handoff.eogre-to-pmip.accepted');
  }
}

function bindingsOf(config: SamogConfig): PortBinding[] {
  const { access, s2a } = config.cgwService;
  const { bind } = config.mrmeService;
  const ipv4 = (address: unknown) => address as Ipv4Address;
  return [
    { port: 'access-gre', channel: 0, spec: { transport: 'gre-over-udp', address: ipv4(access.address) } },
    { port: 'access-pmipv6', channel: 0, spec: { transport: 'udp', address: ipv4(access.address), port: pmipv6Port } },
    { port: 's2a-gre', channel: 0, spec: { transport: 'gre-over-udp', address: ipv4(s2a.address) } },
    { port: 's2a-pmipv6', channel: 0, spec: { transport: 'udp', address: ipv4(s2a.address), port: pmipv6Port } },
    ...Array.from({ length: bind.sourcePorts }, (_, channel): PortBinding => {
      return { port: 'aaa', channel, spec: { transport: 'udp', address: ipv4(bind.address), port: 0 } };
    }),
  ];
}

async function main(): Promise<void> {
  const answer = (message: GatewayAnswer): void => void process.send!(message);
  const request = await new Promise<GatewayRequest>((resolve) => process.once('message', resolve as () => void));
  if (request.kind !== 'start') throw new Error('the first request is to start');
  const config = benchConfig(request.network);
  const { driver } = await openDriver(request.driver);
  const runtime = new Runtime(driver, bindingsOf(config), (error) => console.error(error));
  const manager = new SessionManager(config, {
    output: runtime.output,
    digests: hostDigests(),
    random: hostRandom(),
    wallClock,
    restartCounter: 1,
  });
  const watch = new SwitchWatch(manager);
  await runtime.start(watch);
  manager.s2a.start(now());
  runtime.poke();

  const sample = (): GatewaySample => {
    const { user, system } = process.cpuUsage();
    const { faults, sockets, stall } = runtime.statistics();
    return {
      cpuMicroseconds: user + system,
      sessions: manager.registry.size,
      faults: faults + manager.crashes.length,
      packetsLost: sockets.reduce((sum, socket) => sum + (socket.kernelDrops ?? 0) + socket.sendsRefused, 0),
      stallWorstMs: stall.worstMs,
      residentOctets: process.memoryUsage().rss,
      switches: watch.latencies.count,
      switchP50Ms: watch.latencies.percentile(0.5),
      switchP99Ms: watch.latencies.percentile(0.99),
    };
  };
  process.on('message', async (message: GatewayRequest) => {
    if (message.kind === 'sample') {
      answer({ kind: 'sample', sample: sample() });
      if (message.clear) watch.latencies.clear();
    } else if (message.kind === 'stop') {
      await runtime.stop();
      await driver.close();
      process.disconnect();
    }
  });
  answer({ kind: 'ready', driver: driver.name });
}

await main();
