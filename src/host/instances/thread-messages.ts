import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import type { ForwardingAudit } from '../../operations/views/forwarding-reader.ts';
import type { InstanceBuffers } from '../../sessmgr/instances/instance-memory.ts';
import type { FromInstance, ToInstance } from '../../sessmgr/instances/instance-messages.ts';
import type { ServedInstanceOptions } from '../../sessmgr/instances/served-instance.ts';
import type { InterceptShare } from '../intercept/intercept-share.ts';
import type { PortBinding, RuntimeStatistics } from '../runtime.ts';
import type { FastPathShare } from '../xdp/fast-path-instance.ts';

/** What the thread of a session manager instance is started with. */
export interface InstanceThreadData {
  readonly config: GatewayConfig;
  readonly options: Omit<ServedInstanceOptions, 'config'>;
  readonly buffers: InstanceBuffers;
  /** As of `clockOriginMs`. */
  readonly clockOriginMs: number;
  /** Undefined where nothing is forwarded in the kernel. */
  readonly fastPath: FastPathShare | undefined;
  /** Undefined where nobody can be intercepted. */
  readonly intercepts: InterceptShare | undefined;
  /** Its sockets, and those of the chassis that it sends by. */
  readonly bindings: readonly PortBinding[];
}

/** From the main thread to that of an instance; done in this order. */
export type ToInstanceThread =
  | ToInstance
  /** One more of its sockets is here. */
  | { readonly kind: 'binding'; readonly binding: PortBinding }
  /** Compares what is forwarded with its sessions, and repairs it; answered by `audited`. */
  | { readonly kind: 'audit' }
  /** Closes its sockets, tells what is not in the store yet, and ends. */
  | { readonly kind: 'stop' }
  /** Ends at once: what it has not told yet is lost, as by a fault. */
  | { readonly kind: 'end' };

/** From the thread of an instance to the main one. */
export type FromInstanceThread =
  | FromInstance
  /** It takes messages. */
  | { readonly kind: 'ready' }
  /** It has adopted its sessions and opened its sockets. */
  | { readonly kind: 'open' }
  | { readonly kind: 'notOpen'; readonly problem: string }
  /** `audit` is undefined where it could not be made. */
  | { readonly kind: 'audited'; readonly audit: ForwardingAudit | undefined }
  /** Goes before the answer to a look. */
  | { readonly kind: 'host'; readonly statistics: RuntimeStatistics }
  /** A fault was contained; `details` as of `EventLogger.writeFault`. */
  | { readonly kind: 'fault'; readonly text: string; readonly details: Readonly<Record<string, string>> }
  | { readonly kind: 'stopped' };
