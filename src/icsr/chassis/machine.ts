import type { Step } from '../../kernel/step.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { SwitchoverReason } from '../../wire/srp/names.ts';
import type { ChassisContext } from './context.ts';
import { aloneAt, deadAt, isAwaited, mayServeAlone, silentAt } from './deadline.ts';
import { type ChassisEffect, Emit } from './effect.ts';
import type { ChassisEvent } from './event.ts';
import { helloHeard } from './hello-heard.ts';
import { handOverIfCaused, monitorChanged, whileStillActive } from './monitors.ts';
import { obstacles } from './readiness.ts';
import { initialRouteModifier } from './route-modifier.ts';
import { sayHello, setAlarm } from './say.ts';
import { standingOf } from './standing-of.ts';
import { type Chassis, holdsTerm, type PeerLink, type PromotionStage } from './state.ts';
import { mayBeOlder, nothingStored, type StoreStanding } from './store-standing.ts';
import {
  acceptRole,
  adoptLineage,
  becomeActive,
  becomeStandby,
  handOver,
  letGo,
  stageAfter,
  takeBack,
  takeRole,
  yieldRole,
} from './transition.ts';

export type ChassisStep = Step<Chassis, ChassisEffect>;

/**
 * A chassis as its process starts.
 *
 * @param storedTerm the last one that was stored (`storeTerm`); 0 on the first start
 * @param instances how many session manager instances it has
 * @param store that of its last process
 */
export function startChassis(
  storedTerm: number,
  instances: number,
  context: ChassisContext,
  store: StoreStanding = nothingStored,
): Chassis {
  const { now, options } = context;
  return {
    state: { kind: 'INIT', since: now, reason: 'started' },
    term: { own: 0, highest: storedTerm },
    lineage: undefined,
    remnant: undefined,
    store,
    routeModifier: initialRouteModifier(options.mode, options.routeModifierThreshold),
    peer: {
      link: { kind: 'down', since: now, reason: 'not connected yet' },
      hello: undefined,
      heardAt: undefined,
      silentFrom: now + options.delayIntervalMs,
      silent: false,
      clockSkewMs: 0,
    },
    synchronisation: { ready: false, peerInstancesReady: 0, instances },
    monitors: [],
    aaaLatched: false,
    lastSwitchoverAt: undefined,
    helloDueAt: now,
    configuration: undefined,
    alarms: [],
    history: [],
  };
}

/** The transition function of a chassis. An event that means nothing in a state leaves it as it is. */
export function step(chassis: Chassis, event: ChassisEvent, context: ChassisContext): ChassisStep {
  const emit = new Emit();
  const state = transition(chassis, event, context, emit);
  const store = standingOf(state);
  return { state: store === state.store ? state : { ...state, store }, effects: emit.effects };
}

function transition(chassis: Chassis, event: ChassisEvent, context: ChassisContext, emit: Emit): Chassis {
  switch (event.kind) {
    case 'connected':
      return connected(chassis, event.authenticated, event.version, context, emit);
    case 'disconnected':
      return disconnected(chassis, event.reason, context, emit);
    case 'helloHeard':
      return helloHeard(chassis, event.hello, context, emit);
    case 'handoverRequested':
      return handoverRequested(chassis, event.cause, context, emit);
    case 'handoverAnswered': {
      const { state } = chassis;
      const refused = !event.accepted && state.kind === 'PENDING_STANDBY' && state.purpose === 'handingOver';
      return refused ? takeBack(chassis, 'peer-refused', context, emit) : chassis;
    }
    case 'switchoverBarrierReached':
      return barrierReached(chassis, context, emit);
    case 'deadlineReached':
      return deadlineReached(chassis, context, emit);
    case 'promotionStageDone':
      return stageEnded(chassis, event.stage, context, emit);
    case 'promotionStageFailed':
      return stageFailed(chassis, event.stage, event.reason, context, emit);
    case 'synchronised':
      return synchronised(chassis, context, emit);
    case 'resynchronisationBegan':
      return recordsIncomplete(chassis);
    case 'peerReadyChanged': {
      const { instances, instancesReady } = event;
      const synchronisation = { ...chassis.synchronisation, instances, peerInstancesReady: instancesReady };
      return handOverIfCaused({ ...chassis, synchronisation }, context, emit);
    }
    case 'monitorChanged':
      return handOverIfCaused(
        monitorChanged(chassis, event.name, event.monitor, event.healthy, context),
        context,
        emit,
      );
    case 'switchoverRequested':
      return switchoverRequested(chassis, event.cause, event.force, context, emit);
    case 'aaaFlagReset':
      return handOverIfCaused({ ...chassis, aaaLatched: false }, context, emit);
    case 'aloneRequested':
      return mayServeAlone(chassis, context.now, context.options) ? serveAlone(chassis, context, emit) : chassis;
    case 'configurationCompared':
      return configurationCompared(chassis, event.equal, event.differences, context, emit);
    case 'stalled':
      return stalled(chassis, event.forMs, context, emit);
    default:
      return unreachable(event);
  }
}

