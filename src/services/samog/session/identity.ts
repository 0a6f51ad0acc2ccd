import { formatIp } from '../../../kernel/address.ts';
import { acctSessionIdOf } from '../account-id.ts';
import type { SessionFacts } from '../authorization/request.ts';
import type { SamogConfig } from '../config.ts';
import { naiOfMac } from '../nai.ts';
import type { LiveSession } from './state.ts';

/** What AAA may call a session by: what it was told in requests, and what it has said itself. */
export function identityOf({ durable }: LiveSession, { mrmeService }: SamogConfig): SessionFacts {
  const { mac, nai, subscriber, addresses, access, radius } = durable;
  const { chargeableUserIdentity, imsi } = subscriber;
  const names = [naiOfMac(mac, mrmeService.userName), nai, subscriber.userName, radius?.userName];
  return {
    acctSessionId: acctSessionIdOf(durable),
    mac,
    addresses: addresses.map(({ address }) => address),
    userNames: names.filter((name) => name !== undefined),
    calledStationId: radius?.calledStationId ?? (access && formatIp(access.peer)),
    chargeableUserIdentity,
    imsi,
  };
}
