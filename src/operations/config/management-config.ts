/** Where a gateway takes operators' requests unless told otherwise; its own folder, so that it can be made for one user. */
export const defaultManagementSocket = '/run/samog/management.sock';

/** `management`: how the gateway is reached by whoever operates it. */
export interface ManagementConfig {
  /** The path of the Unix socket at which the gateway takes operators' requests. */
  readonly socket: string;
  /** The users file; undefined where only the owner of the socket may do anything. */
  readonly usersFile: string | undefined;
  /** Of former configurations and candidates; undefined for a folder beside the configuration file. */
  readonly configurationFolder: string | undefined;
  /** Undefined where nothing listens on the network. */
  readonly tcp: ManagementTcpConfig | undefined;
  /** Where the other chassis of the pair has its own; undefined where the console is to name none. */
  readonly peerUrl: string | undefined;
  /** Undefined where what is audited is in the log alone. */
  readonly audit: AuditConfig | undefined;
}

/** `management.tcp`: the management API on the network. */
export interface ManagementTcpConfig {
  readonly address: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Files, in PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** `management.audit`: where is kept who did what. */
export interface AuditConfig {
  readonly file: string;
  /** That of interception; undefined where there is nothing of it. */
  readonly interceptFile: string | undefined;
  /** Octets from which on a file makes room for the next. */
  readonly octetsMax: number;
  readonly filesMax: number;
}