function connected(
  chassis: Chassis,
  authenticated: boolean,
  version: number | undefined,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  emit.count('connection.up');
  emit.report({ name: 'connection', up: true, reason: authenticated ? 'authenticated' : 'not authenticated' });
  const link: PeerLink = { kind: 'up', since: context.now, authenticated, version };
  // What was said before was of another connection, maybe of another process with a clock of its own.
  const hello = chassis.peer.hello && { ...chassis.peer.hello, saidAt: undefined, heardSaidAt: undefined };
  return sayHello({ ...chassis, peer: { ...chassis.peer, link, hello } }, context, emit);
}

/** The link's end is not the peer's: that is for the dead interval to say. */
function disconnected(chassis: Chassis, reason: string, { now }: ChassisContext, emit: Emit): Chassis {
  if (chassis.peer.link.kind === 'down') return chassis;
  emit.count('connection.down');
  emit.report({ name: 'connection', up: false, reason });
  const synchronisation = { ...chassis.synchronisation, peerInstancesReady: 0 };
  return { ...chassis, synchronisation, peer: { ...chassis.peer, link: { kind: 'down', since: now, reason } } };
}

function handoverRequested(chassis: Chassis, cause: SwitchoverReason, context: ChassisContext, emit: Emit): Chassis {
  const { state } = chassis;
  if (state.kind === 'STANDBY') return acceptRole(chassis, state, cause, context, emit);
  if (state.kind === 'PENDING_STANDBY' && state.purpose === 'filling') {
    const standby = becomeStandby(chassis, 'peer-hands-over', context, emit);
    return standby.state.kind === 'STANDBY' ? acceptRole(standby, standby.state, cause, context, emit) : standby;
  }
  // It is ours already: by a hello that came before the request, or because the peer was taken for dead.
  if (holdsTerm(state)) return chassis;
  emit.push({ kind: 'refuseHandover' });
  emit.count('handover.refused');
  return chassis;
}

function barrierReached(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  const { state } = chassis;
  if (state.kind !== 'STANDBY') return chassis;
  return state.takingOver === undefined
    ? { ...chassis, state: { ...state, barrierAt: context.now } }
    : takeRole(chassis, state.takingOver.cause, context, emit);
}

function deadlineReached(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  const { now, options } = context;
  let next = chassis;
  if (!next.peer.silent && now >= silentAt(next, options)) {
    emit.count('hello.timeout');
    next = { ...next, peer: { ...next.peer, silent: true } };
    next = setAlarm(next, 'peer-silent', true, `no hello for ${options.deadIntervalMs} ms`, emit);
  }
  next = limitReached(next, context, emit);
  return next.peer.link.kind === 'up' && now >= next.helloDueAt ? sayHello(next, context, emit) : next;
}

function limitReached(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  const { state } = chassis;
  const { now, options } = context;
  const dead = now >= deadAt(chassis, options);
  switch (state.kind) {
    case 'INIT':
      return dead ? startAlone(chassis, context, emit) : chassis;
    case 'PENDING_STANDBY':
      if (state.purpose === 'handingOver') {
        const over = now >= state.deadline || chassis.peer.silent;
        return over ? takeBack(chassis, 'peer-did-not-take-over', context, emit) : chassis;
      }
      if (dead) return takeRole(chassis, 'dead-interval', context, emit);
      if (now < state.deadline) return chassis;
      emit.count('synchronisation.slow');
      return becomeStandby(chassis, 'synchronisation-slow', context, emit);
    case 'STANDBY':
      if (dead) return takeRole(chassis, 'dead-interval', context, emit);
      return state.takingOver !== undefined && now >= state.takingOver.deadline
        ? takeRole(chassis, state.takingOver.cause, context, emit)
        : chassis;
    case 'PENDING_ACTIVE':
      return now >= state.deadline ? becomeActive(chassis, 'promotion-slow', state.stage, context, emit) : chassis;
    case 'ACTIVE':
      return state.heldUntil !== undefined && now >= state.heldUntil
        ? whileStillActive({ ...chassis, state: { ...state, heldUntil: undefined } }, 'releaseServing', context, emit)
        : handOverIfCaused(chassis, context, emit);
    default:
      return unreachable(state);
  }
}

/** Nobody was heard since the start. */
function startAlone(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  const { store } = chassis;
  const { now, options } = context;
  if (now >= aloneAt(chassis, options)) return serveAlone(chassis, context, emit);
  if (isAwaited(chassis)) return chassis;
  emit.count('older-store.awaited');
  const detail =
    `its call recovery store is that of term ${store.term}, as ${store.as}; the peer, which may have served since, is waited for, ` +
    `${options.olderStoreLimitMs} ms at most`;
  return setAlarm(chassis, 'older-store', true, detail, emit);
}

/** With what is on its own disk. */
function serveAlone(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  if (mayBeOlder(chassis.store)) emit.count('older-store.served');
  return takeRole(chassis, 'no-peer', context, emit);
}

