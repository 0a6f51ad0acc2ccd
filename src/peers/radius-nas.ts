import { formatMac, type IpAddress, isIpv4, type MacAddress, parseMac } from '../kernel/address.ts';
import type { Digests, RandomSource } from '../kernel/context.ts';
import { Counters } from '../kernel/counters.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import { find, type Tlv, tlv } from '../wire/bytes/tlv.ts';
import { decodeEap } from '../wire/eap/eap.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import {
  signAccessRequest,
  signResponse,
  verifyAccountingRequest,
  verifyResponse,
} from '../wire/radius/authenticator.ts';
import { ciscoPairName, findCiscoPair } from '../wire/radius/cisco-pair.ts';
import { errorCause, nasPortType, radiusCode, radiusPort, serviceType } from '../wire/radius/constants.ts';
import { joinEapMessage, splitEapMessage } from '../wire/radius/eap-message.ts';
import { findMppeKeys, type MppeKeys } from '../wire/radius/mppe-keys.ts';
import { decodeRadius } from '../wire/radius/packet.ts';
import type { Datagram, Network } from './actor.ts';
import { Agenda, type Appointment, cancel } from './agenda.ts';
import { identityResponse, testKeys, testResponse } from './eap-test-method.ts';

export interface RadiusNasOptions {
  readonly address: IpAddress;
  /** Where the gateway takes authentication, at port 1812. */
  readonly gateway: IpAddress;
  readonly secret: Uint8Array;
  /** NAS-Identifier. */
  readonly name: string;
  /** Source port; 1645 unless told otherwise. */
  readonly port?: number;
}

/** How an authentication ended. */
export type AccessOutcome =
  | {
      readonly kind: 'accepted';
      /** MN-NAI, if the gateway told one. */
      readonly nai: string | undefined;
      /** Whether the access point has the keys that the UE has. */
      readonly keysAgree: boolean;
    }
  | { readonly kind: 'rejected' | 'unanswered' };

interface Attempt {
  readonly mac: MacAddress;
  readonly identity: string;
  readonly onOutcome: (outcome: AccessOutcome, now: Instant) => void;
  readonly begunAt: Instant;
  identifier: number;
  authenticator: Uint8Array;
  bytes: Uint8Array;
  transmissions: number;
  next: Appointment | undefined;
  /** What the UE was asked last. */
  nonce: Uint8Array | undefined;
}

const counterNames = [
  'access-request',
  'access-request.retransmitted',
  'challenge',
  'accept',
  'reject',
  'unanswered',
  'disconnect.ack',
  'disconnect.nak',
  'discarded',
] as const;
const authenticatorOctets = 16;
const framedMtu = 1400;
const defaultSourcePort = 1645;
/** As WLCs do. */
const timeoutMs = 2000;
const transmissionsMax = 4;

/** The RADIUS client of a WLC or access point, and the EAP of the UEs behind it: what a NAS does before it lets a UE on. */
export class RadiusNas implements Timed {
  readonly counters = new Counters(counterNames);
  readonly port: number;
  /** How long each authentication that was accepted took. */
  readonly latenciesMs: number[] = [];
  readonly #options: RadiusNasOptions;
  readonly #network: Network;
  readonly #random: RandomSource;
  readonly #digests: Digests;
  readonly #agenda = new Agenda();
  readonly #byMac = new Map<MacAddress, Attempt>();
  readonly #byIdentifier = new Map<number, Attempt>();
  /** UEs that were accepted. */
  readonly #on = new Set<MacAddress>();
  #identifier = 0;

  constructor(options: RadiusNasOptions, network: Network, random: RandomSource, digests: Digests) {
    this.port = options.port ?? defaultSourcePort;
    this.#options = options;
    this.#network = network;
    this.#random = random;
    this.#digests = digests;
  }

  /** Authenticates a UE by EAP; an attempt of the same UE that is under way is given up. */
  authenticate(mac: MacAddress, identity: string, onOutcome: Attempt['onOutcome'], now: Instant): void {
    this.cancel(mac);
    const attempt: Attempt = {
      mac,
      identity,
      onOutcome,
      begunAt: now,
      identifier: -1,
      authenticator: new Uint8Array(0),
      bytes: new Uint8Array(0),
      transmissions: 0,
      next: undefined,
      nonce: undefined,
    };
    this.#byMac.set(mac, attempt);
    this.#ask(attempt, identityResponse(1, identity), undefined, now);
  }

  cancel(mac: MacAddress): void {
    const attempt = this.#byMac.get(mac);
    if (attempt !== undefined) this.#forget(attempt);
  }

