import type { WallClock } from '../../kernel/instant.ts';

/** What the Acct-Session-Id of a session is made of. */
export interface AccountName {
  readonly id: number;
  /** When the session began, in seconds since 1970 (32 bits). */
  readonly bornSecond: number;
}

/**
 * Acct-Session-Id, the same in the authentication and the accounting of a session (RFC 2866 section 5.5): its identifier
 * and the second of its beginning, 16 hexadecimal digits. An identifier alone is given again one day.
 */
export function acctSessionIdOf({ id, bornSecond }: AccountName): string {
  return hexadecimal(id) + hexadecimal(bornSecond);
}

/** The session that an Acct-Session-Id of this gateway names, or undefined if it is none. */
export function accountNameOf(acctSessionId: string): AccountName | undefined {
  if (!/^[0-9a-f]{16}$/i.test(acctSessionId)) return undefined;
  return {
    id: Number.parseInt(acctSessionId.slice(0, 8), 16),
    bornSecond: Number.parseInt(acctSessionId.slice(8), 16),
  };
}

/** The second of the wall clock, as an unsigned integer of 32 bits. */
export function secondOf(wallClock: WallClock): number {
  return Math.floor(wallClock / 1000) >>> 0;
}

function hexadecimal(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
