import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { Digests } from '../../kernel/context.ts';
import type { Counters } from '../../kernel/counters.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketOutput, Timed } from '../../kernel/port.ts';
import type { ServerGroup } from '../../services/samog/aaa/server-group.ts';
import {
  latestStart,
  type StoppedAccount,
  StoppedAccounts,
  type WlcAccountName,
} from '../../services/samog/accounting/stopped-accounts.ts';
import {
  readWlcHead,
  readWlcRecord,
  type WlcRecordHead,
  type WlcSessionRecord,
} from '../../services/samog/accounting/wlc-record.ts';
import type { AnsweredRequest } from '../../services/samog/answered-request.ts';
import { radiusDatagramOf } from '../../services/samog/event-message.ts';
import { type EventSink, keeping } from '../../services/samog/events.ts';
import { ReplyMemory, type RequestName, sameOctets } from '../../services/samog/relay/replies.ts';
import type { SamogCounter } from '../../services/samog/statistics.ts';
import { AttributeWriter, typesOf } from '../../wire/radius/attribute-writer.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { signResponse, verifyAccessRequest, verifyAccountingRequest } from '../../wire/radius/authenticator.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { describeRadius } from '../../wire/radius/packet.ts';
import type { Instance } from '../instance.ts';
import type { SessionPlace } from '../session-registry.ts';
import { type AdmittedRequest, admitRequest } from './admit-request.ts';
import type { RadiusClients } from './radius-clients.ts';

export interface AccessAccountingDependencies {
  readonly instance: Pick<Instance, 'config' | 'registry' | 'dispatch' | 'spread' | 'trigger'>;
  readonly clients: RadiusClients;
  /** Where records go that AAA is to answer. */
  readonly servers: Pick<ServerGroup, 'send'>;
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly counters: Counters<SamogCounter>;
  readonly report: EventSink | undefined;
  /** Is told of what a standby has to remember, too. */
  readonly accountStopped?: ((account: StoppedAccount, now: Instant) => void) | undefined;
}

/** RFC 5080 section 2.2.2: 5 to 30 seconds; the longest, since WLCs repeat for as long. */
const keepMs = 30_000;
const requestsMax = 262_144;
/** A START may be so late: beyond what networks and repetitions take, and as long as the clocks of CoA may differ. */
const startMayBeLateMs = 300_000;
/** Some 300 octets each at most. */
const stoppedMax = 65_536;
/** Of the `access-radius` port. */
const accountingChannel = 1;

const writer = new AttributeWriter();
/** That one is between the client and us. */
const isNotPassedOn = typesOf([radiusAttribute.messageAuthenticator]);

function verifierOf(code: number): typeof verifyAccessRequest | typeof verifyAccountingRequest | undefined {
  if (code === radiusCode.accountingRequest) return verifyAccountingRequest;
  return code === radiusCode.statusServer ? verifyAccessRequest : undefined;
}

/** A record that a client waits for the answer to. */
interface Asked extends AdmittedRequest {
  /** What the record says; undefined for a Status-Server. */
  readonly status: WlcRecordHead['status'] | undefined;
}

/**
 * The RADIUS server toward WLCs and access points, on the accounting port (RFC 2866): checks who speaks, knows repetitions,
 * finds the session, and answers when the record is written down: by the session and its standby, or by AAA.
 */
export class AccessAccounting implements Timed {
  readonly #dependencies: AccessAccountingDependencies;
  /** With those whose answer is not there yet. */
  readonly #replies = new ReplyMemory<Asked>({ keepMs, requestsMax });
  /** Whoever takes the place of another goes on with what that one remembered. */
  readonly stopped: StoppedAccounts;

  constructor(dependencies: AccessAccountingDependencies) {
    this.#dependencies = dependencies;
    const limits = { keepMs: startMayBeLateMs, accountsMax: stoppedMax };
    this.stopped = new StoppedAccounts(limits, dependencies.accountStopped);
  }

