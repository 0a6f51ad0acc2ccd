import type { AccessPath, UeAddress } from '../../../forwarding/entry.ts';
import { formatIp, formatMac, type Ipv4Address, type MacAddress } from '../../../kernel/address.ts';
import { never } from '../../../kernel/instant.ts';
import { bindingStatus } from '../../../wire/pmipv6/constants.ts';
import { acceptDeregistration } from '../access/pba.ts';
import { acctSessionIdOf, secondOf } from '../account-id.ts';
import { unknownAccessList } from '../grants.ts';
import { naiOfMac } from '../nai.ts';
import type { S2aAcknowledgement } from '../s2a/binding-update.ts';
import type { EndReason, SetupFailure } from '../statistics.ts';
import type { AuthenticationOutcome, SubscriberProfile } from '../subscriber.ts';
import type { AccessBindingUpdate, Trigger } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { addressWantedBy, answerFirstDhcp } from './first-dhcp.ts';
import { grantBinding } from './live-pbu.ts';
import { startedBy } from './live-wlc.ts';
import { countRetransmission, denyQueued, enqueue, isRetransmission, sameOrigin, startsSession } from './queue.ts';
import { sendNak, sendPba, sendRejection } from './reply.ts';
import { answersRequest, retryRequest, type S2aSubject, s2aBindingOf, startRequest } from './s2a-request.ts';
import {
  type DisconnectingSession,
  type DurableSession,
  type LiveSession,
  noMoves,
  type Session,
  type SetupSession,
} from './state.ts';

/** A new session: its UE is authenticated first, by its MAC address unless AAA has accepted it already. */
export function beginSession(
  id: number,
  mac: MacAddress,
  trigger: Trigger,
  context: SessionContext,
  emit: Emit,
): SetupSession {
  emit.count('session.attempted');
  countReceived(trigger, emit);
  emit.decided('session-attempted', () => `session attempted by ${describeTrigger(trigger)}`);
  const bornSecond = trigger.kind === 'radius' ? trigger.accepted.bornSecond : secondOf(context.wallClock);
  emit.push({ kind: 'authenticate', trigger, acctSessionId: acctSessionIdOf({ id, bornSecond }) });
  return {
    kind: 'Authenticating',
    id,
    mac,
    trigger,
    queued: undefined,
    startedAt: context.now,
    bornSecond,
    giveUpAt: context.now + context.config.samogService.setupTimeoutMs,
    anchor: undefined,
  };
}

function countReceived(trigger: Trigger, emit: Emit): void {
  if (trigger.kind === 'pbu') emit.count('pbu.initial.received');
}

/** A trigger while the session is being set up starts no second authentication: it repeats, replaces, withdraws or waits. */
export function triggerInSetup(
  session: SetupSession,
  trigger: Trigger,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  if (trigger.kind === 'pbu' && trigger.update.lifetimeSeconds === 0) {
    return deregisteredInSetup(session, trigger.update, context, emit);
  }
  if (!startsSession(trigger)) return session;
  if (trigger.kind !== 'radius' && sameOrigin(session.trigger, trigger)) {
    if (session.trigger.kind === 'accounting')
      emit.push({ kind: 'forgetRecord', request: session.trigger.start.request });
    // Answering the latest is right for a client that restarted; a repetition differs in nothing that matters.
    if (isRetransmission(session.trigger, trigger)) countRetransmission(trigger, emit);
    else if (trigger.kind === 'pbu') {
      // The MAG asks anew: its former PBU is not answered any more.
      countReceived(trigger, emit);
      emit.count('pbu.initial.denied');
    }
    return { ...session, trigger };
  }
  return { ...session, queued: enqueue(session.queued, trigger, accessKindOf(session.trigger), context, emit) };
}

/** Where the session will be when it is up; undefined where it has yet to come. */
function accessKindOf(trigger: Trigger): 'pmipv6' | 'eogre' | undefined {
  if (trigger.kind === 'radius' || trigger.kind === 'accounting') return undefined;
  return trigger.kind === 'pbu' ? 'pmipv6' : 'eogre';
}

function deregisteredInSetup(
  session: SetupSession,
  update: AccessBindingUpdate,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  emit.count('pbu.deregistration.received');
  emit.count('pbu.deregistration.accepted');
  sendPba(update, acceptDeregistration(update.message), 'immediate', emit);
  const own = session.trigger.kind === 'pbu' && session.trigger.update.mag === update.mag;
  return own ? failSetup(session, 'withdrawn', undefined, context, emit) : session;
}

