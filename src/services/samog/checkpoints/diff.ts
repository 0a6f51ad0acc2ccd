import type { SessionUsage } from '../../../forwarding/accelerator.ts';
import { samePath } from '../../../forwarding/entry.ts';
import type { MacAddress } from '../../../kernel/address.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { SessionEvent } from '../session/event.ts';
import {
  type Cleanup,
  type DisconnectingSession,
  type DurableSession,
  type LiveSession,
  type Phase,
  type Session,
  sessionId,
  sessionMac,
} from '../session/state.ts';
import type { EndReason } from '../statistics.ts';
import { type Command, command } from './commands.ts';
import { encodeFull } from './full-checkpoint.ts';
import { encodeAt } from './instant-codec.ts';
import { deletePdn, type FactCommand, factCommand, invalidate } from './micro-checkpoints.ts';
import { idleDeadline, isSaved, type SaveableSession, savedOf } from './saved-session.ts';

/** One checkpoint of one session, ready to be sent; its revision is in the payload. */
export interface Checkpoint {
  readonly cmdId: number;
  readonly name: string;
  readonly callId: number;
  readonly payload: Uint8Array;
}

export interface CheckpointContext {
  /** The chassis's clock. */
  readonly now: Instant;
  /** Of this change; rises with every change of the session (32 bits). */
  readonly revision: number;
  /** Of the session's latest full checkpoint. */
  readonly baseRevision: number;
  /** The gateway's MAC address toward UEs. */
  readonly vmac: MacAddress;
  /** What the data path has counted; undefined for a session it does not know. */
  usageOf(sessionId: number): SessionUsage | undefined;
}

const none: readonly Checkpoint[] = [];

/**
 * What a step has changed of a session's durable state, as the checkpoints that tell a standby: none, mostly; a full one
 * where the session has just come up; otherwise the facts that are new. What is equal by identity is not looked into, so
 * a step that changed nothing costs a few comparisons.
 *
 * @param event what the step was about, as the session manager's observer is told
 */
export function diff(
  before: Session | undefined,
  after: Session | undefined,
  context: CheckpointContext,
  event: SessionEvent | undefined,
): readonly Checkpoint[] {
  if (before === after) return none;
  const was = before !== undefined && isSaved(before) ? before : undefined;
  if (after === undefined || !isSaved(after)) return was === undefined ? none : [ended(was, context, event)];
  if (was?.kind === 'Live') {
    if (after.kind === 'Live') return liveDiff(was, after, context, event);
    if (after.kind === 'Disconnecting') return [deleting(after, context)];
  } else if (was?.kind === 'Disconnecting' && after.kind === 'Disconnecting') {
    return endingDiff(was, after, context);
  } else if (was?.kind === 'Owing' && after.kind === 'Owing') {
    return [carried(factCommand.account, after.id, { account: after.account }, context)];
  }
  return [fullCheckpoint(after, context)];
}

/** All of a session: for a session that has come up, a standby that needs it whole, and the periodic repetition. */
export function fullCheckpoint(session: SaveableSession, context: CheckpointContext): Checkpoint {
  const id = sessionId(session);
  const saved = savedOf(session, context.usageOf(id));
  return made(command.session, id, encodeFull(saved, context.revision, context.now));
}

/** 258: what the UE has used, cumulative. */
export function statisticsCheckpoint(
  session: LiveSession,
  usage: SessionUsage,
  context: CheckpointContext,
): Checkpoint {
  return carried(factCommand.statistics, session.durable.id, { usage }, context);
}

/** 4: the same of a session that carries media, in place of 258 when it is due. */
export function mediaStatisticsCheckpoint(
  session: LiveSession,
  usage: SessionUsage,
  context: CheckpointContext,
): Checkpoint {
  return carried(factCommand.mediaStatistics, session.durable.id, { usage }, context);
}

/** Whether the session's bearer is for voice or video over IMS, or its signalling: QCI 1, 2, 5 of TS 23.203 table 6.1.7. */
export function carriesMedia({ durable }: LiveSession): boolean {
  const qci = durable.bearer?.qci;
  return qci === 1 || qci === 2 || qci === 5;
}

