import type { Accelerator } from '../forwarding/accelerator.ts';
import type { IpAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PacketInput, PortName, Timed } from '../kernel/port.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { InstanceGroup } from '../sessmgr/instances/instance-group.ts';
import type { Intercepts } from '../sessmgr/intercepts.ts';
import { adoptStored } from '../sessmgr/recovery/recover.ts';
import type { RecoveryStatus } from '../sessmgr/recovery/recovery-status.ts';
import { salvage } from '../sessmgr/recovery/salvage.ts';
import { SessionManager } from '../sessmgr/session-manager.ts';
import type { SessionManagerDependencies } from '../sessmgr/session-manager-parts.ts';
import { type ChassisSessions, sessionsOf } from './chassis-sessions.ts';
import { now, wallClock } from './clock.ts';
import { FaultWindow, faultsOfBroken } from './fault-window.ts';
import { tellEvent } from './gateway-event.ts';
import { SessionKeeper } from './recovery/session-keeper.ts';
import { restartCounterAt } from './restart-counter.ts';

/** What a gateway's sockets and clock drive. */
export interface GatewayCore extends PacketInput, Timed {
  readonly sessions: ChassisSessions;
  /**
   * The session manager instances, if they are in this thread. One of them may be another after it was restarted: none is
   * to be kept.
   */
  readonly group?: InstanceGroup | undefined;
  /** As of `RunningCore`. */
  turnEnds?(): void;
  /** False on a chassis of a pair that follows its peer: then what it has is not to be changed. */
  readonly serves: boolean;
  /** Goes on with another configuration, of which what is not hot is the same. */
  reconfigure(config: GatewayConfig, now: Instant): void;
  /** To be called once, when the ports are open. */
  start(now: Instant): void | Promise<void>;
  /**
   * To be called before nothing is delivered any more, by whoever has the time: another chassis takes over, or AAA is told
   * that the service ends. `poke` is to be called when something is to be sent.
   */
  leave?(poke: () => void): Promise<void>;
  /** To be called when nothing is delivered any more; writes what is kept on disk. */
  stop(): Promise<void>;
  /** Undefined where nothing is kept on disk. */
  recovery(): RecoveryStatus | undefined;
}

/** A core whose session manager instances are in this thread. */
export type InProcessCore = GatewayCore & { readonly group: InstanceGroup };

export interface CoreDependencies
  extends Omit<
    SessionManagerDependencies,
    'restartCounter' | 'observer' | 'commit' | 'counters' | 'forwardingCounters' | 'part' | 'accelerator' | 'intercepts'
  > {
  /** What forwards beside the slow path, for each instance; without it nothing does. */
  readonly accelerators?: ((index: number) => Accelerator | undefined) | undefined;
  /** Whose sessions are intercepted, for each instance; without it none are. */
  readonly interceptsOf?: ((index: number) => Intercepts | undefined) | undefined;
}

/**
 * The core of a chassis without a peer; where sessions are kept on disk, with those that were.
 *
 * @throws StartError if the store is not to be had
 */
export async function openCore(config: GatewayConfig, dependencies: CoreDependencies): Promise<InProcessCore> {
  if (config.recovery === undefined) return lastingOnlyItself(config, dependencies);
  const keeper = await SessionKeeper.open(config.recovery, config.chassis.name, dependencies.report);
  try {
    return new KeptCore(config, dependencies, keeper);
  } catch (error) {
    await keeper.stop();
    throw error;
  }
}

/** Nothing of it outlives the process. */
function lastingOnlyItself(config: GatewayConfig, dependencies: CoreDependencies): InProcessCore {
  const restartCounter = restartCounterAt(wallClock());
  const managers: SessionManager[] = [];
  const group: InstanceGroup = new InstanceGroup(config.sessionManagers.count, config, () => managers);
  const begin = (index: number, counting: Counting): SessionManager => {
    const own = group.dependenciesOf(index, dependencies);
    return new SessionManager(config, { ...dependencies, ...own, ...counting, restartCounter });
  };
  for (let index = 0; index < group.count; index += 1) managers.push(begin(index, {}));
  return {
    group,
    sessions: sessionsOf(
      () => group,
      (index) => {
        const restarted = renewed(managers, index, begin, now());
        tellRestarted(dependencies.report, index, 'by an operator', restarted);
        return { ok: true, ...restarted };
      },
    ),
    serves: true,
    receive: (port, channel, peer, peerPort, bytes, now) => group.receive(port, channel, peer, peerPort, bytes, now),
    advance: (now) => group.advance(now),
    nextDeadline: () => group.nextDeadline(),
    reconfigure: (next, now) => group.reconfigure(next, now),
    start: (now) => {
      group.start(now);
      group.holdAccounting(now);
      group.announceAccounting(now);
    },
    leave: (poke) => endAccounting(group, poke),
    stop: async () => {},
    recovery: () => undefined,
  };
}

/** Resolves when AAA knows that the service ends and keeps no session, or does not say so in time. */
function endAccounting(group: InstanceGroup, poke: () => void): Promise<void> {
  return new Promise((resolve) => {
    group.endAccounting(now(), resolve);
    poke();
  });
}

type Counting = Pick<SessionManagerDependencies, 'counters' | 'forwardingCounters'>;

