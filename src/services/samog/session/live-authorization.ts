import { never } from '../../../kernel/instant.ts';
import type { AnsweredRequest } from '../answered-request.ts';
import type { AuthorizationChange } from '../authorization/change.ts';
import { type AccessListNames, unknownAccessList } from '../grants.ts';
import type { AuthenticationOutcome, SubscriberProfile } from '../subscriber.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { endSession } from './ending.ts';
import type { DurableSession, LiveSession, Session } from './state.ts';

/** How long after a question that no AAA server answered it is put again, when Session-Timeout has ended. */
const askAgainMs = 60_000;

/** A CoA-Request that was found possible: carried out as a whole, in force with the next packet. */
export function changeOnLive(
  session: LiveSession,
  change: AuthorizationChange,
  answered: AnsweredRequest,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const { durable } = session;
  emit.decided('authorization-changed', () => `authorization changed by AAA: ${describeChange(change)}`);
  return withIdleTimeout(
    session,
    {
      ...durable,
      subscriber: { ...durable.subscriber, ...change.subscriber },
      accessLists: withLists(durable.accessLists, change.accessLists),
      ambr: change.ambr ?? durable.ambr,
      bearer: change.bearer ?? durable.bearer,
      expiresAt: expiryOf(change.subscriber, durable, context),
      reauthorization: { revision: (durable.reauthorization?.revision ?? 0) + 1, answered },
    },
    context,
  );
}

/** Asks AAA what the subscriber may do now: AAA wants to be asked (RFC 5176 section 3.2), or Session-Timeout has ended. */
export function reauthorize(
  session: LiveSession,
  question: { readonly state: Uint8Array | undefined; readonly authorizeOnly: boolean },
  emit: Emit,
): LiveSession {
  emit.push({ kind: 'reauthorize', ...question });
  return { ...session, transient: { ...session.transient, isReauthorizing: true } };
}

/**
 * Session-Timeout has ended, and Termination-Action wants AAA asked (RFC 2865 section 5.29). Until it answers the session
 * stays: a silent server ends none. It is asked about each minute. A UE that a WLC authenticates has so long as an attach
 * takes to be authenticated again: the gateway cannot do it.
 */
export function askAtTimeout(session: LiveSession, context: SessionContext, emit: Emit): LiveSession {
  const { durable, transient } = session;
  if (durable.radius !== undefined) {
    const subscriber = { ...durable.subscriber, terminationAction: 'end' as const };
    const expiresAt = context.now + context.config.samogService.setupTimeoutMs;
    return { ...session, durable: { ...durable, subscriber, expiresAt } };
  }
  const next = { ...session, durable: { ...durable, expiresAt: context.now + askAgainMs } };
  if (transient.isReauthorizing) return next;
  return reauthorize(next, { state: durable.subscriber.state, authorizeOnly: false }, emit);
}

/** AAA's answer to `reauthorize`; of a session that has asked nothing it says nothing new. */
export function reauthorizationEnded(
  session: LiveSession,
  outcome: AuthenticationOutcome,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  if (!session.transient.isReauthorizing) return session;
  const answered = { ...session, transient: { ...session.transient, isReauthorizing: false } };
  switch (outcome.kind) {
    case 'timeout':
      return answered;
    case 'rejected':
      return endSession(answered, 'reauthentication-failed', context, emit);
    case 'accepted':
      return acceptedOnLive(answered, outcome.profile, context, emit);
  }
}

/** What AAA says now, in place of all it has said; the session keeps its anchor and its address as long as it lives. */
function acceptedOnLive(
  session: LiveSession,
  profile: SubscriberProfile,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const { durable } = session;
  const { grants, ...subscriber } = profile;
  // What cannot be enforced is not granted.
  if (unknownAccessList(grants.accessLists, context.accessLists) !== undefined) {
    return endSession(session, 'reauthentication-failed', context, emit);
  }
  if (movesAnchor(durable, profile)) return endSession(session, 'reauthorised', context, emit);
  emit.decided('authorization-changed', () => 'authorization changed: AAA was asked again');
  return withIdleTimeout(
    session,
    {
      ...durable,
      subscriber,
      ...grants,
      expiresAt: expiryOf({ sessionTimeoutSeconds: subscriber.sessionTimeoutSeconds }, durable, context),
      reauthorization: { revision: (durable.reauthorization?.revision ?? 0) + 1, answered: undefined },
    },
    context,
  );
}

/** Another APN or LMA is another session: the UE's next message sets it up. */
export function movesAnchor({ subscriber, s2a }: DurableSession, { apn, lma }: SubscriberProfile): boolean {
  return (apn !== undefined && apn !== subscriber.apn) || (lma !== undefined && lma !== (subscriber.lma ?? s2a.peer));
}

function withLists(
  before: AccessListNames | undefined,
  change: AuthorizationChange['accessLists'],
): AccessListNames | undefined {
  if (change.uplink === undefined && change.downlink === undefined) return before;
  return { uplink: change.uplink ?? before?.uplink, downlink: change.downlink ?? before?.downlink };
}

function expiryOf(
  subscriber: AuthorizationChange['subscriber'],
  { expiresAt }: DurableSession,
  context: SessionContext,
): DurableSession['expiresAt'] {
  if (!('sessionTimeoutSeconds' in subscriber)) return expiresAt;
  const seconds = subscriber.sessionTimeoutSeconds;
  return seconds === undefined ? never : context.now + seconds * 1000;
}

/** A new Idle-Timeout counts from now: what the UE has sent before is not looked at. */
function withIdleTimeout(session: LiveSession, durable: DurableSession, context: SessionContext): LiveSession {
  const seconds = durable.subscriber.idleTimeoutSeconds;
  if (seconds === session.durable.subscriber.idleTimeoutSeconds) return { ...session, durable };
  const idleCheckAt = seconds === undefined ? never : context.now + seconds * 1000;
  const transient = { ...session.transient, idleCheckAt, idlePackets: context.packetsOf(durable.id) };
  return { ...session, durable, transient };
}

function describeChange({ subscriber, accessLists, ambr, bearer }: AuthorizationChange): string {
  const parts = [
    ...Object.keys(subscriber),
    ...Object.keys(accessLists).map((direction) => `${direction} access list`),
  ];
  if (ambr !== undefined) parts.push('APN-AMBR');
  if (bearer !== undefined) parts.push('bearer QoS');
  return parts.join(', ');
}
