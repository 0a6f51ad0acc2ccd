import type { IpAddress } from '../kernel/address.ts';
import type { Digests } from '../kernel/context.ts';
import { Counters } from '../kernel/counters.ts';
import type { Instant, WallClock } from '../kernel/instant.ts';
import { find, type Tlv, tlv } from '../wire/bytes/tlv.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { signAccountingRequest, verifyResponse } from '../wire/radius/authenticator.ts';
import { radiusCode, radiusPort } from '../wire/radius/constants.ts';
import { answers, decodeRadius } from '../wire/radius/packet.ts';
import type { Actor, Datagram, Network } from './actor.ts';
import { Agenda, type Appointment, cancel } from './agenda.ts';

export interface AuthorizationClientOptions {
  readonly name: string;
  readonly address: IpAddress;
  /** Where requests come from; 40000 unless told otherwise. */
  readonly port?: number;
  /** The gateway. */
  readonly server: IpAddress;
  readonly secret: Uint8Array;
}

/** How a request went: with an Error-Cause if it was refused; undefined while nothing has answered. */
export interface AuthorizationAnswer {
  readonly kind: 'ack' | 'nak';
  readonly errorCause: number | undefined;
}

const counterNames = ['sent', 'repeated', 'acks', 'naks', 'unanswered', 'discarded'] as const;

interface Asked {
  readonly code: number;
  readonly octets: Uint8Array;
  attempt: number;
  repeat: Appointment | undefined;
  readonly onAnswer: (answer: AuthorizationAnswer, now: Instant) => void;
}

const attemptsMax = 5;
const repeatMs = 1000;

/** The side of an AAA server that changes and ends sessions (RFC 5176): sends requests, and repeats them unchanged. */
export class AuthorizationClient implements Actor {
  readonly name: string;
  readonly address: IpAddress;
  readonly listens: Actor['listens'];
  readonly counters = new Counters(counterNames);
  readonly #options: AuthorizationClientOptions;
  readonly #network: Network;
  readonly #digests: Digests;
  readonly #wallClock: () => WallClock;
  readonly #agenda = new Agenda();
  /** By Identifier. */
  readonly #asked = new Map<number, Asked>();
  #identifier = 0;

  constructor(options: AuthorizationClientOptions, network: Network, digests: Digests, wallClock: () => WallClock) {
    this.name = options.name;
    this.address = options.address;
    this.listens = [{ protocol: 'udp', port: options.port ?? 40_000 }];
    this.#options = options;
    this.#network = network;
    this.#digests = digests;
    this.#wallClock = wallClock;
  }

  /** Sends a CoA-Request with these attributes and Event-Timestamp. */
  change(attributes: readonly Tlv[], now: Instant, onAnswer: Asked['onAnswer'] = () => {}): void {
    this.#ask(radiusCode.coaRequest, attributes, onAnswer, now);
  }

  disconnect(attributes: readonly Tlv[], now: Instant, onAnswer: Asked['onAnswer'] = () => {}): void {
    this.#ask(radiusCode.disconnectRequest, attributes, onAnswer, now);
  }

  receive({ bytes }: Datagram, now: Instant): void {
    const packet = decodeRadius(bytes);
    const asked = packet.ok ? this.#asked.get(packet.value.identifier) : undefined;
    const isAnswer =
      packet.ok &&
      asked !== undefined &&
      answers(asked.code, packet.value.code) &&
      verifyResponse(bytes, asked.octets.subarray(4, 20), this.#options.secret, this.#digests) === 'ok';
    if (!isAnswer) return this.counters.add('discarded');
    cancel(asked.repeat);
    this.#asked.delete(packet.value.identifier);
    const { code, attributes } = packet.value;
    const kind = code === radiusCode.coaAck || code === radiusCode.disconnectAck ? 'ack' : 'nak';
    this.counters.add(`${kind}s`);
    asked.onAnswer({ kind, errorCause: find(attributes, radiusAttribute.errorCause) }, now);
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
  }

  nextDeadline(): Instant {
    return this.#agenda.nextDeadline();
  }

  #ask(code: number, attributes: readonly Tlv[], onAnswer: Asked['onAnswer'], now: Instant): void {
    const identifier = this.#identifier;
    this.#identifier = (identifier + 1) & 0xff;
    const timestamp = tlv(radiusAttribute.eventTimestamp, Math.floor(this.#wallClock() / 1000));
    const packet = { code, identifier, authenticator: new Uint8Array(16), attributes: [...attributes, timestamp] };
    const octets = signAccountingRequest(packet, this.#options.secret, this.#digests);
    const asked: Asked = { code, octets, attempt: 0, repeat: undefined, onAnswer };
    this.#asked.set(identifier, asked);
    this.#send(identifier, asked, now);
  }

  #send(identifier: number, asked: Asked, now: Instant): void {
    if (this.#asked.get(identifier) !== asked) return;
    if (asked.attempt === attemptsMax) {
      this.#asked.delete(identifier);
      return this.counters.add('unanswered');
    }
    this.counters.add(asked.attempt === 0 ? 'sent' : 'repeated');
    asked.attempt += 1;
    asked.repeat = this.#agenda.at(now + repeatMs, (at) => this.#send(identifier, asked, at));
    this.#network.send({
      protocol: 'udp',
      source: this.address,
      sourcePort: this.listens[0]!.port,
      destination: this.#options.server,
      destinationPort: radiusPort.dynamicAuthorization,
      bytes: asked.octets,
    });
  }
}
