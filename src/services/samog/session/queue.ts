import { samePath } from '../../../forwarding/entry.ts';
import { handoffKindOf, type MoveTrigger } from '../handover/decision.ts';
import type { HandoffKind } from '../statistics.ts';
import type { AccessBindingUpdate, AccessDhcp, Trigger } from '../trigger.ts';
import type { Emit } from './effect.ts';
import type { QueuedTrigger } from './state.ts';
import { denyHandoff } from './switch-path.ts';

/** Whether two triggers come from the same place: a repetition or a restart of the client, not a move. */
export function sameOrigin(left: Trigger, right: Trigger): boolean {
  if (left.kind === 'pbu') return right.kind === 'pbu' && left.update.mag === right.update.mag;
  return right.kind === 'dhcp' && samePath(left.dhcp.path, right.dhcp.path);
}

export function isRetransmission(left: Trigger, right: Trigger): boolean {
  if (left.kind === 'pbu') return right.kind === 'pbu' && left.update.sequence === right.update.sequence;
  return (
    right.kind === 'dhcp' &&
    left.dhcp.message.transactionId === right.dhcp.message.transactionId &&
    left.dhcp.intent.kind === right.dhcp.intent.kind
  );
}

export function countRetransmission(trigger: Trigger, emit: Emit): void {
  emit.count(trigger.kind === 'pbu' ? 'pbu.retransmitted' : 'dhcp.retransmitted');
}

export function moveTriggerOf(trigger: Trigger): MoveTrigger {
  if (trigger.kind === 'pbu') return 'pbu';
  return trigger.dhcp.intent.kind === 'discover' ? 'dhcp-discover' : 'dhcp-request';
}

export function pbuTrigger(update: AccessBindingUpdate): Trigger {
  return { kind: 'pbu', update };
}

export function dhcpTrigger(dhcp: AccessDhcp): Trigger {
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
  emit: Emit,
): QueuedTrigger {
  if (queued !== undefined && sameOrigin(queued.trigger, trigger)) {
    if (isRetransmission(queued.trigger, trigger)) countRetransmission(trigger, emit);
    return { trigger, handoff: queued.handoff };
  }
  if (queued !== undefined) tidyQueue(queued, 'superseded', emit);
  const handoff: HandoffKind | undefined = from === undefined ? undefined : handoffKindOf(from, moveTriggerOf(trigger));
  if (handoff !== undefined) emit.count(`handoff.${handoff}.received`);
  return { trigger, handoff };
}

/** Disposes of a trigger that will not be served here: denied, or handed on to start a session of its own. */
export function tidyQueue(
  queued: QueuedTrigger | undefined,
  how: 'superseded' | 'session-ended' | 'restart',
  emit: Emit,
): void {
  if (queued === undefined) return;
  if (how === 'restart') emit.push({ kind: 'restart', trigger: queued.trigger });
  else if (queued.handoff !== undefined) denyHandoff(queued.handoff, how, emit);
}
