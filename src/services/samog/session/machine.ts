import type { Step } from '../../../kernel/step.ts';
import { unreachable } from '../../../kernel/unreachable.ts';
import { bindingStatus } from '../../../wire/pmipv6/constants.ts';
import { acceptDeregistration } from '../access/pba.ts';
import { owedRecord } from '../accounting/account.ts';
import type { Trigger } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import { Emit, type SessionEffect } from './effect.ts';
import { endSession, settle } from './ending.ts';
import type { SessionEvent } from './event.ts';
import { keepAccount, recordAcknowledged } from './live-account.ts';
import { dhcpOnAdmitted, pbuOnAdmitted } from './live-admitted.ts';
import { changeOnLive, reauthorizationEnded, reauthorize } from './live-authorization.ts';
import { acknowledgedOnLive, deadlineOnLive, magRestarted, refresh, revokeDue, withoutAnswered } from './live-core.ts';
import { dataOnLive } from './live-data.ts';
import { dhcpOnLive } from './live-dhcp.ts';
import { pbuOnLive } from './live-pbu.ts';
import { challengedOnLive, challengeOver, reauthenticated, rejectedOnLive } from './live-radius.ts';
import { afterMove, elsewhere, nasRestarted, startOnLive, wlcRecordOnLive } from './live-wlc.ts';
import { accountingTrigger, denyQueued, dhcpTrigger, enqueue, pbuTrigger, startsSession } from './queue.ts';
import { sendPba } from './reply.ts';
import { answersRequest, retryRequest } from './s2a-request.ts';
import {
  acknowledgedInSetup,
  authenticationEnded,
  beginSession,
  deadlineInSetup,
  failSetup,
  triggerInSetup,
} from './setup.ts';
import {
  type DisconnectingSession,
  type LiveSession,
  type OwingSession,
  type Session,
  type SetupSession,
  sessionId,
  sessionMac,
} from './state.ts';
import { denyHandoff } from './switch-path.ts';

/** The session after a step; undefined when it is no more. */
export type SessionStep = Step<Session | undefined, SessionEffect>;

/** The first step of a session. The trigger must be one that `startsSession`. */
export function startSession(
  id: number,
  mac: SetupSession['mac'],
  trigger: Trigger,
  context: SessionContext,
): SessionStep {
  const emit = new Emit(id, mac, context.reporting);
  return { state: beginSession(id, mac, trigger, context, emit), effects: emit.effects };
}

/**
 * The transition function of a session: state, then event, both exhaustively. An event that means nothing in a state
 * leaves it as it is; where it came from a peer, it is counted.
 */
export function step(session: Session, event: SessionEvent, context: SessionContext): SessionStep {
  const emit = new Emit(sessionId(session), sessionMac(session), context.reporting);
  const state = keepAccount(session, afterMove(session, transition(session, event, context, emit)), context, emit);
  return { state, effects: emit.effects };
}

function transition(session: Session, event: SessionEvent, context: SessionContext, emit: Emit): Session | undefined {
  switch (session.kind) {
    case 'Authenticating':
    case 'Binding':
      return inSetup(session, event, context, emit);
    case 'Live':
      return onLive(session, event, context, emit);
    case 'Disconnecting':
      return inDisconnecting(session, event, context, emit);
    case 'Owing':
      return inOwing(session, event, emit);
    default:
      return unreachable(session);
  }
}

function inSetup(session: SetupSession, event: SessionEvent, context: SessionContext, emit: Emit): Session | undefined {
  switch (event.kind) {
    case 'pbuReceived':
      return triggerInSetup(session, pbuTrigger(event.update), context, emit);
    case 'dhcpReceived':
      return triggerInSetup(session, dhcpTrigger(event.dhcp), context, emit);
    case 'accessAccepted':
      return triggerInSetup(session, { kind: 'radius', accepted: event.accepted }, context, emit);
    case 'accountingStarted':
      return triggerInSetup(session, accountingTrigger(event.start), context, emit);
    case 'authenticationEnded':
      return session.kind === 'Authenticating' ? authenticationEnded(session, event.outcome, context, emit) : session;
    case 's2aAcknowledged':
      return serveQueued(
        acknowledgedInSetup(session, event.sequence, event.answer, context, emit),
        session,
        context,
        emit,
      );
    case 'deadlineReached':
      return deadlineInSetup(session, context, emit);
    case 'cleared':
      return failSetup(session, 'withdrawn', bindingStatus.administrativelyProhibited, context, emit);
    // The LMA has no binding of ours yet, and no data path exists.
    case 's2aRevoked':
    case 'lmaRestarted':
    case 'dataTriggered':
    case 'revocationAcknowledged':
    case 'magRestarted':
    case 'recordAcknowledged':
    case 'authorizationChanged':
    case 'reauthorizationWanted':
    // There is no session yet that could be authenticated again.
    case 'challenged':
    case 'challengeOver':
    case 'accessRejected':
    case 'wlcRecordReceived':
    case 'nasRestarted':
    case 'nasTold':
      return session;
    default:
      return unreachable(event);
  }
}

