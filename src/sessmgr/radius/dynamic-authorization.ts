import { TokenBucket } from '../../forwarding/token-bucket.ts';
import { formatPrefix, type IpAddress } from '../../kernel/address.ts';
import type { Digests } from '../../kernel/context.ts';
import type { Counters } from '../../kernel/counters.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { PacketOutput, Timed } from '../../kernel/port.ts';
import { PrefixTable } from '../../kernel/prefix-table.ts';
import { accountNameOf } from '../../services/samog/account-id.ts';
import {
  type DynamicRequest,
  type RequestContext,
  readDynamicRequest,
  type SessionIdentification,
} from '../../services/samog/authorization/request.ts';
import type { DynamicAuthorizationConfig } from '../../services/samog/config.ts';
import { radiusDatagramOf } from '../../services/samog/event-message.ts';
import type { EventSink } from '../../services/samog/events.ts';
import { ReplyMemory, type RequestName, sameOctets } from '../../services/samog/relay/replies.ts';
import { sessionId, sessionMac } from '../../services/samog/session/state.ts';
import type { DynamicNakCause, SamogCounter } from '../../services/samog/statistics.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { type Tlv, tlv } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { signResponse, verifyAccountingRequest } from '../../wire/radius/authenticator.ts';
import { errorCause, radiusCode } from '../../wire/radius/constants.ts';
import { decodeRadius, describeRadius, encodeRadius, type RadiusPacket } from '../../wire/radius/packet.ts';
import { proxyStates } from '../../wire/radius/proxy-state.ts';
import type { OutputCommit } from '../effect-interpreter.ts';
import type { Instance } from '../instance.ts';
import type { Fellows, Sought } from '../instances/fellows.ts';
import type { SessionPlace } from '../session-registry.ts';
import type { SessionSearch } from './session-search.ts';

export interface DynamicAuthorizationDependencies {
  readonly instance: Instance;
  readonly search: SessionSearch;
  /** The place of this instance among those of the chassis, from 0, and these, if there are several. */
  readonly place: number;
  readonly fellows: Fellows | undefined;
  readonly accessLists: RequestContext['accessLists'];
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly counters: Counters<SamogCounter>;
  readonly report: EventSink | undefined;
  readonly commit: OutputCommit | undefined;
}

interface Client {
  readonly secret: Uint8Array;
  readonly bucket: TokenBucket;
}

/** A request that is to be answered once, and where its answer goes. */
interface Asked {
  readonly client: Client;
  readonly name: RequestName;
  readonly packet: RadiusPacket;
  readonly octets: Uint8Array;
}

type WantedRequest = Exclude<DynamicRequest, { kind: 'discarded' | 'refused' }>;

/** Whose request it is, where another instance has the session: a repetition goes there as well. */
interface PassedOn {
  /** The place of the instance, from 0. */
  readonly index: number;
  readonly sessionId: number;
}

/** Requests of one client a second; more are dropped before any digest. */
export const authorizationRequestsPerSecond = 1000;
const requestsMax = 65_536;
const nobody = { clients: [], windowMs: 0, eventTimestamp: 'required' } as const;
/** The channel of what comes from the network: no session has this identifier. */
const fromNetwork = 0;

/**
 * The door for CoA- and Disconnect-Requests (RFC 5176): who may send them, which session is meant, and what is answered. A
 * flood costs little: client, rate, form and authenticator come before the memory of answers, and that before any work.
 */
export class DynamicAuthorization implements Timed {
  #config: Pick<DynamicAuthorizationConfig, 'clients' | 'windowMs' | 'eventTimestamp'>;
  readonly #dependencies: DynamicAuthorizationDependencies;
  #clients: PrefixTable<Client>;
  #buckets: ReadonlyMap<string, TokenBucket>;
  readonly #replies: ReplyMemory<PassedOn>;

  /** @param config undefined where nobody may change sessions */
  constructor(config: DynamicAuthorizationConfig | undefined, dependencies: DynamicAuthorizationDependencies) {
    this.#config = config ?? nobody;
    this.#dependencies = dependencies;
    this.#buckets = bucketsOf(this.#config);
    this.#clients = clientsOf(this.#config, this.#buckets);
    // As long as a request can come again and be taken for a new one (RFC 5176 section 6.3), the window on either side.
    this.#replies = new ReplyMemory({ keepMs: 2 * this.#config.windowMs, requestsMax });
  }

