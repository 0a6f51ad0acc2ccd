import { formatMac, type IpAddress, type Ipv4Address, isIpv4, type MacAddress } from '../kernel/address.ts';
import type { Digests } from '../kernel/context.ts';
import { type Instant, never } from '../kernel/instant.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { type Tlv, tlv } from '../wire/bytes/tlv.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { signAccountingRequest, verifyResponse } from '../wire/radius/authenticator.ts';
import { acctStatusType, radiusCode, radiusPort } from '../wire/radius/constants.ts';
import { octetTlvs } from '../wire/radius/octet-counters.ts';
import { decodeRadius } from '../wire/radius/packet.ts';
import { starentAttribute, vendorTlv } from '../wire/radius/vendor-attributes.ts';
import type { Actor, Datagram, Network } from './actor.ts';

export interface AccountingNasOptions {
  readonly address: IpAddress;
  /** Where the gateway takes accounting, at port 1813. */
  readonly gateway: IpAddress;
  readonly secret: Uint8Array;
  /** NAS-Identifier. */
  readonly name: string;
  /** Source port; 1646 unless told otherwise. */
  readonly port?: number;
  /** How long it waits for an answer before it says the same again, in milliseconds; without it, it says everything once. */
  readonly repeatMs?: number;
}

/** What a WLC says of one of its sessions. */
export interface NasRecord {
  readonly mac: MacAddress;
  readonly acctSessionId: string;
  readonly framedIpAddress?: Ipv4Address | undefined;
  readonly inputOctets?: number;
  readonly outputOctets?: number;
  readonly sessionSeconds?: number;
  /** Acct-Terminate-Cause. */
  readonly cause?: number;
  readonly delaySeconds?: number;
  /** Event-Timestamp. */
  readonly eventSecond?: number;
  readonly multiSessionId?: string;
  readonly msisdn?: string;
}

const defaultSourcePort = 1646;
/** After so many repetitions it gives a record up. */
const repetitionsMax = 100;
const identifiers = 256;

/** A request that waits for its answer. */
interface Unanswered {
  nextAt: Instant;
  repetitions: number;
}

/** The accounting of a WLC or access point: it says what it is told to say, and counts what is answered. */
export class AccountingNas implements Actor {
  readonly name: string;
  readonly address: IpAddress;
  readonly listens: Actor['listens'];
  readonly port: number;
  /** Requests by Identifier that were answered rightly, in order. */
  readonly answered: number[] = [];
  readonly #options: AccountingNasOptions;
  readonly #network: Network;
  readonly #digests: Digests;
  readonly #sent = new Map<number, Uint8Array>();
  /** By Identifier; empty if it repeats nothing. */
  readonly #unanswered = new Map<number, Unanswered>();
  #identifier = 0;

  constructor(options: AccountingNasOptions, network: Network, digests: Digests) {
    this.port = options.port ?? defaultSourcePort;
    this.name = options.name;
    this.address = options.address;
    this.listens = [{ protocol: 'udp', port: this.port }];
    this.#options = options;
    this.#network = network;
    this.#digests = digests;
  }