/** The AAA server has answered, or none has: an accepted UE is registered with its LMA, any other setup is given up. */
export function authenticationEnded(
  session: SetupSession,
  outcome: AuthenticationOutcome,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  if (outcome.kind === 'timeout') {
    return failSetup(session, 'aaa-timeout', bindingStatus.insufficientResources, context, emit);
  }
  if (outcome.kind === 'rejected') {
    return failSetup(session, 'aaa-reject', bindingStatus.administrativelyProhibited, context, emit);
  }
  const { profile } = outcome;
  const { s2a } = context.config.cgwService;
  const lma = (s2a.lmaSelection === 'aaa-then-default' ? profile.lma : undefined) ?? s2a.lmas[0];
  if (lma === undefined || !s2a.lmas.includes(lma)) {
    return failSetup(session, 'lma-unknown', bindingStatus.serviceAuthorizationFailed, context, emit);
  }
  if (unknownAccessList(profile.grants.accessLists, context.accessLists) !== undefined) {
    return failSetup(session, 'access-list-unknown', bindingStatus.serviceAuthorizationFailed, context, emit);
  }
  const nai = profile.nai ?? naiOfMac(session.mac, context.config.mrmeService.userName);
  const subject = subjectOfSetup(session, profile, nai, lma);
  const request = startRequest('initial', context.random.u32() & 0xffff, subject, context, emit);
  return { ...session, kind: 'Binding', anchor: { subscriber: profile, nai, lma, request } };
}

function subjectOfSetup(
  session: SetupSession,
  profile: SubscriberProfile,
  nai: string,
  lma: S2aSubject['lma'],
): S2aSubject {
  const address = profile.homeAddress ?? requestedAddressOf(session.trigger);
  return { id: session.id, mac: session.mac, nai, apn: profile.apn, lma, address };
}

/** The address a trigger insists on: a returning client's own. A DISCOVER's wish is only that, and is left to the LMA. */
function requestedAddressOf(trigger: Trigger): Ipv4Address | undefined {
  switch (trigger.kind) {
    case 'pbu':
      return trigger.update.requestedAddress;
    case 'dhcp':
      return addressWantedBy(trigger.dhcp);
    case 'radius':
    case 'accounting':
      return undefined;
  }
}

/**
 * The LMA has answered the PBU: the session is live, or its setup is given up. An answer to another PBU changes nothing, and is
 * counted.
 */
export function acknowledgedInSetup(
  session: SetupSession,
  sequence: number,
  answer: S2aAcknowledgement,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const { anchor } = session;
  if (anchor === undefined || !answersRequest(anchor.request, sequence)) {
    emit.count('s2a.pba.unmatched');
    return session;
  }
  if (answer.kind !== 'accepted') {
    emit.count('s2a.pba.denied');
    const status = answer.kind === 'denied' ? passedOn(answer.status) : bindingStatus.reasonUnspecified;
    return failSetup(session, 'lma-reject', status, context, emit);
  }
  emit.count('s2a.pba.accepted');
  return becomeLive(session, anchor.subscriber, anchor.nai, sequence, answer, context, emit);
}

/** An LMA's refusal in terms that are true of the UE's own MAG: those about the subscriber pass, the rest do not. */
function passedOn(status: number): number {
  switch (status) {
    case bindingStatus.administrativelyProhibited:
    case bindingStatus.insufficientResources:
    case bindingStatus.serviceAuthorizationFailed:
    case bindingStatus.notAuthorizedForIpv4MobilityService:
    case bindingStatus.notAuthorizedForIpv4HomeAddress:
      return status;
    default:
      return bindingStatus.reasonUnspecified;
  }
}

