import { type Logger, pino } from 'pino';
import { formatIp, type MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PortName } from '../kernel/port.ts';
import type { ManagementReader } from '../operations/access/management-reader.ts';
import type { Audit } from '../operations/audit/audit.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { isOfPair } from '../operations/config/pair-options.ts';
import type { ConfigurationReader } from '../operations/configuration/reader.ts';
import { EventLog } from '../operations/event-log.ts';
import { GatewayHistory } from '../operations/history/history.ts';
import type { ForwardingAudit } from '../operations/views/forwarding-reader.ts';
import type { ViewSource } from '../operations/views/view.ts';
import type { ChassisEvent, EventName } from '../services/samog/event-names.ts';
import type { EventSink, SamogEvent } from '../services/samog/events.ts';
import type { ToldEvent } from '../sessmgr/instances/instance-messages.ts';
import type { ManagerReader } from '../sessmgr/manager-reader.ts';
import type { RecoveryStatus } from '../sessmgr/recovery/recovery-status.ts';
import type { SessionManager } from '../sessmgr/session-manager.ts';
import { AcknowledgementFile } from './alarms/acknowledgement-file.ts';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import type { Restarted } from './chassis-sessions.ts';
import { now, wallClock } from './clock.ts';
import { hostDigests } from './digests.ts';
import { EventLogger } from './event-logger.ts';
import { faultDetails } from './fault-details.ts';
import { tuneGarbageCollection } from './garbage-collection.ts';
import { type CoreDependencies, type GatewayCore, openCore } from './gateway-core.ts';
import { tellEvent } from './gateway-event.ts';
import { HistorySampler } from './history-sampler.ts';
import { mergedStatistics } from './instances/merged-statistics.ts';
import { PlacedSockets } from './instances/placed-sockets.ts';
import { ThreadedCore } from './instances/threaded-core.ts';
import { InterceptDesk } from './intercept/intercept-desk.ts';
import { Notifier } from './notifications/notifier.ts';
import { noFastPath, openFastPath } from './open-fast-path.ts';
import type { OperatorLink } from './operator-link.ts';
import { PairCore } from './pair-core.ts';
import { bindingsOf, bindProblem, bindProblems, type ConfiguredBinding, transportProblems } from './port-bindings.ts';
import type { ShieldNews } from './port-shield.ts';
import { linksOfCore } from './radsec/links-of-core.ts';
import { hostRandom } from './random.ts';
import type { ManagedRedundancy } from './redundancy-commands.ts';
import { type PortBinding, Runtime } from './runtime.ts';
import { ServicePorts } from './service-ports.ts';
import { type OpenedDriver, openDriver } from './sockets/open-driver.ts';
import { type SocketDriver, SocketError } from './sockets/socket-driver.ts';
import { StartError } from './start-error.ts';

export interface GatewayOptions {
  /** Shared with others in the process, who close it; without it the gateway opens and closes its own. */
  readonly driver?: SocketDriver;
  /** Told of every event, in addition to the event log. */
  readonly report?: EventSink;
  /** How operators reach it, and who did what; without it nobody does. */
  readonly access?: (ManagementReader & { readonly audit: Audit }) | undefined;
  /** How things stand with its file; without it there is none. */
  readonly configuration?: () => ConfigurationReader | undefined;
  /** Where the gateway's log goes; without it nowhere. */
  readonly log?: Logger;
  /** False keeps no events, and has none made unless `report` or `log` wants them: for measuring the gateway alone. */
  readonly keepEvents?: boolean;
}

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
    return await assemble(config, options, opened, bindings, sockets);
  } catch (error) {
    sockets?.close();
    if (options.driver === undefined) await opened.driver.close();
    if (!(error instanceof SocketError)) throw error;
    const section = bindings.find(({ spec }) => spec === error.spec)?.section ?? 'service-redundancy-protocol.monitor';
    throw new StartError([bindProblem(error, section)]);
  }
}