/** Serves the trigger that waited for the setup: it was counted as received when it came. */
function serveQueued(
  next: Session | undefined,
  before: SetupSession,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const { queued } = before;
  if (next?.kind !== 'Live' || queued === undefined) return next;
  const { trigger } = queued;
  const served = new QueuedEmit(emit, queued.handoff);
  const state = triggerOnLive(next, trigger, context, served);
  emit.effects.push(...served.effects);
  // A REQUEST that turns out to be for another server moves nothing, but it was counted when it came.
  if (queued.handoff !== undefined && !served.isDecided) denyHandoff(queued.handoff, 'bad-request', emit);
  return state;
}

function triggerOnLive(
  session: LiveSession,
  trigger: Trigger,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const isAdmitted = session.durable.phase.kind === 'Admitted';
  if (session.durable.access?.kind === 'ip' && (trigger.kind === 'pbu' || trigger.kind === 'dhcp')) {
    // Its address there is the access point's; a message that could begin no session means nothing here.
    return startsSession(trigger) ? elsewhere(session, trigger, context, emit) : session;
  }
  switch (trigger.kind) {
    case 'pbu':
      return (isAdmitted ? pbuOnAdmitted : pbuOnLive)(session, trigger.update, context, emit);
    case 'dhcp':
      return (isAdmitted ? dhcpOnAdmitted : dhcpOnLive)(session, trigger.dhcp, context, emit);
    case 'accounting':
      return startOnLive(session, trigger.start, context, emit);
    case 'radius':
      return reauthenticated(session, trigger.accepted, context, emit);
  }
}

/** Collects the effects of a queued trigger, without the second `received`. */
class QueuedEmit extends Emit {
  readonly #handoff: string | undefined;
  /** Whether the handover was accepted or denied. */
  isDecided = false;

  constructor(parent: Emit, handoff: string | undefined) {
    super(parent.id, parent.mac, parent.reporting);
    this.#handoff = handoff;
  }

  override count(counter: Parameters<Emit['count']>[0]): void {
    if (counter === `handoff.${this.#handoff}.received` || counter === 'pbu.handoff.received') return;
    if (counter === `handoff.${this.#handoff}.accepted` || counter === `handoff.${this.#handoff}.denied`) {
      this.isDecided = true;
    }
    super.count(counter);
  }
}

function onLive(session: LiveSession, event: SessionEvent, context: SessionContext, emit: Emit): Session | undefined {
  switch (event.kind) {
    case 'pbuReceived':
      return triggerOnLive(session, pbuTrigger(event.update), context, emit);
    case 'dhcpReceived':
      return triggerOnLive(session, dhcpTrigger(event.dhcp), context, emit);
    case 'accessAccepted':
      return reauthenticated(session, event.accepted, context, emit);
    case 'accessRejected':
      return rejectedOnLive(session, event.nas, context, emit);
    case 'challenged':
      return challengedOnLive(session, event.id, event.challenge, emit);
    case 'challengeOver':
      return challengeOver(session);
    case 'dataTriggered':
      // Whoever has no access yet has no address to send from.
      if (session.durable.phase.kind === 'Admitted') return session;
      return dataOnLive(session, event.path, event.sourceMatches, context, emit);
    case 's2aAcknowledged':
      return acknowledgedOnLive(session, event.sequence, event.answer, context, emit);
    case 's2aRevoked':
      return endSession(session, 'lma-revocation', context, emit);
    case 'lmaRestarted':
      return refresh(session, context, emit);
    case 'revocationAcknowledged': {
      const { durable } = session;
      const cleanups = withoutAnswered(durable.cleanups, event.mag, event.sequence, emit);
      return { ...session, durable: { ...durable, cleanups } };
    }
    case 'magRestarted':
      return magRestarted(session, event.mag, context);
    case 'recordAcknowledged': {
      const account = recordAcknowledged(session.durable.account, event.record, emit);
      return account === session.durable.account ? session : { ...session, durable: { ...session.durable, account } };
    }
    case 'accountingStarted':
      return startOnLive(session, event.start, context, emit);
    case 'wlcRecordReceived':
      return wlcRecordOnLive(session, event.nas, event.record, event.request, context, emit);
    case 'nasRestarted':
      return nasRestarted(session, event.nas, context);
    case 'nasTold':
      return session;
    case 'cleared':
      return endSession(session, event.reason, context, emit);
    case 'deadlineReached':
      return deadlineOnLive(session, context, emit);
    case 'authenticationEnded':
      return reauthorizationEnded(session, event.outcome, context, emit);
    case 'authorizationChanged':
      return changeOnLive(session, event.change, event.request, context, emit);
    case 'reauthorizationWanted':
      return reauthorize(session, { state: event.state, authorizeOnly: true }, emit);
    default:
      return unreachable(event);
  }
}

