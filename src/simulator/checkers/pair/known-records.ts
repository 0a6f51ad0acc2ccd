import type { PortName } from '../../../kernel/port.ts';
import { accountNameOf } from '../../../services/samog/account-id.ts';
import { find } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { decodeRadius } from '../../../wire/radius/packet.ts';
import type { ChassisObserved } from './pair-checker.ts';

/**
 * AAA is told nothing of a session that a READY standby does not have: looked at as each packet leaves. Until AAA has
 * acknowledged it the standby owes it as well, and nothing that was said is forgotten by a failure.
 */
export function unknownRecord(
  from: ChassisObserved,
  standby: ChassisObserved,
  port: PortName,
  bytes: Uint8Array,
): string | undefined {
  const id = port === 'aaa' ? accountNameOf(accountIn(bytes) ?? '')?.id : undefined;
  if (id === undefined || !isProtected(from, standby)) return undefined;
  return standby.holds(id)
    ? undefined
    : `${from.name} told AAA of the account of session ${id} before ${standby.name}, which is READY, had it`;
}

/** Whether what a chassis says is known to a standby that could take over. */
export function isProtected(from: ChassisObserved, standby: ChassisObserved | undefined): boolean {
  const sender = from.sender();
  return standby?.isReady === true && sender?.state === 'ready' && sender.unprotectedSessions === 0;
}

/** Acct-Session-Id of an Accounting-Request; undefined for another packet. */
export function accountIn(bytes: Uint8Array): string | undefined {
  const packet = decodeRadius(bytes);
  if (!packet.ok || packet.value.code !== radiusCode.accountingRequest) return undefined;
  return find(packet.value.attributes, radiusAttribute.acctSessionId);
}