function stageEnded(chassis: Chassis, stage: PromotionStage, context: ChassisContext, emit: Emit): Chassis {
  const { state } = chassis;
  const following = stageAfter(stage);
  if (state.kind === 'PENDING_ACTIVE' && state.stage === stage) {
    if (following === undefined) return becomeActive(chassis, state.reason, undefined, context, emit);
    emit.push({ kind: 'startPromotion', stage: following, term: chassis.term.own });
    return { ...chassis, state: { ...state, stage: following } };
  }
  if (state.kind !== 'ACTIVE' || state.unfinished !== stage) return chassis;
  // `serveEarly` has announced and served already.
  if (following !== undefined && following !== 'announce' && following !== 'serve') {
    emit.push({ kind: 'startPromotion', stage: following, term: chassis.term.own });
    return { ...chassis, state: { ...state, unfinished: following } };
  }
  emit.count('promotion.completed');
  return setAlarm({ ...chassis, state: { ...state, unfinished: undefined } }, 'promotion-slow', false, '', emit);
}

/** The peer takes the role back if it still can; otherwise what can be served is better than nothing. */
function stageFailed(
  chassis: Chassis,
  stage: PromotionStage,
  reason: string,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const { state, peer } = chassis;
  const current =
    state.kind === 'PENDING_ACTIVE' ? state.stage : state.kind === 'ACTIVE' ? state.unfinished : undefined;
  if (current !== stage) return chassis;
  emit.count('promotion.stage-failed');
  emit.report({ name: 'promotion-stage-failed', stage, reason });
  const alarmed = setAlarm(chassis, 'promotion-failed', true, `${stage}: ${reason}`, emit);
  if (state.kind === 'PENDING_ACTIVE' && peer.hello?.handingOver !== undefined && !peer.silent) {
    const yielded = yieldRole(alarmed, alarmed.term.highest, 'promotion-failed', context, emit);
    emit.push({ kind: 'refuseHandover' });
    return yielded;
  }
  return stageEnded(alarmed, stage, context, emit);
}

function synchronised(chassis: Chassis, context: ChassisContext, emit: Emit): Chassis {
  const { state } = chassis;
  if (state.kind === 'PENDING_STANDBY' && state.purpose === 'filling') {
    emit.count('synchronisation.completed');
    return becomeStandby(chassis, 'synchronised', context, emit);
  }
  if (state.kind !== 'STANDBY' || chassis.synchronisation.ready) return chassis;
  emit.count('synchronisation.completed');
  const whole = { ...chassis, synchronisation: { ...chassis.synchronisation, ready: true } };
  const ready = adoptLineage(whole, emit);
  return sayHello(setAlarm(ready, 'standby-not-ready', false, '', emit), context, emit);
}

/** Whoever takes the role with a part of the records does not continue their lineage: the peer may still hold the whole. */
function recordsIncomplete(chassis: Chassis): Chassis {
  const { state, synchronisation } = chassis;
  const held = state.kind === 'STANDBY' ? letGo(chassis) : chassis;
  return { ...held, synchronisation: { ...synchronisation, ready: false } };
}

function switchoverRequested(
  chassis: Chassis,
  cause: SwitchoverReason,
  force: boolean,
  context: ChassisContext,
  emit: Emit,
): Chassis {
  const failed = obstacles(chassis, context, force ? 'forced' : 'planned');
  if (failed.length === 0) return handOver(chassis, cause, context, emit);
  emit.count('switchover.refused');
  emit.report({ name: 'switchover-refused', failed });
  return chassis;
}

function configurationCompared(
  chassis: Chassis,
  equal: boolean,
  differences: readonly string[],
  context: ChassisContext,
  emit: Emit,
): Chassis {
  emit.count('configuration.compared');
  emit.count(equal ? 'configuration.equal' : 'configuration.different');
  const compared = { ...chassis, configuration: { equal, differences, at: context.now } };
  return setAlarm(compared, 'configuration-differs', !equal, differences.join('; '), emit);
}

/**
 * Silence during a stall says nothing of the peer. An active chassis that has stalled for as long as it takes the peer to serve
 * may have been replaced: it sends nothing until it has had the time to hear of it, and takes nothing that waited meanwhile,
 * which the peer may have answered.
 */
function stalled(chassis: Chassis, forMs: number, { now, options }: ChassisContext, emit: Emit): Chassis {
  emit.count('stall.noticed');
  const { state, peer } = chassis;
  // The delay after the start is waited for in whole; a hello heard since the stall is not made older than now.
  const isDelay = peer.heardAt === undefined || peer.silentFrom > now;
  const silentFrom = isDelay ? peer.silentFrom + forMs : Math.min(now, peer.silentFrom + forMs);
  const awake: Chassis = { ...chassis, peer: { ...peer, silentFrom } };
  const isHeard = peer.hello !== undefined && !peer.silent;
  // One that was not heard may have been started meanwhile: it then waits for its delay interval first.
  const replacedAfterMs = options.deadIntervalMs + (isHeard ? 0 : options.delayIntervalMs);
  if (state.kind !== 'ACTIVE' || forMs < replacedAfterMs) return awake;
  emit.push({ kind: 'holdServing' });
  emit.count('stall.held');
  return { ...awake, state: { ...state, heldUntil: now + options.deadIntervalMs } };
}
