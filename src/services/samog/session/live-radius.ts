import type { IpAddress } from '../../../kernel/address.ts';
import { never } from '../../../kernel/instant.ts';
import type { OutstandingChallenge } from '../attachment.ts';
import { unknownAccessList } from '../grants.ts';
import { naiOfMac } from '../nai.ts';
import type { EndReason } from '../statistics.ts';
import type { Subscriber, SubscriberProfile } from '../subscriber.ts';
import type { AccessAccepted } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { endSession } from './ending.ts';
import { movesAnchor } from './live-authorization.ts';
import type { LiveSession, Session } from './state.ts';

/** AAA has asked the UE for more: the standby knows of it before the WLC does, so that the answer finds its way. */
export function challengedOnLive(
  session: LiveSession,
  id: number,
  challenge: OutstandingChallenge,
  emit: Emit,
): LiveSession {
  emit.push({ kind: 'answerAccess', commit: 'after-checkpoint', id, granted: true });
  return { ...session, durable: { ...session.durable, challenge } };
}

/** The question has been answered, or nobody waits for the answer any more. */
export function challengeOver(session: LiveSession): LiveSession {
  if (session.durable.challenge === undefined) return session;
  return { ...session, durable: { ...session.durable, challenge: undefined } };
}

/**
 * A UE whose session is up has been authenticated again: phase and path stay as they are, its times begin anew. Another
 * subscriber, APN or LMA is another session: this one ends, and the same Access-Accept sets the next one up.
 */
export function reauthenticated(
  session: LiveSession,
  accepted: AccessAccepted,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const { profile, attachment, reply, id } = accepted;
  const changed = changeBy(session, profile, context);
  if (changed !== undefined) {
    const trigger = { kind: 'radius', accepted } as const;
    const ended = endSession(session, changed, context, emit);
    if (ended?.kind === 'Disconnecting') return { ...ended, queued: { trigger, handoff: undefined } };
    emit.push({ kind: 'restart', trigger });
    return ended;
  }
  if (unknownAccessList(profile.grants.accessLists, context.accessLists) !== undefined) {
    // What cannot be enforced is not granted; what was granted before stands.
    emit.push({ kind: 'answerAccess', commit: 'immediate', id, granted: false });
    return session;
  }
  const { now } = context;
  const { grants, ...subscriber } = profile;
  const { sessionTimeoutSeconds, idleTimeoutSeconds } = profile;
  emit.count('session.reauthenticated');
  emit.decided('session-reauthenticated', () => 'authenticated again: the profile and its times are new');
  emit.push({ kind: 'answerAccess', commit: 'after-checkpoint', id, granted: true });
  return {
    ...session,
    durable: {
      ...session.durable,
      ...grants,
      subscriber,
      expiresAt: sessionTimeoutSeconds === undefined ? never : now + sessionTimeoutSeconds * 1000,
      eogreFlow: session.durable.eogreFlow || attachment.accessType === 'eogre',
      radius: attachment,
      reply,
      challenge: undefined,
      // From its Accept on the UE is there, and no other WLC speaks for it.
      wlc: session.durable.wlc?.nas === attachment.nas ? session.durable.wlc : undefined,
    },
    transient: {
      ...session.transient,
      idleCheckAt: idleTimeoutSeconds === undefined ? never : now + idleTimeoutSeconds * 1000,
      idlePackets: context.packetsOf(session.durable.id),
    },
  };
}

/** Why a profile needs a session of its own; undefined if it fits the one that is up. */
function changeBy(
  { durable }: LiveSession,
  profile: SubscriberProfile,
  { config }: SessionContext,
): EndReason | undefined {
  const { subscriber } = durable;
  const cui = (of: Subscriber): string | undefined => of.chargeableUserIdentity?.join();
  if (
    (profile.nai ?? naiOfMac(durable.mac, config.mrmeService.userName)) !== durable.nai ||
    differ(profile.imsi, subscriber.imsi) ||
    differ(cui(profile), cui(subscriber))
  ) {
    return 'subscriber-changed';
  }
  return movesAnchor(durable, profile) ? 'reauthorised' : undefined;
}

/** What AAA leaves out it leaves as it is. */
function differ<T>(left: T | undefined, right: T | undefined): boolean {
  return left !== undefined && right !== undefined && left !== right;
}

/**
 * A UE has failed to authenticate. By the NAS where it is, its session ends; of another nothing follows: a wrong password
 * elsewhere is not the UE's own.
 */
export function rejectedOnLive(
  session: LiveSession,
  nas: IpAddress,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  if (session.durable.radius?.nas !== nas) return session;
  return endSession(session, 'reauthentication-failed', context, emit);
}
