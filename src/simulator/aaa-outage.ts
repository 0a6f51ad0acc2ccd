import type { Digests } from '../kernel/context.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import { Agenda } from '../peers/agenda.ts';
import { type Session, sessionId } from '../services/samog/session/state.ts';
import { AccountsChecker } from './checkers/accounts.ts';
import { faultless } from './network.ts';
import { type RunOptions, runOptions } from './options.ts';
import type { Subscriber } from './subscriber.ts';
import { World } from './world.ts';

export interface AaaOutageResult {
  readonly passed: boolean;
  readonly virtualMs: number;
  readonly outageMs: number;
  /** Sessions up when AAA went away, those of them that had to end meanwhile, and those of the rest that are still up at the end. */
  readonly sessionsBefore: number;
  readonly sessionsEnded: number;
  readonly sessionsKept: number;
  readonly handoversDuring: number;
  /** UEs that asked for a session while AAA was away, and how many of them were served afterwards. */
  readonly newcomers: number;
  readonly newcomersServed: number;
  /** Sessions that owed a record, at most at a time. */
  readonly owingMost: number;
  readonly recordsTold: number;
  readonly recordsLost: number;
  readonly packets: { readonly up: number; readonly down: number };
  /** What was not as expected, one sentence each. */
  readonly failures: readonly string[];
}

const residents = 60;
const newcomers = 10;
const settledMs = 20_000;
const outageMs = 60_000;
const afterMs = 60_000;
const drainSeconds = 20;
const talkMs = 2000;
/** A user who is not served asks again. */
const patienceMs = 15_000;

/** UEs with steady traffic, where nothing fails but AAA. */
function outageOptions(): RunOptions {
  const drawn = runOptions(1, 1, 'none');
  return {
    ...drawn,
    ues: residents + newcomers,
    lmas: 2,
    wlcs: 3,
    rgs: 3,
    poolLength: 24,
    rejected: 0,
    faults: { ...faultless, latencyMinMs: 2, latencyMaxMs: 10 },
    silentOnRevocation: false,
    deregistrations: ['immediate', 'immediate', 'immediate'],
    config: {
      ...drawn.config,
      sessionsMax: 1000,
      setupTimeoutMs: 10_000,
      handoverEnable: true,
      dhcpProfile: true,
      ratePerMinute: 100,
      sourcePorts: 2,
      outstandingMax: 256,
      radiusTimeoutMs: 1000,
      s2aLifetimeSeconds: 240,
      bindingLifetimeSeconds: 240,
      leaseTimeSeconds: 240,
      releaseGraceMs: 2000,
      accounting: true,
      interimIntervalSeconds: 60,
      holdDownMs: 5000,
    },
  };
}

/**
 * All AAA servers are away for a minute, while UEs send, move, leave and come. What was up stays up, who comes waits, and AAA
 * misses no record.
 */
export function playAaaOutage(digests: Digests): AaaOutageResult {
  const world = new World(outageOptions(), digests);
  const play = new Play(world);
  world.add('play', play);
  play.until(settledMs);
  const before = play.lasting();
  const handoversBefore = play.handovers;
  play.awayUntil(world.now + outageMs);
  const leaving = before.filter((_, index) => index % 9 === 0);
  play.disturb(leaving, outageMs);
  play.until(world.now + outageMs);
  const handoversDuring = play.handovers - handoversBefore;
  play.until(world.now + afterMs);
  const staying = before.filter(({ subscriber }) => !leaving.some((other) => other.subscriber === subscriber));
  const kept = staying.filter(({ subscriber, id }) => play.sessionOf(subscriber) === id);
  const come = world.subscribers.slice(residents);
  // An INTERIM may be due at any moment: it has the time it needs.
  for (let more = 0; more < drainSeconds && play.owing > 0; more += 1) play.until(world.now + 1000);
  const lost = play.accounts.checkBooks(world.accounting);
  const failures = [
    ...play.wrong,
    ...lost,
    ...(play.owing > 0 ? [`${play.owing} sessions still owe a record`] : []),
    ...(kept.length < staying.length ? [`${staying.length - kept.length} sessions are gone`] : []),
    ...(before.length < residents / 2 ? [`only ${before.length} sessions were up when AAA went away`] : []),
  ];
  const served = come.filter(({ servedAt }) => servedAt > settledMs + outageMs).length;
  if (served < come.length) failures.push(`${come.length - served} that came while AAA was away were not served`);
  return {
    passed: failures.length === 0,
    virtualMs: world.now,
    outageMs,
    sessionsBefore: before.length,
    sessionsEnded: leaving.length,
    sessionsKept: kept.length,
    handoversDuring,
    newcomers: come.length,
    newcomersServed: served,
    owingMost: play.owingMost,
    recordsTold: [...world.accounting.accounts()].reduce((sum, { records }) => sum + records, 0),
    recordsLost: lost.length,
    packets: { ...world.traffic.delivered },
    failures,
  };
}

