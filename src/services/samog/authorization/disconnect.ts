import { formatMac, type MacAddress } from '../../../kernel/address.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import type { RadiusAttachment } from '../attachment.ts';
import type { EndReason } from '../statistics.ts';

/**
 * What a Disconnect-Request says to the NAS of a UE whose session is over (RFC 5176 section 3): the session by the NAS's own
 * names for it, and when it was asked.
 *
 * @param second since 1970, for Event-Timestamp (section 6.3)
 */
export function disconnectAttributes(attachment: RadiusAttachment, mac: MacAddress, second: number): readonly Tlv[] {
  const { nasIdentifier, acctSessionId, userName, callingStationId } = attachment;
  return [
    ...(nasIdentifier === undefined ? [] : [tlv(radiusAttribute.nasIdentifier, nasIdentifier)]),
    ...(userName === undefined ? [] : [tlv(radiusAttribute.userName, userName)]),
    tlv(radiusAttribute.callingStationId, callingStationId || formatMac(mac, '-').toUpperCase()),
    ...(acctSessionId === undefined ? [] : [tlv(radiusAttribute.acctSessionId, acctSessionId)]),
    tlv(radiusAttribute.eventTimestamp, second),
  ];
}

/** How long a NAS is asked; it has the UE by its own timers, if it does not answer. Longer than requests are repeated. */
export const nasToldMsMax = 31_000;

/** Reasons by which the NAS has let its UE go itself, or goes on with it in another session. */
const nasKnows: ReadonlySet<EndReason> = new Set([
  'mag-deregistration',
  'nas-stop',
  'subscriber-changed',
  'reauthorised',
  'reauthentication-failed',
]);

/** Whether the NAS has to be told that a session is over. */
export function mustTellNas(reason: EndReason): boolean {
  return !nasKnows.has(reason);
}
