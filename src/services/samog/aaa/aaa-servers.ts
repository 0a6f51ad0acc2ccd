import { formatIp, type IpAddress } from '../../../kernel/address.ts';
import type { Digests, RandomSource } from '../../../kernel/context.ts';
import type { Counters } from '../../../kernel/counters.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PacketOutput, Timed } from '../../../kernel/port.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import type { MrmeServiceConfig, RadiusServerConfig } from '../config.ts';
import type { ChassisEvent } from '../event-names.ts';
import type { EventSink } from '../events.ts';
import type { SamogCounter } from '../statistics.ts';
import { nasAttributes } from './access-request.ts';
import type { Endpoint } from './endpoint.ts';
import { RadiusServer } from './radius-server.ts';
import { ServerGroup, type ServerGroupOptions, type ServerGroupStatus } from './server-group.ts';
import { ServerProbe } from './server-probe.ts';
import { type Exchange, Transmitter } from './transmitter.ts';

export interface AaaServersDependencies {
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly counters: Counters<SamogCounter>;
  /** Absent where nobody listens: no text is made then. */
  readonly report?: EventSink | undefined;
}

/** RFC 5080 section 2.2.1: MRT. */
const waitMaxMs = 16_000;

/**
 * The AAA servers of the configuration behind the `aaa` port. A server is two for RADIUS, that of authentication and that
 * of accounting: each lives and dies by itself (RFC 5997 section 4.3).
 *
 * An Access-Request is repeated at even intervals, because somebody waits for its answer who repeats as well; an
 * Accounting-Request at intervals that double.
 */
export class AaaServers implements Timed {
  readonly authentication: ServerGroup;
  readonly accounting: ServerGroup;
  readonly #transmitter: Transmitter;
  readonly #probe: ServerProbe;
  readonly #report: EventSink | undefined;
  readonly #ofEndpoint = new Map<Endpoint<Exchange>, { readonly server: RadiusServer; readonly asksStatus: boolean }>();
  #leaving = new Set<Endpoint<Exchange>>();

