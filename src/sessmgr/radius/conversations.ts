import type { MacAddress } from '../../kernel/address.ts';
import type { Digests, RandomSource, Seal } from '../../kernel/context.ts';
import type { Counters } from '../../kernel/counters.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { PacketOutput, Timed } from '../../kernel/port.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { GroupOutcome, ServerGroup } from '../../services/samog/aaa/server-group.ts';
import { readSubscriberProfile, SharedTexts } from '../../services/samog/aaa/subscriber-profile.ts';
import { acctSessionIdOf, secondOf } from '../../services/samog/account-id.ts';
import { type AcceptReply, acceptKeptMs, type RadiusAttachment } from '../../services/samog/attachment.ts';
import { radiusDatagramOf } from '../../services/samog/event-message.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import { type EventSink, keeping } from '../../services/samog/events.ts';
import { naiOfMac } from '../../services/samog/nai.ts';
import {
  beginConversation,
  type Conversation,
  type ConversationEffect,
  type ConversationEvent,
  type ConversationRequest,
  type ConversationStep,
  stepConversation,
} from '../../services/samog/relay/conversation.ts';
import {
  type ForwardingNas,
  fitsPacket,
  forwardedAttributes,
  forwardedOctets,
  forwardingNas,
} from '../../services/samog/relay/forward.ts';
import type { ReplyMemory } from '../../services/samog/relay/replies.ts';
import {
  passedOnAttributes,
  passedOnOctets,
  readChallenge,
  rejectAttributes,
  withAdditions,
} from '../../services/samog/relay/reply.ts';
import type { LiveSession } from '../../services/samog/session/state.ts';
import type { SamogCounter } from '../../services/samog/statistics.ts';
import { find, type Tlv } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { signResponse } from '../../wire/radius/authenticator.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { eapOctetsMax } from '../../wire/radius/eap-message.ts';
import type { Hop } from '../../wire/radius/mppe-keys.ts';
import type { RadiusOctets } from '../../wire/radius/packet-octets.ts';
import { proxyStates } from '../../wire/radius/proxy-state.ts';
import type { Instance } from '../instance.ts';
import type { SessionPlace } from '../session-registry.ts';
import { type AskedAccess, type Held, newTalk, type Talk, TalkTable } from './talk-table.ts';

export interface ConversationsDependencies {
  readonly instance: Instance;
  readonly servers: ServerGroup;
  readonly replies: ReplyMemory;
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly wallClock: () => WallClock;
  readonly counters: Counters<SamogCounter>;
  readonly report: EventSink | undefined;
  /** Where another chassis may have to repeat an Access-Accept. */
  readonly seal: Seal | undefined;
}

const sharedTextsMax = 256;
/** An Accept whose session neither comes nor fails is refused so long after the setup's own limit. */
const holdMarginMs = 1000;

/**
 * The authentications that are relayed: one of each UE at each WLC. Carries out what their steps ask for, between WLC, AAA
 * servers and sessions.
 */
export class Conversations implements Timed {
  readonly #dependencies: ConversationsDependencies;
  readonly #talks = new TalkTable();
  readonly #shared = new SharedTexts(sharedTextsMax);

  constructor(dependencies: ConversationsDependencies) {
    this.#dependencies = dependencies;
  }

