import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput } from '../../kernel/port.ts';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import type { RecoveryStatus } from '../../sessmgr/recovery/recovery-status.ts';
import type { ChassisSessions } from '../chassis-sessions.ts';
import type { GatewayCore } from '../gateway-core.ts';
import { InstanceThreads, type InstanceThreadsDependencies } from './instance-threads.ts';

/** The core of a chassis without a peer whose session manager instances have threads of their own. */
export class ThreadedCore implements GatewayCore {
  readonly serves = true;
  readonly #threads: InstanceThreads;

  private constructor(threads: InstanceThreads) {
    this.#threads = threads;
  }

  /**
   * Starts the threads, with the sessions that were kept, and has them open their sockets.
   *
   * @throws StartError as `InstanceThreads.open`
   */
  static async open(config: GatewayConfig, dependencies: InstanceThreadsDependencies): Promise<ThreadedCore> {
    return new ThreadedCore(await InstanceThreads.open(config, dependencies));
  }

  get sessions(): ChassisSessions {
    return this.#threads.sessions;
  }

  receive(...packet: Parameters<PacketInput['receive']>): void {
    this.#threads.group.receive(...packet);
  }

  turnEnds(): void {
    this.#threads.group.flush();
  }

  advance(at: Instant): void {
    this.#threads.advance(at);
  }

  nextDeadline(): Instant {
    return this.#threads.nextDeadline();
  }

  reconfigure(config: GatewayConfig): void {
    this.#threads.reconfigure(config);
  }

  async start(): Promise<void> {
    const { group, store } = this.#threads;
    group.start();
    if (store === undefined || store.heldSessions === 0) group.beginAccounting();
    await this.#threads.start();
  }

  /** What is on disk is not over. */
  async leave(): Promise<void> {
    const { group, store } = this.#threads;
    const keepsSessions = store !== undefined && !(await new Promise<boolean>((resolve) => group.isEmpty(resolve)));
    if (!keepsSessions) await new Promise<void>((resolve) => group.endAccounting(resolve));
  }

  stop(): Promise<void> {
    return this.#threads.stop();
  }

  recovery(): RecoveryStatus | undefined {
    return this.#threads.recovery();
  }
}