/** Puts another session manager in the place of one: it has its sessions, its counters and what it has noted of crashes. */
function renewed(
  managers: SessionManager[],
  index: number,
  begin: (index: number, counting: Counting) => SessionManager,
  now: Instant,
): { readonly sessions: number; readonly lost: number } {
  const former = managers[index]!;
  const { counters, forwardingCounters, crashes } = former;
  counters.add('session-manager.restarted');
  const saved = salvage(former, now);
  const next = begin(index, { counters, forwardingCounters });
  next.crashes.push(...crashes);
  const sessions = adoptStored(next, saved, now);
  next.flows.forgetFormer();
  managers[index] = next;
  if (index === 0) next.s2a.start(now);
  return { sessions, lost: Array.from(saved.refused.values()).reduce((sum, count) => sum + count, 0) };
}

/** @param why as `after 3 faults` */
export function tellRestarted(
  report: CoreDependencies['report'],
  index: number,
  why: string,
  { sessions, lost }: { readonly sessions: number | null; readonly lost: number },
): void {
  const has = sessions === null ? 'it records again' : `it has ${sessions} sessions again, and has lost ${lost}`;
  tellEvent(report, 'session-manager-restarted', `session manager instance ${index + 1} was restarted ${why}: ${has}`);
}

/** What is not mended by a restart is not tried again at once: each takes as long as a recovery. */
const restartPauseMs = 60_000;

/** What became of an instance. */
interface Faults {
  readonly window: FaultWindow;
  restartedAt: Instant;
}

/**
 * Session managers whose sessions are kept on disk. One that has failed is replaced by a new one, which has the sessions,
 * the counters and the Restart Counter of the former; the others serve on.
 */
class KeptCore implements GatewayCore {
  readonly serves = true;
  readonly group: InstanceGroup;
  readonly sessions = sessionsOf(
    () => this.group,
    (index) => ({ ok: true, ...this.#restart(index, 'by an operator', now()) }),
  );
  /** What an instance that is begun anew is made with. */
  #config: GatewayConfig;
  readonly #dependencies: CoreDependencies & Pick<SessionManagerDependencies, 'restartCounter' | 'observer'>;
  readonly #keeper: SessionKeeper;
  readonly #managers: SessionManager[] = [];
  readonly #faults: readonly Faults[];
  readonly #beginsAnew: boolean;
  #restarts = 0;

  constructor(config: GatewayConfig, dependencies: CoreDependencies, keeper: SessionKeeper) {
    this.#config = config;
    this.#keeper = keeper;
    this.#beginsAnew = keeper.heldSessions === 0;
    const restartCounter = keeper.restartCounter(!this.#beginsAnew);
    this.#dependencies = { ...dependencies, restartCounter, observer: keeper.observer };
    const { count } = config.sessionManagers;
    this.group = new InstanceGroup(count, config, () => this.#managers);
    this.#faults = Array.from({ length: count }, () => ({
      window: new FaultWindow(),
      restartedAt: Number.NEGATIVE_INFINITY,
    }));
    for (let index = 0; index < count; index += 1) this.#managers.push(this.#newManager(index, {}));
    keeper.recover(this.group);
  }

  receive(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    const index = this.group.instanceOf(port, channel, peer, bytes);
    try {
      this.group.deliver(index, port, channel, peer, peerPort, bytes, now);
    } catch (error) {
      this.#failed(index, now);
      throw error;
    }
  }

  advance(now: Instant): void {
    const errors: unknown[] = [];
    for (const [index, manager] of this.#managers.entries()) {
      try {
        if (manager.nextDeadline() <= now) manager.advance(now);
      } catch (error) {
        this.#failed(index, now);
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    this.#keeper.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.group.nextDeadline(), this.#keeper.nextDeadline());
  }

  reconfigure(config: GatewayConfig, now: Instant): void {
    this.#config = config;
    this.group.reconfigure(config, now);
  }

  start(now: Instant): void {
    this.group.start(now);
    if (!this.#beginsAnew) return;
    this.group.holdAccounting(now);
    this.group.announceAccounting(now);
  }

  /** What is on disk is not over. */
  async leave(poke: () => void): Promise<void> {
    if (this.group.members.every(({ registry }) => registry.isEmpty)) await endAccounting(this.group, poke);
  }

  async stop(): Promise<void> {
    await this.#keeper.stop();
  }

  recovery(): RecoveryStatus {
    return this.#keeper.status(this.#restarts);
  }

  #newManager(index: number, counting: Counting) {
    const own = this.group.dependenciesOf(index, this.#dependencies);
    return new SessionManager(this.#config, { ...this.#dependencies, ...own, ...counting });
  }

  #failed(index: number, now: Instant): void {
    const faults = this.#faults[index]!;
    if (!faults.window.add(now) || now < faults.restartedAt + restartPauseMs) return;
    faults.window.clear();
    faults.restartedAt = now;
    this.#restart(index, `after ${faultsOfBroken} faults`, now);
  }

  #restart(index: number, why: string, now: Instant): ReturnType<typeof renewed> {
    this.#restarts += 1;
    const restarted = renewed(this.#managers, index, (...how) => this.#newManager(...how), now);
    this.#keeper.keep(this.group.reader);
    tellRestarted(this.#dependencies.report, index, why, restarted);
    return restarted;
  }
}