function inDisconnecting(
  session: DisconnectingSession,
  event: SessionEvent,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  switch (event.kind) {
    case 'pbuReceived':
      if (event.update.lifetimeSeconds === 0) {
        emit.count('pbu.deregistration.received');
        emit.count('pbu.deregistration.accepted');
        sendPba(event.update, acceptDeregistration(event.update.message), 'immediate', emit);
        const cleanups = session.cleanups.filter((cleanup) => cleanup.mag !== event.update.mag);
        return settle({ ...session, cleanups }, emit);
      }
      return withTrigger(session, pbuTrigger(event.update), context, emit);
    case 'dhcpReceived': {
      const trigger = dhcpTrigger(event.dhcp);
      return startsSession(trigger) ? withTrigger(session, trigger, context, emit) : session;
    }
    case 'accountingStarted':
      return withTrigger(session, accountingTrigger(event.start), context, emit);
    case 'accessAccepted': {
      const trigger = { kind: 'radius', accepted: event.accepted } as const;
      return withTrigger(session, trigger, context, emit);
    }
    case 's2aAcknowledged':
      if (!answersRequest(session.request, event.sequence)) {
        emit.count('s2a.pba.unmatched');
        return session;
      }
      emit.count(event.answer.kind === 'deregistered' ? 's2a.pba.accepted' : 's2a.pba.denied');
      return settle({ ...session, request: undefined }, emit);
    case 's2aRevoked':
    case 'lmaRestarted':
      return settle({ ...session, request: undefined }, emit);
    case 'revocationAcknowledged':
      return settle({ ...session, cleanups: withoutAnswered(session.cleanups, event.mag, event.sequence, emit) }, emit);
    case 'magRestarted':
      return settle({ ...session, cleanups: session.cleanups.filter(({ mag }) => mag !== event.mag) }, emit);
    case 'recordAcknowledged':
      return { ...session, account: recordAcknowledged(session.account, event.record, emit) };
    case 'nasTold':
      return settle({ ...session, nas: undefined }, emit);
    case 'deadlineReached':
      return deadlineInDisconnecting(session, context, emit);
    // Its data path is gone, and it is ending already.
    case 'dataTriggered':
    case 'authenticationEnded':
    case 'authorizationChanged':
    case 'reauthorizationWanted':
    case 'challenged':
    case 'challengeOver':
    case 'accessRejected':
    case 'nasRestarted':
    case 'cleared':
      return session;
    case 'wlcRecordReceived':
      // What ends here has ended there: the WLC need not say so again.
      emit.count(`access-radius.${event.record.status}.received`);
      emit.push({ kind: 'answerRecord', commit: 'immediate', request: event.request });
      return event.record.status === 'stop' ? withoutStopped(session, event, context, emit) : session;
    default:
      return unreachable(event);
  }
}

/** What waits to begin anew is over as well, if it is the START of the account that is stopped. */
function withoutStopped(
  session: DisconnectingSession,
  { nas, record }: Extract<SessionEvent, { kind: 'wlcRecordReceived' }>,
  context: SessionContext,
  emit: Emit,
): DisconnectingSession {
  const { queued } = session;
  if (queued?.trigger.kind !== 'accounting') return session;
  const { start } = queued.trigger;
  const isIts = start.nas === nas && start.record.identity.acctSessionId === record.identity.acctSessionId;
  if (!isIts) return session;
  denyQueued(queued, 'session-ended', bindingStatus.reasonUnspecified, context, emit);
  return { ...session, queued: undefined };
}

/** A trigger waits until the LMA and the MAGs have been told. */
function withTrigger(
  session: DisconnectingSession,
  trigger: Trigger,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  return settle({ ...session, queued: enqueue(session.queued, trigger, undefined, context, emit) }, emit);
}

/** Nothing is left of the session that anything could happen to. */
function inOwing(session: OwingSession, event: SessionEvent, emit: Emit): Session | undefined {
  if (event.kind !== 'recordAcknowledged') return session;
  const account = recordAcknowledged(session.account, event.record, emit);
  return account === undefined || owedRecord(account) === undefined ? undefined : { ...session, account };
}

function deadlineInDisconnecting(
  session: DisconnectingSession,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  let { request } = session;
  if (request !== undefined && request.retryAt <= context.now) {
    const { id, mac, nai, s2a } = session;
    const subject = { id, mac, nai, apn: undefined, lma: s2a.peer, address: undefined };
    // A silent LMA forgets the binding when its lifetime ends.
    request =
      request.attempt >= context.config.cgwService.s2a.retransmission.attempts
        ? undefined
        : retryRequest(request, subject, context, emit);
  }
  const cleanups = revokeDue(session.cleanups, context, emit);
  const nas = session.nas !== undefined && session.nas.until > context.now ? session.nas : undefined;
  if (nas !== undefined && !session.isTellingNas) emit.push({ kind: 'disconnectNas', attachment: nas.attachment });
  return settle({ ...session, request, cleanups, nas, isTellingNas: true }, emit);
}