  /** Other clients, and another view of Event-Timestamp. For how long answers are remembered stays as it was. */
  reconfigure(config: DynamicAuthorizationConfig | undefined): void {
    this.#config = config ?? nobody;
    this.#buckets = bucketsOf(this.#config, this.#buckets);
    this.#clients = clientsOf(this.#config, this.#buckets);
  }

  /**
   * Takes what came to the port; `octets` are valid only during the call. Never throws.
   *
   * @param channel 0, or the identifier of the session that another instance has found to be meant
   */
  receive(
    channel: number,
    peer: IpAddress,
    peerPort: number,
    octets: Uint8Array,
    now: Instant,
    wallClock: WallClock,
  ): void {
    const { counters, digests } = this.#dependencies;
    const client = this.#clients.of(peer);
    if (client === undefined) return counters.add('dynamic-authorization.discarded.unknown-client');
    if (!client.bucket.take(now)) return counters.add('dynamic-authorization.discarded.rate');
    const bytes = octets.slice();
    const decoded = decodeRadius(bytes);
    if (!decoded.ok || !isRequest(decoded.value.code)) {
      return counters.add('dynamic-authorization.discarded.malformed');
    }
    const packet = decoded.value;
    const verdict = verifyAccountingRequest(bytes, client.secret, digests);
    if (verdict !== 'ok') {
      const why = verdict === 'no-message-authenticator' ? verdict : 'bad-authenticator';
      return counters.add(`dynamic-authorization.discarded.${why}`);
    }
    // A session remembers the name: it must not hold the packet.
    const name = {
      client: peer,
      port: peerPort,
      identifier: packet.identifier,
      authenticator: packet.authenticator.slice(),
    };
    this.#ask({ client, name, packet, octets: bytes }, channel, now, wallClock);
  }

  advance(now: Instant): void {
    this.#replies.advance(now);
  }

  nextDeadline(): Instant {
    return this.#replies.nextDeadline();
  }

  #ask(asked: Asked, channel: number, now: Instant, wallClock: WallClock): void {
    const { packet, name } = asked;
    const passedOn = this.#replies.waiting(name);
    if (passedOn !== undefined) return this.#passOn(asked, passedOn, now);
    const known = this.#replies.ask(name, now);
    if (known.kind !== 'new') {
      this.#tell('received', asked, packet, undefined);
      this.#dependencies.counters.add(`${kindOf(packet.code)}.retransmitted`);
      if (known.kind === 'answered') this.#send(name, known.reply);
      return;
    }
    const request = readDynamicRequest(packet, this.#contextAt(wallClock));
    if (request.kind === 'discarded' || request.kind === 'refused') return this.#reject(asked, request, now);
    if (channel !== fromNetwork) return this.#take(asked, request, this.#meant(request, channel), now);
    const found = this.#find(request.session);
    if (found !== 'sought') return this.#take(asked, request, found, now);
    this.#seek(request.session, now, (sought, at) => this.#sought(asked, request, sought, at));
  }

