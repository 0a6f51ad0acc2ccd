/** What the project uses of net-snmp 3.29, which has no types of its own. */
declare module 'net-snmp' {
  export interface Varbind {
    readonly oid: string;
    readonly type: number;
    readonly value: string | number | Uint8Array;
  }
  export interface SessionOptions {
    readonly version?: number;
    readonly transport?: 'udp4' | 'udp6';
    readonly trapPort?: number;
    readonly retries?: number;
    /** Milliseconds. */
    readonly timeout?: number;
    readonly engineID?: string;
  }
  export interface User {
    readonly name: string;
    readonly level: number;
    readonly authProtocol?: string;
    readonly authKey?: string;
    readonly privProtocol?: string;
    readonly privKey?: string;
  }
  type Told = (error: Error | null) => void;
  export interface Session {
    trap(oid: string, varbinds: readonly Varbind[], options: { readonly upTime: number }, told: Told): void;
    inform(oid: string, varbinds: readonly Varbind[], options: { upTime: number; port?: number }, told: Told): void;
    on(event: 'error', listener: (error: Error) => void): void;
    close(): void;
    /** Not documented: writes the message of a request, and sends it. */
    send(request: { readonly message: { readonly msgSecurityParameters?: object } }, noWait?: boolean): void;
  }
  export function createSession(target: string, community: string, options: SessionOptions): Session;
  export function createV3Session(target: string, user: User, options: SessionOptions): Session;

  export interface InstanceNode {
    value: string | number | Uint8Array;
  }
  export interface MibRequest {
    readonly instanceNode: InstanceNode;
    done(error?: unknown): void;
  }
  export interface Provider {
    readonly name: string;
    readonly type: number;
    readonly oid: string;
    readonly scalarType: number;
    readonly maxAccess: number;
    readonly handler: (request: MibRequest) => void;
  }
  export interface Subagent {
    open(told: Told): void;
    ping(told: Told): void;
    registerProvider(provider: Provider, told: Told): void;
    getMib(): { setScalarValue(name: string, value: string | number | Uint8Array): void };
    on(event: 'close', listener: () => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    readonly socket: { destroy(): void };
  }
  export function createSubagent(options: {
    readonly master: string;
    readonly masterPort: number;
    readonly description: string;
    readonly timeout: number;
  }): Subagent;

  export const Version2c: number;
  export const Version3: number;
  export const ObjectType: Readonly<Record<'OctetString' | 'Integer' | 'Gauge' | 'Counter64' | 'Unsigned32', number>>;
  export const SecurityLevel: Readonly<Record<'noAuthNoPriv' | 'authNoPriv' | 'authPriv', number>>;
  export const AuthProtocols: Readonly<Record<string, string>>;
  export const PrivProtocols: Readonly<Record<string, string>>;
  export const MibProviderType: Readonly<Record<'Scalar', number>>;
  export const MaxAccess: Readonly<Record<'read-only', number>>;
}
