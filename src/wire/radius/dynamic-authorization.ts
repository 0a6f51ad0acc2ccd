import type { Tlv } from '../bytes/tlv.ts';
import { type RadiusAttributeCodec, radiusAttribute } from './attributes.ts';
import { radiusCode } from './constants.ts';

/** What RFC 5176 says of the attributes of CoA- and Disconnect-Requests, and of Error-Cause in their answers. */

type Attributes = readonly RadiusAttributeCodec<unknown>[];

/** RFC 5176 section 3: which NAS is meant. */
export const nasIdentification: Attributes = [
  radiusAttribute.nasIpAddress,
  radiusAttribute.nasIdentifier,
  radiusAttribute.nasIpv6Address,
];

/** RFC 5176 section 3: which session is meant. All that are present must match it. */
export const sessionIdentification: Attributes = [
  radiusAttribute.userName,
  radiusAttribute.nasPort,
  radiusAttribute.framedIpAddress,
  radiusAttribute.vendorSpecific,
  radiusAttribute.calledStationId,
  radiusAttribute.callingStationId,
  radiusAttribute.acctSessionId,
  radiusAttribute.acctMultiSessionId,
  radiusAttribute.nasPortId,
  radiusAttribute.chargeableUserIdentity,
  radiusAttribute.framedInterfaceId,
  radiusAttribute.framedIpv6Prefix,
];

/**
 * RFC 5176 section 3.6: what else a Disconnect-Request may hold. The table there leaves out the Framed attributes that
 * section 3 counts among those that identify a session; here they may.
 */
const disconnectBesides: Attributes = [
  radiusAttribute.replyMessage,
  radiusAttribute.class,
  radiusAttribute.proxyState,
  radiusAttribute.acctTerminateCause,
  radiusAttribute.eventTimestamp,
  radiusAttribute.eapMessage,
  radiusAttribute.messageAuthenticator,
];

const inDisconnect = new Set(
  [...nasIdentification, ...sessionIdentification, ...disconnectBesides].map(({ type }) => type),
);

/** The first attribute that a Disconnect-Request must not hold (section 3), or undefined: the request is refused. */
export function foreignToDisconnect(attributes: readonly Tlv[]): Tlv | undefined {
  return attributes.find(({ type }) => !inDisconnect.has(type));
}

/**
 * Whether an answer may give this Error-Cause (section 3.5): 200 to 299 say what was done and go into an ACK, 400 to
 * 599 say why nothing was and go into a NAK; 201 is of Disconnect-ACK alone, 504 of Disconnect-NAK.
 */
export function errorCauseFits(code: number, cause: number): boolean {
  const ack = code === radiusCode.coaAck || code === radiusCode.disconnectAck;
  const nak = code === radiusCode.coaNak || code === radiusCode.disconnectNak;
  if (cause === 201) return code === radiusCode.disconnectAck;
  if (cause === 504) return code === radiusCode.disconnectNak;
  if (cause >= 200 && cause < 300) return ack;
  return nak && cause >= 400 && cause < 600;
}
