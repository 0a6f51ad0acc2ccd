import type { IpAddress, Ipv4Address, MacAddress } from '../kernel/address.ts';
import { isIpv4, parseMac } from '../kernel/address.ts';
import type { Digests } from '../kernel/context.ts';
import { Counters } from '../kernel/counters.ts';
import type { Instant } from '../kernel/instant.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { find, findAll, type Tlv, tlv } from '../wire/bytes/tlv.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { signResponse, verifyAccessRequest, verifyAccountingRequest } from '../wire/radius/authenticator.ts';
import { radiusCode, radiusPort } from '../wire/radius/constants.ts';
import type { Hop } from '../wire/radius/mppe-keys.ts';
import { decodeRadius, type RadiusPacket } from '../wire/radius/packet.ts';
import { threeGppAttribute, vendorTlv } from '../wire/radius/vendor-attributes.ts';
import type { AccountingBooks } from './accounting-books.ts';
import type { Actor, Datagram, Network } from './actor.ts';
import { Agenda } from './agenda.ts';
import type { EapServer } from './eap-server.ts';

/** What an Access-Accept says of a subscriber (RFC 2865, RFC 6572); what is left out is not sent. */
export interface AaaProfile {
  readonly apn?: string;
  /** Mobile-Node-Identifier. */
  readonly nai?: string;
  /** PMIP6-Home-LMA-IPv4-Address. */
  readonly lma?: Ipv4Address;
  /** PMIP6-Home-IPv4-HoA. */
  readonly homeAddress?: Ipv4Address;
  readonly sessionTimeoutSeconds?: number;
  readonly idleTimeoutSeconds?: number;
  readonly classes?: readonly Uint8Array[];
  readonly imsi?: string;
  readonly chargeableUserIdentity?: string;
}

/** What the server makes of a request that it could check. */
export type AaaAnswer =
  | { readonly kind: 'accept'; readonly profile?: AaaProfile }
  | { readonly kind: 'reject'; readonly replyMessage?: string }
  /** No answer at all, as from a server that is down. */
  | { readonly kind: 'silent' };

export interface AaaServerOptions {
  readonly name: string;
  readonly address: IpAddress;
  /** 1812 unless told otherwise. */
  readonly port?: number;
  /** 1813 unless told otherwise. */
  readonly acctPort?: number;
  /** Where accounting is written down; without it it is not taken. Servers may share them. */
  readonly books?: AccountingBooks;
  /** False is silent to accounting at present. */
  readonly takesAccounting?: () => boolean;
  /** The shared secret of a client, or undefined for one that is not known. */
  readonly secretOf: (client: IpAddress) => Uint8Array | undefined;
  /** Decides about a UE; `mac` is that of Calling-Station-Id or User-Name, undefined if neither names one. */
  readonly policy: (mac: MacAddress | undefined, userName: string) => AaaAnswer;
}

const counterNames = [
  'requests',
  'status-requests',
  'duplicates',
  'accepts',
  'challenges',
  'rejects',
  'silences',
  'accounting-requests',
  'discarded.unknown-client',
  'discarded.malformed',
  'discarded.unsigned',
  'discarded.bad-signature',
] as const;

const countedAs = {
  [radiusCode.accessAccept]: 'accepts',
  [radiusCode.accessReject]: 'rejects',
  [radiusCode.accessChallenge]: 'challenges',
} as const;

/** How long a reply is repeated to a repeated request (RFC 5080 section 2.2.2). */
const replyMemoryMs = 5000;

interface Served {
  readonly authenticator: Uint8Array;
  readonly until: Instant;
  /** undefined while the answer is delayed. */
  reply: Uint8Array | undefined;
}

/**
 * A RADIUS server for UEs known by their MAC address, and for their accounting. Requests without a right Message-Authenticator are
 * dropped (RFC 3579 section 3.2); a repeated request gets the same reply.
 */
export class AaaServer implements Actor {
  readonly name: string;
  readonly address: IpAddress;
  readonly listens: Actor['listens'];
  readonly counters = new Counters(counterNames);
  /** How long the server thinks before it answers. */
  delayMs = 0;
  /** False is silent to whoever asks whether it is alive. */
  answersStatus = true;
  /** Speaks EAP with those who do; without it only the policy decides. */
  eap: EapServer | undefined;
  /** Replaceable at any time. */
  policy: AaaServerOptions['policy'];
  readonly #port: number;
  readonly #acctPort: number;
  readonly #books: AccountingBooks | undefined;
  readonly #takesAccounting: () => boolean;
  readonly #secretOf: AaaServerOptions['secretOf'];
  readonly #network: Network;
  readonly #digests: Digests;
  readonly #agenda = new Agenda();
  /** By client, its port and the identifier: at most 256 of each port are of use (RFC 2865 section 3). */
  readonly #served = new Map<string, Served>();

