import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import type { ForwardingAudit } from '../../operations/views/forwarding-reader.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { ServedInstanceDependencies } from '../../sessmgr/instances/served-instance.ts';
import type { SessionManager } from '../../sessmgr/session-manager.ts';
import { tellEvent } from '../gateway-event.ts';
import { FastPathInstance, type FastPathShare } from '../xdp/fast-path-instance.ts';
import { ForwardingAuditor } from '../xdp/forwarding-auditor.ts';

export interface ForwardingListener {
  /** Whose sessions they are, at the moment. */
  manager(): SessionManager;
  readonly report: EventSink;
  /** What an audit that was asked for has found; undefined if it could not be made. */
  audited(audit: ForwardingAudit | undefined): void;
}

/** Forwarding in the kernel, in the thread of a session manager instance: its part of it, and the audit of that. */
export class InstanceForwarding {
  /** What the instance is made with. */
  readonly ofInstance: Pick<ServedInstanceDependencies, 'accelerator' | 'whyNot'>;
  readonly #instance: FastPathInstance;
  readonly #auditor: ForwardingAuditor;
  readonly #listener: ForwardingListener;

  constructor(share: FastPathShare, config: GatewayConfig, index: number, listener: ForwardingListener) {
    const failed = (error: unknown): void => {
      const why = error instanceof Error ? error.message : String(error);
      tellEvent(listener.report, 'fast-path-failing', `${why}; the next audit tries again`);
    };
    const instance = FastPathInstance.apart(share, config, index, failed);
    this.#instance = instance;
    this.#listener = listener;
    this.ofInstance = { accelerator: instance.accelerator, whyNot: (entry) => instance.whyNot(entry) };
    this.#auditor = new ForwardingAuditor({
      managers: () => [listener.manager()],
      slices: () => instance.auditSlices(),
      removeStale: () => instance.removeStale(),
      ended: () => {},
      failed,
    });
  }

  /** As of `FastPathInstance`. */
  settle(): void {
    this.#instance.settle();
  }

  /** As of `FastPathInstance`. */
  reconfigure(config: Pick<SamogConfig, 'mrmeService'>): void {
    this.#instance.reconfigure(config);
  }

  /** What was programmed before is removed only when every session there is has been programmed anew. */
  async audit(): Promise<void> {
    this.#listener.audited(await this.#auditor.now().catch(() => undefined));
  }

  stop(): void {
    this.#auditor.stop();
  }
}
