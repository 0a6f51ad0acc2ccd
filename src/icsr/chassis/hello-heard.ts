import { unreachable } from '../../kernel/unreachable.ts';
import { arbitrate, rank } from './arbitration.ts';
import type { ChassisContext } from './context.ts';
import type { Emit } from './effect.ts';
import { holdsTheRole, isServing, type PeerHello } from './hello.ts';
import { compareLineages } from './lineage.ts';
import { handOverIfCaused, whileStillActive } from './monitors.ts';
import { sameDigest } from './readiness.ts';
import { helloOf, sayHello, setAlarm } from './say.ts';
import {
  type ActiveState,
  type Chassis,
  holdsTerm,
  type Peer,
  type PendingActiveState,
  type StandbyState,
} from './state.ts';
import {
  acceptRole,
  adoptLineage,
  becomeStandby,
  fill,
  hearTerm,
  raiseTerm,
  takeBack,
  takeFromNewcomer,
  takeRole,
  yieldRole,
} from './transition.ts';

/** A hello was heard: what it says of the peer, then what it means in this state. */
export function helloHeard(chassis: Chassis, hello: PeerHello, context: ChassisContext, emit: Emit): Chassis {
  const { link } = chassis.peer;
  const isOwn = hello.tiebreaker === context.options.tiebreaker && hello.mode === context.options.mode;
  if (link.kind === 'down' || !link.authenticated || isOwn) {
    emit.count('hello.ignored');
    if (link.kind === 'down') return chassis;
    emit.count('connection.dropped');
    emit.push({ kind: 'dropConnection', reason: isOwn ? 'own-hello' : 'not-authenticated' });
    return chassis;
  }
  emit.count('hello.received');
  const before = chassis.peer;
  const heard = remember(chassis, hello, context, emit);
  const { state } = heard;
  if (holdsTerm(state)) return whileServing(heard, state, before, hello, context, emit);
  return whileNotServing(hearTerm(heard, hello.term, emit), hello, context, emit);
}

function remember(chassis: Chassis, hello: PeerHello, context: ChassisContext, emit: Emit): Chassis {
  const { now, wallClock, options, configurationDigest } = context;
  const clockSkewMs = hello.wallClock - wallClock;
  const skewed = Math.abs(clockSkewMs) >= options.clockSkewWarnMs;
  if (skewed && !chassis.alarms.includes('clock-skew')) emit.count('clock-skew.warned');
  const differs = !sameDigest(hello.configurationDigest, configurationDigest) || chassis.configuration?.equal === false;
  let heard: Chassis = {
    ...chassis,
    peer: { ...chassis.peer, hello, heardAt: now, silentFrom: now, silent: false, clockSkewMs },
  };
  heard = setAlarm(heard, 'peer-silent', false, '', emit);
  heard = setAlarm(heard, 'clock-skew', skewed, `the peer's clock differs by ${clockSkewMs} ms`, emit);
  heard = setAlarm(heard, 'same-mode', hello.mode === options.mode, `both chassis are ${hello.mode}`, emit);
  return setAlarm(heard, 'configuration-differs', differs, 'srp validate-configuration names the lines', emit);
}

function whileNotServing(chassis: Chassis, hello: PeerHello, context: ChassisContext, emit: Emit): Chassis {
  const { state } = chassis;
  switch (state.kind) {
    case 'INIT':
      if (holdsTheRole(hello)) return fill(chassis, 'peer-active', context, emit);
      return wins(chassis, hello, context)
        ? takeRole(chassis, 'arbitration-won', context, emit)
        : fill(chassis, 'arbitration-lost', context, emit);
    case 'PENDING_STANDBY':
      return state.purpose === 'filling'
        ? whileFilling(chassis, hello, context, emit)
        : whileHandingOver(chassis, hello, context, emit);
    case 'STANDBY':
      return whileStandby(chassis, state, hello, context, emit);
    case 'PENDING_ACTIVE':
    case 'ACTIVE':
      return chassis;
    default:
      return unreachable(state);
  }
}

function whileStandby(
  chassis: Chassis,
  state: StandbyState,
  hello: PeerHello,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const taken = takeFromNewcomer(chassis, context, emit);
  if (taken !== undefined) return taken;
  const isOther = chassis.lineage !== undefined && chassis.lineage.id !== hello.lineage?.id;
  const standby = chassis.synchronisation.ready && !isOther ? adoptLineage(chassis, emit) : chassis;
  if (hello.handingOver !== undefined) return acceptRole(standby, state, hello.handingOver, context, emit);
  // A hand-over has been abandoned.
  if (hello.state === 'ACTIVE') return { ...standby, state: { ...state, takingOver: undefined } };
  if (hello.state === 'PENDING_ACTIVE' || !wins(standby, hello, context)) return standby;
  return takeRole(standby, hello.state === 'INIT' ? 'peer-restarted' : 'arbitration-won', context, emit);
}

