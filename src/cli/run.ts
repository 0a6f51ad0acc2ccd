import { resolve } from 'node:path';
import { openAudit } from '../host/audit/open-audit.ts';
import { wallClock } from '../host/clock.ts';
import { ConfigurationDesk } from '../host/configuration/configuration-desk.ts';
import { type Installed, newlyInstalled } from '../host/configuration/installed-file.ts';
import { type Gateway, gatewayLog, startGateway } from '../host/gateway.ts';
import { ManagementAccess } from '../host/management/access.ts';
import { managedGateway } from '../host/management/managed-gateway.ts';
import { type ManagementServer, makeRoom, rehearse, startManagementServer } from '../host/management/server.ts';
import type { Exposition } from '../host/metrics/exposition.ts';
import type { ExpositionSource } from '../host/metrics/metrics-listener.ts';
import { OperatorServices } from '../host/operator-services.ts';
import { ServiceManager } from '../host/service-manager.ts';
import { StartError, type StartProblem } from '../host/start-error.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { formatProblem } from '../operations/config/problem.ts';
import type { ViewSource } from '../operations/views/view.ts';
import { configurationText, parsedConfiguration } from './configuration.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { codeOf } from './new-file.ts';
import { complain, printLines } from './output.ts';
import { projectVersion } from './version.ts';

/** Runs a gateway in the foreground, until SIGTERM or SIGINT; returns the exit code. */
export async function runGateway(configFile: string, installedFile?: string): Promise<number> {
  const installed = installedFile === undefined ? undefined : await installedFor(installedFile, configFile);
  const text = installed?.text ?? configurationText(configFile);
  const parsed = parsedConfiguration(text, installed === undefined ? configFile : installedFile!);
  if (parsed.ok) {
    await installed?.take().catch((error: unknown) => refuseFile('write', configFile, error));
    return run(parsed.config, { file: resolve(configFile), text });
  }
  complain(parsed.problems.map(formatProblem).join('\n'));
  return exitCode.refused;
}

/** @throws CommandError if one of the two cannot be read */
function installedFor(installedFile: string, configFile: string): Promise<Installed | undefined> {
  return newlyInstalled(installedFile, configFile).catch((error: unknown) =>
    refuseFile('read', (error as NodeJS.ErrnoException).path ?? installedFile, error),
  );
}

function refuseFile(what: 'read' | 'write', which: string, error: unknown): never {
  throw new CommandError(
    exitCode.refused,
    `cannot ${what} ${which}: ${codeOf(error)}`,
    what === 'read' ? 'see that it is there, and can be read' : 'see that it can be written, and that there is room',
  );
}

async function run(config: GatewayConfig, from: { readonly file: string; readonly text: string }): Promise<number> {
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
  let desk: ConfigurationDesk | undefined;
  const gateway = await attempt(() => startGateway(config, { log, access, configuration: () => desk }));
  gateway?.operators?.joinLogIns(access);
  const { socket } = config.management;
  // Without a gateway there is nothing to serve, but what is wrong with the socket is told all the same.
  const exposition = gateway && expositionOf(gateway.source);
  let services: OperatorServices | undefined;
  desk =
    gateway &&
    (await openDesk(config, from, gateway, access, async (next) => {
      await services?.reconfigure(next);
      gateway.reconfigure(next);
    }));
  const managed = gateway && managedGateway(gateway, { configuration: desk });
  const management = await attempt(async () =>
    managed ? startManagementServer(socket, managed, { access, exposition }) : makeRoom(socket),
  );
  services = await attempt(
    async () => managed && exposition && OperatorServices.start(config, managed, { access, exposition, log }),
  );
  if (!gateway || !management || !services || problems.length > 0) {
    await management?.stop();
    await services?.stop();
    await gateway?.stop();
    await audit?.close();
    complain(`the gateway cannot start:\n${new StartError(problems).message.replace(/^/gm, '  ')}`);
    return exitCode.refused;
  }
  await rehearse(management);
  printLines(bannerOf(gateway, management, services));
  log.info({ event: 'gateway-started' }, 'the gateway has started');
  const serviceManager = new ServiceManager(process.env, process.pid);
  serviceManager.ready();
  const signal = await stopSignal();
  log.info({ event: 'gateway-stopping', signal, sessions: gateway.manager.registry.size }, 'the gateway stops');
  serviceManager.stopping();
  await management.stop();
  await desk?.stop();
  await services.stop();
  await gateway.stop();
  await audit?.close();
  return exitCode.done;
}

function openDesk(
  config: GatewayConfig,
  { file, text }: { readonly file: string; readonly text: string },
  gateway: Gateway,
  { audit }: ManagementAccess,
  apply: (config: GatewayConfig) => Promise<void>,
): Promise<ConfigurationDesk> {
  return ConfigurationDesk.open({
    ...{ file, text, apply, wallClock },
    folder: config.management.configurationFolder ?? `${file}.d`,
    sessions: () => gateway.manager.registry.size,
    happened: ({ name, text: said, paths }) => {
      gateway.tell(name, said);
      const entry = { kind: 'noted', of: null, who: null, via: null, from: null, request: name } as const;
      audit.changes.append({ ...entry, subject: { paths }, result: 'done', what: said }).catch(() => {});
    },
  });
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
  { metrics, network }: OperatorServices,
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
    ...(metrics === undefined ? [] : [`  metrics        http://${metrics.local}/metrics`]),
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
