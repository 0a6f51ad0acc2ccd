import { setTimeout as sleep } from 'node:timers/promises';
import { now, wallClock } from '../../../host/clock.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import type { ChassisLetter } from '../../pair/pair-network.ts';
import type { BenchRow } from '../report.ts';
import type { ChassisProcess, ChassisSample } from './chassis-process.ts';
import type { IcsrOptions } from './icsr-bench.ts';
import { judgedRow, medianOf } from './judged-row.ts';
import type { PairRig } from './pair-rig.ts';
import { type Interruption, UplinkProbe } from './uplink-probe.ts';

export const interruptionNames = [
  'interruption-none',
  'interruption-planned',
  'interruption-unplanned',
  'interruption-fresh',
] as const;

/** Packets flow for so long before a switchover and after it. */
const windowMs = 1000;
/** The newest packets may be on their way. */
const inFlightMs = 50;
const busyUes = 1000;
const packetsPerSecond = 1000;

/** One change of role, seen from outside and told by who took the role. */
interface Switchover extends Interruption {
  readonly parts: Readonly<Record<string, number>>;
  readonly sessionsLost: number;
  readonly standbyReadyMs: number | undefined;
}

/**
 * How long UEs' packets are interrupted while nothing happens, by a planned switchover, and by kill -9 of the active, with
 * a READY standby and many sessions.
 */
export async function interruptionRows(
  rig: PairRig,
  options: Pick<IcsrOptions, 'sessions' | 'rounds'>,
): Promise<BenchRow[]> {
  return new InterruptionRun(rig, options).rows();
}

class InterruptionRun {
  readonly #rig: PairRig;
  readonly #options: Pick<IcsrOptions, 'sessions' | 'rounds'>;
  readonly #probe: UplinkProbe;
  #active!: { readonly letter: ChassisLetter; readonly chassis: ChassisProcess };
  #standby!: { readonly letter: ChassisLetter; readonly chassis: ChassisProcess };

  constructor(rig: PairRig, options: Pick<IcsrOptions, 'sessions' | 'rounds'>) {
    this.#rig = rig;
    this.#options = options;
    const busy = Math.min(busyUes, Math.floor(options.sessions / 2));
    // Those with a session by DHCP: a packet of the others would move them.
    this.#probe = new UplinkProbe(rig, packetsPerSecond, (packet) => 1 + 2 * (packet % busy));
  }