/** 2: when Idle-Timeout will end the session; undefined for a session without. */
export function idleCheckpoint(session: LiveSession, context: CheckpointContext): Checkpoint | undefined {
  const { id } = session.durable;
  const idleAt = idleDeadline(session.durable, context.usageOf(id));
  return idleAt === undefined ? undefined : carried(factCommand.idleSeconds, id, { idleAt }, context);
}

function made({ cmdId, name }: Command, callId: number, payload: Uint8Array): Checkpoint {
  return { cmdId, name, callId, payload };
}

function carried(
  which: FactCommand,
  callId: number,
  facts: Readonly<Record<string, unknown>>,
  context: CheckpointContext,
): Checkpoint {
  return made(which, callId, encodeAt(context.now, which.payload, facts, context));
}

function liveDiff(
  before: LiveSession,
  after: LiveSession,
  context: CheckpointContext,
  event: SessionEvent | undefined,
): readonly Checkpoint[] {
  const left = before.durable;
  const right = after.durable;
  const { request } = after.transient;
  const s2aChanged = left.s2a !== right.s2a || before.transient.request !== request;
  if (left === right && !s2aChanged) return none;
  const isReauthenticated = event?.kind === 'accessAccepted';
  if (identityChanged(left, right, isReauthenticated)) return [fullCheckpoint(after, context)];

  const checkpoints: Checkpoint[] = [];
  const tell = (which: FactCommand, facts: object = right) =>
    checkpoints.push(carried(which, right.id, facts as Readonly<Record<string, unknown>>, context));
  if (!isReauthenticated && left.challenge !== right.challenge) tell(factCommand.multiRound);
  if (moved(left, right)) {
    if (movedByDiscover(left, right, event)) tell(factCommand.eogreTunnel, { ...right, vmac: context.vmac });
    else tell(factCommand.accessSwitch);
  } else {
    const phaseChanged = !samePhase(left.phase, right.phase);
    const deregistration = left.phase.kind === 'Deregistered' || right.phase.kind === 'Deregistered';
    if (left.binding !== right.binding || left.moves !== right.moves || (phaseChanged && deregistration)) {
      tell(factCommand.mipv6Timer);
    }
    if (left.lease !== right.lease || (phaseChanged && !deregistration)) tell(factCommand.lease);
    if (!sameCleanups(left.cleanups, right.cleanups)) tell(factCommand.cleanups);
  }
  if (left.wlc !== right.wlc || left.handoff !== right.handoff) tell(wlcCommandOf(event));
  if (left.account !== right.account) tell(factCommand.account);
  // First what is the whole change, with the memory of the request: what follows may come later, or never.
  if (isReauthenticated) {
    tell(left.handoff === undefined ? factCommand.reauthentication : factCommand.handoffAuthentication);
  }
  if (!isReauthenticated && isReauthorized(left, right)) tell(factCommand.reauthorization);
  tellGrants(left, right, tell, context);
  if (s2aChanged) tell(factCommand.s2aBinding, { s2a: right.s2a, request });
  return checkpoints;
}

/** What a WLC's accounting has changed; or a move, or a WLC that begins anew. */
function wlcCommandOf(event: SessionEvent | undefined): FactCommand {
  const status = event?.kind === 'wlcRecordReceived' ? event.record.status : undefined;
  if (status === 'start') return factCommand.accountingStart;
  return status === 'interim' ? factCommand.accountingInterim : factCommand.handoffInit;
}

/** What AAA lets the session do. Idle-Timeout's end goes with it: it is known only from traffic and the timeout. */
function tellGrants(
  left: DurableSession,
  right: DurableSession,
  tell: (which: FactCommand, facts?: object) => void,
  context: CheckpointContext,
): void {
  if (left.accessLists !== right.accessLists) tell(factCommand.accessLists);
  if (left.ambr !== right.ambr) tell(factCommand.ambr);
  if (left.bearer !== right.bearer) tell(factCommand.bearerQos);
  if (left.subscriber.idleTimeoutSeconds !== right.subscriber.idleTimeoutSeconds) {
    tell(factCommand.idleSeconds, { idleAt: idleDeadline(right, context.usageOf(right.id)) });
  }
}

function isReauthorized(left: DurableSession, right: DurableSession): boolean {
  return (
    left.subscriber !== right.subscriber ||
    left.expiresAt !== right.expiresAt ||
    left.reauthorization !== right.reauthorization
  );
}

