import type { ProbeConfig } from '../../icsr/monitors/probe.ts';
import { type MacAddress, macOf } from '../../kernel/address.ts';
import { fnv1a64 } from '../../kernel/fnv.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { pairSettings } from './pair-settings.ts';
import type { CheckpointConfig, MonitorsConfig, RecoveryConfig, RedundancyConfig } from './redundancy-config.ts';
import type { ConfigFile } from './schema.ts';

type RedundancySection = NonNullable<ConfigFile['service-redundancy-protocol']>;

/**
 * The section `service-redundancy-protocol` as chassis and link work with it; undefined for a chassis that is alone.
 */
export function toRedundancy(file: ConfigFile): RedundancyConfig | undefined {
  const srp = file['service-redundancy-protocol'];
  if (srp === undefined) return undefined;
  return {
    chassis: toChassisOptions(srp, file.chassis.name),
    peerChassisName: srp['peer-chassis-name'],
    bind: srp.bind,
    peer: { address: srp['peer-ip-address'], port: srp['peer-port'] ?? srp.bind.port },
    sharedKey: srp['shared-key'],
    compressions: srp.checkpoint.session.compression,
    checkpoints: toCheckpoints(srp.checkpoint),
    configurationIntervalMs: srp['configuration-interval'],
    serviceAddresses: srp['service-addresses'].map(({ address, interface: device }) => ({
      ...address,
      interface: device,
    })),
    routeHook: srp['route-hook'],
    monitors: toMonitors(srp.monitor),
    settings: pairSettings(file),
  };
}

/** The section `recovery`, durations in milliseconds; undefined where no sessions are kept on disk. */
export function toRecovery(recovery: ConfigFile['recovery']): RecoveryConfig | undefined {
  return (
    recovery && {
      directory: recovery.directory,
      flushIntervalMs: recovery['flush-interval'],
      accountingIntervalMs: recovery['accounting-interval'],
    }
  );
}

/**
 * The tiebreaker of a chassis that is given none: a locally administered address made of its name, so that it is the
 * same after a restart, and another one on the peer, whose name differs.
 */
export function tiebreakerOf(chassisName: string): MacAddress {
  const { high, low } = fnv1a64(utf8Encode(chassisName));
  return macOf(0x02_00_00_00_00_00 + (high & 0xff) * 2 ** 32 + low);
}

function toChassisOptions(srp: RedundancySection, chassisName: string): RedundancyConfig['chassis'] {
  const { limits, 'clock-skew': clockSkew, 'guard-timer': guardTimer } = srp;
  return {
    mode: srp['chassis-mode'],
    priority: srp.priority,
    tiebreaker: srp.tiebreaker ?? tiebreakerOf(chassisName),
    helloIntervalMs: srp['hello-interval'],
    deadIntervalMs: srp['dead-interval'],
    delayIntervalMs: srp['delay-interval'],
    olderStoreLimitMs: limits['older-store'],
    promotionLimitMs: limits.promotion,
    handoverLimitMs: limits.handover,
    resynchronisationLimitMs: limits.resynchronisation,
    settleLimitMs: limits.settle,
    barrierLimitMs: limits.barrier,
    clockSkewWarnMs: clockSkew.warn,
    clockSkewRefuseMs: clockSkew.refuse,
    guardPeriodMs: guardTimer['guard-period'],
    dampingPeriodMs: guardTimer['damping-period'],
    routeModifierThreshold: srp['route-modifier'].threshold,
  };
}

function toCheckpoints({ session, ...checkpoint }: RedundancySection['checkpoint']): CheckpointConfig {
  return {
    minimumAgeMs: session.duration,
    periodicIntervalMs: session['periodic-interval'],
    instanceIntervalMs: checkpoint['instance-interval'],
    statisticsIntervalMs: session['statistics-interval'],
    commitLimitMs: session['commit-limit'],
    auditIntervalMs: checkpoint['audit-interval'],
    nackResponsesPerSecond: session.nack['max-response'],
  };
}

function toMonitors(monitor: RedundancySection['monitor']): MonitorsConfig {
  const probe = monitor['authentication-probe'];
  return {
    authenticationProbe: probe && toProbe(probe),
    peers: monitor.peers.map((peer) => ({ name: peer.name, address: peer.address, ...toProbe(peer) })),
  };
}

function toProbe(probe: {
  readonly interval: number;
  readonly timeout: number;
  readonly failures: number;
}): ProbeConfig {
  return { intervalMs: probe.interval, timeoutMs: probe.timeout, failures: probe.failures };
}
