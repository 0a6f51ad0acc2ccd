import type { SlowPath } from '../forwarding/slow-path.ts';
import type { Counters } from '../kernel/counters.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PacketOutput } from '../kernel/port.ts';
import { invariant, unreachable } from '../kernel/unreachable.ts';
import type { AuthenticationRequest } from '../services/samog/aaa/access-request.ts';
import { acctSessionIdOf } from '../services/samog/account-id.ts';
import { datagramOf, tunnelledPacketOf } from '../services/samog/event-message.ts';
import type { EventSink } from '../services/samog/events.ts';
import type { SessionEffect } from '../services/samog/session/effect.ts';
import { sessionId, sessionMac } from '../services/samog/session/state.ts';
import type { SamogCounter } from '../services/samog/statistics.ts';
import type { AccessTrigger } from '../services/samog/trigger.ts';
import { find } from '../wire/bytes/tlv.ts';
import { describeDhcp, dhcpPort, encodeDhcp } from '../wire/dhcpv4/message.ts';
import { dhcpOption, relaySubOption } from '../wire/dhcpv4/options.ts';
import { ipv4TtlDefault } from '../wire/ipv4/ipv4.ts';
import { pmipv6Port } from '../wire/pmipv6/constants.ts';
import { describeMobility, encodeMobility, type MobilityMessage } from '../wire/pmipv6/message.ts';
import { encodeUdpPacket } from '../wire/udp/udp.ts';
import type { Instance } from './instance.ts';
import type { SessionPlace } from './session-registry.ts';

/** Who keeps back, with a standby, what promises a UE its session (docs/redundancy.md, "Output commit"). */
export interface OutputCommit {
  /** Calls `send` now or later, once, or never if this chassis stops serving before. */
  afterCheckpoint(sessionId: number, now: Instant, send: () => void): void;
  /** The same for what nobody waits for: it is called once the standby has what it is about, or while there is none. */
  whenKnown(sessionId: number, now: Instant, send: (now: Instant) => void): void;
}

/** Carries effects out: the one place where a session's wish becomes bytes. */
export class EffectInterpreter {
  readonly #instance: Instance;
  readonly #slowPath: SlowPath;
  readonly #output: PacketOutput;
  readonly #counters: Counters<SamogCounter>;
  readonly #report: EventSink | undefined;
  readonly #commit: OutputCommit | undefined;

  constructor(
    instance: Instance,
    slowPath: SlowPath,
    output: PacketOutput,
    counters: Counters<SamogCounter>,
    report: EventSink | undefined,
    commit: OutputCommit | undefined,
  ) {
    this.#instance = instance;
    this.#slowPath = slowPath;
    this.#output = output;
    this.#counters = counters;
    this.#report = report;
    this.#commit = commit;
  }

  carryOut(place: SessionPlace, effect: SessionEffect, now: Instant): void {
    switch (effect.kind) {
      case 'authenticate':
        return this.#authenticate(place, effect, now);
      case 'reauthorize':
        return this.#ask(place, reauthorizationRequestOf(place, effect), now);
      case 'disconnectNas': {
        const id = sessionId(place.session);
        const told = (at: Instant) => this.#nasTold(id, at);
        return this.#instance.nasDisconnects.tell(effect.attachment, sessionMac(place.session), id, now, told);
      }
      case 'cancelAuthentication':
        return this.#instance.radius.cancel(sessionId(place.session));
      case 'answerAccess':
        if (this.#commit === undefined || effect.commit === 'immediate') return this.#answerAccess(effect, now);
        return this.#commit.afterCheckpoint(sessionId(place.session), now, () => this.#answerAccess(effect, now));
      case 'answerRecord':
        if (this.#commit === undefined || effect.commit === 'immediate') return this.#answerRecord(effect, now);
        return this.#commit.afterCheckpoint(sessionId(place.session), now, () => this.#answerRecord(effect, now));
      case 'forgetRecord':
        return this.#instance.forgetRecord(effect.request);
      case 'sendPba':
      case 'sendDhcpReply':
        if (this.#commit === undefined || effect.commit === 'immediate') return this.#reply(place, effect);
        return this.#commit.afterCheckpoint(sessionId(place.session), now, () => this.#reply(place, effect));
      case 'sendBri':
        return this.#sendMobility(place, 'access-pmipv6', effect.mag, effect.magPort, effect.message);
      case 'sendS2aPbu':
        return this.#sendMobility(place, 's2a-pmipv6', effect.lma, pmipv6Port, effect.message);
      case 'announceRouter':
        if (this.#commit === undefined) return this.#announceRouter(place);
        return this.#commit.afterCheckpoint(sessionId(place.session), now, () => this.#announceRouter(place));
      case 'restart':
        this.#instance.trigger(sessionMac(place.session), effect.trigger, now);
        return;
      case 'count':
        return this.#counters.add(effect.counter);
      case 'report':
        return this.#report?.(effect.event);
      default:
        return unreachable(effect);
    }
  }

  #nasTold(id: number, now: Instant): void {
    const place = this.#instance.registry.ofId(id);
    if (place !== undefined) this.#instance.dispatch(place, { kind: 'nasTold' }, now);
  }

  #reply(place: SessionPlace, effect: Extract<SessionEffect, { kind: 'sendPba' | 'sendDhcpReply' }>): void {
    if (effect.kind === 'sendDhcpReply') return this.#sendDhcp(place, effect);
    this.#sendMobility(place, 'access-pmipv6', effect.mag, effect.magPort, effect.message);
  }

  #answerAccess({ id, granted }: Extract<SessionEffect, { kind: 'answerAccess' }>, now: Instant): void {
    this.#instance.answerAccess(id, granted, now);
  }

  #answerRecord({ request }: Extract<SessionEffect, { kind: 'answerRecord' }>, now: Instant): void {
    this.#instance.answerRecord(request, now);
  }

