import type { SwitchoverReason } from '../../wire/srp/names.ts';
import { nextTerm } from './arbitration.ts';
import type { ChassisContext } from './context.ts';
import type { Emit } from './effect.ts';
import { holdsTheRole } from './hello.ts';
import { compareLineages, heardLineage, type Lineage, newLineage } from './lineage.ts';
import { routeModifierOnLeaving, routeModifierOnTaking } from './route-modifier.ts';
import { sayHello, setAlarm } from './say.ts';
import {
  type Chassis,
  type ChassisState,
  type HandingOverState,
  historyMax,
  type PromotionStage,
  promotionStages,
  type StandbyState,
  type TransitionReason,
} from './state.ts';

/** Puts the chassis into a state, writes it down, and tells the peer. */
function enter(chassis: Chassis, state: ChassisState, context: ChassisContext, emit: Emit): Chassis {
  const change = {
    from: chassis.state.kind,
    to: state.kind,
    reason: state.reason,
    term: chassis.term.highest,
  };
  emit.report({ name: 'transition', ...change });
  const history = [...chassis.history.slice(1 - historyMax), { ...change, wallClock: context.wallClock }];
  return sayHello({ ...setAlarm(chassis, 'older-store', false, '', emit), state, history }, context, emit);
}

/** Takes a term above every one heard, and stores it before anything else is sent. */
export function raiseTerm(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  const { highest } = chassis.term;
  const term = nextTerm(highest, context.options.mode);
  emit.push({ kind: 'storeTerm', term });
  emit.count('term.raised');
  emit.report({ name: 'term-raised', term, over: highest });
  return { ...chassis, term: { own: term, highest: term } };
}

/** Remembers a term of the peer's that is above all heard before. */
export function hearTerm(chassis: Chassis, term: number, emit: Emit): Chassis {
  if (term <= chassis.term.highest) return chassis;
  emit.push({ kind: 'storeTerm', term });
  emit.count('term.heard');
  return { ...chassis, term: { ...chassis.term, highest: term } };
}

/** As a READY standby: the records are of the lineage that the peer serves. */
export function adoptLineage(chassis: Chassis, emit: Emit): Chassis {
  const { hello, heardAt } = chassis.peer;
  if (hello?.lineage === undefined || heardAt === undefined || !holdsTheRole(hello)) return chassis;
  const lineage = heardLineage(hello.lineage, heardAt, chassis.lineage);
  if (lineage.id !== chassis.lineage?.id) emit.count('lineage.adopted');
  return { ...chassis, lineage, remnant: undefined };
}

/** Holds its lineage no longer; its records are of it still. */
export function letGo(chassis: Chassis): Chassis {
  return { ...chassis, lineage: undefined, remnant: chassis.lineage ?? chassis.remnant };
}

/**
 * As a chassis that does not serve: takes the role from a peer that has begun anew, unheard, and has not the sessions of
 * which there are records here. Undefined if the peer has not.
 */