  /** Sends a record and returns its Identifier. */
  say(status: 'start' | 'interimUpdate' | 'stop', record: NasRecord): number {
    const { mac, acctSessionId, framedIpAddress, inputOctets, outputOctets, sessionSeconds, cause } = record;
    return this.#ask([
      tlv(radiusAttribute.acctStatusType, acctStatusType[status]),
      tlv(radiusAttribute.acctSessionId, acctSessionId),
      tlv(radiusAttribute.callingStationId, formatMac(mac, '-').toUpperCase()),
      tlv(radiusAttribute.userName, formatMac(mac, '')),
      ...(framedIpAddress === undefined ? [] : [tlv(radiusAttribute.framedIpAddress, framedIpAddress)]),
      ...(inputOctets === undefined ? [] : octetTlvs('input', inputOctets)),
      ...(outputOctets === undefined ? [] : octetTlvs('output', outputOctets)),
      ...(sessionSeconds === undefined ? [] : [tlv(radiusAttribute.acctSessionTime, sessionSeconds)]),
      ...(cause === undefined ? [] : [tlv(radiusAttribute.acctTerminateCause, cause)]),
      ...(record.multiSessionId === undefined ? [] : [tlv(radiusAttribute.acctMultiSessionId, record.multiSessionId)]),
      ...(record.msisdn === undefined ? [] : [vendorTlv(starentAttribute.msIsdn, utf8Encode(record.msisdn))]),
      ...(record.eventSecond === undefined ? [] : [tlv(radiusAttribute.eventTimestamp, record.eventSecond)]),
      tlv(radiusAttribute.acctDelayTime, record.delaySeconds ?? 0),
    ]);
  }

  /** Says that it has begun, or ends, and has no session. */
  sayService(status: 'accountingOn' | 'accountingOff'): number {
    return this.#ask([
      tlv(radiusAttribute.acctStatusType, acctStatusType[status]),
      tlv(radiusAttribute.acctSessionId, '00000000'),
    ]);
  }

  /** A request as it was sent. */
  octetsOf(identifier: number): Uint8Array | undefined {
    return this.#sent.get(identifier);
  }

  /** Sends a request again, octet by octet. */
  repeat(identifier: number): void {
    const bytes = this.#sent.get(identifier);
    if (bytes !== undefined) this.#send(bytes);
  }

  /** What is not answered yet is not worth an answer any more. */
  withdraw(identifier: number): void {
    this.#unanswered.delete(identifier);
  }

  advance(now: Instant): void {
    for (const [identifier, waiting] of this.#unanswered) {
      if (waiting.nextAt > now) continue;
      // Of a request that is new the clock begins now: whoever had it sent did not say when that was.
      if (waiting.nextAt >= 0) {
        if (waiting.repetitions >= repetitionsMax) {
          this.#unanswered.delete(identifier);
          continue;
        }
        waiting.repetitions += 1;
        this.repeat(identifier);
      }
      waiting.nextAt = now + this.#options.repeatMs!;
    }
  }

  nextDeadline(): Instant {
    let next: Instant = never;
    for (const { nextAt } of this.#unanswered.values()) next = Math.min(next, nextAt);
    return next;
  }

  receive({ bytes }: Pick<Datagram, 'bytes'>): void {
    const packet = decodeRadius(bytes);
    if (!packet.ok || packet.value.code !== radiusCode.accountingResponse) return;
    const request = this.#sent.get(packet.value.identifier);
    if (request === undefined) return;
    const verdict = verifyResponse(bytes, request.subarray(4, 20), this.#options.secret, this.#digests);
    if (verdict !== 'ok') return;
    this.answered.push(packet.value.identifier);
    this.#unanswered.delete(packet.value.identifier);
  }

  #ask(attributes: readonly Tlv[]): number {
    this.#identifier = this.#nextIdentifier();
    const { address, name, secret } = this.#options;
    const nas = isIpv4(address) ? [tlv(radiusAttribute.nasIpAddress, address)] : [];
    const packet = {
      code: radiusCode.accountingRequest,
      identifier: this.#identifier,
      authenticator: new Uint8Array(16),
      attributes: [...nas, tlv(radiusAttribute.nasIdentifier, name), ...attributes],
    };
    const bytes = signAccountingRequest(packet, secret, this.#digests);
    this.#sent.set(this.#identifier, bytes);
    if (this.#options.repeatMs !== undefined) {
      this.#unanswered.set(this.#identifier, { nextAt: Number.NEGATIVE_INFINITY, repetitions: 0 });
    }
    this.#send(bytes);
    return this.#identifier;
  }

  /** One that no request waits under, while there is such a one. */
  #nextIdentifier(): number {
    let next = (this.#identifier + 1) % identifiers;
    for (let tried = 1; tried < identifiers && this.#unanswered.has(next); tried += 1) next = (next + 1) % identifiers;
    return next;
  }

  #send(bytes: Uint8Array): void {
    const { address, gateway } = this.#options;
    this.#network.send({
      protocol: 'udp',
      source: address,
      sourcePort: this.port,
      destination: gateway,
      destinationPort: radiusPort.accounting,
      bytes,
    });
  }
}
