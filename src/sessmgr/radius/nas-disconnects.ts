import { TokenBucket } from '../../forwarding/token-bucket.ts';
import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { Digests, RandomSource } from '../../kernel/context.ts';
import type { Counters } from '../../kernel/counters.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { PacketOutput, Timed } from '../../kernel/port.ts';
import type { Endpoint } from '../../services/samog/aaa/endpoint.ts';
import { type Exchange, type Repetition, Transmitter } from '../../services/samog/aaa/transmitter.ts';
import { secondOf } from '../../services/samog/account-id.ts';
import type { RadiusAttachment } from '../../services/samog/attachment.ts';
import { disconnectAttributes } from '../../services/samog/authorization/disconnect.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { SamogCounter } from '../../services/samog/statistics.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import type { RadiusClients } from './radius-clients.ts';

export interface NasDisconnectsDependencies {
  readonly clients: RadiusClients;
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly counters: Counters<SamogCounter>;
  readonly report: EventSink | undefined;
  readonly wallClock: () => WallClock;
  /** The session manager instance, from 0: each has a channel of its own, by which its answers find it. */
  readonly instance: number;
}

/** Of the `access-radius` port: the client of the first session manager instance; the others follow. */
export const disconnectChannel = 2;

/** docs/aaa.md, "The session": up to 5 times in 30 s. */
const repetition: Repetition = { initialMs: 1500, maxMs: 16_000, transmissions: 5, durationMs: 30_000 };
const outstandingMax = 256;
/** NASes are looked through for one that answers from another address of its own: so often a second, and so many of them. */
const searchesPerSecond = 100;
const searchedMax = 32;

/**
 * Tells WLCs and access points that speak RADIUS that a session is over, which the gateway or AAA has ended: the client of
 * RFC 5176 toward them. Nothing depends on the answer; a NAK says as much as an ACK, that the NAS has no such session.
 */
export class NasDisconnects implements Timed {
  readonly #dependencies: NasDisconnectsDependencies;
  readonly #transmitter: Transmitter;
  readonly #endpoints = new Map<IpAddress, Endpoint<Exchange>>();
  readonly #searches = new TokenBucket(searchesPerSecond);

  constructor(dependencies: NasDisconnectsDependencies) {
    this.#dependencies = dependencies;
    this.#transmitter = new Transmitter('access-radius', 'wlc', {
      ...dependencies,
      alsoAt: (peer, now) => this.#alsoAt(peer, now),
    });
  }

  /** @param told called when it has answered, or cannot be asked: within this call where it cannot at all */
  tell(
    attachment: RadiusAttachment,
    mac: MacAddress,
    sessionId: number,
    now: Instant,
    told: (now: Instant) => void,
  ): void {
    const givenUp = (at: Instant) => {
      this.#dependencies.counters.add('nas-disconnect.given-up');
      told(at);
    };
    const endpoint = this.#endpointOf(attachment.nas);
    // More at a time than the NAS answers: it has them by its own timers.
    if (endpoint === undefined || !endpoint.hasRoom) return givenUp(now);
    const second = secondOf(this.#dependencies.wallClock());
    const request = {
      code: radiusCode.disconnectRequest,
      about: { mac, sessionId },
      attributes: () => disconnectAttributes(attachment, mac, second),
    };
    const owner = { answered: (_packet: unknown, _hop: unknown, at: Instant) => told(at), unanswered: givenUp };
    this.#transmitter.send(endpoint, request, repetition, owner, now);
  }

  /** Takes what came to its channel; the bytes are valid only during the call. */
  receive(channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    this.#transmitter.receive(channel, peer, peerPort, bytes, now);
  }

  advance(now: Instant): void {
    this.#transmitter.advance(now);
  }

  nextDeadline(): Instant {
    return this.#transmitter.nextDeadline();
  }

  /**
   * NASes that may have answered from an address of theirs that they are not asked at: those of the same client of the configuration
   * that have not answered yet.
   */
  #alsoAt(peer: IpAddress, now: Instant): readonly Endpoint<Exchange>[] {
    const { clients } = this.#dependencies;
    const client = clients.of(peer);
    if (client === undefined || !this.#searches.take(now)) return [];
    const asked: Endpoint<Exchange>[] = [];
    for (const [nas, endpoint] of this.#endpoints) {
      if (endpoint.outstanding > 0 && clients.of(nas) === client) asked.push(endpoint);
      if (asked.length === searchedMax) break;
    }
    return asked;
  }

  /** Undefined for an address that is no client of any profile. There are as many as clients whose UEs had sessions. */
  #endpointOf(nas: IpAddress): Endpoint<Exchange> | undefined {
    const known = this.#endpoints.get(nas);
    if (known !== undefined) return known;
    const { clients, instance } = this.#dependencies;
    const client = clients.of(nas);
    if (client === undefined) return undefined;
    const endpoint = this.#transmitter.add({
      address: nas,
      port: client.disconnectPort,
      secret: client.secret,
      firstChannel: disconnectChannel + instance,
      channels: 1,
      outstandingMax,
      transport: 'udp',
    });
    this.#endpoints.set(nas, endpoint);
    return endpoint;
  }
}