function whileFilling(chassis: Chassis, hello: PeerHello, context: ChassisContext, emit: Emit): Chassis {
  const taken = takeFromNewcomer(chassis, context, emit);
  if (taken !== undefined) return taken;
  if (hello.handingOver !== undefined) {
    // Only `force` hands over to a chassis that is not READY.
    const standby = becomeStandby(chassis, 'peer-hands-over', context, emit);
    return standby.state.kind === 'STANDBY'
      ? acceptRole(standby, standby.state, hello.handingOver, context, emit)
      : standby;
  }
  if (holdsTheRole(hello) || !wins(chassis, hello, context)) return chassis;
  return takeRole(chassis, 'arbitration-won', context, emit);
}

function whileHandingOver(chassis: Chassis, hello: PeerHello, context: ChassisContext, emit: Emit): Chassis {
  const lineages = isServing(hello.state) ? compareLineages(chassis.lineage, hello.lineage, context.now) : 'same';
  // It serves, but other sessions than those that we hand over.
  if (lineages === 'older') return takeBack(chassis, 'peer-did-not-take-over', context, emit);
  if (lineages === 'younger' || (lineages === 'alike' && hello.term > chassis.term.own)) {
    return yieldRole(chassis, hello.term, 'other-lineage', context, emit);
  }
  // An ACTIVE with a lower term has not taken over from us: it has yet to hear of our term, and will yield.
  if (hello.state === 'ACTIVE' && hello.term > chassis.term.own) {
    emit.count('handover.completed');
    emit.push({ kind: 'beginStandby' });
    return becomeStandby(chassis, 'handed-over', context, emit);
  }
  return hello.state === 'INIT' ? takeBack(chassis, 'peer-did-not-take-over', context, emit) : chassis;
}

function wins(chassis: Chassis, hello: PeerHello, context: ChassisContext): boolean {
  return arbitrate(helloOf(chassis, context), hello).won;
}

function whileServing(
  chassis: Chassis,
  state: PendingActiveState | ActiveState,
  before: Peer,
  hello: PeerHello,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const { own } = chassis.term;
  const holds = holdsTheRole(hello);
  const lineages = holds ? compareLineages(chassis.lineage, hello.lineage, context.now) : 'same';
  if (lineages === 'younger') return yieldRole(chassis, hello.term, 'other-lineage', context, emit);
  if (lineages === 'older') return hello.term < own ? chassis : uphold(chassis, state, hello, context, emit);
  if (hello.term > own) {
    if (holds) return yieldRole(chassis, hello.term, lineages === 'alike' ? 'other-lineage' : 'fenced', context, emit);
    // It has a higher term, but no role to go with it: it served while we did not hear it, and has restarted. The
    // neighbours believe it still.
    return raiseAbove(chassis, state, hello.term, context, emit);
  }
  const rival = isServing(hello.state);
  if (hello.term === own && rival) return whileEqual(chassis, state, lineages === 'alike', hello, context, emit);
  if (state.kind === 'PENDING_ACTIVE' || rival) return chassis;
  const lower = keepLowerRouteModifier(chassis, hello);
  if (mayHaveAnnounced(before, hello)) return whileStillActive(lower, 'announceAgain', context, emit);
  return handOverIfCaused(lower, context, emit);
}

/**
 * Whether what a peer that does not serve has announced last may still stand in the neighbours' tables: a rival that has yielded,
 * one that may have served and died unheard, and one that handed over, and is not the standby that this makes of it: it may have
 * taken the role back meanwhile, unheard.
 */
function mayHaveAnnounced({ silent, hello: last }: Peer, hello: PeerHello): boolean {
  const tookBack = last?.handingOver !== undefined && hello.handingOver === undefined && hello.state !== 'STANDBY';
  return silent || last?.state === 'ACTIVE' || tookBack;
}

/** Ours is the older lineage: the peer is to find our term above its own, and the neighbours that the addresses are here. */
function uphold(
  chassis: Chassis,
  state: PendingActiveState | ActiveState,
  hello: PeerHello,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  emit.count('lineage.upheld');
  return raiseAbove(chassis, state, hello.term, context, emit);
}

/** Both serve under one term, which two of one mode can: by rank. */
function whileEqual(
  chassis: Chassis,
  state: PendingActiveState | ActiveState,
  isAlike: boolean,
  hello: PeerHello,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  if (!rank(helloOf(chassis, context), hello).won) {
    const reason = isAlike ? 'other-lineage' : state.kind === 'ACTIVE' ? 'dual-active' : 'fenced';
    return yieldRole(chassis, hello.term, reason, context, emit);
  }
  emit.count('dual-active');
  // The peer may find its lineage `older` and raise its term: of two that raise theirs at one time none would ever be above.
  return isAlike ? chassis : raiseAbove(chassis, state, hello.term, context, emit);
}

function raiseAbove(
  chassis: Chassis,
  state: PendingActiveState | ActiveState,
  term: number,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const raised = raiseTerm({ ...chassis, term: { ...chassis.term, highest: term } }, context, emit);
  if (state.kind === 'ACTIVE') emit.push({ kind: 'announceAgain' });
  return sayHello(raised, context, emit);
}

/** The active one has always the lower route modifier. */
function keepLowerRouteModifier(chassis: Chassis, { routeModifier }: PeerHello): Chassis {
  return routeModifier > chassis.routeModifier
    ? chassis
    : { ...chassis, routeModifier: Math.max(1, routeModifier - 1) };
}
