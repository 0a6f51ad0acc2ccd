import type { AccessBindingUpdate, AccessDhcp } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { answerFirstDhcp } from './first-dhcp.ts';
import { grantBinding, pathOf, pbuOnLive, refusalOf } from './live-pbu.ts';
import { startsSession } from './queue.ts';
import { sendRejection } from './reply.ts';
import type { DurableSession, LiveSession } from './state.ts';

/** The first PBU of a UE that has been admitted: its access, and no handover. */
export function pbuOnAdmitted(
  session: LiveSession,
  update: AccessBindingUpdate,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  if (update.lifetimeSeconds === 0) return pbuOnLive(session, update, context, emit);
  const { durable } = session;
  emit.count('pbu.initial.received');
  const refusal = refusalOf(durable, update, false, context);
  if (refusal !== undefined) {
    sendRejection(update, refusal.status, 'initial', context, emit);
    return session;
  }
  emit.count('pbu.initial.accepted');
  const attached: DurableSession = { ...durable, ...established('pmipv6'), access: pathOf(durable, update) };
  return { ...session, durable: grantBinding(attached, update, context, emit) };
}

/** The first DHCP message of a UE that has been admitted, where EoGRE serves it at all. */
export function dhcpOnAdmitted(
  session: LiveSession,
  dhcp: AccessDhcp,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const { durable } = session;
  if (!durable.eogreFlow || !startsSession({ kind: 'dhcp', dhcp })) {
    emit.count('dhcp.discarded.not-for-us');
    return session;
  }
  const attached: DurableSession = { ...durable, ...established('dhcp'), access: dhcp.path };
  return { ...session, durable: { ...attached, lease: answerFirstDhcp(dhcp, attached, context, emit) } };
}

function established(sessionType: DurableSession['sessionType']): Pick<DurableSession, 'sessionType' | 'phase'> {
  return { sessionType, phase: { kind: 'Established' } };
}