  async rows(): Promise<BenchRow[]> {
    const { sessions, rounds } = this.#options;
    const { a, b } = await this.#rig.startPair(sessions, 'least');
    this.#active = { letter: 'a', chassis: a };
    this.#standby = { letter: 'b', chassis: b };
    this.#probe.start();
    await sleep(windowMs);
    const quiet: Interruption[] = [];
    const planned: Switchover[] = [];
    const unplanned: Switchover[] = [];
    for (let round = 0; round < rounds; round += 1) {
      quiet.push(await this.#watch(async () => sleep(windowMs)));
      planned.push(await this.#switchOver('planned'));
    }
    for (let round = 0; round < rounds; round += 1) unplanned.push(await this.#switchOver('unplanned'));
    const fresh: Switchover[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await this.#standbyAnew();
      fresh.push(await this.#switchOver('unplanned'));
    }
    this.#probe.stop();
    await this.#rig.end(this.#standby.chassis, this.#active.chassis);
    const gaps = (list: readonly Interruption[]): number[] => list.map(({ interruptionMs }) => interruptionMs);
    const lost = quiet.reduce((sum, { lost }) => sum + lost, 0);
    return [
      { name: 'interruption-none', rate: medianOf(gaps(quiet)), unit: 'ms', worst: Math.max(...gaps(quiet)), lost },
      { ...judgedRow('interruption-planned', gaps(planned)), ...this.#figuresOf(planned) },
      {
        ...judgedRow('interruption-unplanned', gaps(unplanned)),
        ...this.#figuresOf(unplanned),
      },
      { ...judgedRow('interruption-fresh', gaps(fresh)), ...this.#figuresOf(fresh) },
    ];
  }

  async #switchOver(manner: 'planned' | 'unplanned'): Promise<Switchover> {
    const [from, to] = [this.#active, this.#standby];
    let causedAt = 0;
    const measured = await this.#watch(async () => {
      causedAt = wallClock();
      if (manner === 'unplanned') from.chassis.kill();
      else {
        const { outcome, failed } = await from.chassis.switchOver();
        const why = failed.map(({ condition, detail }) => `${condition}: ${detail}`).join('; ');
        if (outcome !== 'completed') throw new Error(`a switchover was ${outcome}: ${why}`);
      }
      await to.chassis.until(({ serves }) => serves, 'the standby to serve');
    });
    const sample = await to.chassis.sample();
    [this.#active, this.#standby] = [to, from];
    const standbyReadyMs = await this.#standbyAgain(manner);
    const sessionsLost = this.#options.sessions - sample.sessions;
    const parts = partsOf(sample, causedAt, (at) => this.#probe.firstArrivalAfter(at));
    return { ...measured, parts, sessionsLost, standbyReadyMs };
  }

  /** Does something, and tells what it did to the packets from half a second before to a second after. */
  async #watch(act: () => Promise<void>): Promise<Interruption> {
    await sleep(windowMs / 2);
    const from = now() - windowMs / 2;
    await act();
    await sleep(windowMs);
    return this.#probe.since(from, inFlightMs);
  }

  /** Starts a killed chassis with what it has on its disk; waits until the standby is READY, and how long that took. */
  async #standbyAgain(manner: 'planned' | 'unplanned'): Promise<number | undefined> {
    const { letter, chassis } = this.#standby;
    if (manner === 'unplanned') {
      await this.#rig.end(chassis);
      this.#standby = { letter, chassis: await this.#rig.startChassis(letter, { dead: 'least' }) };
    }
    const { linkUpAt, enteredAt } = await this.#rig.settled(this.#standby.chassis, this.#options.sessions);
    await this.#active.chassis.until(
      ({ ready, unwritten }) => ready && unwritten === 0,
      'the active to know its standby',
    );
    if (manner === 'planned' || linkUpAt === undefined || enteredAt === undefined) return undefined;
    return enteredAt - linkUpAt;
  }

  /** Replaces the standby by one that is READY since a moment ago, and has made next to no session of its records. */
  async #standbyAnew(): Promise<void> {
    const { letter, chassis } = this.#standby;
    await this.#rig.end(chassis);
    this.#standby = { letter, chassis: await this.#rig.startChassis(letter, { dead: 'least' }) };
    await this.#standby.chassis.until(({ ready }) => ready, 'a standby to be READY');
  }

  #figuresOf(switchovers: readonly Switchover[]): Record<string, number> {
    const names = new Set(switchovers.flatMap(({ parts }) => Object.keys(parts)));
    const parts = Array.from(names, (name) => [name, medianOf(switchovers.map(({ parts }) => parts[name] ?? 0))]);
    const sum = (figure: (one: Switchover) => number): number => switchovers.reduce((all, one) => all + figure(one), 0);
    const ready = switchovers.flatMap(({ standbyReadyMs }) => standbyReadyMs ?? []);
    return {
      ...Object.fromEntries(parts),
      senderPauseMs: Math.max(...switchovers.map(({ senderPauseMs }) => senderPauseMs)),
      packetsLost: sum(({ lost }) => lost),
      packetsSent: sum(({ sent }) => sent),
      ...(ready.length === 0 ? {} : { standbyReadyMs: medianOf(ready) }),
      sessions: this.#options.sessions,
      failures: sum(({ sessionsLost }) => sessionsLost),
    };
  }
}

/** From the cause to the beginning of the promotion; its stages; from its end to the next packet that came through. */
function partsOf(
  { promotion }: ChassisSample,
  causedAt: WallClock,
  firstPacketAfter: (at: WallClock) => WallClock | undefined,
): Record<string, number> {
  if (promotion === undefined) return {};
  const stages = Object.entries(promotion.stagesMs).map(([stage, ms]) => [`${stage}Ms`, ms] as const);
  const promotionMs = stages.reduce((sum, [, ms]) => sum + ms, 0);
  const servedAt = promotion.begunAt + promotionMs;
  return {
    noticedMs: promotion.begunAt - causedAt,
    promotionMs,
    ...Object.fromEntries(stages.filter(([, ms]) => ms > 0)),
    firstPacketMs: (firstPacketAfter(servedAt) ?? Number.NaN) - servedAt,
  };
}