  get #holdMs(): number {
    return this.#dependencies.instance.config.samogService.setupTimeoutMs + holdMarginMs;
  }

  get size(): number {
    return this.#talks.size;
  }

  /** Takes a request that is new: one that goes on with a conversation, or begins one. */
  ask(asked: AskedAccess, now: Instant): void {
    const { instance, counters, replies } = this.#dependencies;
    const { name, mac, relayed } = asked;
    const request = conversationRequestOf(asked);
    const talk = this.#talks.of(name.client, mac) ?? this.#resumed(asked);
    if (talk !== undefined && relayed.state !== undefined && talk.conversation.state !== undefined) {
      return this.#askedAgain(talk, asked, request, now);
    }
    if (talk !== undefined) this.#step(talk, { kind: 'superseded' }, now);
    const isFull = this.#talks.size >= instance.config.mrmeService.relay.conversationsMax;
    if (isFull || (this.#liveOf(mac) === undefined && instance.congestion.refuses(now))) {
      replies.forget(name);
      return counters.add('access-radius.discarded.congestion');
    }
    const bornSecond = secondOf(this.#dependencies.wallClock());
    const begun = beginConversation(instance.newId(), mac, request, undefined);
    const next = newTalk(begun.state!, asked, bornSecond);
    this.#talks.add(next);
    this.#carryOut(next, begun, now);
  }

  /** What waits for a session may go: its challenge or Accept, or else a Reject. */
  decided(id: number, granted: boolean, now: Instant): void {
    const talk = this.#talks.ofId(id);
    if (talk === undefined) return;
    if (talk.conversation.phase === 'Challenged') {
      if (granted && talk.held !== undefined) this.#send(talk, talk.held, now);
      talk.held = undefined;
    } else this.#step(talk, { kind: 'decided', granted }, now);
  }

  advance(now: Instant): void {
    for (let talk = this.#talks.nextDue(now); talk !== undefined; talk = this.#talks.nextDue(now)) {
      this.#report(talk, 'conversation-abandoned', `nobody went on with it in ${talk.conversation.phase}`, now);
      this.#step(talk, { kind: 'limitReached' }, now);
    }
  }

  nextDeadline(): Instant {
    return this.#talks.nextDeadline();
  }

  /** The conversation that another chassis has had with a UE whose session is up, if this request goes on with it. */
  #resumed({ name, mac, relayed }: AskedAccess): Talk | undefined {
    const { instance } = this.#dependencies;
    const challenge = this.#liveOf(mac)?.durable.challenge;
    if (challenge === undefined || challenge.nas !== name.client || relayed.state === undefined) return undefined;
    const { state, eapIdentifier, server, rounds, until } = challenge;
    const asked = { name, mac, relayed } as AskedAccess;
    const request = conversationRequestOf(asked);
    const conversation: Conversation = {
      ...{ phase: 'Challenged', id: instance.newId(), mac, request },
      ...{ state, eapIdentifier, server, rounds, until },
    };
    const talk = newTalk(conversation, asked, secondOf(this.#dependencies.wallClock()));
    this.#talks.add(talk);
    this.#talks.watch(talk);
    return talk;
  }

  #askedAgain(talk: Talk, asked: AskedAccess, request: ConversationRequest, now: Instant): void {
    const taken = stepConversation(talk.conversation, { kind: 'asked', request }, this.#context(talk, now));
    if (taken.effects.some(({ kind }) => kind === 'discard')) {
      this.#dependencies.replies.forget(asked.name);
      return this.#dependencies.counters.add('access-radius.discarded.eap-identifier');
    }
    talk.asked = asked;
    this.#carryOut(talk, taken, now);
  }

  #step(talk: Talk, event: ConversationEvent, now: Instant): void {
    this.#carryOut(talk, stepConversation(talk.conversation, event, this.#context(talk, now)), now);
  }

  #context({ conversation }: Talk, now: Instant) {
    return { now, hasSession: this.#liveOf(conversation.mac) !== undefined, holdMs: this.#holdMs };
  }

  /** State first, then what follows of it. */
  #carryOut(talk: Talk, { state, effects }: ConversationStep, now: Instant): void {
    if (state === undefined) {
      this.#talks.remove(talk);
      if (talk.ticket !== undefined) this.#dependencies.servers.cancel(talk.ticket);
      talk.ticket = undefined;
    } else {
      talk.conversation = state;
      this.#talks.watch(talk);
    }
    for (const effect of effects) this.#effect(talk, effect, now);
  }

  #effect(talk: Talk, effect: ConversationEffect, now: Instant): void {
    const { conversation, asked } = talk;
    switch (effect.kind) {
      case 'forward':
        return this.#forward(talk, now);
      case 'passOn':
        if (effect.noted) return this.#noteChallenge(talk, now);
        if (talk.held !== undefined) this.#send(talk, talk.held, now);
        talk.held = undefined;
        return;
      case 'setUp':
      case 'reauthenticate':
        return this.#admit(talk, now);
      case 'reauthenticationFailed':
        return this.#tell(conversation.mac, { kind: 'accessRejected', nas: asked.name.client }, now);
      case 'forgetChallenge':
        return this.#tell(conversation.mac, { kind: 'challengeOver' }, now);
      case 'refuse':
        return this.#refuse(talk, now);
      case 'leaveUnanswered':
        return this.#dependencies.replies.forget(asked.name);
      case 'discard':
        return;
      default:
        return unreachable(effect);
    }
  }

  #forward(talk: Talk, now: Instant): void {
    const { servers, digests, counters } = this.#dependencies;
    const { asked, conversation } = talk;
    const { relayed } = asked;
    const nas = this.#nasOf(talk);
    const from = wlcHop(asked);
    const attributes = (to: Hop) => forwardedAttributes(relayed, nas, from, to, digests);
    const encoded = relayed.isPlain ? forwardedOctets(relayed, nas) : undefined;
    const isNew = relayed.state === undefined && this.#liveOf(conversation.mac) === undefined;
    // A password that is hidden anew is as long as it was.
    const fits = relayed.isPlain ? encoded !== undefined : fitsPacket(attributes(from));
    if (!fits) counters.add('relay.too-long');
    talk.ticket = fits
      ? servers.send(
          {
            code: radiusCode.accessRequest,
            about: { mac: conversation.mac, sessionId: conversation.id },
            hash: () => relayed.packet.find(radiusAttribute.callingStationId)!,
            server: conversation.server,
            urgency: isNew ? 'new' : 'continuing',
            attributes,
            encoded,
          },
          (outcome, at) => this.#heard(talk, outcome, at),
          now,
        )
      : undefined;
    if (talk.ticket === undefined) this.#step(talk, { kind: 'unanswered' }, now);
  }

  /** How the gateway calls itself; the account is that of the session, if there is one, since it is about that one. */
  #nasOf(talk: Talk): ForwardingNas {
    const { id, bornSecond } = this.#liveOf(talk.conversation.mac)?.durable ?? {
      id: talk.conversation.id,
      bornSecond: talk.bornSecond,
    };
    if (talk.nas === undefined || talk.nas.id !== id || talk.nas.bornSecond !== bornSecond) {
      const {
        nasIpAddress: address,
        nasIdentifier: identifier,
        relay,
      } = this.#dependencies.instance.config.mrmeService;
      const acctSessionId = acctSessionIdOf({ id, bornSecond });
      talk.nas = { id, bornSecond, ...forwardingNas(address, identifier, acctSessionId, relay.framedMtu) };
    }
    return talk.nas;
  }

  #heard(talk: Talk, outcome: GroupOutcome, now: Instant): void {
    talk.ticket = undefined;
    if (this.#talks.ofId(talk.conversation.id) !== talk) return;
    if (outcome.kind === 'unanswered') {
      this.#report(talk, 'conversation-abandoned', 'no AAA server answered', now);
      return this.#step(talk, { kind: 'unanswered' }, now);
    }
    const { packet, hop, server } = outcome;
    const event = this.#eventOf(talk, packet, server);
    const held = event.kind === 'unusable' ? undefined : this.#heldOf(talk, packet, hop);
    if (held === undefined) return this.#step(talk, { kind: 'unusable' }, now);
    talk.held = held;
    this.#step(talk, event, now);
  }

  /** Code alone decides (RFC 3579 section 2.6.3). */
  #eventOf(talk: Talk, packet: RadiusOctets, server: string): ConversationEvent {
    switch (packet.code) {
      case radiusCode.accessAccept:
        talk.profile = readSubscriberProfile(packet.attributes, this.#shared);
        return { kind: 'accepted', server };
      case radiusCode.accessReject:
        return { kind: 'rejected' };
      default: {
        const head = readChallenge(packet);
        if (head === undefined) return { kind: 'unusable' };
        const framedMtu = talk.asked.relayed.packet.find(radiusAttribute.framedMtu);
        if (framedMtu !== undefined && head.eapOctets > eapOctetsMax(framedMtu)) {
          this.#dependencies.counters.add('relay.oversized');
        }
        return { kind: 'challenged', head, server };
      }
    }
  }

  /** AAA's answer for the WLC; undefined if it cannot be passed on. */
  #heldOf(talk: Talk, packet: RadiusOctets, from: Hop): Held | undefined {
    const { code } = packet;
    const encoded = code === radiusCode.accessAccept ? undefined : passedOnOctets(packet);
    if (encoded !== undefined) return { code, octets: this.#signed(talk, code, { encoded }) };
    const { random, digests } = this.#dependencies;
    const to = wlcHop(talk.asked);
    const passed = passedOnAttributes(packet.attributes, from, to, random, digests);
    if (passed === undefined) return undefined;
    const attributes = code === radiusCode.accessAccept ? this.#withAdditions(talk, passed) : passed;
    return fitsPacket(attributes) ? { code, octets: this.#signed(talk, code, { attributes }) } : undefined;
  }

  #withAdditions({ asked, profile, conversation }: Talk, attributes: readonly Tlv[]): readonly Tlv[] {
    if (asked.client.profile.accessType !== 'pmip') return attributes;
    const { userName } = this.#dependencies.instance.config.mrmeService;
    const added = withAdditions(attributes, { nai: profile?.nai ?? naiOfMac(conversation.mac, userName) });
    return fitsPacket(added) ? added : attributes;
  }

  #signed(
    { asked }: Talk,
    code: number,
    contents: { readonly attributes: readonly Tlv[] } | { readonly encoded: Uint8Array },
  ): Uint8Array {
    const { identifier, authenticator } = asked.name;
    const packet = { code, identifier, authenticator, ...contents };
    return signResponse(packet, authenticator, asked.client.secret, this.#dependencies.digests);
  }

  #admit(talk: Talk, now: Instant): void {
    const { instance } = this.#dependencies;
    const { conversation, profile, held, bornSecond } = talk;
    const accepted = {
      id: conversation.id,
      bornSecond,
      profile: profile!,
      attachment: attachmentOf(talk.asked),
      reply: this.#sealed(talk, held!, now),
    };
    const result = instance.trigger(conversation.mac, { kind: 'radius', accepted }, now);
    if (result !== 'delivered' && result !== 'started') this.#step(talk, { kind: 'decided', granted: false }, now);
  }

  #sealed({ asked }: Talk, { octets }: Held, now: Instant): AcceptReply | undefined {
    const { seal } = this.#dependencies;
    if (seal === undefined) return undefined;
    return { ...asked.name, sealed: seal.seal(octets), until: now + acceptKeptMs };
  }

  /** The live session has to know of the challenge before the WLC does: see `decided`. */
  #noteChallenge(talk: Talk, now: Instant): void {
    const { id, mac, state, eapIdentifier, rounds, server, until } = talk.conversation;
    const nas = talk.asked.name.client;
    const challenge = { nas, state, eapIdentifier, rounds, server: server!, until };
    this.#tell(mac, { kind: 'challenged', id, challenge }, now);
  }

  #refuse(talk: Talk, now: Instant): void {
    const { eapIdentifier } = talk.conversation.request;
    const states = proxyStates(talk.asked.relayed.packet.attributes);
    const code = radiusCode.accessReject;
    this.#send(
      talk,
      { code, octets: this.#signed(talk, code, { attributes: rejectAttributes(eapIdentifier, states) }) },
      now,
    );
  }

  /** Sends an answer, if anybody waits for it still. */
  #send(talk: Talk, { code, octets }: Held, now: Instant): void {
    const { output, replies, counters } = this.#dependencies;
    const { name } = talk.asked;
    if (!replies.answered(name, octets, now)) return;
    const said = answers[code as keyof typeof answers];
    counters.add(said.counter);
    output.send('access-radius', 0, name.client, name.port, octets);
    this.#report(talk, said.event, said.text, now, octets);
  }

  #tell(mac: MacAddress, event: Parameters<Instance['dispatch']>[1], now: Instant): void {
    const place = this.#placeOf(mac);
    if (place !== undefined) this.#dependencies.instance.dispatch(place, event, now);
  }

  #placeOf(mac: MacAddress): SessionPlace | undefined {
    return this.#dependencies.instance.registry.ofMac(mac);
  }

  #liveOf(mac: MacAddress): LiveSession | undefined {
    const session = this.#placeOf(mac)?.session;
    return session?.kind === 'Live' ? session : undefined;
  }

  /** @param sent the packet, if it is one that has been sent */
  #report(talk: Talk, name: EventName, text: string, now: Instant, sent?: Uint8Array): void {
    const { id, mac } = talk.conversation;
    const { client: peer, port } = talk.asked.name;
    keeping(
      this.#dependencies.report,
      name,
      now,
    )?.({
      ...{ name, mac, sessionId: id, peer, text: () => text },
      party: 'wlc',
      direction: sent === undefined ? 'internal' : 'sent',
      ...(sent === undefined ? {} : { message: radiusDatagramOf('access-radius', 0, port, () => sent) }),
    });
  }
}

