import { type IpAddress, isIpv4, type MacAddress, parseMac } from '../../../kernel/address.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import { find, has, type Tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute, radiusAttributeByType } from '../../../wire/radius/attributes.ts';
import { errorCause, radiusCode, serviceType } from '../../../wire/radius/constants.ts';
import {
  foreignToDisconnect,
  nasIdentification,
  sessionIdentification,
} from '../../../wire/radius/dynamic-authorization.ts';
import type { RadiusPacket } from '../../../wire/radius/packet.ts';
import {
  findVendor,
  starentAttribute,
  threeGppAttribute,
  type VendorAttribute,
  vendorTypesIn,
} from '../../../wire/radius/vendor-attributes.ts';
import { type AuthorizationChange, changingAttributes, changingVendorAttributes, readChange } from './change.ts';

/** Which session a request is about; all that is given has to match it (RFC 5176 section 3). */
export interface SessionIdentification {
  readonly acctSessionId: string | undefined;
  readonly mac: MacAddress | undefined;
  readonly framedIpAddress: IpAddress | undefined;
  readonly userName: string | undefined;
  readonly calledStationId: string | undefined;
  readonly chargeableUserIdentity: Uint8Array | undefined;
  readonly imsi: string | undefined;
  /** It names something that no session of this gateway has: a port, an IPv6 prefix, another's account. */
  readonly nobody: boolean;
}

/** What a request identifies a session by, as the session has it. */
export interface SessionFacts {
  readonly acctSessionId: string;
  readonly mac: MacAddress;
  readonly addresses: readonly IpAddress[];
  /** All names by which AAA may know the user. */
  readonly userNames: readonly string[];
  readonly calledStationId: string | undefined;
  readonly chargeableUserIdentity: Uint8Array | undefined;
  readonly imsi: string | undefined;
}

/** What a request wants. `discarded` gets no answer, `refused` a NAK with the Error-Cause. */
export type DynamicRequest =
  | { readonly kind: 'discarded'; readonly why: 'no-event-timestamp' | 'stale' }
  | { readonly kind: 'refused'; readonly cause: number }
  | { readonly kind: 'disconnect'; readonly session: SessionIdentification }
  | { readonly kind: 'change'; readonly session: SessionIdentification; readonly change: AuthorizationChange }
  | { readonly kind: 'authorizeOnly'; readonly session: SessionIdentification; readonly state: Uint8Array };

/** What a request is held against. */
export interface RequestContext {
  readonly nasIdentifier: string;
  readonly nasIpAddress: IpAddress;
  readonly wallClock: WallClock;
  /** How far Event-Timestamp may be from our clock, either way. */
  readonly windowMs: number;
  readonly eventTimestamp: 'required' | 'optional';
  readonly accessLists: { has(name: string): boolean };
}

const administrative: readonly { readonly type: number }[] = [
  radiusAttribute.proxyState,
  radiusAttribute.eventTimestamp,
  radiusAttribute.messageAuthenticator,
];
const vendorSpecificType = radiusAttribute.vendorSpecific.type;
/** What besides changes may stand in a CoA-Request. */
const identifying: ReadonlySet<number> = new Set(
  [...nasIdentification, ...sessionIdentification, ...administrative].map(({ type }) => type),
);
const reauthorizing: ReadonlySet<number> = new Set([
  ...identifying,
  radiusAttribute.serviceType.type,
  radiusAttribute.state.type,
]);
const identifyingVendorAttributes = [threeGppAttribute.imsi];
/** One attribute of each vendor of which something is known: it tells the vendor's number and form. */
const vendors = [threeGppAttribute.imsi, starentAttribute.ipInAcl];
/** RFC 5176 section 3: they identify a session of a NAS that has such things. */
const heldByNobody = [
  radiusAttribute.nasPort,
  radiusAttribute.nasPortId,
  radiusAttribute.acctMultiSessionId,
  radiusAttribute.framedInterfaceId,
  radiusAttribute.framedIpv6Prefix,
] as const;

/**
 * Reads a CoA- or Disconnect-Request whose authenticators are right by the rules of RFC 5176: whether it is new enough
 * (section 6.3), for this NAS (section 3), and can be carried out as a whole (section 2.3). Never throws.
 */
export function readDynamicRequest(packet: RadiusPacket, context: RequestContext): DynamicRequest {
  const { attributes } = packet;
  const stale = staleness(attributes, context);
  if (stale !== undefined) return { kind: 'discarded', why: stale };
  if (!isForThisNas(attributes, context)) return refused(errorCause.nasIdentificationMismatch);
  if (saysTwice(attributes)) return refused(errorCause.invalidRequest);
  const session = identificationIn(attributes);
  if (packet.code === radiusCode.disconnectRequest) {
    const isForeign =
      foreignToDisconnect(attributes) !== undefined || !hasOnlyVendor(attributes, identifyingVendorAttributes);
    return isForeign ? refused(errorCause.unsupportedAttribute) : { kind: 'disconnect', session };
  }
  if (has(attributes, radiusAttribute.serviceType)) return authorizeOnly(attributes, session);
  const isChange = ({ type }: Tlv) => identifying.has(type) || changingAttributes.has(type);
  const known = [...identifyingVendorAttributes, ...changingVendorAttributes];
  if (!attributes.every(isChange) || !hasOnlyVendor(attributes, known)) return refused(errorCause.unsupportedAttribute);
  const change = readChange(attributes, context.accessLists);
  return typeof change === 'number' ? refused(change) : { kind: 'change', session, change };
}

