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