  #reject(asked: Asked, request: Exclude<DynamicRequest, WantedRequest>, now: Instant): void {
    const { counters } = this.#dependencies;
    const { name, packet } = asked;
    this.#tell('received', asked, packet, undefined);
    if (request.kind === 'discarded') {
      this.#replies.forget(name);
      return counters.add(`dynamic-authorization.discarded.${request.why}`);
    }
    counters.add(`${kindOf(packet.code)}.received`);
    this.#refuse(asked, request.cause, now);
  }

  /** Here, and by no other instance. @param found the session that is meant, or the Error-Cause that says why there is none */
  #take(asked: Asked, request: WantedRequest, found: SessionPlace | number, now: Instant): void {
    const { packet } = asked;
    this.#tell('received', asked, packet, undefined);
    this.#dependencies.counters.add(`${kindOf(packet.code)}.received`);
    if (typeof found === 'number') this.#refuse(asked, found, now);
    else this.#carryOut(asked, request, found, now);
  }

  #contextAt(wallClock: WallClock): RequestContext {
    const { nasIdentifier, nasIpAddress } = this.#dependencies.instance.config.mrmeService;
    const { windowMs, eventTimestamp } = this.#config;
    return {
      nasIdentifier,
      nasIpAddress,
      wallClock,
      windowMs,
      eventTimestamp,
      accessLists: this.#dependencies.accessLists,
    };
  }

  /** The one session that is up and matches all that is given, or the Error-Cause that says why there is none. */
  #find(wanted: SessionIdentification): SessionPlace | number | 'sought' {
    const { instance, search } = this.#dependencies;
    if (wanted.nobody) return errorCause.sessionContextNotFound;
    const byAccount = wanted.acctSessionId !== undefined;
    if (!byAccount && wanted.mac === undefined) return isSearchable(wanted) ? 'sought' : errorCause.missingAttribute;
    const account = byAccount ? accountNameOf(wanted.acctSessionId!) : undefined;
    const place = byAccount ? account && instance.registry.ofId(account.id) : instance.registry.ofMac(wanted.mac!);
    return place !== undefined && search.isMeant(wanted, place) ? place : errorCause.sessionContextNotFound;
  }

  /** By an address, or by a name alone: whichever instance has the session. */
  #seek(wanted: SessionIdentification, now: Instant, done: (found: readonly Sought[], now: Instant) => void): void {
    const { fellows, search } = this.#dependencies;
    if (fellows === undefined) search.search(wanted, now, (found, at) => done([found], at));
    else fellows.seek(wanted, now, done);
  }

  /** @param found of each instance by its place */
  #sought(asked: Asked, request: WantedRequest, found: readonly Sought[], now: Instant): void {
    const ids = found.flatMap((each) => each ?? []);
    const [id] = ids;
    if (ids.length > 1) return this.#take(asked, request, errorCause.multipleSessionSelectionUnsupported, now);
    if (found.includes(undefined)) return this.#take(asked, request, errorCause.resourcesUnavailable, now);
    if (id === undefined) return this.#take(asked, request, errorCause.sessionContextNotFound, now);
    const index = found.findIndex((each) => each?.includes(id));
    const { fellows, place } = this.#dependencies;
    if (fellows === undefined || index === place) return this.#take(asked, request, this.#meant(request, id), now);
    const passedOn = { index, sessionId: id };
    this.#replies.wait(asked.name, passedOn);
    this.#passOn(asked, passedOn, now);
  }

  /** The instance that has the session answers, and knows repetitions. */
  #passOn({ name, octets }: Asked, { index, sessionId }: PassedOn, now: Instant): void {
    this.#dependencies.fellows?.passOn(index, sessionId, name.client, name.port, octets, now);
  }

  /** A session that was found, if it is still there and what it was. */
  #meant({ session }: WantedRequest, id: number): SessionPlace | number {
    const { instance, search } = this.#dependencies;
    const place = instance.registry.ofId(id);
    return place !== undefined && search.isMeant(session, place) ? place : errorCause.sessionContextNotFound;
  }

  #carryOut(asked: Asked, request: WantedRequest, place: SessionPlace, now: Instant): void {
    const { instance } = this.#dependencies;
    switch (request.kind) {
      case 'authorizeOnly':
        instance.dispatch(place, { kind: 'reauthorizationWanted', state: request.state }, now);
        return this.#refuse(asked, errorCause.requestInitiated, now);
      case 'disconnect':
        instance.dispatch(place, { kind: 'cleared', reason: 'aaa-disconnect' }, now);
        return this.#acknowledge(asked, place, now);
      case 'change':
        // Carried out on the chassis that served before: it has its answer once more, and no effect.
        if (!wasAnswered(place, asked.name)) {
          instance.dispatch(place, { kind: 'authorizationChanged', change: request.change, request: asked.name }, now);
        }
        // A fault of ours on the way has cost the session.
        if (!wasAnswered(place, asked.name)) return this.#refuse(asked, errorCause.resourcesUnavailable, now);
        return this.#acknowledge(asked, place, now);
    }
  }

  /** The ACK says that the change holds, on whichever chassis: it waits for the standby. */
  #acknowledge(asked: Asked, place: SessionPlace, now: Instant): void {
    const { commit, counters } = this.#dependencies;
    const kind = kindOf(asked.packet.code);
    const code = kind === 'coa' ? radiusCode.coaAck : radiusCode.disconnectAck;
    const send = (): void => {
      counters.add(`${kind}.ack`);
      this.#answer(asked, code, [], place, now);
    };
    if (commit === undefined) send();
    else commit.afterCheckpoint(sessionId(place.session), now, send);
  }

  #refuse(asked: Asked, cause: number, now: Instant): void {
    const kind = kindOf(asked.packet.code);
    const code = kind === 'coa' ? radiusCode.coaNak : radiusCode.disconnectNak;
    this.#dependencies.counters.add(`${kind}.nak.${cause as DynamicNakCause}`);
    this.#answer(asked, code, [tlv(radiusAttribute.errorCause, cause)], undefined, now);
  }

  /** Proxy-State goes back as it came (RFC 5176 section 3.1). */
  #answer(asked: Asked, code: number, attributes: readonly Tlv[], place: SessionPlace | undefined, now: Instant): void {
    const { name, packet, client } = asked;
    const reply = {
      code,
      identifier: packet.identifier,
      authenticator: packet.authenticator,
      attributes: [...attributes, ...proxyStates(packet.attributes)],
    };
    const octets = signResponse(reply, packet.authenticator, client.secret, this.#dependencies.digests);
    this.#replies.answered(name, octets, now);
    this.#send(name, octets);
    this.#tell('sent', asked, reply, place, () => octets);
  }

  #send({ client, port }: RequestName, octets: Uint8Array): void {
    this.#dependencies.output.send('dynamic-authorization', 0, client, port, octets);
  }

  #tell(
    direction: 'received' | 'sent',
    { name }: Asked,
    packet: RadiusPacket,
    place: SessionPlace | undefined,
    octets = () => encodeRadius(packet),
  ): void {
    this.#dependencies.report?.({
      name: `${kindOf(packet.code)}-${direction === 'received' ? 'received' : 'answered'}`,
      mac: place && sessionMac(place.session),
      sessionId: place && sessionId(place.session),
      peer: name.client,
      party: 'aaa',
      direction,
      text: () => describeRadius(packet),
      message: radiusDatagramOf('dynamic-authorization', 0, name.port, octets),
    });
  }
}