/** Whether a session is the one that a request names. */
export function identifies(session: SessionIdentification, facts: SessionFacts): boolean {
  return (
    !session.nobody &&
    isOrUnsaid(session.acctSessionId?.toLowerCase(), facts.acctSessionId) &&
    isOrUnsaid(session.mac, facts.mac) &&
    isOrUnsaid(session.calledStationId, facts.calledStationId) &&
    isOrUnsaid(session.imsi, facts.imsi) &&
    (session.framedIpAddress === undefined || facts.addresses.includes(session.framedIpAddress)) &&
    (session.userName === undefined || facts.userNames.includes(session.userName)) &&
    (session.chargeableUserIdentity === undefined ||
      sameOctets(session.chargeableUserIdentity, facts.chargeableUserIdentity))
  );
}

function refused(cause: number): DynamicRequest {
  return { kind: 'refused', cause };
}

function staleness(attributes: readonly Tlv[], context: RequestContext): 'no-event-timestamp' | 'stale' | undefined {
  const second = find(attributes, radiusAttribute.eventTimestamp);
  if (second === undefined) return context.eventTimestamp === 'required' ? 'no-event-timestamp' : undefined;
  return Math.abs(second * 1000 - context.wallClock) > context.windowMs ? 'stale' : undefined;
}

/** Of two values of an attribute that is given once, neither is meant more than the other. */
function saysTwice(attributes: readonly Tlv[]): boolean {
  const seen = new Set<number>();
  return attributes.some(({ type }) => {
    if (radiusAttributeByType[type]?.occurrence !== 'one') return false;
    const repeats = seen.has(type);
    seen.add(type);
    return repeats;
  });
}

/** Whatever of NAS-Identifier, NAS-IP-Address and NAS-IPv6-Address is there has to be what AAA is told in requests. */
function isForThisNas(attributes: readonly Tlv[], { nasIdentifier, nasIpAddress }: RequestContext): boolean {
  const byIpv4 = isIpv4(nasIpAddress);
  return (
    isOrUnsaid(find(attributes, radiusAttribute.nasIdentifier), nasIdentifier) &&
    isOrUnsaid(find(attributes, radiusAttribute.nasIpAddress), byIpv4 ? nasIpAddress : undefined) &&
    isOrUnsaid(find(attributes, radiusAttribute.nasIpv6Address), byIpv4 ? undefined : nasIpAddress)
  );
}

function identificationIn(attributes: readonly Tlv[]): SessionIdentification {
  const callingStation = find(attributes, radiusAttribute.callingStationId);
  const mac = callingStation === undefined ? undefined : parseMac(callingStation);
  return {
    acctSessionId: find(attributes, radiusAttribute.acctSessionId),
    mac,
    framedIpAddress: find(attributes, radiusAttribute.framedIpAddress),
    userName: find(attributes, radiusAttribute.userName),
    calledStationId: find(attributes, radiusAttribute.calledStationId),
    chargeableUserIdentity: find(attributes, radiusAttribute.chargeableUserIdentity),
    imsi: findVendor(attributes, threeGppAttribute.imsi),
    nobody: (callingStation !== undefined && mac === undefined) || heldByNobody.some((codec) => has(attributes, codec)),
  };
}

/** RFC 5176 section 3.2: the request only says that AAA wants to be asked, with this State, and nothing else. */
function authorizeOnly(attributes: readonly Tlv[], session: SessionIdentification): DynamicRequest {
  if (find(attributes, radiusAttribute.serviceType) !== serviceType.authorizeOnly) {
    return refused(errorCause.unsupportedService);
  }
  const state = find(attributes, radiusAttribute.state);
  if (state === undefined) return refused(errorCause.missingAttribute);
  const isKnown = attributes.every(({ type }) => reauthorizing.has(type));
  if (!isKnown || !hasOnlyVendor(attributes, identifyingVendorAttributes))
    return refused(errorCause.unsupportedAttribute);
  return { kind: 'authorizeOnly', session, state: state.slice() };
}

/** Whether all that stands in Vendor-Specific attributes is among these. */
function hasOnlyVendor(attributes: readonly Tlv[], known: readonly VendorAttribute<unknown>[]): boolean {
  return attributes.every((attribute) => {
    if (attribute.type !== vendorSpecificType) return true;
    return vendors.some((vendor) =>
      vendorTypesIn(attribute, vendor)?.every((type) =>
        known.some((codec) => codec.vendor === vendor.vendor && codec.type === type),
      ),
    );
  });
}

function isOrUnsaid<T>(said: T | undefined, actual: T | undefined): boolean {
  return said === undefined || said === actual;
}

function sameOctets(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return right !== undefined && left.length === right.length && left.every((octet, index) => octet === right[index]);
}