export function takeFromNewcomer(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis | undefined {
  const { hello } = chassis.peer;
  const lineage = chassis.lineage ?? chassis.remnant;
  if (hello === undefined || !holdsTheRole(hello)) return undefined;
  if (compareLineages(lineage, hello.lineage, context.now) !== 'older') return undefined;
  return takeRole({ ...chassis, lineage }, 'other-lineage', context, emit);
}

/**
 * The lineage with which the role is taken: that of the records if they are whole, the peer's if it has given the role
 * away, and otherwise a new one. Part of the records is not the line: should the peer live behind a cut link, it has
 * them all, and is not to yield to less.
 */
function lineageOnTaking(chassis: Chassis, context: ChassisContext, emit: Emit): Lineage {
  if (chassis.lineage !== undefined) return chassis.lineage;
  const { state, peer } = chassis;
  const gaveAway =
    peer.hello?.handingOver !== undefined || (state.kind === 'STANDBY' && state.takingOver !== undefined);
  if (gaveAway && peer.hello?.lineage !== undefined && peer.heardAt !== undefined) {
    return heardLineage(peer.hello.lineage, peer.heardAt, undefined);
  }
  const begun = newLineage(context);
  emit.count('lineage.begun');
  emit.report({ name: 'lineage-begun', lineage: begun.id });
  return begun;
}

type TakingReason =
  | 'arbitration-won'
  | 'no-peer'
  | 'dead-interval'
  | 'peer-restarted'
  | 'other-lineage'
  | SwitchoverReason;

/** PENDING_ACTIVE: takes the role. The first stage is the fence: the term is stored, and the peer told. */
export function takeRole(chassis: Chassis, reason: TakingReason, context: ChassisContext, emit: Emit): Chassis {
  const { now, options } = context;
  const gaveAway = chassis.peer.hello?.handingOver !== undefined;
  const raised = setAlarm(raiseTerm(chassis, context, emit), 'promotion-failed', false, '', emit);
  emit.count('promotion.started');
  emit.count(`switchover.${reason}`);
  const taken: Chassis = {
    ...raised,
    lineage: lineageOnTaking(chassis, context, emit),
    remnant: undefined,
    routeModifier: routeModifierOnTaking(
      chassis.routeModifier,
      chassis.peer.hello?.routeModifier,
      gaveAway,
      options.routeModifierThreshold,
    ),
    synchronisation: { ...chassis.synchronisation, ready: false },
    aaaLatched: reason === 'aaa-probe',
    // Nobody had the role before.
    lastSwitchoverAt: chassis.state.kind === 'INIT' ? chassis.lastSwitchoverAt : now,
  };
  const deadline = now + options.promotionLimitMs;
  const next = enter(taken, { kind: 'PENDING_ACTIVE', since: now, reason, stage: 'fence', deadline }, context, emit);
  emit.push({ kind: 'startPromotion', stage: 'fence', term: next.term.own });
  return next;
}

/** The stage after this one; undefined after the last. */
export function stageAfter(stage: PromotionStage): PromotionStage | undefined {
  return promotionStages[promotionStages.indexOf(stage) + 1];
}

/** ACTIVE, when every stage is done, or at the promotion's limit with the one that is not. */
export function becomeActive(
  chassis: Chassis,
  reason: TransitionReason,
  unfinished: PromotionStage | undefined,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const { now } = context;
  emit.count(unfinished === undefined ? 'promotion.completed' : 'promotion.slow');
  const slow = unfinished !== undefined;
  const alarmed = setAlarm(chassis, 'promotion-slow', slow, `stage ${unfinished} is not finished`, emit);
  if (slow) emit.push({ kind: 'serveEarly', unfinished });
  return enter(
    alarmed,
    { kind: 'ACTIVE', since: now, reason, unfinished, heldUntil: undefined, causesSeenAt: now },
    context,
    emit,
  );
}

/** PENDING_STANDBY, filling: whatever the chassis was, its records are now the peer's. */
export function fill(
  chassis: Chassis,
  reason: 'peer-active' | 'arbitration-lost' | 'fenced' | 'dual-active' | 'other-lineage' | 'promotion-failed',
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const { now, options } = context;
  emit.push({ kind: 'beginStandby' });
  const left = reason === 'other-lineage' ? { ...chassis, lineage: undefined, remnant: undefined } : letGo(chassis);
  return enter(
    { ...left, synchronisation: { ...chassis.synchronisation, ready: false } },
    {
      kind: 'PENDING_STANDBY',
      purpose: 'filling',
      since: now,
      reason,
      deadline: now + options.resynchronisationLimitMs,
    },
    context,
    emit,
  );
}

/** Gives way to a peer with a higher term or an older lineage: first of all the ports are closed. */
export function yieldRole(
  chassis: Chassis,
  term: number,
  reason: 'fenced' | 'dual-active' | 'other-lineage' | 'promotion-failed',
  context: ChassisContext,
  emit: Emit,
): Chassis {
  emit.push({ kind: 'stopServing', reason });
  if (reason !== 'promotion-failed') emit.count(reason);
  if (reason === 'other-lineage') tellAbandoned(chassis, context, emit);
  return fill(leaveRole(hearTerm(chassis, term, emit), context, emit), reason, context, emit);
}

/** The sessions of this lineage are no more than records now, and the peer's resynchronisation replaces them. */
function tellAbandoned({ lineage, peer }: Chassis, { sessions }: ChassisContext, emit: Emit): void {
  const other = peer.hello?.lineage;
  if (lineage === undefined || other === undefined) return;
  emit.count('lineage.sessions-abandoned', sessions);
  emit.report({ name: 'lineage-abandoned', lineage: lineage.id, for: other.id, sessions });
}

function leaveRole(chassis: Chassis, { now, options }: ChassisContext, emit: Emit): Chassis {
  const { routeModifier, peer } = chassis;
  const next = routeModifierOnLeaving(routeModifier, peer.hello?.routeModifier, options.routeModifierThreshold);
  if (next < routeModifier && routeModifier <= options.routeModifierThreshold) emit.count('route-modifier.reset');
  return { ...chassis, routeModifier: next, lastSwitchoverAt: now };
}

/** PENDING_STANDBY, handing over: stops serving, and sends the last records with a barrier behind them. */
export function handOver(chassis: Chassis, cause: SwitchoverReason, context: ChassisContext, emit: Emit): Chassis {
  const { now, options } = context;
  emit.push({ kind: 'stopServing', reason: cause });
  emit.count('handover.started');
  const left: Chassis = { ...leaveRole(chassis, context, emit), aaaLatched: cause === 'aaa-probe' };
  const state: HandingOverState = {
    kind: 'PENDING_STANDBY',
    purpose: 'handingOver',
    since: now,
    reason: cause,
    cause,
    deadline: now + options.handoverLimitMs,
  };
  const next = enter(left, state, context, emit);
  emit.push({ kind: 'requestHandover', cause });
  emit.push({ kind: 'sendBarrier' });
  return next;
}

/**
 * Ends a hand-over that came to nothing: ACTIVE again, unless the peer is about to serve after all, and with our sessions.
 */
export function takeBack(
  chassis: Chassis,
  reason: 'peer-did-not-take-over' | 'peer-refused',
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const { now, options } = context;
  const { hello, silent } = chassis.peer;
  const promoting = hello?.state === 'PENDING_ACTIVE' || hello?.state === 'ACTIVE';
  const replaced = promoting && compareLineages(chassis.lineage, hello.lineage, now) !== 'older';
  if (replaced && !silent && hello.term > chassis.term.own) return fill(chassis, 'peer-active', context, emit);
  emit.count('handover.aborted');
  const served = chassis.term.highest > chassis.term.own ? raiseTerm(chassis, context, emit) : chassis;
  const { routeModifierThreshold } = options;
  const routeModifier = routeModifierOnTaking(
    chassis.routeModifier,
    hello?.routeModifier,
    true,
    routeModifierThreshold,
  );
  emit.push({ kind: 'resumeServing', reason });
  return enter(
    { ...served, routeModifier, lastSwitchoverAt: now },
    { kind: 'ACTIVE', since: now, reason, unfinished: undefined, heldUntil: undefined, causesSeenAt: now },
    context,
    emit,
  );
}

/** STANDBY, with what its records are worth. */
export function becomeStandby(
  chassis: Chassis,
  reason: 'synchronised' | 'synchronisation-slow' | 'handed-over' | 'peer-hands-over',
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const ready = reason === 'synchronised';
  const state: StandbyState = {
    kind: 'STANDBY',
    since: context.now,
    reason,
    takingOver: undefined,
    barrierAt: undefined,
  };
  const alarmed =
    ready || reason === 'synchronisation-slow'
      ? setAlarm(chassis, 'standby-not-ready', !ready, 'the first synchronisation has not ended in time', emit)
      : chassis;
  const standby = { ...letGo(alarmed), synchronisation: { ...alarmed.synchronisation, ready } };
  return enter(ready ? adoptLineage(standby, emit) : standby, state, context, emit);
}

/** The peer gives the role away: as soon as its last records are here, it is ours. */
export function acceptRole(
  chassis: Chassis,
  state: StandbyState,
  cause: SwitchoverReason,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const { now, options } = context;
  if (state.takingOver === undefined) {
    emit.push({ kind: 'acceptHandover' });
    emit.count('handover.accepted');
  }
  if (state.barrierAt !== undefined && now < state.barrierAt + options.barrierLimitMs) {
    return takeRole(chassis, cause, context, emit);
  }
  const deadline = state.takingOver?.deadline ?? now + options.barrierLimitMs;
  return { ...chassis, state: { ...state, takingOver: { cause, deadline } } };
}