  constructor(config: MrmeServiceConfig, dependencies: AaaServersDependencies) {
    this.#report = dependencies.report;
    this.#transmitter = new Transmitter('aaa', 'aaa', {
      ...dependencies,
      heard: (endpoint, now) => this.#ofEndpoint.get(endpoint)?.server.heard(now),
    });
    this.#probe = new ServerProbe(this.#transmitter, nasAttributes(config), dependencies.random);
    const group = (ofPort: PortOf) =>
      new ServerGroup(
        this.#serversOf(config, ofPort),
        this.#transmitter,
        dependencies.counters,
        optionsOf(config, ofPort),
      );
    this.authentication = group(authenticationPort);
    this.accounting = group(accountingPort);
  }

  /**
   * Goes on with other servers, or with other settings of theirs. One of the same address and port stays what it is, dead or
   * alive; what is on its way to one that is gone comes to its end there.
   */
  reconfigure(config: MrmeServiceConfig, now: Instant): void {
    const authentication = this.#serversOf(config, authenticationPort);
    const accounting = this.#serversOf(config, accountingPort);
    const wanted = new Set([...authentication, ...accounting]);
    for (const { server } of this.#ofEndpoint.values()) if (!wanted.has(server)) this.#probe.forget(server);
    this.authentication.reconfigure(authentication, optionsOf(config, authenticationPort), now);
    this.accounting.reconfigure(accounting, optionsOf(config, accountingPort), now);
    this.#leaving = new Set(
      Array.from(this.#ofEndpoint.keys()).filter((endpoint) => !wanted.has(this.#ofEndpoint.get(endpoint)!.server)),
    );
    this.#forgetLeft();
  }

  /** Takes a packet from the `aaa` port. The bytes are valid only during the call. */
  receive(channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    this.#transmitter.receive(channel, peer, peerPort, bytes, now);
  }

  /** A connection to a server stands, or could not be made or kept. */
  linkChanged(peer: IpAddress, peerPort: number, isUp: boolean, now: Instant): void {
    const server = this.#serverAt(peer, peerPort);
    if (server?.endpoint.config.transport !== 'tls') return;
    if (!isUp) return server.disconnected(now);
    this.#transmitter.connected(server.endpoint);
    server.heard(now);
  }

  /** As of `ServerGroup`, for both groups. */
  hold(isHeld: boolean, now: Instant): void {
    this.authentication.hold(isHeld, now);
    this.accounting.hold(isHeld, now);
  }

  /** Whether nothing is on its way to a server that lives; what a dead one has not answered is not waited for. */
  isQuiet(now: Instant): boolean {
    return this.authentication.isQuiet(now) && this.accounting.isQuiet(now);
  }

  status(now: Instant): { readonly authentication: ServerGroupStatus; readonly accounting: ServerGroupStatus } {
    return { authentication: this.authentication.status(now), accounting: this.accounting.status(now) };
  }

  advance(now: Instant): void {
    this.#transmitter.advance(now);
    this.#probe.advance(now);
    this.authentication.advance(now);
    this.accounting.advance(now);
    if (this.#leaving.size > 0) this.#forgetLeft();
  }

  nextDeadline(): Instant {
    return Math.min(
      this.#transmitter.nextDeadline(),
      this.#probe.nextDeadline(),
      this.authentication.nextDeadline(),
      this.accounting.nextDeadline(),
    );
  }

  #serversOf({ radius, bind }: MrmeServiceConfig, ofPort: PortOf): readonly RadiusServer[] {
    return distinct(radius.servers, ofPort).map((server) =>
      this.#have(server, ofPort(server), radius.deadTimeMs, bind.sourcePorts),
    );
  }

  /** The server there is, with what is said of it now; else another one. */
  #have(config: RadiusServerConfig, port: number, deadTimeMs: number, channels: number): RadiusServer {
    const { name, address, priority, weight, outstandingMax } = config;
    const transport = config.tls === undefined ? 'udp' : 'tls';
    const options = { name, priority, weight, deadTimeMs };
    const secret = utf8Encode(config.secret);
    const known = this.#serverAt(address, port);
    // Over TLS one port serves authentication and accounting alike (RFC 6614 section 2.1).
    if (known !== undefined) {
      const { endpoint } = known;
      endpoint.config = { ...endpoint.config, secret, outstandingMax };
      known.reconfigure(options);
      this.#ofEndpoint.set(endpoint, { server: known, asksStatus: config.statusServer });
      return known;
    }
    const endpoint = this.#transmitter.add({
      address,
      port,
      secret,
      firstChannel: 0,
      channels: transport === 'tls' ? 1 : channels,
      outstandingMax,
      transport,
    });
    const server = new RadiusServer(options, endpoint, {
      died: (_server, now) => {
        if (this.#ofEndpoint.get(endpoint)?.asksStatus) this.#probe.watch(server, now);
        this.#tell(server, 'aaa-server-dead', 'does not answer');
      },
      revived: (_server, now) => {
        this.#probe.forget(server);
        this.#tell(server, 'aaa-server-alive', 'answers again');
        this.authentication.serve(now);
        this.accounting.serve(now);
      },
    });
    this.#ofEndpoint.set(endpoint, { server, asksStatus: config.statusServer });
    return server;
  }

  /** Servers that are gone, once nothing is on its way to them any more. */
  #forgetLeft(): void {
    for (const endpoint of this.#leaving) {
      if (endpoint.outstanding > 0) continue;
      this.#leaving.delete(endpoint);
      this.#ofEndpoint.delete(endpoint);
      this.#transmitter.remove(endpoint);
    }
  }

  #serverAt(address: IpAddress, port: number): RadiusServer | undefined {
    for (const { server } of this.#ofEndpoint.values()) {
      const { config } = server.endpoint;
      if (config.address === address && config.port === port) return server;
    }
    return undefined;
  }

  #tell({ endpoint }: RadiusServer, name: ChassisEvent, what: string): void {
    const { address, port } = endpoint.config;
    this.#report?.({
      name,
      mac: undefined,
      sessionId: undefined,
      peer: address,
      party: 'aaa',
      direction: 'internal',
      text: () => `AAA server ${formatIp(address)} port ${port} ${what}`,
    });
  }
}

type PortOf = (server: RadiusServerConfig) => number;
const authenticationPort: PortOf = ({ port }) => port;
const accountingPort: PortOf = ({ acctPort }) => acctPort;

function optionsOf({ radius }: MrmeServiceConfig, ofPort: PortOf): ServerGroupOptions {
  const { timeoutMs: initialMs, retransmissions, outstandingMax: waitingMax } = radius;
  const maxMs = ofPort === accountingPort ? Math.max(initialMs, waitMaxMs) : initialMs;
  const repetition = { initialMs, maxMs, transmissions: 1 + retransmissions, durationMs: Number.POSITIVE_INFINITY };
  return { repetition, waitingMax };
}

/** The first of those that have an address and port in common. */
function distinct(
  servers: readonly RadiusServerConfig[],
  portOf: (server: RadiusServerConfig) => number,
): readonly RadiusServerConfig[] {
  const isSame = (left: RadiusServerConfig, right: RadiusServerConfig) =>
    left.address === right.address && portOf(left) === portOf(right);
  return servers.filter((server) => servers.find((other) => isSame(other, server)) === server);
}
