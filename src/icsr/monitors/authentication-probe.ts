import type { Ipv4Address } from '../../kernel/address.ts';
import type { Digests, RandomSource } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import { signAccessRequest, verifyResponse } from '../../wire/radius/authenticator.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { decodeRadius } from '../../wire/radius/packet.ts';
import { Probe, type ProbeConfig, type ProbeStatus } from './probe.ts';

export interface ProbedServer {
  readonly name: string;
  readonly address: Ipv4Address;
  readonly port: number;
  readonly secret: Uint8Array;
}

export interface AuthenticationProbeDependencies {
  readonly digests: Digests;
  readonly random: RandomSource;
  send(server: ProbedServer, packet: Uint8Array): void;
}

interface Probed {
  readonly server: ProbedServer;
  readonly probe: Probe;
  /** The Request Authenticator of the question on its way. */
  authenticator: Uint8Array;
  /** The question itself; undefined before the first. */
  packet: Uint8Array | undefined;
}

const authenticatorOctets = 16;

/**
 * Asks each AAA server by Status-Server (RFC 5997) whether it is alive; healthy while one of them is. An answer counts
 * whatever it is called, as long as it has the server's authenticators.
 */
export class AuthenticationProbe implements Timed {
  readonly #dependencies: AuthenticationProbeDependencies;
  readonly #servers: readonly Probed[];

  constructor(
    config: ProbeConfig,
    servers: readonly ProbedServer[],
    dependencies: AuthenticationProbeDependencies,
    now: Instant,
  ) {
    this.#dependencies = dependencies;
    this.#servers = servers.map((server) => {
      const probed: Probed = {
        server,
        authenticator: new Uint8Array(authenticatorOctets),
        packet: undefined,
        probe: new Probe(config, (number) => this.#ask(probed, number), now),
      };
      return probed;
    });
  }

  /** Whether one of the servers answers: AAA has failed when none does. */
  get healthy(): boolean {
    return this.#servers.some(({ probe }) => probe.healthy);
  }

  status(): readonly (ProbeStatus & { readonly name: string })[] {
    return this.#servers.map(({ server, probe }) => ({ name: server.name, ...probe.status() }));
  }

  receive(peer: Ipv4Address, peerPort: number, bytes: Uint8Array, now: Instant): void {
    const { digests } = this.#dependencies;
    for (const { server, probe, authenticator } of this.#servers) {
      if (server.address !== peer || server.port !== peerPort) continue;
      const packet = decodeRadius(bytes);
      if (!packet.ok) return;
      const verdict = verifyResponse(bytes, authenticator, server.secret, digests);
      // RFC 5997 section 3 does not ask for a Message-Authenticator in the answer.
      if (verdict === 'ok' || verdict === 'no-message-authenticator') {
        probe.heard(numberOf(packet.value.identifier, probe), now);
      }
    }
  }

  /** A connection to a server stands: what it was asked before that is asked again. */
  connected(peer: Ipv4Address, peerPort: number): void {
    for (const { server, packet } of this.#servers) {
      if (server.address === peer && server.port === peerPort && packet !== undefined)
        this.#dependencies.send(server, packet);
    }
  }

  advance(now: Instant): void {
    for (const { probe } of this.#servers) probe.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(...this.#servers.map(({ probe }) => probe.nextDeadline()));
  }

  #ask(probed: Probed, number: number): void {
    const { digests, random, send } = this.#dependencies;
    probed.authenticator = random.bytes(authenticatorOctets);
    const request = {
      code: radiusCode.statusServer,
      identifier: identifierOf(number),
      authenticator: probed.authenticator,
      attributes: [],
    };
    probed.packet = signAccessRequest(request, probed.server.secret, digests);
    send(probed.server, probed.packet);
  }
}

/** From 1 on: over a connection 0 is the watchdog's (RFC 6613 section 2.6). */
const identifiers = 255;

function identifierOf(number: number): number {
  return 1 + (number % identifiers);
}

/** The question that an identifier answers: the latest that has it. */
function numberOf(identifier: number, probe: Probe): number {
  const { sent } = probe.status();
  const back = (((sent - (identifier - 1)) % identifiers) + identifiers) % identifiers;
  return sent - back;
}
