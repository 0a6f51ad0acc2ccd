import type { ExportRun } from '../export/export-run.ts';
import type { ApiCounter } from './api-counters.ts';

/** One way by which operators reach the gateway. */
export interface ManagementDoor {
  readonly kind: 'unix-socket' | 'tcp';
  /** A path, or an address and a port. */
  readonly at: string;
  readonly connections: number;
  readonly connectionsMax: number;
}

/** What the gateway says of its own management. */
export interface ManagementReader {
  readonly counters: { get(name: ApiCounter): number };
  doors(): readonly ManagementDoor[];
  /** The users file, and what is wrong with it; undefined where there is none. */
  users(): { readonly file: string; readonly problem: string | null } | undefined;
  /** Those who are logged in by password. */
  readonly loginSessions: number;
  /** The exports under way, and the last of those that are over; the latest first. */
  readonly exports: readonly ExportRun[];
}
