import { unreachable } from '../../kernel/unreachable.ts';
import { arbitrate, rank } from './arbitration.ts';
import type { ChassisContext } from './context.ts';
import type { Emit } from './effect.ts';
import { holdsTheRole, type PeerHello } from './hello.ts';
import { handOverIfCaused, whileStillActive } from './monitors.ts';
import { sameDigest } from './readiness.ts';
import { helloOf, sayHello, setAlarm } from './say.ts';
import { type ActiveState, type Chassis, holdsTerm, type PendingActiveState } from './state.ts';
import { acceptRole, becomeStandby, fill, hearTerm, raiseTerm, takeBack, takeRole, yieldRole } from './transition.ts';

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
  const before = chassis.peer.hello;
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
      if (hello.handingOver !== undefined) return acceptRole(chassis, state, hello.handingOver, context, emit);
      // A hand-over has been abandoned.
      if (hello.state === 'ACTIVE') return { ...chassis, state: { ...state, takingOver: undefined } };
      if (hello.state === 'PENDING_ACTIVE' || !wins(chassis, hello, context)) return chassis;
      return takeRole(chassis, hello.state === 'INIT' ? 'peer-restarted' : 'arbitration-won', context, emit);
    case 'PENDING_ACTIVE':
    case 'ACTIVE':
      return chassis;
    default:
      return unreachable(state);
  }
}

function whileFilling(chassis: Chassis, hello: PeerHello, context: ChassisContext, emit: Emit): Chassis {
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
  before: PeerHello | undefined,
  hello: PeerHello,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const { own } = chassis.term;
  if (hello.term > own) {
    if (holdsTheRole(hello)) return yieldRole(chassis, hello.term, 'fenced', context, emit);
    // It has a higher term, but no role to go with it: it served while we did not hear it, and has restarted.
    const above = { ...chassis, term: { ...chassis.term, highest: hello.term } };
    return sayHello(raiseTerm(above, context, emit), context, emit);
  }
  const rival = hello.state === 'ACTIVE' || hello.state === 'PENDING_ACTIVE';
  if (hello.term === own && rival) {
    const reason = state.kind === 'ACTIVE' ? 'dual-active' : 'fenced';
    if (!rank(helloOf(chassis, context), hello).won) return yieldRole(chassis, hello.term, reason, context, emit);
    emit.count('dual-active');
    const raised = raiseTerm(chassis, context, emit);
    if (state.kind === 'ACTIVE') emit.push({ kind: 'announceAgain' });
    return sayHello(raised, context, emit);
  }
  if (state.kind === 'PENDING_ACTIVE' || rival) return chassis;
  const lower = keepLowerRouteModifier(chassis, hello);
  // A rival has yielded: what it announced last may still stand in the neighbours' tables.
  if (before?.state === 'ACTIVE') return whileStillActive(lower, 'announceAgain', context, emit);
  return handOverIfCaused(lower, context, emit);
}

/** The active one has always the lower route modifier. */
function keepLowerRouteModifier(chassis: Chassis, { routeModifier }: PeerHello): Chassis {
  return routeModifier > chassis.routeModifier
    ? chassis
    : { ...chassis, routeModifier: Math.max(1, routeModifier - 1) };
}