  /** Takes a packet of the accounting port. `octets` are valid only during the call. */
  receive(peer: IpAddress, peerPort: number, octets: Uint8Array, now: Instant): void {
    const admitted = admitRequest(this.#dependencies, verifierOf, peer, peerPort, octets, now);
    if (admitted === undefined) return;
    if (admitted.packet.code === radiusCode.accountingRequest) return this.#take(admitted, now);
    // RFC 5997 section 4.2: answered at once, never passed on, and not remembered.
    this.#dependencies.counters.add('access-radius.status-server.received');
    this.#send({ ...admitted, status: undefined });
  }

  advance(now: Instant): void {
    this.#replies.advance(now);
    this.stopped.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#replies.nextDeadline(), this.stopped.nextDeadline());
  }

  /** A NAS has begun anew, or ends: it may name accounts as it did before. */
  nasRestarted(nas: IpAddress, now: Instant): void {
    this.stopped.nasRestarted(nas, now);
  }

  /** The session has recorded what the request says. */
  answer(request: AnsweredRequest, now: Instant): void {
    if (this.#isProxy) return;
    const asked = this.#replies.waiting(request);
    if (asked !== undefined) this.#answer(asked, now);
  }

  /** No session has recorded what the request says. */
  refused(request: AnsweredRequest): void {
    const asked = this.#isProxy ? undefined : this.#replies.waiting(request);
    if (asked !== undefined) this.#forget(asked);
  }

  /** All sessions of a NAS that has begun anew, or ends, have been told. */
  nasSettled(nas: IpAddress, now: Instant): void {
    if (this.#isProxy) return;
    for (const asked of this.#replies.waitingOf(nas)) {
      if (asked.status === 'on' || asked.status === 'off') this.#answer(asked, now);
    }
  }

  get #isProxy(): boolean {
    return this.#dependencies.instance.config.mrmeService.accounting.wlc === 'proxy';
  }

  #take(request: Omit<Asked, 'status'>, now: Instant): void {
    const { counters } = this.#dependencies;
    const head = readWlcHead(request.packet);
    if (head === undefined) return counters.add('access-radius.discarded.malformed');
    const asked = { ...request, status: head.status };
    const recollection = this.#replies.ask(asked.name, now);
    if (recollection.kind !== 'new') {
      counters.add(`access-radius.${head.status}.retransmitted`);
      if (recollection.kind === 'answered') this.#repeat(asked, recollection.reply);
      return;
    }
    this.#report(asked, head, now);
    this.#replies.wait(asked.name, asked);
    const { status, mac } = head;
    if (status === 'on' || status === 'off') return this.#ofNas(asked, status, now);
    if (this.#isProxy && status !== 'start' && !this.#hasSession(mac)) {
      if (status === 'stop') this.#remember(asked, readWlcRecord(asked.packet) as WlcSessionRecord, now);
      // AAA may know it; here nobody would have it written down.
      return this.#passOn(asked, undefined, now);
    }
    this.#ofSession(asked, readWlcRecord(asked.packet) as WlcSessionRecord, now);
  }

  #hasSession(mac: MacAddress | undefined): boolean {
    return mac !== undefined && this.#dependencies.instance.registry.ofMac(mac) !== undefined;
  }

  /** RFC 2866 section 5.1: the NAS has no sessions any more. */
  #ofNas(asked: Asked, status: 'on' | 'off', now: Instant): void {
    const { instance, counters } = this.#dependencies;
    counters.add(`access-radius.${status}.received`);
    if (this.#isProxy) this.#passOn(asked, undefined, now);
    instance.spread({ kind: 'nas-restarted', peer: asked.name.client }, now);
  }