interface Lasting {
  readonly subscriber: Subscriber;
  readonly id: number;
}

/** What UEs do: all of it at moments that are fixed beforehand. */
class Play implements Timed {
  readonly accounts = new AccountsChecker();
  readonly wrong: string[] = [];
  owingMost = 0;
  readonly #world: World;
  readonly #agenda = new Agenda();

  constructor(world: World) {
    this.#world = world;
    world.subscribers.slice(0, residents).forEach((subscriber, index) => {
      this.#agenda.at(index * 50, (now) => this.#come(subscriber, index, now));
    });
    world.subscribers.forEach((subscriber, index) => {
      this.#agenda.at(talkMs + index * 7, (now) => this.#talk(subscriber, now));
    });
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
  }

  nextDeadline(): Instant {
    return this.#agenda.nextDeadline();
  }

  /** Sessions that owe AAA a record. */
  get owing(): number {
    const { managers, now } = this.#world;
    return managers.reduce((sum, { accounting }) => sum + accounting.status(now).owing, 0);
  }

  until(end: Instant): void {
    while (this.#world.step(end)) {
      this.wrong.push(...this.accounts.check(this.#world.observed()));
      this.wrong.push(...this.#world.accounting.takeWrong(), ...this.#world.traffic.take());
      this.owingMost = Math.max(this.owingMost, this.owing);
    }
  }

  /** Those whose session nothing but the play will end. */
  lasting(): readonly Lasting[] {
    return this.#world.subscribers.flatMap((subscriber) => {
      const { sessionTimeoutSeconds, idleTimeoutSeconds } = subscriber.profile;
      const id = this.sessionOf(subscriber);
      const lasts = sessionTimeoutSeconds === undefined && idleTimeoutSeconds === undefined;
      return id === undefined || !lasts ? [] : [{ subscriber, id }];
    });
  }

  sessionOf({ ue }: Subscriber): number | undefined {
    const session: Session | undefined = this.#world.managers
      .map(({ registry }) => registry.ofMac(ue.mac)?.session)
      .find((found) => found !== undefined);
    return session?.kind === 'Live' ? sessionId(session) : undefined;
  }

  get handovers(): number {
    const { counters } = this.#world.manager;
    const kinds = ['pmip-to-eogre', 'eogre-to-pmip', 'pmip-to-pmip', 'dhcp-to-dhcp', 'eogre-to-eogre-data'] as const;
    return kinds.reduce((sum, kind) => sum + counters.get(`handoff.${kind}.accepted`), 0);
  }

  awayUntil(end: Instant): void {
    const { aaa, silentAaa } = this.#world;
    for (const index of aaa.keys()) silentAaa.add(index);
    this.#agenda.at(end, () => silentAaa.clear());
  }

  /** Within so long some leave, some come, and some go elsewhere. */
  disturb(leaving: readonly Lasting[], withinMs: number): void {
    const { subscribers, accessPoints, now } = this.#world;
    leaving.forEach(({ subscriber }, index) => {
      this.#agenda.at(now + 5000 + index * 1000, (at) => subscriber.go(true, at));
    });
    subscribers.slice(residents).forEach((subscriber, index) => {
      this.#agenda.at(now + 10_000 + index * 2000, (at) => this.#comeUntilServed(subscriber, index, at));
    });
    const moving = subscribers
      .slice(0, residents)
      .filter((one) => leaving.every(({ subscriber }) => subscriber !== one));
    moving.slice(0, 40).forEach((subscriber, index) => {
      this.#agenda.at(now + 3000 + ((index * 997) % (withinMs - 5000)), (at) => {
        if (this.sessionOf(subscriber) === undefined) return;
        const here = this.#world.placeOf(subscriber);
        const elsewhere = accessPoints.filter((accessPoint) => accessPoint !== here);
        subscriber.come(elsewhere[index % elsewhere.length]!, 'dhcp-request', at, 20);
      });
    });
  }

  #come(subscriber: Subscriber, index: number, now: Instant): void {
    const { accessPoints } = this.#world;
    subscriber.come(accessPoints[index % accessPoints.length]!, 'dhcp-discover', now, 0);
  }

  #comeUntilServed(subscriber: Subscriber, index: number, now: Instant): void {
    if (Number.isFinite(subscriber.servedAt)) return;
    this.#come(subscriber, index, now);
    this.#agenda.at(now + patienceMs, (at) => this.#comeUntilServed(subscriber, index, at));
  }

  #talk(subscriber: Subscriber, now: Instant): void {
    this.#agenda.at(now + talkMs, (at) => this.#talk(subscriber, at));
    if (subscriber.wantsService) subscriber.talk(now);
  }
}