  receive({ source, bytes }: Datagram, now: Instant): void {
    const packet = source === this.#options.gateway ? decodeRadius(bytes.slice()) : undefined;
    const attempt = packet?.ok === true ? this.#byIdentifier.get(packet.value.identifier) : undefined;
    if (packet?.ok !== true || attempt === undefined) return this.counters.add('discarded');
    const verdict = verifyResponse(bytes, attempt.authenticator, this.#options.secret, this.#digests);
    if (verdict !== 'ok') return this.counters.add('discarded');
    const { code, attributes } = packet.value;
    if (code === radiusCode.accessChallenge) return this.#challenged(attempt, attributes, now);
    this.#forget(attempt);
    if (code !== radiusCode.accessAccept) {
      this.counters.add('reject');
      return attempt.onOutcome({ kind: 'rejected' }, now);
    }
    this.counters.add('accept');
    this.#on.add(attempt.mac);
    this.latenciesMs.push(now - attempt.begunAt);
    const hop = { requestAuthenticator: attempt.authenticator, secret: this.#options.secret };
    const keys = findMppeKeys(attributes, hop, this.#digests);
    const own = attempt.nonce && testKeys(attempt.nonce, this.#digests);
    const nai = findCiscoPair(attributes, ciscoPairName.mnNai);
    attempt.onOutcome({ kind: 'accepted', nai, keysAgree: sameKeys(keys, own) }, now);
  }

  /** Takes a Disconnect-Request (RFC 5176): the UE is let go, if it is on. */
  disconnected({ source, sourcePort, bytes }: Datagram): void {
    const { gateway, secret, address } = this.#options;
    const packet = source === gateway ? decodeRadius(bytes.slice()) : undefined;
    const isRequest = packet?.ok === true && packet.value.code === radiusCode.disconnectRequest;
    if (!isRequest || verifyAccountingRequest(bytes, secret, this.#digests) !== 'ok') {
      return this.counters.add('discarded');
    }
    const { identifier, authenticator, attributes } = packet.value;
    const mac = parseMac(find(attributes, radiusAttribute.callingStationId) ?? '');
    const wasOn = mac !== undefined && this.#on.delete(mac);
    this.counters.add(wasOn ? 'disconnect.ack' : 'disconnect.nak');
    const reply = {
      code: wasOn ? radiusCode.disconnectAck : radiusCode.disconnectNak,
      identifier,
      authenticator,
      attributes: wasOn ? [] : [tlv(radiusAttribute.errorCause, errorCause.sessionContextNotFound)],
    };
    this.#network.send({
      protocol: 'udp',
      source: address,
      sourcePort: radiusPort.dynamicAuthorization,
      destination: gateway,
      destinationPort: sourcePort,
      bytes: signResponse(reply, authenticator, secret, this.#digests),
    });
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
  }

  nextDeadline(): Instant {
    return this.#agenda.nextDeadline();
  }

  #challenged(attempt: Attempt, attributes: readonly Tlv[], now: Instant): void {
    const message = joinEapMessage(attributes);
    const request = message.kind === 'packet' ? decodeEap(message.octets) : undefined;
    const response = request?.ok === true ? testResponse(request.value) : undefined;
    if (request?.ok !== true || response === undefined || !('data' in request.value)) {
      return this.counters.add('discarded');
    }
    this.counters.add('challenge');
    attempt.nonce = request.value.data.slice();
    this.#ask(attempt, response, find(attributes, radiusAttribute.state), now);
  }

  #ask(attempt: Attempt, eap: Uint8Array, state: Uint8Array | undefined, now: Instant): void {
    this.#byIdentifier.delete(attempt.identifier);
    attempt.identifier = this.#newIdentifier();
    attempt.authenticator = this.#random.bytes(authenticatorOctets);
    this.#byIdentifier.set(attempt.identifier, attempt);
    const { identifier, authenticator } = attempt;
    const attributes = this.#attributes(attempt, eap, state);
    const packet = { code: radiusCode.accessRequest, identifier, authenticator, attributes };
    attempt.bytes = signAccessRequest(packet, this.#options.secret, this.#digests);
    attempt.transmissions = 0;
    this.#transmit(attempt, now);
  }

  #attributes({ mac, identity }: Attempt, eap: Uint8Array, state: Uint8Array | undefined): readonly Tlv[] {
    const { address, name } = this.#options;
    return [
      tlv(radiusAttribute.userName, identity),
      isIpv4(address) ? tlv(radiusAttribute.nasIpAddress, address) : tlv(radiusAttribute.nasIpv6Address, address),
      tlv(radiusAttribute.nasIdentifier, name),
      tlv(radiusAttribute.nasPortType, nasPortType.ieee80211),
      tlv(radiusAttribute.serviceType, serviceType.framed),
      tlv(radiusAttribute.framedMtu, framedMtu),
      tlv(radiusAttribute.callingStationId, formatMac(mac, '-').toUpperCase()),
      tlv(radiusAttribute.calledStationId, `00-10-A4-23-19-C0:${name}`),
      tlv(radiusAttribute.acctSessionId, `${name}-${formatMac(mac, '')}`),
      ...splitEapMessage(eap),
      ...(state === undefined ? [] : [tlv(radiusAttribute.state, state)]),
    ];
  }

  #transmit(attempt: Attempt, now: Instant): void {
    cancel(attempt.next);
    if (attempt.transmissions >= transmissionsMax) {
      this.#forget(attempt);
      this.counters.add('unanswered');
      return attempt.onOutcome({ kind: 'unanswered' }, now);
    }
    attempt.transmissions += 1;
    this.counters.add(attempt.transmissions === 1 ? 'access-request' : 'access-request.retransmitted');
    this.#network.send({
      protocol: 'udp',
      source: this.#options.address,
      sourcePort: this.port,
      destination: this.#options.gateway,
      destinationPort: radiusPort.authentication,
      bytes: attempt.bytes,
    });
    attempt.next = this.#agenda.at(now + timeoutMs, (at) => this.#transmit(attempt, at));
  }

  /** The next one that is free: at most 256 requests of one port are on their way (RFC 2865 section 3). */
  #newIdentifier(): number {
    for (let tries = 0; tries < 256; tries += 1) {
      this.#identifier = (this.#identifier + 1) & 0xff;
      if (!this.#byIdentifier.has(this.#identifier)) break;
    }
    return this.#identifier;
  }

  #forget(attempt: Attempt): void {
    cancel(attempt.next);
    if (this.#byMac.get(attempt.mac) === attempt) this.#byMac.delete(attempt.mac);
    if (this.#byIdentifier.get(attempt.identifier) === attempt) this.#byIdentifier.delete(attempt.identifier);
  }
}

function sameKeys(left: MppeKeys | undefined, right: MppeKeys | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  const same = (one: Uint8Array, other: Uint8Array): boolean => one.join() === other.join();
  return same(left.send, right.send) && same(left.receive, right.receive);
}