/**
 * Whether something changed that no micro-checkpoint of this step carries. An Access-Accept that nobody asks for any more is
 * left to the standby's own clock.
 */
function identityChanged(left: DurableSession, right: DurableSession, isReauthenticated: boolean): boolean {
  const answered = left.radius !== right.radius || (left.reply !== right.reply && right.reply !== undefined);
  return (
    (answered && !isReauthenticated) ||
    left.nai !== right.nai ||
    left.addresses !== right.addresses ||
    left.eogreFlow !== right.eogreFlow ||
    left.createdAt !== right.createdAt
  );
}

/** A refresh writes the path anew as it was: that is no move. */
function moved(left: DurableSession, right: DurableSession): boolean {
  return (
    left.sessionType !== right.sessionType ||
    left.moves.count !== right.moves.count ||
    (left.access !== right.access && (right.access === undefined || !samePath(left.access, right.access)))
  );
}

function movedByDiscover(left: DurableSession, right: DurableSession, event: SessionEvent | undefined): boolean {
  return (
    event?.kind === 'dhcpReceived' &&
    event.dhcp.intent.kind === 'discover' &&
    left.access?.kind === 'eogre' &&
    right.access?.kind === 'eogre'
  );
}

function samePhase(left: Phase, right: Phase): boolean {
  if (left === right) return true;
  if (left.kind === 'Established' || right.kind === 'Established') return left.kind === right.kind;
  return left.kind === right.kind && left.until === right.until;
}

/** Steps that look for a revocation to drop copy the list; its members stay what they are. */
function sameCleanups(left: readonly Cleanup[], right: readonly Cleanup[]): boolean {
  return left === right || (left.length === right.length && left.every((each, index) => each === right[index]));
}

function deleting(session: DisconnectingSession, context: CheckpointContext): Checkpoint {
  const { id, reason, s2a, cleanups, account, nas, request } = session;
  const pdn = request === undefined ? ({ phase: 'deleted' } as const) : ({ phase: 'deleting', ...request } as const);
  return made(
    command.deletePdn,
    id,
    encodeAt(context.now, deletePdn, { reason, s2a, cleanups, account, nas, pdn }, context),
  );
}

function endingDiff(
  before: DisconnectingSession,
  after: DisconnectingSession,
  context: CheckpointContext,
): readonly Checkpoint[] {
  if (before.request !== after.request || before.nas !== after.nas) return [deleting(after, context)];
  const checkpoints: Checkpoint[] = [];
  const { id, account, cleanups } = after;
  if (!sameCleanups(before.cleanups, cleanups))
    checkpoints.push(carried(factCommand.cleanups, id, { cleanups }, context));
  if (before.account !== account) checkpoints.push(carried(factCommand.account, id, { account }, context));
  return checkpoints;
}

function ended(before: SaveableSession, context: CheckpointContext, event: SessionEvent | undefined): Checkpoint {
  if (before.kind === 'Owing') {
    const nothingElse = { mac: before.mac, nai: '', reason: undefined, addresses: [], keys: [] };
    return made(command.invalidate, before.id, encodeAt(context.now, invalidate, nothingElse, context));
  }
  const durable = before.kind === 'Live' ? before.durable : undefined;
  const { nai, s2a } = durable ?? (before as DisconnectingSession);
  const keys = [s2a.downlinkKey];
  if (durable?.access?.kind === 'pmipv6' && durable.access.uplinkKey !== s2a.downlinkKey) {
    keys.push(durable.access.uplinkKey);
  }
  const value = {
    mac: sessionMac(before),
    nai,
    reason: before.kind === 'Live' ? reasonOf(event) : before.reason,
    addresses: durable?.addresses.map(({ address }) => address) ?? [],
    keys,
  };
  return made(command.invalidate, sessionId(before), encodeAt(context.now, invalidate, value, context));
}

/** Why a live session ended in one step, without anybody to tell; undefined where a fault gave it up. */
function reasonOf(event: SessionEvent | undefined): EndReason | undefined {
  switch (event?.kind) {
    case 's2aRevoked':
      return 'lma-revocation';
    case 's2aAcknowledged':
      return 'lma-rejected-refresh';
    case 'deadlineReached':
      return 'lma-unreachable';
    case 'cleared':
      return event.reason;
    default:
      return undefined;
  }
}