function answerOf<Name extends 'accept' | 'reject' | 'challenge'>(name: Name) {
  const counter = `access-radius.${name}.sent` as const;
  return { counter, event: `access-${name}-relayed` as const, text: `Access-${name} to the WLC` };
}

const answers = {
  [radiusCode.accessAccept]: answerOf('accept'),
  [radiusCode.accessReject]: answerOf('reject'),
  [radiusCode.accessChallenge]: answerOf('challenge'),
} as const;

function wlcHop({ client, name }: AskedAccess): Hop {
  return { requestAuthenticator: name.authenticator, secret: client.secret };
}

function conversationRequestOf({ name, relayed }: AskedAccess): ConversationRequest {
  const { state, eapIdentifier } = relayed;
  return { name, state, eapIdentifier };
}

function attachmentOf({ client, name, relayed }: AskedAccess): RadiusAttachment {
  const { attributes } = relayed.packet;
  return {
    nas: name.client,
    nasIdentifier: find(attributes, radiusAttribute.nasIdentifier),
    acctSessionId: find(attributes, radiusAttribute.acctSessionId),
    callingStationId: find(attributes, radiusAttribute.callingStationId)!,
    calledStationId: find(attributes, radiusAttribute.calledStationId),
    userName: find(attributes, radiusAttribute.userName),
    eapType: relayed.eapType,
    accessType: client.profile.accessType,
  };
}
