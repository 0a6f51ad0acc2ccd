import type { Logger } from 'pino';
import { isHandingOver } from '../icsr/chassis/state.ts';
import type { IpAddress, Ipv4Address } from '../kernel/address.ts';
import { type Instant, never } from '../kernel/instant.ts';
import type { PacketInput, PortName, Timed } from '../kernel/port.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { isOfPair, linkOptionsOf, type PairConfig, pairOptionsOf } from '../operations/config/pair-options.ts';
import type { RedundancyReader } from '../operations/views/redundancy-reader.ts';
import { refuse } from '../operations/views/view.ts';
import type { InstanceGroup } from '../sessmgr/instances/instance-group.ts';
import type { ManagerReader } from '../sessmgr/manager-reader.ts';
import { ChassisOfPair } from '../sessmgr/pair/chassis-of-pair.ts';
import type { SessionObserver } from '../sessmgr/session-observer.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { LogInTickets } from './access/log-in-tickets.ts';
import { describeProblem } from './addresses/host-addresses.ts';
import { openServiceAddresses } from './addresses/open-service-addresses.ts';
import type { ServiceAddresses } from './addresses/service-addresses.ts';
import { type ChassisSessions, type Restarted, sessionsOf } from './chassis-sessions.ts';
import { now } from './clock.ts';
import { hostSrpDigests } from './digests.ts';
import { type CoreDependencies, type GatewayCore, tellRestarted } from './gateway-core.ts';
import { tellEvent } from './gateway-event.ts';
import { InstanceThreads, type InstanceThreadsDependencies } from './instances/instance-threads.ts';
import { ThreadsOfChassis } from './instances/threads-of-chassis.ts';
import { OperatorLink } from './operator-link.ts';
import { tellLink, tellNotice } from './pair-events.ts';
import { PairMonitors } from './pair-monitors.ts';
import type { ChassisStateFile } from './recovery/chassis-state-file.ts';
import { SessionKeeper } from './recovery/session-keeper.ts';
import type { ManagedRedundancy } from './redundancy-commands.ts';
import { greaterRestartCounter } from './restart-counter.ts';
import { hostSeal } from './seal.ts';
import type { SocketDriver } from './sockets/socket-driver.ts';
import { hostCompressions } from './srp/compressions.ts';
import { SrpLink } from './srp/srp-link.ts';
import { StartError, type StartProblem } from './start-error.ts';

export interface PairCoreDependencies extends CoreDependencies {
  /** What threads of session manager instances need; without it the instances are in this thread. */
  readonly threads?: Omit<InstanceThreadsDependencies, 'pair'>;
  readonly driver: SocketDriver;
  readonly log?: Logger;
  /** What the core threw outside a packet or a deadline. */
  fault(error: unknown): void;
  /** Switches forwarding in the kernel on or off. */
  forward?(forwards: boolean): void;
  /** The core was told something by others than the runtime: it has something to send, or another deadline. */
  poke(): void;
}

/** How long a chassis that is stopped waits for its peer to take the role over. */
const handoverOnStopMs = 3000;
/** A disk that has refused is asked again so much later. */
const storeAgainMs = 1000;
/** What the sessions on disk are worth follows them so much later: not in the turn in which the role is taken. */
const standingAfterMs = 1000;
/**
 * A chassis of a pair on a real host: the chassis, its link to the peer, the service addresses, the monitors, and what is
 * kept on disk. What of it moves with the role moves here.
 */
