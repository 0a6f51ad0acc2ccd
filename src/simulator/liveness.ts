import { formatMac } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import { Agenda } from '../peers/agenda.ts';
import type { SamogConfig } from '../services/samog/config.ts';
import { type LiveSession, sessionId } from '../services/samog/session/state.ts';
import { lmaOf } from '../sessmgr/anchor.ts';
import { disconnectingMsMax } from './checkers/deadlines.ts';
import type { Subscriber } from './subscriber.ts';
import { situationOf } from './workload.ts';
import type { World } from './world.ts';

/** How often a UE says something in the quiet world, and how often somebody looks whether it is served. */
const talkMs = 3000;
const lookMs = 1000;
/** A UE whose packet came back within this time is served. */
const servedMs = 10_000;
/** How long a UE waits for service before it attaches anew, as its user would: at least so long, and by chance longer. */
const patienceMs = 8000;
/** For retries that everybody may need after the last timer has run out. */
const graceMs = 90_000;

/**
 * Lets the world come to rest: nothing goes wrong any more, and everybody who wants service goes on trying. Returns who is not
 * served, and what is left over, when every timer there is has had its time; nothing as soon as all is well.
 *
 * @param then whether late deregistrations are to disturb the rest in the end, as they may with one chassis as well as with two
 * @param step takes one step, no further than a moment; false at the moment, or when a checker has found something
 */
export function settle(
  world: World,
  step: (limit: Instant) => boolean,
  then: 'disturbed' | 'undisturbed' = 'disturbed',
): readonly string[] {
  const quiet = new Quiet(world);
  world.add('quiet', quiet);
  const { manager } = world;
  const { cgwService, dhcpService, mrmeService, samogService } = manager.config;
  const longest = Math.max(
    cgwService.s2a.lifetimeSeconds * 1000,
    cgwService.binding.lifetimeMaxSeconds * 1000,
    dhcpService.leaseTimeSeconds * 1000,
    // Whether a session is idle is looked at so often.
    2 * mrmeService.accounting.idleTimeoutSeconds * 1000,
  );
  const end = world.now + longest + samogService.setupTimeoutMs + graceMs;
  const promptBy = world.now + samogService.setupTimeoutMs + disconnectingMsMax(manager.config);
  while (world.now < end) {
    const look = world.now + lookMs;
    while (step(look));
    if (world.now < look) return [];
    if (world.now >= quiet.since + servedMs && faults(world).length === 0) {
      return [...brokenPromises(world), ...(then === 'disturbed' ? disturb(world, quiet.since, step) : [])];
    }
    if (world.now >= promptBy && world.now < promptBy + lookMs && alwaysHeard(world)) {
      const forgotten = forgottenBindings(world);
      if (forgotten.length > 0) return forgotten.map((text) => `${text}, though everybody was always heard`);
    }
  }
  return faults(world);
}

/** What must not have happened where nobody was ever unheard. */
function brokenPromises(world: World): string[] {
  if (!alwaysHeard(world)) return [];
  const { counters } = world.manager;
  return (['session.ended.lma-unreachable', 'session.ended.lma-rejected-refresh'] as const)
    .filter((name) => counters.get(name) > 0)
    .map((name) => `${name} is ${counters.get(name)}, though everybody was always heard`);
}

/** Lets MAGs that have nothing to do with them deregister all UEs (seed: late deregistration), and sees that none is lost. */
function disturb(world: World, calmSince: Instant, step: (limit: Instant) => boolean): string[] {
  const lasting = world.subscribers.filter((subscriber) => isSettled(world, subscriber, calmSince));
  const idOf = ({ ue }: Subscriber) => {
    const session = world.manager.registry.ofMac(ue.mac)?.session;
    return session === undefined ? undefined : sessionId(session);
  };
  const before = lasting.map(idOf);
  for (const { ue } of lasting) {
    for (const wlc of world.wlcs) if (wlc !== ue.accessPoint) wlc.sendDeregistration(ue.mac);
  }
  const until = world.now + world.options.config.deregistrationDelayMs + servedMs;
  while (step(until));
  return lasting
    .filter((subscriber, index) => idOf(subscriber) !== before[index] || world.now - subscriber.servedAt > servedMs)
    .map((subscriber) => `lost by a late deregistration: ${situationOf(world, subscriber)}`);
}

/** Whether a subscriber is served where the UE is, by a session that nothing that is under way will end. */
function isSettled(world: World, subscriber: Subscriber, calmSince: Instant): boolean {
  const { wantsService, profile, servedAt, ue } = subscriber;
  const session = world.manager.registry.ofMac(ue.mac)?.session;
  if (session?.kind !== 'Live') return false;
  const { binding } = session.durable;
  // A MAG whose PBA was held up believes that its binding lasts longer than it does, and may refresh it too late.
  const calm = world.gateway.clock(calmSince);
  const grantedAt = binding === undefined ? calm : binding.expiresAt - binding.lifetimeSeconds * 1000;
  return (
    wantsService &&
    grantedAt >= calm &&
    world.now - servedAt <= servedMs &&
    session.durable.phase.kind === 'Established' &&
    session.durable.access?.peer === world.placeOf(subscriber)?.address &&
    profile.sessionTimeoutSeconds === undefined &&
    profile.idleTimeoutSeconds === undefined
  );
}

