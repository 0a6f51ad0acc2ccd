/** What the processes of an end-to-end test are told: plain data, passed as JSON. */

/** A residential gateway (EoGRE) or a WLC (PMIPv6) with its own address. */
export interface PointPlan {
  readonly name: string;
  readonly kind: 'rg' | 'wlc';
  readonly address: string;
  /** EoGRE: the GRE key and the VLAN inside the tunnel, if any. */
  readonly key?: number;
  readonly vlan?: number;
  /** PMIPv6: the default router's MAC address on the radio link, and how NAIs are written. */
  readonly routerMac?: string;
  readonly nai?: { readonly naiSeparator?: '-' | ':' | '.' | ''; readonly naiRealm?: string };
}

/** A UE: its TAP interface is its radio, and lies in a namespace of its own. */
export interface UePlan {
  readonly name: string;
  readonly namespace: string;
  readonly mac: string;
  /** What the TAP interface is called there; `interfaceName.ue` if left out. */
  readonly interface?: string;
}

export interface AccessPlan {
  /** The gateway's access address. */
  readonly gateway: string;
  readonly points: readonly PointPlan[];
  readonly ues: readonly UePlan[];
}

export type AccessCommand =
  /** Leaves where it is, after `overlapMs` in which it hears both, and sends to `to` from now on; nowhere if left out. */
  | { readonly kind: 'move'; readonly ue: string; readonly to?: string; readonly overlapMs?: number }
  /** Sends one frame, in hexadecimal, as if the UE had. */
  | { readonly kind: 'frame'; readonly ue: string; readonly hex: string }
  /** Sends random octets, and real messages with octets changed, from every access node to the gateway. */
  | { readonly kind: 'noise'; readonly packets: number }
  | { readonly kind: 'status' };

export interface AccessStatus {
  readonly points: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Destination MAC, source MAC and EtherType of the last frames each UE has received. */
  readonly heard: Readonly<Record<string, readonly string[]>>;
  readonly unroutable: number;
}

export interface CorePlan {
  readonly aaa: {
    readonly address: string;
    readonly secret: string;
    readonly rejectedMacs: readonly string[];
  };
  readonly lma: {
    readonly address: string;
    /** The gateway's S2a address. */
    readonly gateway: string;
    readonly pool: string;
    /** The namespace of the host behind the LMA, and the host's address there. */
    readonly hostNamespace: string;
    readonly hostAddress: string;
    /** How often it asks the gateway for a sign of life; never if left out. */
    readonly heartbeatIntervalMs?: number;
  };
}

export type CoreCommand =
  /** Sends random octets from the LMA to the gateway. */
  { readonly kind: 'noise'; readonly packets: number } | { readonly kind: 'status' };

export interface CoreStatus {
  readonly aaa: Readonly<Record<string, number>>;
  readonly lma: Readonly<Record<string, number>>;
  readonly bindings: readonly {
    readonly nai: string;
    readonly address: string;
    readonly downlinkKey: number;
    readonly uplinkKey: number;
  }[];
}

/** The interface of a UE in its namespace, and of the host behind the LMA. */
export const interfaceName = { ue: 'wlan0', host: 'net0' } as const;
