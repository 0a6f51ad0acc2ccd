import { formatIp } from '../../kernel/address.ts';
import type { Session } from '../../services/samog/session/state.ts';
import { nameIn } from '../../wire/bytes/names.ts';
import { eapType } from '../../wire/eap/constants.ts';

/** The latest authentication at a WLC that speaks RADIUS; no key of it is shown, and no State. */
export interface SubscriberRadius {
  readonly nas: string;
  readonly nasIdentifier: string | null;
  /** The NAS's own. */
  readonly acctSessionId: string | null;
  readonly callingStationId: string;
  readonly calledStationId: string | null;
  readonly userName: string | null;
  /** `password`, or the EAP method. */
  readonly method: string;
  /** Transparent auto-logon where AAA knows the subscriber by IMSI or MN-NAI; shown, and nothing more. */
  readonly callType: 'transparent-auto-logon' | 'pre-authentication';
  /** Challenges of a further authentication that the UE has been put so far; null if none is under way. */
  readonly challenges: number | null;
}

/** Null for a session that was never authenticated so. */
export function subscriberRadiusOf(session: Session): SubscriberRadius | null {
  if (session.kind !== 'Live' || session.durable.radius === undefined) return null;
  const { radius, subscriber, challenge } = session.durable;
  const isKnown = subscriber.imsi !== undefined || subscriber.nai !== undefined;
  return {
    nas: formatIp(radius.nas),
    nasIdentifier: radius.nasIdentifier ?? null,
    acctSessionId: radius.acctSessionId ?? null,
    callingStationId: radius.callingStationId,
    calledStationId: radius.calledStationId ?? null,
    userName: radius.userName ?? null,
    method: radius.eapType === undefined ? 'password' : `EAP ${nameIn(eapType, radius.eapType)}`,
    callType: isKnown ? 'transparent-auto-logon' : 'pre-authentication',
    challenges: challenge?.rounds ?? null,
  };
}

/** The RADIUS side of a subscriber as labels and values; none for null. */
export function radiusFields(radius: SubscriberRadius | null): [string, string | number | null][] {
  if (radius === null) return [];
  return [
    ['RADIUS NAS', radius.nasIdentifier === null ? radius.nas : `${radius.nas} (${radius.nasIdentifier})`],
    ['RADIUS User-Name', radius.userName],
    ['Authentication Method', radius.method],
    ['Call Type', radius.callType],
    ['NAS Acct-Session-Id', radius.acctSessionId],
    ['Calling-Station-Id', radius.callingStationId],
    ['Called-Station-Id', radius.calledStationId],
    ...(radius.challenges === null ? [] : ([['Challenges Outstanding', radius.challenges]] as [string, number][])),
  ];
}
