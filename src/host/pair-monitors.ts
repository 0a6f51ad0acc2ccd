import { AuthenticationProbe, type ProbedServer } from '../icsr/monitors/authentication-probe.ts';
import type { ProbeStatus } from '../icsr/monitors/probe.ts';
import { ReachabilityProbe } from '../icsr/monitors/reachability-probe.ts';
import { formatIpv4, type Ipv4Address, ipv4Of, isIpv4 } from '../kernel/address.ts';
import type { Digests, RandomSource } from '../kernel/context.ts';
import { type Instant, never } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import type { MonitorsConfig } from '../operations/config/redundancy-config.ts';
import type { MrmeServiceConfig, RadiusServerConfig } from '../services/samog/config.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { now } from './clock.ts';
import { RadsecLinks } from './radsec/radsec-links.ts';
import type { HostSocket, SocketDriver } from './sockets/socket-driver.ts';

/** A monitor as the chassis machine knows it. */
export interface MonitorChange {
  readonly name: string;
  readonly monitor: 'aaa-probe' | 'peer-reachability';
  readonly healthy: boolean;
}

/** What a monitor asks, and how it was answered. */
export interface MonitorStatus extends ProbeStatus {
  readonly monitor: MonitorChange['monitor'];
  readonly name: string;
  readonly target: string;
}

interface Watched extends MonitorChange {
  readonly timed: Timed & { readonly healthy: boolean };
}

/** What of the configuration the AAA servers are probed by. */
export interface ProbedService {
  readonly radius: Pick<MrmeServiceConfig['radius'], 'tls'> & {
    readonly servers: readonly Pick<RadiusServerConfig, 'name' | 'address' | 'port' | 'secret' | 'tls'>[];
  };
}

const anyAddress = ipv4Of(0);
const authenticationProbeName = 'authentication-probe';

/**
 * The monitors of a chassis on sockets of its own, whose addresses are the chassis's and not the pair's: so the standby
 * knows whether it could serve.
 */
export class PairMonitors implements Timed {
  readonly #watched: (Watched & { healthy: boolean })[] = [];
  readonly #sockets: HostSocket[] = [];
  readonly #links: RadsecLinks[] = [];
  readonly #changed: (change: MonitorChange, now: Instant) => void;
  readonly #status: (() => readonly MonitorStatus[])[] = [];

  private constructor(changed: (change: MonitorChange, now: Instant) => void) {
    this.#changed = changed;
  }

  /**
   * Begins to watch. Each monitor is reported once at the start, as healthy, and then when it changes.
   *
   * @throws SocketError if a socket cannot be had; then none stays open
   */
  static async open(
    driver: SocketDriver,
    config: MonitorsConfig,
    mrmeService: ProbedService,
    { digests, random }: { readonly digests: Digests; readonly random: RandomSource },
    changed: (change: MonitorChange, now: Instant) => void,
  ): Promise<PairMonitors> {
    const monitors = new PairMonitors(changed);
    try {
      if (config.authenticationProbe !== undefined) {
        await monitors.#probeServers(driver, config.authenticationProbe, mrmeService, { digests, random });
      }
      if (config.peers.length > 0) await monitors.#probePeers(driver, config.peers, random);
    } catch (error) {
      monitors.close();
      throw error;
    }
    return monitors;
  }

  /** Tells of all monitors as they are: to be called once there is somebody to tell. */
  report(at: Instant): void {
    for (const { name, monitor, healthy } of this.#watched) this.#changed({ name, monitor, healthy }, at);
  }

  status(): readonly MonitorStatus[] {
    return this.#status.flatMap((of) => of());
  }

  advance(at: Instant): void {
    for (const watched of this.#watched) {
      watched.timed.advance(at);
      const { name, monitor, timed } = watched;
      if (watched.healthy === timed.healthy) continue;
      watched.healthy = timed.healthy;
      this.#changed({ name, monitor, healthy: timed.healthy }, at);
    }
  }

  nextDeadline(): Instant {
    return Math.min(never, ...this.#watched.map(({ timed }) => timed.nextDeadline()));
  }

  close(): void {
    for (const opened of [...this.#sockets, ...this.#links]) opened.close();
    this.#watched.length = 0;
  }

  async #probeServers(
    driver: SocketDriver,
    config: NonNullable<MonitorsConfig['authenticationProbe']>,
    { radius }: ProbedService,
    { digests, random }: { readonly digests: Digests; readonly random: RandomSource },
  ): Promise<void> {
    const servers = radius.servers.flatMap(({ name, address, port, secret }) =>
      isIpv4(address) ? [{ name, address, port, secret: utf8Encode(secret) }] : [],
    );
    let socket: HostSocket | undefined;
    // Connections of the chassis's own, made with the first question: those of the pair's go with the role.
    const links = new RadsecLinks(
      { radius, bind: { address: anyAddress } },
      {
        digests,
        random,
        receive: (_port, _channel, peer, port, bytes, at) => {
          probe.receive(peer as Ipv4Address, port, bytes.slice(), at);
          this.advance(at);
        },
        changed: ({ address, port }, _channel, isUp) => {
          if (isUp) probe.connected(address as Ipv4Address, port);
        },
      },
    );
    this.#links.push(links);
    const send = ({ address, port }: ProbedServer, packet: Uint8Array) => {
      if (!links.send('aaa', 0, address, port, packet)) socket?.send(address, port, packet);
    };
    const probe = new AuthenticationProbe(config, servers, { digests, random, send }, now());
    socket = await driver.open({ transport: 'udp', address: anyAddress }, (peer, port, bytes, at) => {
      probe.receive(peer, port, bytes.slice(), at);
      this.advance(at);
    });
    this.#sockets.push(socket);
    this.#watched.push({ name: authenticationProbeName, monitor: 'aaa-probe', healthy: true, timed: probe });
    const targets = servers.map(({ address, port }) => `${formatIpv4(address)}:${port}`);
    this.#status.push(() =>
      probe.status().map((status, index) => ({ monitor: 'aaa-probe', target: targets[index]!, ...status })),
    );
  }

  async #probePeers(driver: SocketDriver, peers: MonitorsConfig['peers'], random: RandomSource): Promise<void> {
    let socket: HostSocket | undefined;
    const probes = peers.map((peer) => {
      const send = (message: Uint8Array) => socket?.send(peer.address, 0, message);
      return new ReachabilityProbe(peer, peer.address, random.u32() & 0xffff, send, now());
    });
    socket = await driver.open({ transport: 'icmp', address: anyAddress }, (peer, _port, bytes, at) => {
      for (const probe of probes) probe.receive(peer, bytes, at);
      this.advance(at);
    });
    this.#sockets.push(socket);
    for (const [index, probe] of probes.entries()) {
      const { name, address } = peers[index]!;
      this.#watched.push({ name, monitor: 'peer-reachability', healthy: true, timed: probe });
      const target = formatIpv4(address);
      this.#status.push(() => [{ monitor: 'peer-reachability', name, target, ...probe.status() }]);
    }
  }
}
