import { find, findAll, has, type Tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import type { BearerQos } from '../../../wire/radius/bearer-qos.ts';
import { errorCause, terminationAction } from '../../../wire/radius/constants.ts';
import { starentAttribute, threeGppAttribute } from '../../../wire/radius/vendor-attributes.ts';
import {
  type AccessListNames,
  type AggregateRates,
  type BearerGrant,
  grantsOfQos,
  readAccessLists,
  readQos,
  unknownAccessList,
} from '../grants.ts';
import type { Subscriber } from '../subscriber.ts';

/** What a CoA-Request changes of a session; what it does not name stays. */
export interface AuthorizationChange {
  /** A timeout that is there and undefined is one that ends. Session-Timeout runs anew from the change. */
  readonly subscriber: Partial<Subscriber>;
  /** The directions that are named. */
  readonly accessLists: Partial<AccessListNames>;
  readonly ambr: AggregateRates | undefined;
  readonly bearer: BearerGrant | undefined;
}

/** The attributes by which a CoA-Request may change a session (docs/aaa.md, "Dynamic authorization"). */
export const changingAttributes: ReadonlySet<number> = new Set(
  [
    radiusAttribute.sessionTimeout,
    radiusAttribute.idleTimeout,
    radiusAttribute.terminationAction,
    radiusAttribute.acctInterimInterval,
    radiusAttribute.class,
    radiusAttribute.filterId,
  ].map(({ type }) => type),
);

/** And those of vendors. */
export const changingVendorAttributes = [
  threeGppAttribute.negotiatedQosProfile,
  starentAttribute.ipInAcl,
  starentAttribute.ipOutAcl,
] as const;

/** RFC 2869 section 5.16. */
const interimIntervalLeastSeconds = 60;

/** QoS class identifiers that TS 23.203 table 6.1.7 reserves. */
const reservedQcis: readonly number[] = [0, 255];

/**
 * Reads what a CoA-Request changes, all of it or nothing (RFC 5176 section 2.3). The attributes must be such as may be
 * there.
 *
 * @returns the Error-Cause (RFC 5176 section 3.5) where nothing is named, or a value is not possible
 */
export function readChange(
  attributes: readonly Tlv[],
  accessLists: { has(name: string): boolean },
): AuthorizationChange | number {
  const qos = readQos(attributes);
  if (qos === 'unreadable' || (qos !== undefined && !isPossible(qos))) return errorCause.invalidAttributeValue;
  const lists = readAccessLists(attributes);
  if (unknownAccessList(lists, accessLists) !== undefined) return errorCause.invalidAttributeValue;
  const action = find(attributes, radiusAttribute.terminationAction);
  if (action !== undefined && !Object.values<number>(terminationAction).includes(action)) {
    return errorCause.invalidAttributeValue;
  }
  const interval = find(attributes, radiusAttribute.acctInterimInterval);
  if (interval !== undefined && interval < interimIntervalLeastSeconds) return errorCause.invalidAttributeValue;
  const change = {
    subscriber: subscriberPart(attributes),
    accessLists: defined(lists ?? {}),
    ambr: undefined,
    bearer: undefined,
    ...(qos === undefined ? {} : grantsOfQos(qos, 'change')),
  };
  const isEmpty = qos === undefined && lists === undefined && Object.keys(change.subscriber).length === 0;
  return isEmpty ? errorCause.missingAttribute : change;
}

function isPossible({ qci, priorityLevel }: BearerQos): boolean {
  return !reservedQcis.includes(qci) && priorityLevel > 0;
}

/** As in an Access-Accept, a timeout of 0 restricts nothing. */
function subscriberPart(attributes: readonly Tlv[]): Partial<Subscriber> {
  const sessionTimeout = find(attributes, radiusAttribute.sessionTimeout);
  const idleTimeout = find(attributes, radiusAttribute.idleTimeout);
  const action = find(attributes, radiusAttribute.terminationAction);
  const interval = find(attributes, radiusAttribute.acctInterimInterval);
  return {
    ...(sessionTimeout === undefined ? {} : { sessionTimeoutSeconds: sessionTimeout || undefined }),
    ...(idleTimeout === undefined ? {} : { idleTimeoutSeconds: idleTimeout || undefined }),
    ...(action === undefined
      ? {}
      : { terminationAction: action === terminationAction.radiusRequest ? ('ask' as const) : ('end' as const) }),
    ...(interval === undefined ? {} : { interimIntervalSeconds: interval }),
    ...(has(attributes, radiusAttribute.class)
      ? { classes: findAll(attributes, radiusAttribute.class).map((data) => data.slice()) }
      : {}),
  };
}

function defined({ uplink, downlink }: Partial<AccessListNames>): Partial<AccessListNames> {
  return { ...(uplink === undefined ? {} : { uplink }), ...(downlink === undefined ? {} : { downlink }) };
}
