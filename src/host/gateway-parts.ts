import { formatIp } from '../kernel/address.ts';
import type { ManagementReader } from '../operations/access/management-reader.ts';
import type { Audit } from '../operations/audit/audit.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { isOfPair } from '../operations/config/pair-options.ts';
import type { ConfigurationReader } from '../operations/configuration/reader.ts';
import type { ForwardingAudit } from '../operations/views/forwarding-reader.ts';
import { now, wallClock } from './clock.ts';
import { hostDigests } from './digests.ts';
import { type EventListeners, eventListeners, type ListeningOptions } from './event-listeners.ts';
import { faultDetails } from './fault-details.ts';
import { type CoreDependencies, type GatewayCore, openCore } from './gateway-core.ts';
import { tellEvent } from './gateway-event.ts';
import type { InstanceThreadsDependencies } from './instances/instance-threads.ts';
import type { PlacedSockets } from './instances/placed-sockets.ts';
import { ThreadedCore } from './instances/threaded-core.ts';
import { InterceptDesk } from './intercept/intercept-desk.ts';
import { type OpenedFastPath, openFastPath } from './open-fast-path.ts';
import { PairCore } from './pair-core.ts';
import type { ConfiguredBinding } from './port-bindings.ts';
import type { ShieldNews } from './port-shield.ts';
import { linksOfCore } from './radsec/links-of-core.ts';
import type { RadsecLinks } from './radsec/radsec-links.ts';
import { hostRandom } from './random.ts';
import { Runtime } from './runtime.ts';
import { ServicePorts } from './service-ports.ts';
import type { OpenedDriver } from './sockets/open-driver.ts';
import type { SocketDriver } from './sockets/socket-driver.ts';

export interface GatewayOptions extends ListeningOptions {
  /** Shared with others in the process, who close it; without it the gateway opens and closes its own. */
  readonly driver?: SocketDriver;
  /** How operators reach it, and who did what; without it nobody does. */
  readonly access?: (ManagementReader & { readonly audit: Audit }) | undefined;
  /** How things stand with its file; without it there is none. */
  readonly configuration?: () => ConfigurationReader | undefined;
}

/** What a gateway is made of. */
export interface GatewayParts extends EventListeners, OpenedDriver, OpenedFastPath {
  readonly options: GatewayOptions;
  /** Those of session manager instances that have threads of their own. */
  readonly sockets: PlacedSockets | undefined;
  readonly ports: ServicePorts;
  readonly runtime: Runtime;
  readonly links: RadsecLinks;
  /** Lawful intercept; undefined where it is not configured. */
  readonly desk: InterceptDesk | undefined;
  readonly core: GatewayCore;
}

/** Of the parts those that the core is opened with. */
type AroundTheCore = Omit<GatewayParts, 'core' | 'links'>;

/**
 * Makes the parts of a gateway and joins them; nothing is sent or received yet.
 *
 * @throws StartError as the cores do; then what was opened here is closed, and nothing of what was passed in
 */
export async function openParts(
  config: GatewayConfig,
  options: GatewayOptions,
  opened: OpenedDriver,
  bindings: readonly ConfiguredBinding[],
  sockets: PlacedSockets | undefined,
): Promise<GatewayParts> {
  const { driver } = opened;
  const listeners = eventListeners(config, options);
  const { eventLogger, report } = listeners;
  const placement = sockets === undefined ? 'here' : 'apart';
  const openedFastPath = await openFastPath(config, placement, report);
  const { fastPath } = openedFastPath;
  const ports = new ServicePorts(report, (areComplete) => {
    if (core instanceof PairCore) core.portsChanged(areComplete);
    runtime.poke();
  });
  const runtime: Runtime = new Runtime(
    driver,
    sockets?.ofChassis ?? bindings,
    (error, source) => eventLogger?.writeFault(error, faultDetails(source), now()),
    fastPath && (() => fastPath.settle()),
    (port, news) =>
      tellEvent(
        report,
        news.kind === 'raised' ? 'port-shielded' : 'port-unshielded',
        `port ${port} ${shieldText(news)}`,
      ),
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
  const around: AroundTheCore = { ...listeners, ...opened, ...openedFastPath, options, sockets, ports, runtime, desk };
  const core = await openCoreOf(config, around, {
    ...{ output, digests, random, wallClock },
    accelerators: fastPath && ((index) => fastPath.acceleratorOf(index)),
    ...(report === undefined ? {} : { report }),
    interceptsOf: desk && ((index) => desk.intercepts[index]),
  }).catch(async (error: unknown) => {
    await desk?.stop();
    throw error;
  });
  return { ...around, links, core };
}

/** The core that the configuration asks for: of a pair or alone, with its instances in this thread or in threads of their own. */
async function openCoreOf(
  config: GatewayConfig,
  around: AroundTheCore,
  dependencies: CoreDependencies,
): Promise<GatewayCore> {
  const { sockets, driver, runtime, fastPath, options } = around;
  const threads = sockets && threadsDependencies(sockets, around);
  if (!isOfPair(config)) {
    return threads === undefined ? openCore(config, dependencies) : ThreadedCore.open(config, threads);
  }
  return PairCore.open(config, {
    ...dependencies,
    ...(threads === undefined ? {} : { threads }),
    driver,
    ...(options.log === undefined ? {} : { log: options.log }),
    fault: (error) => runtime.fault(error),
    poke: () => runtime.poke(),
    forward: (forwards) => fastPath?.forward(forwards),
  });
}

function threadsDependencies(
  sockets: PlacedSockets,
  { desk, fastPath, runtime, ports, report, events, eventLogger }: AroundTheCore,
): Omit<InstanceThreadsDependencies, 'pair'> {
  return {
    sockets,
    intercepts: desk?.threads,
    fastPath: fastPath && { share: fastPath.share, audited: (audit: ForwardingAudit) => fastPath.audited(audit) },
    came: (binding) => void runtime.add(binding),
    missing: (missing) => ports.areMissing(missing),
    report,
    told(told, missed) {
      for (const { text, at, message, ...event } of told) {
        report?.({ ...event, text: () => text, ...(message === undefined ? {} : { message: () => message }) }, at);
      }
      events.missed(missed);
    },
    fault: (text, details) => eventLogger?.writeFault(faultOf(text), details, now()),
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

/** A fault that was met in another thread. */
function faultOf(text: string): Error {
  const error = new Error(text.split('\n', 1)[0]);
  error.stack = text;
  return error;
}
