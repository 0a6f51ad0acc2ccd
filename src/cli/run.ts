import { openAudit } from '../host/audit/open-audit.ts';
import { type Gateway, gatewayLog, startGateway } from '../host/gateway.ts';
import { ManagementAccess } from '../host/management/access.ts';
import { type ManagementServer, makeRoom, startManagementServer } from '../host/management/server.ts';
import type { ListenerOptions, ManagementListener } from '../host/management/tcp-server.ts';
import { BulkstatsWriter } from '../host/metrics/bulkstats-writer.ts';
import type { Exposition } from '../host/metrics/exposition.ts';
import { type ExpositionSource, type MetricsListener, startMetricsListener } from '../host/metrics/metrics-listener.ts';
import { ServiceManager } from '../host/service-manager.ts';
import { StartError, type StartProblem } from '../host/start-error.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { formatProblem } from '../operations/config/problem.ts';
import type { ViewSource } from '../operations/views/view.ts';
import { readConfiguration } from './configuration.ts';
import { exitCode } from './exit-code.ts';
import { complain, printLines } from './output.ts';
import { projectVersion } from './version.ts';

/** Runs a gateway in the foreground, until SIGTERM or SIGINT; returns the exit code. */
export async function runGateway(configFile: string): Promise<number> {
  const parsed = readConfiguration(configFile);
  if (parsed.ok) return run(parsed.config);
  complain(parsed.problems.map(formatProblem).join('\n'));
  return exitCode.refused;
}

async function run(config: GatewayConfig): Promise<number> {
  const log = gatewayLog(config);
  const problems: StartProblem[] = [];
  const attempt = async <Result>(start: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const audit = await attempt(() => openAudit(config.management.audit, log));
  const access = new ManagementAccess(audit, config.management.usersFile);
  const gateway = await attempt(() => startGateway(config, { log, access }));
  const { socket } = config.management;
  // Without a gateway there is nothing to serve, but what is wrong with the socket is told all the same.
  const exposition = gateway && expositionOf(gateway.source);
  const management = await attempt(async () =>
    gateway ? startManagementServer(socket, gateway, { access, exposition }) : makeRoom(socket),
  );
  const listener = await attempt(
    async () => config.metrics && exposition && startMetricsListener(config.metrics, exposition),
  );
  const network = await attempt(async () => startNetwork(config, gateway, { access, exposition, warn: warnOf(log) }));
  if (!gateway || !management || problems.length > 0) {
    await management?.stop();
    await listener?.stop();
    await network?.stop();
    await gateway?.stop();
    await audit?.close();
    complain(`the gateway cannot start:\n${new StartError(problems).message.replace(/^/gm, '  ')}`);
    return exitCode.refused;
  }
  // Loaded and tried before anything depends on this process: the first scrape would make packets wait.
  if (listener !== undefined) await (await exposition?.())?.text();
  const bulkstats = config.bulkstats && new BulkstatsWriter(config.bulkstats, gateway.source, log);
  bulkstats?.start();
  printLines(bannerOf(gateway, management, listener, network));
  log.info({ event: 'gateway-started' }, 'the gateway has started');
  const serviceManager = new ServiceManager(process.env, process.pid);
  serviceManager.ready();
  const signal = await stopSignal();
  log.info({ event: 'gateway-stopping', signal, sessions: gateway.manager.registry.size }, 'the gateway stops');
  serviceManager.stopping();
  await management.stop();
  await network?.stop();
  await listener?.stop();
  await bulkstats?.stop();
  await gateway.stop();
  await audit?.close();
  return exitCode.done;
}

/** The API on the network, where it is wanted and there is a gateway. */
async function startNetwork(
  { management: { tcp } }: GatewayConfig,
  gateway: Gateway | undefined,
  options: ListenerOptions,
): Promise<ManagementListener | undefined> {
  if (tcp === undefined || gateway === undefined) return undefined;
  const { startManagementListener } = await import('../host/management/tcp-server.ts');
  return startManagementListener(tcp, gateway, options);
}

function warnOf(log: ReturnType<typeof gatewayLog>): (what: string) => void {
  return (what) =>
    log.warn({ event: 'certificate-not-taken', what }, 'the certificate of the management cannot be taken');
}

/** Prometheus' library is loaded when somebody asks for metrics. */
function expositionOf(source: ViewSource): ExpositionSource {
  let made: Promise<Exposition> | undefined;
  return () => {
    made ??= import('../host/metrics/exposition.ts').then((module) => new module.Exposition(source, projectVersion()));
    return made;
  };
}

function bannerOf(
  { config, source }: Gateway,
  { socketPath }: ManagementServer,
  listener: MetricsListener | undefined,
  network: ManagementListener | undefined,
): string[] {
  const { driver, driverFallbackReason, sockets } = source.host();
  const fallback = driverFallbackReason === undefined ? '' : `, because: ${driverFallbackReason}`;
  const [first, ...others] = sockets.filter(({ port }) => port === 'aaa');
  const aaa =
    first === undefined ? [] : [`  aaa            ${first.transport} ${first.local} and ${others.length} more ports`];
  return [
    `samog gateway ${config.chassis.name} (${driver} sockets${fallback})`,
    ...sockets
      .filter(({ port }) => port !== 'aaa')
      .map(({ port, transport, local }) => `  ${port.padEnd(14)} ${transport} ${local}`),
    ...aaa,
    `  management     ${socketPath}`,
    ...(network === undefined ? [] : [`  management     https://${network.local}`]),
    ...(listener === undefined ? [] : [`  metrics        http://${listener.local}/metrics`]),
    'ready',
  ];
}

/** The first signal asks the gateway to stop; a second one does not wait for that. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(exitCode.refused));
        resolve(signal);
      });
    }
  });
}