function becomeLive(
  session: SetupSession,
  profile: SubscriberProfile,
  nai: string,
  sequence: number,
  answer: Extract<S2aAcknowledgement, { kind: 'accepted' }>,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const { id, mac, trigger } = session;
  const s2a = s2aBindingOf(session.anchor!.lma, id, sequence, answer, context);
  const { address, prefixLength, router } = answer;
  const durable = firstState(session, profile, nai, s2a, { address, prefixLength, router }, context);
  emit.count('session.setup');
  emit.decided('session-established', () => `session established for ${formatMac(mac)}, address ${formatIp(address)}`);
  const { idleTimeoutSeconds } = durable.subscriber;
  const transient = {
    request: undefined,
    idleCheckAt: idleTimeoutSeconds === undefined ? never : context.now + idleTimeoutSeconds * 1000,
    idlePackets: 0,
    isReauthorizing: false,
  };
  return answerTrigger({ kind: 'Live', durable, transient }, trigger, context, emit);
}

/** What a session is that nothing has happened to yet but its setup. */
function firstState(
  { id, bornSecond, mac, trigger }: SetupSession,
  { grants, ...granted }: SubscriberProfile,
  nai: string,
  s2a: DurableSession['s2a'],
  address: UeAddress,
  { now, config, hasDhcpTriggerProfile }: SessionContext,
): DurableSession {
  // No lifetime of a binding or a lease ends what only a STOP would, and that may be lost.
  const { idleTimeoutSeconds = config.mrmeService.accounting.idleTimeoutSeconds } = granted;
  const subscriber = trigger.kind === 'accounting' ? { ...granted, idleTimeoutSeconds } : granted;
  const accepted = trigger.kind === 'radius' ? trigger.accepted : undefined;
  return {
    id,
    bornSecond,
    mac,
    nai,
    sessionType: trigger.kind === 'accounting' ? 'accounting' : isOverPmipv6(trigger) ? 'pmipv6' : 'dhcp',
    subscriber,
    ...grants,
    addresses: [address],
    access: accessBy(trigger, id),
    eogreFlow: trigger.kind !== 'accounting' && (!isOverPmipv6(trigger) || hasDhcpTriggerProfile),
    s2a,
    binding: undefined,
    lease: undefined,
    moves: noMoves,
    cleanups: [],
    phase:
      accepted === undefined
        ? { kind: 'Established' }
        : { kind: 'Admitted', until: now + config.mrmeService.relay.attachTimeMs },
    createdAt: now,
    reauthorization: undefined,
    expiresAt: subscriber.sessionTimeoutSeconds === undefined ? never : now + subscriber.sessionTimeoutSeconds * 1000,
    account: undefined,
    radius: accepted?.attachment,
    reply: accepted?.reply,
    challenge: undefined,
    wlc: trigger.kind === 'accounting' ? startedBy(trigger.start) : undefined,
    handoff: undefined,
  };
}

/** Tells whoever has begun the session that it is up: a MAG, a DHCP client, a WLC by its accounting or by its Access-Request. */
function answerTrigger(session: LiveSession, trigger: Trigger, context: SessionContext, emit: Emit): LiveSession {
  const { durable } = session;
  switch (trigger.kind) {
    case 'pbu':
      emit.count('pbu.initial.accepted');
      if (durable.eogreFlow) {
        emit.decided('ue-mac-flow-installed', () => `EoGRE flow installed for ${formatMac(durable.mac)}`);
      }
      return { ...session, durable: grantBinding(durable, trigger.update, context, emit) };
    case 'dhcp':
      return { ...session, durable: { ...durable, lease: answerFirstDhcp(trigger.dhcp, durable, context, emit) } };
    case 'accounting':
      emit.count('access-radius.start.received');
      emit.push({ kind: 'answerRecord', commit: 'after-checkpoint', request: trigger.start.request });
      return session;
    case 'radius':
      emit.push({ kind: 'answerAccess', commit: 'after-checkpoint', id: trigger.accepted.id, granted: true });
      return session;
  }
}

function accessBy(trigger: Trigger, id: number): AccessPath | undefined {
  switch (trigger.kind) {
    case 'pbu':
      return { kind: 'pmipv6', peer: trigger.update.mag, uplinkKey: id, downlinkKey: trigger.update.downlinkKey! };
    case 'dhcp':
      return trigger.dhcp.path;
    case 'accounting':
      return { kind: 'ip', peer: trigger.start.nas, address: trigger.start.address };
    case 'radius':
      return undefined;
  }
}

function isOverPmipv6(trigger: Trigger): boolean {
  return trigger.kind === 'radius' ? trigger.accepted.attachment.accessType === 'pmip' : trigger.kind === 'pbu';
}

