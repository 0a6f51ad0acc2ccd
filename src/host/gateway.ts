import { type Logger, pino } from 'pino';
import type { MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { GatewayHistory } from '../operations/history/history.ts';
import type { ForwardingAudit } from '../operations/views/forwarding-reader.ts';
import type { ViewSource } from '../operations/views/view.ts';
import type { ChassisEvent } from '../services/samog/event-names.ts';
import type { ManagerReader } from '../sessmgr/manager-reader.ts';
import type { RecoveryStatus } from '../sessmgr/recovery/recovery-status.ts';
import type { SessionManager } from '../sessmgr/session-manager.ts';
import { AcknowledgementFile } from './alarms/acknowledgement-file.ts';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import type { Restarted } from './chassis-sessions.ts';
import { now, wallClock } from './clock.ts';
import { tuneGarbageCollection } from './garbage-collection.ts';
import { tellEvent } from './gateway-event.ts';
import { type GatewayOptions, type GatewayParts, openParts } from './gateway-parts.ts';
import { HistorySampler } from './history-sampler.ts';
import { mergedStatistics } from './instances/merged-statistics.ts';
import { PlacedSockets } from './instances/placed-sockets.ts';
import { noFastPath } from './open-fast-path.ts';
import type { OperatorLink } from './operator-link.ts';
import { PairCore } from './pair-core.ts';
import { bindingsOf, bindProblem, bindProblems, type ConfiguredBinding, transportProblems } from './port-bindings.ts';
import type { ManagedRedundancy } from './redundancy-commands.ts';
import type { Runtime } from './runtime.ts';
import { type OpenedDriver, openDriver } from './sockets/open-driver.ts';
import { type SocketDriver, SocketError } from './sockets/socket-driver.ts';
import { StartError } from './start-error.ts';

/** A gateway on real sockets. */
export interface Gateway {
  /** What it runs with at the moment. */
  readonly config: GatewayConfig;
  /**
   * Goes on with another configuration, without disturbing any session: of its settings those that are hot, which are to be the only
   * ones that differ.
   */
  reconfigure(config: GatewayConfig): void;
  /** Reports an event of whoever operates it. */
  tell(name: ChassisEvent, text: string): void;
  /** All sessions as one; another object after a restart of a session manager: not to be kept. */
  readonly manager: ManagerReader;
  /** The instances that have them, as far as they are in this thread; not to be kept either. */
  readonly managers: readonly SessionManager[];
  readonly runtime: Runtime;
  /** What the show views are made of. */
  readonly source: ViewSource;
  /** The pair; undefined on a chassis that is alone. */
  readonly redundancy: ManagedRedundancy | undefined;
  /** What operators do here and is to hold at the other chassis; undefined on a chassis that is alone. */
  readonly operators: OperatorLink | undefined;
  /** False on a chassis of a pair that follows its peer: then nothing can be cleared. */
  readonly serves: boolean;
  /** Ends one subscriber's session by the operator's word; false if there is none. */
  clear(mac: MacAddress): boolean | Promise<boolean>;
  /** Ends all sessions, a slice at a time; returns how many there are. */
  clearAll(): number | Promise<number>;
  /** As of `ChassisSessions`. */
  restartInstance(place: number): Restarted | Promise<Restarted>;
  /** Compares what is forwarded with what the sessions say, and repairs it; undefined where the gateway forwards alone. */
  readonly auditForwarding: (() => Promise<ForwardingAudit>) | undefined;
  /** Who keeps its alarms, and tells when one comes or goes. */
  readonly alarmDesk: AlarmWatch;
  /** What is kept on disk; undefined if nothing is. */
  recovery(): RecoveryStatus | undefined;
  /**
   * Closes the sockets and, if it is the gateway's own, the driver, and writes what is kept on disk. Peers are told
   * nothing. Can be repeated.
   */
  stop(): Promise<void>;
}

/** The log of a gateway: one JSON line an entry, on standard error. */
export function gatewayLog({ chassis, logging }: GatewayConfig): Logger {
  return pino({ level: logging.level, base: { chassis: chassis.name } }, pino.destination({ dest: 2, sync: true }));
}

/**
 * Starts a gateway, with the sessions it has kept on disk: binds its sockets and begins to watch its LMAs.
 *
 * @throws StartError with everything that is in the way; then nothing stays open
 */
export async function startGateway(config: GatewayConfig, options: GatewayOptions = {}): Promise<Gateway> {
  tuneGarbageCollection();
  const bindings = bindingsOf(config, config.redundancy?.serviceAddresses);
  const unsupported = transportProblems(bindings);
  if (unsupported.length > 0) throw new StartError(unsupported);
  const opened: OpenedDriver =
    options.driver === undefined ? await openDriver() : { driver: options.driver, fallbackReason: undefined };
  let sockets: PlacedSockets | undefined;
  try {
    const problems = await bindProblems(opened.driver, bindings);
    if (problems.length > 0) throw new StartError(problems);
    sockets = placedSockets(config, options, opened.driver, bindings);
    const parts = await openParts(config, options, opened, bindings, sockets);
    const startedAt = now();
    await startParts(parts, startedAt);
    return new RunningGateway(config, parts, startedAt);
  } catch (error) {
    sockets?.close();
    if (options.driver === undefined) await opened.driver.close();
    if (!(error instanceof SocketError)) throw error;
    const section = bindings.find(({ spec }) => spec === error.spec)?.section ?? 'service-redundancy-protocol.monitor';
    throw new StartError([bindProblem(error, section)]);
  }
}

/** Opens what is to receive and send, and has the core begin. If it cannot, all parts are closed. */
async function startParts(
  { runtime, core, fastPath, desk, links, notifier }: GatewayParts,
  at: Instant,
): Promise<void> {
  try {
    await runtime.start(core);
    // A chassis of a pair forwards nothing before it has the role.
    const isAlone = !(core instanceof PairCore);
    fastPath?.start(core.sessions.forwarded ?? { managers: () => core.group?.members ?? [] }, isAlone);
    await core.start(at);
    await desk?.start({ serves: () => core.serves, poke: () => runtime.poke() });
  } catch (error) {
    links.close();
    await runtime.stop();
    fastPath?.stop();
    await core.stop();
    await desk?.stop();
    await notifier?.stop();
    throw error;
  }
}

class RunningGateway implements Gateway {
  readonly runtime: Runtime;
  readonly source: ViewSource;
  readonly alarmDesk: AlarmWatch;
  readonly redundancy: ManagedRedundancy | undefined;
  readonly operators: OperatorLink | undefined;
  readonly auditForwarding: Gateway['auditForwarding'];
  #config: GatewayConfig;
  readonly #parts: GatewayParts;
  readonly #sampler: HistorySampler | undefined;
  #left: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  /** @param parts which are started */
  constructor(config: GatewayConfig, parts: GatewayParts, startedAt: Instant) {
    const { runtime, core, report, notifier, fastPath, options } = parts;
    this.#config = config;
    this.#parts = parts;
    this.runtime = runtime;
    runtime.poke();
    this.alarmDesk = new AlarmWatch(report, config.thresholds, AcknowledgementFile.of(config.recovery));
    const pair = core instanceof PairCore ? core : undefined;
    this.operators = pair?.operators;
    this.operators?.joinAlarms(this.alarmDesk);
    const history = new GatewayHistory();
    this.source = sourceOf(parts, { config: () => this.#config, startedAt, history, alarms: this.alarmDesk.reader });
    notifier?.serve(this.source);
    if (notifier !== undefined) this.alarmDesk.onChange((change, at) => notifier.alarm(change, at));
    this.alarmDesk.start(this.source);
    this.#sampler = options.keepEvents === false ? undefined : new HistorySampler(history, this.source);
    this.redundancy = pair?.managed();
    this.auditForwarding = fastPath && (() => fastPath.audit());
  }

  get config(): GatewayConfig {
    return this.#config;
  }

  reconfigure(next: GatewayConfig): void {
    const { core, fastPath, notifier } = this.#parts;
    this.#config = next;
    core.reconfigure(next, now());
    this.runtime.expect(bindingsOf(next, next.redundancy?.serviceAddresses));
    fastPath?.reconfigure(next);
    this.alarmDesk.reconfigure(next.thresholds);
    const at = { now: now(), wallClock: wallClock() };
    notifier?.reconfigure(next.notifications, this.alarmDesk.reader.standing(), at);
    this.runtime.poke();
  }

  tell(name: ChassisEvent, text: string): void {
    tellEvent(this.#parts.report, name, text);
  }

  get manager(): ManagerReader {
    return this.#parts.core.sessions.reader;
  }

  get managers(): readonly SessionManager[] {
    return this.#parts.core.group?.members ?? [];
  }

  get serves(): boolean {
    return this.#parts.core.serves;
  }

  clear(mac: MacAddress): boolean | Promise<boolean> {
    const found = this.#parts.core.sessions.clear(mac);
    this.runtime.poke();
    return found;
  }

  clearAll(): number | Promise<number> {
    const sessions = this.#parts.core.sessions.clearAll();
    this.runtime.poke();
    return sessions;
  }

  restartInstance(place: number): Restarted | Promise<Restarted> {
    const restarted = this.#parts.core.sessions.restart(place);
    this.runtime.poke();
    return restarted;
  }

  recovery(): RecoveryStatus | undefined {
    return this.#parts.core.recovery();
  }

  async stop(): Promise<void> {
    const { core, links, fastPath, desk, sockets, options, driver, notifier, eventLogger } = this.#parts;
    this.#sampler?.stop();
    this.#left ??= core.leave?.(() => this.runtime.poke());
    await this.#left;
    this.alarmDesk.stop();
    links.close();
    await this.runtime.stop();
    fastPath?.stop();
    this.#stopped ??= core.stop();
    await this.#stopped;
    await desk?.stop();
    sockets?.close();
    fastPath?.close();
    if (options.driver === undefined) await driver.close();
    await notifier?.stop();
    eventLogger?.flush();
  }
}

/** Of a view source what is the running gateway's own. */
interface OfTheRun extends Pick<ViewSource, 'startedAt' | 'history' | 'alarms'> {
  config(): GatewayConfig;
}

function sourceOf(parts: GatewayParts, { config, ...ofTheRun }: OfTheRun): ViewSource {
  const { core, driver, events, fallbackReason, fastPath, notifier, options, ports, runtime, whyNot } = parts;
  return {
    ...ofTheRun,
    get config() {
      return config();
    },
    get manager() {
      fastPath?.collect();
      return core.sessions.reader;
    },
    get managers() {
      fastPath?.collect();
      return core.sessions.readers;
    },
    events,
    subscriberPages: core.sessions.pages,
    ...(core.sessions.look === undefined ? {} : { look: core.sessions.look }),
    portsMissing: () => ports.missing,
    ...(core.sessions.down === undefined ? {} : { instancesDown: core.sessions.down }),
    get notifications() {
      return notifier?.isWanted === true ? notifier : undefined;
    },
    management: options.access,
    get configuration() {
      return options.configuration?.();
    },
    audit: options.access?.audit,
    redundancy: core instanceof PairCore ? core.reader() : undefined,
    recovery: () => core.recovery(),
    forwarding: fastPath ?? noFastPath(whyNot),
    pause: () => new Promise((resolve) => void setImmediate(resolve)),
    host: () => ({
      driver: driver.name,
      driverFallbackReason: fallbackReason,
      ...mergedStatistics([runtime.statistics(), ...(core.sessions.statistics?.() ?? [])]),
    }),
  };
}

/** The sockets, if session manager instances are to have threads of their own, and can; why they cannot is said in the log. */
function placedSockets(
  config: GatewayConfig,
  { log }: GatewayOptions,
  driver: SocketDriver,
  bindings: readonly ConfiguredBinding[],
): PlacedSockets | undefined {
  const { placement, count } = config.sessionManagers;
  if (placement === 'in-process') return undefined;
  const obstacle = obstacleToThreads(driver);
  if (obstacle === undefined) return PlacedSockets.open(bindings, count, config.mrmeService.bind.sourcePorts);
  log?.warn({ event: 'session-managers-in-process', why: obstacle }, 'session managers have no threads of their own');
  return undefined;
}

function obstacleToThreads({ name }: SocketDriver): string | undefined {
  return name === 'batched' ? undefined : `only the batched socket driver can deal packets out, and this is ${name}`;
}
