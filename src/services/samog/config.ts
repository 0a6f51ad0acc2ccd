/**
 * What the operator decides about the SaMOG service, as the core uses it: plain data, addresses parsed, defaults
 * filled in, every cross reference checked. `src/operations/config` makes it of a file; tests may write it out.
 *
 * Durations are milliseconds (`...Ms`) except where the protocol counts seconds (`...Seconds`).
 */
import type { AccessRule } from '../../forwarding/filter.ts';
import type { GreTransport } from '../../forwarding/inner-mtu.ts';
import type { IpAddress, IpPrefix, Ipv4Address, MacAddress } from '../../kernel/address.ts';

/** `ip`: access points that give their UEs addresses themselves, and send their packets as IP in GRE. */
export type AccessType = 'pmip' | 'eogre' | 'ip';
/** `pmipv6` goes with access type `pmip`, `dhcp` with `eogre`, `radius` with both, `accounting` with `ip`. */
export type SessionTrigger = 'pmipv6' | 'dhcp' | 'radius' | 'accounting';

/** Which access nodes (WLCs, APs, RGs) speak what. No two profiles hold the same prefix: the longest match decides. */
export interface TwanProfile {
  readonly name: string;
  readonly accessType: AccessType;
  readonly sessionTrigger: SessionTrigger;
  /** Host bits are zero. */
  readonly clients: readonly IpPrefix[];
  /** Who of them speaks RADIUS to the gateway; absent for nobody. */
  readonly radius?: TwanRadiusConfig | undefined;
}

/** The RADIUS clients of a profile. */
export interface TwanRadiusConfig {
  /** The longest prefix that holds an address decides; no two of all profiles are the same. */
  readonly clients: readonly RadiusClientConfig[];
  /** Packets a second that one client address may send; more are dropped. */
  readonly ratePerSecond: number;
}

export interface RadiusClientConfig {
  readonly address: IpPrefix;
  /** The shared secret: UTF-8 text of 1..128 octets. */
  readonly key: string;
  /** Where the client takes Disconnect-Requests (RFC 5176 section 2.1). */
  readonly disconnectPort: number;
}

/** How a MAC address is written in User-Name: `02005e102030`, `02-00-5e-…`, `02:00:5e:…` or `0200.5e10.2030`. */
export type MacFormat = 'mac-no-separator' | 'mac-hyphen' | 'mac-colon' | 'mac-dot';

export interface UserNameConfig {
  readonly format: MacFormat;
  readonly case: 'lower' | 'upper';
  /** Appended as `@realm`; undefined for none. */
  readonly realm: string | undefined;
}

/** `mac` repeats the MAC as User-Name writes it, without the realm. */
export type PasswordConfig = { readonly kind: 'mac' } | { readonly kind: 'fixed'; readonly text: string };

export interface RadiusServerConfig {
  readonly name: string;
  readonly address: IpAddress;
  /** Over TLS (RFC 6614), with the name that its certificate has to hold, or none for its address; over UDP undefined. */
  readonly tls?: { readonly name: string | undefined } | undefined;
  /** For authentication. */
  readonly port: number;
  /** Over TLS the same. */
  readonly acctPort: number;
  /** UTF-8 text of 1..128 octets; over TLS `radsec` (RFC 6614 section 2.3). */
  readonly secret: string;
  /** Lower is better; servers of a greater one are backup. */
  readonly priority: number;
  /** Its share among servers of its priority; at least 1. */
  readonly weight: number;
  /** Requests on their way to one of its ports at a time; at most `sourcePorts` × 256 (RFC 2865 section 3). */
  readonly outstandingMax: number;
  /** Whether it is asked by Status-Server (RFC 5997) when it was silent. */
  readonly statusServer: boolean;
}

