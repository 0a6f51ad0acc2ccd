import type { LinkOptions } from '../../icsr/link/peer-link.ts';
import { nackBudgetDefaults } from '../../icsr/replication/nack-budget.ts';
import { type ChassisOfPairOptions, type ReplicationOptions, replicationDefaults } from '../../sessmgr/pair/options.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import type { SrpDigests } from '../../wire/srp/digests.ts';
import { comparableConfiguration } from './comparison.ts';
import type { GatewayConfig } from './gateway-config.ts';
import type { RedundancyConfig } from './redundancy-config.ts';

/** The configuration of a chassis that has a peer. */
export type PairConfig = GatewayConfig & { readonly redundancy: RedundancyConfig };

/** Whether the configuration is that of a chassis with a peer. */
export function isOfPair(config: GatewayConfig): config is PairConfig {
  return config.redundancy !== undefined;
}

/** The number of the first session manager instance; the others follow. */
const firstInstance = 1;

/** What of a chassis of a pair its configuration decides. */
export function pairOptionsOf(
  config: PairConfig,
  digests: SrpDigests,
): Omit<ChassisOfPairOptions, 'restartCounter' | 'storedTerm'> {
  const { redundancy } = config;
  const { digest, ...comparable } = comparableConfiguration(redundancy, digests);
  return {
    chassis: redundancy.chassis,
    replication: replicationOptionsOf(config),
    instances: config.sessionManagers.count,
    samog: config,
    configurationDigest: digest,
    configuration: { ...comparable, intervalMs: redundancy.configurationIntervalMs },
  };
}

function replicationOptionsOf({ redundancy, samogService }: PairConfig): ReplicationOptions {
  const { checkpoints } = redundancy;
  const { nackResponsesPerSecond } = checkpoints;
  return {
    ...replicationDefaults,
    instance: firstInstance,
    minimumCallAgeMs: checkpoints.minimumAgeMs,
    fullCheckpointIntervalMs: checkpoints.periodicIntervalMs,
    instanceLevelIntervalMs: checkpoints.instanceIntervalMs,
    auditIntervalMs: checkpoints.auditIntervalMs,
    statisticsIntervalMs: checkpoints.statisticsIntervalMs,
    commitLimitMs: checkpoints.commitLimitMs,
    nacks: { ...nackBudgetDefaults, fullsPerSecond: nackResponsesPerSecond, burst: nackResponsesPerSecond },
    recordsMax: Math.max(replicationDefaults.recordsMax, samogService.sessionsMax),
  };
}

/** How the link knows the peer. `available` are the compressions that the host has; the configuration says in which order. */
export function linkOptionsOf(
  { chassis, redundancy }: PairConfig,
  available: LinkOptions['compressions'],
): LinkOptions {
  return {
    chassisId: chassis.name,
    peerChassisId: redundancy.peerChassisName,
    sharedKey: utf8Encode(redundancy.sharedKey),
    compressions: new Map(
      redundancy.compressions.flatMap((name) => {
        const compression = available.get(name);
        return compression === undefined ? [] : [[name, compression]];
      }),
    ),
  };
}