/** Whether every message has reached its LMA and been answered, so that nothing had to be left to a lifetime's end. */
function alwaysHeard({ options, gateway }: World): boolean {
  const { loss, burst, clog, corruption } = options.faults;
  const { lmaRestart, lmaSilence, lmaRevocation } = options.weights;
  return !gateway.mayMiss && loss + burst + clog + corruption + lmaRestart + lmaSilence + lmaRevocation === 0;
}

/** Those who want service say something now and then, and attach anew when nothing comes back for long. */
class Quiet implements Timed {
  readonly since: Instant;
  readonly #world: World;
  readonly #agenda = new Agenda();
  /** Until when each waits for service. */
  readonly #patience = new Map<Subscriber, Instant>();

  constructor(world: World) {
    this.#world = world;
    this.since = world.now;
    for (const subscriber of world.subscribers) {
      this.#agenda.at(world.now + world.random.below(talkMs), (now) => this.#turn(subscriber, now));
    }
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
  }

  nextDeadline(): Instant {
    return this.#agenda.nextDeadline();
  }

  #turn(subscriber: Subscriber, now: Instant): void {
    this.#agenda.at(now + talkMs, (at) => this.#turn(subscriber, at));
    if (!subscriber.wantsService) return;
    subscriber.talk(now);
    if (now - subscriber.servedAt <= servedMs) return;
    if (now >= (this.#patience.get(subscriber) ?? now) || !this.#canServe(subscriber)) {
      this.#attachAnew(subscriber, now);
    }
  }

  #canServe({ ue }: Subscriber): boolean {
    const where = ue.accessPoint;
    if (where === undefined || where === this.#world.strangeRg) return false;
    const { options, wlcs, aps } = this.#world;
    return options.config.dhcpProfile || [...wlcs, ...aps].some((one) => one === where);
  }

  #attachAnew(subscriber: Subscriber, now: Instant): void {
    // Not all at once, again and again: they would keep each other out.
    this.#patience.set(subscriber, now + patienceMs + this.#world.random.below(patienceMs));
    const where = (this.#canServe(subscriber) ? this.#world.placeOf(subscriber) : undefined) ?? this.#world.wlcs[0]!;
    subscriber.come(where, 'dhcp-discover', now, 0);
  }
}

/** What is not as it should be in a world at rest. */
function faults(world: World): string[] {
  const { manager, lmas, subscribers, now } = world;
  const wrong: string[] = [];
  for (const subscriber of subscribers) {
    if (!subscriber.wantsService || subscriber.rejected) continue;
    if (now - subscriber.servedAt <= servedMs || hasNoRoom(world, subscriber)) continue;
    wrong.push(`not served: ${situationOf(world, subscriber)}`);
  }
  for (const { session } of manager.registry.sessions()) {
    if (session.kind !== 'Live') continue;
    const { mac, nai, addresses } = session.durable;
    if (world.subscriberOf(mac)?.wantsService !== true && !outlivesStop(session, manager.config))
      wrong.push(`${formatMac(mac)} is gone and has a session`);
    const lma = lmas.find(({ address }) => address === lmaOf(session));
    const binding = lma?.bindingOf(nai);
    if (binding === undefined || binding.ending || binding.address !== addresses[0]?.address) {
      wrong.push(`the LMA of ${formatMac(mac)} has no binding like its session`);
    }
  }
  for (const { name, counters } of world.wlcs) {
    const differing = counters.get('access.keys-differ');
    if (differing > 0) wrong.push(`${name} was given other keys than the UE has, ${differing} times`);
  }
  return [...wrong, ...owedRecords(world), ...forgottenBindings(world)];
}

/**
 * A session that a START has begun outlives a STOP that was lost with its chassis for as long as it may be idle, which a change
 * may lengthen.
 */
function outlivesStop({ durable }: LiveSession, { mrmeService }: SamogConfig): boolean {
  const { sessionType, subscriber } = durable;
  return sessionType === 'accounting' && subscriber.idleTimeoutSeconds! > mrmeService.accounting.idleTimeoutSeconds;
}

/** What AAA has not acknowledged though it answers. */
function owedRecords({ managers, now }: World): string[] {
  const owing = managers.reduce((sum, { accounting }) => sum + accounting.status(now).owing, 0);
  return owing === 0 ? [] : [`${owing} sessions owe AAA a record`];
}

/** Bindings at LMAs that no session stands for. */
function forgottenBindings({ manager, lmas }: World): string[] {
  return lmas.flatMap((lma) =>
    lma
      .bindings()
      .filter(({ nai }) => {
        const session = manager.registry.ofNai(nai)?.session;
        return session === undefined || lmaOf(session) !== lma.address;
      })
      .map(({ nai }) => `${lma.name} has a binding of ${nai}, which has no session there`),
  );
}

/** Whether all there is to be had is taken by others. */
function hasNoRoom(world: World, subscriber: Subscriber): boolean {
  if (world.manager.registry.isFull) return true;
  const { poolLength } = world.options;
  return world.lmas[subscriber.lma]!.bindings().length >= 2 ** (32 - poolLength) - 3;
}