async function assemble(
  config: GatewayConfig,
  options: GatewayOptions,
  { driver, fallbackReason }: OpenedDriver,
  bindings: readonly ConfiguredBinding[],
  sockets: PlacedSockets | undefined,
): Promise<Gateway> {
  const events = new EventLog();
  const eventLogger = options.log === undefined ? undefined : new EventLogger(options.log);
  // Without a log of events nothing can be told later that is not told from the beginning.
  const mayNotify = options.keepEvents !== false || config.notifications !== undefined;
  const notifier = mayNotify ? new Notifier(config.notifications, config.chassis.name) : undefined;
  const report = reportOf(options, events, eventLogger, notifier);
  const placement = sockets === undefined ? 'here' : 'apart';
  const { fastPath, whyNot } = await openFastPath(config, placement, report);
  const ports = new ServicePorts(report, (areComplete) => {
    if (core instanceof PairCore) core.portsChanged(areComplete);
    runtime.poke();
  });
  const runtime: Runtime = new Runtime(
    driver,
    sockets?.ofChassis ?? bindings,
    (error, source) => eventLogger?.writeFault(error, faultDetails(source), now()),
    fastPath && (() => fastPath.settle()),
    (port, news) => report?.(portShielded(port, news)),
    isOfPair(config) ? (missing) => ports.areMissing(missing) : undefined,
  );
  const digests = hostDigests();
  const random = hostRandom();
  const { links, output } = linksOfCore(config.mrmeService, {
    ...{ digests, random, runtime, report },
    core: () => ({
      receive: (...packet) => core.receive(...packet),
      linkChanged: (...changed) => core.sessions.linkChanged(...changed),
    }),
  });
  const { lawfulIntercept } = config;
  const desk = lawfulIntercept && (await InterceptDesk.open(lawfulIntercept, config.sessionManagers.count, placement));
  const dependencies: CoreDependencies = {
    ...{ output, digests, random, wallClock },
    accelerators: fastPath && ((index) => fastPath.acceleratorOf(index)),
    ...(report === undefined ? {} : { report }),
    interceptsOf: desk && ((index) => desk.intercepts[index]),
  };
  const threads = sockets && {
    sockets,
    intercepts: desk?.threads,
    fastPath: fastPath && { share: fastPath.share, audited: (audit: ForwardingAudit) => fastPath.audited(audit) },
    came: (binding: PortBinding) => void runtime.add(binding),
    missing: (missing: readonly SocketError[]) => ports.areMissing(missing),
    report,
    told(told: readonly ToldEvent[], missed: number) {
      for (const { text, at, message, ...event } of told) {
        report?.({ ...event, text: () => text, ...(message === undefined ? {} : { message: () => message }) }, at);
      }
      events.missed(missed);
    },
    fault: (text: string, details: Readonly<Record<string, string>>) =>
      eventLogger?.writeFault(faultOf(text), details, now()),
  };
  const openPair = (of: typeof config) =>
    isOfPair(of)
      ? PairCore.open(of, {
          ...dependencies,
          ...(threads === undefined ? {} : { threads }),
          driver,
          ...(options.log === undefined ? {} : { log: options.log }),
          fault: (error) => runtime.fault(error),
          poke: () => runtime.poke(),
          forward: (forwards) => fastPath?.forward(forwards),
        })
      : undefined;
  const openAlone = (): Promise<GatewayCore> =>
    threads === undefined ? openCore(config, dependencies) : ThreadedCore.open(config, threads);
  const core = await (openPair(config) ?? openAlone()).catch(async (error: unknown) => {
    await desk?.stop();
    throw error;
  });
  const pair = core instanceof PairCore ? core : undefined;
  const startedAt: Instant = now();
  try {
    await runtime.start(core);
    // A chassis of a pair forwards nothing before it has the role.
    fastPath?.start(core.sessions.forwarded ?? { managers: () => core.group?.members ?? [] }, pair === undefined);
    await core.start(startedAt);
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
  runtime.poke();
  const alarmDesk = new AlarmWatch(report, config.thresholds, AcknowledgementFile.of(config.recovery));
  pair?.operators.joinAlarms(alarmDesk);
  const history = new GatewayHistory();
  let running = config;
  const source: ViewSource = {
    get config() {
      return running;
    },
    get manager() {
      fastPath?.collect();
      return core.sessions.reader;
    },
    get managers() {
      fastPath?.collect();
      return core.sessions.readers;
    },
    startedAt,
    events,
    history,
    subscriberPages: core.sessions.pages,
    ...(core.sessions.look === undefined ? {} : { look: core.sessions.look }),
    portsMissing: () => ports.missing,
    ...(core.sessions.down === undefined ? {} : { instancesDown: core.sessions.down }),
    alarms: alarmDesk.reader,
    get notifications() {
      return notifier?.isWanted === true ? notifier : undefined;
    },
    management: options.access,
    get configuration() {
      return options.configuration?.();
    },
    audit: options.access?.audit,
    redundancy: pair?.reader(),
    recovery: () => core.recovery(),
    forwarding: fastPath ?? noFastPath(whyNot),
    pause: () => new Promise((resolve) => void setImmediate(resolve)),
    host: () => ({
      driver: driver.name,
      driverFallbackReason: fallbackReason,
      ...mergedStatistics([runtime.statistics(), ...(core.sessions.statistics?.() ?? [])]),
    }),
  };
  notifier?.serve(source);
  if (notifier !== undefined) alarmDesk.onChange((change, at) => notifier.alarm(change, at));
  alarmDesk.start(source);
  const sampler = options.keepEvents === false ? undefined : new HistorySampler(history, source);
  let left: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  return {
    get config() {
      return running;
    },
    reconfigure(next) {
      running = next;
      core.reconfigure(next, now());
      runtime.expect(bindingsOf(next, next.redundancy?.serviceAddresses));
      fastPath?.reconfigure(next);
      alarmDesk.reconfigure(next.thresholds);
      const at = { now: now(), wallClock: wallClock() };
      notifier?.reconfigure(next.notifications, alarmDesk.reader.standing(), at);
      runtime.poke();
    },
    tell: (name, text) => tellEvent(report, name, text),
    get manager() {
      return core.sessions.reader;
    },
    get managers() {
      return core.group?.members ?? [];
    },
    runtime,
    source,
    alarmDesk,
    redundancy: pair?.managed(),
    operators: pair?.operators,
    get serves() {
      return core.serves;
    },
    clear(mac) {
      const found = core.sessions.clear(mac);
      runtime.poke();
      return found;
    },
    clearAll() {
      const sessions = core.sessions.clearAll();
      runtime.poke();
      return sessions;
    },
    restartInstance(place) {
      const restarted = core.sessions.restart(place);
      runtime.poke();
      return restarted;
    },
    auditForwarding: fastPath && (() => fastPath.audit()),
    recovery: () => core.recovery(),
    async stop() {
      sampler?.stop();
      left ??= core.leave?.(() => runtime.poke());
      await left;
      alarmDesk.stop();
      links.close();
      await runtime.stop();
      fastPath?.stop();
      stopped ??= core.stop();
      await stopped;
      await desk?.stop();
      sockets?.close();
      fastPath?.close();
      if (options.driver === undefined) await driver.close();
      await notifier?.stop();
      eventLogger?.flush();
    },
  };
}

function portShielded(port: PortName, news: ShieldNews): SamogEvent {
  return {
    name: news.kind === 'raised' ? 'port-shielded' : 'port-unshielded',
    mac: undefined,
    sessionId: undefined,
    peer: undefined,
    party: 'samog',
    direction: 'internal',
    text: () => `port ${port} ${shieldText(news)}`,
  };
}

function shieldText(news: ShieldNews): string {
  if (news.kind === 'ended') {
    const seconds = Math.round(news.elapsedMs / 1000);
    return `is flooded no more: the kernel has refused ${news.refused} packets in ${seconds} s`;
  }
  const { only, except } = news.rule;
  const others = except.map(formatIp).join(', ');
  const refused = [...(only === undefined ? [] : ['everybody who is no client']), ...(others === '' ? [] : [others])];
  return `is flooded: until it is over the kernel refuses ${refused.join(' and ')}`;
}

/** Undefined where nobody listens: then the core makes no reports at all. */
function reportOf(
  { report, keepEvents = true }: GatewayOptions,
  events: EventLog,
  eventLogger: EventLogger | undefined,
  notifier: Notifier | undefined,
): (EventSink & ((event: SamogEvent, at?: Instant) => void)) | undefined {
  if (!keepEvents && eventLogger === undefined && notifier === undefined) return report;
  const sink = (event: SamogEvent, at = now()): void => {
    if (keepEvents) events.add(event, at);
    eventLogger?.write(event, at);
    notifier?.event(event, at);
    report?.(event);
  };
  const onlyCounts = (name: EventName, at: Instant): boolean =>
    eventLogger?.wants(name) !== true && notifier?.wants(name) !== true && (!keepEvents || events.passesOver(at));
  return report === undefined ? Object.assign(sink, { onlyCounts }) : sink;
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

/** A fault that was met in another thread. */
function faultOf(text: string): Error {
  const error = new Error(text.split('\n', 1)[0]);
  error.stack = text;
  return error;
}
