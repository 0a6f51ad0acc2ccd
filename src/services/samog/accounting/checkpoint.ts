import { bool, ipAddress, mac, text, uint } from '../../../wire/checkpoint/codec.ts';
import { payloadOf } from '../../../wire/checkpoint/payload.ts';
import { field, list, optional, recordOf } from '../../../wire/checkpoint/record.ts';
import type { StoppedAccount } from './stopped-accounts.ts';

const account = recordOf({
  client: field(1, ipAddress),
  mac: field(2, optional(mac)),
  acctSessionId: field(3, optional(text)),
  ageMs: field(4, uint),
  second: field(5, optional(uint)),
  isStarted: field(6, bool),
});

/** Payload of SAMOG_STOPPED_ACCOUNTS: some of them, beside those told before. */
const payload = payloadOf(1, recordOf({ accounts: field(1, list(account)) }));

/** The payload of a SAMOG_STOPPED_ACCOUNTS record. */
export function encodeStoppedAccounts(accounts: readonly StoppedAccount[]): Uint8Array {
  return payload.encode({ accounts }, 0, 0);
}

/** Undefined for octets that are no such payload. */
export function decodeStoppedAccounts(octets: Uint8Array): readonly StoppedAccount[] | undefined {
  const read = payload.decode(octets);
  return read.ok ? read.value.value.accounts : undefined;
}
