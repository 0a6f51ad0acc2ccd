import { samePath } from '../../../forwarding/entry.ts';
import { formatIp, type IpAddress } from '../../../kernel/address.ts';
import { acctTerminateCause } from '../../../wire/radius/constants.ts';
import { mostCounted } from '../accounting/account.ts';
import { sameIdentity, type WlcSessionRecord } from '../accounting/wlc-record.ts';
import type { AnsweredRequest } from '../answered-request.ts';
import type { AccessTrigger, AccountingStart } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { endSession } from './ending.ts';
import type { DurableSession, LiveSession, Session } from './state.ts';

/**
 * A record of a WLC's accounting. It is answered when the standby has what it changes; one that changes nothing, because it
 * comes again or from where the UE is not, at once.
 */
export function wlcRecordOnLive(
  session: LiveSession,
  nas: IpAddress,
  record: WlcSessionRecord,
  request: AnsweredRequest,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const { durable } = session;
  const changed = afterRecord(durable, nas, record, request, context, emit);
  emit.push({ kind: 'answerRecord', commit: changed === durable ? 'immediate' : 'after-checkpoint', request });
  return changed === durable ? session : { ...session, durable: changed };
}

function afterRecord(
  durable: DurableSession,
  nas: IpAddress,
  record: WlcSessionRecord,
  answered: AnsweredRequest,
  context: SessionContext,
  emit: Emit,
): DurableSession {
  const { wlc } = durable;
  const isSame = wlc?.nas === nas && wlc.identity.acctSessionId === record.identity.acctSessionId;
  if (record.status === 'start') {
    if (isSame && durable.handoff === undefined && sameIdentity(wlc.identity, record.identity)) {
      // The same START with another Identifier and Acct-Delay-Time (RFC 2866 section 5.2).
      emit.count('access-radius.start.retransmitted');
      return durable;
    }
    emit.count('access-radius.start.received');
    if (durable.handoff !== undefined)
      emit.decided('handoff-completed', () => 'another START in time: the session goes on');
    return { ...durable, handoff: undefined, wlc: accountOf(isSame ? wlc : undefined, nas, record, answered) };
  }
  emit.count(`access-radius.${record.status}.received`);
  const isHere = wlc === undefined ? durable.radius?.nas === nas : isSame;
  if (!isHere || durable.handoff !== undefined) {
    emit.decided('late-record', () => `${record.status} of a WLC where the UE is not: answered only`);
    return durable;
  }
  const said = accountOf(wlc, nas, record, answered);
  if (record.status === 'interim') return { ...durable, wlc: said };
  emit.decided('handoff-waiting', () => 'stopped by its WLC: it waits for another START');
  return { ...durable, wlc: said, handoff: handoffFrom(record.cause ?? acctTerminateCause.nasRequest, context) };
}

function accountOf(
  before: DurableSession['wlc'],
  nas: IpAddress,
  { identity, multiSessionId, counted, sessionSeconds }: WlcSessionRecord,
  answered: AnsweredRequest,
): DurableSession['wlc'] {
  return {
    nas,
    identity,
    multiSessionId: multiSessionId ?? before?.multiSessionId,
    // Records may overtake each other: what was said stands.
    counted: before === undefined ? counted : mostCounted(before.counted, counted),
    sessionSeconds: Math.max(before?.sessionSeconds ?? 0, sessionSeconds),
    answered,
  };
}

/** The account of the access point whose START has begun the session. */
export function startedBy({ nas, record, request }: AccountingStart): DurableSession['wlc'] {
  return accountOf(undefined, nas, record, request);
}

/**
 * A START for a session of such an access point: its UE is there now, be it that it was stopped or not. One with another
 * access is over where it was: the UE has an address of the access point's.
 */
export function startOnLive(
  session: LiveSession,
  start: AccountingStart,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const { durable } = session;
  if (durable.access?.kind !== 'ip') return elsewhere(session, { kind: 'accounting', start }, context, emit);
  const path = { kind: 'ip', peer: start.nas, address: start.address } as const;
  const after = wlcRecordOnLive(session, start.nas, start.record, start.request, context, emit);
  if (samePath(durable.access, path)) return after;
  emit.decided('ip-path-switched', () => `data path switched to IP ${formatIp(start.nas)}`, path);
  const moves = {
    ...durable.moves,
    previous: durable.access,
    previousUntil: context.now + context.config.samogService.handover.guardTimeMs,
    count: durable.moves.count + 1,
  };
  return { ...after, durable: { ...after.durable, access: path, moves } };
}

/** A UE that comes another way than its session: that one ends, and what it came by begins its next one. */
export function elsewhere(
  session: LiveSession,
  trigger: AccessTrigger,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const ended = endSession(session, 'mag-deregistration', context, emit);
  if (ended?.kind === 'Disconnecting') return { ...ended, queued: { trigger, handoff: undefined } };
  emit.push({ kind: 'restart', trigger });
  return ended;
}

/** The WLC where the UE is has begun anew, or ends: as if it had stopped the session (RFC 2866 section 5.10, NAS Reboot). */
export function nasRestarted(session: LiveSession, nas: IpAddress, context: SessionContext): LiveSession {
  const { durable } = session;
  if (nasOf(session) !== nas || durable.handoff !== undefined) return session;
  return { ...session, durable: { ...durable, handoff: handoffFrom(acctTerminateCause.nasReboot, context) } };
}

/** The WLC where the UE is, as far as RADIUS tells. */
export function nasOf(session: Session): IpAddress | undefined {
  return session.kind === 'Live' ? (session.durable.wlc?.nas ?? session.durable.radius?.nas) : undefined;
}

/**
 * A UE that has moved lives, whatever the WLC said that it has left; and that WLC speaks for it no more, unless the UE has
 * come to it.
 */
export function afterMove(before: Session, after: Session | undefined): Session | undefined {
  if (before.kind !== 'Live' || after?.kind !== 'Live') return after;
  const { durable } = after;
  if (before.durable.moves.count === durable.moves.count) return after;
  const wlc = durable.wlc?.nas === durable.access?.peer ? durable.wlc : undefined;
  if (wlc === durable.wlc && durable.handoff === undefined) return after;
  return { ...after, durable: { ...durable, wlc, handoff: undefined } };
}

function handoffFrom(cause: number, { now, config }: SessionContext): NonNullable<DurableSession['handoff']> {
  return { until: now + config.mrmeService.relay.disconnectDelayMs, cause };
}
