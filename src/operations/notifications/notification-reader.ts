/** One receiver of notifications. */
export interface SinkStatus {
  readonly name: string;
  readonly kind: 'syslog' | 'webhook' | 'snmp';
  /** Where it is. */
  readonly at: string;
  /** Told, as far as can be known: by UDP, sent. */
  readonly sent: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Not told, because too many waited. */
  readonly dropped: number;
  readonly waiting: number;
  /** Why the last attempt failed; null if it did not. */
  readonly failing: string | null;
  /** For how long that has been so; null if it is not. */
  readonly failingMs: number | null;
}

/** What is shown of notifications. */
export interface NotificationReader {
  sinks(): readonly SinkStatus[];
  /** Events that were not told to anybody, because there were too many of them in a second. */
  readonly suppressed: number;
}