/** Paths of files in PEM. */
export interface RadiusTlsConfig {
  /** Who signs the certificates of the servers. */
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface RadiusConfig {
  /**
   * By priority, then as written; at most 31. No two have an address and port in common, nor a name; those that share an
   * address and port of accounting are one server of accounting.
   */
  readonly servers: readonly RadiusServerConfig[];
  /** How long one transmission waits for its reply. */
  readonly timeoutMs: number;
  /** Further transmissions to one server after the first. */
  readonly retransmissions: number;
  /** How long a server that did not answer is passed over while another lives. */
  readonly deadTimeMs: number;
  /** What the gateway shows to servers over TLS, and by what it knows them; undefined where there are none. */
  readonly tls?: RadiusTlsConfig | undefined;
  /** Of authentication, and of accounting: requests that may wait for a free identifier. */
  readonly outstandingMax: number;
}

/** The gateway's accounting toward AAA. */
export interface AccountingConfig {
  /** Whether the records of WLCs are answered here, or by AAA. */
  readonly wlc: 'server' | 'proxy';
  /** Whether the gateway keeps an account of its own for each session. */
  readonly own: boolean;
  /** Between INTERIMs of one session, at least 60; undefined: as AAA says, and if it does not, none. */
  readonly interimIntervalSeconds: number | undefined;
  /** Of a session that an Accounting-Start has begun, if AAA gives none. */
  readonly idleTimeoutSeconds: number;
  /** After a record, for how long changes wait to be told together; at least 1 s. */
  readonly holdDownMs: number;
  /** Accounts that outlive their sessions; beyond it the newest is dropped. */
  readonly owedMax: number;
}

/** The gateway as RADIUS server of WLCs and access points, and relay toward AAA. */
export interface RelayConfig {
  /** Where they reach it. */
  readonly bind: { readonly address: IpAddress; readonly authPort: number; readonly acctPort: number };
  /** The most that AAA is told of Framed-MTU, 64 to 1500 octets; undefined leaves it to the WLC. */
  readonly framedMtu: number | undefined;
  /** From the Access-Accept that admits a UE to its first PBU or DHCP message. */
  readonly attachTimeMs: number;
  /** Conversations at a time; more are not begun. */
  readonly conversationsMax: number;
  /** How long a session stands after the STOP of its WLC, for another WLC to start it. */
  readonly disconnectDelayMs: number;
}

/** Who may change and disconnect sessions (RFC 5176). */
export interface DynamicAuthorizationConfig {
  readonly port: number;
  /** How far Event-Timestamp of a request may be from our clock, either way. */
  readonly windowMs: number;
  readonly eventTimestamp: 'required' | 'optional';
  /** No two have the same prefix; the longest match decides. */
  readonly clients: readonly { readonly prefix: IpPrefix; readonly secret: string }[];
}

/** Multi Radio Management Entity: authentication and accounting. */
export interface MrmeServiceConfig {
  readonly name: string;
  /** The associated profiles themselves, not their names. */
  readonly twanProfiles: readonly TwanProfile[];
  readonly bind: {
    readonly address: IpAddress;
    /** Network device to bind to; undefined for none. */
    readonly interface: string | undefined;
    /** UDP sockets of the `aaa` port, one channel each. */
    readonly sourcePorts: number;
  };
  readonly nasIdentifier: string;
  readonly nasIpAddress: IpAddress;
  readonly userName: UserNameConfig;
  readonly password: PasswordConfig;
  readonly radius: RadiusConfig;
  /** Undefined where nobody may. */
  readonly dynamicAuthorization: DynamicAuthorizationConfig | undefined;
  readonly accounting: AccountingConfig;
  readonly relay: RelayConfig;
}

/** The side of the access network: EoGRE and PMIPv6, as local mobility anchor. */
export interface AccessSideConfig {
  readonly address: IpAddress;
  readonly interface: string | undefined;
  readonly greTransport: GreTransport;
  /** Octets an outer IP packet may have on this side's link. */
  readonly mtu: number;
  /** The gateway's MAC address as default router, the same on every tunnel; unicast. */
  readonly vmac: MacAddress;
}

export interface RetransmissionConfig {
  readonly initialMs: number;
  /** The doubling stops here. */
  readonly maxMs: number;
  /** Transmissions altogether, the first included. */
  readonly attempts: number;
}

/** The side of the local mobility anchors: PMIPv6 as mobile access gateway (RFC 5213 section 6). */
export interface S2aSideConfig {
  readonly address: IpAddress;
  readonly interface: string | undefined;
  readonly greTransport: GreTransport;
  readonly mtu: number;
  /** At least one; the first is the default. All may be named by the AAA server. */
  readonly lmas: readonly IpAddress[];
  /** `aaa-then-default`: the AAA server's LMA if it names one of `lmas`. `default`: always the first. */
  readonly lmaSelection: 'aaa-then-default' | 'default';
  /** Service-Selection (RFC 5149) where the AAA server gives none; undefined to leave the option out. */
  readonly apn: string | undefined;
  readonly heartbeat: { readonly intervalMs: number; readonly missing: number };
  /** The binding lifetime asked of the LMA; a multiple of 4 s. */
  readonly lifetimeSeconds: number;
  /** How long before the binding's end it is refreshed; less than `lifetimeSeconds`. */
  readonly refreshBeforeSeconds: number;
  readonly retransmission: RetransmissionConfig;
}

/** What the gateway grants to MAGs. */
export interface BindingConfig {
  /** A multiple of 4 s. */
  readonly lifetimeMaxSeconds: number;
  /** How far a PBU's Timestamp may be from our clock, either way (TimestampValidityWindow). */
  readonly timestampWindowMs: number;
  /** MinDelayBeforeBCEDelete. */
  readonly deregistrationDelayMs: number;
}

/** Binding Revocation toward the MAG that was left (RFC 5846). */
export interface RevocationConfig {
  readonly enable: boolean;
  /** Revocation Trigger: inter-MAG handover over 2 the same access type, 3 another, 4 an unknown one. */
  readonly trigger: 2 | 3 | 4;
  /** From the moment a handover is complete for the UE to the first indication. */
  readonly delayMs: number;
  readonly initialTimeoutMs: number;
  readonly maxTimeoutMs: number;
  /** Retransmissions after the first. */
  readonly retries: number;
}

/** Convergence Gateway: tunnels and mobility. */
export interface CgwServiceConfig {
  readonly name: string;
  readonly access: AccessSideConfig;
  readonly s2a: S2aSideConfig;
  readonly binding: BindingConfig;
  readonly revocation: RevocationConfig;
}

export interface DhcpServiceConfig {
  readonly name: string;
  /** The most; the binding's remaining lifetime bounds it too. */
  readonly leaseTimeSeconds: number;
  /** How long an address that was offered waits for its REQUEST. */
  readonly offerTimeMs: number;
  /** How long a released session is kept for a UE that comes back. */
  readonly releaseGraceMs: number;
  readonly dns: readonly Ipv4Address[];
  readonly domain: string | undefined;
  /** undefined: the UE's default router. */
  readonly serverIdentifier: Ipv4Address | undefined;
  /** Interface MTU option; undefined: what fits through both tunnels unfragmented. */
  readonly mtu: number | undefined;
  /** T1 and T2 as fractions of the lease; 0 < renewal < rebinding < 1. */
  readonly renewal: number;
  readonly rebinding: number;
}

export interface HandoverConfig {
  /** False denies every handover between access types; moves within one type go on. */
  readonly enable: boolean;
  /** After a switch, for how long data from the endpoint just left is forwarded but never switches back. */
  readonly guardTimeMs: number;
  /** Data-triggered switches of one session a minute; more are denied. */
  readonly ratePerMinute: number;
}

/** From which part of what there is new UEs are refused, in percent. */
export interface CongestionConfig {
  /** Of `sessionsMax`; 100 for no threshold but the limit. */
  readonly sessionsPercent: number;
  /** Of the requests that may be on their way to AAA servers. */
  readonly requestsPercent: number;
}

/** The service that ties the others together; the names refer to the one service of each kind. */
export interface SamogServiceConfig {
  readonly name: string;
  readonly cgwService: string;
  readonly mrmeService: string;
  readonly dhcpService: string;
  readonly sessionsMax: number;
  /** Undefined for none. */
  readonly congestion?: CongestionConfig | undefined;
  /** From the trigger to the reply, authentication and S2a included. */
  readonly setupTimeoutMs: number;
  readonly handover: HandoverConfig;
}

/** What UEs may send or receive, by the name that AAA gives it. */
export interface AccessListConfig {
  readonly name: string;
  readonly rules: readonly AccessRule[];
}

/** All the SaMOG core needs. */
export interface SamogConfig {
  /** No two have the same name. */
  readonly accessLists: readonly AccessListConfig[];
  readonly mrmeService: MrmeServiceConfig;
  readonly cgwService: CgwServiceConfig;
  readonly dhcpService: DhcpServiceConfig;
  readonly samogService: SamogServiceConfig;
}
