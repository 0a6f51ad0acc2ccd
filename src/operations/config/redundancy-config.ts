import type { ChassisOptions } from '../../icsr/chassis/options.ts';
import type { ProbeConfig } from '../../icsr/monitors/probe.ts';
import type { IpAddress, Ipv4Address } from '../../kernel/address.ts';
import type { CompressionName } from '../../wire/srp/names.ts';

/** `service-redundancy-protocol`: which pair this chassis belongs to, and how the pair works. Times in milliseconds. */
export interface RedundancyConfig {
  readonly chassis: ChassisOptions;
  /** The only chassis that is accepted as a peer, by its `chassis.name`; undefined accepts whoever has the key. */
  readonly peerChassisName: string | undefined;
  /** Where this chassis speaks SRP: an address of its own, which does not move. */
  readonly bind: { readonly address: IpAddress; readonly port: number };
  /** Of the family of `bind`, and another address. */
  readonly peer: { readonly address: IpAddress; readonly port: number };
  /** Proved by both sides in the handshake, and the root of the keys of every connection. UTF-8 text of 16..128 octets. */
  readonly sharedKey: string;
  /** What bodies may be compressed with, best liked first. */
  readonly compressions: readonly Exclude<CompressionName, 'unknown'>[];
  readonly checkpoints: CheckpointConfig;
  /** Configurations are compared on connection and then so often. */
  readonly configurationIntervalMs: number;
  /** The addresses that UEs, access nodes, LMAs and AAA servers know: with the active chassis, in this order. */
  readonly serviceAddresses: readonly ServiceAddress[];
  /** An executable that is told of each change of role: `HOOK active|standby ROUTE-MODIFIER`; undefined for none. */
  readonly routeHook: string | undefined;
  readonly monitors: MonitorsConfig;
  /** Everything in the configuration that both chassis must have alike, for the comparison. */
  readonly settings: readonly PairSetting[];
}

/** A setting that both chassis of a pair must have alike. */
export interface PairSetting {
  /** As problems and the reference write it; entries of a list in which the order does not count share theirs. */
  readonly path: string;
  /** In one way of writing it. */
  readonly value: string;
  /** The value is not to be shown, only a digest of it. */
  readonly isSecret: boolean;
  /** The value is what it would be if the file left it out: so it works on a peer whose release has no such setting. */
  readonly isDefault: boolean;
}

export interface CheckpointConfig {
  /** A session younger than this is not replicated yet. */
  readonly minimumAgeMs: number;
  /** Each session is sent whole again so often; 30..1440 minutes. */
  readonly periodicIntervalMs: number;
  /** The instance level checkpoint. */
  readonly instanceIntervalMs: number;
  /** What a UE has used is told so often, if it has changed. */
  readonly statisticsIntervalMs: number;
  /** A reply that promises something waits no longer for the standby; 0 never waits. */
  readonly commitLimitMs: number;
  /** Digests of the session tables are compared so often. */
  readonly auditIntervalMs: number;
  /** Sessions sent whole each second because the standby has refused something. */
  readonly nackResponsesPerSecond: number;
}

export interface ServiceAddress {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
  readonly interface: string;
}

/** Whose failure makes the active chassis hand over, if the standby's is well. */
export interface MonitorsConfig {
  /** Probes the AAA servers: fails when none has answered for the time that so many probes take. */
  readonly authenticationProbe: ProbeConfig | undefined;
  /** Addresses (a router, an LMA) of which each is reached by ICMP echo. */
  readonly peers: readonly (ProbeConfig & { readonly name: string; readonly address: Ipv4Address })[];
}

/** `recovery`: what a chassis keeps on its own disk, to come back with its sessions after a crash or a restart. */
export interface RecoveryConfig {
  /** Where the store is; the chassis's own. */
  readonly directory: string;
  /** What has changed in the sessions is written so often, in milliseconds. */
  readonly flushIntervalMs: number;
  /** What UEs have used, and the counters, are written so often, in milliseconds; the seed's 4 s. */
  readonly accountingIntervalMs: number;
}
