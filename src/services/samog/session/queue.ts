import { samePath } from '../../../forwarding/entry.ts';
import { bindingStatus } from '../../../wire/pmipv6/constants.ts';
import { handoffKindOf, type MoveTrigger } from '../handover/decision.ts';
import type { AccessBindingUpdate, AccessDhcp, AccessTrigger, AccountingStart, Trigger } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import type { SessionEvent } from './event.ts';
import { sendRejection } from './reply.ts';
import type { QueuedTrigger } from './state.ts';
import { denyHandoff } from './switch-path.ts';

/** Whether a trigger can start a session: a deregistration, RELEASE, DECLINE or INFORM has nothing to start. */
export function startsSession(trigger: Trigger): boolean {
  if (trigger.kind === 'radius' || trigger.kind === 'accounting') return true;
  if (trigger.kind === 'pbu') return trigger.update.lifetimeSeconds > 0;
  const { kind } = trigger.dhcp.intent;
  return kind === 'discover' || kind === 'selecting' || kind === 'init-reboot' || kind === 'extending';
}

/** What a trigger is for a session that there is. */
export function eventOf(trigger: Trigger): SessionEvent {
  switch (trigger.kind) {
    case 'pbu':
      return { kind: 'pbuReceived', update: trigger.update };
    case 'dhcp':
      return { kind: 'dhcpReceived', dhcp: trigger.dhcp };
    case 'accounting':
      return { kind: 'accountingStarted', start: trigger.start };
    case 'radius':
      return { kind: 'accessAccepted', accepted: trigger.accepted };
  }
}

/** Whether two triggers come from the same place: a repetition or a restart of the client, not a move. */
export function sameOrigin(left: Trigger, right: Trigger): boolean {
  switch (left.kind) {
    case 'pbu':
      return right.kind === 'pbu' && left.update.mag === right.update.mag;
    case 'dhcp':
      return right.kind === 'dhcp' && samePath(left.dhcp.path, right.dhcp.path);
    case 'accounting':
      return right.kind === 'accounting' && left.start.nas === right.start.nas;
    case 'radius':
      return right.kind === 'radius' && left.accepted.attachment.nas === right.accepted.attachment.nas;
  }
}

/** Whether the client has sent the same message again: a PBU by its sequence number, a DHCP message by its kind and transaction. */
export function isRetransmission(left: Trigger, right: Trigger): boolean {
  switch (left.kind) {
    case 'pbu':
      return right.kind === 'pbu' && left.update.sequence === right.update.sequence;
    case 'dhcp':
      return (
        right.kind === 'dhcp' &&
        left.dhcp.message.transactionId === right.dhcp.message.transactionId &&
        left.dhcp.intent.kind === right.dhcp.intent.kind
      );
    // Repetitions of an Access-Request do not come so far.
    case 'radius':
    case 'accounting':
      return false;
  }
}

/** Counts a repeated PBU or DHCP message; a Start of a WLC is counted elsewhere. */
export function countRetransmission(trigger: AccessTrigger, emit: Emit): void {
  if (trigger.kind === 'accounting') return;
  emit.count(trigger.kind === 'pbu' ? 'pbu.retransmitted' : 'dhcp.retransmitted');
}

/** Which move a trigger asks for; undefined for what is no handover. */
export function moveTriggerOf(trigger: Trigger): MoveTrigger | undefined {
  if (trigger.kind === 'radius' || trigger.kind === 'accounting') return undefined;
  if (trigger.kind === 'pbu') return 'pbu';
  return trigger.dhcp.intent.kind === 'discover' ? 'dhcp-discover' : 'dhcp-request';
}

/** An Accounting-Request Start of a WLC or access point, as a trigger. */
export function accountingTrigger(start: AccountingStart): AccessTrigger {
  return { kind: 'accounting', start };
}

/** A PBU of a WLC, as a trigger. */
export function pbuTrigger(update: AccessBindingUpdate): AccessTrigger {
  return { kind: 'pbu', update };
}

/** A DHCP message from an EoGRE tunnel, as a trigger. */
export function dhcpTrigger(dhcp: AccessDhcp): AccessTrigger {
  return { kind: 'dhcp', dhcp };
}

/**
 * Puts a trigger that came another way behind what the session is doing. There is one place: the latest word of the
 * UE counts, and one that gives way is denied.
 * @param from what the session will be when it is up; undefined if the trigger will start a session of its own
 */
export function enqueue(
  queued: QueuedTrigger | undefined,
  trigger: Trigger,
  from: 'pmipv6' | 'eogre' | undefined,
  context: SessionContext,
  emit: Emit,
): QueuedTrigger {
  const move = moveTriggerOf(trigger);
  const handoff = from === undefined || move === undefined ? undefined : handoffKindOf(from, move);
  // A DISCOVER and a REQUEST of one client may be counted as different moves: then one gives way to the other.
  if (queued !== undefined && queued.handoff === handoff && sameOrigin(queued.trigger, trigger)) {
    if (trigger.kind !== 'radius') countRetransmission(trigger, emit);
    return { trigger, handoff };
  }
  denyQueued(queued, 'superseded', bindingStatus.reasonUnspecified, context, emit);
  if (handoff === undefined) return { trigger, handoff };
  emit.count(`handoff.${handoff}.received`);
  if (trigger.kind === 'pbu') emit.count('pbu.handoff.received');
  return { trigger, handoff };
}

/** Denies a trigger that will not be served here. A MAG is told, or it would ask again; a DHCP client asks again anyway. */
export function denyQueued(
  queued: QueuedTrigger | undefined,
  why: 'superseded' | 'session-ended',
  status: number,
  context: SessionContext,
  emit: Emit,
): void {
  if (queued?.trigger.kind === 'radius') {
    emit.push({ kind: 'answerAccess', commit: 'immediate', id: queued.trigger.accepted.id, granted: false });
  }
  if (queued?.trigger.kind === 'accounting') emit.push({ kind: 'forgetRecord', request: queued.trigger.start.request });
  if (queued?.handoff === undefined) return;
  denyHandoff(queued.handoff, why, emit);
  if (queued.trigger.kind === 'pbu') sendRejection(queued.trigger.update, status, 'handoff', context, emit);
}
