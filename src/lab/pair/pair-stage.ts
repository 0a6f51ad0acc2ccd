import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../host/clock.ts';
import { formatMac, type MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import type { SwitchoverAnswer } from '../../operations/redundancy-commands.ts';
import type { EventsData } from '../../operations/views/events.ts';
import type { SrpInfoData } from '../../operations/views/srp/srp-info.ts';
import type { SubscriberDetail } from '../../operations/views/subscriber.ts';
import type { AccessPoint } from '../../peers/actor.ts';
import type { Ue } from '../../peers/ue.ts';
import { type GatewayChild, presentRelease } from './gateway-child.ts';
import { type HandoverTrigger, KilledDuringHandover } from './killed-during-handover.ts';
import {
  type BusyUe,
  countProblems,
  lostSessions,
  type PairAccount,
  packetOctets,
  takeAccount,
} from './pair-account.ts';
import { statisticsIntervalMs } from './pair-config.ts';
import type { PairLab } from './pair-lab.ts';
import {
  type ChaosRound,
  type InterceptedUe,
  type MeasuredRestart,
  type MeasuredSwitchover,
  noOctets,
  type Octets,
  type Release,
  type SwitchoverEffects,
} from './pair-result.ts';

/** Sessions without traffic: half of them by PMIPv6, half by EoGRE. */
const idleUes = 50;
/** UEs with traffic, likewise. */
const busyUes = 5;
const packetIntervalMs = 10;
/** Traffic before a switchover and after it. The first is longer than what the counts may lag behind. */
const windowMs = statisticsIntervalMs + 500;
/** How long a packet may be on its way until it counts as lost. */
const drainMs = 300;
/** A busy machine runs timers late: the last statistics of a killed chassis may be so much older than their interval. */
const latenessMs = 500;
const pollMs = 10;
/** Traffic before a disturbance, and after it. */
const chaosLeadMs = 300;
/** A UE that moves hears both access points for so long. */
const radioOverlapMs = 500;
const patienceMs = 15_000;
/** Two chassis that find each other, and one that starts again. */
const startPatienceMs = 45_000;

/** How the active chassis is made to lose the role. */
export type SwitchoverManner = 'planned' | 'kill' | { readonly killDuringHandoverBy: HandoverTrigger };

/** A target of a UE with traffic, and what that had used before. */
interface Warrant extends Pick<InterceptedUe, 'provisioned'> {
  readonly index: number;
  readonly xid: string;
  readonly before: Octets;
}

/** A pair on which one scenario is played: what a scenario can do, and what it has measured and found wrong. */
export class PairStage {
  readonly lab: PairLab;
  readonly switchovers: MeasuredSwitchover[] = [];
  readonly restarts: MeasuredRestart[] = [];
  readonly rounds: ChaosRound[] = [];
  readonly failures: string[] = [];
  readonly intercepted: InterceptedUe[] = [];
  readonly #warrants: Warrant[] = [];
  readonly #idle: Ue[] = [];
  readonly #busy: BusyUe[] = [];
  /** UEs at the WLC that a handover may take, not yet taken. */
  readonly #movable: BusyUe[] = [];
  #active: GatewayChild;
  #standby: GatewayChild;
  #askedBefore: Asked | undefined;
  readonly #former: string;

  /** @param former the launcher of the release that both chassis begin as */
  constructor(lab: PairLab, former = presentRelease) {
    this.lab = lab;
    this.#former = former;
    this.#active = lab.chassis.a;
    this.#standby = lab.chassis.b;
  }

  /** What the AAA server and the LMA were asked for since the first switchover began. */
  asked(): Asked {
    return askedSince(this.#askedBefore ?? this.#asked(), this.#asked());
  }

  expect(condition: boolean, failure: string): void {
    if (!condition) this.failures.push(failure);
  }

  /** Starts both chassis, and waits until one serves and the other is ready to. */
  async start(): Promise<void> {
    const { a, b } = this.lab.chassis;
    await Promise.all([a.start(this.#former), b.start(this.#former)]);
    await this.#roles();
  }

  /**
   * Waits until one serves and the other is ready, and notes who: each may serve for a moment until it has heard the other, and
   * on a busy machine the role may pass on before anybody asks for that.
   *
   * @param records how many the standby has to have; undefined if that does not matter
   */
  async #roles(records?: number): Promise<void> {
    const { a, b } = this.lab.chassis;
    let seen = '';
    const settled = async (): Promise<boolean> => {
      const [ofA, ofB] = [(await infoOf(a)).local, (await infoOf(b)).local];
      [this.#active, this.#standby] = ofA.serves ? [a, b] : [b, a];
      seen = [ofA, ofB].map(({ name, state, ready, records }) => `${name} ${state} ${ready} ${records}`).join(', ');
      const [active, standby] = ofA.serves ? [ofA, ofB] : [ofB, ofA];
      return (
        active.serves && !standby.serves && standby.ready && (records === undefined || standby.records === records)
      );
    };
    await this.#must(settled, () => `an active chassis and a ready standby (${seen})`, startPatienceMs);
  }

  /** Attaches every UE, and waits until the standby has all their sessions. @throws Error if one gets no address */
  async attachAll(): Promise<void> {
    const { lab } = this;
    const points: readonly AccessPoint[] = [lab.wlc, lab.rg];
    for (let index = 0; index < idleUes + busyUes; index += 1) {
      const ue = lab.newUe();
      const point = points[index % points.length]!;
      lab.move(ue, point, 'dhcp-discover');
      if (index < idleUes) {
        this.#idle.push(ue);
        continue;
      }
      const busy = { ue, traffic: lab.newTraffic(ue, packetIntervalMs) };
      this.#busy.push(busy);
      if (point === lab.wlc) this.#movable.push(busy);
    }
    await this.#must(() => lab.ues.every(({ dhcpState }) => dhcpState === 'Bound'), 'an address for every UE');
    await this.#standbyReady();
  }

  /** Has the active chassis lose the role under traffic, and measures what that does. */
  async switchOver(manner: SwitchoverManner): Promise<void> {
    await this.#roles();
    const [from, to] = [this.#active, this.#standby];
    const planned = manner === 'planned';
    const before = await takeAccount(from, this.#busy);
    const asked = this.#asked();
    this.#askedBefore ??= asked;
    const begunAt = this.#startTraffic();
    await sleep(windowMs);
    const start = now();
    const handover = await this.#act(manner, from);
    const causedAt = now();
    await this.#must(async () => (await infoOf(to)).local.serves, `${to.name} to serve`);
    const tookMs = now() - (planned ? start : causedAt);
    await handover?.settled();
    await sleep(windowMs);
    const traffic = await this.#endTraffic(Math.max(begunAt, start - windowMs / 2));
    const after = await takeAccount(to, this.#busy);
    this.switchovers.push({
      kind: planned ? 'planned' : 'kill -9',
      from: from.name,
      to: to.name,
      tookMs: rounded(tookMs),
      readyAgainMs: null,
      handover: handover?.result() ?? null,
      ...this.#sessionsOf(before, after),
      ...askedSince(asked, this.#asked()),
      ...traffic,
      octetsBefore: before.counted,
      octetsAfter: after.counted,
      octetsSent: after.sent,
    });
    const perMs = (busyUes * packetOctets) / packetIntervalMs;
    const uncounted = planned ? 0 : (statisticsIntervalMs + latenessMs) * perMs;
    this.failures.push(...countProblems(before, after, uncounted));
    this.#judge(this.switchovers.at(-1)!);
    [this.#active, this.#standby] = [to, from];
    if (planned) await this.#standbyReady();
  }

  /** A UE comes, whatever happens to the pair meanwhile. */
  attachOne(): void {
    const { lab } = this;
    const ue = lab.newUe();
    this.#idle.push(ue);
    lab.move(ue, this.lab.ues.length % 2 === 0 ? lab.wlc : lab.rg, 'dhcp-discover');
  }

  /** @throws Error if it does not, within the patience of the lab */
  async serves(chassis: GatewayChild): Promise<void> {
    await this.#must(async () => (await infoOf(chassis)).local.serves, `${chassis.name} to serve`);
  }

  async askForSwitchover(from: GatewayChild): Promise<void> {
    await this.#act('planned', from);
  }

  /**
   * Has something happen to the pair under traffic, and waits until one serves, the other is ready, and every UE has its address. Who was
   * there before has the same session, and AAA was asked for none of them.
   *
   * @param happen ends when what was wrong is right again
   */
  async disturb(
    about: Pick<ChaosRound, 'round' | 'fault' | 'on'>,
    happen: (active: GatewayChild, standby: GatewayChild) => Promise<void>,
  ): Promise<void> {
    const { lab } = this;
    await this.#roles(lab.ues.length);
    const [active, standby] = [this.#active, this.#standby];
    const before = await takeAccount(active, this.#busy);
    const known = new Set(lab.ues.map(({ mac }) => mac));
    const asked = this.#asked();
    const { policy } = lab.aaa;
    let askedAgain = 0;
    lab.aaa.policy = (mac, userName) => {
      if (mac === undefined || known.has(mac)) askedAgain += 1;
      return policy(mac, userName);
    };
    const begunAt = this.#startTraffic();
    await sleep(chaosLeadMs);
    await happen(active, standby);
    const rightAt = now();
    await this.#must(() => lab.ues.every(({ dhcpState }) => dhcpState === 'Bound'), 'an address for every UE');
    await this.#roles(lab.ues.length);
    const settledMs = rounded(now() - rightAt);
    await sleep(chaosLeadMs);
    const traffic = await this.#endTraffic(begunAt);
    lab.aaa.policy = policy;
    const after = await this.#accountOfActive();
    const what = `round ${about.round}, ${about.fault}${about.on === null ? '' : ` of the ${about.on}`}`;
    const { sessionsBefore, sessionsAfter, sessionsLost } = this.#sessionsOf(before, after);
    this.rounds.push({
      ...about,
      ...{ activeBefore: active.name, activeAfter: this.#active.name, settledMs },
      ...{ attached: lab.ues.length - known.size, sessionsBefore, sessionsAfter, sessionsLost },
      ...{ aaaRequestsCaused: askedAgain, pbusCaused: askedSince(asked, this.#asked()).pbusCaused },
      ...traffic,
      ...{ octetsBefore: before.counted, octetsAfter: after.counted, octetsSent: after.sent },
    });
    this.expect(sessionsLost === 0, `${what}: ${sessionsLost} sessions were lost`);
    this.expect(sessionsAfter === lab.ues.length, `${what}: there are ${sessionsAfter} sessions of ${lab.ues.length}`);
    this.expect(askedAgain === 0, `${what}: the AAA server was asked ${askedAgain} times for who was there`);
    const addresses = new Set([...after.sessions.values()].map(({ address }) => address));
    this.expect(addresses.size === after.sessions.size, `${what}: an address is leased twice`);
  }

  /** Of the one that serves, before and after it was asked: what was wrong may have its effect a moment after it is right again. */
  async #accountOfActive(): Promise<PairAccount> {
    for (;;) {
      await this.#roles(this.lab.ues.length);
      const account = await takeAccount(this.#active, this.#busy);
      if ((await infoOf(this.#active)).local.serves) return account;
    }
  }

  /** Starts the chassis that was killed, and waits until it is ready to take over. */
  async startAgain(): Promise<void> {
    const killed = this.#standby;
    await killed.ended();
    const start = now();
    await killed.start();
    await this.#standbyReady();
    const last = this.switchovers.pop();
    if (last !== undefined) this.switchovers.push({ ...last, readyAgainMs: rounded(now() - start) });
    const { sessions } = await takeAccount(this.#active, this.#busy);
    this.expect(
      sessions.size === this.lab.ues.length,
      `${sessions.size} sessions are left once ${killed.name} is back`,
    );
  }

  /** Ends the standby and starts it again as a release, under traffic, and waits until it is ready to take over. */
  async restartStandby(release: Release): Promise<void> {
    await this.#roles();
    const [active, standby] = [this.#active, this.#standby];
    const before = await takeAccount(active, this.#busy);
    this.#askedBefore ??= this.#asked();
    const begunAt = this.#startTraffic();
    await standby.stop();
    const start = now();
    await standby.start(release === 'present' ? presentRelease : this.#former);
    await this.#standbyReady();
    const readyAfterMs = rounded(now() - start);
    const { uplinkLost, downlinkLost, interruptionMs } = await this.#endTraffic(begunAt);
    const after = await takeAccount(active, this.#busy);
    const { sessionsLost, ...sessions } = this.#sessionsOf(before, after);
    this.restarts.push({
      ...{ chassis: standby.name, release, readyAfterMs, told: await toldBy(standby) },
      ...{ ...sessions, uplinkLost, downlinkLost, interruptionMs },
    });
    this.failures.push(...countProblems(before, after, 0));
    this.expect(sessionsLost === 0, `${sessionsLost} sessions were lost while ${standby.name} was started again`);
  }

  /** Every UE reaches the host, and has the address it had from the beginning. */
  async checkUes(): Promise<void> {
    const answered = new Set<Ue>();
    for (const ue of this.lab.ues) {
      ue.listener = { ...ue.listener, echoReply: () => answered.add(ue) };
      ue.ping(this.lab.host.address, 1, now());
    }
    this.lab.poke();
    await this.#until(() => answered.size === this.lab.ues.length, 'an answer from the host to every UE');
    const changed = this.lab.ues.filter(({ addressHistory }) => addressHistory.length !== 1);
    this.expect(changed.length === 0, `${changed.length} UEs did not keep their address`);
  }

  /** Has a UE with traffic intercepted from now on, be it there yet or not. @throws Error if that is refused */
  async intercept(index: number, provisioned: InterceptedUe['provisioned']): Promise<void> {
    const before = this.#busy[index] === undefined ? noOctets : await this.#usedBy(index);
    const mac = this.lab.macAt(idleUes + index);
    const xid = await this.lab.interception!.provision(this.#active.letter, mac);
    this.#warrants.push({ index, xid, provisioned, before });
  }

  /** A UE goes from the WLC to the RG. */
  async moveToRg(): Promise<void> {
    const { ue } = this.#movable.shift()!;
    const { lab } = this;
    lab.move(ue, lab.rg, 'dhcp-request', radioOverlapMs);
    const isThere = async () => (await this.#detailOf(ue.mac))?.accessType === 'EoGRE';
    await this.#must(isThere, `${ue.name} at the RG`);
  }

  /** What was delivered of each intercepted UE is what it has used since, once, and every event. */
  async checkIntercepted(): Promise<void> {
    for (const { index, xid, provisioned, before } of this.#warrants) {
      const now = await this.#usedBy(index);
      const used = { uplink: now.uplink - before.uplink, downlink: now.downlink - before.downlink };
      const delivered = () => this.lab.interception!.of(xid);
      const isAll = () => delivered().octets.uplink >= used.uplink && delivered().octets.downlink >= used.downlink;
      await this.#until(isAll, `all copies of a UE that was intercepted ${provisioned}`);
      const { octets: mirrored, events, missing, repeated } = delivered();
      this.intercepted.push({ provisioned, events, mirrored, used, missing, repeated });
      const same = mirrored.uplink === used.uplink && mirrored.downlink === used.downlink;
      this.expect(
        same && used.uplink > 0,
        `of a UE intercepted ${provisioned} other octets were copied than it has used`,
      );
      this.expect(missing === 0, `${missing} copies of a UE intercepted ${provisioned} are missing`);
    }
  }

  async #usedBy(index: number): Promise<Octets> {
    const usage = (await this.#detailOf(this.#busy[index]!.ue.mac))?.usage;
    return { uplink: usage?.uplinkOctets ?? 0, downlink: usage?.downlinkOctets ?? 0 };
  }

  async #detailOf(mac: MacAddress): Promise<SubscriberDetail | undefined> {
    return (await takeAccount(this.#active, [])).sessions.get(formatMac(mac));
  }

  /** Neither the AAA server nor the LMA was asked for anything since the first switchover began. */
  checkAsked(): void {
    const { aaaRequestsCaused, pbusCaused } = this.asked();
    this.expect(aaaRequestsCaused === 0, `altogether the AAA server was asked ${aaaRequestsCaused} times`);
    this.expect(pbusCaused === 0, `altogether the LMA was asked ${pbusCaused} times`);
  }

  /** Asks for the switchover, or kills; at a handover when that has begun. */
  async #act(manner: SwitchoverManner, from: GatewayChild) {
    if (manner === 'planned') {
      const answer = await from.client.ask(apiOperations.initiateSwitchover);
      const outcome = answer.kind === 'data' ? (answer.data as SwitchoverAnswer) : undefined;
      const failed =
        outcome?.failed.map(({ condition, detail }) => `${condition}: ${detail}`).join('; ') ?? answer.kind;
      this.expect(
        outcome?.outcome === 'completed',
        `the switchover was ${outcome?.outcome ?? 'not answered'} ${failed}`,
      );
      return undefined;
    }
    if (manner === 'kill') {
      from.kill();
      return undefined;
    }
    const busy = this.#movable.shift();
    if (busy === undefined) throw new Error('no UE is left at the WLC for a handover');
    const handover = new KilledDuringHandover(this.lab, busy, manner.killDuringHandoverBy, () => from.kill());
    await handover.killed();
    return handover;
  }

  #judge(measured: MeasuredSwitchover): void {
    const { sessionsAfter, sessionsLost, aaaRequestsCaused, pbusCaused, handover, from, to } = measured;
    const what = `${from} → ${to}`;
    this.expect(sessionsLost === 0, `${what}: ${sessionsLost} sessions were lost`);
    this.expect(sessionsAfter === this.lab.ues.length, `${what}: there are ${sessionsAfter} sessions afterwards`);
    this.expect(aaaRequestsCaused === 0, `${what}: the AAA server was asked ${aaaRequestsCaused} times`);
    this.expect(pbusCaused === 0, `${what}: the LMA was asked ${pbusCaused} times`);
    this.expect(handover?.pathKept !== false, `${what}: the path that the UE had moved to was lost`);
  }

  #sessionsOf(before: PairAccount, after: PairAccount) {
    const sessionsLost = lostSessions(before, after).length;
    return { sessionsBefore: before.sessions.size, sessionsAfter: after.sessions.size, sessionsLost };
  }

  #startTraffic(): Instant {
    const at = now();
    for (const { traffic } of this.#busy) traffic.start(at);
    this.lab.poke();
    return at;
  }

  /** Stops the traffic, waits for what is on its way, and says what became of it since a moment. */
  async #endTraffic(from: Instant) {
    const end = now();
    for (const { traffic } of this.#busy) traffic.stop();
    await sleep(drainMs);
    const losses = this.#busy.map(({ traffic }) => traffic.loss(from, end));
    return {
      uplinkLost: losses.reduce((sum, { uplinkLost }) => sum + uplinkLost, 0),
      downlinkLost: losses.reduce((sum, { downlinkLost }) => sum + downlinkLost, 0),
      interruptionMs: rounded(Math.max(...losses.map(({ interruptionMs }) => interruptionMs))),
      // The host sends whenever the UE does, and goes on where a scenario keeps the UE silent.
      senderPauseMs: rounded(
        Math.max(...this.#busy.map(({ traffic }) => traffic.downlink.longestSenderPause(from, end))),
      ),
    };
  }

  #asked(): Asked {
    const { counters } = this.lab.aaa;
    const kinds = counters.names.filter(
      (name) => name === 'requests' || name === 'duplicates' || name.startsWith('discarded.'),
    );
    return {
      aaaRequestsCaused: kinds.reduce((sum, name) => sum + counters.get(name), 0),
      pbusCaused: this.lab.lma.counters.get('pbu'),
    };
  }

  async #standbyReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      const { local } = await infoOf(this.#standby);
      return local.ready && local.records === this.lab.ues.length;
    };
    await this.#must(isReady, `${this.#standby.name} to be ready as standby`, startPatienceMs);
  }

  async #until(condition: () => boolean | Promise<boolean>, what: What, timeoutMs = patienceMs): Promise<boolean> {
    const end = now() + timeoutMs;
    while (!(await condition())) {
      if (now() > end) {
        this.failures.push(`waited in vain for ${typeof what === 'string' ? what : what()}`);
        return false;
      }
      await sleep(pollMs);
    }
    return true;
  }

  /** @throws Error if it does not come true: there is no point in going on */
  async #must(condition: () => boolean | Promise<boolean>, what: What, timeoutMs = patienceMs): Promise<void> {
    const failuresBefore = this.failures.length;
    if (await this.#until(condition, what, timeoutMs)) return;
    throw new Error(this.failures.splice(failuresBefore).join('; '));
  }
}

/** What is waited for; told when it has not come. */
type What = string | (() => string);

type Asked = Pick<SwitchoverEffects, 'aaaRequestsCaused' | 'pbusCaused'>;

function askedSince(before: Asked, after: Asked): Asked {
  return {
    aaaRequestsCaused: after.aaaRequestsCaused - before.aaaRequestsCaused,
    pbusCaused: after.pbusCaused - before.pbusCaused,
  };
}

/** What an operator is told of a start: what became of the store, and alarms. */
const ofAStart = /^(?:recovery-|sessions-recovered$|alarm-)/;

async function toldBy(gateway: GatewayChild): Promise<string[]> {
  const { events } = await gateway.show<Pick<EventsData, 'events'>>('events');
  return events.filter(({ name }) => ofAStart.test(name)).map(({ name, text }) => `${name}: ${text}`);
}

function infoOf(gateway: GatewayChild): Promise<SrpInfoData> {
  return gateway.show<SrpInfoData>('srp/info');
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
