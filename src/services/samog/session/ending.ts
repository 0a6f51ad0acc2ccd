import { revocationTrigger } from '../../../wire/pmipv6/constants.ts';
import type { WlcIdentity } from '../accounting/wlc-record.ts';
import type { RadiusAttachment } from '../attachment.ts';
import { mustTellNas, nasToldMsMax } from '../authorization/disconnect.ts';
import type { EndReason } from '../statistics.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { closedAccount, owingOf } from './live-account.ts';
import { startRequest } from './s2a-request.ts';
import type { DisconnectingSession, DurableSession, LiveSession, Session } from './state.ts';
import { withCleanup } from './switch-path.ts';

/**
 * Reasons by which the LMA holds no binding any more, so that there is nothing to deregister. One that refused a refresh may
 * hold the binding it had, and one that gave another address holds a new one.
 */
const lmaHasNone: ReadonlySet<EndReason> = new Set(['lma-revocation', 'lma-unreachable']);
/** Reasons by which the MAG holds no binding any more. */
const magHasNone: ReadonlySet<EndReason> = new Set(['mag-deregistration', 'binding-expired']);

/** Ends a session: its UE is served no more; the LMA is told, and the MAG or the NAS if the UE is attached by one. */
export function endSession(
  session: LiveSession,
  reason: EndReason,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const { durable } = session;
  emit.count('session.released');
  emit.count(`session.ended.${reason}`);
  emit.decided('session-ended', () => `session ended: ${reason}`);
  const { binding } = durable;
  let { cleanups } = durable;
  if (
    binding !== undefined &&
    durable.phase.kind === 'Established' &&
    !magHasNone.has(reason) &&
    context.config.cgwService.revocation.enable
  ) {
    cleanups = withCleanup(cleanups, {
      mag: binding.mag,
      magPort: binding.magPort,
      nai: binding.nai,
      trigger: revocationTrigger.administrativeReason,
      sequence: context.random.u32() & 0xffff,
      attempt: 0,
      nextAt: context.now,
    });
  }
  const attachment = mustTellNas(reason) ? nasOf(durable) : undefined;
  if (attachment !== undefined) emit.push({ kind: 'disconnectNas', attachment });
  // The answer to a refresh that is still under way must not pass for this one's.
  const sequence = ((session.transient.request?.sequence ?? durable.s2a.sequence) + 1) & 0xffff;
  const request = lmaHasNone.has(reason)
    ? undefined
    : startRequest('deregistration', sequence, subjectOf(session), context, emit);
  return settle(
    {
      kind: 'Disconnecting',
      id: durable.id,
      bornSecond: durable.bornSecond,
      mac: durable.mac,
      nai: durable.nai,
      reason,
      s2a: durable.s2a,
      request,
      cleanups,
      nas: attachment && { attachment, until: context.now + nasToldMsMax },
      isTellingNas: attachment !== undefined,
      queued: undefined,
      account: closedAccount(durable, reason, context, emit),
    },
    emit,
  );
}

/**
 * Forgets the session once everybody has been told, but for what it owes to AAA; a trigger that waited starts a new one.
 */
export function settle(session: DisconnectingSession, emit: Emit): Session | undefined {
  if (session.request !== undefined || session.cleanups.length > 0) return session;
  // A UE that comes again does not wait for a NAS: only what would be told anew on another chassis is lost by it.
  if (session.nas !== undefined && session.queued === undefined) return session;
  if (session.queued !== undefined) emit.push({ kind: 'restart', trigger: session.queued.trigger });
  return owingOf(session);
}

/** Whom an event about a live session is about, by every name that somebody may look for. */
export function subjectOf(session: LiveSession) {
  const { durable } = session;
  return {
    id: durable.id,
    mac: durable.mac,
    nai: durable.nai,
    apn: durable.subscriber.apn,
    lma: durable.s2a.peer,
    address: durable.addresses[0]?.address,
  };
}

/** The WLC or access point that has the UE by RADIUS, as it calls the session; undefined if none has. */
function nasOf({ radius, access, wlc }: DurableSession): RadiusAttachment | undefined {
  if (access?.kind === 'ip') {
    return wlc && { ...noAttachment, nas: wlc.nas, ...pick(wlc.identity) };
  }
  // Of a UE that has gone on to another kind of access its NAS knows nothing any more.
  const isThere = access === undefined || (radius?.accessType === 'pmip') === (access.kind === 'pmipv6');
  return isThere ? radius : undefined;
}

const noAttachment = {
  nasIdentifier: undefined,
  callingStationId: '',
  calledStationId: undefined,
  eapType: undefined,
  accessType: 'ip',
} as const;

function pick({ acctSessionId, userName }: WlcIdentity): Pick<RadiusAttachment, 'acctSessionId' | 'userName'> {
  return { acctSessionId, userName };
}