/** Where a session is from says of very many, and is no name of one. */
function isSearchable(wanted: SessionIdentification): boolean {
  const { framedIpAddress, userName, imsi, chargeableUserIdentity } = wanted;
  return [framedIpAddress, userName, imsi, chargeableUserIdentity].some((each) => each !== undefined);
}

function isRequest(code: number): boolean {
  return code === radiusCode.coaRequest || code === radiusCode.disconnectRequest;
}

function kindOf(code: number): 'coa' | 'disconnect' {
  return code >= radiusCode.coaRequest ? 'coa' : 'disconnect';
}

/** Whether the session has carried this very request out. */
function wasAnswered({ session }: SessionPlace, name: RequestName): boolean {
  if (session.kind !== 'Live') return false;
  const answered = session.durable.reauthorization?.answered;
  return (
    answered !== undefined &&
    answered.client === name.client &&
    answered.port === name.port &&
    answered.identifier === name.identifier &&
    sameOctets(answered.authenticator, name.authenticator)
  );
}

/** @param former whose rates go on being counted */
function bucketsOf(
  { clients }: Pick<DynamicAuthorizationConfig, 'clients'>,
  former: ReadonlyMap<string, TokenBucket> = new Map(),
): ReadonlyMap<string, TokenBucket> {
  return new Map(
    clients.map(({ prefix }) => {
      const name = formatPrefix(prefix);
      return [name, former.get(name) ?? new TokenBucket(authorizationRequestsPerSecond)];
    }),
  );
}

function clientsOf(
  { clients }: Pick<DynamicAuthorizationConfig, 'clients'>,
  buckets: ReadonlyMap<string, TokenBucket>,
): PrefixTable<Client> {
  return new PrefixTable(
    clients.map(({ prefix, secret }) => {
      return [prefix, { secret: utf8Encode(secret), bucket: buckets.get(formatPrefix(prefix))! }] as const;
    }),
  );
}
