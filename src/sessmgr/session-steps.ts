import type { SessionUsage } from '../forwarding/accelerator.ts';
import type { AccessList } from '../forwarding/filter.ts';
import type { MacAddress } from '../kernel/address.ts';
import type { RandomSource } from '../kernel/context.ts';
import type { Counters } from '../kernel/counters.ts';
import type { Instant, WallClock } from '../kernel/instant.ts';
import type { Counted } from '../services/samog/accounting/account.ts';
import { noUsage } from '../services/samog/checkpoints/saved-session.ts';
import type { EventSink } from '../services/samog/events.ts';
import type { SessionContext } from '../services/samog/session/context.ts';
import type { SessionEvent } from '../services/samog/session/event.ts';
import { forwardingChanged, forwardingEntryOf } from '../services/samog/session/forwarding-entry.ts';
import { accountOf, owingAfterFault } from '../services/samog/session/live-account.ts';
import { type SessionStep, startSession, step } from '../services/samog/session/machine.ts';
import { type Session, sessionId, sessionMac } from '../services/samog/session/state.ts';
import type { SamogCounter } from '../services/samog/statistics.ts';
import type { Trigger } from '../services/samog/trigger.ts';
import type { AccountingClient } from './accounting-client.ts';
import type { EffectInterpreter } from './effect-interpreter.ts';
import type { Instance } from './instance.ts';
import type { Intercepts } from './intercepts.ts';
import type { CrashRecord } from './session-manager-parts.ts';
import type { SessionObserver } from './session-observer.ts';
import type { SessionPlace } from './session-registry.ts';

const crashRecordsMax = 32;

/** What the steps of an instance's sessions are carried out with. */
export interface SessionStepsDependencies {
  readonly instance: Instance;
  readonly accessLists: Map<string, AccessList>;
  readonly effects: EffectInterpreter;
  readonly accounting: AccountingClient;
  readonly counters: Counters<SamogCounter>;
  readonly random: RandomSource;
  readonly wallClock: () => WallClock;
  readonly report: EventSink | undefined;
  readonly observer: SessionObserver | undefined;
  readonly intercepts: Intercepts | undefined;
}

/**
 * How a session takes its step: its machine decides, and what it decided is carried out: state first, then the forwarding
 * entry, then the effects. Thus a path is switched before any reply is sent. A bug of ours met on the way costs this
 * session, and no other.
 */
export class SessionSteps {
  /** The newest last, and no more than some. */
  readonly crashes: CrashRecord[] = [];
  readonly #dependencies: SessionStepsDependencies;
  /** One for all steps. */
  readonly #context: { -readonly [Key in keyof SessionContext]: SessionContext[Key] };