  constructor(options: AaaServerOptions, network: Network, digests: Digests) {
    this.name = options.name;
    this.address = options.address;
    this.#port = options.port ?? radiusPort.authentication;
    this.#acctPort = options.acctPort ?? radiusPort.accounting;
    this.#books = options.books;
    this.#takesAccounting = options.takesAccounting ?? (() => true);
    const ports = options.books === undefined ? [this.#port] : [this.#port, this.#acctPort];
    this.listens = ports.map((port) => ({ protocol: 'udp', port }));
    this.policy = options.policy;
    this.#secretOf = options.secretOf;
    this.#network = network;
    this.#digests = digests;
  }

  receive(datagram: Datagram, now: Instant): void {
    const secret = this.#secretOf(datagram.source);
    if (secret === undefined) return this.counters.add('discarded.unknown-client');
    if (datagram.destinationPort === this.#acctPort) return this.#account(datagram, secret);
    const decodedPacket = decodeRadius(datagram.bytes);
    const { accessRequest, statusServer } = radiusCode;
    if (!decodedPacket.ok || ![accessRequest, statusServer].some((code) => code === decodedPacket.value.code)) {
      return this.counters.add('discarded.malformed');
    }
    const verdict = verifyAccessRequest(datagram.bytes, secret, this.#digests);
    if (verdict !== 'ok') {
      return this.counters.add(
        verdict === 'no-message-authenticator' ? 'discarded.unsigned' : 'discarded.bad-signature',
      );
    }
    if (decodedPacket.value.code === statusServer) return this.#sayAlive(decodedPacket.value, secret, datagram);
    this.#serve(decodedPacket.value, secret, datagram, now);
  }

  /** An Accounting-Response says that the record is written down (RFC 2866 section 2); it is never late. */
  #account({ source, sourcePort, bytes }: Datagram, secret: Uint8Array): void {
    const packet = decodeRadius(bytes);
    if (!packet.ok) return this.counters.add('discarded.malformed');
    const { code, identifier, authenticator, attributes } = packet.value;
    const { statusServer, accountingRequest, accountingResponse } = radiusCode;
    const verdict =
      code === statusServer
        ? verifyAccessRequest(bytes, secret, this.#digests)
        : verifyAccountingRequest(bytes, secret, this.#digests);
    if (verdict !== 'ok') return this.counters.add('discarded.bad-signature');
    const isProbe = code === statusServer;
    this.counters.add(isProbe ? 'status-requests' : 'accounting-requests');
    if (!isProbe && code !== accountingRequest) return this.counters.add('discarded.malformed');
    if (this.#books === undefined || !this.#takesAccounting()) return;
    if (!isProbe && !this.#books.enter(attributes)) return this.counters.add('discarded.malformed');
    const proxyStates = findAll(attributes, radiusAttribute.proxyState).map((state) =>
      tlv(radiusAttribute.proxyState, state),
    );
    const reply = { code: accountingResponse, identifier, authenticator, attributes: proxyStates };
    const answer = signResponse(reply, authenticator, secret, this.#digests);
    this.#send(source, sourcePort, answer, this.#acctPort);
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
  }

  nextDeadline(): Instant {
    return this.#agenda.nextDeadline();
  }

  #serve(request: RadiusPacket, secret: Uint8Array, { source, sourcePort }: Datagram, now: Instant): void {
    const key = `${source}/${sourcePort}/${request.identifier}`;
    const before = this.#served.get(key);
    if (before !== undefined && before.until > now && sameBytes(before.authenticator, request.authenticator)) {
      this.counters.add('duplicates');
      if (before.reply !== undefined) this.#send(source, sourcePort, before.reply);
      return;
    }
    this.counters.add('requests');
    const authenticator = request.authenticator.slice();
    const decision = this.#decide(request, { requestAuthenticator: authenticator, secret });
    if (decision === undefined) return this.counters.add('silences');
    this.counters.add(countedAs[decision.code as keyof typeof countedAs]);
    const reply = signResponse(decision, authenticator, secret, this.#digests);
    const served: Served = { authenticator, until: now + this.delayMs + replyMemoryMs, reply: undefined };
    this.#served.set(key, served);
    if (this.delayMs === 0) return this.#answer(served, source, sourcePort, reply);
    this.#agenda.at(now + this.delayMs, () => this.#answer(served, source, sourcePort, reply));
  }

  /** EAP first, if it is spoken: who has not answered all is asked, or rejected; of whoever has, the policy decides. */
  #decide(request: RadiusPacket, hop: Hop): RadiusPacket | undefined {
    const answer = this.policy(macOf(request), find(request.attributes, radiusAttribute.userName) ?? '');
    if (answer.kind === 'silent') return undefined;
    const verdict = this.eap?.hear(request) ?? ({ kind: 'none' } as const);
    if (verdict.kind === 'challenge') return replyWith(request, radiusCode.accessChallenge, verdict.attributes);
    if (verdict.kind === 'failed') return replyWith(request, radiusCode.accessReject, verdict.reject);
    const reply = replyTo(request, answer);
    if (verdict.kind === 'none') return reply;
    const result = answer.kind === 'accept' ? verdict.accept(hop) : verdict.reject;
    return { ...reply, attributes: [...reply.attributes, ...result] };
  }

  /** RFC 5997 section 3: an Access-Accept, at once and without being remembered. */
  #sayAlive({ identifier, authenticator }: RadiusPacket, secret: Uint8Array, { source, sourcePort }: Datagram): void {
    this.counters.add('status-requests');
    if (!this.answersStatus) return;
    const reply = { code: radiusCode.accessAccept, identifier, authenticator, attributes: [] };
    this.#send(source, sourcePort, signResponse(reply, authenticator, secret, this.#digests));
  }

  #answer(served: Served, client: IpAddress, port: number, reply: Uint8Array): void {
    served.reply = reply;
    this.#send(client, port, reply);
  }

  #send(client: IpAddress, port: number, bytes: Uint8Array, from = this.#port): void {
    this.#network.send({
      protocol: 'udp',
      source: this.address,
      sourcePort: from,
      destination: client,
      destinationPort: port,
      bytes,
    });
  }
}

/** The UE's MAC address as the request names it (RFC 3580 section 3.21). */
function macOf(request: RadiusPacket): MacAddress | undefined {
  const station = find(request.attributes, radiusAttribute.callingStationId);
  const mac = station === undefined ? undefined : parseMac(station);
  return mac ?? parseMac((find(request.attributes, radiusAttribute.userName) ?? '').split('@', 1)[0]!);
}

function replyTo(request: RadiusPacket, answer: Exclude<AaaAnswer, { kind: 'silent' }>): RadiusPacket {
  // RFC 2865 section 5.33: Proxy-State comes back as it was.
  const attributes: Tlv[] = findAll(request.attributes, radiusAttribute.proxyState).map((state) =>
    tlv(radiusAttribute.proxyState, state),
  );
  if (answer.kind === 'reject') {
    if (answer.replyMessage !== undefined) attributes.push(tlv(radiusAttribute.replyMessage, answer.replyMessage));
  } else {
    const userName = find(request.attributes, radiusAttribute.userName);
    if (userName !== undefined) attributes.push(tlv(radiusAttribute.userName, userName));
    attributes.push(...profileAttributes(answer.profile ?? {}));
  }
  const code = answer.kind === 'accept' ? radiusCode.accessAccept : radiusCode.accessReject;
  return { code, identifier: request.identifier, authenticator: request.authenticator, attributes };
}

function replyWith(request: RadiusPacket, code: number, attributes: readonly Tlv[]): RadiusPacket {
  const proxyStates = request.attributes.filter(({ type }) => type === radiusAttribute.proxyState.type);
  return { ...request, code, attributes: [...proxyStates, ...attributes] };
}

function profileAttributes(profile: AaaProfile): Tlv[] {
  const { apn, nai, lma, homeAddress, sessionTimeoutSeconds, idleTimeoutSeconds, classes = [], imsi } = profile;
  const { chargeableUserIdentity: cui } = profile;
  const attributes: Tlv[] = [];
  if (apn !== undefined) attributes.push(tlv(radiusAttribute.serviceSelection, apn));
  if (nai !== undefined) attributes.push(tlv(radiusAttribute.mobileNodeIdentifier, utf8Encode(nai)));
  if (lma !== undefined && isIpv4(lma)) attributes.push(tlv(radiusAttribute.pmip6HomeLmaIpv4Address, lma));
  if (homeAddress !== undefined) {
    attributes.push(tlv(radiusAttribute.pmip6HomeIpv4HomeAddress, { address: homeAddress, length: 32 }));
  }
  if (sessionTimeoutSeconds !== undefined) {
    attributes.push(tlv(radiusAttribute.sessionTimeout, sessionTimeoutSeconds));
  }
  if (idleTimeoutSeconds !== undefined) attributes.push(tlv(radiusAttribute.idleTimeout, idleTimeoutSeconds));
  for (const value of classes) attributes.push(tlv(radiusAttribute.class, value));
  if (cui !== undefined) attributes.push(tlv(radiusAttribute.chargeableUserIdentity, utf8Encode(cui)));
  if (imsi !== undefined) attributes.push(vendorTlv(threeGppAttribute.imsi, imsi));
  return attributes;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((octet, index) => octet === right[index]);
}
