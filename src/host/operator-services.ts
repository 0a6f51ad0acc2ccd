import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import type { ViewSource } from '../operations/views/view.ts';
import type { Users } from './access/users.ts';
import type { ManagementAccess } from './management/access.ts';
import type { Managed } from './management/answers.ts';
import type { ManagementListener } from './management/tcp-server.ts';
import { BulkstatsWriter } from './metrics/bulkstats-writer.ts';
import { type ExpositionSource, type MetricsListener, startMetricsListener } from './metrics/metrics-listener.ts';
import { StartError, type StartProblem } from './start-error.ts';

export interface OperatorServicesOptions {
  readonly access: ManagementAccess;
  readonly exposition: ExpositionSource;
  readonly log: Logger;
}

/** Whoever is being answered when a listener is replaced has so long to take the answer. */
const graceMs = 2000;

/**
 * What a gateway has beside its Unix socket for whoever operates it: the port of Prometheus, the API on the network and its users,
 * files of bulk statistics. Each can be replaced while the gateway runs.
 */
export class OperatorServices {
  readonly #options: OperatorServicesOptions;
  readonly #managed: Managed;
  #config: GatewayConfig;
  #metrics: MetricsListener | undefined;
  #network: ManagementListener | undefined;
  #bulkstats: BulkstatsWriter | undefined;

  private constructor(config: GatewayConfig, managed: Managed, options: OperatorServicesOptions) {
    this.#config = config;
    this.#managed = managed;
    this.#options = options;
  }

  /** Starts what the configuration asks for. @throws StartError with all that is in the way; then nothing stays open */
  static async start(
    config: GatewayConfig,
    managed: Managed,
    options: OperatorServicesOptions,
  ): Promise<OperatorServices> {
    const services = new OperatorServices(config, managed, options);
    const problems: StartProblem[] = [];
    const attempt = async (start: () => Promise<void>): Promise<void> => {
      await start().catch((error: unknown) => {
        if (!(error instanceof StartError)) throw error;
        problems.push(...error.problems);
      });
    };
    await attempt(async () => {
      services.#metrics = await services.#startMetrics(config);
    });
    await attempt(async () => {
      services.#network = await services.#startNetwork(config, options.access.userList);
    });
    if (problems.length > 0) {
      await services.stop();
      throw new StartError(problems);
    }
    services.#startBulkstats(config);
    return services;
  }

  get metrics(): MetricsListener | undefined {
    return this.#metrics;
  }

  get network(): ManagementListener | undefined {
    return this.#network;
  }

  /** Goes on as another configuration has it. @throws StartError if it cannot; then all of it is as it was */
  async reconfigure(config: GatewayConfig): Promise<void> {
    const former = this.#config;
    const { access } = this.#options;
    const users = await this.#usersOf(config);
    const undo: (() => unknown)[] = [];
    let metrics = this.#metrics;
    let network = this.#network;
    try {
      if (!isDeepStrictEqual(config.metrics, former.metrics)) {
        metrics = await this.#startMetrics(config);
        undo.push(() => metrics?.stop());
      }
      const { tcp } = config.management;
      const before = former.management.tcp;
      if (network !== undefined && tcp && before && tcp.address === before.address && tcp.port === before.port) {
        const kept = network;
        undo.push(() => kept.take(before));
        kept.take(tcp);
      } else if (!isDeepStrictEqual(tcp, before)) {
        network = await this.#startNetwork(config, users);
        undo.push(() => network?.stop());
      }
    } catch (error) {
      for (const each of undo.reverse()) await each();
      throw error;
    }
    access.userList = users;
    if (metrics !== this.#metrics) void this.#metrics?.stop();
    // The answer to the very request that has changed this may be on its way through it.
    if (network !== this.#network) void this.#network?.stop(graceMs);
    this.#metrics = metrics;
    this.#network = network;
    this.#config = config;
    if (!isDeepStrictEqual(config.bulkstats, former.bulkstats)) {
      await this.#bulkstats?.stop();
      this.#startBulkstats(config);
    }
    this.#options.log.level = config.logging.level;
  }

  async stop(): Promise<void> {
    await this.#network?.stop();
    await this.#metrics?.stop();
    await this.#bulkstats?.stop();
  }

  /** Whoever could lock everybody out is told before it is so. */
  async #usersOf({ management: { usersFile } }: GatewayConfig): Promise<Users | undefined> {
    const { access } = this.#options;
    if (usersFile === this.#config.management.usersFile) return access.userList;
    const users = access.usersOf(usersFile);
    await users?.all();
    if (users?.problem === undefined) return users;
    const what = `cannot read ${usersFile}: ${users.problem}`;
    throw new StartError([{ path: 'management.users', what, hint: 'make one with "samog user add"' }]);
  }

  async #startMetrics({ metrics }: GatewayConfig): Promise<MetricsListener | undefined> {
    return metrics && startMetricsListener(metrics, this.#options.exposition);
  }

  async #startNetwork(
    { management: { tcp } }: GatewayConfig,
    users: Users | undefined,
  ): Promise<ManagementListener | undefined> {
    if (tcp === undefined) return undefined;
    const { access, exposition, log } = this.#options;
    const { startManagementListener } = await import('./management/tcp-server.ts');
    const warn = (what: string) =>
      log.warn({ event: 'certificate-not-taken', what }, 'the certificate of the management cannot be taken');
    return startManagementListener(tcp, this.#managed, { access, users, exposition, warn });
  }

  #startBulkstats({ bulkstats }: GatewayConfig): void {
    const source: ViewSource = this.#managed.source;
    this.#bulkstats = bulkstats && new BulkstatsWriter(bulkstats, source, this.#options.log);
    this.#bulkstats?.start();
  }
}
