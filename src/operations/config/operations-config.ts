/** `metrics`: where Prometheus asks. */
export interface MetricsConfig {
  /** Of this host's loopback interface. */
  readonly address: '127.0.0.1' | '::1';
  /** 0 takes any that is free. */
  readonly port: number;
}

/** `bulkstats`: what is written to files, and how often. */
export interface BulkstatsConfig {
  readonly directory: string;
  readonly intervalMs: number;
  /** The oldest files make room. */
  readonly filesMax: number;
  readonly schemas: readonly BulkstatSchema[];
}

/** One line of each file. */
export interface BulkstatSchema {
  readonly name: string;
  /** With `%variable%` in it; each is one that there is. */
  readonly format: string;
}

export const fastPathModes = ['auto', 'native', 'generic', 'off'] as const;

/** `fast-path`: what is forwarded in the kernel, where, and for how long. */
export interface FastPathSettings {
  readonly mode: (typeof fastPathModes)[number];
  /** Undefined for those that have the gateway's addresses. */
  readonly interfaces: readonly string[] | undefined;
  readonly sessionsMax: number;
  /** Of one tunnel endpoint; 0 for any number. */
  readonly puntsPerSecond: number;
  /** Of all together; 0 for any number. */
  readonly puntsPerSecondInAll: number;
  readonly outliveMs: number;
  /** A BPF file system. */
  readonly pinFolder: string;
}
