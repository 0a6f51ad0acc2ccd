import type { IpAddress } from '../../../kernel/address.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import { revocationOf } from '../access/revocation.ts';
import type { S2aAcknowledgement } from '../s2a/binding-update.ts';
import type { EndReason } from '../statistics.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { endSession, subjectOf } from './ending.ts';
import { askAtTimeout } from './live-authorization.ts';
import { answersRequest, retryRequest, s2aBindingOf, startRequest } from './s2a-request.ts';
import type { Cleanup, LiveSession, Session } from './state.ts';

/** The LMA's answer to a refresh. The address is the session's for life: an LMA that gives another ends the session. */
export function acknowledgedOnLive(
  session: LiveSession,
  sequence: number,
  answer: S2aAcknowledgement,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const { durable, transient } = session;
  if (!answersRequest(transient.request, sequence)) {
    emit.count('s2a.pba.unmatched');
    return session;
  }
  if (answer.kind !== 'accepted' || answer.address !== durable.addresses[0]?.address) {
    emit.count('s2a.pba.denied');
    return endSession(session, 'lma-rejected-refresh', context, emit);
  }
  emit.count('s2a.pba.accepted');
  return {
    ...session,
    durable: { ...durable, s2a: s2aBindingOf(durable.s2a.peer, durable.s2a.downlinkKey, sequence, answer, context) },
    transient: { ...transient, request: undefined },
  };
}

/** Registers the session again with an LMA that has lost it, or before the binding expires. */
export function refresh(session: LiveSession, context: SessionContext, emit: Emit): LiveSession {
  if (session.transient.request !== undefined) return session;
  const sequence = (session.durable.s2a.sequence + 1) & 0xffff;
  const request = startRequest('refresh', sequence, subjectOf(session), context, emit);
  return { ...session, transient: { ...session.transient, request } };
}

/** The MAG has restarted and lost its bindings: as if it had deregistered the UE (RFC 5847 section 3.2). */
export function magRestarted(session: LiveSession, mag: IpAddress, context: SessionContext): LiveSession {
  const { durable } = session;
  const cleanups = durable.cleanups.filter((cleanup) => cleanup.mag !== mag);
  if (durable.binding?.mag !== mag || durable.phase.kind !== 'Established') {
    return { ...session, durable: { ...durable, cleanups } };
  }
  const until = context.now + context.config.cgwService.binding.deregistrationDelayMs;
  return { ...session, durable: { ...durable, cleanups, phase: { kind: 'Deregistered', until } } };
}

/** Everything of a live session that is due. The order matters only where two things end it: the first one names the reason. */
export function deadlineOnLive(session: LiveSession, context: SessionContext, emit: Emit): Session | undefined {
  if (session.durable.expiresAt <= context.now && session.durable.subscriber.terminationAction === 'ask') {
    return askAtTimeout(session, context, emit);
  }
  const ended = endReasonDue(session, context);
  if (ended !== undefined) return endSession(session, ended, context, emit);
  const { now } = context;
  let next = checkIdle(session, context);
  const { request } = next.transient;
  if (request !== undefined && request.retryAt <= now) {
    const retried = retryRequest(request, subjectOf(next), context, emit);
    next = { ...next, transient: { ...next.transient, request: retried } };
  } else if (next.durable.s2a.refreshAt <= now) {
    next = refresh(next, context, emit);
  }
  next = withoutExpired(next, now);
  const cleanups = revokeDue(next.durable.cleanups, context, emit);
  return cleanups === next.durable.cleanups ? next : { ...next, durable: { ...next.durable, cleanups } };
}

/** Nobody asks for the Access-Accept any more, nor answers the challenge. */
function withoutExpired(session: LiveSession, now: Instant): LiveSession {
  const { reply, challenge } = session.durable;
  const isKept = (until: Instant | undefined): boolean => until === undefined || until > now;
  if (isKept(reply?.until) && isKept(challenge?.until)) return session;
  const durable = {
    ...session.durable,
    reply: isKept(reply?.until) ? reply : undefined,
    challenge: isKept(challenge?.until) ? challenge : undefined,
  };
  return { ...session, durable };
}

function endReasonDue(session: LiveSession, context: SessionContext): EndReason | undefined {
  const { durable, transient } = session;
  const { now } = context;
  if (durable.expiresAt <= now) return 'session-timeout';
  if (durable.s2a.expiresAt <= now) return 'lma-unreachable';
  if (durable.handoff !== undefined && durable.handoff.until <= now) return 'nas-stop';
  if (durable.phase.kind === 'Admitted' && durable.phase.until <= now) return 'never-attached';
  if (durable.phase.kind === 'Released' && durable.phase.until <= now) return 'ue-release';
  if (durable.phase.kind === 'Deregistered' && durable.phase.until <= now) return 'mag-deregistration';
  if (durable.phase.kind === 'Established') {
    if (durable.binding !== undefined && durable.binding.expiresAt <= now) return 'binding-expired';
    if (durable.lease !== undefined && durable.lease.expiresAt <= now) return 'lease-expired';
  }
  const idle = transient.idleCheckAt <= now && context.packetsOf(durable.id) === transient.idlePackets;
  return idle ? 'idle-timeout' : undefined;
}

function checkIdle(session: LiveSession, context: SessionContext): LiveSession {
  const { durable, transient } = session;
  if (transient.idleCheckAt > context.now) return session;
  const seconds = durable.subscriber.idleTimeoutSeconds;
  const idleCheckAt = seconds === undefined ? never : context.now + seconds * 1000;
  return { ...session, transient: { ...transient, idleCheckAt, idlePackets: context.packetsOf(durable.id) } };
}

/** Sends the revocations that are due: a first time, again after 1 s, and given up after 2 s more (RFC 5846 section 12). */
export function revokeDue(cleanups: readonly Cleanup[], context: SessionContext, emit: Emit): readonly Cleanup[] {
  const { now, config } = context;
  if (!cleanups.some((cleanup) => cleanup.nextAt <= now)) return cleanups;
  const { initialTimeoutMs, maxTimeoutMs, retries } = config.cgwService.revocation;
  const left: Cleanup[] = [];
  for (const cleanup of cleanups) {
    if (cleanup.nextAt > now) {
      left.push(cleanup);
      continue;
    }
    if (cleanup.attempt > retries) {
      emit.count('bri.unanswered');
      emit.decided('revocation-unanswered', () => 'no BRA: the old MAG is left to its own timers');
      continue;
    }
    emit.count(cleanup.attempt === 0 ? 'bri.sent' : 'bri.retransmitted');
    emit.push({
      kind: 'sendBri',
      mag: cleanup.mag,
      magPort: cleanup.magPort,
      message: revocationOf(cleanup.nai, cleanup.sequence, cleanup.trigger),
    });
    const wait = Math.min(initialTimeoutMs * 2 ** cleanup.attempt, maxTimeoutMs);
    left.push({ ...cleanup, attempt: cleanup.attempt + 1, nextAt: now + wait });
  }
  return left;
}

/** A BRA ends the revocation it answers, whatever its status: the MAG has spoken. */
export function withoutAnswered(
  cleanups: readonly Cleanup[],
  mag: IpAddress,
  sequence: number,
  emit: Emit,
): readonly Cleanup[] {
  const left = cleanups.filter((cleanup) => cleanup.mag !== mag || cleanup.sequence !== sequence);
  if (left.length < cleanups.length) {
    emit.decided('access-session-cleaned', () => 'the PMIPv6 session at the old MAG is cleaned up');
  }
  return left;
}
