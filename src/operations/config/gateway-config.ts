import type { SamogConfig, TwanProfile } from '../../services/samog/config.ts';
import type { InterceptConfig } from './intercept-config.ts';
import type { ManagementConfig } from './management-config.ts';
import type { NotificationsConfig, ThresholdConfig } from './notifications-config.ts';
import type { BulkstatsConfig, FastPathSettings, MetricsConfig } from './operations-config.ts';
import type { RecoveryConfig, RedundancyConfig } from './redundancy-config.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The name of a chassis that is given none; each of a pair has to be given one. */
export const defaultChassisName = 'samog';

/** A whole, valid configuration: what `parseConfig` returns and a chassis is started with. */
export interface GatewayConfig extends SamogConfig {
  readonly chassis: { readonly name: string };
  readonly management: ManagementConfig;
  /** Undefined for a chassis that has no peer. */
  readonly redundancy: RedundancyConfig | undefined;
  /** Undefined where nothing is kept on disk. */
  readonly recovery: RecoveryConfig | undefined;
  /** Undefined where only the management socket has `/metrics`. */
  readonly metrics: MetricsConfig | undefined;
  /** Undefined where no files are written. */
  readonly bulkstats: BulkstatsConfig | undefined;
  readonly thresholds: readonly ThresholdConfig[];
  /** Undefined where nobody is told anything. */
  readonly notifications: NotificationsConfig | undefined;
  /** Undefined where nobody can be intercepted. No view may look at it. */
  readonly lawfulIntercept: InterceptConfig | undefined;
  /** How many instances serve the sessions; on both chassis of a pair as many. */
  readonly sessionManagers: { readonly count: number; readonly placement: 'in-process' | 'threads' };
  readonly fastPath: FastPathSettings;
  readonly logging: { readonly level: LogLevel };
  /** All profiles; those associated with the MRME service are in `mrmeService.twanProfiles`. */
  readonly twanProfiles: readonly TwanProfile[];
}