  constructor(dependencies: SessionStepsDependencies) {
    this.#dependencies = dependencies;
    const { instance, accessLists, random, report } = dependencies;
    const { flows } = instance;
    this.#context = {
      now: 0,
      wallClock: 0,
      random,
      config: instance.config,
      accessLists,
      hasDhcpTriggerProfile: instance.profiles.hasDhcpTrigger,
      reporting: report !== undefined,
      countedOf: (id) => countedIn(flows.usage(id)),
      finalCountOf: (id) => countedIn(flows.finalUsage(id)),
      packetsOf: (id) => {
        const usage = flows.usage(id);
        return usage === undefined ? 0 : usage.uplinkPackets + usage.downlinkPackets;
      },
    };
  }

  /** The instance has another configuration. */
  reconfigured(): void {
    const { config, profiles } = this.#dependencies.instance;
    this.#context.config = config;
    this.#context.hasDhcpTriggerProfile = profiles.hasDhcpTrigger;
  }

  /** When the latest step was taken. */
  get latest(): Instant {
    return this.#context.now;
  }

  /** Begins a session: nobody else has its identifier, nor its MAC address. */
  start(id: number, mac: MacAddress, trigger: Trigger, now: Instant): void {
    const first = startSession(id, mac, trigger, this.#at(now));
    const added = this.#dependencies.instance.registry.add(first.state!);
    try {
      this.#carryOut(added, undefined, first, now, undefined);
    } catch (error) {
      this.#contain(added, 'started', error, now);
    }
  }

  /** Lets one session take a step. */
  take(place: SessionPlace, event: SessionEvent, now: Instant): void {
    const before = place.session;
    try {
      this.#carryOut(place, before, step(before, event, this.#at(now)), now, event);
    } catch (error) {
      this.#contain(place, event.kind, error, now);
    }
  }

  /** Has the packets of a place forwarded as this session of it says. */
  program(place: SessionPlace, session: Session | undefined): void {
    const { accessLists, instance } = this.#dependencies;
    const entry = forwardingEntryOf(session, accessLists);
    if (entry === undefined) instance.flows.remove(sessionId(place.session));
    else instance.flows.program(entry);
  }

  #at(now: Instant): SessionContext {
    this.#context.now = now;
    this.#context.wallClock = this.#dependencies.wallClock();
    return this.#context;
  }

  #carryOut(
    place: SessionPlace,
    before: Session | undefined,
    taken: SessionStep,
    now: Instant,
    event: SessionEvent | undefined,
  ): void {
    const { instance, intercepts, accounting, observer, counters, effects } = this.#dependencies;
    const after = this.#withinOwedMax(before, taken.state);
    if (after === undefined) instance.registry.remove(place);
    else if (after !== before) instance.registry.replace(place, after);
    else instance.registry.arm(place);
    // Of a session that ends what it has used is told, which the forwarding entry takes with it.
    const isEnd = before?.kind === 'Live' && after?.kind !== 'Live';
    if (isEnd) intercepts?.changed(before, after, event);
    if (forwardingChanged(before, after)) this.program(place, after);
    if (accountOf(before) !== accountOf(after)) accounting.follow(sessionId(place.session), after);
    if (after !== before) {
      observer?.changed(before, after, now, event);
      if (!isEnd) intercepts?.changed(before, after, event);
    }
    for (const effect of taken.effects) {
      if (effect.kind === 'count') counters.add(effect.counter);
      else effects.carryOut(place, effect, now);
    }
  }

  /** What is owed of sessions that are over has a bound of its own: beyond it the newest is dropped. */
  #withinOwedMax(before: Session | undefined, after: Session | undefined): Session | undefined {
    if (after?.kind !== 'Owing' || before?.kind === 'Owing') return after;
    const { instance, counters, report } = this.#dependencies;
    const { owedMax } = instance.config.mrmeService.accounting;
    if (instance.registry.inState.Owing < owedMax) return after;
    counters.add('accounting.stop.dropped');
    report?.({
      name: 'accounting-dropped',
      mac: after.mac,
      sessionId: after.id,
      peer: undefined,
      party: 'samog',
      direction: 'internal',
      text: () => `the STOP of a session is dropped: ${owedMax} are owed already`,
    });
    return undefined;
  }

  #contain(place: SessionPlace, event: string, error: unknown, now: Instant): void {
    const { instance, counters, accounting, observer, intercepts, report } = this.#dependencies;
    counters.add('session.crashed');
    if (this.crashes.length >= crashRecordsMax) this.crashes.shift();
    const before = place.session;
    const [id, mac] = [sessionId(before), sessionMac(before)];
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.crashes.push({ at: now, mac, event, message });
    instance.radius.cancel(id);
    const isRegistered = instance.registry.ofId(id) === place;
    const owing = isRegistered ? this.#withinOwedMax(before, this.#owingAfterFault(before, now)) : undefined;
    if (owing !== undefined) instance.registry.replace(place, owing);
    else if (isRegistered) instance.registry.remove(place);
    accounting.follow(id, owing);
    instance.flows.remove(id);
    report?.({
      name: 'session-crashed',
      mac,
      sessionId: id,
      peer: undefined,
      party: 'samog',
      direction: 'internal',
      text: () => `a fault of the gateway on ${event} ended the session: ${message.split('\n', 1)[0]}`,
    });
    if (!isRegistered) return;
    observer?.changed(before, owing, now, undefined);
    intercepts?.changed(before, owing, undefined);
  }

  /** A session that makes no sense may have no account that does. */
  #owingAfterFault(session: Session, now: Instant): Session | undefined {
    try {
      const { counters } = this.#dependencies;
      return owingAfterFault(session, this.#at(now), { count: (counter) => counters.add(counter) });
    } catch {
      return undefined;
    }
  }
}

/** Counts alone: an account is kept with its session, and a standby has no more of it. */
function countedIn(usage: SessionUsage | undefined): Counted {
  const { lastActivity: _, ...counted } = usage ?? noUsage;
  return counted;
}