  #ofSession(asked: Asked, record: WlcSessionRecord, now: Instant): void {
    const { instance, counters } = this.#dependencies;
    if (record.status === 'start' && (this.#isLate(asked, record, now) || this.#begins(asked, record, now))) return;
    if (record.status === 'stop') this.#remember(asked, record, now);
    const place = this.#placeOf(asked, record);
    const { session } = place ?? {};
    if (place === undefined || (session?.kind !== 'Live' && session?.kind !== 'Disconnecting')) {
      // AAA may know it; here nobody would have it written down.
      if (this.#isProxy) return this.#passOn(asked, undefined, now);
      const account = accountOf(asked, record);
      if (account !== undefined && this.stopped.isComplete(account, now)) return this.#answer(asked, now);
      this.#forget(asked);
      return counters.add('access-radius.discarded.no-session');
    }
    const { name } = asked;
    const before = session.kind === 'Live' ? session.durable.wlc?.answered : undefined;
    if (before !== undefined && isSame(before, name) && !this.#isProxy) {
      // Another chassis has recorded it, and may not have come to say so.
      counters.add(`access-radius.${record.status}.retransmitted`);
      return this.#answer(asked, now);
    }
    if (this.#isProxy) this.#passOn(asked, place, now);
    instance.dispatch(place, { kind: 'wlcRecordReceived', nas: name.client, record, request: name }, now);
  }

  /** What is stopped, whether there is a session of it or not. */
  #remember(asked: Asked, record: WlcSessionRecord, now: Instant): void {
    const account = accountOf(asked, record);
    if (account !== undefined) this.stopped.stopped(account, latestStart(record), now);
  }

  /** A START that its STOP has overtaken is over: it begins nothing, and takes no session to where its UE is no more. */
  #isLate(asked: Asked, record: WlcSessionRecord, now: Instant): boolean {
    const account = accountOf(asked, record);
    if (account === undefined || !this.stopped.startIsLate(account, record.eventSecond, now)) return false;
    const { counters, report } = this.#dependencies;
    counters.add('access-radius.start.late');
    keeping(
      report,
      'late-record',
      now,
    )?.({
      name: 'late-record',
      mac: record.mac,
      sessionId: undefined,
      peer: asked.name.client,
      party: 'samog',
      direction: 'internal',
      text: () => 'start after the stop of the same account: answered only',
    });
    if (this.#isProxy) this.#passOn(asked, undefined, now);
    else this.#answer(asked, now);
    return true;
  }

  /** Where it is the START that gives a UE its session, or brings it elsewhere. True if it has become that session's business. */
  #begins(asked: Asked, record: WlcSessionRecord, now: Instant): boolean {
    const { client, name, packet } = asked;
    const { mac, identity } = record;
    const address = identity.framedIpAddress;
    if (client.profile.sessionTrigger !== 'accounting' || mac === undefined || address === undefined) return false;
    const { instance, counters } = this.#dependencies;
    const place = instance.registry.ofMac(mac);
    const before = place?.session.kind === 'Live' ? place.session.durable.wlc?.answered : undefined;
    if (before !== undefined && isSame(before, name)) return false;
    // A session keeps the name of the request: it must not hold the packet.
    const request = { ...name, authenticator: packet.authenticator.slice() };
    const start = { nas: name.client, record, address, request };
    if (this.#isProxy) this.#passOn(asked, place, now);
    const result = instance.trigger(mac, { kind: 'accounting', start }, now);
    if (result === 'limit' && !this.#isProxy) this.#forget(asked);
    if (result === 'limit') counters.add('access-radius.discarded.congestion');
    return true;
  }

  /** By the UE, by what this WLC calls the session, or by the UE's address: all that is said must fit. */
  #placeOf({ name }: Asked, { mac, identity }: WlcSessionRecord): SessionPlace | undefined {
    const { registry } = this.#dependencies.instance;
    const place = mac === undefined ? undefined : registry.ofMac(mac);
    if (place === undefined) return undefined;
    const { session } = place;
    if (session.kind !== 'Live' || identity.framedIpAddress === undefined) return place;
    const { addresses, wlc, access } = session.durable;
    if (access?.kind === 'ip') return place;
    const isKnown = wlc?.nas === name.client && wlc.identity.acctSessionId === identity.acctSessionId;
    return isKnown || addresses.some(({ address }) => address === identity.framedIpAddress) ? place : undefined;
  }

  /** To AAA as it is; Proxy-State of the client goes and comes unchanged (RFC 2865 section 5.33). */
  #passOn(asked: Asked, place: SessionPlace | undefined, now: Instant): void {
    writer.begin();
    writer.copyOthers(asked.packet, isNotPassedOn);
    const encoded = writer.end();
    const request = {
      code: radiusCode.accountingRequest,
      hash: () => asked.packet.find(radiusAttribute.callingStationId) ?? '',
      urgency: 'continuing' as const,
      attributes: () => [],
      encoded,
      ...(place?.session.kind === 'Live' ? { about: { mac: place.session.durable.mac } } : {}),
    };
    const ticket = this.#dependencies.servers.send(
      request,
      ({ kind }, at) => (kind === 'answered' ? this.#answer(asked, at) : this.#forget(asked)),
      now,
    );
    if (ticket === undefined) this.#forget(asked);
  }

  #answer(asked: Asked, now: Instant): void {
    const reply = this.#octetsOf(asked);
    // Of a request that another has replaced nobody waits for the answer.
    if (this.#replies.answered(asked.name, reply, now)) this.#repeat(asked, reply);
  }

  #octetsOf({ client, name, packet }: Asked): Uint8Array {
    const { identifier, authenticator } = name;
    writer.begin();
    writer.copyAll(packet, radiusAttribute.proxyState.type);
    const reply = { code: radiusCode.accountingResponse, identifier, authenticator, encoded: writer.end() };
    return signResponse(reply, authenticator, client.secret, this.#dependencies.digests);
  }

  #send(asked: Asked): void {
    this.#repeat(asked, this.#octetsOf(asked));
  }

  #repeat({ name: { client, port }, status }: Asked, reply: Uint8Array): void {
    if (status !== undefined) this.#dependencies.counters.add(`access-radius.${status}.sent`);
    this.#dependencies.output.send('access-radius', accountingChannel, client, port, reply);
  }

  #forget({ name }: Asked): void {
    this.#replies.forget(name);
  }

  #report({ name, packet }: Asked, { status, mac }: WlcRecordHead, now: Instant): void {
    const event = `accounting-${status}-received` as const;
    keeping(
      this.#dependencies.report,
      event,
      now,
    )?.({
      name: event,
      mac,
      sessionId: undefined,
      peer: name.client,
      party: 'wlc',
      direction: 'received',
      text: () => describeRadius(packet),
      message: radiusDatagramOf('access-radius', accountingChannel, name.port, () => packet.bytes),
    });
  }
}

/** Undefined if the record says of no UE: no session is found by it either. */
function accountOf({ name: { client } }: Asked, { mac, identity }: WlcSessionRecord): WlcAccountName | undefined {
  return mac === undefined ? undefined : { client, mac, acctSessionId: identity.acctSessionId };
}

function isSame(left: AnsweredRequest, right: RequestName): boolean {
  return (
    left.client === right.client &&
    left.port === right.port &&
    left.identifier === right.identifier &&
    sameOctets(left.authenticator, right.authenticator)
  );
}
