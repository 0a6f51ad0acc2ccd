import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { formatIp, type IpAddress } from '../../kernel/address.ts';
import type { Digests, RandomSource } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput, PortName } from '../../kernel/port.ts';
import type { MrmeServiceConfig, RadiusServerConfig } from '../../services/samog/config.ts';
import { StartError, type StartProblem } from '../start-error.ts';
import { RadsecConnection, type RadsecTarget } from './connection.ts';

type LinkedServer = Pick<RadiusServerConfig, 'address' | 'port' | 'secret' | 'tls'>;

/** What of the configuration connections are made by. */
export interface LinkedServers {
  /** Where they come from. */
  readonly bind: { readonly address: IpAddress };
  readonly radius: Pick<MrmeServiceConfig['radius'], 'tls'> & { readonly servers: readonly LinkedServer[] };
}

export interface RadsecLinksDependencies {
  /** As of `RadsecConnection`. */
  readonly watchdogMs?: number;
  readonly digests: Digests;
  readonly random: RandomSource;
  /** Where answers go, as if they had come by the channel of the `aaa` port that the request left by. */
  receive: PacketInput['receive'];
  changed(server: LinkedServer, channel: number, isUp: boolean, why: string, at: Instant): void;
}

/**
 * The connections to the AAA servers with transport TLS, behind the `aaa` port: one to each server for each channel that
 * sends to it. The 255 identifiers of a connection are those of one channel, so each session manager instance has its own.
 */
export class RadsecLinks {
  readonly #config: LinkedServers;
  readonly #dependencies: RadsecLinksDependencies;
  readonly #secureContext: SecureContext | undefined;
  readonly #servers = new Map<IpAddress, Map<number, ServerLinks>>();

  /** @throws StartError if certificates or the key cannot be read, or do not fit */
  constructor(config: LinkedServers, dependencies: RadsecLinksDependencies) {
    this.#config = config;
    this.#dependencies = dependencies;
    const { radius } = config;
    const servers = radius.servers.filter(({ tls }) => tls !== undefined);
    if (servers.length > 0 && radius.tls !== undefined) this.#secureContext = contextOf(radius.tls);
    for (const server of servers) {
      const ofAddress = this.#servers.get(server.address) ?? new Map<number, ServerLinks>();
      this.#servers.set(server.address, ofAddress.set(server.port, { server, ofChannel: new Map() }));
    }
  }

  get isEmpty(): boolean {
    return this.#servers.size === 0;
  }

  /** Takes a packet if it is for a server behind a connection. */
  send(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array): boolean {
    if (port !== 'aaa') return false;
    const links = this.#servers.get(peer)?.get(peerPort);
    if (links === undefined) return false;
    let connection = links.ofChannel.get(channel);
    if (connection === undefined) {
      connection = this.#newConnection(links.server, channel);
      links.ofChannel.set(channel, connection);
    }
    connection.send(bytes);
    return true;
  }

  close(): void {
    for (const ofAddress of this.#servers.values()) {
      for (const { ofChannel } of ofAddress.values()) for (const connection of ofChannel.values()) connection.close();
    }
  }

  #newConnection(server: LinkedServer, channel: number): RadsecConnection {
    const { address, port, tls, secret } = server;
    const { digests, random, watchdogMs, receive, changed } = this.#dependencies;
    const target: RadsecTarget = {
      host: formatIp(address),
      port,
      localAddress: formatIp(this.#config.bind.address),
      ...(this.#secureContext === undefined ? {} : { secureContext: this.#secureContext }),
      minVersion: 'TLSv1.2',
      ...(tls?.name === undefined ? {} : { servername: tls.name }),
    };
    return new RadsecConnection({
      target,
      secret,
      watchdogMs,
      digests,
      random,
      received: (bytes, at) => receive('aaa', channel, address, port, bytes, at),
      changed: (isUp, why, at) => changed(server, channel, isUp, why, at),
    });
  }
}

interface ServerLinks {
  readonly server: LinkedServer;
  readonly ofChannel: Map<number, RadsecConnection>;
}

type TlsFiles = NonNullable<MrmeServiceConfig['radius']['tls']>;

function contextOf({ caFile, certificateFile, keyFile }: TlsFiles): SecureContext {
  const problems: StartProblem[] = [];
  const read = (setting: string, path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const what = `${path} cannot be read: ${(error as Error).message}`;
      problems.push({ path: `mrme-service.radius.tls.${setting}`, what, hint: 'name a file in PEM that is there' });
      return '';
    }
  };
  const ca = read('ca', caFile);
  const cert = read('certificate', certificateFile);
  const key = read('key', keyFile);
  if (problems.length > 0) throw new StartError(problems);
  try {
    return createSecureContext({ ca, cert, key, minVersion: 'TLSv1.2' });
  } catch (error) {
    // OpenSSL's word for it has nothing of the key.
    const what = `certificate and key cannot be used: ${(error as Error).message}`;
    throw new StartError([{ path: 'mrme-service.radius.tls', what, hint: 'give the key of that certificate, in PEM' }]);
  }
}
