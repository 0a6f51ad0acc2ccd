import type { TunnelMtu } from '../views/forwarding-mtu.ts';

/** What the doctor looks at, as the host has it; undefined wherever it could not be found out. */
export interface HostFacts {
  /** Whose rights these are: the running gateway's process, or the one that asks, if no gateway answers. */
  readonly rightsOf: 'gateway' | 'this process';
  /** The effective capabilities, a bit each (linux/capability.h). */
  readonly capabilities: number | undefined;
  readonly openFilesMax: number | undefined;
  /** By their path below /proc/sys. */
  readonly kernelSettings: Readonly<Record<string, string | undefined>>;
  readonly interfaces: readonly InterfaceFacts[];
  /** Names of loaded kernel modules, those that concern the gateway. */
  readonly modules: readonly string[] | undefined;
  readonly clock: { readonly synchronised: boolean; readonly errorMs: number } | undefined;
  /** What the running gateway says of its sockets; undefined if none answers. */
  readonly sockets: SocketFacts | undefined;
  /** What the running gateway says of its forwarding; undefined if none answers. */
  readonly forwarding: ForwardingFacts | undefined;
  /** What a configuration wants; undefined if none was named. */
  readonly wanted: WantedFacts | undefined;
}

export interface InterfaceFacts {
  readonly name: string;
  readonly up: boolean;
  readonly mtu: number | undefined;
  readonly addresses: readonly string[];
  /** net.ipv4.conf.NAME.rp_filter. */
  readonly reversePathFilter: number | undefined;
  readonly largeReceiveOffload: boolean | undefined;
}

export interface SocketFacts {
  readonly driver: string;
  readonly driverFallbackReason: string | null;
  /** The smallest of the sockets that carry packets of UEs; null if there is none. */
  readonly receiveBufferOctets: number | null;
  readonly kernelDrops: number;
  readonly receivesTruncated: number;
  readonly worstStallMs: number;
}

export interface ForwardingFacts {
  readonly mode: 'native' | 'generic' | 'off';
  readonly reason: string | null;
  /** False where the configuration has it off. */
  readonly isWanted: boolean;
  readonly policed: number;
  readonly failures: number;
  /** By the last audit. */
  readonly repaired: number;
  /** Tunnels whose MTU is suspected, the first of them. */
  readonly suspectedTunnels: readonly TunnelMtu[];
}

export interface WantedFacts {
  readonly rawSockets: boolean;
  /** Takes addresses when it becomes active. */
  readonly serviceAddresses: boolean;
  /** Addresses that the gateway binds, with the MTU it counts on where there is one. */
  readonly addresses: readonly {
    readonly setting: string;
    readonly address: string;
    readonly mtu: number | undefined;
  }[];
  /** The folder of the call recovery store; undefined where nothing is kept. */
  readonly recovery:
    | { readonly directory: string; readonly writable: boolean; readonly freeOctets: number | undefined }
    | undefined;
}