  #announceRouter(place: SessionPlace): void {
    const entry = this.#instance.flows.readBack(sessionId(place.session));
    if (entry !== undefined) this.#slowPath.announceRouter(entry);
  }

  #ask(place: SessionPlace, request: AuthenticationRequest, now: Instant): void {
    if (this.#instance.radius.authenticate(sessionId(place.session), request, now) !== 'refused') return;
    this.#instance.dispatch(place, { kind: 'authenticationEnded', outcome: { kind: 'timeout' } }, now);
  }

  #authenticate(place: SessionPlace, effect: Extract<SessionEffect, { kind: 'authenticate' }>, now: Instant): void {
    const { trigger, acctSessionId } = effect;
    if (trigger.kind === 'radius') {
      // AAA has spoken before there was a session.
      const outcome = { kind: 'accepted', profile: trigger.accepted.profile } as const;
      return this.#instance.dispatch(place, { kind: 'authenticationEnded', outcome }, now);
    }
    this.#ask(place, authenticationRequestOf(place, trigger, acctSessionId), now);
  }

  #sendMobility(
    place: SessionPlace,
    port: 'access-pmipv6' | 's2a-pmipv6',
    peer: Parameters<PacketOutput['send']>[2],
    peerPort: number,
    message: MobilityMessage,
  ): void {
    const octets = encodeMobility(message);
    this.#output.send(port, 0, peer, peerPort, octets);
    this.#report?.({
      name: `${message.kind}-sent`,
      mac: sessionMac(place.session),
      sessionId: sessionId(place.session),
      peer,
      party: port === 'access-pmipv6' ? 'wlc' : 'lma',
      direction: 'sent',
      text: () => describeMobility(message),
      message: datagramOf(port, peerPort, octets),
    });
  }

  #sendDhcp(place: SessionPlace, effect: Extract<SessionEffect, { kind: 'sendDhcpReply' }>): void {
    const { message, path, destinationMac, destination, destinationPort, source } = effect;
    const datagram = { sourcePort: dhcpPort.server, destinationPort, payload: encodeDhcp(message) };
    const packet = encodeUdpPacket({ source, destination, ttl: ipv4TtlDefault }, datagram);
    this.#slowPath.sendOwn(destinationMac, path, packet);
    this.#report?.({
      name: `dhcp-${find(message.options, dhcpOption.messageType) ?? 'reply'}-sent`,
      mac: sessionMac(place.session),
      sessionId: sessionId(place.session),
      peer: path.peer,
      party: 'rg',
      direction: 'sent',
      text: () => describeDhcp(message),
      message: tunnelledPacketOf(packet),
    });
  }
}

/** The same of a live session, from where its UE is now. */
function reauthorizationRequestOf(
  { session }: SessionPlace,
  { state, authorizeOnly }: Extract<SessionEffect, { kind: 'reauthorize' }>,
): AuthenticationRequest {
  invariant(session.kind === 'Live', `a session that is ${session.kind} asks for authorization`);
  const { durable } = session;
  return {
    mac: durable.mac,
    acctSessionId: acctSessionIdOf(durable),
    calledStation: durable.access?.peer ?? durable.radius!.nas,
    apn: durable.subscriber.apn,
    userName: durable.radius?.userName,
    state,
    authorizeOnly,
  };
}

/** What the AAA server is told of a trigger: the UE, its access point or RG, and what the RG says of the line. */
function authenticationRequestOf(
  place: SessionPlace,
  trigger: AccessTrigger,
  acctSessionId: string,
): AuthenticationRequest {
  const mac = sessionMac(place.session);
  if (trigger.kind === 'accounting') {
    const { nas, record } = trigger.start;
    const { apn, userName } = record.identity;
    return { mac, acctSessionId, calledStation: nas, apn, userName };
  }
  if (trigger.kind === 'pbu') {
    const { mag, apn } = trigger.update;
    return { mac, acctSessionId, calledStation: mag, ...(apn === undefined ? {} : { apn }) };
  }
  const relay = find(trigger.dhcp.message.options, dhcpOption.relayAgentInformation);
  const circuitId = relay === undefined ? undefined : find(relay, relaySubOption.circuitId);
  const remoteId = relay === undefined ? undefined : find(relay, relaySubOption.remoteId);
  return {
    mac,
    acctSessionId,
    calledStation: trigger.dhcp.path.peer,
    ...(circuitId === undefined ? {} : { circuitId }),
    ...(remoteId === undefined ? {} : { remoteId }),
  };
}