export class PairCore implements GatewayCore {
  readonly pair: ChassisOfPair;
  readonly sessions: ChassisSessions;
  /** What operators do here and is to hold at the other chassis. */
  readonly operators: OperatorLink;
  #config: PairConfig;
  readonly #dependencies: PairCoreDependencies;
  readonly #link: SrpLink;
  readonly #addresses: ServiceAddresses;
  readonly #disk: ChassisStateFile;
  /** Of the sessions of instances in this thread; those of others have `#threads`. */
  readonly #keeper: SessionKeeper | undefined;
  readonly #threads: ThreadsOfChassis | undefined;
  readonly #guarded: PacketInput & Timed;
  readonly #createdAt: Instant = now();
  #isStarted = false;
  #monitors: PairMonitors | undefined;
  /** Those whose sessions are on disk. */
  #kept: ManagerReader | undefined;
  /** What is to be on disk; `#storeAgainAt` is when it is tried again, if the disk has refused. */
  #state: Pick<ChassisStateFile, 'term' | 'restartCounter' | 'disabledNacks' | 'store'>;
  #storeAgainAt: Instant = never;
  #standingDueAt: Instant = never;
  /** What the route hook was told last. */
  #route: number | undefined;

  private constructor(
    config: PairConfig,
    dependencies: PairCoreDependencies,
    kept: SessionKeeper | InstanceThreads,
    addresses: ServiceAddresses,
  ) {
    this.#config = config;
    this.#dependencies = dependencies;
    this.#keeper = kept instanceof InstanceThreads ? undefined : kept;
    this.#addresses = addresses;
    this.#disk = kept instanceof InstanceThreads ? kept.store!.state : kept.state;
    const { term, restartCounter, disabledNacks, store } = this.#disk;
    this.#state = { term, restartCounter, disabledNacks, store };
    const { redundancy } = config;
    const { bind, peer, chassis } = redundancy;
    this.#link = new SrpLink(
      {
        ...linkOptionsOf(config, hostCompressions),
        bind: { address: bind.address as Ipv4Address, port: bind.port },
        peer: { address: peer.address as Ipv4Address, port: peer.port },
        helloIntervalMs: chassis.helloIntervalMs,
        deadIntervalMs: chassis.deadIntervalMs,
      },
      {
        turnEnd: () => dependencies.poke(),
        fault: (error) => dependencies.fault(error),
        event: (event) => tellLink(dependencies.report, event),
      },
    );
    if (kept instanceof InstanceThreads) {
      this.#threads = new ThreadsOfChassis(kept, {
        deadIntervalMs: chassis.deadIntervalMs,
        beat: (at) => this.#link.beat(at),
        pair: () => this.pair,
        restartCounter: () => this.#counterOfRecovery(kept.store!.heldSessions),
        recovered: (own) => this.#store({ ...this.#state, restartCounter: own }),
        fault: (error) => dependencies.fault(error),
        poke: () => dependencies.poke(),
      });
    }
    this.sessions =
      this.#threads?.sessions ??
      sessionsOf(
        () => this.group!,
        (index) => this.#restart(index),
      );
    const { output, digests, random, wallClock, report, accelerators, interceptsOf } = dependencies;
    this.pair = new ChassisOfPair(
      {
        ...pairOptionsOf(config, hostSrpDigests()),
        restartCounter: restartCounter ?? greaterRestartCounter(undefined),
        storedTerm: term,
        store,
      },
      {
        output,
        accelerators,
        digests,
        random,
        seal: hostSeal(utf8Encode(redundancy.sharedKey), 'answers'),
        wallClock,
        ...(report === undefined ? {} : { report }),
        interceptsOf,
        link: this.#link,
        storeTerm: (raised) => this.#store({ ...this.#state, term: raised }),
        announce: () => this.#announce(),
        withdraw: () => this.#withdraw(),
        hold: () => dependencies.forward?.(false),
        recover: (_manager, _at, index) => this.#recover(index),
        ...(this.#keeper === undefined ? {} : { observer: this.#observer(this.#keeper) }),
        ...(this.#threads === undefined ? {} : { apart: this.#threads.members }),
        notice: (notice) => tellNotice(report, notice),
      },
      now(),
    );
    this.operators = new OperatorLink(
      new LogInTickets(hostSeal(utf8Encode(redundancy.sharedKey), 'log-ins'), config.chassis.name, wallClock),
      (message) => this.#link.send(this.pair.chassis.term.highest, message),
    );
    for (const cmdId of disabledNacks) this.pair.ledger.setNackEnabled(cmdId, false);
    this.#guarded = this.#link.guarded({
      receive: (...packet) => this.pair.receive(...packet),
      advance: (at) => this.#advance(at),
      nextDeadline: () => this.nextDeadline(),
    });
  }

  /**
   * Prepares everything, and takes no role yet.
   *
   * @throws StartError with what is in the way; then nothing stays open
   */
  static async open(config: PairConfig, dependencies: PairCoreDependencies): Promise<PairCore> {
    const { redundancy, recovery } = config;
    if (recovery === undefined) throw new StartError([recoveryMissing]);
    const { report, log, driver, digests, random } = dependencies;
    const opened: { close(): unknown }[] = [];
    try {
      let core: PairCore | undefined;
      const threads = (): ThreadsOfChassis | undefined => (core === undefined ? undefined : core.#threads);
      const kept =
        dependencies.threads === undefined
          ? await SessionKeeper.open(recovery, config.chassis.name, report)
          : await InstanceThreads.open(config, {
              ...dependencies.threads,
              pair: {
                enter: (tell) => {
                  const entered = threads();
                  if (entered === undefined) tell();
                  else entered.enter(tell);
                },
                membersSaid: (index, said) => threads()?.heard(index, said),
                ended: (index, how) => threads()?.ended(index, how),
                isProtected: (index) => threads()?.isProtected(index) === true,
                begun: (index, filled) => threads()?.begun(index, filled),
              },
            });
      opened.push({ close: () => kept.stop() });
      const addresses = await openServiceAddresses(redundancy.serviceAddresses, {
        onLost: () => core?.pair.stalled(redundancy.chassis.deadIntervalMs, now()),
        ...(redundancy.routeHook === undefined ? {} : { routeHook: redundancy.routeHook }),
        ...(log === undefined ? {} : { log }),
      });
      opened.push(addresses);
      core = new PairCore(config, dependencies, kept, addresses);
      core.#monitors = await PairMonitors.open(
        driver,
        redundancy.monitors,
        config.mrmeService,
        { digests, random },
        (change, at) => {
          // A stall of this process is told before what it may have caused.
          core.#link.beat(at);
          core.pair.command({ kind: 'monitorChanged', ...change }, at);
        },
      );
      return core;
    } catch (error) {
      for (const each of opened.reverse()) await each.close();
      throw error;
    }
  }

  get group(): InstanceGroup | undefined {
    return this.pair.instances.group;
  }

  turnEnds(): void {
    this.#threads?.flush();
  }

  get serves(): boolean {
    return this.pair.serves;
  }

  receive(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, at: Instant): void {
    this.#guarded.receive(port, channel, peer, peerPort, bytes, at);
  }

  reconfigure(config: GatewayConfig, at: Instant): void {
    if (!isOfPair(config)) throw new RangeError('a chassis of a pair stays one until it is started again');
    this.#config = config;
    this.#threads?.reconfigure(config);
    this.pair.reconfigure(pairOptionsOf(config, hostSrpDigests()), at);
  }

  advance(at: Instant): void {
    this.#guarded.advance(at);
  }

  nextDeadline(): Instant {
    if (!this.#isStarted) return never;
    return Math.min(
      this.pair.nextDeadline(),
      (this.#keeper ?? this.#threads)?.nextDeadline() ?? never,
      this.#monitors?.nextDeadline() ?? never,
      this.#storeAgainAt,
      this.#standingDueAt,
    );
  }

  /** Whether every socket of the service addresses is open. */
  portsChanged(areComplete: boolean): void {
    const at = now();
    this.#link.beat(at);
    const name = 'service-ports';
    this.pair.command({ kind: 'monitorChanged', name, monitor: name, healthy: areComplete }, at);
  }

  /** The delay interval, in which the peer may be heard, begins when the link is there to hear it. */
  async start(at: Instant): Promise<void> {
    this.#monitors?.report(at);
    try {
      await this.#link.start(this.operators.before(this.pair));
    } catch (error) {
      throw new StartError([linkProblem(error)]);
    }
    this.pair.stalled(now() - this.#createdAt, now());
    this.#isStarted = true;
    await this.#threads?.start();
  }

  /** Gives the role to the peer, if it is ready for it: what is stopped on purpose costs its subscribers nothing. */
  async leave(): Promise<void> {
    const at = now();
    if (!this.pair.serves || this.pair.obstacles(false, at).length > 0) return;
    this.pair.command({ kind: 'switchoverRequested', cause: 'shutdown', force: false }, at);
    this.#dependencies.poke();
    const end = at + handoverOnStopMs;
    while ((this.pair.isSwitchoverWaiting || isHandingOver(this.pair.chassis.state)) && now() < end)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async stop(): Promise<void> {
    await this.#link.stop();
    if (this.#standingDueAt !== never) this.#storeStanding();
    this.#monitors?.close();
    await this.#addresses.close();
    await (this.#keeper ?? this.#threads)?.stop();
  }

  recovery() {
    return this.#keeper?.status(0) ?? this.#threads?.recovery();
  }

  /** What the views of the pair are made of. */
  reader(): RedundancyReader {
    return {
      config: this.#config.redundancy,
      pair: this.pair,
      link: () => this.#link.statistics(),
      serviceAddresses: () => this.#addresses.statistics(),
      monitors: () => this.#monitors?.status() ?? [],
    };
  }

  managed(): ManagedRedundancy {
    const { look } = this.sessions;
    return {
      pair: this.pair,
      changed: () => this.#dependencies.poke(),
      keepDisabledNacks: (disabledNacks) => this.#store({ ...this.#state, disabledNacks }),
      ...(look === undefined ? {} : { look: () => look({}, () => {}) }),
    };
  }

  #advance(at: Instant): void {
    this.pair.advance(at);
    // Replies wait for what the peer is told: it leaves before the disk has its part of this turn.
    this.#link.flush();
    this.#monitors?.advance(at);
    (this.#keeper ?? this.#threads)?.advance(at);
    this.#attend(at);
  }

  /** What follows the state of the chassis, and is not urgent. */
  #attend(at: Instant): void {
    const { pair } = this;
    const { state, synchronisation, peer, routeModifier } = pair.chassis;
    const { deadIntervalMs } = this.#config.redundancy.chassis;
    const mayBeReplaced = state.kind === 'ACTIVE' && !peer.silent && peer.hello?.ready === true;
    this.#addresses.watch(mayBeReplaced ? deadIntervalMs : undefined);
    if (pair.serves && this.#route !== routeModifier) this.#tellRoute('active');
    // They were taken from a process that stood still, and nobody has taken the role from it.
    if (pair.serves && !this.#addresses.held) this.#announce();
    const holdsAll = pair.sessions !== undefined || synchronisation.ready;
    if (holdsAll && this.#kept !== pair.manager) {
      this.#kept = pair.manager;
      this.#keeper?.leave(pair.manager);
      this.#threads?.count();
    }
    const own = pair.managers[0]?.ownRestartCounter ?? this.#threads?.restartCounter;
    if (holdsAll && own !== undefined && own !== this.#state.restartCounter)
      this.#store({ ...this.#state, restartCounter: own });
    if (at >= this.#storeAgainAt) this.#store(this.#state);
    if (pair.chassis.store === this.#state.store) this.#standingDueAt = never;
    else if (this.#standingDueAt === never) this.#standingDueAt = at + standingAfterMs;
    else if (at >= this.#standingDueAt) this.#storeStanding();
  }

  #storeStanding(): void {
    this.#standingDueAt = never;
    this.#store({ ...this.#state, store: this.pair.chassis.store });
  }

  /**
   * A disk that takes nothing keeps nobody from serving: what is at risk is that this chassis, started again, would take a
   * term for new that it has served under. Operators are told, and it is tried again.
   */
  #store(wanted: Pick<ChassisStateFile, 'term' | 'restartCounter' | 'disabledNacks' | 'store'>): void {
    const state = this.#disk;
    const { report } = this.#dependencies;
    this.#state = wanted;
    try {
      if (state.term !== wanted.term) state.storeTerm(wanted.term);
      const { restartCounter, disabledNacks } = wanted;
      if (restartCounter !== undefined && state.restartCounter !== restartCounter) {
        state.storeRestartCounter(restartCounter);
      }
      if (state.store !== wanted.store) state.storeStanding(wanted.store);
      if (String(state.disabledNacks) !== String(disabledNacks)) state.storeDisabledNacks(disabledNacks);
      if (this.#storeAgainAt !== never) tellEvent(report, 'chassis-state-stored', `term ${wanted.term} is on disk now`);
      this.#storeAgainAt = never;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `term ${wanted.term} cannot be stored (${why}): do not start this chassis again before it is`;
      if (this.#storeAgainAt === never) tellEvent(report, 'chassis-state-not-stored', text);
      this.#storeAgainAt = now() + storeAgainMs;
    }
  }

  /** Changes of a session manager that is not kept yet wait until it is: then all of it is written. */
  #observer({ observer }: SessionKeeper): SessionObserver {
    return {
      changed: (...change) => {
        if (this.#kept === this.pair.manager) observer.changed(...change);
      },
    };
  }

  /** All instances at once, when the first of them is asked for: the disk has them together. */
  #recover(index: number): void {
    const { group } = this;
    const keeper = this.#keeper;
    if (index > 0 || group === undefined || keeper === undefined) return;
    const own = this.#counterOfRecovery(keeper.heldSessions);
    keeper.recover(group);
    for (const manager of group.members) manager.restartCounters = { ...manager.restartCounters, own };
    this.#kept = group.reader;
    this.#store({ ...this.#state, restartCounter: own });
  }

  #counterOfRecovery(heldSessions: number): number {
    const before = this.#state.restartCounter;
    return heldSessions > 0 && before !== undefined ? before : greaterRestartCounter(before);
  }

  /** Only while it is certain whose the sessions are. */
  #restart(index: number): Restarted {
    const { pair } = this;
    const { state } = pair.chassis;
    const isSettled =
      (state.kind === 'ACTIVE' && state.unfinished === undefined) ||
      (state.kind === 'STANDBY' && state.takingOver === undefined);
    if (!isSettled) return refuse('refused', `this chassis is ${state.kind}`, 'wait until it is ACTIVE or STANDBY');
    const lost = pair.restartInstance(index, now());
    const manager = pair.managers[index]!;
    manager.counters.add('session-manager.restarted');
    const sessions = pair.serves ? manager.registry.size : null;
    tellRestarted(this.#dependencies.report, index, 'by an operator', { sessions, lost });
    return { ok: true, sessions, lost };
  }

  #announce(): void {
    // What was programmed in advance is forwarded before a packet can come for it.
    this.#dependencies.forward?.(true);
    const problems = this.#addresses.take();
    if (problems.length > 0) {
      const text = problems.map(describeProblem).join('; ');
      tellEvent(
        this.#dependencies.report,
        'service-addresses-incomplete',
        `not every service address is here: ${text}`,
      );
    }
    this.#tellRoute('active');
  }

  #withdraw(): void {
    this.#dependencies.forward?.(false);
    // From an address that is gone nothing leaves: not even what was said while it was here.
    this.#dependencies.driver.flush();
    this.#addresses.release();
    this.#tellRoute('standby');
  }

  #tellRoute(role: 'active' | 'standby'): void {
    const { routeModifier } = this.pair.chassis;
    this.#route = role === 'active' ? routeModifier : undefined;
    this.#addresses.routeChanged(role, routeModifier);
  }
}

function linkProblem(error: unknown): StartProblem {
  const what = error instanceof Error ? error.message : String(error);
  const hint = /EADDRNOTAVAIL/.test(what)
    ? 'the address is not on this machine: add it to an interface, or correct the configuration'
    : 'see whether another process has the address and port';
  return { path: 'service-redundancy-protocol.bind', what, hint };
}

const recoveryMissing: StartProblem = {
  path: 'recovery',
  what: 'is missing',
  hint: 'a chassis of a pair keeps its term there: add the block',
};