/**
 * Gives a setup up, with a clear cause to the peer: a PBA with the status; a NAK to a client that insists on an
 * address it was refused; silence to a DISCOVER, as RFC 2131 has it.
 * @param status what a MAG is told; undefined tells it nothing
 */
export function failSetup(
  session: SetupSession,
  why: SetupFailure,
  status: number | undefined,
  context: SessionContext,
  emit: Emit,
): DisconnectingSession | undefined {
  const { trigger } = session;
  emit.count('session.aborted');
  emit.count(`session.failed.${why}`);
  emit.decided('session-failed', () => `session not set up: ${why}`);
  if (session.kind === 'Authenticating') emit.push({ kind: 'cancelAuthentication' });
  if (trigger.kind === 'radius') {
    emit.push({ kind: 'answerAccess', commit: 'immediate', id: trigger.accepted.id, granted: false });
  } else if (trigger.kind === 'accounting') {
    emit.push({ kind: 'forgetRecord', request: trigger.start.request });
  } else if (trigger.kind === 'pbu') {
    if (status !== undefined) sendRejection(trigger.update, status, 'initial', context, emit);
    else emit.count('pbu.initial.denied');
  } else if (trigger.dhcp.intent.kind !== 'discover' && why !== 'aaa-timeout' && why !== 'lma-timeout') {
    sendNak(trigger.dhcp, undefined, 'no session', context, emit);
  }
  denyQueued(session.queued, 'session-ended', status ?? bindingStatus.reasonUnspecified, context, emit);
  if (why !== 'withdrawn') return undefined;
  return withdrawBinding(session, status === undefined ? 'mag-deregistration' : 'operator', context, emit);
}

/**
 * The LMA may have accepted, or be about to accept, the PBU of a setup that is given up while it answers: it is told
 * (RFC 5213 section 6.9.1.4), or it would hold the address for the whole lifetime. One that did not answer until the setup
 * timed out is not: it would not answer this either.
 */
function withdrawBinding(
  session: SetupSession,
  reason: EndReason,
  context: SessionContext,
  emit: Emit,
): DisconnectingSession | undefined {
  const { id, bornSecond, mac, anchor } = session;
  if (anchor === undefined) return undefined;
  const { lma, nai, subscriber } = anchor;
  const subject = subjectOfSetup(session, subscriber, nai, lma);
  const sequence = (anchor.request.sequence + 1) & 0xffff;
  const { lifetimeSeconds } = context.config.cgwService.s2a;
  const heldUntil = context.now + lifetimeSeconds * 1000;
  return {
    kind: 'Disconnecting',
    id,
    bornSecond,
    mac,
    nai,
    reason,
    s2a: {
      peer: lma,
      uplinkKey: 0,
      downlinkKey: id,
      sequence,
      lifetimeSeconds,
      refreshAt: heldUntil,
      expiresAt: heldUntil,
    },
    request: startRequest('deregistration', sequence, subject, context, emit),
    cleanups: [],
    nas: undefined,
    isTellingNas: false,
    queued: undefined,
    account: undefined,
  };
}

/** Gives a setup up whose time is over, or sends the PBU again. */
export function deadlineInSetup(session: SetupSession, context: SessionContext, emit: Emit): Session | undefined {
  if (session.giveUpAt <= context.now) {
    const why = session.kind === 'Authenticating' ? 'aaa-timeout' : 'lma-timeout';
    return failSetup(session, why, bindingStatus.insufficientResources, context, emit);
  }
  const { anchor } = session;
  if (anchor === undefined || anchor.request.retryAt > context.now) return session;
  const subject = subjectOfSetup(session, anchor.subscriber, anchor.nai, anchor.lma);
  return { ...session, anchor: { ...anchor, request: retryRequest(anchor.request, subject, context, emit) } };
}

function describeTrigger(trigger: Trigger): string {
  if (trigger.kind === 'pbu') return `PBU from ${formatIp(trigger.update.mag)}`;
  if (trigger.kind === 'accounting') return `Accounting-Start of ${formatIp(trigger.start.nas)}`;
  if (trigger.kind === 'radius') return `Access-Accept for ${formatIp(trigger.accepted.attachment.nas)}`;
  return `DHCP ${trigger.dhcp.intent.kind} through ${formatIp(trigger.dhcp.path.peer)}`;
}
