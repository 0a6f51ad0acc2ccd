import type { IpAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PacketInput, PortName, Timed } from '../kernel/port.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { adoptStored } from '../sessmgr/recovery/recover.ts';
import type { RecoveryStatus } from '../sessmgr/recovery/recovery-status.ts';
import { salvage } from '../sessmgr/recovery/salvage.ts';
import { SessionManager, type SessionManagerDependencies } from '../sessmgr/session-manager.ts';
import { wallClock } from './clock.ts';
import { tellEvent } from './gateway-event.ts';
import { SessionKeeper } from './recovery/session-keeper.ts';
import { restartCounterAt } from './restart-counter.ts';

/** What a gateway's sockets and clock drive. */
export interface GatewayCore extends PacketInput, Timed {
  /** Another one after a restart of the session manager: not to be kept. */
  readonly manager: SessionManager;
  /** False on a chassis of a pair that follows its peer: then what it has is not to be changed. */
  readonly serves: boolean;
  /** To be called once, when the ports are open. */
  start(now: Instant): void | Promise<void>;
  /** To be called before nothing is delivered any more, by whoever has the time: another chassis takes over. */
  leave?(): Promise<void>;
  /** To be called when nothing is delivered any more; writes what is kept on disk. */
  stop(): Promise<void>;
  /** Undefined where nothing is kept on disk. */
  recovery(): RecoveryStatus | undefined;
}

export type CoreDependencies = Omit<
  SessionManagerDependencies,
  'restartCounter' | 'observer' | 'commit' | 'counters' | 'forwardingCounters'
>;

/**
 * The core of a chassis without a peer; where sessions are kept on disk, with those that were.
 *
 * @throws StartError if the store is not to be had
 */
export async function openCore(config: GatewayConfig, dependencies: CoreDependencies): Promise<GatewayCore> {
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
function lastingOnlyItself(config: GatewayConfig, dependencies: CoreDependencies): GatewayCore {
  const restartCounter = restartCounterAt(wallClock());
  const manager = new SessionManager(config, { ...dependencies, restartCounter });
  return {
    manager,
    serves: true,
    receive: (port, channel, peer, peerPort, bytes, now) => manager.receive(port, channel, peer, peerPort, bytes, now),
    advance: (now) => manager.advance(now),
    nextDeadline: () => manager.nextDeadline(),
    start: (now) => manager.s2a.start(now),
    stop: async () => {},
    recovery: () => undefined,
  };
}

/** A session fails alone; faults outside of any, so many in so short a time, are taken for a session manager that is broken. */
const faultsOfBroken = 3;
const faultWindowMs = 10_000;
/** What is not mended by a restart is not tried again at once: each takes as long as a recovery. */
const restartPauseMs = 60_000;

/**
 * A session manager whose sessions are kept on disk. One that has failed is replaced by a new one, which has the sessions,
 * the counters and the Restart Counter of the former.
 */
class KeptCore implements GatewayCore {
  readonly serves = true;
  readonly #config: GatewayConfig;
  readonly #dependencies: Omit<SessionManagerDependencies, 'counters' | 'forwardingCounters'>;
  readonly #keeper: SessionKeeper;
  #manager: SessionManager;
  #faultsAt: Instant[] = [];
  #restartedAt: Instant = Number.NEGATIVE_INFINITY;
  #restarts = 0;

  constructor(config: GatewayConfig, dependencies: CoreDependencies, keeper: SessionKeeper) {
    this.#config = config;
    this.#keeper = keeper;
    const restartCounter = keeper.restartCounter(keeper.heldSessions > 0);
    this.#dependencies = { ...dependencies, restartCounter, observer: keeper.observer };
    this.#manager = new SessionManager(config, this.#dependencies);
    keeper.recover(this.#manager);
  }

  get manager(): SessionManager {
    return this.#manager;
  }

  receive(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    try {
      this.#manager.receive(port, channel, peer, peerPort, bytes, now);
    } catch (error) {
      this.#failed(now);
      throw error;
    }
  }

  advance(now: Instant): void {
    try {
      if (this.#manager.nextDeadline() <= now) this.#manager.advance(now);
    } catch (error) {
      this.#failed(now);
      throw error;
    }
    this.#keeper.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#manager.nextDeadline(), this.#keeper.nextDeadline());
  }

  start(now: Instant): void {
    this.#manager.s2a.start(now);
  }

  async stop(): Promise<void> {
    await this.#keeper.stop();
  }

  recovery(): RecoveryStatus {
    return this.#keeper.status(this.#restarts);
  }

  #failed(now: Instant): void {
    this.#faultsAt = [...this.#faultsAt.filter((at) => at > now - faultWindowMs), now];
    if (this.#faultsAt.length < faultsOfBroken || now < this.#restartedAt + restartPauseMs) return;
    this.#faultsAt = [];
    this.#restartedAt = now;
    this.#restarts += 1;
    this.#restart(now);
  }

  #restart(now: Instant): void {
    const { counters, forwardingCounters, crashes } = this.#manager;
    const saved = salvage(this.#manager, now);
    const next = new SessionManager(this.#config, { ...this.#dependencies, counters, forwardingCounters });
    next.crashes.push(...crashes);
    const sessions = adoptStored(next, saved, now);
    this.#manager = next;
    this.#keeper.keep(next);
    next.s2a.start(now);
    const lost = Array.from(saved.refused.values()).reduce((sum, count) => sum + count, 0);
    tellEvent(
      this.#dependencies.report,
      'session-manager-restarted',
      `the session manager was restarted after ${faultsOfBroken} faults: it has ${sessions} sessions again, and has lost ${lost}`,
    );
  }
}
