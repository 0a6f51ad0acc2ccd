import type { IpAddress } from '../../kernel/address.ts';

/** `lawful-intercept`: who provisions targets, where intercepted traffic goes, and what is kept. Files are paths, in PEM. */
export interface InterceptConfig {
  readonly networkFunction: string;
  readonly targetsMax: number;
  readonly directory: string;
  /** Holds the key with which all that is kept, and all that goes to the other chassis, is sealed. */
  readonly keyFile: string;
  readonly provisioning: { readonly address: IpAddress; readonly port: number; readonly tls: InterceptTls };
  readonly delivery: readonly DeliveryConfig[];
}

export interface InterceptTls {
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A delivery function (MDF). */
export interface DeliveryConfig {
  readonly name: string;
  readonly address: IpAddress;
  readonly port: number;
  /** What its certificate has to hold; undefined for its address. */
  readonly tlsName: string | undefined;
  readonly tls: InterceptTls;
  /** Octets that wait for it. */
  readonly bufferOctets: number;
  /** TIME_P1 and TIME_P2 of ETSI TS 103 221-2 clause 6.2.4. */
  readonly keepaliveMs: number;
  readonly timeoutMs: number;
}
