import type { NeededRole } from '../access/role.ts';

/** One thing that the management API can be asked for. */
export interface ApiOperation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly role: NeededRole;
  /** Whether it may change anything: then it is audited. What needs `intercept` always is. */
  readonly changes: boolean;
  /** Whether it is audited although it changes nothing. */
  readonly audited?: true;
  readonly summary: string;
}

/** What is sent with a request for an operation. */
export interface ApiInput {
  /** Names and values of the query, as they are. */
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** How long the gateway may take beyond the usual. */
  readonly waitMs?: number;
}
